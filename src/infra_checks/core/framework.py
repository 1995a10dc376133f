"""Controls of a standard, the rules that are evidence for them, and what a run says of each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Outcome

if TYPE_CHECKING:
    from infra_checks.core.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One demand of a standard: the ids of the rules that test it, or the reason why none does.

    `not_testable` says why a template cannot show it, `not_covered` what a rule would have to tell.
    """

    id: str
    title: str
    rules: tuple[str, ...] = ()
    not_testable: str = ""
    not_covered: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework:
    """A standard as far as a file of controls lists it; `title` says which version, `source` where it is from."""

    name: str
    title: str
    description: str = ""
    source: str = ""
    controls: tuple[Control, ...] = ()

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of all rules that test one of the controls, sorted."""
        return tuple(sorted({rule for control in self.controls for rule in control.rules}))


class Status(StrEnum):
    """What a run says of a control, what needs attention first."""

    FAILED = "failed"
    UNDECIDED = "undecided"
    WAIVED = "waived"
    PASSED = "passed"
    NOT_APPLICABLE = "not applicable"
    NOT_COVERED = "not covered"
    NOT_TESTABLE = "not testable"


UNTESTED: Final = frozenset({Status.NOT_COVERED, Status.NOT_TESTABLE})
"""What no rule that ran speaks of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """The findings of a control's rules, counted. `rules` are those with findings, `off` those that the pack does not
    run; `reason` says why the control is not tested.
    """

    control: Control
    status: Status
    violations: int = 0
    undecided: int = 0
    waived: int = 0
    rules: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    reason: str = ""


def matrix(framework: Framework, report: Report) -> tuple[Verdicts, ...]:
    """What a run says of each control, in the framework's order.

    A control passes when at least one of its rules judged a resource and none had a complaint or an open question,
    reported or not. A rule that failed leaves it undecided. What is waived is no pass. It is not covered when no rule
    tests it or the pack runs none of those that do, and not testable when no template could show it.
    """
    found = {outcome: Counter(f.rule for f in report.findings if f.outcome is outcome) for outcome in Outcome}
    return tuple(_verdicts(control, report, found) for control in framework.controls)


def _verdicts(control: Control, report: Report, found: dict[Outcome, Counter[str]]) -> Verdicts:
    run = [rule for rule in control.rules if rule in report.rules]
    counts = {outcome: sum(counter[rule] for rule in run) for outcome, counter in found.items()}
    status, reason = _status(control, run, counts, report)
    return Verdicts(
        control=control,
        status=status,
        violations=counts[Outcome.FAIL],
        undecided=counts[Outcome.UNDECIDED] + counts[Outcome.ERROR] + sum(rule in report.unsaid for rule in run),
        waived=counts[Outcome.WAIVED],
        rules=tuple(rule for rule in run if rule in report.unsaid or any(counter[rule] for counter in found.values())),
        off=tuple(rule for rule in control.rules if rule not in report.rules),
        reason=reason,
    )


def _status(control: Control, run: list[str], counts: dict[Outcome, int], report: Report) -> tuple[Status, str]:
    if control.not_testable:
        return Status.NOT_TESTABLE, control.not_testable
    if not run:
        return Status.NOT_COVERED, control.not_covered or "The pack runs none of its rules."
    if counts[Outcome.FAIL]:
        return Status.FAILED, ""
    if counts[Outcome.UNDECIDED] or counts[Outcome.ERROR] or any(rule in report.unsaid for rule in run):
        return Status.UNDECIDED, ""
    if counts[Outcome.WAIVED]:
        return Status.WAIVED, ""
    if any(rule in report.judged for rule in run):
        return Status.PASSED, ""
    return Status.NOT_APPLICABLE, ""
