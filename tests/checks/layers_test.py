"""What scripts/check-layers finds in a copy of the sources, in which one thing is wrong."""
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


class Layers(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="hubkeep-layers-")
        self.addCleanup(self.folder.cleanup)
        self.src = Path(self.folder.name) / "src"
        shutil.copytree(ROOT / "src", self.src)

    def check(self):
        done = subprocess.run([ROOT / "scripts/check-layers", self.folder.name], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        return done.returncode, done.stdout.decode()

    def assert_refused(self, *words):
        code, said = self.check()
        self.assertEqual(code, 1, said)
        for word in words:
            self.assertIn(word, said)

    def include(self, path, header):
        with (self.src / path).open("a") as file:
            file.write(f'#include "{header}"\n')

    def test_nothing_is_found_where_nothing_is_wrong(self):
        code, said = self.check()

        self.assertEqual(code, 0, said)

    def test_an_engine_sees_no_class_that_is_chosen_when_the_program_starts(self):
        concrete = ["store/s3/s3_head.h", "store/folder/folder_store.h", "github/rest_client.h", "http/curl_client.h",
                    "remote/http_git_remote.h"]
        for header in concrete:
            with self.subTest(header):
                (self.src / "verify/planted.h").write_text(f'#pragma once\n#include "{header}"\n')

                self.assert_refused(f'src/verify/planted.h: "{header}" is a class that src/app chooses')

    def test_the_line_USES_allows_no_concrete_class(self):
        lists = self.src / "verify/CMakeLists.txt"
        lists.write_text(lists.read_text().replace("USES base", "USES base store_s3"))
        self.include("verify/verdict.h", "store/s3/s3_head.h")

        self.assert_refused("src/verify/verdict.h", "chooses")

    def test_what_USES_does_not_name_is_not_used(self):
        self.include("git/oid.h", "github/github.h")

        self.assert_refused('src/git/oid.h: git does not use github: "github/github.h"')

    def test_USES_names_nothing_that_is_not_used(self):
        lists = self.src / "crypto/CMakeLists.txt"
        lists.write_text(lists.read_text().replace("USES base", "USES base http"))

        self.assert_refused("src/crypto/CMakeLists.txt: USES http, which nothing includes")

    def test_libraries_make_no_circle(self):
        lists = self.src / "crypto/CMakeLists.txt"
        lists.write_text(lists.read_text().replace("USES base", "USES base aws"))
        self.include("crypto/hash.h", "aws/environment.h")

        self.assert_refused("a circle of libraries: aws -> crypto -> aws")

    def test_files_make_no_circle(self):
        self.include("git/oid.h", "git/ref.h")

        self.assert_refused("a circle of includes: git/oid -> git/ref")

    def test_a_library_of_others_has_one_owner(self):
        (self.src / "verify/planted.cc").write_text("#include <git2.h>\n")

        self.assert_refused("src/verify/planted.cc: <git2.h> belongs to localgit")

    def test_JSON_is_parsed_in_one_file(self):
        (self.src / "verify/planted.cc").write_text("auto parsed = nlohmann::json::parse(text);\n")

        self.assert_refused("src/verify/planted.cc: calls a parser that src/base/json.cc is there for")

    def test_a_folder_is_a_library(self):
        (self.src / "new").mkdir()

        self.assert_refused("src/new has no CMakeLists.txt")
