"""A repository with many Git LFS objects: hubkeep against `git lfs fetch --all`, and with the vault in S3 against that
and `aws s3 cp --recursive`. Then what it costs to look for pointers, and one object of 10 GB, for the memory."""
import hashlib
import json
import shutil

from github import GitHub, repository
from large import ROUNDS, Large, middle
from report import mib
from repositories import Importer, Text
from s3_server import BUCKET
from vault_in_s3 import VAULT, one_after_the_other

# As tests/sim/lfs_json.h makes them: count, size, seed.
SMALL = {"count": 5_000, "size": 100 * 1024, "seed": 1}
LARGE = {"count": 100, "size": 10 << 20, "seed": 2}
HUGE = {"count": 1, "size": 10 << 30, "seed": 3}
POINTERS = 50_000  # different blobs, of the small objects
IN_A_COMMIT = 100
OTHER_FILE_SIZE = 4_000
SCAN_ROUNDS = 5
BLOCK = 1 << 20


def oid_of(number, size, seed):
    """The name of an object that the simulated GitHub makes while it sends it."""
    pattern = b"object %08d of seed %08d\n" % (number, seed)
    block = pattern * (BLOCK // len(pattern))
    digest = hashlib.sha256()
    for _ in range(size // len(block)):
        digest.update(block)
    digest.update(block[:size % len(block)])
    return digest.hexdigest()


def pointer(oid, size, version=0):
    """Versions of one pointer are different blobs: they tell of a filter of their own."""
    extension = b"ext-0-bench sha256:%064x\n" % version if version else b""
    return b"version https://git-lfs.github.com/spec/v1\n%soid sha256:%s\nsize %d\n" % (extension, oid.encode(), size)


def commit_all(repository, pointers):
    importer = Importer(repository)
    for begin in range(0, len(pointers), IN_A_COMMIT):
        importer.commit([(f"folder{begin // IN_A_COMMIT}/file{begin + i}.bin", content)
                         for i, content in enumerate(pointers[begin:begin + IN_A_COMMIT])])
    importer.finish()


def many_pointers(repository):
    pointers = []
    for kind in (SMALL, LARGE):
        oids = [oid_of(number, kind["size"], kind["seed"]) for number in range(kind["count"])]
        versions = POINTERS // kind["count"] if kind is SMALL else 1
        pointers += [pointer(oid, kind["size"], version) for version in range(versions) for oid in oids]
    commit_all(repository, pointers)


def pointers_among_files(repository):
    """Each pointer beside a file of an ordinary size: what looking for pointers costs depends on what else there is."""
    text, oid = Text(4), oid_of(0, SMALL["size"], SMALL["seed"])
    commit_all(repository, [content for version in range(POINTERS)
                            for content in (pointer(oid, SMALL["size"], version), text.file(OTHER_FILE_SIZE))])


def one_pointer(repository):
    commit_all(repository, [pointer(oid_of(0, HUGE["size"], HUGE["seed"]), HUGE["size"])])


class Lfs(Large):
    def __init__(self, programs, place, sources, work, s3):
        source, self.mixed, self.huge = sources
        super().__init__(programs, place, source, work)
        self.s3 = s3
        self.hubkeep_environment |= s3.environment | {"HUBKEEP_WITHOUT": "all"}
        self.with_lfs = {"HUBKEEP_WITH": "lfs"}
        self.git_environment |= {"GIT_LFS_SKIP_SMUDGE": "1", "NO_PROXY": "*"}

    def backup_into(self, github, vault, more=(), environment=None):
        self.folder = self.empty_folder()
        if vault == VAULT:
            self.s3.empty()
        cost, out = self.at_client(self.programs.hubkeep, "backup", "--json", "--quiet", "--api-url", github.api,
                                   "--to", vault, *more, environment={**self.hubkeep_environment, **(environment or {})})
        return cost, json.loads(out)["repositories"][0]

    def fetch_and_copy(self, github):
        """The time of the clone, which comes before, does not count."""
        self.folder = self.empty_folder()
        self.s3.empty()
        self.at_client("git", "clone", "-q", "--mirror", github.clone_url("lfs"), "mirror.git",
                       environment=self.git_environment)
        fetched, _ = self.at_client("git", "-C", "mirror.git", "lfs", "fetch", "--all",
                                    environment=self.git_environment)
        copied, _ = self.at_client("aws", "s3", "cp", "--quiet", "--recursive", "mirror.git/lfs/objects",
                                   f"s3://{BUCKET}/lfs", environment={"HOME": str(self.work), **self.s3.environment})
        return fetched, one_after_the_other(fetched, copied)

    def measure(self, table, bounds):
        objects = SMALL["count"] + LARGE["count"]
        with self.server("lfs", self.source, [SMALL, LARGE]) as github:
            folder, bucket, peers = [], [], []
            for _ in range(ROUNDS):
                folder.append(self.backup_into(github, "vault", environment=self.with_lfs))
                bucket.append(self.backup_into(github, VAULT, environment=self.with_lfs))
                peers.append(self.fetch_and_copy(github))
        with self.server("mixed", self.mixed, [{**SMALL, "count": 1}]) as github:
            without, scan = self.scans(github)
        with self.server("huge", self.huge, [HUGE]) as github:
            huge, saved_huge = self.backup_into(github, "vault", environment=self.with_lfs)
            shutil.rmtree(self.folder / "vault")
        ours, in_s3 = ([cost for cost, _ in each] for each in (folder, bucket))
        table.row("hubkeep backup into a folder", *middle(ours))
        table.row("git lfs fetch --all", *middle([fetched for fetched, _ in peers]))
        table.row("hubkeep backup --to s3://", *middle(in_s3))
        table.row("git lfs fetch --all, aws s3 cp --recursive", *middle([both for _, both in peers]))
        table.row("hubkeep backup of histories alone", *without)
        table.row("hubkeep backup that looks for pointers", *scan)
        table.row("hubkeep backup of an object of 10 GB", huge.wall, huge.cpu, huge.memory, huge.disk)
        for _, saved in [*folder, *bucket]:
            bounds.exactly("LFS objects that were saved", files_of(saved), objects)
        bounds.exactly("LFS objects of 10 GB that were saved", files_of(saved_huge), HUGE["count"])
        bounds.at_most("into S3: wall, times git lfs fetch and aws s3 cp",
                       middle(in_s3)[0] / middle([both for _, both in peers])[0], 0.5)
        bounds.at_most("peak memory, MiB", mib(max(cost.memory for cost in [*ours, *in_s3])), 96)
        bounds.at_most("peak memory with an object of 10 GB, MiB", mib(huge.memory), 96)
        bounds.at_most("pointers looked for: CPU, times a backup without", scan[1] / without[1], 1.05)

    def server(self, name, source, objects):
        fields = repository(1, name, path=str(source), lfs=objects)
        return GitHub(self.programs.ghsim, self.place, self.work / "github", [fields])

    def scans(self, github):
        """Pointers are found, and their one object is left out as too large: what remains is to look."""
        without, scan = [], []
        for _ in range(SCAN_ROUNDS):
            without.append(self.backup_into(github, "vault")[0])
            scan.append(self.backup_into(github, "vault", ["--lfs-max-size", "1"], self.with_lfs)[0])
        return middle(without), middle(scan)


def files_of(saved):
    return sum(part.get("files", 0) for part in saved.get("parts", []))
