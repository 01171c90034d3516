"""Runs the unittest cases of one file and prints, as JSON by name, `passed` or the traceback of each."""
import contextlib
import importlib.util
import json
import pathlib
import sys
import unittest

OUTCOMES = {}


class Result(unittest.TestResult):
    def addSuccess(self, test):
        OUTCOMES[name_of(test)] = "passed"

    def addError(self, test, err):
        # Also what setUpClass threw, where `test` is not a case but names its class.
        OUTCOMES[name_of(test)] = self._exc_info_to_string(err, test)

    addFailure = addError

    def addSubTest(self, test, subtest, err):
        if err is not None:
            OUTCOMES[name_of(test)] = f"{subtest}\n{self._exc_info_to_string(err, test)}"


def name_of(test):
    return ".".join(test.id().split(".")[-2:])


def load(path):
    spec = importlib.util.spec_from_file_location("cases", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


with contextlib.redirect_stdout(sys.stderr):
    sys.path.insert(0, str(pathlib.Path(__file__).parent))
    unittest.TestLoader().loadTestsFromModule(load(sys.argv[1])).run(Result())
print(json.dumps(OUTCOMES))
