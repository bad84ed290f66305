"""The function as Lambda runs it: what it is sent, what it answers, what it writes into log and vault."""
import io
import json
import subprocess
import threading
import unittest
import zipfile

import surroundings
from runtime_api import FunctionFailed
from surroundings import GIT, HUBKEEP, S3, TOKEN, Aws, GitHub, git, packaged_program, started, temporary_folder

PREFIX = "backups"
SECRET = "prod/github-backup"
SHORT = 4  # seconds that an invocation has
LONG_DELAY = {"type": "delay", "milliseconds": 60_000}


class FunctionCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.aws = cls.enterClassContext(Aws())
        cls.s3 = cls.enterClassContext(S3())
        cls.github = cls.enterClassContext(GitHub(4))

    def setUp(self):
        self.aws.reset()
        self.github.mend()
        self.github.control("DELETE", "/log")
        self.bucket = self._testMethodName.replace("_", "-")[:63].rstrip("-")
        self.s3.client().create_bucket(Bucket=self.bucket)
        self.settings = {"TOKEN_GITHUB": TOKEN, "BACKUP_ONLY_OWNER_REPOS": "True", "BACKUP_S3_BUCKET": self.bucket,
                         "BACKUP_S3_PREFIX": PREFIX}  # as in secrets that are older than hubkeep
        self.secrets = self.aws.client("secretsmanager")

    def given_secret(self, content=None, **kinds):
        content = self.settings if content is None else content
        if not kinds:
            kinds = {"SecretString": content if isinstance(content, str) else json.dumps(content)}
        self.secrets.create_secret(Name=SECRET, **kinds)

    def environment(self, **more):
        return {"HUBKEEP_SECRET_ID": SECRET, "GITHUB_API_URL": self.github.api, "AWS_ENDPOINT_URL_S3": self.s3.url,
                "AWS_ENDPOINT_URL_SECRETS_MANAGER": self.aws.url, **more}

    def start(self, command=(HUBKEEP,), **more):
        function = self.enterContext(started(self.environment(**more), command))
        self.addCleanup(self.check_log, function)  # runs first: the log is still there
        function.api.wait_until_ready()
        return function

    def check_log(self, function):
        self.assertNotIn(TOKEN, function.log_text())
        function.log_lines()  # each is JSON

    def keys(self):
        return [entry["Key"] for entry in self.s3.client().list_objects_v2(Bucket=self.bucket).get("Contents", [])]

    def hubkeep(self, *arguments):
        environment = {**GIT, "AWS_ACCESS_KEY_ID": surroundings.KEY, "AWS_SECRET_ACCESS_KEY": surroundings.SECRET_KEY,
                       "AWS_REGION": surroundings.REGION, "AWS_ENDPOINT_URL_S3": self.s3.url}
        command = [HUBKEEP, *map(str, arguments), "--from", f"s3://{self.bucket}/{PREFIX}"]
        return subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)

    def assert_restores(self, names):
        with temporary_folder() as folder:
            done = self.hubkeep("restore", "--all", folder / "out", "--mirror")
            self.assertEqual(done.returncode, 0, done.stdout)
            for name in names:
                restored = next(path for path in (folder / f"out/{name}", folder / f"out/{name}.git") if path.exists())
                git("-C", restored, "fsck", "--strict")
                self.assertEqual(git("-C", restored, "for-each-ref"),
                                 git("-C", self.github.bare(name), "for-each-ref"))

    def assert_fails(self, function, event, error_type, *words):
        """In the answer and in the log, in words, and without the token."""
        answer = function.invoke(event)

        self.assertIsNotNone(answer.error, answer.body)
        self.assertEqual(answer.error["errorType"], error_type, answer.error)
        self.assertEqual(answer.error_type, error_type)
        for word in words:
            self.assertIn(word, answer.error["errorMessage"])
            self.assertTrue(any(word in json.dumps(line) for line in function.log_lines()), function.log_text())
        self.assertNotIn(TOKEN, answer.body.decode())
        return answer

    def assert_backs_up_all(self, function):
        answer = function.call({"action": "backup"})

        self.assertEqual((answer["status"], answer["saved"], answer["failed"], answer["failures"]), ("DONE", 4, 0, []))
        self.assertNotIn(TOKEN, json.dumps(answer))
        self.assert_restores(self.github.names)

    def read(self, key):
        return self.s3.client().get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def assert_zips_of(self, names):
        """One of each repository, named by the day's metadata, and with what is committed in it."""
        metadata, = [key for key in self.keys() if key.startswith(f"{PREFIX}/zip/") and key.endswith("/metadata.json")]
        zips = json.loads(self.read(metadata))["zips"]

        self.assertEqual(sorted(f"{entry['owner']}/{entry['name']}" for entry in zips), names)
        for entry in zips:
            with zipfile.ZipFile(io.BytesIO(self.read(PREFIX + entry["key"]))) as archive:
                self.assertEqual(archive.comment.decode(), entry["commit"])
                self.assertIn(b"content\n", [archive.read(name) for name in archive.namelist()])

    def plan_of(self, function, run="test"):
        plan = function.call({"action": "plan", "run": run})
        body = self.s3.client().get_object(Bucket=plan["bucket"], Key=plan["key"])["Body"].read()
        return plan, json.loads(body)

    @staticmethod
    def event_of(plan, batch):
        return {"action": "backup-repositories", "run": plan["run"], "attempt": 1, "batch": batch}


class Backup(FunctionCase):
    def test_all_settings_come_from_an_old_style_secret(self):
        self.given_secret()

        self.assert_backs_up_all(self.start())

        self.assertTrue(all(key.startswith(PREFIX + "/") for key in self.keys()), self.keys())

    def test_the_packaged_program_does_it_in_an_empty_root(self):
        self.given_secret()

        self.assert_backs_up_all(self.start(packaged_program(self)))

    def test_a_second_event_in_the_same_process_finds_all_unchanged(self):
        self.given_secret()
        function = self.start()
        function.call({"action": "backup"})
        before = self.github.fetched()

        again = function.call({"action": "backup"})

        self.assertEqual((again["status"], again["saved"], again["unchanged"]), ("DONE", 0, 4))
        self.assertEqual(self.github.fetched(), before)

    def test_a_repository_that_fails_is_named_and_the_others_are_saved(self):
        self.given_secret()
        self.github.fault({"type": "respond", "status": 403}, repository="ada/r2", kind="git")
        function = self.start()

        answer = function.call({"action": "backup"})

        self.assertEqual((answer["status"], answer["saved"], answer["failed"]), ("INCOMPLETE", 3, 1))
        self.assertEqual([failure["repository"] for failure in answer["failures"]], ["ada/r2"])
        self.assertTrue(answer["failures"][0]["error"])
        self.assertTrue(any("ada/r2" in json.dumps(line) for line in function.log_lines()))
        self.assert_restores(["ada/r0", "ada/r1", "ada/r3"])

    def test_a_repository_that_is_gone_before_it_is_its_turn_is_told_and_the_others_are_saved(self):
        self.given_secret()
        self.github.fault({"type": "respond", "status": 404}, repository="ada/r2", kind="git")
        function = self.start()

        answer = function.call({"action": "backup"})

        self.assertEqual((answer["status"], answer["saved"], answer["failed"]), ("INCOMPLETE", 3, 1))
        failure, = answer["failures"]
        self.assertEqual((failure["repository"], failure["kind"]), ("ada/r2", "not_found"))
        self.assert_restores(["ada/r0", "ada/r1", "ada/r3"])

    def test_what_the_time_was_too_short_for_is_done_by_the_next_run(self):
        self.given_secret()
        function = self.start(HUBKEEP_JOBS="1")
        self.github.fault(LONG_DELAY, repository="ada/r2", git_command="fetch")

        cut = function.call({"action": "backup"}, timeout=SHORT)
        self.github.mend()
        saved_first = [name for name in self.github.names if self.github.fetched()[name] == 1]
        done = function.call({"action": "backup"})

        self.assertEqual((cut["status"], cut["failed"], cut["saved"]), ("CONTINUE", 0, len(saved_first)))
        self.assertEqual((done["status"], done["saved"], done["unchanged"]), ("DONE", 4 - len(saved_first),
                                                                              len(saved_first)))
        self.assertTrue(all(self.github.fetched()[name] == 1 for name in saved_first))
        self.assert_restores(self.github.names)

    def test_a_bucket_that_does_not_answer_in_time_is_given_up_before_lambda_ends_the_function(self):
        self.given_secret()
        function = self.start()
        answers = threading.Event()
        self.s3.before = lambda request: answers.wait(60) if request.path.endswith("hubkeep.json") else None
        self.addCleanup(setattr, self.s3, "before", lambda request: None)
        self.addCleanup(answers.set)

        answers_of = {action: function.invoke({"action": action}, SHORT) for action in ("backup", "plan", "verify")}

        self.assertEqual(answers_of.pop("verify").value["status"], "CONTINUE")
        for action, answer in answers_of.items():
            self.assertEqual(answer.error["errorType"], "Hubkeep.Cancelled", action)
            self.assertIn("the time of this invocation was over", answer.error["errorMessage"])

    def test_an_app_whose_id_is_a_variable_and_whose_key_is_in_the_secret(self):
        key = self.github.app_key.read_text()
        settings = {name: value for name, value in self.settings.items() if name != "TOKEN_GITHUB"}
        self.given_secret({**settings, "HUBKEEP_APP_KEY": key})
        function = self.start(HUBKEEP_APP_ID=str(self.github.APP_ID))

        self.assert_backs_up_all(function)

        self.assertNotIn(key.splitlines()[1], function.log_text())

    def test_zips_are_saved_besides_the_history(self):
        self.given_secret({**self.settings, "BACKUP_ZIP": "True"})

        self.assert_backs_up_all(self.start())

        self.assert_zips_of(self.github.names)

    def test_metrics_are_in_the_embedded_format(self):
        self.given_secret()
        function = self.start()
        function.call({"action": "backup"})

        line, = [line for line in function.log_lines() if "_aws" in line]

        directive, = line["_aws"]["CloudWatchMetrics"]
        self.assertIsInstance(line["_aws"]["Timestamp"], int)
        self.assertEqual((directive["Namespace"], directive["Dimensions"]), ("hubkeep", [["FunctionName"]]))
        self.assertEqual(line["FunctionName"], "hubkeep")
        values = {metric["Name"]: line[metric["Name"]] for metric in directive["Metrics"]}
        self.assertEqual((values["RepositoriesDone"], values["RepositoriesFailed"]), (4, 0))
        self.assertTrue(all(isinstance(value, (int, float)) for value in values.values()), values)


class Refusals(FunctionCase):
    def assert_backup_fails(self, error_type, *words, **environment):
        self.assert_fails(self.start(**environment), {"action": "backup"}, error_type, *words)
        self.assertFalse([key for key in self.keys() if "/repos/" in key or "/runs/" in key])

    def test_a_secret_that_is_missing(self):
        self.assert_backup_fails("Hubkeep.NotFound", SECRET)

    def test_a_secret_that_is_no_json(self):
        self.given_secret(f"TOKEN_GITHUB={TOKEN}")

        self.assert_backup_fails("Hubkeep.Invalid", SECRET)

    def test_a_secret_without_a_token(self):
        self.given_secret({"BACKUP_S3_BUCKET": self.bucket})

        self.assert_backup_fails("Hubkeep.Unauthorized", SECRET, "TOKEN_GITHUB")

    def test_a_secret_that_is_binary(self):
        self.given_secret(SecretBinary=json.dumps(self.settings).encode())

        self.assert_backup_fails("Hubkeep.Invalid", SECRET, "SecretString")

    def test_no_destination_anywhere(self):
        self.given_secret({"TOKEN_GITHUB": TOKEN})

        self.assert_backup_fails("Hubkeep.Invalid", "BACKUP_S3_BUCKET")

    def test_a_token_that_github_does_not_take(self):
        self.given_secret({**self.settings, "TOKEN_GITHUB": "ghp_another"})

        self.assert_backup_fails("Hubkeep.Unauthorized", "TOKEN_GITHUB", SECRET)

    def test_credentials_that_s3_does_not_take(self):
        self.given_secret()

        self.assert_backup_fails("Hubkeep.Unauthorized", self.bucket, "s3:GetObject", AWS_ACCESS_KEY_ID="ASIAOTHER")

    def test_an_action_that_is_unknown_does_not_end_the_process(self):
        self.given_secret()
        function = self.start()

        self.assert_fails(function, {"action": "remove"}, "Hubkeep.Invalid", "remove", "backup")
        self.assert_fails(function, b"[]", "Hubkeep.Invalid", "JSON object")
        self.assert_fails(function, {}, "Hubkeep.Invalid", "action")

        self.assertEqual(function.call({"action": "backup"})["status"], "DONE")

    def test_a_time_that_is_over_before_the_catalog_is_read(self):
        self.given_secret()
        function = self.start()
        function.call({"action": "backup"})
        goes_on = threading.Event()
        self.s3.before = lambda request: goes_on.wait(60) if "/catalog." in request.path else None
        self.addCleanup(setattr, self.s3, "before", lambda request: None)
        self.addCleanup(goes_on.set)

        answer = function.invoke({"action": "backup"}, timeout=SHORT)

        self.assertEqual(answer.error["errorType"], "Hubkeep.Cancelled")
        self.assertIn("time of this invocation was over", answer.error["errorMessage"])

    def test_a_run_without_a_plan(self):
        self.given_secret()

        function = self.start()
        run = "2001" + self.plan_of(function)[0]["run"][4:]

        self.assert_fails(function, {"action": "finish", "run": run}, "Hubkeep.NotFound", run)

    def test_a_wrong_setting_in_the_environment_ends_the_process_at_its_start(self):
        with started(self.environment(HUBKEEP_JOBS="many")) as function:
            with self.assertRaises(FunctionFailed):
                function.invoke({"action": "backup"})

            error, = function.api.init_errors
            self.assertEqual(error["errorType"], "Hubkeep.Invalid")
            self.assertIn("HUBKEEP_JOBS", error["errorMessage"])
            self.assertTrue(any("HUBKEEP_JOBS" in json.dumps(line) for line in function.log_lines()))


class SharedRun(FunctionCase):
    def test_what_the_time_was_too_short_for_is_done_by_the_next_event(self):
        self.assert_shared_run_is_cut_and_goes_on((HUBKEEP,))

    def test_the_packaged_program_does_so_in_an_empty_root(self):
        self.assert_shared_run_is_cut_and_goes_on(packaged_program(self))

    def assert_shared_run_is_cut_and_goes_on(self, command):
        self.given_secret()
        function = self.start(command, HUBKEEP_JOBS="1")
        plan, (batch,) = self.plan_of(function)
        self.github.fault(LONG_DELAY, repository="ada/r2", git_command="fetch")

        left = function.call(self.event_of(plan, batch), timeout=SHORT)
        self.github.mend()
        done = function.call(left)
        end = function.call({"action": "finish", "run": plan["run"]})

        left_over = {item["repository"]["full_name"] for item in left["batch"]["items"]}
        self.assertEqual((left["status"], left["attempt"], done["status"]), ("CONTINUE", 2, "DONE"))
        self.assertIn("ada/r2", left_over)
        self.assertEqual((end["status"], end["saved"], end["failed"]), ("DONE", 4, 0))
        self.assertTrue(all(self.github.fetched()[name] == 1 for name in set(self.github.names) - left_over))
        self.assert_restores(self.github.names)

    def test_zips_are_saved_by_the_workers_and_named_by_the_end(self):
        self.given_secret({**self.settings, "BACKUP_ZIP": "True"})
        function = self.start()
        plan, (batch,) = self.plan_of(function)

        function.call(self.event_of(plan, batch))
        named_early = [key for key in self.keys() if key.endswith("metadata.json")]
        end = function.call({"action": "finish", "run": plan["run"]})

        self.assertEqual((end["status"], end["saved"], named_early), ("DONE", 4, []))
        self.assert_zips_of(self.github.names)

    def test_an_event_that_comes_twice_does_no_harm(self):
        self.given_secret()
        function = self.start()
        plan, (batch,) = self.plan_of(function)

        for event in (self.event_of(plan, batch), self.event_of(plan, batch)):
            self.assertEqual(function.call(event)["status"], "DONE")
        ends = [function.call({"action": "finish", "run": plan["run"]}) for _ in range(2)]

        self.assertEqual([(end["status"], end["saved"]) for end in ends], [("DONE", 4)] * 2)
        self.assertEqual(self.github.fetched(), {name: 1 for name in self.github.names})
        self.assert_restores(self.github.names)

    def test_another_repository_that_takes_a_name_during_the_run_is_not_saved_as_the_first(self):
        self.given_secret()
        github = self.enterContext(GitHub(2))  # renamed in the end
        function = self.start(GITHUB_API_URL=github.api)
        function.call({"action": "backup"})
        github.push("ada/r0")
        plan, (batch,) = self.plan_of(function)
        github.give_name_to_another("ada/r0", "moved")
        for item in batch["items"]:
            item["repository"]["listed_at"] = "2026-01-02T03:04:05Z"  # long ago

        function.call(self.event_of(plan, batch))
        end = function.call({"action": "finish", "run": plan["run"]})

        self.assertEqual((end["status"], end["saved"], end["failed"]), ("INCOMPLETE", 0, 1))
        self.assertIn("ada/moved", end["failures"][0]["error"])
        self.assertEqual(function.call({"action": "backup"})["saved"], 2)
        self.assertIn("ada/moved", self.hubkeep("list").stdout)

    def test_no_worker_ever_answers_for_a_repository_that_has_no_result(self):
        self.given_secret()
        function = self.start()
        plan, _ = self.plan_of(function)

        end = function.call({"action": "finish", "run": plan["run"]})

        self.assertEqual((end["status"], end["saved"], end["failed"]), ("INCOMPLETE", 0, 4))


class LargeHistory(FunctionCase):
    """A transfer that takes twice as long as an invocation has, in bytes: when that many have come, nothing moves until
    the invocation's time is over.
    """
    NAME, MOST = "ada/r0", 6
    TIME = 8  # seconds: bytes are to be what ends an invocation, on a busy machine too

    def setUp(self):
        super().setUp()
        self.github = self.enterContext(GitHub(1))
        self.given_secret()
        self.function = self.start(HUBKEEP_JOBS="1")
        self.cut = self.fetched = 0  # bytes of packs

    def given_history(self, size_kb=0, **shape):
        """GitHub says that it has `size_kb`. Returns how many bytes its pack has in one piece."""
        self.github.control("PATCH", "/repositories/100", {"history": shape, "size_kb": size_kb})
        with temporary_folder() as folder:
            git("clone", "--quiet", "--mirror", f"{self.github.origin}/{self.NAME}.git", folder / "clone")
        pack, = self.packs()
        return pack

    def packs(self):
        """How much of each pack was sent since the last call, questions aside."""
        packs = [fetch["pack_bytes"] for fetch in self.github.fetches()
                 if not fetch["is_question"] and fetch["status"] == 200]
        self.github.control("DELETE", "/log")
        return packs

    def invoke_for(self, size, event, timeout=TIME):
        self.github.fault({"type": "hold_packs_at", "bytes": size}, git_command="fetch", is_question=False)
        answer = self.function.call(event, timeout)
        self.github.mend()
        packs = self.packs()
        self.fetched += sum(packs)
        if answer["status"] == "CONTINUE":
            self.cut += packs[-1] if packs else 0
        return answer

    def assert_arrives(self, **shape):
        whole = self.given_history(**shape)
        plan, (batch,) = self.plan_of(self.function)
        answers = [self.event_of(plan, batch)]
        while len(answers) <= self.MOST and answers[-1].get("status") != "DONE":
            answers.append(self.invoke_for(whole * 45 // 100, answers[-1]))
        end = self.function.call({"action": "finish", "run": plan["run"]})

        self.assertEqual((answers[-1]["status"], end["status"], end["saved"]), ("DONE", "DONE", 1), answers)
        self.assertGreater(len(answers), 3)
        self.assertTrue(any("open" in item for answer in answers 
                            for item in answer.get("batch", {}).get("items", [])), answers)
        self.assertLess(self.fetched - self.cut, whole * 1.05 + 2000)
        self.assert_restores([self.NAME])
        verified = self.hubkeep("verify", "--deep")
        self.assertEqual(verified.returncode, 0, verified.stdout)

    def test_of_one_branch_arrives_in_a_few_invocations(self):
        self.assert_arrives(commits=96, bytes=10_000)

    def test_with_twelve_tags_does(self):
        self.assert_arrives(commits=96, bytes=10_000, tags=12)

    def test_with_a_tag_at_the_tip_does(self):
        self.assert_arrives(commits=96, bytes=10_000, latest=True)

    def test_with_merges_all_over_does(self):
        self.assert_arrives(commits=48, bytes=10_000, merge_every=3)

    def test_arrives_by_runs_that_are_not_shared(self):
        whole = self.given_history(commits=96, bytes=10_000, size_kb=1_000_000)
        statuses = []
        while len(statuses) < self.MOST and "DONE" not in statuses:
            statuses.append(self.invoke_for(whole * 45 // 100, {"action": "backup"})["status"])

        self.assertEqual(statuses[-1], "DONE")
        self.assertLess(self.fetched - self.cut, whole * 1.05 + 2000)
        self.assert_restores([self.NAME])

    def test_of_one_commit_that_is_too_large_ends_with_its_name(self):
        whole = self.given_history(commits=1, bytes=2_000_000)
        plan, (batch,) = self.plan_of(self.function)
        answers = [self.event_of(plan, batch)]
        while len(answers) < 5 and answers[-1].get("status") != "DONE":
            answers.append(self.invoke_for(whole // 4, answers[-1], SHORT))
        end = self.function.call({"action": "finish", "run": plan["run"]})

        self.assertEqual(len(answers), 4, "three attempts")
        self.assertEqual((end["status"], end["failed"]), ("INCOMPLETE", 1))
        commit = git("-C", self.github.bare(self.NAME), "rev-parse", "main").strip()
        for words in (commit, "run hubkeep once where it may take longer", "came"):
            self.assertIn(words, end["failures"][0]["error"])


class Verify(FunctionCase):
    def setUp(self):
        super().setUp()
        self.given_secret()
        self.function = self.start(HUBKEEP_JOBS="1")
        self.function.call({"action": "backup"})

    def test_a_part_of_the_vault_is_read(self):
        answer = self.function.call({"action": "verify", "read_data_subset": "1/2"})

        self.assertEqual((answer["status"], answer["verified"], answer["damaged"]), ("DONE", 4, []))
        self.assertEqual(answer["read_data_subset"], "1/2")

    def test_it_goes_on_after_the_folder_that_it_is_told(self):
        folders = sorted({key.removeprefix(PREFIX + "/").split("snapshots/")[0]
                          for key in self.keys() if "/snapshots/" in key})

        answer = self.function.call({"action": "verify", "after": folders[1]})

        self.assertEqual((len(folders), answer["status"], answer["verified"]), (4, "DONE", 2))

    def test_what_the_time_was_too_short_for_is_verified_by_the_next_event(self):
        goes_on = threading.Event()
        self.s3.before = lambda request: goes_on.wait(60) if "/r2." in request.path else None
        self.addCleanup(setattr, self.s3, "before", lambda request: None)
        self.addCleanup(goes_on.set)

        left = self.function.call({"action": "verify"}, timeout=SHORT)
        goes_on.set()
        done = self.function.call(left)

        self.assertEqual((left["status"], done["status"]), ("CONTINUE", "DONE"))
        self.assertGreaterEqual(done["verified"], 2)
        self.assertEqual(left["verified"] + done["verified"], 4)

    def test_what_is_damaged_is_named(self):
        client = self.s3.client()
        bundle = next(key for key in self.keys() if "r3" in key and key.endswith(".bundle"))
        client.put_object(Bucket=self.bucket, Key=bundle, Body=b"not what was there")

        answer = self.function.call({"action": "verify"})

        self.assertEqual(answer["status"], "INCOMPLETE")
        self.assertEqual(len(answer["damaged"]), 1)
        self.assertIn("ada/r3", json.dumps(answer["damaged"]))

    def test_a_subset_that_is_none(self):
        self.assert_fails(self.function, {"action": "verify", "read_data_subset": "7/1"}, "Hubkeep.Invalid", "7/1")


class Drill(FunctionCase):
    def setUp(self):
        super().setUp()
        self.given_secret()
        self.function = self.start(HUBKEEP_JOBS="1")
        self.function.call({"action": "backup"})

    def test_it_restores_and_keeps_what_it_found(self):
        answer = self.function.call({"action": "drill", "count": 2, "seed": 7, "against_github": True})

        self.assertEqual((answer["status"], answer["restored"], answer["failures"]), ("DONE", 2, []))
        stored = self.s3.client().get_object(Bucket=self.bucket, Key=f"{PREFIX}/{answer['key']}")["Body"].read()
        result = json.loads(stored)
        self.assertEqual((result["seed"], result["against_github"]), (7, True))
        self.assertTrue(all(each["compared_with_github"] for each in result["repositories"]))

    def test_what_is_damaged_is_named(self):
        client = self.s3.client()
        bundle = next(key for key in self.keys() if "r3" in key and key.endswith(".bundle"))
        client.put_object(Bucket=self.bucket, Key=bundle, Body=b"not what was there")

        answer = self.function.call({"action": "drill", "all": True})

        self.assertEqual((answer["status"], answer["restored"]), ("INCOMPLETE", 3))
        self.assertEqual([each["repository"] for each in answer["failures"]], ["ada/r3"])

    def test_a_key_that_is_none(self):
        self.assert_fails(self.function, {"action": "drill", "against-github": True}, "Hubkeep.Invalid",
                          "against-github")
