"""A million refs, each of an object of its own: what hubkeep holds of them in memory."""
import json
import shutil
import subprocess

from github import TOKEN, GitHub, repository
from measure import run
from report import MIB, mib
from repositories import git, push_commit

MEMORY = 64 * MIB  # of --memory
REFS = 1_000_000


def million_refs(folder):
    """Tags, each of a commit of its own, all with the same tree."""
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(folder)], check=True)
    who = "committer Ada <ada@example.org> %d +0000\ndata 1\nx\n"
    importer = subprocess.Popen(["git", "-C", str(folder), "fast-import", "--quiet", "--force", "--export-marks=marks"],
                                stdin=subprocess.PIPE, text=True)
    importer.stdin.write("commit refs/heads/main\nmark :1\n" + who % 1_600_000_000 + "M 100644 inline f\ndata 1\nx\n")
    for number in range(2, REFS + 1):
        importer.stdin.write(f"commit refs/heads/last\nmark :{number}\n" + who % (1_600_000_000 + number) + "from :1\n")
    importer.stdin.close()
    if importer.wait() != 0:
        raise SystemExit("git fast-import failed")
    marks = dict(line.split() for line in (folder / "marks").read_text().splitlines())
    tags = (f"{marks[f':{number}']} refs/tags/v{number:07}\n" for number in range(2, REFS + 1))
    (folder / "packed-refs").write_text(f"# pack-refs with: sorted \n{marks[':1']} refs/heads/main\n" + "".join(tags))
    for name in ("main", "last"):
        (folder / "refs/heads" / name).unlink()


class ManyRefs:
    def __init__(self, programs, place, source, work):
        self.programs, self.place, self.work = programs, place, work / "many-refs"
        shutil.rmtree(self.work, ignore_errors=True)
        (self.work / "run").mkdir(parents=True)
        self.source = self.work / "source.git"
        subprocess.run(["cp", "-al", str(source), str(self.source)], check=True)  # git never writes into a file

    def backup(self, github):
        command = [self.programs.hubkeep, "backup", "--json", "--quiet", "--api-url", github.api, "--to", "vault",
                   "--memory", str(MEMORY)]
        cost, out = run(self.place.at_client([str(word) for word in command]), self.work / "run",
                        {"TOKEN_GITHUB": TOKEN, "HOME": str(self.work)})
        return cost, json.loads(out)["repositories"][0]["result"]

    def measure(self, table, bounds):
        with GitHub(self.programs.ghsim, self.place, self.work / "github",
                    [repository(1, "many-refs", path=str(self.source))]) as github:
            costs = [("first backup", *self.backup(github))]
            push_commit(self.source, "main", 3)
            github.pushed(1)
            costs.append(("backup after one push", *self.backup(github)))
        for name, cost, _ in costs:
            table.row(name, cost.wall, cost.cpu, cost.memory, cost.disk)
        bounds.exactly("both saved", {result for *_, result in costs}, {"saved"})
        bounds.exactly("refs", len(git(self.source, "for-each-ref", "--format=x").split()), REFS)
        bounds.at_most("peak memory, times --memory", max(mib(cost.memory) for _, cost, _ in costs) / mib(MEMORY), 2)
