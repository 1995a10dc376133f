"""`infra-checks live` on a stack of the sandbox, with faults on the way.

The readers here are of the test: what is tested is what all readers stand on.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from infra_checks.cli import run
from infra_checks.core.finding import Outcome
from infra_checks.core.report import ExitCode
from infra_checks.live.clients import Access
from infra_checks.live.permissions import action_of
from infra_checks.live.read_stack import live_stack
from infra_checks.live.reading import Asking, Read, Reader, Unread
from infra_checks.live.stacks import LiveStack
from infra_checks.live_checks import check_live
from infra_checks.sandbox.front import FrontDoor
from infra_checks.sandbox.server import Sandbox
from infra_checks.sandbox.testing import running_sandbox

REGION = "us-east-1"
TEMPLATE = """
Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: {Status: Enabled}
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}
  Dead:
    Type: AWS::SQS::Queue
  Trace:
    Type: AWS::XRay::Group
    Properties: {GroupName: shop}
Outputs:
  JobsUrl: {Value: !Ref Jobs}
"""
Environ = dict[str, Any]
Fault = Callable[[Environ, Callable[..., Any]], Iterable[bytes] | None]


def _queue(asking: Asking) -> Read:
    answer = asking.ask("sqs", "get_queue_attributes", QueueUrl=asking.physical_id, AttributeNames=["All"])
    if isinstance(answer, Unread):
        return answer
    redrive = answer["Attributes"].get("RedrivePolicy")
    name = answer["Attributes"]["QueueArn"].rpartition(":")[2]
    return {"QueueName": name, **({"RedrivePolicy": json.loads(redrive)} if redrive else {})}


def _bucket(asking: Asking) -> Read:
    answer = asking.ask("s3", "get_bucket_versioning", Bucket=asking.physical_id)
    if isinstance(answer, Unread):
        return {"BucketName": asking.physical_id, "VersioningConfiguration": answer}
    return {"BucketName": asking.physical_id, "VersioningConfiguration": {"Status": answer.get("Status", "Suspended")}}


READERS = {
    reader.type: reader
    for reader in (
        Reader("AWS::SQS::Queue", _queue, ("sqs:get_queue_attributes",)),
        Reader("AWS::S3::Bucket", _bucket, ("s3:get_bucket_versioning",)),
    )
}
sandbox = pytest.fixture(scope="module")(running_sandbox)


@pytest.fixture(autouse=True)
def _readers_of_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("read_stack", "permissions"):
        monkeypatch.setattr(f"infra_checks.live.{module}.reader_of", READERS.get)


@pytest.fixture
def stack(sandbox: Sandbox) -> str:
    sandbox.reset()
    made = sandbox.client("cloudformation", REGION).create_stack(
        StackName="shop", TemplateBody=TEMPLATE, Tags=[{"Key": "app", "Value": "shop"}]
    )
    return str(made["StackId"])


@pytest.fixture
def break_service(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Fault], None]:
    """Let a service answer as a fault does; None is its own answer."""
    honest = FrontDoor.__call__

    def broken(service: str, fault: Fault) -> None:
        def answer(self: FrontDoor, environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
            if f"/{service}/aws4_request" in environ.get("HTTP_AUTHORIZATION", ""):
                made = fault(environ, start)
                if made is not None:
                    return made
            return honest(self, environ, start)

        monkeypatch.setattr(FrontDoor, "__call__", answer)

    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    return broken


def refusing(status: str, code: str, times: float = float("inf")) -> Fault:
    left = [times]

    def fault(environ: Environ, start: Callable[..., Any]) -> Iterable[bytes] | None:
        if left[0] <= 0:
            return None
        left[0] -= 1
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if environ.get("HTTP_X_AMZ_TARGET"):
            start(status, [("Content-Type", "application/x-amz-json-1.0")])
            return [json.dumps({"__type": code, "message": "no"}).encode()]
        start(status, [("Content-Type", "application/xml")])
        return [f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()]

    return fault


def read(**options: Any) -> LiveStack:
    return live_stack("shop", Access(region=REGION, **{"attempts": 3, **options}))


def outcomes(stack: LiveStack, rule: str) -> dict[str, Outcome]:
    return {each.resource: each.outcome for each in check_live(stack).findings if each.rule == rule}


DLQ, VERSIONS = "sqs-queue-dlq-check", "s3-bucket-versioning-enabled"


@pytest.mark.usefixtures("stack")
def test_a_sound_stack_is_read_without_gaps() -> None:
    found = read()
    assert [resource.logical_id for resource in found if resource.unread] == []
    assert outcomes(found, DLQ) == {}
    assert outcomes(found, VERSIONS) == {}


@pytest.mark.usefixtures("stack")
def test_what_was_changed_by_hand_is_found(sandbox: Sandbox) -> None:
    bucket = read()["Data"].physical_id
    sandbox.client("s3", REGION).put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    assert outcomes(read(), VERSIONS) == {"Data": Outcome.FAIL}


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize(("status", "code"), [("503 Slow Down", "SlowDown"), ("500 Error", "InternalError")])
def test_what_fails_twice_is_read_the_third_time(
    break_service: Callable[[str, Fault], None], status: str, code: str
) -> None:
    break_service("s3", refusing(status, code, times=2))
    assert outcomes(read(attempts=4), VERSIONS) == {}


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("403 Forbidden", "AccessDenied"),
        ("503 Slow Down", "SlowDown"),
        ("500 Error", "InternalError"),
        ("404 Not Found", "NoSuchBucket"),
    ],
)
def test_a_service_that_refuses_leaves_only_its_own_resources_open(
    break_service: Callable[[str, Fault], None], status: str, code: str
) -> None:
    break_service("s3", refusing(status, code))
    found = read()
    assert code in found["Data"].unread["VersioningConfiguration"]
    assert "s3:GetBucketVersioning" in found["Data"].unread["VersioningConfiguration"]
    assert outcomes(found, VERSIONS) == {"Data": Outcome.UNDECIDED}
    assert outcomes(found, DLQ) == {}


@pytest.mark.usefixtures("stack")
def test_an_answer_that_is_cut_off_is_no_empty_answer(break_service: Callable[[str, Fault], None]) -> None:
    def cut(environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start("200 OK", [("Content-Type", "application/x-amz-json-1.0")])
        return [b'{"Attributes": {"QueueArn": "arn:aws:sqs:us-']

    break_service("sqs", cut)
    found = read()
    assert not found["Jobs"].is_read
    assert outcomes(found, DLQ) == {"Jobs": Outcome.UNDECIDED, "Dead": Outcome.UNDECIDED}


@pytest.mark.usefixtures("stack")
def test_a_resource_that_is_deleted_while_it_is_read_is_open(
    sandbox: Sandbox, break_service: Callable[[str, Fault], None]
) -> None:
    jobs = read()["Jobs"].physical_id
    deleting, gone = threading.Lock(), threading.Event()

    def delete_first(environ: Environ, _start: Callable[..., Any]) -> None:
        if environ.get("HTTP_X_AMZ_TARGET", "").endswith("DeleteQueue"):
            return
        with deleting:
            if not gone.is_set():
                sandbox.client("sqs", REGION).delete_queue(QueueUrl=jobs)
                gone.set()

    break_service("sqs", delete_first)
    found = read()
    assert "(deleted meanwhile?)" in found["Jobs"].unread[""]
    assert outcomes(found, DLQ) == {"Jobs": Outcome.UNDECIDED, "Dead": Outcome.UNDECIDED}


@pytest.mark.usefixtures("stack")
def test_a_service_that_does_not_answer_ends_the_waiting(break_service: Callable[[str, Fault], None]) -> None:
    over = threading.Event()

    def hang(_environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        over.wait(20)
        start("503 Late", [])
        return []

    break_service("s3", hang)
    started = time.monotonic()
    try:
        found = read(attempts=2, read_timeout=0.3, connect_timeout=1)
        assert time.monotonic() - started < 10
        assert "Timeout" in found["Data"].unread["VersioningConfiguration"]
        assert outcomes(found, VERSIONS) == {"Data": Outcome.UNDECIDED}
    finally:
        over.set()


@pytest.mark.usefixtures("stack")
def test_a_policy_that_was_put_on_a_bucket_by_hand_is_judged(sandbox: Sandbox) -> None:
    rule = "s3-bucket-ssl-requests-only"
    assert outcomes(read(), rule) == {"Data": Outcome.FAIL}
    bucket = read()["Data"].physical_id
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sandbox.client("s3", REGION).put_bucket_policy(Bucket=bucket, Policy=document)
    found = read()
    assert list(found.beside) == ["Data.BucketPolicy", "Dead.Alarm", "Jobs.Alarm"]
    assert outcomes(found, rule) == {}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The operations that this process asks of AWS, without those that the sandbox itself asks."""
    from botocore.client import BaseClient  # noqa: PLC0415 - an extra

    found: set[str] = set()
    original = BaseClient._make_api_call

    def call(self: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        if threading.current_thread() is threading.main_thread() or threading.current_thread().name.startswith("live"):
            methods = {api: method for method, api in self.meta.method_to_api_mapping.items()}
            service = self.meta.service_model.service_name
            found.add(f"{service}:{methods[operation]}")
        return original(self, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return found


@pytest.mark.usefixtures("stack")
def test_no_call_is_made_that_the_printed_policy_does_not_allow(
    asked: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["live", "permissions", "--stack-name", "shop", "--region", REGION]) == 0
    policy = json.loads(capsys.readouterr().out)
    allowed = {action for statement in policy["Statement"] for action in statement["Action"]}
    asked.clear()
    run(["live", "--stack-name", "shop", "--region", REGION, "--format", "json"])
    assert len(asked) > 5
    assert {action_of(operation) for operation in asked} <= allowed


def live(*arguments: str) -> int:
    return run(["live", "--region", REGION, *arguments])


@pytest.mark.parametrize("named", ["name", "arn", "outputs", "tag"])
def test_a_stack_is_found_in_each_way(
    named: str, stack: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], sandbox: Sandbox
) -> None:
    outputs = tmp_path / "outputs.json"
    described = sandbox.client("cloudformation", REGION).describe_stacks(StackName="shop")["Stacks"][0]["Outputs"]
    outputs.write_text(json.dumps({each["OutputKey"]: each["OutputValue"] for each in described}))
    given = {
        "name": ["--stack-name", "shop"],
        "arn": ["--stack-name", stack],
        "outputs": ["--stack-outputs", str(outputs)],
        "tag": ["--stack-tag", "app=shop"],
    }
    assert live(*given[named], "--select", VERSIONS) == ExitCode.CLEAN
    assert "0 violations" in capsys.readouterr().out


@pytest.mark.usefixtures("stack")
def test_a_stack_that_is_not_there_is_unusable_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert live("--stack-name", "none") == ExitCode.UNUSABLE_INPUT
    assert "none" in capsys.readouterr().err


def test_no_stack_or_two_are_unusable_input() -> None:
    assert live() == ExitCode.UNUSABLE_INPUT
    assert live("--stack-name", "a", "--stack-tag", "b=c") == ExitCode.UNUSABLE_INPUT


@pytest.mark.usefixtures("stack")
def test_a_finding_names_arn_link_and_the_templates_line(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket = read()["Data"].physical_id
    sandbox.client("s3", REGION).put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    template = tmp_path / "shop.yaml"
    template.write_text(TEMPLATE)
    given = ("--stack-name", "shop", "--select", VERSIONS, "--format", "json")
    assert live(*given, "--template", str(template)) == ExitCode.BLOCKED
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert finding["arn"] == f"arn:aws:s3:::{bucket}"
    assert bucket in finding["console"]
    assert (finding["template"], finding["line"]) == (template.as_posix(), 6)
    assert live(*given) == ExitCode.BLOCKED
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["template"], finding["line"]) == (f"123456789012/{REGION}/shop", 6)


@pytest.mark.usefixtures("stack")
def test_a_role_is_assumed_with_its_external_id(asked: set[str], sandbox: Sandbox) -> None:
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
    role = sandbox.client("iam").create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    given = ("--role-arn", role["Arn"], "--external-id", "shop", "--select", VERSIONS)
    assert live("--stack-name", "shop", *given) == ExitCode.CLEAN
    assert "sts:assume_role" in asked


@pytest.mark.usefixtures("stack")
def test_a_reader_that_fails_ends_with_code_3(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_asking: Asking) -> Read:
        raise KeyError

    broken = {**READERS, "AWS::SQS::Queue": Reader("AWS::SQS::Queue", fail, ())}
    monkeypatch.setattr("infra_checks.live.read_stack.reader_of", broken.get)
    assert live("--stack-name", "shop", "--select", VERSIONS) == ExitCode.RULE_FAILED
