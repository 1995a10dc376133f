from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from infra_checks.core.finding import NOWHERE, Effect, Family, Outcome, Severity
from infra_checks.core.report import Problem, Report, Skipped
from infra_checks.reporters import json_format
from infra_checks.template.source import Span
from tests.unit.reporters.samples import FINDING, report_of

_SCHEMA = json.loads(json_format.schema())


def _read(report: Report) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json_format.render(report))
    jsonschema.Draft202012Validator(_SCHEMA).validate(document)
    return document


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(_SCHEMA)
    assert _SCHEMA["$id"] == json_format.SCHEMA_ID


def test_a_finding_has_all_its_facts() -> None:
    (found,) = _read(report_of(FINDING))["findings"]
    assert found == {
        "rule": "s3-bucket-versioning-enabled",
        "family": "deletion",
        "severity": "high",
        "outcome": "fail",
        "effect": "block",
        "template": "app.yaml",
        "resource": "Logs",
        "type": "AWS::S3::Bucket",
        "construct": None,
        "path": "Properties.VersioningConfiguration.Status",
        "line": 5,
        "column": 41,
        "end_line": 5,
        "end_column": 50,
        "arn": None,
        "console": None,
        "when": "EnvironmentName is development or testing",
        "assignment": {"EnvironmentName": "development"},
        "message": "suspends versioning",
        "remedy": "Set VersioningConfiguration.Status to `Enabled`.",
        "provenance": ["default of parameter Status"],
        "fingerprint": FINDING.fingerprint,
        "evidence": "",
        "statement": None,
        "waiver": None,
        "equivalents": ["CKV_AWS_21"],
    }
    assert set(found) == set(_SCHEMA["$defs"]["finding"]["required"])


def test_a_deployed_resource_without_a_template_has_no_line() -> None:
    (found,) = _read(report_of(replace(FINDING, span=NOWHERE, arn="arn:aws:s3:::logs")))["findings"]
    assert found["arn"] == "arn:aws:s3:::logs"
    assert {found[name] for name in ("line", "column", "end_line", "end_column")} == {None}


def test_what_always_holds_has_no_scenario() -> None:
    (found,) = _read(report_of(replace(FINDING, when="")))["findings"]
    assert found["when"] is None


def test_the_summary_counts() -> None:
    outcomes = [replace(FINDING, outcome=outcome, message=outcome.value) for outcome in Outcome]
    report = replace(report_of(*outcomes), errors=(Problem("x", "y"),))
    assert _read(report)["summary"] == {
        "templates": 1,
        "resources": 1,
        "violations": 1,
        "severities": {"critical": 0, "high": 1, "medium": 0, "low": 0, "info": 0},
        "undecided": 1,
        "waived": 1,
        "rule_failures": 1,
        "errors": 1,
        "blocking": 2,
    }


def test_errors_skipped_files_and_notices_are_listed() -> None:
    document = _read(
        replace(
            report_of(),
            errors=(Problem("a", "bad", Span(1, 2, 3, 4)), Problem("b", "worse")),
            skipped=(Skipped("c", "no template"),),
            notices=("look",),
        )
    )
    place = {"line": 1, "column": 2, "end_line": 3, "end_column": 4}
    assert document["errors"] == [
        {"file": "a", **place, "message": "bad"},
        {"file": "b", **dict.fromkeys(place), "message": "worse"},
    ]
    assert document["skipped"] == [{"file": "c", "reason": "no template"}]
    assert document["notices"] == ["look"]


@pytest.mark.parametrize(
    ("key", "names"),
    [
        ("family", {family.value for family in Family}),
        ("outcome", {outcome.value for outcome in Outcome}),
        ("effect", {effect.value for effect in Effect}),
    ],
)
def test_the_schema_knows_every_name(key: str, names: set[str]) -> None:
    assert set(_SCHEMA["$defs"]["finding"]["properties"][key]["enum"]) == names


def test_the_schema_knows_every_severity() -> None:
    assert set(_SCHEMA["$defs"]["severity"]["enum"]) == {severity.label for severity in Severity}


def test_the_same_report_gives_the_same_bytes() -> None:
    assert json_format.render(report_of(FINDING)) == json_format.render(report_of(FINDING))


def test_a_package_that_is_not_installed_has_version_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra_checks.reporters.product.NAME", "no-such-distribution")
    assert _read(report_of())["version"] == "0"
