"""The simulated GitHub, as the tests use it, in a place of the benchmark's choice."""
import json
import re
import subprocess
from pathlib import Path

TOKEN = "ghp_benchmark"
LONG_AGO = "2026-01-02T03:04:05Z"  # older pushes are believed


class GitHub:
    def __init__(self, program, place, root, repositories):
        self.place = place
        Path(root).mkdir(parents=True, exist_ok=True)
        world = Path(root) / "world.json"
        world.write_text(json.dumps({"users": ["bench"], "tokens": [{"value": TOKEN, "login": "bench"}],
                                     "repositories": repositories}))
        self.process = subprocess.Popen(
            place.at_server([str(program), "--root", str(root), "--world", str(world), "--bind",
                             place.server_address, "--port", "0", "--control-port", "0"]),
            stdout=subprocess.PIPE, text=True)
        self.control = self.told("control on ")
        self.origin = self.told("listening on ")

    def told(self, words):
        line = self.process.stdout.readline()
        if not line.startswith(words):
            raise SystemExit(f"the simulated GitHub does not start: {line!r}")
        return line.removeprefix(words).strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    @property
    def api(self):
        return f"{self.origin}/api/v3"

    def clone_url(self, name):
        return re.sub("//", f"//x-access-token:{TOKEN}@", self.origin, count=1) + f"/bench/{name}.git"

    def ask(self, method, path, body=None):
        command = ["curl", "-sSf", "--noproxy", "*", "-X", method, self.control + path]
        if body is not None:
            command += ["-d", json.dumps(body)]
        answer = subprocess.run(self.place.at_server(command), check=True, stdout=subprocess.PIPE).stdout
        return json.loads(answer)

    def pushed(self, repository_id):
        self.ask("PATCH", f"/repositories/{repository_id}", {"pushed": True})

    def clear_log(self):
        self.ask("DELETE", "/log")

    def requests(self):
        """How many requests came since clear_log(): to the API, to git."""
        kinds = [entry["kind"] for entry in self.ask("GET", "/log")]
        return kinds.count("api"), kinds.count("git")


def repository(identity, name, **fields):
    return {"id": identity, "owner": "bench", "name": name, "pushed_at": LONG_AGO, **fields}
