"""An account of many small repositories: the first run, one where nothing changed, one where a few did."""
import json
import shutil
from pathlib import Path

from github import TOKEN, GitHub, repository
from measure import run
from repositories import push_commit

REPOSITORIES = 500
CHANGED = 10
PAGE = 100  # repositories in an answer of the listing
LOOKED_AT_AGAIN = 2  # the last page right after the first, the first at the end: see src/github/list_walk.h


def objects_of(vault):
    """What a vault holds, with the times of change."""
    return {path.relative_to(vault): path.stat().st_mtime_ns for path in Path(vault).rglob("*")
            if path.is_file() and ".tmp" not in path.parts}


class Account:
    def __init__(self, programs, place, work):
        self.programs, self.place, self.folder = programs, place, work / "account"
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "run").mkdir(parents=True)
        (self.folder / "github").mkdir()

    def backup(self, github):
        github.clear_log()
        command = [self.programs.hubkeep, "backup", "--json", "--quiet", "--api-url", github.api, "--to", "vault"]
        cost, out = run(self.place.at_client([str(word) for word in command]), self.folder / "run",
                        {"TOKEN_GITHUB": TOKEN, "HOME": str(self.folder)})
        results = [each["result"] for each in json.loads(out)["repositories"]]
        api, git = github.requests()
        return cost, results, api, git

    def measure(self, table, bounds):
        fields = [repository(i + 1, f"small{i}", content={"seed": i, "commits": 5, "files": 4})
                  for i in range(REPOSITORIES)]
        vault = self.folder / "run" / "vault"
        with GitHub(self.programs.ghsim, self.place, self.folder / "github", fields) as github:
            cost, results, api, git = self.backup(github)
            self.row(table, f"{REPOSITORIES} repositories, first run", cost, results, api, git)
            bounds.exactly("first run: saved", results.count("saved"), REPOSITORIES)
            before = objects_of(vault)
            cost, results, api, git = self.backup(github)
            self.row(table, "nothing changed", cost, results, api, git)
            bounds.exactly("nothing changed: unchanged", results.count("unchanged"), REPOSITORIES)
            bounds.exactly("nothing changed: API requests, those of the listing", api,
                           REPOSITORIES // PAGE + LOOKED_AT_AGAIN)
            bounds.exactly("nothing changed: git requests", git, 0)
            after = objects_of(vault)
            written = [str(key) for key in after if before.get(key) != after[key]]
            of_the_run = [key for key in written if key.startswith(("runs/", "state/")) or key == "catalog.jsonl.zst"]
            bounds.exactly("nothing changed: objects written but report, state and catalog",
                           len(written) - len(of_the_run), 0)
            for number in range(CHANGED):
                push_commit(self.folder / "github" / "bench" / f"small{number * 7}.git", "main", 2)
                github.pushed(number * 7 + 1)
            cost, results, api, git = self.backup(github)
            self.row(table, f"{CHANGED} of {REPOSITORIES} changed", cost, results, api, git)
            bounds.exactly("some changed: saved", results.count("saved"), CHANGED)
            bounds.exactly("some changed: git requests, two for each", git, 2 * CHANGED)

    def row(self, table, name, cost, results, api, git):
        table.row(f"{name}: {api} API, {git} git requests", cost.wall, cost.cpu, cost.memory, cost.left)
