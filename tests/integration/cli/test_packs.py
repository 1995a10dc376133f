"""Packs of a security team at the command line: mistakes in them, their limits, and rules of their own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from infra_checks import cli
from tests.integration.cli.conftest import Result

Call = Callable[..., Result]

BUCKET = "  {name}: {{Type: 'AWS::S3::Bucket', Properties: {{BucketName: {bucket}}}}}\n"


@pytest.fixture
def call(project: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    assert project.is_dir()

    def run(*arguments: str) -> Result:
        code = cli.run(list(arguments))
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return run


def write(name: str, text: str) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "rules:\n  s3-bucket-versioning-enable: off",
            (
                "pack.yaml:3:3: no rule, id prefix, family or severity is called 's3-bucket-versioning-enable'; "
                "did you mean s3-bucket-versioning-enabled"
            ),
        ),
        ("ruels: {}", "pack.yaml:2:1: a policy pack has no key 'ruels'; did you mean rules"),
        ("rules: {all: {effect: 1}}", "pack.yaml:2:23: effect must be block, warn or off, not '1'"),
        ("extends: [./pack.yaml]", "pack.yaml:2:11: packs extend one another in a circle: own -> own"),
        (
            "extends: prodction",
            "pack.yaml:2:10: there is no shipped pack 'prodction' (a path has a / or ends",
        ),
        ("tags: {Owner: '['}", "pack.yaml:2:15: tag Owner '[' is not a regular expression: unterminated character set"),
        ("rule-files: none.py", "pack.yaml:2:13: rule file none.py does not exist"),
    ],
)
def test_a_bad_pack_is_one_line_with_its_place_and_the_nearest_name(call: Call, text: str, line: str) -> None:
    write("pack.yaml", f"name: own\n{text}\n")
    result = call("check", "good.yaml", "--pack", "pack.yaml")
    assert result.code == 2
    assert result.out == ""
    assert result.err.startswith(f"error: {line}")
    assert result.err.count("\n") == 1


def test_resources_that_the_pack_leaves_out_are_counted(call: Call) -> None:
    write("t.yaml", "Resources:\n" + "".join(BUCKET.format(name=name, bucket="b") for name in ("Logs", "Data")))
    write("pack.yaml", "name: own\nexcept: {resources: [Logs]}\nrules: {s3-bucket-versioning-enabled: block}")
    report = json.loads(call("check", "t.yaml", "--pack", "pack.yaml", "--format", "json").out)
    assert [finding["resource"] for finding in report["findings"]] == ["Data"]
    assert report["notices"] == [
        "1 resource is left out of some or all rules by what the pack says under only and except"
    ]


def test_a_rule_alone_can_leave_templates_out(call: Call) -> None:
    for name in ("sandbox/t.yaml", "stacks/t.yaml"):
        write(name, "Resources:\n" + BUCKET.format(name="Data", bucket="b"))
    write(
        "pack.yaml",
        "name: own\nrules:\n  s3-bucket-logging-enabled: warn\n"
        "  s3-bucket-versioning-enabled: {except: {templates: [sandbox/]}}\n",
    )
    report = json.loads(call("check", "sandbox", "stacks", "--pack", "pack.yaml", "--format", "json").out)
    assert [(finding["template"], finding["rule"]) for finding in report["findings"]] == [
        ("sandbox/t.yaml", "s3-bucket-logging-enabled"),
        ("stacks/t.yaml", "s3-bucket-logging-enabled"),
        ("stacks/t.yaml", "s3-bucket-versioning-enabled"),
    ]


REGIONAL = """
Conditions:
  Far: !Equals [!Ref AWS::Region, us-east-1]
Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties: {VersioningConfiguration: {Status: !If [Far, Suspended, Enabled]}}
"""


def test_regions_limit_what_is_judged(call: Call) -> None:
    write("t.yaml", REGIONAL)
    rules = "rules: {s3-bucket-versioning-enabled: block}\n"
    write("all.yaml", f"name: all-regions\n{rules}")
    write("own.yaml", f"name: own\nregions: [eu-west-1, eu-central-1]\n{rules}")
    assert call("check", "t.yaml", "--pack", "all.yaml").code == 1
    assert call("check", "t.yaml", "--pack", "own.yaml").code == 0


def test_a_region_beyond_the_limit_cannot_be_given(call: Call) -> None:
    write("own.yaml", "name: own\nregions: [eu-west-1, eu-central-1]\nrules: {all: block}")
    result = call("check", "good.yaml", "--pack", "own.yaml", "--parameters", "AWS::Region=us-east-1")
    assert result.code == 2
    assert result.err == (
        "error: own.yaml: AWS::Region cannot be us-east-1: the pack own allows eu-west-1, eu-central-1\n"
    )
    assert call("check", "good.yaml", "--pack", "own.yaml", "--parameters", "AWS::Region=eu-west-1").code == 1


def test_pins_that_leave_nothing_of_the_limit_are_an_error(call: Call) -> None:
    write("own.yaml", "name: own\nregions: eu-west-1\npins: {AWS::Region: us-east-1}")
    result = call("check", "good.yaml", "--pack", "own.yaml")
    assert (result.code, result.err) == (
        2,
        "error: own.yaml: AWS::Region is pinned to us-east-1, but limited to eu-west-1\n",
    )


OWN = """name: own
own-rules:
  acme-bucket-name:
    type: AWS::S3::Bucket
    path: BucketName
    must: {match: "acme-.*"}
    message: has a name that does not begin with acme-
"""
CASES = """
- {name: right, outcome: pass, resource: {Type: AWS::S3::Bucket, Properties: {BucketName: acme-a}}}
- {name: none, outcome: fail, resource: {Type: AWS::S3::Bucket}}
"""


def test_an_own_rule_finds_is_listed_and_is_explained(call: Call) -> None:
    write("own.yaml", OWN)
    write("t.yaml", "Resources:\n" + BUCKET.format(name="Data", bucket="other"))
    found = call("check", "t.yaml", "--pack", "own.yaml", "--quiet")
    assert found.code == 1
    assert "acme-bucket-name Data has a name that does not begin with acme-" in found.out
    assert "acme-bucket-name" in call("rules", "--pack", "own.yaml", "--type", "AWS::S3::Bucket").out
    assert "acme-bucket-name" not in call("rules").out
    assert call("explain", "acme-bucket-name", "--pack", "own.yaml").out.startswith(
        "acme-bucket-name: BucketName: has a"
    )
    assert call("explain", "acme-bucket-name").code == 2


def test_the_cases_of_own_rules_are_run(call: Call) -> None:
    write("packs/own.yaml", OWN)
    write("packs/cases/acme-bucket-name.yaml", CASES)
    result = call("test-rules", "packs/own.yaml")
    assert (result.code, result.out) == (0, "1 rule: all cases as they should be\n")


def test_a_case_that_a_rule_does_not_answer_fails_with_what_it_said(call: Call) -> None:
    write("own.yaml", OWN)
    write("other/acme-bucket-name.yaml", CASES.replace("outcome: fail", "outcome: undecided"))
    result = call("test-rules", "own.yaml", "--cases", "other")
    assert result.code == 1
    assert result.err.startswith("acme-bucket-name: none: expected undecided, found\n  fail: has a name that")
    assert result.out == "1 rule: 1 of their cases failed\n"


def test_a_rule_without_cases_is_a_failure(call: Call) -> None:
    write("own.yaml", OWN)
    result = call("test-rules", "own.yaml")
    assert result.code == 1
    assert result.err == "acme-bucket-name: has no cases; write them to cases/acme-bucket-name.yaml\n"


@pytest.mark.parametrize("text", ["[", "- 1", "- {outcom: pass}", "a: b"])
def test_a_file_that_holds_no_cases_is_an_error(call: Call, text: str) -> None:
    write("own.yaml", OWN)
    write("cases/acme-bucket-name.yaml", text)
    result = call("test-rules", "own.yaml")
    assert result.code == 2
    assert result.err.startswith("error: cases/acme-bucket-name.yaml: is no file of cases: ")


def test_a_pack_without_rules_of_its_own_has_nothing_to_test(call: Call) -> None:
    result = call("test-rules", "production")
    assert result.code == 2
    assert "has no rules of its own" in result.err


@pytest.mark.parametrize("what", ["report", "controls-report", "drift-report", "pack", "controls"])
def test_schemas_are_printed(call: Call, what: str) -> None:
    assert json.loads(call("schema", what).out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_a_report_by_controls_goes_with_any_pack(call: Call) -> None:
    write("t.yaml", "Resources:\n" + BUCKET.format(name="Data", bucket="other"))
    result = call("check", "t.yaml", "--framework", "cis-aws-5", "--format", "controls-json")
    assert result.code == 1
    (framework,) = json.loads(result.out)["frameworks"]
    statuses = {control["id"]: control["status"] for control in framework["controls"]}
    assert (statuses["2.1.4"], statuses["2.2.1"], statuses["1.1"]) == ("failed", "not_applicable", "not_testable")


def test_a_standard_is_a_pack_and_brings_its_report_along(call: Call) -> None:
    write("t.yaml", "Resources:\n" + BUCKET.format(name="Data", bucket="other"))
    result = call("check", "t.yaml", "--pack", "cis-aws-5", "--format", "controls")
    assert result.code == 1
    assert "CIS Amazon Web Services Foundations Benchmark v5.0.0: " in result.out


def test_a_standard_can_stand_in_the_settings(call: Call) -> None:
    write("infra-checks.yaml", "framework: [cis-aws-5, soc-2]\nselect: [template-structure-valid]\n")
    result = call("check", "good.yaml", "--format", "controls-json")
    assert [framework["name"] for framework in json.loads(result.out)["frameworks"]] == ["cis-aws-5", "soc-2"]


def test_a_report_by_controls_needs_to_know_which(call: Call) -> None:
    result = call("check", "good.yaml", "--format", "controls")
    assert result.code == 2
    assert "which controls? name a --framework" in result.err


def test_an_unknown_standard_is_told_with_those_there_are(call: Call) -> None:
    result = call("check", "good.yaml", "--framework", "pci")
    assert (result.code, result.err) == (
        2,
        (
            "error: there are no controls of 'pci'; known are cis-aws-5, fsbp, hipaa, iso-27001-2022, nist-800-53-r5, "
            "pci-dss-4, soc-2, well-architected\n"
        ),
    )


def test_controls_are_listed_with_their_rules(call: Call) -> None:
    assert len(call("controls").out.splitlines()) == 8
    text = call("controls", "cis-aws-5").out
    assert "3.2    Log files of trails are validated" in text
    assert "cloud-trail-log-file-validation-enabled" in text
    data = json.loads(call("controls", "cis-aws-5", "--format", "json").out)
    assert data["controls"][0]["not_testable"].startswith("A setting of the account")
    assert call("controls", "cis-aws-5", "--format", "markdown").out.startswith("# CIS Amazon Web Services")


def test_a_rule_is_explained_with_its_controls(call: Call) -> None:
    assert (
        "controls:    CIS Amazon Web Services Foundations Benchmark v5.0.0: 2.3.1\n"
        in call("explain", "efs-encrypted-check").out
    )


POLICY = """
Resources:
  Events:
    Type: AWS::SNS::TopicPolicy
    Properties:
      Topics: [!Ref Topic]
      PolicyDocument: {Statement: [{Effect: Allow, Principal: "*", Action: "sns:Publish", Resource: !Ref Topic}]}
  Topic: {Type: AWS::SNS::Topic}
  Key:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Statement:
          - Effect: Allow
            Principal: {AWS: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
            Action: "kms:*"
            Resource: "*"
"""


def statuses(call: Call, *arguments: str) -> dict[str, str]:
    (framework,) = json.loads(call("check", *arguments, "--format", "controls-json").out)["frameworks"]
    return {control["id"]: control["status"] for control in framework["controls"]}


def test_a_control_of_one_type_does_not_fail_for_another(call: Call) -> None:
    write("t.yaml", POLICY)
    found = statuses(call, "t.yaml", "--pack", "fsbp")
    assert (found["SNS.4"], found["KMS.5"], found["SQS.3"]) == ("failed", "passed", "not_applicable")


def test_a_question_that_is_ignored_leaves_the_control_undecided(call: Call) -> None:
    write(
        "t.yaml", "Resources:\n  F: {Type: 'AWS::EFS::FileSystem', Properties: {Encrypted: !ImportValue of-another}}\n"
    )
    for word in ("warn", "ignore"):
        assert statuses(call, "t.yaml", "--pack", "cis-aws-5", "--undecided", word)["2.3.1"] == "undecided"
