"""The vault in S3: hubkeep against curl, which reads the same pack into a file, and against `git clone --mirror`,
`git bundle create --all` and `aws s3 cp`. Then many large repositories at once, for the memory."""
import shutil
from statistics import median
from urllib.parse import quote

from github import GitHub, repository
from large import AT_ONCE, Large, ROUNDS, middle
from measure import Cost
from report import mib
from s3_server import BUCKET

VAULT = f"s3://{BUCKET}/vault"


def one_after_the_other(*costs):
    return Cost(sum(cost.wall for cost in costs), sum(cost.cpu for cost in costs),
                max(cost.memory for cost in costs), max(cost.disk for cost in costs))


class VaultInS3(Large):
    def __init__(self, programs, place, source, work, s3, lump):
        super().__init__(programs, place, source, work)
        self.s3, self.lump = s3, lump
        self.hubkeep_environment |= s3.environment

    def backup_to_s3(self, github, jobs=1):
        self.folder = self.empty_folder()
        self.s3.empty()
        before = self.s3.cpu()
        cost, _ = self.at_client(self.programs.hubkeep, "backup", "--quiet", "--api-url", github.api, "--to", VAULT,
                                 "--jobs", jobs, environment=self.hubkeep_environment)
        self.server_cpu = self.s3.cpu() - before
        return cost

    def clone_bundle_and_copy(self, github):
        made = self.clone_and_bundle(github)
        self.s3.empty()
        copied, _ = self.at_client("aws", "s3", "cp", "--quiet", "all.bundle", f"s3://{BUCKET}/all.bundle",
                                   environment={"HOME": str(self.work), **self.s3.environment})
        return one_after_the_other(made, copied)

    def measure(self, table, bounds):
        fields = repository(1, "large", path=str(self.source))
        with GitHub(self.programs.ghsim, self.place, self.work / "github", [fields]) as github:
            self.curl(github)  # what the server reads is in memory from here on
            limit, ours, server = [], [], []
            for _ in range(ROUNDS):
                limit.append(self.curl(github))
                ours.append(self.backup_to_s3(github))
                server.append(self.server_cpu)
            peer = self.clone_bundle_and_copy(github)
        lumps = [repository(i + 1, f"lump-{i}", path=str(self.lump)) for i in range(AT_ONCE)]
        with GitHub(self.programs.ghsim, self.place, self.work / "github", lumps) as github:
            many = self.backup_to_s3(github, AT_ONCE)
        table.row("curl, pack into a file (the limit)", *middle(limit))
        table.row("hubkeep backup --to s3://", *middle(ours))
        print(f"    meanwhile the S3 server itself used {median(server):.2f} s of CPU on the same cores")
        table.row("clone --mirror, bundle --all, aws s3 cp", peer.wall, peer.cpu, peer.memory, peer.disk)
        table.row(f"hubkeep backup --to s3://, {AT_ONCE} of 64 MB at once", many.wall, many.cpu, many.memory, many.disk)
        wall, cpu = (median(getattr(cost, field) for cost in ours) for field in ("wall", "cpu"))
        bounds.at_most("wall, times the limit", wall / middle(limit)[0], 1.2 if self.place.name == "link" else 2.0)
        bounds.at_most("wall, times clone, bundle and aws s3 cp", wall / peer.wall, 0.25)
        bounds.at_most("client CPU, times clone, bundle and aws s3 cp", cpu / peer.cpu, 0.3)
        bounds.at_most("peak memory with one job, MiB", mib(max(cost.memory for cost in ours)), 256)
        bounds.at_most(f"peak memory with {AT_ONCE} jobs, MiB", mib(many.memory), 256)
        bounds.at_most("disk used, MiB", mib(max(cost.disk for cost in ours)), 1)


class Reading:
    """A chain that lies in S3: how fast it is verified and restored from there."""

    def __init__(self, chain, s3):
        self.chain, self.s3 = chain, s3
        self.environment = {"HOME": str(chain.work), **s3.environment}

    def at_client(self, *command, folder="reading"):
        place = self.chain.work / folder
        place.mkdir(exist_ok=True)
        return self.chain.at_client([str(word) for word in command], place, self.environment)

    def measure(self, table, bounds, vault, folder, manifest, restore_bound):
        self.s3.empty()
        self.at_client(self.chain.programs.hubkeep, "copy", "--quiet", vault, VAULT)
        prefix = f"vault/{folder.relative_to(vault)}"
        git = manifest["parts"]["git"]
        keys = [record["key"] for part in ("bundles", "refs") for record in git[part]]
        keys += [bundle["index"]["key"] for bundle in git["bundles"]]
        keys += [f"snapshots/{path.name}" for path in sorted((folder / "snapshots").iterdir())]
        urls = [word for key in keys
                for word in ("-o", "/dev/null", f"{self.s3.endpoint}/{BUCKET}/{quote(f'{prefix}/{key}')}")]
        read = self.best("curl", "-sSf", "--noproxy", "*", *self.s3.curl_options(), *urls)
        verified = self.best(self.chain.programs.hubkeep, "verify", "--quiet", "--read-data", "--from", VAULT)
        restored = min((self.restore_anew() for _ in range(3)), key=lambda cost: cost.wall)
        fetched = self.at_client("aws", "s3", "cp", "--quiet", "--recursive", f"s3://{BUCKET}/{prefix}", "downloaded")
        plain = self.chain.plain_git(self.chain.work / "reading" / "downloaded", manifest)
        peer = one_after_the_other(fetched, plain)
        table.row("curl, the chain's objects (the limit)", read.wall, read.cpu, read.memory, read.disk)
        table.row("hubkeep verify --read-data --from s3://", verified.wall, verified.cpu, verified.memory, verified.disk)
        table.row("hubkeep restore --bare --from s3://", restored.wall, restored.cpu, restored.memory, restored.disk)
        table.row("aws s3 cp, clone --mirror, bundle unbundle", peer.wall, peer.cpu, peer.memory, peer.disk)
        bounds.at_most("verify, times curl's wall (0.8 of its rate)", verified.wall / read.wall, 1.25)
        bounds.at_most("restore, times aws s3 cp and plain git", restored.wall / peer.wall, restore_bound)
        bounds.at_most("restore, times curl's wall", restored.wall / read.wall, 1.2)
        bounds.at_most("restore, peak memory with indexes mapped, MiB", mib(restored.memory), 128)
        for name in ("reading", "restored-from-s3"):
            shutil.rmtree(self.chain.work / name)

    def restore_anew(self):
        shutil.rmtree(self.chain.work / "restored-from-s3", ignore_errors=True)
        return self.at_client(self.chain.programs.hubkeep, "restore", "bench/chain", "chain.git", "--bare", "--quiet",
                              "--from", VAULT, folder="restored-from-s3")

    def best(self, *command):
        return min((self.at_client(*command) for _ in range(3)), key=lambda cost: cost.wall)
