"""The Debian package: what is in it, what it depends on, and that it runs."""
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LARGEST_EXPOSURE = 2.0  # of `systemd-analyze security`: below that is "OK"
LIBRARIES = ("libc6", "libcurl4", "libgit2-1", "libssl3", "libstdc++6", "libzstd1")


def output_of(*command, **more):
    return subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True, **more).stdout


def setUpModule():
    output_of(ROOT / "scripts/package-deb")


def package():
    found = list((ROOT / "build").glob("hubkeep_*.deb"))
    assert len(found) == 1, found
    return found[0]


class ThePackage(unittest.TestCase):
    def setUp(self):
        self.root = Path(self.enterContext(tempfile.TemporaryDirectory()))
        output_of("dpkg", "-x", package(), self.root)

    def test_runs(self):
        version = output_of(self.root / "usr/bin/hubkeep", "--version").split()[1]

        self.assertEqual(version, output_of("dpkg-deb", "-f", package(), "Version").strip())

    def test_has_program_documents_and_units_and_nothing_else(self):
        files = {str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file()}

        documents = {"CHANGELOG.md", "LICENSE", "README.md", "copyright", "storage-format.md", "run-at-home.md",
                     "examples/hubkeep.env", "examples/cron.example"}
        self.assertEqual(files, {"usr/bin/hubkeep", *(f"usr/share/doc/hubkeep/{name}" for name in documents),
                                 *(f"usr/lib/systemd/system/hubkeep-backup.{kind}" for kind in ("service", "timer"))})

    def test_takes_its_timer_along_when_it_is_removed_and_not_when_it_is_upgraded(self):
        output_of("dpkg-deb", "-e", package(), self.root / "control")
        tools, said = self.root / "tools", self.root / "said"
        tools.mkdir()
        (tools / "systemctl").write_text(f'#!/bin/sh\necho "$@" >>{said}\n')
        (tools / "systemctl").chmod(0o755)

        for action in ("upgrade", "remove"):
            output_of(self.root / "control/prerm", action, env={"PATH": f"{tools}:/usr/bin:/bin"})
            lines = said.read_text().splitlines() if said.exists() else []
            self.assertEqual("disable hubkeep-backup.timer" in lines, action == "remove", lines)

    def test_is_hardened(self):
        program = self.root / "usr/bin/hubkeep"
        dynamic = output_of("readelf", "--wide", "--dynamic", program)
        symbols = output_of("readelf", "--wide", "--dyn-syms", program)

        self.assertRegex(output_of("readelf", "--file-header", program), r"Type:\s+DYN")
        self.assertRegex(dynamic, r"\(FLAGS_1\).*\bNOW\b.*\bPIE\b")
        self.assertIn("GNU_RELRO", output_of("readelf", "--wide", "--program-headers", program))
        self.assertIn("__stack_chk_fail", symbols)
        self.assertRegex(symbols, r"__\w+_chk\b.*GLIBC")
        self.assertIn("__glibcxx_assert_fail", symbols)

    def test_is_built_with_the_flags_of_the_distribution(self):
        environment = {**os.environ, "DEB_BUILD_MAINT_OPTIONS": "hardening=+all optimize=-lto",
                       "DEB_CXXFLAGS_MAINT_STRIP": "-g -O2"}
        commands = json.loads((ROOT / "build/package/compile_commands.json").read_text())
        commands = [each["command"].split() for each in commands if "/src/" in each["file"]]

        for kind in ("CXXFLAGS", "CPPFLAGS"):
            flags = output_of("dpkg-buildflags", "--get", kind, cwd=ROOT, env=environment).split()
            for command in commands:
                self.assertEqual([flag for flag in flags if flag not in command], [])
        self.assertGreater(len(commands), 100)

    def test_belongs_to_root_and_nobody_else_writes_to_it(self):
        for line in output_of("dpkg-deb", "-c", package()).splitlines():
            self.assertRegex(line, r"^[-d]rw.r-.r-. root/root ")

    def test_depends_on_the_libraries_that_it_is_linked_to(self):
        depends = output_of("dpkg-deb", "-f", package(), "Depends")

        self.assertIn("ca-certificates", depends)
        for library in LIBRARIES:
            self.assertRegex(depends, rf"(^|, ){re.escape(library)}")


class WhatBuildingItTakes(unittest.TestCase):
    def test_is_installed_whole_on_a_machine_that_has_nothing(self):
        tools = Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name, script in {"dpkg-query": "exit 1", "id": "echo 0", "apt-get": f'echo "$@" >>{tools}/said'}.items():
            (tools / name).write_text(f"#!/bin/sh\n{script}\n")
            (tools / name).chmod(0o755)
        environment = {"PATH": f"{tools}:/usr/bin:/bin"}
        groups = ("build", "test", "lint", "bench", "diagrams", "package", "arm64")
        command = (ROOT / "scripts/install-dependencies", *groups)

        output_of(*command, env=environment)

        said = [line.split() for line in (tools / "said").read_text().splitlines()]
        installed = {words[-1] for words in said if "install" in words}
        self.assertEqual(installed, set(output_of(command[0], "--list", *command[1:], env=environment).split()))


class TheUnits(unittest.TestCase):
    def setUp(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("no systemd-analyze")
        self.root = Path(self.enterContext(tempfile.TemporaryDirectory()))
        output_of("dpkg", "-x", package(), self.root)
        shutil.copytree("/lib/systemd/system", self.root / "usr/lib/systemd/system", dirs_exist_ok=True, symlinks=True)

    def analyze(self, *arguments):
        done = subprocess.run(["systemd-analyze", *arguments, f"--root={self.root}"], capture_output=True, text=True,
                              check=False)
        return done.returncode, done.stdout + done.stderr

    def test_are_valid(self):
        for kind in ("service", "timer"):
            code, said = self.analyze("verify", "--man=no", f"hubkeep-backup.{kind}")

            self.assertEqual(code, 0, said)
            self.assertEqual([line for line in said.splitlines() if "hubkeep" in line], [])

    def test_leave_it_to_the_settings_where_the_vault_is(self):
        unit = (self.root / "usr/lib/systemd/system/hubkeep-backup.service").read_text()

        self.assertIn("EnvironmentFile=-/etc/hubkeep/hubkeep.env", unit)
        self.assertNotIn("HUBKEEP_TO", unit, "it would win over BACKUP_S3_BUCKET in hubkeep.env")

    def test_have_a_limit(self):
        unit = (self.root / "usr/lib/systemd/system/hubkeep-backup.service").read_text()
        cron = (self.root / "usr/share/doc/hubkeep/examples/cron.example").read_text()

        self.assertIn("\nType=oneshot\n", unit)
        self.assertIn("\nTimeoutStartSec=20h\n", unit, "a oneshot service has none of its own")
        self.assertIn(" hubkeep timeout --kill-after=2m 20h hubkeep backup", cron)

    def test_let_the_service_do_little(self):
        _, said = self.analyze("security", "--offline=true", "--no-pager", "hubkeep-backup.service")

        exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
        self.assertIsNotNone(exposure, said)
        self.assertLess(float(exposure[1]), LARGEST_EXPOSURE)
