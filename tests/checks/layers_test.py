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

    def test_an_engine_has_no_store(self):
        for engine in ("backup", "run", "verify", "copy", "restore"):
            planted = self.src / engine / "planted.h"
            with self.subTest(engine):
                planted.write_text("#pragma once\nnamespace hubkeep {\nclass ObjectStore;\n}\n")

                self.assert_refused(f"src/{engine}/planted.h: an engine has no ObjectStore")
                planted.write_text('#pragma once\n#include "store/find_objects.h"\n')
                self.assert_refused(f'src/{engine}/planted.h: an engine has no store: "store/find_objects.h"')
            planted.unlink()

    def test_what_an_engine_is_told_of_objects_are_values(self):
        self.include("copy/copy_vault.cc", "store/object_info.h")
        lists = self.src / "copy/CMakeLists.txt"
        if " store" not in lists.read_text():
            lists.write_text(lists.read_text().replace("USES base", "USES base store"))

        code, said = self.check()

        self.assertEqual(code, 0, said)

    def test_what_is_stored_is_encoded_in_one_place(self):
        self.include("vault/refs_object.cc", "base/zstd.h")

        self.assert_refused('src/vault/refs_object.cc: "base/zstd.h": what is stored is encoded')

    def test_few_files_know_the_git_part(self):
        plantings = {"vault": 'auto key = "git/" + id;', "run": 'bool is = key.ends_with(".bundle");',
                     "verify": "auto part = git_part(parts);", "backup": "auto name = kGitPart;"}
        for folder, planting in plantings.items():
            with self.subTest(folder):
                planted = self.src / folder / "planted.cc"
                planted.write_text(planting + "\n")

                self.assert_refused(f"src/{folder}/planted.cc: knows the git part")

    def test_git_is_the_name_of_a_part_where_it_is_not_a_program(self):
        (self.src / "copy/planted.cc").write_text('auto name = "git";\n')
        (self.src / "localgit/planted.cc").write_text('auto program = "git";\n')

        code, said = self.check()

        self.assertEqual(code, 1, said)
        self.assertIn('src/copy/planted.cc: "git" is the name of a part', said)
        self.assertNotIn("src/localgit/planted.cc", said)

    def test_the_git_part_is_known_where_it_is_made_and_where_it_is_used(self):
        for path in ("backup/git_planted.cc", "restore/planted.cc"):
            (self.src / path).write_text('auto key = "git/" + id + ".bundle";\n')

        code, said = self.check()

        self.assertEqual(code, 0, said)

    def test_who_is_listed_as_knowing_the_git_part_knows_it(self):
        (self.src / "backup/zip_backup.cc").write_text("// Nothing of git_part() but this.\n")

        self.assert_refused("src/backup/zip_backup.cc: is listed in scripts/check-layers")

    def test_a_test_is_built(self):
        (self.src / "copy/planted_test.cc").write_text("")

        self.assert_refused("src/copy/planted_test.cc is in no CMakeLists.txt")

    def test_a_folder_is_a_library(self):
        (self.src / "new").mkdir()

        self.assert_refused("src/new has no CMakeLists.txt")
