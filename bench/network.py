"""Where the server stands: on this machine's loopback, or behind a link that is made for the benchmark.

The link is a veth pair between two network namespaces, and `tbf` shapes what each end sends. Needs root.
"""
import os
import subprocess

SERVER, CLIENT = "192.0.2.1", "192.0.2.2"  # RFC 5737: addresses of nobody


class Loopback:
    name = "loopback"
    title = "on bare loopback"
    server_address = "127.0.0.1"

    def at_server(self, command):
        return command

    def at_client(self, command):
        return command

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


class Link:
    name = "link"
    server_address = SERVER

    def __init__(self, rate=600):
        self.rate = rate
        self.title = f"behind a link of {rate} Mbit/s"
        self.server, self.client = f"hkbs{os.getpid()}", f"hkbc{os.getpid()}"

    def at_server(self, command):
        return ["ip", "netns", "exec", self.server, *command]

    def at_client(self, command):
        return ["ip", "netns", "exec", self.client, *command]

    def __enter__(self):
        for namespace in (self.server, self.client):
            ip("netns", "add", namespace)
        ip("link", "add", "veth", "netns", self.server, "type", "veth", "peer", "name", "veth", "netns", self.client)
        for namespace, address in ((self.server, SERVER), (self.client, CLIENT)):
            ip("-n", namespace, "addr", "add", f"{address}/24", "dev", "veth")
            ip("-n", namespace, "link", "set", "veth", "up")
            ip("-n", namespace, "link", "set", "lo", "up")
        for end in (self.at_server, self.at_client):
            subprocess.run([*end(["tc"]), "qdisc", "add", "dev", "veth", "root", "tbf", "rate", f"{self.rate}mbit",
                            "burst", "1mb", "latency", "50ms"], check=True)
        return self

    def __exit__(self, *_):
        for namespace in (self.server, self.client):
            subprocess.run(["ip", "netns", "del", namespace], check=False)


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


def places():
    """Loopback always; the link where it can be made, which is said otherwise."""
    if os.geteuid() != 0:
        print("not root: the link of 600 Mbit/s cannot be made, and its bounds are not looked at")
        return [Loopback()]
    return [Loopback(), Link()]
