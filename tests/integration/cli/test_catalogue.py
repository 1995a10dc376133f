from __future__ import annotations

import json

import pytest

from infra_checks import api
from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Rule
from tests.integration.cli.conftest import Run
from tests.unit.reporters.samples import RULE


def test_rules_are_listed_in_columns(run: Run) -> None:
    result = run("rules")
    assert result.code == 0
    lines = result.out.splitlines()
    assert len(lines) == len(api.catalogue())
    (line,) = (line for line in lines if line.startswith("template-structure-valid "))
    assert line.split()[1:3] == ["deployability", "high"]


def test_rules_are_listed_as_json_and_markdown(run: Run) -> None:
    listed = json.loads(run("rules", "--format", "json").out)
    assert [rule["id"] for rule in listed] == [rule.id for rule in api.catalogue()]
    assert run("rules", "--format", "markdown").out.startswith("| Rule | Family | Severity | Title |\n")


def test_rules_can_be_filtered(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = (
        _rule("a-a", Family.IAM, Severity.LOW, "AWS::IAM::Role"),
        _rule("b-b", Family.IAM, Severity.HIGH, "*"),
        _rule("c-c", Family.TAGGING, Severity.HIGH, "AWS::S3::Bucket"),
    )
    monkeypatch.setattr(api, "catalogue", lambda: rules)

    def listed(*options: str) -> list[str]:
        return [line.split()[0] for line in run("rules", *options).out.splitlines()]

    assert listed("--family", "iam") == ["a-a", "b-b"]
    assert listed("--severity", "high") == ["b-b", "c-c"]
    assert listed("--type", "AWS::S3::Bucket") == ["b-b", "c-c"]
    assert listed("--family", "tagging", "--severity", "low") == []


def _rule(name: str, family: Family, severity: Severity, kind: str) -> Rule:
    return Rule(
        id=name,
        title="T",
        family=family,
        severity=severity,
        types=(kind,),
        judge=RULE.judge,
        rationale="R.",
        remedy="Do.",
        options={"days": 30, "names": ("a", "b"), "none": ()},
    )


def test_a_rule_is_explained_with_all_it_has(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = _rule("a-a", Family.IAM, Severity.LOW, "AWS::IAM::Role")
    monkeypatch.setattr(api, "find_rule", lambda _name, _packs: (rule, RULE))
    monkeypatch.setattr(api, "controls_of", lambda name: {"A standard": ("1.1", "1.2")} if name == "a-a" else {})
    result = run("explain", "x")
    assert result.code == 0
    assert result.out.splitlines() == [
        "a-a: T",
        "",
        "R.",
        "",
        "fix:         Do.",
        "severity:    low",
        "family:      iam",
        "types:       AWS::IAM::Role",
        "controls:    A standard: 1.1, 1.2",
        "option:      days (default: 30)",
        "option:      names (default: a, b)",
        "option:      none (default: none)",
        "",
        "s3-bucket-versioning-enabled: Bucket keeps object versions",
        "",
        RULE.rationale,
        "",
        f"fix:         {RULE.remedy}",
        "severity:    high",
        "family:      deletion",
        "types:       AWS::S3::Bucket",
        f"source:      {RULE.source}",
        "equivalents: CKV_AWS_21",
    ]


def test_a_rule_is_found_by_its_id(run: Run) -> None:
    assert run("explain", "template-structure-valid").out.startswith("template-structure-valid: ")


def test_an_unknown_rule_is_told_with_those_like_it(run: Run) -> None:
    result = run("explain", "template-structure-vaild")
    assert result.code == 2
    assert result.out == ""
    assert "template-structure-valid" in result.err


def test_packs_are_listed(run: Run) -> None:
    result = run("packs")
    assert result.code == 0
    assert "baseline  " in result.out
