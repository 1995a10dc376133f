"""The reference systems are deployed by the command, as their runbooks say, with their own parameter files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from infra_checks.core.declared import declared_stack
from infra_checks.live.settings import FILE, read_settings
from infra_checks.sandbox.server import Sandbox

Deploy = Callable[..., int]

INFRA = Path(__file__).parents[3] / "infra"
SYSTEMS = sorted(file.parent.name for file in INFRA.glob(f"*/{FILE}"))
CODE_BUCKET = "code-of-tests"
REGIONS = {"staging_saas": "us-west-2"}
"""Where it is not us-east-1: the copies of its backups go there."""

SYNTHESISED = {"ecommerce_database": ["production"]}
"""Whose template is that of one environment."""


def environments() -> list[tuple[str, str]]:
    return [(name, each) for name in SYSTEMS for each in SYNTHESISED.get(name, ["production", "development"])]


def parameters(system: str, environment: str) -> dict[str, str]:
    entries = json.loads((INFRA / system / "parameters" / f"{environment}.json").read_text())
    return {each["ParameterKey"]: each["ParameterValue"] for each in entries}


def make_buckets(sandbox: Sandbox, names: set[str], region: str) -> None:
    """The buckets that have to be there before: for code, and for access logs with the policy that S3 asks for."""
    s3 = sandbox.client("s3", region)
    elsewhere = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    for name in names:
        s3.create_bucket(Bucket=name, **elsewhere)
        logs = {
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{name}/*",
        }
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [logs]}))


def own_parameters(sandbox: Sandbox, given: dict[str, str], region: str) -> dict[str, str]:
    """In place of the examples in the parameter files: what the account itself has."""
    if "CertificateId" not in given:
        return {}
    made = sandbox.client("acm", region).request_certificate(DomainName="platform.example.com")
    return {"CertificateId": made["CertificateArn"].rpartition("/")[2]}


def deploy_copies(deploy: Deploy, system: str, environment: str, given: dict[str, str]) -> None:
    """What backups are copied to, in the region of the copies and before the stack, where a system has that."""
    copies = next((INFRA / system).glob("copies.*"), None)
    if copies is None or environment not in {"staging", "production"}:
        return
    named = ("EnvironmentName", "EnvironmentSuffix")
    values = [part for name in named for part in ("--parameters", f"{name}={given[name]}")]
    allowed = ("--capabilities", "CAPABILITY_NAMED_IAM", "--capabilities", "CAPABILITY_AUTO_EXPAND")
    assert (
        deploy(copies, f"{system}-copies".replace("_", "-"), *values, *allowed, region=given["BackupCopyRegion"]) == 0
    )


@pytest.mark.parametrize(("system", "environment"), environments())
def test_it_is_created_with_its_outputs_and_the_second_time_nothing_changes(
    sandbox: Sandbox,
    deploy: Deploy,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    system: str,
    environment: str,
) -> None:
    given, region = parameters(system, environment), REGIONS.get(system, "us-east-1")
    make_buckets(sandbox, {CODE_BUCKET, *(value for name, value in given.items() if "Bucket" in name)}, region)
    deploy_copies(deploy, system, environment, given)
    file = INFRA / system / "parameters" / f"{environment}.json"
    name, outputs = system.replace("_", "-"), tmp_path / "outputs.json"
    own = own_parameters(sandbox, given, region)
    values = [part for key, value in own.items() for part in ("--parameters", f"{key}={value}")]
    options = ["--parameters", str(file), *values, "--bucket", CODE_BUCKET, "--outputs", str(outputs)]

    assert deploy(INFRA / system, name, *options, "--termination-protection", region=region) == 0, capsys.readouterr()
    written = json.loads(outputs.read_text())
    declared = declared_stack(read_settings(INFRA / system).template, {**given, **own, "AWS::Region": region})
    assert sorted(written) == sorted(declared.outputs)
    assert all(isinstance(value, str) and value for value in written.values())
    capsys.readouterr()

    assert deploy(INFRA / system, name, *options, region=region) == 0
    assert capsys.readouterr().out == f"{name}: no changes\n"
