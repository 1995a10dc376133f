"""`infra-checks access`: exit codes, what is printed, and the shape of the JSON."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.integration.cli.conftest import Run

OLD = """
Parameters:
  Environment: {Type: String, AllowedValues: [development, production]}
Conditions:
  IsProduction: !Equals [!Ref Environment, production]
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: own
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Sid: Send
                Effect: Allow
                Action: sqs:SendMessage
                Resource: "*"
"""
NEW = OLD.replace("Action: sqs:SendMessage", "Action: !If [IsProduction, 'sqs:*', 'sqs:SendMessage']")


@pytest.fixture
def files(project: Path) -> Path:
    (project / "old.yaml").write_text(OLD)
    (project / "new.yaml").write_text(NEW)
    public = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}
    (project / "public.json").write_text(json.dumps({"Version": "2012-10-17", **public}))
    return project


def committed(files: Path) -> Callable[..., None]:
    """Puts the files into a repository; gives what runs git there."""

    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
        subprocess.run(["git", "-C", str(files), *identity, *arguments], check=True, capture_output=True)  # noqa: S603, S607

    (files / ".git").rmdir()
    (files / "bad.yaml").unlink()
    git("init")
    git("add", ".")
    git("commit", "-m", "first")
    return git


@pytest.mark.usefixtures("files")
class TestNew:
    def test_what_is_new_ends_with_1_and_says_where_and_when(self, run: Run) -> None:
        result = run("access", "new", "old.yaml", "new.yaml")
        assert result.code == 1
        assert "definite  Role (AWS::IAM::Role): statement Send allows what the old version does not" in result.out
        assert "--> new.yaml:18:17" in result.out
        assert "when: Environment is production (e.g. Environment=production)" in result.out
        assert "request: sqs:AddPermission on *" in result.out
        assert result.out.splitlines()[-1].startswith("FAIL: ")

    def test_nothing_new_ends_with_0(self, run: Run) -> None:
        result = run("access", "new", "new.yaml", "old.yaml")
        assert (result.code, result.out.split(":")[0]) == (0, "PASS")

    def test_json_has_the_fields_of_access_analyzer_and_our_own(self, run: Run) -> None:
        data = json.loads(run("access", "new", "old.yaml", "new.yaml", "--format", "json").out)
        assert (data["result"], sorted(data)) == ("FAIL", ["examined", "message", "notices", "reasons", "result"])
        (reason,) = data["reasons"]
        assert (reason["statementIndex"], reason["statementId"]) == (0, "Send")
        assert reason["description"]
        assert reason["certainty"] == "definite"
        assert reason["witness"] == {"action": "sqs:AddPermission", "resource": "*", "context": {}}
        assert reason["scenario"] == {
            "when": "Environment is production",
            "example": {"Environment": "production"},
        }
        assert reason["location"] == {"file": "new.yaml", "line": 18, "column": 17}

    def test_a_policy_that_aws_manages_is_taken_by_name_and_arn(self, run: Run) -> None:
        arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
        assert run("access", "new", "ReadOnlyAccess", arn).code == 0
        assert run("access", "new", arn, "AdministratorAccess").code == 1

    def test_a_revision_is_compared_with_what_is_there(self, run: Run, files: Path) -> None:
        committed(files)
        same = run("access", "new", "--diff", "HEAD", ".")
        assert (same.code, same.out) == (0, "PASS: no template differs from HEAD\n")
        (files / "old.yaml").write_text(NEW)
        result = run("access", "new", "--diff", "HEAD", ".")
        assert result.code == 1
        assert "--> old.yaml:18:17" in result.out
        (files / "more.yaml").write_text(OLD)
        assert "there is no old version of more.yaml" in run("access", "new", "--diff", "HEAD", "more.yaml").out
        data = json.loads(run("access", "new", "--diff", "HEAD", ".", "--format", "json").out)
        assert [result["result"] for result in data["results"]] == ["FAIL", "FAIL"]
        wrong = run("access", "new", "--diff", "no-such-revision", "old.yaml")
        assert (wrong.code, "no-such-revision" in wrong.err, "there is no such revision" in wrong.err) == (
            2,
            True,
            True,
        )

    def test_a_renamed_file_is_compared_with_its_former_self(self, run: Run, files: Path) -> None:
        git = committed(files)
        git("mv", "old.yaml", "newer.yaml")
        (files / "newer.yaml").write_text(OLD + "# a word\n")
        result = run("access", "new", "--diff", "HEAD", "newer.yaml")
        assert (result.code, "there is no old version" in result.out) == (0, False)

    def test_one_file_is_a_usage_error(self, run: Run) -> None:
        result = run("access", "new", "old.yaml")
        assert (result.code, "OLD and NEW" in result.err) == (2, True)


@pytest.mark.usefixtures("files")
class TestOthers:
    def test_granted_access_ends_with_1_and_other_access_with_0(self, run: Run) -> None:
        assert run("access", "granted", "--action", "sqs:DeleteQueue", "new.yaml").code == 1
        assert run("access", "granted", "--action", "sqs:DeleteQueue", "old.yaml").code == 0
        assert (
            run(
                "access",
                "granted",
                "--action",
                "sqs:DeleteQueue",
                "new.yaml",
                "--parameters",
                "Environment=development",
            )
        ).code == 0

    def test_public_access_ends_with_1(self, run: Run) -> None:
        assert run("access", "public", "--type", "AWS::S3::Bucket", "public.json").code == 1
        assert run("access", "public", "new.yaml").code == 0

    def test_validation_has_the_fields_of_access_analyzer(self, run: Run, files: Path) -> None:
        (files / "wrong.json").write_text(
            '{"Statement": {"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "*"}}'
        )
        result = run("access", "validate", "wrong.json", "--format", "json")
        found = {finding["issueCode"]: finding for finding in json.loads(result.out)["findings"]}
        assert result.code == 1
        finding = found["INVALID_ACTION"]
        assert finding["findingType"] == "WARNING"
        assert finding["findingDetails"]
        assert finding["learnMoreLink"].startswith("https://docs.aws.amazon.com/")
        (location,) = finding["locations"]
        assert location["path"][0] == {"value": "Statement"}
        assert location["span"]["start"]["line"] == 1
        assert "INVALID_ACTION" in run("access", "validate", "wrong.json").out

    def test_expansion_lists_actions(self, run: Run) -> None:
        result = run("access", "expand", "sqs:Send*")
        assert (result.code, result.out.split()[:2]) == (0, ["sqs:SendMessage", "Write"])
        data = json.loads(run("access", "expand", "sqs:Send*", "--format", "json").out)
        assert data["actions"][0] == {
            "action": "sqs:SendMessage",
            "accessLevel": "Write",
            "resourceTypes": ["queue"],
            "resourceLevel": True,
        }
        assert "sqs:SendMessage" not in run("access", "expand", "--not", "sqs:*").out.split()
        assert run("access", "expand", "sqs:Sned*").code == 1

    def test_an_explanation_ends_with_0_only_where_the_request_is_surely_allowed(self, run: Run) -> None:
        asked = ("--principal", "Role", "--action", "sqs:SendMessage", "--resource", "*")
        result = run("access", "explain", *asked, "old.yaml")
        assert result.code == 0
        assert "1. Allow by the identity policy, statement Send of Role" in result.out
        assert run("access", "explain", *asked[:3], "sqs:DeleteQueue", *asked[4:], "new.yaml").code == 1
        assert run("access", "explain", *asked, "old.yaml", "--context", "nothing").code == 2

    @pytest.mark.parametrize("command", ["public", "validate", "granted"])
    def test_what_cannot_be_read_ends_with_2(self, run: Run, files: Path, command: str) -> None:
        (files / "broken.json").write_text('{"Statement": [')
        extra = ("--action", "s3:*") if command == "granted" else ()
        for name in ("broken.json", "missing.yaml", "NoSuchPolicy"):
            result = run("access", command, *extra, name)
            assert result.code == 2
            assert name in result.err
