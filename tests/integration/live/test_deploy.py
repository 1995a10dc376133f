from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from infra_checks.cli import run
from infra_checks.cli.deploy import _write_outputs
from infra_checks.live.packaging import package

BUCKET = "code-of-tests"
TEMPLATE = """
Parameters:
  CodeBucket: {Type: String}
  CodeKey: {Type: String}
  Wait: {Type: String, Default: '30'}
Resources:
  Queue: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: !Ref Wait}}
Outputs:
  Key: {Value: !Ref CodeKey}
  Bucket: {Value: !Ref CodeBucket}
"""
DEPLOY = """
template: template.yaml
capabilities: [CAPABILITY_IAM]
code: [{parameter: CodeKey, bucket-parameter: CodeBucket, folder: functions}]
regions: [us-east-1]
"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def account(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    client(url, "s3").create_bucket(Bucket=BUCKET)


def client(url: str, service: str) -> Any:
    return boto3.client(service, endpoint_url=url, region_name="us-east-1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions" / "handler.py").write_text("def handler(): ...\n")
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "deploy.yaml").write_text(DEPLOY)
    return tmp_path


def deploy(folder: Path, url: str, stack: str, *more: str, region: str = "us-east-1") -> int:
    given = ["--stack-name", stack, "--region", region, "--endpoint-url", url, *more]
    return run(["deploy", str(folder), *given])


CODE = ("--parameters", f"CodeBucket={BUCKET}")


def test_a_new_stack_gets_its_code_and_an_update_keeps_the_bucket(
    folder: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy(folder, url, "new", *CODE, "--yes") == 0
    assert deploy(folder, url, "new", "--parameters", "Wait=40", "--yes") == 0
    key = package(folder / "functions").key
    assert client(url, "s3").head_object(Bucket=BUCKET, Key=key)
    printed = capsys.readouterr().out
    assert "added            Queue (AWS::SQS::Queue)" in printed
    assert "new: UPDATE_COMPLETE" in printed


def test_outputs_are_a_flat_mapping_in_order(tmp_path: Path) -> None:
    # moto leaves no outputs behind when it executes a change set.
    pairs = [{"OutputKey": key, "OutputValue": value} for key, value in (("B", "2"), ("A", "1"))]
    _write_outputs(str(tmp_path / "outputs.json"), {"Outputs": pairs})
    assert (tmp_path / "outputs.json").read_text() == '{\n  "A": "1",\n  "B": "2"\n}\n'


def test_a_dry_run_leaves_neither_stack_nor_code_behind(folder: Path, url: str) -> None:
    (folder / "functions" / "handler.py").write_text("def other(): ...\n")
    before = client(url, "s3").list_objects_v2(Bucket=BUCKET).get("KeyCount")
    assert deploy(folder, url, "dry", *CODE, "--dry-run") == 0
    assert client(url, "s3").list_objects_v2(Bucket=BUCKET).get("KeyCount") == before
    stacks = client(url, "cloudformation").describe_stacks()["Stacks"]
    assert "dry" not in {stack["StackName"] for stack in stacks}


def test_what_would_be_lost_is_not_without_a_yes(folder: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    more = TEMPLATE.replace("Outputs:", "  Second: {Type: AWS::SQS::Queue}\nOutputs:")
    (folder / "template.yaml").write_text(more)
    assert deploy(folder, url, "losing", *CODE, "--yes") == 0
    (folder / "template.yaml").write_text(TEMPLATE)
    assert deploy(folder, url, "losing", *CODE) == 1
    assert "Second would or may be replaced or lost" in capsys.readouterr().err
    resources = client(url, "cloudformation").describe_stack_resources(StackName="losing")["StackResources"]
    assert "Second" in {resource["LogicalResourceId"] for resource in resources}


@pytest.mark.parametrize(
    ("more", "region", "message"),
    [
        ((), "us-east-1", "no bucket for the code"),
        (("--parameters", "Other=1"), "us-east-1", "has no parameter Other"),
        (CODE, "eu-west-1", "is for us-east-1, not for eu-west-1"),
    ],
)
def test_what_cannot_be_deployed_is_said_before_anything_is_done(
    folder: Path, url: str, more: tuple[str, ...], region: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy(folder, url, "unusable", *more, "--yes", region=region) == 2
    assert message in capsys.readouterr().err
