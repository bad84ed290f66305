"""A real S3 server, Ceph's, in a place of the benchmark's choice, with one bucket; and AWS's own tool to use it."""
import os
import subprocess
from pathlib import Path

BUCKET = "bench"
REGION = "us-east-1"


class S3Server:
    def __init__(self, program, place):
        self.place = place
        self.process = subprocess.Popen(place.at_server([str(program), place.server_address]), text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.endpoint = self.told("endpoint ")
        self.access_key = self.told("access key ")
        self.secret_key = self.told("secret key ")
        # A request is a request: it is made where the server is, so that the link is not in its way.
        self.ask("s3api", "create-bucket", "--bucket", BUCKET)

    def told(self, words):
        line = self.process.stdout.readline()
        if not line.startswith(words):
            raise SystemExit(f"the S3 server does not start: {line!r}")
        return line.removeprefix(words).strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    @property
    def environment(self):
        return {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret_key,
                "AWS_DEFAULT_REGION": REGION, "AWS_ENDPOINT_URL": self.endpoint, "AWS_EC2_METADATA_DISABLED": "true"}

    def ask(self, *arguments):
        subprocess.run(self.place.at_server(["aws", "--endpoint-url", self.endpoint, *arguments]), check=True,
                       stdout=subprocess.DEVNULL, env={**os.environ, **self.environment})

    def cpu(self):
        """Seconds that the server itself has used so far: it shares the cores with what is measured."""
        ticks, family = 0, {self.process.pid}
        for pid in sorted(int(name) for name in os.listdir("/proc") if name.isdigit()):
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has just ended
            if pid in family or int(fields[1]) in family:
                family.add(pid)
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def empty(self):
        self.ask("s3", "rm", "--quiet", "--recursive", f"s3://{BUCKET}/")

    def curl_options(self):
        """Curl's own signature, good enough for plain names."""
        return ["--aws-sigv4", f"aws:amz:{REGION}:s3", "-u", f"{self.access_key}:{self.secret_key}",
                "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD"]
