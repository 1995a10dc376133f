from __future__ import annotations

from dataclasses import replace

import pytest

from infra_checks.core.finding import Effect, Family, Finding, Outcome, Severity
from infra_checks.core.report import ExitCode, Problem, Report
from infra_checks.template.source import Span

FINDING = Finding(
    rule="test-rule", family=Family.IAM, severity=Severity.MEDIUM, outcome=Outcome.FAIL, effect=Effect.BLOCK,
    template="dir/t.yaml", resource="Subject", type="T", path=("Properties", "Tags", 0, "Key"), span=Span(3, 1, 3, 5),
    message="is wrong", when="Env is prod",
)  # fmt: skip


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), ""),
        (("Properties",), "Properties"),
        (("Properties", "Tags", 0, "Key"), "Properties.Tags[0].Key"),
        ((0, 1), "[0][1]"),
    ],
)
def test_a_path_is_written_with_dots_and_brackets(path: tuple[str | int, ...], expected: str) -> None:
    assert replace(FINDING, path=path).path_text == expected


@pytest.mark.parametrize(
    "changes", [{"rule": "other"}, {"template": "other"}, {"resource": "other"}, {"path": ()}, {"when": ""}]
)
def test_a_fingerprint_tells_rule_file_resource_path_and_scenario_apart(changes: dict[str, object]) -> None:
    assert replace(FINDING, **changes).fingerprint != FINDING.fingerprint  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes", [{"span": Span(9, 9, 9, 9)}, {"message": "said otherwise"}, {"severity": Severity.LOW}]
)
def test_a_fingerprint_stays_when_lines_move_or_words_change(changes: dict[str, object]) -> None:
    assert replace(FINDING, **changes).fingerprint == FINDING.fingerprint  # type: ignore[arg-type]


def test_a_fingerprint_is_hexadecimal_whatever_the_names() -> None:
    assert len(FINDING.fingerprint) == 32
    assert int(FINDING.fingerprint, 16) >= 0
    assert replace(FINDING, resource="\ud800").fingerprint


@pytest.mark.parametrize(
    ("outcome", "effect", "expected"),
    [
        (Outcome.FAIL, Effect.BLOCK, True), (Outcome.FAIL, Effect.WARN, False), (Outcome.UNDECIDED, Effect.BLOCK, True),
        (Outcome.ERROR, Effect.BLOCK, False), (Outcome.WAIVED, Effect.BLOCK, False),
    ],
)  # fmt: skip
def test_violations_and_open_questions_block_if_their_effect_says_so(
    outcome: Outcome, effect: Effect, expected: bool
) -> None:
    assert replace(FINDING, outcome=outcome, effect=effect).blocks is expected


def test_findings_are_sorted_by_file_and_place_first() -> None:
    found = [
        replace(FINDING, template="b", span=Span(1, 1, 1, 1)),
        replace(FINDING, template="a", span=Span(10, 1, 10, 1)),
        replace(FINDING, template="a", span=Span(9, 1, 9, 1), rule="b-rule"),
        replace(FINDING, template="a", span=Span(9, 1, 9, 1), rule="a-rule"),
    ]
    assert sorted(found, key=lambda one: one.sort_key) == found[::-1]


def test_severities_have_an_order_and_a_label() -> None:
    assert max(Severity) is Severity.CRITICAL
    assert Severity.CRITICAL.label == "critical"


PROBLEM = Problem("t.yaml", "cannot be read")


@pytest.mark.parametrize(
    ("report", "fail_on", "expected"),
    [
        (Report(), Severity.INFO, ExitCode.CLEAN),
        (Report(findings=(FINDING,)), Severity.INFO, ExitCode.BLOCKED),
        (Report(findings=(FINDING,)), Severity.MEDIUM, ExitCode.BLOCKED),
        (Report(findings=(FINDING,)), Severity.HIGH, ExitCode.CLEAN),
        (Report(findings=(FINDING,)), None, ExitCode.CLEAN),
        (Report(findings=(replace(FINDING, effect=Effect.WARN),)), Severity.INFO, ExitCode.CLEAN),
        (Report(findings=(FINDING,), errors=(PROBLEM,)), Severity.INFO, ExitCode.UNUSABLE_INPUT),
        (Report(errors=(PROBLEM,)), None, ExitCode.UNUSABLE_INPUT),
        (Report(findings=(replace(FINDING, outcome=Outcome.ERROR),), errors=(PROBLEM,)), None, ExitCode.RULE_FAILED),
    ],
)
def test_the_worst_of_a_report_is_its_exit_code(report: Report, fail_on: Severity | None, expected: ExitCode) -> None:
    assert report.exit_code(fail_on=fail_on) is expected
