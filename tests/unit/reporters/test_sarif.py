from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from infra_checks.core.finding import NOWHERE, Effect, Outcome, Severity
from infra_checks.core.report import Problem, Report, Skipped
from infra_checks.core.waiver import Waiver
from infra_checks.reporters import sarif
from infra_checks.template.source import SourceFile, Span
from tests.unit.reporters.samples import FINDING, RULE, report_of


def _run(report: Report) -> dict[str, Any]:
    document = json.loads(sarif.render(report))
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    assert isinstance(run, dict)
    return run


def _result(report: Report) -> dict[str, Any]:
    (result,) = _run(report)["results"]
    assert isinstance(result, dict)
    return result


def test_a_result_has_rule_place_resource_and_fingerprints() -> None:
    result = _result(report_of(FINDING))
    assert result["ruleId"] == RULE.id
    assert result["level"] == "error"
    assert result["message"]["text"].startswith("Logs suspends versioning [when EnvironmentName is")
    (location,) = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "app.yaml", "uriBaseId": "SRCROOT"},
        "region": {"startLine": 5, "startColumn": 41, "endLine": 5, "endColumn": 50},
    }
    assert location["logicalLocations"] == [
        {
            "name": "Logs",
            "fullyQualifiedName": "Logs.Properties.VersioningConfiguration.Status",
            "kind": "resource",
        }
    ]
    assert result["partialFingerprints"]["infraChecks/v1"] == FINDING.fingerprint
    assert result["partialFingerprints"]["primaryLocationLineHash"].endswith(":1")
    assert result["properties"]["assignment"] == "EnvironmentName=development"


def test_a_finding_on_the_template_as_a_whole_has_no_resource() -> None:
    result = _result(report_of(replace(FINDING, resource="", path=(), when="", assignment={})))
    assert "logicalLocations" not in result["locations"][0]
    assert result["properties"] == {"severity": "high", "outcome": "fail", "effect": "block"}


def test_a_finding_on_the_resource_as_a_whole_is_named_after_it() -> None:
    result = _result(report_of(replace(FINDING, path=())))
    assert result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "Logs"


def test_the_line_hash_stays_when_lines_are_put_before() -> None:
    report = report_of(FINDING)
    moved = replace(
        report_of(replace(FINDING, span=Span(6, 41, 6, 50))),
        sources={"app.yaml": SourceFile("app.yaml", "# new\n" + report.sources["app.yaml"].text)},
    )
    assert _result(report)["partialFingerprints"] == _result(moved)["partialFingerprints"]


def test_two_results_of_a_rule_on_one_line_have_two_hashes() -> None:
    other = replace(FINDING, resource="Other")
    first, second = _run(report_of(FINDING, other))["results"]
    name = "primaryLocationLineHash"
    assert first["partialFingerprints"][name] != second["partialFingerprints"][name]


def test_a_rule_is_described_as_github_shows_it() -> None:
    (rule,) = _run(report_of(FINDING))["tool"]["driver"]["rules"]
    assert rule == {
        "id": RULE.id,
        "name": "S3BucketVersioningEnabled",
        "shortDescription": {"text": RULE.title},
        "fullDescription": {"text": RULE.rationale},
        "help": {
            "text": f"{RULE.rationale} {RULE.remedy}",
            "markdown": f"{RULE.rationale}\n\n**Fix:** {RULE.remedy}\n\n**Source:** {RULE.source}"
            "\n\n**Equivalent checks:** CKV_AWS_21",
        },
        "helpUri": RULE.source,
        "defaultConfiguration": {"level": "error"},
        "properties": {
            "tags": ["security", "deletion", "s3"],
            "precision": "high",
            "problem.severity": "error",
            "security-severity": "8.0",
        },
    }


def test_a_rule_has_the_worst_severity_that_the_run_gave_it() -> None:
    milder = replace(FINDING, severity=Severity.LOW, resource="A")
    worse = replace(FINDING, severity=Severity.CRITICAL, resource="B")
    (rule,) = _run(report_of(milder, worse))["tool"]["driver"]["rules"]
    assert rule["properties"]["security-severity"] == "9.5"


def test_a_rule_without_findings_is_described_too() -> None:
    rule = replace(RULE, source="AWS says so", equivalents=(), types=tuple(f"AWS::S{n}::T" for n in range(40)))
    (described,) = _run(replace(report_of(), rules={rule.id: rule}))["tool"]["driver"]["rules"]
    assert "helpUri" not in described
    assert len(described["properties"]["tags"]) == 20


def test_a_rule_that_the_report_does_not_know_is_described_by_its_finding() -> None:
    run = _run(report_of(replace(FINDING, rule="own-rule-here")))
    index = run["results"][0]["ruleIndex"]
    described = run["tool"]["driver"]["rules"][index]
    assert described["id"] == "own-rule-here"
    assert FINDING.remedy in described["help"]["text"]


@pytest.mark.parametrize(
    ("outcome", "effect", "severity", "level"),
    [
        (Outcome.FAIL, Effect.BLOCK, Severity.CRITICAL, "error"),
        (Outcome.FAIL, Effect.WARN, Severity.CRITICAL, "warning"),
        (Outcome.FAIL, Effect.BLOCK, Severity.MEDIUM, "warning"),
        (Outcome.FAIL, Effect.BLOCK, Severity.LOW, "note"),
        (Outcome.UNDECIDED, Effect.BLOCK, Severity.CRITICAL, "note"),
    ],
)
def test_the_level_is_by_severity_effect_and_outcome(
    outcome: Outcome, effect: Effect, severity: Severity, level: str
) -> None:
    finding = replace(FINDING, outcome=outcome, effect=effect, severity=severity)
    assert _result(report_of(finding))["level"] == level


def test_what_is_waived_is_a_suppressed_result() -> None:
    waiver = Waiver(rules=("x",), reason="no data in it", owner="me", expires=date(2027, 1, 31), file="p.yaml")
    result = _result(report_of(replace(FINDING, outcome=Outcome.WAIVED, waiver=waiver)))
    words = "until 2027-01-31, me: no data in it (p.yaml)"
    assert result["suppressions"] == [{"kind": "external", "justification": words}]
    own = _result(report_of(replace(FINDING, outcome=Outcome.WAIVED, waiver=replace(waiver, origin="metadata"))))
    assert own["suppressions"] == [{"kind": "inSource", "justification": words}]


@pytest.mark.parametrize(
    ("file", "location"),
    [
        ("a b/ü#.yaml", {"uri": "a%20b/%C3%BC%23.yaml", "uriBaseId": "SRCROOT"}),
        ("a:b.yaml", {"uri": "a%3Ab.yaml", "uriBaseId": "SRCROOT"}),
        ("/srv/a b.yaml", {"uri": "file:///srv/a%20b.yaml"}),
        ("C:\\repo\\a.yaml", {"uri": "file:///C:/repo/a.yaml"}),
        ("<stdin>", {"uri": "%3Cstdin%3E", "uriBaseId": "SRCROOT"}),
        ("", {"uri": "-", "uriBaseId": "SRCROOT"}),
    ],
)
def test_files_are_encoded_uris(file: str, location: dict[str, str]) -> None:
    result = _result(report_of(replace(FINDING, template=file)))
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == location


def test_a_place_never_ends_before_it_begins() -> None:
    result = _result(report_of(replace(FINDING, span=Span(0, 0, 0, 1))))
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1}


def test_a_deployed_resource_without_a_template_has_its_arn_and_no_region() -> None:
    deployed = replace(FINDING, span=NOWHERE, arn="arn:aws:s3:::logs", console="https://console/logs")
    result = _result(report_of(deployed))
    (location,) = result["locations"]
    assert "region" not in location["physicalLocation"]
    assert "arn:aws:s3:::logs" in [each["fullyQualifiedName"] for each in location["logicalLocations"]]
    assert result["properties"]["console"] == "https://console/logs"


def test_errors_failures_skipped_files_and_notices_are_notifications() -> None:
    report = replace(
        report_of(replace(FINDING, outcome=Outcome.ERROR)),
        errors=(Problem("b.yaml", "bad", Span(2, 3, 2, 4)), Problem("c.yaml", "is empty")),
        skipped=(Skipped("d.yaml", "no template"),),
        notices=("look",),
    )
    run = _run(report)
    (invocation,) = run["invocations"]
    assert run["results"] == []
    assert not invocation["executionSuccessful"]
    notifications = invocation["toolExecutionNotifications"]
    assert [(each["level"], each["message"]["text"][:20]) for each in notifications] == [
        ("error", "bad"),
        ("error", "is empty"),
        ("error", "s3-bucket-versioning"),
        ("note", "skipped: no template"),
        ("note", "look"),
    ]
    assert "region" in notifications[0]["locations"][0]["physicalLocation"]
    assert "region" not in notifications[1]["locations"][0]["physicalLocation"]


def test_a_run_with_findings_is_a_successful_run() -> None:
    assert _run(report_of(FINDING))["invocations"][0]["executionSuccessful"]


def test_only_as_many_results_are_written_as_github_takes_the_worst_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_RESULTS", 1)
    run = _run(report_of(replace(FINDING, severity=Severity.LOW, resource="A"), replace(FINDING, resource="B")))
    assert [result["properties"]["severity"] for result in run["results"]] == ["high"]
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"] == "1 results of the least severity are left out"


def test_long_texts_are_cut() -> None:
    result = _result(report_of(replace(FINDING, message="x" * 5000)))
    assert len(result["message"]["text"]) == 1024


def test_the_run_has_a_category_and_says_how_columns_count() -> None:
    run = _run(report_of())
    assert run["automationDetails"] == {"id": "infra-checks/"}
    assert run["columnKind"] == "unicodeCodePoints"
