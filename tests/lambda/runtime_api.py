"""A Lambda Runtime API for tests: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html

One RuntimeApi serves one process, as in an execution environment of Lambda:

    with RuntimeApi() as api, api.start(["./bootstrap"], environment={…}) as function:
        answer = api.invoke({"action": "backup"})
        answer.value, answer.error, answer.error_type
"""
import json
import queue
import re
import subprocess
import sys
import threading
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LARGEST_ANSWER = 6_291_556  # bytes: what Lambda takes as a response to a synchronous invocation
ARN = "arn:aws:lambda:us-east-1:123456789012:function:hubkeep"
TRACE = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0"
VERSION = "/2018-06-01/runtime"
LENIENCE = 120  # seconds

# What Lambda sets for a function on provided.al2023, in this order of folders.
LIBRARY_PATH = "/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib"


class FunctionFailed(Exception):
    """The process ended, or did not answer in time: what Lambda reports as Runtime.ExitError or Sandbox.Timedout."""


@dataclass
class Answer:
    request_id: str
    body: bytes
    error: dict | None = None  # what was posted as an error
    error_type: str | None = None  # Lambda-Runtime-Function-Error-Type

    @property
    def value(self):
        return json.loads(self.body)


class RuntimeApi:
    def __init__(self):
        self.events, self.answers = queue.Queue(), queue.Queue()
        self.started_at = self.ready_at = None  # monotonic seconds: process start, first request for an event
        self.ready, self.init_errors, self.refused = threading.Event(), [], []
        self.request_id, self.process = None, None
        self.server = _Server(("127.0.0.1", 0), _handler_for(self))
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.events.put(None)
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @property
    def address(self):
        """AWS_LAMBDA_RUNTIME_API"""
        return "%s:%d" % self.server.server_address

    def environment(self, **more):
        """What Lambda sets, and nothing of this machine's environment but `more`."""
        return {"AWS_LAMBDA_RUNTIME_API": self.address, "AWS_LAMBDA_FUNCTION_NAME": "hubkeep",
                "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
                "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand", "AWS_EXECUTION_ENV": "AWS_Lambda_provided.al2023",
                "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
                "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token", "LAMBDA_TASK_ROOT": "/var/task",
                "_HANDLER": "bootstrap", "TZ": ":UTC", "LD_LIBRARY_PATH": LIBRARY_PATH,
                "PATH": "/usr/local/bin:/usr/bin/:/bin:/opt/bin", **more}

    @contextmanager
    def start(self, command, environment=None, **popen):
        """Runs the function; ends it, as Lambda does, without asking."""
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(list(map(str, command)), env=self.environment(**(environment or {})), **popen)
        try:
            yield self.process
        finally:
            self.process.kill()
            self.process.wait()

    def wait_until_ready(self, timeout=LENIENCE):
        """Seconds from the start of the process to its first request for an event."""
        self._wait(self.ready.is_set, lambda step: self.ready.wait(step), timeout)
        return self.ready_at - self.started_at

    def invoke(self, event, timeout=60):
        """Sends an event that has `timeout` seconds, and returns the Answer. Takes one that is late too, within reason:
        how quick this machine is, is not what is tested.
        """
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        self.events.put((str(uuid.uuid4()), body, time.time() + timeout))
        return self._wait(lambda: False, lambda step: self.answers.get(timeout=step), timeout + LENIENCE)

    def _wait(self, done, step, timeout):
        deadline = time.monotonic() + timeout
        while not done():
            try:
                if got := step(0.05):
                    return got
            except queue.Empty:
                pass
            if self.process and self.process.poll() is not None and self.answers.empty() and not done():
                raise FunctionFailed(f"exit code {self.process.returncode}; errors at its start: {self.init_errors}")
            if time.monotonic() > deadline:
                raise FunctionFailed(f"no answer within {timeout} s")
        return None


class _Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):  # of a function that was killed
            super().handle_error(request, client_address)


def _handler_for(api):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self):
            if self.path != VERSION + "/invocation/next":
                return self.reply(404, {"errorType": "InvalidPath"})
            if not api.ready.is_set():
                api.ready_at = time.monotonic()
                api.ready.set()
            event = api.events.get()
            if event is None:
                self.close_connection = True
                return None
            api.request_id, body, deadline = event
            return self.reply(200, body, {
                "Lambda-Runtime-Aws-Request-Id": api.request_id,
                "Lambda-Runtime-Deadline-Ms": str(int(deadline * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": ARN, "Lambda-Runtime-Trace-Id": TRACE})

        def do_POST(self):
            body = self.read_body()
            if self.path == VERSION + "/init/error":
                api.init_errors.append(self.error_in(body))
                return self.reply(202, {"status": "OK"})
            called = re.fullmatch(VERSION + "/invocation/([^/]+)/(response|error)", self.path)
            if not called:
                return self.reply(404, {"errorType": "InvalidPath"})
            if called[1] != api.request_id:
                return self.reply(400, {"errorMessage": "Invalid request ID", "errorType": "InvalidRequestID"})
            if len(body) > LARGEST_ANSWER:
                api.refused.append(len(body))
                return self.reply(413, {
                    "errorMessage": f"Exceeded maximum allowed payload size ({LARGEST_ANSWER} bytes).",
                    "errorType": "RequestEntityTooLarge"})
            api.request_id = None  # one answer an event
            answer = Answer(called[1], body)
            if called[2] == "error":
                answer.error = self.error_in(body)
                answer.error_type = self.headers["Lambda-Runtime-Function-Error-Type"]
            self.reply(202, {"status": "OK"})
            return api.answers.put(answer)

        def error_in(self, body):
            try:
                return json.loads(body)
            except ValueError:
                return {"errorMessage": body.decode(errors="replace")}

        def read_body(self):
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def reply(self, status, body, headers=None):
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Handler
