"""The real checkov and the real cfn-lint beside our rules."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from infra_checks import api
from infra_checks.core.finding import Finding, Outcome
from infra_checks.core.report import Report
from infra_checks.tools.checkov import RULES, shipped

CHECKOV = os.environ.get("INFRA_CHECKS_CHECKOV") or shutil.which("checkov")
needs_checkov = pytest.mark.skipif(CHECKOV is None, reason="needs checkov: tox -e checkov")
needs_cfn_lint = pytest.mark.skipif(shutil.which("cfn-lint") is None, reason="needs cfn-lint on PATH")

_OPTIONS = ("-d", ".", "--framework", "cloudformation", "-o", "json", "--compact", "--skip-download")

TEMPLATE = """\
Resources:
  Open:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub "${AWS::StackName}-open"
  Skipped:
    Type: AWS::S3::Bucket
    Metadata: {checkov: {skip: [{id: CKV_AWS_53, comment: known to the owner}]}}
  Logs:
    Type: AWS::Logs::LogGroup
    Properties: {RetentionInDays: 7}
  Queue:
    Type: AWS::SQS::Queue
    Properties: {SqsManagedSseEnabled: true}
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.yaml").write_text(TEMPLATE)


def check(tool: str, *, select: str = "all", paths: tuple[str, ...] = ("t.yaml",)) -> Report:
    return api.check(api.Request(paths=paths, select=(select,), beside=(tool,)))


def theirs(report: Report) -> list[Finding]:
    return [finding for finding in report.findings if finding.origin]


@needs_checkov
def test_checkovs_results_join_ours_and_are_marked() -> None:
    report = check("checkov", select="sns")
    found = {(finding.rule, finding.resource): finding for finding in theirs(report)}
    finding = found["checkov:CKV_AWS_53", "Open"]
    assert (finding.template, finding.type, finding.outcome) == ("t.yaml", "AWS::S3::Bucket", Outcome.FAIL)
    assert (finding.span.line, finding.origin) == (2, "checkov")
    assert report.errors == ()


@needs_checkov
def test_what_a_rule_of_ours_decides_is_not_told_twice() -> None:
    report = check("checkov")
    ours = {
        (finding.resource, name) for finding in report.findings if not finding.origin for name in finding.equivalents
    }
    assert {("Open", "CKV_AWS_53"), ("Open", "CKV_AWS_18")} <= ours
    assert not {(finding.resource, finding.equivalents[0]) for finding in theirs(report)} & ours
    assert any("results not shown, since our rules" in notice for notice in report.notices)  # of the encrypted queue


@needs_checkov
def test_what_checkov_was_told_to_skip_is_waived_with_the_reason() -> None:
    (skipped,) = (each for each in theirs(check("checkov", select="sns")) if each.outcome is Outcome.WAIVED)
    assert (skipped.rule, skipped.resource) == ("checkov:CKV_AWS_53", "Skipped")
    assert skipped.waiver is not None
    assert skipped.waiver.reason == "known to the owner"


@needs_checkov
def test_our_organisations_checkov_policies_run() -> None:
    found = {(finding.rule, finding.resource) for finding in theirs(check("checkov", select="sns"))}
    assert {("checkov:INFRA_ORG_TAGS", "Open"), ("checkov:INFRA_ORG_LOG_RETENTION", "Logs")} <= found


@needs_checkov
def test_a_file_that_crashes_checkov_loses_nothing_of_the_others() -> None:
    # checkov 3.3 raises TypeError on a Ref that is no name.
    Path("crash.yaml").write_text(
        "Resources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties: {TopicName: {Ref: {Ref: B}}}\n"
        "  B:\n    Type: AWS::SNS::Topic\n    Properties: {TopicName: {Fn::Sub: [{Ref: A}, {}]}}\n"
    )
    report = check("checkov", select="sns", paths=(".",))
    assert any(finding.template == "t.yaml" for finding in theirs(report))
    assert report.templates == ("crash.yaml", "t.yaml")


@needs_checkov
def test_checkov_runs_our_rules_as_checks_of_its_own() -> None:
    folder = shipped(RULES)
    assert folder is not None
    assert CHECKOV is not None
    done = subprocess.run(  # noqa: S603 - checkov itself
        [CHECKOV, *_OPTIONS, "--external-checks-dir", str(folder)],
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, "INFRA_CHECKS_PACK": "production"},
    )
    results = json.loads(done.stdout)["results"]
    failed = {
        (check["check_id"], check["resource"].rpartition(".")[2])
        for check in results["failed_checks"]
        if check["check_id"].startswith("INFRA_")
    }
    report = api.check(api.Request(paths=("t.yaml",), pack=("production",)))
    expected = {
        (f"INFRA_{finding.rule.replace('-', '_').upper()}", finding.resource)
        for finding in report.findings
        if finding.outcome is Outcome.FAIL and finding.resource
    }
    assert failed == expected
    assert len(expected) > 5


@needs_cfn_lint
def test_cfn_lints_results_join_ours_with_their_places() -> None:
    Path("t.yaml").write_text("Resources:\n  T:\n    Type: AWS::SNS::Topic\n    Properties: {Nonsense: 1}\n")
    report = check("cfn-lint", select="sqs")
    (finding,) = theirs(report)
    assert (finding.rule, finding.resource, finding.path) == ("cfn-lint:E3002", "T", ("Properties", "Nonsense"))
    assert (finding.span.line, finding.span.column) == (4, 18)


@needs_cfn_lint
def test_a_template_that_cfn_lint_cannot_read_is_an_error_and_the_others_are_checked() -> None:
    Path("bad.yaml").write_text("Resources:\n  T:\n    Type: AWS::SNS::Topic\n    Properties: {Nonsense: 1}\n")
    Path("tag.yaml").write_text(
        "Resources:\n  T:\n    Type: AWS::SNS::Topic\n    Properties: {TopicName: !Rain::Env X}\n"
    )
    report = check("cfn-lint", select="sqs", paths=(".",))
    assert {finding.template for finding in theirs(report)} >= {"bad.yaml"}
    assert report.templates == ("bad.yaml", "t.yaml", "tag.yaml")
