"""What a change costs in the vault, at a chain of ten; and how long it takes to get a chain back."""
import json
import shutil
import subprocess
from pathlib import Path

from github import TOKEN, GitHub, repository
from measure import Cost, run
from report import mib
from repositories import git, push_commit

INCREMENTS = 10
ROUNDS = 3
METADATA = 4096  # bytes: bundle header, refs object and manifest of one moved ref among thousands


def manifest_of(vault, snapshot):
    path = next(Path(vault).glob(f"repos/*/*/*/snapshots/{snapshot}.json.zst"))
    text = subprocess.run(["zstd", "-dcq", str(path)], check=True, stdout=subprocess.PIPE).stdout
    return path, json.loads(text)


class Increments:
    """Backs up a copy of `source`, then `pushes` to it one by one, then restores the chain."""

    def __init__(self, programs, place, source, work):
        self.programs, self.place, self.work = programs, place, work / "increments"
        shutil.rmtree(self.work, ignore_errors=True)
        (self.work / "run").mkdir(parents=True)
        self.source = self.work / "source.git"
        subprocess.run(["cp", "-al", str(source), str(self.source)], check=True)  # git never writes into a file

    def backup(self, github, vault="vault", *more):
        command = [self.programs.hubkeep, "backup", "--json", "--quiet", "--api-url", github.api, "--to", vault, *more]
        _, out = run(self.place.at_client([str(word) for word in command]), self.work / "run",
                     {"TOKEN_GITHUB": TOKEN, "HOME": str(self.work)})
        return json.loads(out)["repositories"][0]

    def make_chain(self, bounds):
        with GitHub(self.programs.ghsim, self.place, self.work / "github",
                    [repository(1, "chain", path=str(self.source))]) as github:
            self.backup(github)
            self.backup(github, "unproved", "--no-proof")
            for _ in range(INCREMENTS):
                push_commit(self.source, "main", 3)
                github.pushed(1)
                saved = self.backup(github)
        vault = self.work / "run" / "vault"
        path, manifest = manifest_of(vault, saved["snapshot"])
        bundle = manifest["parts"]["git"]["bundles"][-1]
        changes = manifest["parts"]["git"]["refs"][-1]
        parts = {"bundle header": bundle["pack_offset"], "refs object": changes["size"],
                 "manifest": path.stat().st_size}
        pack = bundle["size"] - bundle["pack_offset"]
        print(f"  one push among {len(git(self.source, 'for-each-ref', '--format=x').split()):,} refs, chain of "
              f"{len(manifest['parts']['git']['bundles']) - 1}: {saved['bytes_received']} bytes received (the list of "
              f"refs included), pack {pack}, " + ", ".join(f"{name} {size}" for name, size in parts.items()))
        bounds.at_most("bundle header, refs object and manifest together, bytes", sum(parts.values()), METADATA)
        bounds.at_most("pack stored, times bytes received", pack / saved["bytes_received"], 1.02)
        return vault, path.parent.parent, manifest

    def measure_base(self, table, bounds, folder, manifest):
        """What came first, by its index, and without one as older versions left it."""
        base = manifest["parts"]["git"]["bundles"][0]
        bundle, index = folder / base["key"], folder / base["index"]["key"]
        environment = {"HOME": str(self.work), "GIT_CONFIG_NOSYSTEM": "1"}
        pack = self.work / "base.pack"
        with open(bundle, "rb") as source, open(pack, "wb") as target:
            source.seek(base["pack_offset"])
            shutil.copyfileobj(source, target)

        def best(*command):
            costs = []
            for _ in range(ROUNDS):
                place = self.work / "base"
                place.mkdir()
                costs.append(run([str(word) for word in command], place, environment)[0])
                shutil.rmtree(place)
            return min(costs, key=lambda cost: cost.wall)

        def restored(vault, *which):
            return best(self.programs.hubkeep, "restore", "bench/chain", "base.git", "--mirror", "--quiet", "--from",
                        self.work / "run" / vault, *which)

        ours = restored("vault", "--at", base["snapshot"])
        clone = best("git", "clone", "-q", "--mirror", bundle, "base.git")
        copied = best("sh", "-c", 'cp "$@" . && sha256sum "$@" >sums && sync ./*', "sh", bundle, index)
        bare = restored("unproved")
        indexed = best("git", "index-pack", "--threads=2", "-o", "base.idx", pack)
        pack.unlink()
        table.row("hubkeep restore --mirror, the base alone", ours.wall, ours.cpu, ours.memory, ours.disk)
        table.row("git clone --mirror of it", clone.wall, clone.cpu, clone.memory, clone.disk)
        table.row("cp, sha256sum, sync of it and its index", copied.wall, copied.cpu, copied.memory, copied.disk)
        table.row("hubkeep restore --mirror, no index", bare.wall, bare.cpu, bare.memory, bare.disk)
        table.row("git index-pack, 2 threads", indexed.wall, indexed.cpu, indexed.memory, indexed.disk)
        bounds.at_most("restore of the base, times clone --mirror", ours.wall / clone.wall, 0.15)
        bounds.at_most("restore of the base, times cp and sha256sum", ours.wall / copied.wall, 1.3)
        bounds.at_most("restore of the base, peak memory with its index mapped, MiB", mib(ours.memory), 128)
        bounds.at_most("restore without an index, times git index-pack", bare.wall / indexed.wall, 0.4)

    def measure(self, table, bounds, restore_bound, reading=None):
        vault, folder, manifest = self.make_chain(bounds)
        self.measure_base(table, bounds, folder, manifest)
        ours = self.restore(vault)
        peer = self.plain_git(folder, manifest)
        table.row(f"hubkeep restore --bare, chain of {INCREMENTS}", ours.wall, ours.cpu, ours.memory, ours.disk)
        table.row("git clone --mirror, bundle unbundle", peer.wall, peer.cpu, peer.memory, peer.disk)
        refs = ("for-each-ref", "--format=%(objectname) %(refname)")
        same = git(self.work / "restored" / "chain.git", *refs) == git(self.source, *refs)
        bounds.exactly("restored refs equal those of the source", same, True)
        bounds.at_most("restore, times plain git", ours.wall / peer.wall, restore_bound)
        if reading:
            shutil.rmtree(self.work / "plain")
            reading(self).measure(table, bounds, vault, folder, manifest, restore_bound)

    def at_client(self, command, folder, environment):
        return run(self.place.at_client(command), folder, environment)[0]

    def restore(self, vault):
        folder = self.work / "restored"
        folder.mkdir()
        cost, _ = run([str(self.programs.hubkeep), "restore", "bench/chain", "chain.git", "--bare", "--quiet", "--from",
                       str(vault)], folder, {"HOME": str(self.work)})
        return cost

    def plain_git(self, folder, manifest):
        target = self.work / "plain"
        target.mkdir()
        bundles = [folder / bundle["key"] for bundle in manifest["parts"]["git"]["bundles"]]
        environment = {"HOME": str(self.work), "GIT_CONFIG_NOSYSTEM": "1"}
        total, _ = run(["git", "clone", "-q", "--mirror", str(bundles[0]), "chain.git"], target, environment)
        for bundle in bundles[1:]:
            cost, _ = run(["git", "-C", "chain.git", "bundle", "unbundle", str(bundle)], target, environment)
            total = Cost(total.wall + cost.wall, total.cpu + cost.cpu, max(total.memory, cost.memory),
                         max(total.disk, cost.disk))
        return total
