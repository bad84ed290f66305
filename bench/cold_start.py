"""Lambda's cold start: from the start of the packaged program, in an empty root, to its first request for an event."""
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/lambda"))

from lambda_root import LambdaRoot  # noqa: E402
from runtime_api import RuntimeApi  # noqa: E402

STARTS = 20
LIMIT_MS = 60
SETTINGS = {"BACKUP_S3_BUCKET": "vault", "TOKEN_GITHUB": "ghp_bench"}  # nothing that a first event would need


def starts(package):
    """Milliseconds of each start; the pages of the files are in memory after a first one."""
    with LambdaRoot(package) as root:
        for start in range(STARTS + 1):
            with RuntimeApi() as api, api.start(root.command(), SETTINGS, stdout=subprocess.DEVNULL):
                seconds = api.wait_until_ready()
            if start > 0:
                yield seconds * 1000


def measure(bounds):
    if os.geteuid() != 0:
        print("\nLambda's cold start: not measured, an empty root needs root")
        return
    subprocess.run([ROOT / "scripts/package-lambda", "--native"], check=True, stdout=subprocess.DEVNULL)
    package = ROOT / f"build/hubkeep-lambda-{platform.machine().replace('aarch64', 'arm64')}.zip"
    taken = sorted(starts(package))
    print(f"\nLambda's cold start, {STARTS} times: {taken[0]:.1f} to {taken[-1]:.1f} ms")
    bounds.at_most("median until the first request for an event, ms", statistics.median(taken), LIMIT_MS)
