"""The GitHub Action installs its own version's release, if that is what its checksum says, and runs it."""
import hashlib
import os
import platform
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ZIP = f"hubkeep-lambda-{platform.machine().replace('aarch64', 'arm64')}.zip"
VERSION = re.search(r"project\(hubkeep VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text())[1]

# /var is the action's own for as long as it runs.
STEP = ["unshare", "--mount", "sh", "-c",
        'mount -t tmpfs tmpfs /var && for step; do "$SCRIPT" "$step" || exit; done', "-"]


@unittest.skipUnless(os.geteuid() == 0, "mount needs root")
class TheAction(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        subprocess.run([ROOT / "scripts/package-lambda", "--native"], check=True, stdout=subprocess.DEVNULL)

    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        release = self.folder / f"releases/v{VERSION}"
        release.mkdir(parents=True)
        self.zip = Path(shutil.copy(ROOT / "build" / ZIP, release))
        digest = hashlib.sha256(self.zip.read_bytes()).hexdigest()
        (release / "SHA256SUMS").write_text(f"{'0' * 64}  another.zip\n{digest}  {ZIP}\n")

    def run_steps(self, *steps, **environment):
        return subprocess.run([*STEP, *steps], cwd=self.folder, capture_output=True, text=True, check=False, env={
            "PATH": os.environ["PATH"], "SCRIPT": str(ROOT / "scripts/github-action"), "HOME": str(self.folder),
            "RELEASES": f"file://{self.folder}/releases", **environment})

    def test_installs_what_the_checksum_says(self):
        done = self.run_steps("install")

        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"hubkeep {VERSION}", done.stdout)

    def test_refuses_what_it_does_not_say(self):
        with self.zip.open("ab") as file:
            file.write(b"more")

        done = self.run_steps("install")

        self.assertNotEqual(done.returncode, 0)
        self.assertNotIn(f"hubkeep {VERSION}", done.stdout)

    def test_refuses_what_has_no_checksum(self):
        (self.zip.parent / "SHA256SUMS").write_text(f"{'0' * 64}  another.zip\n")

        self.assertNotEqual(self.run_steps("install").returncode, 0)

    def test_hands_over_one_argument_a_line(self):
        done = self.run_steps("install", "backup", ARGS="--org=acme\n\n--exclude=a b *\n--no-such-flag\n")

        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("--no-such-flag", done.stderr)
        self.assertNotIn("a b", done.stderr)
