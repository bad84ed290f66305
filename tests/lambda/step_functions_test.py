"""The state machine that Terraform renders, executed: 400 repositories, and what goes wrong on the way."""
import copy
import json
import re
import subprocess
import time
import unittest
from types import SimpleNamespace
from unittest import mock

from moto.stepfunctions.parser import models

import rendered
import surroundings
from lambda_service import LambdaService
from rendered import BUCKET, PREFIX
from surroundings import GIT, HUBKEEP, S3, TOKEN, Aws, GitHub, packaged_program

COUNT = 400
FORBIDDEN, KILLED, SLOW = "ada/r11", "ada/r57", "ada/r203"
SHORT, LONG = 12, 900  # seconds that an invocation has; what is delayed, is delayed longer than the short one
DELAY = {"type": "delay", "milliseconds": 60_000}


def definition(function):
    """But for how long it pauses between two attempts: moto really waits."""
    text = rendered.resources()["aws_sfn_state_machine.backup"]["definition"]
    text = text.replace(rendered.resources()["aws_lambda_function.hubkeep"]["arn"], function)
    assert re.search(r'"(IntervalSeconds|MaxDelaySeconds)"', text), text
    text = re.sub(r'"IntervalSeconds": ?\d+', '"IntervalSeconds": 1', text)
    return re.sub(r'"MaxDelaySeconds": ?\d+', '"MaxDelaySeconds": 2', text)


def names_in(event):
    return [item["repository"]["full_name"] for item in event.get("batch", {}).get("items", [])]


class Execution(unittest.TestCase):
    count = 3

    def setUp(self):
        told = rendered.environment()
        # moto copies the machine for each execution, and what a map leaves in it cannot be copied deeply.
        self.enterContext(mock.patch.object(models, "copy", SimpleNamespace(deepcopy=copy.copy)))
        self.aws = self.enterContext(Aws(execute_state_machines=True))
        self.github = self.enterContext(GitHub(self.count))
        self.s3 = self.aws.client("s3")
        self.s3.create_bucket(Bucket=BUCKET)
        secret = self.aws.client("secretsmanager").create_secret(
            Name="github", SecretString=json.dumps({"TOKEN_GITHUB": TOKEN, "BACKUP_S3_PREFIX": "elsewhere"}))["ARN"]
        self.service = self.enterContext(LambdaService(
            self.program(), {**told, "HUBKEEP_SECRET_ID": secret, "GITHUB_API_URL": self.github.api,
                             "AWS_ENDPOINT_URL": self.aws.url, **self.more_environment()},
            lambda event: self.timeout_of(event), lambda event: self.kill_when(event)))
        role = self.aws.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        function = self.service.create_function(self.aws, role)
        self.state_machine = self.aws.client("stepfunctions").create_state_machine(
            name="hubkeep", definition=definition(function), roleArn=role)["stateMachineArn"]

    def program(self):
        return (HUBKEEP,)

    def more_environment(self):
        return {}

    def timeout_of(self, _):
        return LONG

    def kill_when(self, _):
        return None

    def execute(self, name):
        self.service.invocations.clear()
        client = self.aws.client("stepfunctions")
        arn = client.start_execution(stateMachineArn=self.state_machine, name=name, input="{}")["executionArn"]
        deadline = time.monotonic() + 900
        while time.monotonic() < deadline:
            execution = client.describe_execution(executionArn=arn)
            if execution["status"] != "RUNNING":
                return execution
            time.sleep(0.2)
        raise AssertionError("the execution does not end")

    def hubkeep(self, *arguments):
        environment = {**GIT, "AWS_ACCESS_KEY_ID": surroundings.KEY, "AWS_SECRET_ACCESS_KEY": surroundings.SECRET_KEY,
                       "AWS_REGION": surroundings.REGION, "AWS_ENDPOINT_URL": self.aws.url}
        return subprocess.run([HUBKEEP, *arguments, "--from", f"s3://{BUCKET}/{PREFIX}"], env=environment,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)

    def assert_end(self, execution, status, **counts):
        self.assertEqual(execution["status"], status, execution)
        answer, = self.service.answers("finish")
        for name, count in counts.items():
            self.assertEqual(answer.value[name], count, answer.value)
        return answer.value


class Troubles(Execution):
    def test_a_plan_that_github_makes_wait_beyond_an_invocation_is_made_later(self):
        self.github.fault({"type": "respond", "status": 429, "headers": {"Retry-After": "3600"}}, times=1, kind="api")
        timeouts = iter([SHORT])
        self.timeout_of = lambda event: next(timeouts, LONG)

        execution = self.execute("waits")

        self.assert_end(execution, "SUCCEEDED", saved=3, failed=0)
        first, second = self.service.answers("plan")
        self.assertEqual(first.error["errorType"], "Hubkeep.RateLimited")
        self.assertEqual(second.value["batches"], 1)

    def test_a_batch_waits_for_lambda_to_have_room_for_it_however_long_that_takes(self):
        self.service.throttled["backup-repositories"] = 12  # more than any other error is tried again

        execution = self.execute("throttled")

        self.assert_end(execution, "SUCCEEDED", saved=3, failed=0)
        self.assertEqual(self.service.throttled["backup-repositories"], 0)

    def test_what_the_map_failed_of_is_what_the_execution_fails_of(self):
        plan = {}

        def lose_the_plan():
            plan.update(Bucket=BUCKET, Key=self.service.answers("plan")[0].value["key"])
            body = self.s3.get_object(**plan)["Body"].read()
            self.s3.delete_object(**plan)
            self.service.before["finish"] = lambda: self.s3.put_object(**plan, Body=body)
        self.service.after["plan"] = lose_the_plan

        execution = self.execute("unread")

        answer = self.assert_end(execution, "FAILED", saved=0, failed=3)
        self.assertEqual({failure["repository"] for failure in answer["failures"]}, set(self.github.names))
        self.assertEqual(execution["error"], "MapFailed")
        # On AWS its name is States.ItemReaderFailed.
        self.assertRegex(execution["cause"], r"Some repositories were not saved: States\.[A-Za-z]+: .*NoSuchKey")


class WholePath(Execution):
    """All that is deployed, as it is deployed: the zip in an empty root, and an S3 that checks signatures."""
    count = 8  # one batch

    def program(self):
        return packaged_program(self)

    def more_environment(self):
        return {"AWS_ENDPOINT_URL_S3": self.enterContext(S3()).url}

    def test_of_a_run_with_a_deadline_in_its_middle_and_a_repository_that_fails(self):
        self.github.fault({"type": "respond", "status": 403}, repository="ada/r1", kind="git")
        self.github.fault(DELAY, times=1, repository="ada/r2", git_command="fetch")
        timeouts = iter([LONG, SHORT])  # the plan's, the first worker's
        self.timeout_of = lambda event: next(timeouts, LONG)

        first = self.execute("first")

        end = self.assert_end(first, "FAILED", failed=1, saved=7)
        self.assertEqual((first["error"], end["failures"][0]["repository"]), ("Incomplete", "ada/r1"))
        self.assertEqual([answer.value["status"] for answer in self.service.answers("backup-repositories")],
                         ["CONTINUE", "DONE"])
        self.github.mend()
        self.assert_end(self.execute("second"), "SUCCEEDED", failed=0, saved=1, unchanged=7)
        verified = self.hubkeep("verify", "--read-data")
        self.assertEqual(verified.returncode, 0, verified.stdout)


class LargeSet(Execution):
    """So many objects of Git LFS that workers share them."""
    count = 1
    killed_share = None

    def kill_when(self, event):
        return (lambda: True) if self.killed_share and event.get("share") == self.killed_share else None

    def workers(self):
        """Of each invocation the share, or None, and whether it has answered."""
        return [(event.get("share"), answer is not None) for event, answer in self.service.invocations
                if event["action"] == "backup-repositories"]

    def assert_all_are_kept(self, oids):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=f"{PREFIX}/lfs/")
        kept = {found["Key"].rsplit("/", 1)[1] for page in pages for found in page.get("Contents", [])}
        self.assertEqual(kept, set(oids))

    def test_is_fetched_by_four_workers_and_each_object_once(self):
        oids = self.github.push_lfs("ada/r0", 1_000)

        self.assert_end(self.execute("shared"), "SUCCEEDED", saved=1, failed=0, files_saved=1_000)

        workers = self.workers()
        self.assertEqual((workers[0], sorted(workers[1:5]), workers[5:]),
                         ((None, True), [(share, True) for share in (1, 2, 3, 4)], [(None, True)]))
        self.assertEqual(self.github.lfs_downloads(), {oid: 1 for oid in oids})
        self.assert_all_are_kept(oids)

    def test_of_which_a_share_is_never_fetched_is_whole_all_the_same(self):
        oids, self.killed_share = self.github.push_lfs("ada/r0", 1_000), 2

        self.assert_end(self.execute("killed"), "SUCCEEDED", saved=1, failed=0)

        answered = [share for share, has_answered in self.workers() if has_answered]
        self.assertEqual((answered[0], sorted(answered[1:-1]), answered[-1]), (None, [1, 3, 4], None))
        self.assertIn((2, False), self.workers())
        self.assertEqual(set(self.github.lfs_downloads()), set(oids))
        self.assert_all_are_kept(oids)


class FourHundred(Execution):
    count = COUNT

    def setUp(self):
        self.killed_batch, self.kept, self.cut = None, [], False
        super().setUp()

    def timeout_of(self, event):
        if SLOW in names_in(event) and not self.cut:
            self.cut = True
            return SHORT
        return LONG

    def kill_when(self, event):
        if KILLED not in names_in(event) or self.killed_batch:
            return None
        self.killed_batch = set(names_in(event))
        return self.is_under_way_and_others_are_saved

    def is_under_way_and_others_are_saved(self):
        if KILLED not in self.github.asked_for():
            return False
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=f"{PREFIX}/repos/")
        keys = [found["Key"] for page in pages for found in page.get("Contents", [])]
        self.kept = [name for name in self.killed_batch
                     if any(f"/{name}." in key and "/snapshots/" in key for key in keys)]
        return len(self.kept) >= 3

    def catalog(self):
        objects = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{PREFIX}/catalog").get("Contents", [])
        return [(found["ETag"], found["LastModified"]) for found in objects]

    def test_failures_deadlines_and_kills_cost_nothing_but_another_attempt(self):
        self.github.fault({"type": "respond", "status": 403}, repository=FORBIDDEN, kind="git")
        self.github.fault({"type": "respond", "status": 502}, times=1, repository="ada/r12", kind="git")
        self.github.fault(DELAY, times=1, repository=KILLED, git_command="fetch")
        self.github.fault(DELAY, times=1, repository=SLOW, git_command="fetch")
        catalogs = []
        self.service.after["plan"] = self.service.before["finish"] = lambda: catalogs.append(self.catalog())

        first = self.execute("first")

        end = self.assert_end(first, "FAILED", failed=1)
        self.assertEqual(first["error"], "Incomplete")
        self.assertEqual([failure["repository"] for failure in end["failures"]], [FORBIDDEN])
        self.assertEqual(catalogs[0], catalogs[1], "a worker wrote the catalog")
        workers = self.service.answers("backup-repositories")
        self.assertEqual(workers.count(None), 1, "the invocation that was killed")
        self.assertEqual([answer.value["attempt"] for answer in workers
                          if answer and answer.value["status"] == "CONTINUE"], [2])
        self.assertTrue(1 < self.service.most_busy <= 5, self.service.most_busy)
        self.assertLess(self.service.cold_starts, 8)
        self.assert_fetched_once()
        self.assert_next_execution_saves_only_what_failed()
        self.assert_an_execution_with_nothing_to_do_ends_well()
        self.assert_vault_is_good()

    def assert_fetched_once(self):
        """But for what was under way in the invocations that were killed and cut off."""
        fetched = self.github.fetched()
        again = {name for name, count in fetched.items() if count > 1}
        left, = [names_in(answer.value) for answer in self.service.answers("backup-repositories")
                 if answer and answer.value["status"] == "CONTINUE"]
        self.assertEqual(len(fetched), COUNT - 1)
        self.assertIn(SLOW, left)
        self.assertLessEqual(again, self.killed_batch.union(left))
        self.assertEqual(again.intersection(self.kept), set(), "what was finished before the kill")

    def assert_next_execution_saves_only_what_failed(self):
        self.github.mend()
        self.github.control("DELETE", "/log")
        self.assert_end(self.execute("second"), "SUCCEEDED", saved=1, unchanged=COUNT - 1, failed=0)
        self.assertEqual(self.github.fetched(), {FORBIDDEN: 1})

    def assert_an_execution_with_nothing_to_do_ends_well(self):
        self.github.control("DELETE", "/log")
        self.assert_end(self.execute("third"), "SUCCEEDED", saved=0, unchanged=COUNT, failed=0)
        self.assertEqual(self.service.answers("plan")[0].value["batches"], 0)
        self.assertEqual((self.service.answers("backup-repositories"), self.github.fetched()), ([], {}))

    def assert_vault_is_good(self):
        listed = self.hubkeep("list")
        self.assertEqual([name for name in self.github.names if name not in listed.stdout], [])
        verified = self.hubkeep("verify", "--read-data-subset", "10%")
        self.assertEqual(verified.returncode, 0, verified.stdout[-2000:])
