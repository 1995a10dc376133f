from __future__ import annotations

from dataclasses import replace

import pytest

from infra_checks.core.finding import Finding, Outcome, Severity
from infra_checks.core.framework import Control, Framework, Status, Verdicts, matrix
from infra_checks.core.report import Report
from tests.unit.packs.catalogue import a_rule
from tests.unit.reporters.samples import FINDING

RULES = {name: a_rule(name) for name in ("a-a", "b-b", "c-c")}


def found(rule: str, outcome: Outcome, severity: Severity = Severity.LOW) -> Finding:
    return replace(FINDING, rule=rule, outcome=outcome, severity=severity)


def verdicts(  # noqa: PLR0913 - each is a part of the report or the control
    *findings: Finding,
    rules: tuple[str, ...] = ("a-a", "b-b"),
    judged: tuple[str, ...] = ("a-a", "b-b"),
    unsaid: tuple[str, ...] = (),
    run: tuple[str, ...] = ("a-a", "b-b", "c-c"),
    not_testable: str = "",
    not_covered: str = "",
    types: tuple[str, ...] = (),
    wider: str = "",
) -> Verdicts:
    control = Control(
        id="1",
        title="One",
        rules=rules,
        types=types,
        wider=wider,
        not_testable=not_testable,
        not_covered=not_covered,
    )
    framework = Framework(name="f", title="F", controls=(control,))
    report = Report(
        findings=findings,
        rules={name: RULES[name] for name in run},
        judged=frozenset((rule, FINDING.type) for rule in judged),
        unsaid=frozenset((rule, FINDING.type) for rule in unsaid),
    )
    (row,) = matrix(framework, report)
    return row


FAIL, UNDECIDED, ERROR, WAIVED = Outcome.FAIL, Outcome.UNDECIDED, Outcome.ERROR, Outcome.WAIVED


@pytest.mark.parametrize(
    ("outcomes", "status"),
    [
        ((), Status.PASSED),
        ((FAIL,), Status.FAILED),
        ((UNDECIDED,), Status.UNDECIDED),
        ((ERROR,), Status.UNDECIDED),
        ((WAIVED,), Status.WAIVED),
        ((UNDECIDED, FAIL), Status.FAILED),
        ((WAIVED, UNDECIDED), Status.UNDECIDED),
        ((ERROR, FAIL, WAIVED), Status.FAILED),
    ],
)
def test_the_worst_finding_decides(outcomes: tuple[Outcome, ...], status: Status) -> None:
    assert verdicts(*(found("a-a", outcome) for outcome in outcomes)).status is status


def test_what_only_informs_is_noted_and_hides_nothing_worse() -> None:
    informs = found("a-a", FAIL, Severity.INFO)
    row = verdicts(informs, found("b-b", WAIVED))
    assert (row.status, row.violations, row.noted, row.rules) == (Status.NOTED, 1, 1, ("a-a", "b-b"))
    assert verdicts(informs, found("b-b", UNDECIDED)).status is Status.UNDECIDED
    assert verdicts(informs, found("b-b", FAIL)).status is Status.FAILED
    assert verdicts(informs, wider="more").status is Status.UNDECIDED


def test_findings_are_counted_for_the_rules_of_the_control_only() -> None:
    row = verdicts(
        found("a-a", FAIL), found("a-a", UNDECIDED), found("b-b", FAIL), found("b-b", WAIVED), found("c-c", FAIL)
    )
    assert (row.violations, row.undecided, row.waived, row.rules) == (2, 1, 1, ("a-a", "b-b"))


def test_an_open_question_that_the_pack_ignores_is_no_pass() -> None:
    row = verdicts(unsaid=("b-b",))
    assert (row.status, row.undecided, row.rules) == (Status.UNDECIDED, 1, ("b-b",))


def test_nothing_to_judge_is_no_pass() -> None:
    assert verdicts(judged=()).status is Status.NOT_APPLICABLE
    assert verdicts(judged=("c-c",)).status is Status.NOT_APPLICABLE
    assert verdicts(judged=("b-b",)).status is Status.PASSED


def test_a_control_whose_rules_do_not_run_is_not_covered() -> None:
    row = verdicts(run=("c-c",), judged=("c-c",))
    assert (row.status, row.reason, row.off) == (
        Status.NOT_COVERED,
        "The pack runs none of its rules.",
        ("a-a", "b-b"),
    )


def test_rules_that_do_not_run_are_told_beside_a_pass() -> None:
    row = verdicts(run=("a-a",))
    assert (row.status, row.off) == (Status.PASSED, ("b-b",))


def test_a_control_without_rules_tells_why() -> None:
    rows = (verdicts(rules=(), not_testable="Never."), verdicts(rules=(), not_covered="Not yet."))
    assert [(row.status, row.reason) for row in rows] == [
        (Status.NOT_TESTABLE, "Never."),
        (Status.NOT_COVERED, "Not yet."),
    ]


def test_a_control_of_some_types_knows_nothing_of_others() -> None:
    row = verdicts(found("a-a", FAIL), unsaid=("b-b",), types=("AWS::KMS::Key",))
    assert (row.status, row.violations, row.undecided, row.rules) == (Status.NOT_APPLICABLE, 0, 0, ())
    assert verdicts(found("a-a", FAIL), types=(FINDING.type,)).status is Status.FAILED
    assert verdicts(types=(FINDING.type,)).status is Status.PASSED


def test_a_violation_of_rules_that_tell_of_more_leaves_the_control_undecided() -> None:
    row = verdicts(found("a-a", FAIL), wider="Of all engines.")
    assert (row.status, row.violations, row.reason) == (Status.UNDECIDED, 1, "Of all engines.")
    assert verdicts(wider="Of all engines.").status is Status.PASSED
