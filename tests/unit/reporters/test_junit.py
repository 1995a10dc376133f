from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from infra_checks.core.finding import Effect, Outcome
from infra_checks.core.report import Problem, Report
from infra_checks.reporters.junit import render
from infra_checks.template.source import Span
from tests.unit.reporters.samples import FINDING, report_of


def _parsed(report: Report) -> ET.Element:
    return ET.fromstring(render(report))  # noqa: S314 - it is our own


def test_a_violation_is_a_failed_test_with_file_and_line() -> None:
    root = _parsed(report_of(FINDING))
    (suite,) = root
    (case,) = suite
    assert root.attrib == {
        "name": "infra-checks",
        "tests": "1",
        "failures": "1",
        "errors": "0",
        "skipped": "0",
        "time": "0",
    }
    assert (suite.get("name"), suite.get("file")) == ("app.yaml", "app.yaml")
    assert case.attrib == {
        "name": "s3-bucket-versioning-enabled: Logs Properties.VersioningConfiguration.Status"
        " when EnvironmentName is development or testing",
        "classname": "app.yaml",
        "file": "app.yaml",
        "line": "5",
        "time": "0",
    }
    (failure,) = case
    assert failure.tag == "failure"
    assert failure.get("type") == "high"
    assert "suspends versioning" in failure.get("message", "")
    assert failure.text is not None
    assert failure.text.startswith("app.yaml:5:41\n")
    assert failure.text.endswith("default of parameter Status")


def test_a_template_without_findings_is_one_test_that_passes() -> None:
    (suite,) = _parsed(report_of())
    (case,) = suite
    assert (case.get("name"), len(case)) == ("no findings", 0)


@pytest.mark.parametrize(
    ("outcome", "effect", "tag", "message"),
    [
        (Outcome.FAIL, Effect.BLOCK, "failure", "Logs suspends"),
        (Outcome.FAIL, Effect.WARN, "skipped", "warning (high): Logs suspends"),
        (Outcome.UNDECIDED, Effect.BLOCK, "failure", "Logs: undecided: "),
        (Outcome.UNDECIDED, Effect.WARN, "skipped", "undecided (high): Logs: "),
        (Outcome.WAIVED, Effect.BLOCK, "skipped", "waived (high): Logs suspends"),
        (Outcome.ERROR, Effect.WARN, "error", "Logs: "),
    ],
)
def test_the_outcome_is_what_becomes_of_the_run(outcome: Outcome, effect: Effect, tag: str, message: str) -> None:
    ((case,),) = _parsed(report_of(replace(FINDING, outcome=outcome, effect=effect)))
    (child,) = case
    assert child.tag == tag
    assert child.get("message", "").startswith(message)


def test_an_unreadable_file_is_a_suite_with_an_error() -> None:
    problems = (Problem("a.yaml", "is empty"), Problem("b.yaml", "bad", Span(2, 3, 2, 4)))
    root = _parsed(replace(report_of(), errors=problems))
    assert [(suite.get("name"), suite.get("errors")) for suite in root] == [
        ("a.yaml", "1"),
        ("app.yaml", "0"),
        ("b.yaml", "1"),
    ]
    assert [error.text for error in root.iter("error")] == ["a.yaml: is empty", "b.yaml:2:3: bad"]
    assert [case.get("line") for case in root.iter("testcase")] == ["1", None, "2"]


def test_characters_that_xml_cannot_hold_are_left_out() -> None:
    (failure,) = _parsed(report_of(replace(FINDING, message="a\x00\x1b\ud800\ufffe\U0001f600é"))).iter("failure")
    assert "a\U0001f600é" in failure.get("message", "")
