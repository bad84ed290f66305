"""The Runtime API of the tests answers as Lambda's does; a small client stands for the function."""
import json
import sys
import unittest
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from runtime_api import ARN, LARGEST_ANSWER, VERSION, FunctionFailed, RuntimeApi

ECHO = """
import os, urllib.request as http
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    event = http.urlopen(api + "next")
    http.urlopen(api + event.headers["Lambda-Runtime-Aws-Request-Id"] + "/response", data=event.read())
"""


class TheRuntimeApi(unittest.TestCase):
    def setUp(self):
        self.api = self.enterContext(RuntimeApi())

    def ask(self, path, data=None, headers=None):
        return urlopen(Request(f"http://{self.api.address}{VERSION}{path}", data=data, headers=headers or {}))

    def status_of(self, path, data=None):
        try:
            return self.ask(path, data).status
        except HTTPError as error:
            return error.code

    def next_event(self, event):
        self.api.events.put(("id-1", json.dumps(event).encode(), 1000.5))
        return self.ask("/invocation/next")

    def test_hands_out_an_event_with_its_headers(self):
        event = self.next_event({"action": "backup"})

        self.assertEqual(json.load(event), {"action": "backup"})
        self.assertEqual(event.headers["Lambda-Runtime-Aws-Request-Id"], "id-1")
        self.assertEqual(event.headers["Lambda-Runtime-Deadline-Ms"], "1000500")
        self.assertEqual(event.headers["Lambda-Runtime-Invoked-Function-Arn"], ARN)
        self.assertRegex(event.headers["Lambda-Runtime-Trace-Id"], "^Root=")

    def test_takes_one_answer_for_an_event(self):
        self.next_event({})

        self.assertEqual(self.status_of("/invocation/id-1/response", b'{"done": 1}'), 202)
        self.assertEqual(self.status_of("/invocation/id-1/response", b'{"done": 2}'), 400)
        self.assertEqual(self.api.answers.get().value, {"done": 1})

    def test_refuses_an_answer_to_another_event(self):
        self.next_event({})

        self.assertEqual(self.status_of("/invocation/id-2/response", b"{}"), 400)

    def test_takes_the_largest_answer_and_no_larger_one(self):
        self.next_event({})

        self.assertEqual(self.status_of("/invocation/id-1/response", b"x" * (LARGEST_ANSWER + 1)), 413)
        self.assertEqual(self.status_of("/invocation/id-1/response", b"x" * LARGEST_ANSWER), 202)
        self.assertEqual(self.api.refused, [LARGEST_ANSWER + 1])

    def test_takes_an_error_with_its_type(self):
        self.next_event({})

        self.ask("/invocation/id-1/error", b'{"errorMessage": "no token"}',
                 {"Lambda-Runtime-Function-Error-Type": "Hubkeep.Invalid"})

        answer = self.api.answers.get()
        self.assertEqual((answer.error, answer.error_type), ({"errorMessage": "no token"}, "Hubkeep.Invalid"))

    def test_takes_an_error_of_the_start(self):
        self.assertEqual(self.status_of("/init/error", b'{"errorMessage": "no bucket"}'), 202)
        self.assertEqual(self.api.init_errors, [{"errorMessage": "no bucket"}])

    def test_knows_no_other_path(self):
        self.assertEqual(self.status_of("/invocation/last"), 404)

    def test_runs_a_function_for_several_events(self):
        with self.api.start([sys.executable, "-c", ECHO]):
            ready_after = self.api.wait_until_ready()
            answers = [self.api.invoke({"n": n}).value for n in range(3)]

        self.assertGreater(ready_after, 0)
        self.assertEqual(answers, [{"n": 0}, {"n": 1}, {"n": 2}])

    def test_notices_that_the_function_ended(self):
        with self.api.start([sys.executable, "-c", "import sys; sys.exit(7)"]):
            with self.assertRaisesRegex(FunctionFailed, "exit code 7"):
                self.api.invoke({})
