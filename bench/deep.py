"""A vault whose every object is made again: `hubkeep verify --deep` against `git index-pack` of the same pack and
`git fsck --connectivity-only`, which is how one does it without hubkeep."""
import json
import os
import shutil
import subprocess
from statistics import median

from github import TOKEN, GitHub, repository
from increments import manifest_of
from measure import Cost, run
from repositories import git

ROUNDS = 3


class Deep:
    """Backs up `source` into a folder below `work`, then reads that again."""

    def __init__(self, programs, place, source, work):
        self.programs, self.place, self.source, self.work = programs, place, source, work / "deep"
        self.run_in = self.work / "run"
        shutil.rmtree(self.work, ignore_errors=True)
        self.run_in.mkdir(parents=True)
        self.environment = {"HOME": str(self.work), "GIT_CONFIG_NOSYSTEM": "1"}

    def make_vault(self):
        fields = repository(1, "deep", path=str(self.source))
        with GitHub(self.programs.ghsim, self.place, self.work / "github", [fields]) as github:
            command = [self.programs.hubkeep, "backup", "--json", "--quiet", "--api-url", github.api, "--to", "vault"]
            _, out = run(self.place.at_client([str(word) for word in command]), self.run_in,
                         {"TOKEN_GITHUB": TOKEN, **self.environment})
        path, manifest = manifest_of(self.run_in / "vault", json.loads(out)["repositories"][0]["snapshot"])
        bundle = manifest["parts"]["git"]["bundles"][0]
        with open(path.parent.parent / bundle["key"], "rb") as stored, open(self.work / "pack", "wb") as pack:
            stored.seek(bundle["pack_offset"])
            shutil.copyfileobj(stored, pack)

    def by_git(self):
        mirror = self.run_in / "mirror.git"
        shutil.rmtree(mirror, ignore_errors=True)
        subprocess.run(["git", "init", "-q", "--bare", str(mirror)], check=True)
        refs = git(self.source, "for-each-ref", "--format=%(objectname) %(refname)")
        (mirror / "packed-refs").write_bytes(b"# pack-refs with: peeled fully-peeled sorted \n" + refs)
        pack = mirror / "objects" / "pack" / "pack-1.pack"
        os.link(self.work / "pack", pack)
        index, _ = run(["git", "index-pack", f"--threads={os.cpu_count()}", pack], self.run_in, self.environment)
        check, _ = run(["git", "-C", mirror, "fsck", "--connectivity-only", "--no-dangling"], self.run_in,
                       self.environment)
        return Cost(index.wall + check.wall, index.cpu + check.cpu, max(index.memory, check.memory), index.disk)

    def by_hubkeep(self):
        cost, out = run([self.programs.hubkeep, "verify", "--deep", "--json", "--quiet", "--from", "vault"],
                        self.run_in, self.environment)
        if json.loads(out)["repositories"][0]["proved"] != 1:
            raise SystemExit("verify --deep has not proved the snapshot")
        return cost

    def measure(self, table, bounds):
        self.make_vault()
        self.by_git()  # what both read is in memory from here on
        git_costs, our_costs = [], []
        for _ in range(ROUNDS):
            our_costs.append(self.by_hubkeep())
            git_costs.append(self.by_git())
        print(f"  load {os.getloadavg()[0]:.1f}")
        for name, costs in (("hubkeep verify --deep", our_costs), ("git index-pack, fsck --connectivity-only", git_costs)):
            table.row(name, *(median(getattr(cost, field) for cost in costs)
                              for field in ("wall", "cpu", "memory", "disk")))
        bounds.at_most("verify --deep, times git's wall", median(
            ours.wall / theirs.wall for ours, theirs in zip(our_costs, git_costs)), 0.5)
        shutil.rmtree(self.work)
