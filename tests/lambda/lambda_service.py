"""Lambda within moto: a function's invocations, which moto would only echo, run in execution environments.

An environment is one process with a RuntimeApi of its own. It is used again when it is free, and ended when it failed.
"""
import io
import json
import threading
import zipfile
from contextlib import ExitStack

from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.core.exceptions import JsonRESTError

from runtime_api import FunctionFailed
from surroundings import started


class LambdaService:
    """`timeout_of` says of an event how many seconds the function is told to have; `kill_when` gives what is true when
    the function is to be killed, or None. `throttled` says how many invocations of an action are refused at first.
    """

    def __init__(self, command, environment, timeout_of=lambda event: 60, kill_when=lambda event: None):
        self.command, self.environment, self.timeout_of, self.kill_when = command, environment, timeout_of, kill_when
        self.lock, self.stack = threading.Lock(), ExitStack()
        self.idle, self.invocations, self.before, self.after, self.throttled = [], [], {}, {}, {}
        self.busy = self.most_busy = self.cold_starts = 0

    def __enter__(self):
        self.moto_invoke = LambdaSimpleBackend.invoke
        LambdaSimpleBackend.invoke = lambda _, name, qualifier, body, headers, response: self.invoke(body, response)
        return self

    def __exit__(self, *_):
        LambdaSimpleBackend.invoke = self.moto_invoke
        self.stack.close()

    def create_function(self, aws, role):
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("bootstrap", "stands for the program")
        return aws.client("lambda").create_function(
            FunctionName="hubkeep", Runtime="provided.al2023", Role=role, Handler="bootstrap", Timeout=900,
            Code={"ZipFile": package.getvalue()})["FunctionArn"]

    def invoke(self, body, response_headers):
        event = json.loads(body)
        self.refuse_if_throttled(event["action"])
        function = self.take()
        try:
            self.before.get(event["action"], lambda: None)()
            answer = self.run(function, event)
        except FunctionFailed as failure:
            self.record(event, None)
            response_headers["x-amz-function-error"] = "Unhandled"
            return json.dumps({"errorType": "Runtime.ExitError", "errorMessage": str(failure)}).encode()
        finally:
            self.give_back(function)
        self.record(event, answer)
        self.after.get(event["action"], lambda: None)()
        if answer.error:
            response_headers["x-amz-function-error"] = "Unhandled"
        return answer.body

    def refuse_if_throttled(self, action):
        with self.lock:
            left = self.throttled.get(action, 0)
            self.throttled[action] = max(left - 1, 0)
        if left:
            refusal = JsonRESTError("TooManyRequestsException", "Rate Exceeded.")
            refusal.code = 429
            raise refusal

    def run(self, function, event):
        is_time = self.kill_when(event)
        if is_time is None:
            return function.invoke(event, self.timeout_of(event))
        answered = threading.Event()
        killer = threading.Thread(target=self.kill, args=(function.api.process, is_time, answered))
        killer.start()
        try:
            return function.invoke(event, self.timeout_of(event))
        finally:
            answered.set()
            killer.join()

    @staticmethod
    def kill(process, is_time, answered):
        while not answered.wait(0.5):
            if is_time():
                return process.kill()

    def record(self, event, answer):
        with self.lock:
            self.invocations.append((event, answer))

    def take(self):
        with self.lock:
            self.busy += 1
            self.most_busy = max(self.most_busy, self.busy)
            if self.idle:
                return self.idle.pop()
            self.cold_starts += 1
            return self.stack.enter_context(started(self.environment, self.command))

    def give_back(self, function):
        with self.lock:
            self.busy -= 1
            if function.api.process.poll() is None:
                self.idle.append(function)

    def answers(self, action):
        return [answer for event, answer in self.invocations if event["action"] == action]
