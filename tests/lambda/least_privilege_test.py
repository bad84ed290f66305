"""The backup role, with the policy that Terraform renders: all of it is used, nothing else is needed, and without one
of its actions the function says which, and loses nothing.

Signatures are checked by tests/s3/moto_gate.py, permissions by moto. Not shown: the actions on the log, which Lambda
itself uses; and those of object lock and of a key, which moto does not tell apart from others or does not check.
"""
import datetime
import json
import os
import unittest
from contextlib import contextmanager
from unittest import mock

from botocore.exceptions import ClientError
from moto.core import DEFAULT_ACCOUNT_ID
from moto.iam.access_control import IAMRequestBase
from moto.s3.models import s3_backends
from moto.secretsmanager.responses import SecretsManagerResponse

import rendered
from rendered import BUCKET, PREFIX
from surroundings import S3, TOKEN, Aws, GitHub, started

LONG_AGO = datetime.datetime(2020, 1, 1)


# Taking away what killed runs left is no precondition: refused, it is a line in the log.
CLEANING = ("s3:AbortMultipartUpload", "s3:ListBucketMultipartUploads", "s3:ListMultipartUploadParts")


class LeastPrivilege(unittest.TestCase):
    def setUp(self):
        self.rendered = rendered.resources()
        self.aws = self.enterContext(Aws())
        self.github = self.enterContext(GitHub(2))
        self.admin = self.aws.client("s3")
        self.admin.create_bucket(Bucket=BUCKET)
        secrets = self.aws.client("secretsmanager")
        content = json.dumps({"TOKEN_GITHUB": TOKEN})
        self.secret, self.other_secret = [secrets.create_secret(Name=name, SecretString=content)["ARN"]
                                          for name in ("github", "other")]
        policy = self.rendered["aws_iam_role_policy.backup"]["policy"]
        self.policy = json.loads(policy.replace(rendered.secret_arn(), self.secret))
        self.let_moto_see_what_is_asked_for()
        self.key = self.take_on_role()
        self.allow_all()
        self.function = self.enter_function(HUBKEEP_SECRET_ID=self.secret)

    def let_moto_see_what_is_asked_for(self):
        self.asked = set()

        def check(request, resource):
            self.asked.add(request._action)
            return check_permitted(request, resource)

        check_permitted = IAMRequestBase.check_action_permitted
        self.enterContext(mock.patch.object(IAMRequestBase, "check_action_permitted", check))
        # moto signs a query with a slash in it in another way than S3: the gate has checked.
        self.enterContext(mock.patch.object(IAMRequestBase, "check_signature", lambda _: None))
        self.enterContext(mock.patch.object(SecretsManagerResponse, "_determine_resource", create=True,
                                            new=lambda response: json.loads(response.body)["SecretId"]))

    def take_on_role(self):
        self.role = self.rendered["aws_iam_role.backup"]
        arn = self.aws.client("iam").create_role(
            RoleName=self.role["name"], AssumeRolePolicyDocument=self.role["assume_role_policy"])["Role"]["Arn"]
        return self.aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="hubkeep")["Credentials"]

    def enter_function(self, **more):
        s3 = self.enterContext(S3(self.key["AccessKeyId"], self.key["SecretAccessKey"]))
        s3.gate.started = LONG_AGO.strftime("%Y-%m-%dT%H:%M:%S.000Z")  # of all uploads
        return self.enterContext(started(rendered.environment(
            GITHUB_API_URL=self.github.api, AWS_ENDPOINT_URL=self.aws.url, AWS_ENDPOINT_URL_S3=s3.url,
            AWS_ACCESS_KEY_ID=self.key["AccessKeyId"], AWS_SECRET_ACCESS_KEY=self.key["SecretAccessKey"],
            AWS_SESSION_TOKEN=self.key["SessionToken"], HUBKEEP_RETRIES="0", **more)))

    def client(self, service):
        """With the rights of the role."""
        return self.aws.client(service, self.key["AccessKeyId"], self.key["SecretAccessKey"],
                               aws_session_token=self.key["SessionToken"])

    @contextmanager
    def as_admin(self):
        self.aws.check_permissions(False)
        yield
        self.aws.check_permissions(True)

    def granted(self):
        return {action for each in self.policy["Statement"] for action in self.actions_in(each)
                if not action.startswith("logs:")}

    @staticmethod
    def actions_in(statement):
        return [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]

    def allow_all_but(self, *lacking):
        kept = [{**each, "Action": [action for action in self.actions_in(each) if action not in lacking]}
                for each in self.policy["Statement"]]
        document = json.dumps({**self.policy, "Statement": [each for each in kept if each["Action"]]})
        with self.as_admin():
            self.aws.client("iam").put_role_policy(RoleName=self.role["name"], PolicyName="backup",
                                                   PolicyDocument=document)

    def allow_all(self):
        self.allow_all_but()

    def objects(self):
        with self.as_admin():
            found = self.admin.list_objects_v2(Bucket=BUCKET).get("Contents", [])
            return {each["Key"]: self.admin.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read() for each in found}

    def begin_upload_long_ago(self):
        """As a run that was killed leaves it."""
        upload = {"Bucket": BUCKET, "Key": f"{PREFIX}/repos/killed.bundle"}
        with self.as_admin():
            upload["UploadId"] = self.admin.create_multipart_upload(**upload)["UploadId"]
            self.admin.upload_part(**upload, PartNumber=1, Body=b"some")
        part, = self.uploads()[upload["UploadId"]].parts.values()
        part.last_modified = LONG_AGO

    @staticmethod
    def uploads():
        return s3_backends[DEFAULT_ACCOUNT_ID]["aws"].get_bucket(BUCKET).multiparts

    def back_up(self):
        answer = self.function.call({"action": "backup"})
        self.assertEqual(answer["status"], "DONE", answer)
        return answer["saved"]

    def assert_refused(self, function, action):
        name = action.split(":")[1]

        answer = function.invoke({"action": "verify" if action == "s3:ListBucket" else "backup"})

        if action in CLEANING:
            self.assertEqual((answer.value["status"], answer.value["saved"]), ("DONE", 1), answer.value)
        elif action == "s3:PutObject":  # each repository's own failure
            self.assertEqual((answer.value["status"], answer.value["saved"]), ("INCOMPLETE", 0), answer.value)
            self.assertIn(name, answer.value["failures"][0]["error"])
        else:
            self.assertIsNotNone(answer.error, answer.body)
            self.assertEqual(answer.error["errorType"], "Hubkeep.Forbidden", answer.error)
            self.assertIn(name, answer.error["errorMessage"])
        self.assertTrue(any(name in json.dumps(line) for line in function.log_lines()), function.log_text())

    def test_all_that_is_granted_is_used_and_no_more_is_needed(self):
        self.begin_upload_long_ago()
        self.assertEqual(self.back_up(), 2)
        self.github.push("ada/r0")

        plan = self.function.call({"action": "plan", "run": "one"})
        with self.as_admin():
            batch, = json.load(self.admin.get_object(Bucket=plan["bucket"], Key=plan["key"])["Body"])
        done = self.function.call({"action": "backup-repositories", "run": plan["run"], "attempt": 1, "batch": batch})
        end = self.function.call({"action": "finish", "run": plan["run"]})
        verified = self.function.call({"action": "verify", "read_data_subset": "1/1"})

        self.assertEqual((done["status"], end["status"], end["saved"]), ("DONE", "DONE", 1))
        self.assertEqual((verified["status"], verified["verified"]), ("DONE", 2))
        self.assertEqual(self.uploads(), {})
        self.assertEqual(self.asked, self.granted())

    def test_without_one_of_its_actions_it_says_which_and_nothing_is_lost(self):
        self.back_up()
        for action in sorted(self.granted()):
            with self.subTest(action):
                self.github.push("ada/r0")
                self.begin_upload_long_ago()
                before = self.objects()
                if action in CLEANING:  # the run saves something, and catalog and state tell of it
                    before = {key: body for key, body in before.items() if "/repos/" in key}

                self.allow_all_but(action)
                self.assert_refused(self.function, action)

                self.assertLessEqual(before.items(), self.objects().items())
                self.allow_all()
                self.assertEqual(self.back_up(), 0 if action in CLEANING else 1)
                self.assertEqual(self.uploads(), {})

    def test_without_any_of_the_bucket_it_says_so_and_nothing_is_lost(self):
        self.back_up()
        before = self.objects()
        self.github.push("ada/r0")

        self.allow_all_but(*[action for action in self.granted() if action.startswith("s3:")])
        self.assert_refused(self.function, "s3:GetObject")

        self.assertEqual(self.objects(), before)
        self.allow_all()
        self.assertEqual(self.back_up(), 1)

    def test_an_upload_of_many_parts_that_breaks_off_is_taken_back(self):
        self.back_up()
        before = self.objects()
        self.github.push("ada/r1", os.urandom(12 << 20))
        self.github.fault({"type": "cut_after", "bytes": 10 << 20}, repository="ada/r1", git_command="fetch")

        broken = self.function.call({"action": "backup"})

        self.assertEqual((broken["status"], broken["failed"]), ("INCOMPLETE", 1))
        self.assertIn("s3:AbortMultipartUpload", self.asked)
        self.assertEqual(self.uploads(), {})
        self.assertLessEqual({key: body for key, body in before.items() if "/repos/" in key}.items(),
                             self.objects().items())
        self.github.mend()
        self.assertEqual(self.back_up(), 1)

    def test_it_can_delete_nothing_and_reaches_no_other_part_of_the_bucket_and_no_other_secret(self):
        self.back_up()
        before = self.objects()
        client, key = self.client("s3"), f"{PREFIX}/hubkeep.json"
        self.assertIn(key, before)

        for name, ask in {"DeleteObject": lambda: client.delete_object(Bucket=BUCKET, Key=key),
                          "GetObject": lambda: client.get_object(Bucket=BUCKET, Key="other"),
                          "PutObject": lambda: client.put_object(Bucket=BUCKET, Key="other", Body=b"")}.items():
            with self.subTest(name):
                with self.assertRaises(ClientError) as refused:
                    ask()
                self.assertEqual(refused.exception.operation_name, name)
                self.assertEqual(refused.exception.response["Error"]["Code"], "AccessDenied")
        self.assert_refused(self.enter_function(HUBKEEP_SECRET_ID=self.other_secret), "secretsmanager:GetSecretValue")

        self.assertEqual(self.objects(), before)
