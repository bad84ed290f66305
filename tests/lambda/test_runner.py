"""Runs the tests of a folder's *_test.py, and counts in the words that scripts/run-tests reads."""
import ast
import importlib.util
import os
import sys
import unittest
from pathlib import Path


class Result(unittest.TestResult):
    """Names what failed, with its story, and what was skipped. A test with subtests that fail has failed once."""

    def __init__(self):
        super().__init__()
        self.passed, self.failed = 0, set()

    def addSuccess(self, test):
        self.passed += 1

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print(f"skipped: {test.id()} ({reason})", flush=True)

    def addSubTest(self, test, subtest, problem):
        if problem:
            self.note(test, problem)

    def addFailure(self, test, problem):
        self.note(test, problem)

    addError = addFailure  # also of what a class or a module fails to set up, which is no test that ran

    def note(self, test, problem):
        print(self._exc_info_to_string(problem, test))
        if test.id() not in self.failed:
            self.failed.add(test.id())
            print(f"FAILED: {test.id()}", flush=True)


def tests_in(suite):
    for one in suite:
        yield from tests_in(one) if isinstance(one, unittest.TestSuite) else [one]


def names_in(file):
    """The tests of a file that cannot be imported."""
    for node in ast.parse(file.read_text()).body:
        methods = node.body if isinstance(node, ast.ClassDef) else []
        yield from (f"{file.stem}.{node.name}.{method.name}" for method in methods
                    if getattr(method, "name", "").startswith("test_"))


def skip_all(folder, is_wanted, why):
    names = [name for file in sorted(folder.glob("*_test.py")) for name in names_in(file) if is_wanted(name)]
    for name in names:
        print(f"skipped: {name} ({why})")
    print(f"0 passed, 0 failed, {len(names)} skipped")


def main(script, usage, packages=()):
    """The arguments: a build folder, and words of which one has to be in a test's name."""
    if len(sys.argv) < 2:
        sys.exit(usage)
    folder, words = Path(script).resolve().parent, sys.argv[2:]

    def is_wanted(name):
        return not words or any(word in name for word in words)

    os.environ["HUBKEEP_BUILD"] = str(Path(sys.argv[1]).resolve())
    for package in packages:
        if importlib.util.find_spec(package) is None:
            return skip_all(folder, is_wanted, f"no {package}")
    found = tests_in(unittest.TestLoader().discover(folder, "*_test.py"))
    result = Result()
    unittest.TestSuite(test for test in found if is_wanted(test.id())).run(result)
    print(f"{result.passed} passed, {len(result.failed)} failed, {len(result.skipped)} skipped")
    return sys.exit(1 if result.failed or not result.passed + len(result.skipped) else 0)
