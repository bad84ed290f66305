"""What is around the function in tests: a GitHub, AWS's services, and the log that Lambda would keep."""
import json
import logging
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections import Counter
from contextlib import contextmanager, suppress
from pathlib import Path

import boto3
from botocore.credentials import Credentials
from moto import settings
from moto.core.config import default_user_config
from moto.server import ThreadedMotoServer
from werkzeug.serving import make_server
from werkzeug.wrappers import Request

from lambda_root import LambdaRoot
from runtime_api import RuntimeApi

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "s3"))
from moto_gate import Gate, Handler  # noqa: E402

BUILD = Path(os.environ.get("HUBKEEP_BUILD", HERE.parent.parent / "build/release")).resolve()
HUBKEEP, GHSIM = BUILD / "src/cli/hubkeep", BUILD / "tests/sim/ghsim"
PACKAGE = BUILD.parent / "hubkeep-lambda-x86_64.zip"
TOKEN, OWNER = "ghp_oftheseTests", "ada"
KEY, SECRET_KEY, REGION = "ASIAEXAMPLE", "secret", "us-east-1"  # as RuntimeApi.environment() has them
GIT = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"],
       "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org",
       "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org"}
logging.getLogger("werkzeug").setLevel(logging.ERROR)
logging.getLogger("moto.stepfunctions").setLevel(logging.CRITICAL)  # it tells each state that fails


def run(*command):
    done = subprocess.run([*map(str, command)], env=GIT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.stdout}")
    return done.stdout


def git(*arguments):
    return run("git", *arguments)


def openssl(*arguments):
    return run("openssl", *arguments)


def free_port():
    """None that the kernel chooses for a connection or another server meanwhile: tests run beside each other."""
    while True:
        with socket.socket() as listener, suppress(OSError):  # it is taken
            listener.bind(("127.0.0.1", random.randint(10_000, 32_767)))
            return listener.getsockname()[1]


@contextmanager
def temporary_folder():
    with tempfile.TemporaryDirectory(prefix="hubkeep-lambda-") as folder:
        yield Path(folder)


class GitHub:
    """ghsim with `count` repositories ada/r0, ada/r1, …, each with one commit; an App is installed on ada."""

    APP_ID = 12

    def __init__(self, count):
        self.root = Path(tempfile.mkdtemp(prefix="hubkeep-github-"))
        self.names, self.pushes = [f"{OWNER}/r{i}" for i in range(count)], 0
        self._make_repositories()
        self.app_key = self.root / "app.pem"
        openssl("genpkey", "-algorithm", "RSA", "-quiet", "-out", self.app_key)
        world = self.root / "world.json"
        world.write_text(json.dumps({
            "users": [OWNER], "organizations": [], "tokens": [{"value": TOKEN, "login": OWNER}],
            "apps": [{"id": self.APP_ID, "owner": OWNER, "installations": [{"account": OWNER}],
                      "public_key": openssl("pkey", "-in", self.app_key, "-pubout")}],
            "repositories": [{"id": 100 + i, "owner": OWNER, "name": f"r{i}", "pushed_at": "2026-01-02T03:04:05Z"}
                             for i in range(count)]}))
        self.process = subprocess.Popen([GHSIM, "--root", self.root, "--world", world, "--port", "0",
                                         "--control-port", "0"], stdout=subprocess.PIPE, text=True)
        self.control_url, self.origin = [self.process.stdout.readline().split()[-1] for _ in range(2)]
        self.api = self.origin + "/api/v3"

    def _make_repositories(self):
        work, first = self.root / "work", self.bare(self.names[0])
        git("init", "-q", "-b", "main", work)
        (work / "file").write_text("content\n")
        git("-C", work, "add", "file")
        git("-C", work, "commit", "-qm", "one")
        git("clone", "-q", "--bare", "--template=", work, first)
        for name in self.names[1:]:  # few files: disks are slow
            shutil.copytree(first, self.bare(name), ignore=shutil.ignore_patterns("objects"))
            (self.bare(name) / "objects").symlink_to(first / "objects")

    def push(self, name, content=None):
        """Another commit, which changes one file."""
        work, self.pushes = self.root / "work", self.pushes + 1
        (work / "file").write_bytes(content or b"change %d\n" % self.pushes)
        git("-C", work, "-c", "core.compression=0", "commit", "-qam", "another")
        git("-C", work, "-c", "core.compression=0", "push", "-q", self.bare(name), "main")
        self.control("PATCH", f"/repositories/{100 + self.names.index(name)}",
                     {"pushed_at": f"2026-02-02T03:04:{self.pushes:02}Z"})

    def push_lfs(self, name, count):
        """Another commit, which points at so many objects of Git LFS. Returns their names."""
        path = f"/repositories/{100 + self.names.index(name)}/lfs"
        objects = self.control("POST", path, {"count": count, "size": 64})
        for each in objects:
            (self.root / "work" / each["oid"]).write_text(
                f"version https://git-lfs.github.com/spec/v1\noid sha256:{each['oid']}\nsize {each['size']}\n")
        git("-C", self.root / "work", "add", ".")
        self.push(name)
        return [each["oid"] for each in objects]

    def give_name_to_another(self, name, new_name):
        """The repository is renamed, and one that has nothing of it takes its place."""
        owner, old_name = name.split("/")
        other, work = self.root / f"other-{old_name}.git", self.root / "work"
        git("init", "-q", "--bare", "-b", "main", other)
        git("-C", work, "checkout", "-q", "--orphan", "another")
        git("-C", work, "commit", "-qm", "of another history")
        git("-C", work, "push", "-q", other, "HEAD:main")
        git("-C", work, "checkout", "-q", "main")
        self.control("PATCH", f"/repositories/{100 + self.names.index(name)}", {"name": new_name})
        self.control("POST", "/repositories", {"id": 999, "owner": owner, "name": old_name, "path": str(other),
                                               "pushed_at": "2026-02-02T03:05:06Z"})

    def bare(self, name):
        return self.root / f"{name}.git"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        shutil.rmtree(self.root)

    def control(self, method, path, document=None):
        body = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(self.control_url + path, body, method=method)
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def fault(self, action, times=-1, **match):
        self.control("POST", "/faults", {"match": match, "action": action, "times": times})

    def mend(self):
        self.control("DELETE", "/faults")

    def fetches(self):
        return [request for request in self.control("GET", "/log") if request["git_command"] == "fetch"]

    def lfs_downloads(self):
        """How many times each LFS object was asked for."""
        return Counter(oid for request in self.control("GET", "/log") if request["kind"] == "media"
                       for oid in request["lfs_oids"])

    def asked_for(self):
        """The repositories whose packs were asked for, answered or not yet."""
        return {request["repository"] for request in self.fetches()}

    def fetched(self):
        """How many times each repository's pack was asked for and sent."""
        return Counter(request["repository"] for request in self.fetches() if request["status"] == 200)


class Aws:
    """moto as a server in this process."""

    def __init__(self, execute_state_machines=False):
        default_user_config["stepfunctions"] = {"execute_state_machine": execute_state_machines}
        default_user_config["lambda"] = {"use_docker": False}
        self.port = free_port()
        os.environ["MOTO_PORT"] = str(self.port)  # where moto's own Step Functions find the other services
        self.url = f"http://127.0.0.1:{self.port}"
        self.server = ThreadedMotoServer("127.0.0.1", self.port, verbose=False)

    def __enter__(self):
        self.server.start()
        self.reset()
        return self

    def __exit__(self, *_):
        self.server.stop()

    def reset(self):
        self.check_permissions(False)
        urllib.request.urlopen(self.url + "/moto-api/reset", b"").close()

    @staticmethod
    def check_permissions(checked):
        settings.INITIAL_NO_AUTH_ACTION_COUNT = 0 if checked else float("inf")

    def client(self, service, key=KEY, secret_key=SECRET_KEY, **more):
        return boto3.client(service, endpoint_url=self.url, region_name=REGION, aws_access_key_id=key,
                            aws_secret_access_key=secret_key, **more)


class S3:
    """The S3 of Aws, behind tests/s3/moto_gate.py: it checks signatures, bodies and checksums. `before` is called with
    each request first, and may keep it waiting.
    """

    def __init__(self, key=KEY, secret_key=SECRET_KEY):
        self.key, self.secret_key = key, secret_key
        self.gate, self.before = Gate(Credentials(key, secret_key), REGION), lambda request: None
        self.server = make_server("127.0.0.1", 0, self, threaded=True, request_handler=Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})

    def __call__(self, environ, start_response):
        self.before(Request(environ))
        return self.gate(environ, start_response)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def client(self):
        return boto3.client("s3", endpoint_url=self.url, region_name=REGION, aws_access_key_id=self.key,
                            aws_secret_access_key=self.secret_key)


class Function:
    """One execution environment that has started. Its log is checked when it is read."""

    def __init__(self, api, log):
        self.api, self.log = api, log

    def invoke(self, event, timeout=60):
        return self.api.invoke(event, timeout)

    def call(self, event, timeout=60):
        answer = self.invoke(event, timeout)
        if answer.error:
            raise AssertionError(f"{event} failed: {answer.error}")
        return answer.value

    def log_text(self):
        return self.log.read_text()

    def log_lines(self):
        return [json.loads(line) for line in self.log_text().splitlines()]


@contextmanager
def started(environment, command=(HUBKEEP,)):
    with temporary_folder() as folder, RuntimeApi() as api, open(folder / "log", "ab") as log:
        with api.start(command, environment=environment, stdout=log, stderr=log):
            yield Function(api, folder / "log")


def packaged_program(test):
    """The command that runs it in a root of its own, for as long as the test lasts. Skips the test where it cannot."""
    if not PACKAGE.exists() or os.geteuid() != 0:
        test.skipTest(f"needs root and {PACKAGE.name}")
    return test.enterContext(LambdaRoot(PACKAGE)).command()
