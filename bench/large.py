"""One large repository: hubkeep against curl, which reads the same pack into a file and is the limit, and against
`git clone --mirror` with `git bundle create --all`, which is what one does without hubkeep."""
import gzip
import json
import os
import shutil
from statistics import median

from github import TOKEN, GitHub, repository
from measure import run
from report import mib
from repositories import git

ROUNDS = 3
AT_ONCE = 8


def packet(text):
    return f"{len(text) + 4:04x}{text}"


def fetch_request(source, file):
    """The request for everything that hubkeep sends too: gzipped, as git does with large ones."""
    oids = sorted(set(git(source, "for-each-ref", "--format=%(objectname)").decode().split()))
    lines = [packet("command=fetch\n"), packet("object-format=sha1\n"), "0001", packet("ofs-delta\n"),
             packet("no-progress\n"), *(packet(f"want {oid}\n") for oid in oids), packet("done\n"), "0000"]
    file.write_bytes(gzip.compress("".join(lines).encode()))


class Large:
    """Measures in one place (loopback or link); all that is written lies below `work`."""

    def __init__(self, programs, place, source, work):
        self.programs, self.place, self.source, self.work = programs, place, source, work
        self.hubkeep_environment = {"TOKEN_GITHUB": TOKEN, "HOME": str(work)}
        self.git_environment = {"HOME": str(work), "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}

    def empty_folder(self):
        folder = self.work / "run"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(self.work / ".local", ignore_errors=True)  # what hubkeep knows of the vault
        folder.mkdir(parents=True)
        return folder

    def at_client(self, *command, environment):
        return run(self.place.at_client([str(word) for word in command]), self.folder, environment)

    def curl(self, github):
        self.folder = self.empty_folder()
        request = self.work / "request.gz"
        fetch_request(self.source, request)
        cost, _ = self.at_client(
            "curl", "-sSf", "--noproxy", "*", "-u", f"x-access-token:{TOKEN}", "-H", "Git-Protocol: version=2",
            "-H", "Content-Type: application/x-git-upload-pack-request", "-H", "Content-Encoding: gzip",
            "--data-binary", f"@{request}", "-o", "pack", f"{github.origin}/bench/large.git/git-upload-pack",
            environment={"HOME": str(self.work)})
        return cost

    def backup(self, github, jobs=1, more=()):
        cost, out = self.at_client(self.programs.hubkeep, "backup", "--json", "--quiet", "--api-url", github.api,
                                   "--to", "vault", "--jobs", jobs, *more, environment=self.hubkeep_environment)
        return cost, json.loads(out)

    def backup_on_one_core(self, github):
        self.folder = self.empty_folder()
        core = str(min(os.sched_getaffinity(0)))
        cost, _ = self.at_client("taskset", "-c", core, self.programs.hubkeep, "backup", "--quiet", "--api-url",
                                 github.api, "--to", "vault", environment=self.hubkeep_environment)
        return cost

    def clone_and_bundle(self, github):
        self.folder = self.empty_folder()
        clone, _ = self.at_client("git", "clone", "-q", "--mirror", github.clone_url("large"), "mirror.git",
                                  environment=self.git_environment)
        bundle, _ = self.at_client("git", "-C", "mirror.git", "bundle", "create", "-q", "../all.bundle", "--all",
                                   environment=self.git_environment)
        clone.wall += bundle.wall
        clone.cpu += bundle.cpu
        clone.memory = max(clone.memory, bundle.memory)
        clone.disk = max(clone.disk, bundle.disk + clone.left)
        return clone

    def measure(self, table, bounds):
        fields = repository(1, "large", path=str(self.source))
        with GitHub(self.programs.ghsim, self.place, self.work / "github", [fields]) as github:
            self.curl(github)  # what the server reads is in memory from here on
            limit, ours, unproved = [], [], []
            for _ in range(ROUNDS):
                limit.append(self.curl(github))
                self.folder = self.empty_folder()
                ours.append(self.backup(github))
                self.folder = self.empty_folder()
                unproved.append(self.backup(github, more=["--no-proof"]))
            one_core = self.backup_on_one_core(github)
            peer = self.clone_and_bundle(github)
        again = [repository(i + 1, f"large-{i}", path=str(self.source)) for i in range(AT_ONCE)]
        with GitHub(self.programs.ghsim, self.place, self.work / "github", again) as github:
            self.folder = self.empty_folder()
            many, result = self.backup(github, AT_ONCE)
        table.row("curl, pack into a file (the limit)", *middle(limit))
        table.row("hubkeep backup", *middle([cost for cost, _ in ours]))
        table.row("hubkeep backup --no-proof", *middle([cost for cost, _ in unproved]))
        table.row("hubkeep backup, on one core", one_core.wall, one_core.cpu, one_core.memory, one_core.disk)
        table.row(f"hubkeep backup of {AT_ONCE} of them at once", many.wall, many.cpu, many.memory, many.disk)
        table.row("git clone --mirror, bundle --all", peer.wall, peer.cpu, peer.memory, peer.disk)
        bounds.exactly("repositories that were not proved", sum("not_proved_because" in each for each in
                                                                 [*ours[-1][1]["repositories"], *result["repositories"]]), 0)
        bounds.at_most(f"peak memory with {AT_ONCE} at once, MiB", mib(many.memory), 256)
        self.hold_proved(bounds, middle(limit), middle([cost for cost, _ in ours]), peer)
        self.hold(bounds, middle(limit), middle([cost for cost, _ in unproved]), peer, unproved[-1])

    def hold_proved(self, bounds, limit, ours, peer):
        if self.place.name == "link":
            bounds.at_most("wall, times the limit", ours[0] / limit[0], 1.03 if self.place.rate <= 300 else 1.15)
        bounds.at_most("client CPU, times clone and bundle", ours[1] / peer.cpu, 0.3)
        bounds.at_most("peak memory, MiB", mib(ours[2]), 256)

    def hold(self, bounds, limit, ours, peer, last):
        cost, result = last
        saved = result["repositories"][0]
        bounds.at_most("without a proof: wall, times the limit", ours[0] / limit[0],
                       1.1 if self.place.name == "link" else 1.4)
        bounds.at_most("without a proof: client CPU, times clone and bundle", ours[1] / peer.cpu, 0.2)
        bounds.at_most("without a proof: peak memory, MiB", mib(ours[2]), 96)
        bounds.at_most("disk used beside the vault, MiB", mib(cost.disk - cost.left), 1)
        bounds.at_most("bytes stored, times bytes received", saved["bytes_stored"] / saved["bytes_received"], 1.02)


def middle(costs):
    return tuple(median(getattr(cost, field) for cost in costs) for field in ("wall", "cpu", "memory", "disk"))
