"""What Terraform makes of deploy/terraform's module, by tests/terraform/render: the tests here run what is deployed."""
import functools
import json
import subprocess
import unittest
from pathlib import Path

RENDER = Path(__file__).resolve().parents[1] / "terraform/render"
BUCKET, PREFIX = "vault", "github"


@functools.cache
def _render():
    return subprocess.run([RENDER, f"bucket_name={BUCKET}", f"bucket_prefix={PREFIX}"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False)


def resources():
    """Their attributes by their addresses. Skips the test when Terraform, or what it takes here, is missing."""
    done = _render()
    if done.returncode == 77:
        raise unittest.SkipTest(done.stderr.strip())
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    module = json.loads(done.stdout)["values"]["root_module"]
    return {resource["address"]: resource["values"] for resource in module["resources"]}


def secret_arn():
    return resources()["aws_secretsmanager_secret.github[0]"]["arn"]


def environment(**more):
    """What the function is told."""
    return {**resources()["aws_lambda_function.hubkeep"]["environment"][0]["variables"], **more}
