"""The repositories that the benchmark backs up: made once, the same every time, and kept.

`git fast-import` stores a blob as a delta of the one before it and a tree as a delta of its older self, so the
order in which they are written decides how many deltas the pack has.
"""
import random
import subprocess
from pathlib import Path

COMMITS = 30_000
REFS = 5_000
PULL_REQUESTS = 1_000
FOLDERS = 300
NEW_FILE_SIZE = 17_000
BIG_FILE_SIZE = 4_000_000
BIG_FILE_VERSIONS = 400
QUIET_GIT = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "PATH": "/usr/local/bin:/usr/bin:/bin"}


def git(repository, *arguments, **options):
    return subprocess.run(["git", "-C", str(repository), *arguments], env=QUIET_GIT, check=True,
                          stdout=subprocess.PIPE, **options).stdout


class Text:
    """Text that compresses about as source code does, quick to make: slices of one long run of words."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        words = ["".join(self.random.choices("etaoinshrdlucmfwypvbgk_", k=self.random.randint(2, 11)))
                 for _ in range(20_000)]
        self.pool = " ".join(self.random.choices(words, k=700_000)).encode()

    def slice(self, size):
        begin = self.random.randrange(len(self.pool) - size)
        return self.pool[begin:begin + size]

    def file(self, size):
        return b"\n".join(self.slice(400) for _ in range(size // 400))

    def edited(self, content, edits=1):
        for _ in range(edits):
            at = self.random.randrange(max(1, len(content) - 300))
            content = content[:at] + self.slice(150) + content[at + 150:]
        return content


class Importer:
    """A stream into `git fast-import`."""

    def __init__(self, repository, depth=50):
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(repository)], env=QUIET_GIT, check=True)
        self.process = subprocess.Popen(["git", "-C", str(repository), "fast-import", "--quiet", f"--depth={depth}"],
                                        env=QUIET_GIT, stdin=subprocess.PIPE)
        self.out = self.process.stdin
        self.commits = 0

    def commit(self, files, parent=None):
        self.commits += 1
        message = f"Change {self.commits}\n".encode()
        who = b"Ada <ada@example.org> %d +0000" % (1_600_000_000 + self.commits)
        self.out.write(b"commit refs/heads/main\nmark :%d\ncommitter %s\ndata %d\n%s" %
                       (self.commits, who, len(message), message))
        if parent:
            self.out.write(b"from %s\n" % parent)
        for path, content in files:
            self.out.write(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(content), content))

    def ref(self, name, commit):
        self.out.write(b"reset %s\nfrom :%d\n\n" % (name.encode(), commit))

    def finish(self):
        self.out.close()
        if self.process.wait() != 0:
            raise SystemExit("git fast-import failed")


def ordinary(repository):
    """Commits of one new file and one edit of it, in many folders; thousands of branches, tags, pull requests."""
    text, importer = Text(1), Importer(repository)
    for number in range(COMMITS):
        folder = f"module{number % FOLDERS}"
        content = text.file(NEW_FILE_SIZE)
        importer.commit([(f"{folder}/file{number}.txt", content), (f"{folder}/latest.txt", text.edited(content))])
    names = [f"refs/pull/{i}/head" for i in range(PULL_REQUESTS)]
    names += [f"refs/heads/topic/{i}" for i in range(PULL_REQUESTS)]
    names += [f"refs/tags/v{i}" for i in range(REFS - len(names) - 1)]  # and main
    for name in names:
        importer.ref(name, text.random.randrange(1, COMMITS + 1))
    importer.finish()


def one_big_file(repository):
    """A long history of one file of megabytes."""
    text, importer = Text(2), Importer(repository)
    content = text.file(BIG_FILE_SIZE)
    for _ in range(BIG_FILE_VERSIONS):
        importer.commit([("data.txt", content)])
        content = text.edited(content, 10)
    importer.finish()


def lump(repository):
    """64 MB that do not compress: several parts of an upload."""
    importer = Importer(repository)
    importer.commit([("noise", random.Random(3).randbytes(64_000_000))])
    importer.finish()


def made(folder, name, make):
    """The bare repository `name`, made unless it is there already."""
    repository = Path(folder) / f"{name}.git"
    done = repository / "made-for-benchmarks"
    if not done.exists():
        print(f"making {name}.git", flush=True)
        subprocess.run(["rm", "-rf", str(repository)], check=True)
        make(repository)
        git(repository, "pack-refs", "--all")
        # Bitmaps, as servers have them; the deltas stay as they are.
        git(repository, "repack", "-q", "-a", "-d", "-b")
        done.write_text(describe(repository))
    return repository


def describe(repository):
    """What is in it, counted in its packs."""
    deltas = objects = 0
    for index in (Path(repository) / "objects/pack").glob("*.idx"):
        for line in git(repository, "verify-pack", "-v", str(index)).decode().splitlines():
            fields = line.split()
            if len(fields) >= 5 and fields[1] in ("commit", "tree", "blob", "tag"):
                objects += 1
                deltas += len(fields) == 7
    packs = sum(pack.stat().st_size for pack in (Path(repository) / "objects/pack").glob("*.pack"))
    refs = len(git(repository, "for-each-ref", "--format=x").split())
    return f"{packs / 1e6:.0f} MB of packs, {objects:,} objects, {deltas:,} of them deltas, {refs:,} refs"


def push_commit(repository, branch, files):
    """A commit on a branch of a bare repository, as a push would leave it."""
    text = Text(3) if files else None
    entries = []
    for number in range(files):
        blob = git(repository, "hash-object", "-w", "--stdin", input=text.file(3000) + str(number).encode())
        entries.append(f"100644 blob {blob.decode().strip()}\tpushed{number}.txt")
    tree = git(repository, "mktree", input="".join(f"{e}\n" for e in entries).encode()).decode().strip()
    identity = {**QUIET_GIT, "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org",
                "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org"}
    commit = subprocess.run(["git", "-C", str(repository), "commit-tree", "-m", "Push", "-p", branch, tree],
                            env=identity, check=True, stdout=subprocess.PIPE).stdout.decode().strip()
    git(repository, "update-ref", f"refs/heads/{branch}", commit)
