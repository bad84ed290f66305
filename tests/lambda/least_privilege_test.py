"""What the backup role may do is enough for the function, and what it says when one of these permissions is missing.

Not shown here: that s3:ListBucketMultipartUploads, s3:AbortMultipartUpload and s3:ListMultipartUploadParts are needed
(uploads of many parts), and that the secret's permission is for this secret only, which moto cannot tell.
"""
import json
import re
import unittest
from pathlib import Path
from unittest import mock

from botocore.exceptions import ClientError
from moto.iam.access_control import IAMRequestBase

from surroundings import TOKEN, Aws, GitHub, started

FUNCTION = Path(__file__).resolve().parents[2] / "deploy/terraform/modules/hubkeep/function.tf"
BUCKET, PREFIX = "vault", "github"


def backup_policy():
    """The statements of function.tf about bucket and secret, in the form that tests/terraform holds them to."""
    document = re.search(r'"aws_iam_policy_document" "backup" \{(.*?)\n\}', FUNCTION.read_text(), re.DOTALL)[1]
    given = {"${local.bucket_arn}": f"arn:aws:s3:::{BUCKET}", "local.bucket_arn": f'"arn:aws:s3:::{BUCKET}"',
             "${local.folder}": f"{PREFIX}/", "statement.value": '"*"'}  # moto knows resources of S3 only
    for name, value in given.items():
        document = document.replace(name, value)
    found = re.findall(r'sid += "(List|ReadAndWrite|Secret)"\n +actions += (\[.*\])\n +resources += (\[.*\])', document)
    return {sid: {"Sid": sid, "Effect": "Allow", "Action": json.loads(actions), "Resource": json.loads(resources)}
            for sid, actions, resources in found}


def without(statements, action):
    kept = [{**each, "Action": [name for name in each["Action"] if name != action]} for each in statements.values()]
    return [each for each in kept if each["Action"]]


class LeastPrivilege(unittest.TestCase):
    def setUp(self):
        # moto signs a query with a slash in it in another way than S3; function_test has signatures checked.
        self.enterContext(mock.patch.object(IAMRequestBase, "check_signature", lambda _: None))
        self.aws = self.enterContext(Aws())
        self.github = self.enterContext(GitHub(2))
        self.aws.client("s3").create_bucket(Bucket=BUCKET)
        self.secret = self.aws.client("secretsmanager").create_secret(
            Name="github", SecretString=json.dumps({"TOKEN_GITHUB": TOKEN}))["ARN"]
        self.policy = backup_policy()
        iam = self.aws.client("iam")
        iam.create_user(UserName="function")
        self.key = iam.create_access_key(UserName="function")["AccessKey"]

    def start(self, lacking=None):
        self.aws.client("iam").put_user_policy(
            UserName="function", PolicyName="backup",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": without(self.policy, lacking)}))
        self.aws.check_permissions_from_now_on()
        return self.enterContext(started({
            "HUBKEEP_SECRET_ID": self.secret, "GITHUB_API_URL": self.github.api, "AWS_ENDPOINT_URL": self.aws.url,
            "BACKUP_S3_BUCKET": BUCKET, "BACKUP_S3_PREFIX": PREFIX, "AWS_SESSION_TOKEN": "",
            "AWS_ACCESS_KEY_ID": self.key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": self.key["SecretAccessKey"]}))

    def assert_refused(self, action, event=None):
        function = self.start(lacking=action)

        answer = function.invoke(event or {"action": "backup"})

        self.assertIsNotNone(answer.error, answer.body)
        self.assertEqual(answer.error["errorType"], "Hubkeep.Forbidden", answer.error)
        self.assertIn(action.split(":")[1], answer.error["errorMessage"])
        self.assertIn(action.split(":")[1], function.log_text())
        self.assertIsNone(function.api.process.poll(), "it goes on")

    def test_the_policy_is_that_of_the_module(self):
        self.assertEqual(set(self.policy), {"List", "ReadAndWrite", "Secret"})

    def test_a_backup_a_shared_run_and_a_verification_need_no_more(self):
        function = self.start()

        saved = function.call({"action": "backup"})
        plan = function.call({"action": "plan", "run": "one"})
        end = function.call({"action": "finish", "run": plan["run"]})
        verified = function.call({"action": "verify", "read_data_subset": "1/1"})

        self.assertEqual((saved["status"], saved["saved"]), ("DONE", 2))
        self.assertEqual((end["status"], end["unchanged"]), ("DONE", 2))
        self.assertEqual((verified["status"], verified["verified"]), ("DONE", 2))

    def test_without_reading_the_secret_it_says_so(self):
        self.assert_refused("secretsmanager:GetSecretValue")

    def test_without_reading_objects_it_says_so(self):
        self.assert_refused("s3:GetObject")

    def test_without_writing_objects_it_says_so(self):
        self.assert_refused("s3:PutObject")

    def test_without_listing_the_bucket_it_says_so(self):
        self.assert_refused("s3:ListBucket", {"action": "verify"})

    def test_it_can_delete_nothing(self):
        self.start().call({"action": "backup"})
        client = self.aws.client("s3", self.key["AccessKeyId"], self.key["SecretAccessKey"])

        with self.assertRaises(ClientError) as refused:
            client.delete_object(Bucket=BUCKET, Key=f"{PREFIX}/hubkeep.json")

        self.assertEqual(refused.exception.response["Error"]["Code"], "AccessDenied")
