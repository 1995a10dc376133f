"""`infra-checks deploy` against an account on this machine."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra_checks.live.packaging import package
from infra_checks.sandbox.server import Sandbox

Deploy = Callable[..., int]
Captured = pytest.CaptureFixture[str]

BUCKET = "code-of-tests"
CODE = ("--parameters", f"CodeBucket={BUCKET}")
WITH_CODE = """
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
SETTINGS = """
template: template.yaml
capabilities: [CAPABILITY_IAM]
code: [{parameter: CodeKey, bucket-parameter: CodeBucket, folder: functions}]
regions: [us-east-1]
"""
QUEUES = """
Resources:
  Kept: {Type: AWS::SQS::Queue, Properties: {QueueName: kept}}
  Orders: {Type: AWS::SQS::Queue, Properties: {QueueName: orders}}
"""
ONE_QUEUE = "Resources: {Kept: {Type: AWS::SQS::Queue, Properties: {QueueName: kept}}}"
FAILING = """
Resources:
  Data: {Type: AWS::S3::Bucket, DeletionPolicy: Retain, Properties: {BucketName: data-of-tests}}
  Broken:
    Type: AWS::S3::Bucket
    DependsOn: Data
    Properties: {BucketName: broken-of-tests, LoggingConfiguration: {DestinationBucketName: nowhere-of-tests}}
  Later: {Type: AWS::SQS::Queue, DependsOn: Broken}
"""


@pytest.fixture
def folder(tmp_path: Path, sandbox: Sandbox) -> Path:
    """A system with code, and the bucket for it."""
    sandbox.client("s3").create_bucket(Bucket=BUCKET)
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions" / "handler.py").write_text("def handler(): ...\n")
    (tmp_path / "template.yaml").write_text(WITH_CODE)
    (tmp_path / "deploy.yaml").write_text(SETTINGS)
    return tmp_path


@pytest.fixture
def template(tmp_path: Path) -> Callable[[str], Path]:
    def written(text: str) -> Path:
        file = tmp_path / "one.yaml"
        file.write_text(text)
        return file

    return written


def keys(sandbox: Sandbox) -> set[str]:
    found = sandbox.client("s3").list_objects_v2(Bucket=BUCKET)
    return {each["Key"] for each in found.get("Contents", [])}


def stack(sandbox: Sandbox, name: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = sandbox.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    except ClientError:
        return None
    return found


class TestCode:
    def test_a_new_stack_gets_its_code_and_an_update_keeps_the_bucket(
        self, folder: Path, sandbox: Sandbox, deploy: Deploy, tmp_path: Path
    ) -> None:
        assert deploy(folder, "new", *CODE) == 0
        assert deploy(folder, "new", "--parameters", "Wait=40", "--outputs", str(tmp_path / "out.json")) == 0
        key = package(folder / "functions").key
        assert keys(sandbox) == {key}
        assert json.loads((tmp_path / "out.json").read_text()) == {"Bucket": BUCKET, "Key": key}

    def test_the_same_code_changes_nothing_and_its_outputs_are_written_all_the_same(
        self, folder: Path, deploy: Deploy, tmp_path: Path, capsys: Captured
    ) -> None:
        deploy(folder, "same", *CODE)
        assert deploy(folder, "same", "--outputs", str(tmp_path / "out.json")) == 0
        assert "same: no changes" in capsys.readouterr().out
        assert (tmp_path / "out.json").read_text().startswith('{\n  "Bucket": "code-of-tests",\n  "Key": "code/')

    def test_other_code_gets_another_key(self, folder: Path, sandbox: Sandbox, deploy: Deploy) -> None:
        deploy(folder, "other", *CODE)
        (folder / "functions" / "handler.py").write_text("def other(): ...\n")
        assert deploy(folder, "other") == 0
        assert len(keys(sandbox)) == 2


class TestLeavingNothingBehind:
    def test_a_dry_run_leaves_neither_stack_nor_code(self, folder: Path, sandbox: Sandbox, deploy: Deploy) -> None:
        assert deploy(folder, "dry", *CODE, "--dry-run") == 0
        assert keys(sandbox) == set()
        assert stack(sandbox, "dry") is None

    def test_a_dry_run_takes_back_a_large_template(self, folder: Path, sandbox: Sandbox, deploy: Deploy) -> None:
        (folder / "template.yaml").write_text(WITH_CODE + "# long\n" * 10_000)
        assert deploy(folder, "dry", *CODE, "--dry-run") == 0
        assert keys(sandbox) == set()

    def test_a_dry_run_that_is_refused_takes_back_a_large_template_too(
        self, folder: Path, sandbox: Sandbox, deploy: Deploy
    ) -> None:
        role = "  Role: {Type: AWS::IAM::Role, Properties: {RoleName: named, AssumeRolePolicyDocument: {}}}\nOutputs:"
        (folder / "template.yaml").write_text(WITH_CODE.replace("Outputs:", role) + "# long\n" * 10_000)
        assert deploy(folder, "dry", *CODE, "--dry-run") == 2
        assert keys(sandbox) == set()

    def test_a_large_template_is_deployed_from_the_bucket(self, folder: Path, sandbox: Sandbox, deploy: Deploy) -> None:
        (folder / "template.yaml").write_text(WITH_CODE + "# long\n" * 10_000)
        assert deploy(folder, "large", *CODE) == 0
        assert {key.partition("/")[0] for key in keys(sandbox)} == {"code", "templates"}

    def test_a_change_set_that_is_not_executed_stays_and_a_dry_run_does_not_take_it_away(
        self, template: Callable[[str], Path], sandbox: Sandbox, deploy: Deploy
    ) -> None:
        assert deploy(template(QUEUES), "reviewed", "--no-execute") == 0
        assert deploy(template(QUEUES), "reviewed", "--dry-run") == 0
        found = stack(sandbox, "reviewed")
        assert found is not None
        assert found["StackStatus"] == "REVIEW_IN_PROGRESS"
        assert len(sandbox.client("cloudformation").list_change_sets(StackName="reviewed")["Summaries"]) == 1

    def test_a_stack_that_was_only_reviewed_is_created(
        self, template: Callable[[str], Path], sandbox: Sandbox, deploy: Deploy
    ) -> None:
        deploy(template(QUEUES), "reviewed", "--no-execute")
        assert deploy(template(QUEUES), "reviewed") == 0
        found = stack(sandbox, "reviewed")
        assert found is not None
        assert found["StackStatus"] == "CREATE_COMPLETE"

    def test_a_change_set_that_cannot_be_made_leaves_no_stack(
        self, template: Callable[[str], Path], sandbox: Sandbox, deploy: Deploy, capsys: Captured
    ) -> None:
        assert deploy(template("Resources: {A: {Type: AWS::IAM::Role}}"), "refused") == 2
        assert "CAPABILITY" in capsys.readouterr().err
        assert stack(sandbox, "refused") is None


class TestWhatIsLost:
    def test_it_is_told_first_and_refused_without_a_yes(
        self, template: Callable[[str], Path], sandbox: Sandbox, deploy: Deploy, capsys: Captured
    ) -> None:
        deploy(template(QUEUES), "losing")
        capsys.readouterr()
        changed = ONE_QUEUE.replace("kept", "renamed")
        assert deploy(template(changed), "losing", yes=False) == 1
        printed = capsys.readouterr()
        url = "http"
        assert printed.out.startswith("losing: 1 removed and lost, 1 replaced\n")
        assert f"! Orders (AWS::SQS::Queue) {url}" in printed.out
        assert "/orders; its data is lost\n" in printed.out
        assert "/kept for QueueName; the former one is deleted with its data\n" in printed.out
        assert "Orders, Kept would or may be replaced or lost; --yes says that this is meant" in printed.err
        urls = sandbox.client("sqs").list_queues()["QueueUrls"]
        assert {each.rpartition("/")[2] for each in urls} == {"kept", "orders"}

    def test_a_policy_of_the_templates_tells_what_becomes_of_the_former_one(
        self, template: Callable[[str], Path], deploy: Deploy, capsys: Captured
    ) -> None:
        kept = QUEUES.replace("Orders: {", "Orders: {UpdateReplacePolicy: Retain, DeletionPolicy: Retain, ")
        deploy(template(kept), "keeping")
        capsys.readouterr()
        assert deploy(template(kept.replace("orders", "others")), "keeping", "--dry-run") == 0
        assert "/orders for QueueName; the former one is retained\n" in capsys.readouterr().out
        assert deploy(template(ONE_QUEUE), "keeping", yes=False) == 0
        assert "1 removed and retained" in capsys.readouterr().out

    @pytest.mark.parametrize(("answer", "code"), [("n", 1), ("y", 0)])
    def test_at_a_terminal_it_is_asked(
        self,
        template: Callable[[str], Path],
        sandbox: Sandbox,
        deploy: Deploy,
        monkeypatch: pytest.MonkeyPatch,
        capsys: Captured,
        answer: str,
        code: int,
    ) -> None:
        class Terminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        deploy(template(QUEUES), "asked")
        monkeypatch.setattr("sys.stdin", Terminal(f"{answer}\n"))
        assert deploy(template(ONE_QUEUE), "asked", yes=False) == code
        assert "1 of the resources are or may be replaced or lost. Execute? [y/N]" in capsys.readouterr().out
        assert len(sandbox.client("sqs").list_queues()["QueueUrls"]) == 2 - (answer == "y")

    def test_what_only_adds_and_changes_needs_no_yes(
        self, template: Callable[[str], Path], deploy: Deploy, capsys: Captured
    ) -> None:
        assert deploy(template(ONE_QUEUE), "growing", yes=False) == 0
        changed = QUEUES.replace("QueueName: kept", "QueueName: kept, VisibilityTimeout: 40")
        assert deploy(template(changed), "growing", yes=False) == 0
        printed = capsys.readouterr().out
        assert "growing: 1 changed, 1 added\n" in printed
        assert "/kept for VisibilityTimeout\n" in printed
        assert "  AWS::SQS::Queue: Orders\n" in printed


class TestFailing:
    def test_the_resource_that_failed_first_is_named_with_its_reason_and_a_retained_one_is_not_left(
        self, template: Callable[[str], Path], sandbox: Sandbox, deploy: Deploy, capsys: Captured
    ) -> None:
        assert deploy(template(FAILING), "failing") == 1
        printed = capsys.readouterr().err
        assert "error: Broken (AWS::S3::Bucket) failed first: " in printed
        assert "target bucket for logging does not exist" in printed
        assert "error: failing is now ROLLBACK_COMPLETE\n" in printed
        assert "CREATE_COMPLETE                  Data" in printed  # the events were told
        assert sandbox.client("s3").list_buckets()["Buckets"] == []

    def test_an_update_that_fails_is_taken_back_and_writes_no_outputs(
        self, template: Callable[[str], Path], sandbox: Sandbox, deploy: Deploy, capsys: Captured, tmp_path: Path
    ) -> None:
        deploy(template(ONE_QUEUE), "failing")
        both = FAILING + "  Kept: {Type: AWS::SQS::Queue, Properties: {QueueName: kept}}\n"
        assert deploy(template(both), "failing", "--outputs", str(tmp_path / "out.json")) == 1
        assert "error: failing is now UPDATE_ROLLBACK_COMPLETE" in capsys.readouterr().err
        assert not (tmp_path / "out.json").exists()
        assert sandbox.client("sqs").list_queues()["QueueUrls"][0].endswith("/kept")

    def test_a_stack_that_could_not_be_created_is_deleted_only_when_asked(
        self, template: Callable[[str], Path], deploy: Deploy, capsys: Captured
    ) -> None:
        deploy(template(FAILING), "failing")
        assert deploy(template(ONE_QUEUE), "failing") == 2
        assert "is in state ROLLBACK_COMPLETE and has to be deleted first; --replace-failed" in capsys.readouterr().err
        assert deploy(template(ONE_QUEUE), "failing", "--replace-failed", yes=False) == 1
        assert deploy(template(ONE_QUEUE), "failing", "--replace-failed") == 0
        assert "failing: the stack that was ROLLBACK_COMPLETE is deleted" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("successor", "message"),
        [
            ("Parameters: {Name: {Type: String}}\n" + QUEUES, "no value for Name"),
            ("Parameters: {N: {Type: String, Default: a, AllowedValues: [a]}}\n" + QUEUES, "AllowedValues"),
            ("Resources: {A: {Type: AWS::SQS::Queue, Properties: [", "one.yaml"),
            (QUEUES + "  A: {Type: AWS::SQS::Queue, DependsOn: Nothing}\n", "Nothing"),
        ],
    )
    def test_it_is_not_deleted_for_a_successor_that_is_unsound(
        self,
        successor: str,
        message: str,
        template: Callable[[str], Path],
        sandbox: Sandbox,
        deploy: Deploy,
        capsys: Captured,
    ) -> None:
        deploy(template(FAILING), "failing")
        before = stack(sandbox, "failing")
        more = ("--parameters", "N=b") if "N: {" in successor else ()
        assert deploy(template(successor), "failing", "--replace-failed", *more) == 2
        assert message in capsys.readouterr().err
        after = stack(sandbox, "failing")
        assert before is not None
        assert after is not None
        assert after["StackId"] == before["StackId"]

    def test_a_stack_that_still_holds_data_is_never_deleted(
        self, template: Callable[[str], Path], sandbox: Sandbox, deploy: Deploy, capsys: Captured
    ) -> None:
        client = sandbox.client("cloudformation")
        client.create_stack(StackName="held", TemplateBody=FAILING, DisableRollback=True)
        assert deploy(template(ONE_QUEUE), "held", "--replace-failed") == 2
        assert (
            "held: is in state CREATE_FAILED and still has Broken, Data, which may hold data" in capsys.readouterr().err
        )
        assert {each["Name"] for each in sandbox.client("s3").list_buckets()["Buckets"]} >= {"data-of-tests"}

    def test_a_protected_stack_that_failed_is_not_deleted(
        self, template: Callable[[str], Path], sandbox: Sandbox, deploy: Deploy, capsys: Captured
    ) -> None:
        deploy(template(FAILING), "failing")
        client = sandbox.client("cloudformation")
        client.update_termination_protection(StackName="failing", EnableTerminationProtection=True)
        assert deploy(template(ONE_QUEUE), "failing", "--replace-failed") == 2
        assert "TerminationProtection is enabled" in capsys.readouterr().err


class TestOptions:
    def test_termination_protection_is_switched_on_when_the_stack_is_there(
        self, template: Callable[[str], Path], sandbox: Sandbox, deploy: Deploy, capsys: Captured
    ) -> None:
        assert deploy(template(ONE_QUEUE), "protected", "--termination-protection") == 0
        found = stack(sandbox, "protected")
        assert found is not None
        assert found["EnableTerminationProtection"]
        assert deploy(template(ONE_QUEUE), "protected", "--termination-protection") == 0
        assert capsys.readouterr().out.count("protected from deletion") == 1

    def test_tags_of_a_parameter_file_become_the_stacks(
        self, template: Callable[[str], Path], sandbox: Sandbox, deploy: Deploy, tmp_path: Path
    ) -> None:
        (tmp_path / "p.json").write_text('{"Parameters": {}, "Tags": {"Project": "orders"}}')
        assert deploy(template(ONE_QUEUE), "tagged", "--parameters", str(tmp_path / "p.json")) == 0
        found = stack(sandbox, "tagged")
        assert found is not None
        assert found["Tags"] == [{"Key": "Project", "Value": "orders"}]

    def test_a_hidden_value_is_neither_lost_nor_shown_in_an_update(
        self, template: Callable[[str], Path], deploy: Deploy, capsys: Captured, tmp_path: Path
    ) -> None:
        hidden = "Parameters: {Word: {Type: String, NoEcho: true}}\n" + QUEUES + "Outputs: {Word: {Value: !Ref Word}}\n"
        assert deploy(template(hidden), "hidden", "--parameters", "Word=opensesame") == 0
        changed = hidden.replace("QueueName: kept", "QueueName: kept, VisibilityTimeout: 40")
        assert deploy(template(changed), "hidden", "--outputs", str(tmp_path / "out.json")) == 0
        assert json.loads((tmp_path / "out.json").read_text()) == {"Word": "opensesame"}
        printed = capsys.readouterr()
        assert "opensesame" not in printed.out + printed.err

    @pytest.mark.parametrize(
        ("more", "region", "message"),
        [
            ((), "us-east-1", "no bucket for the code"),
            (("--parameters", "Other=1"), "us-east-1", "has no parameter Other"),
            (CODE, "eu-west-1", "is for us-east-1, not for eu-west-1"),
        ],
    )
    def test_what_cannot_be_deployed_is_said_before_anything_is_done(
        self,
        folder: Path,
        sandbox: Sandbox,
        deploy: Deploy,
        more: tuple[str, ...],
        region: str,
        message: str,
        capsys: Captured,
    ) -> None:
        assert deploy(folder, "unusable", *more, region=region) == 2
        assert message in capsys.readouterr().err
        assert keys(sandbox) == set()
