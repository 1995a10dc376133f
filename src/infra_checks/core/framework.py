"""Controls of a standard, the rules that are evidence for them, and what a run says of each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal

from infra_checks.core.finding import Outcome, Severity

if TYPE_CHECKING:
    from infra_checks.core.finding import Finding
    from infra_checks.core.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One demand of a standard: the ids of the rules that test it, or the reason why none does.

    `types` are the resource types it speaks of, if not all that its rules judge. `wider` says what else its rules tell
    of that cannot be told apart by type. `not_testable` says why a template cannot show it, `not_covered` what a rule
    would have to tell.
    """

    id: str
    title: str
    rules: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    wider: str = ""
    not_testable: str = ""
    not_covered: str = ""
    note: str = ""

    def speaks_of(self, kind: str) -> bool:
        """Whether it speaks of a resource type."""
        return not self.types or kind in self.types


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
    NOTED = "noted"
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
    run; `noted` are the violations that only inform; `reason` says why the control is not tested, or cannot be told.
    """

    control: Control
    status: Status
    violations: int = 0
    noted: int = 0
    undecided: int = 0
    waived: int = 0
    rules: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    reason: str = ""


def matrix(framework: Framework, report: Report) -> tuple[Verdicts, ...]:
    """What a run says of each control, in the framework's order.

    A control passes when at least one of its rules judged a resource and none had a complaint or an open question,
    reported or not. It is noted where all violations are of rules of severity info, which a pack can raise. A rule that
    failed leaves it undecided. What is waived is no pass. It is not covered when no rule
    tests it or the pack runs none of those that do, and not testable when no template could show it. Violations leave
    it undecided where its rules tell of more than it does.
    """
    found = Counter((finding.rule, finding.type, _outcome(finding)) for finding in report.findings)
    return tuple(_verdicts(control, report, found) for control in framework.controls)


Noted = Literal["noted"]
Found = Counter[tuple[str, str, Outcome | Noted]]


def _outcome(finding: Finding) -> Outcome | Noted:
    """The outcome, with violations that only inform told apart."""
    informs = finding.outcome is Outcome.FAIL and finding.severity is Severity.INFO
    return "noted" if informs else finding.outcome


def _verdicts(control: Control, report: Report, found: Found) -> Verdicts:
    run = [rule for rule in control.rules if rule in report.rules]
    counts: Counter[Outcome | Noted] = Counter()
    unsaid = {rule for rule, kind in report.unsaid if rule in run and control.speaks_of(kind)}
    complaining = set(unsaid)
    for (rule, kind, outcome), number in found.items():
        if rule in run and control.speaks_of(kind):
            counts[outcome] += number
            complaining.add(rule)
    counts[Outcome.UNDECIDED] += counts.pop(Outcome.ERROR, 0) + len(unsaid)
    status, reason = _status(control, run, counts, report)
    return Verdicts(
        control=control,
        status=status,
        violations=counts[Outcome.FAIL] + counts["noted"],
        noted=counts["noted"],
        undecided=counts[Outcome.UNDECIDED],
        waived=counts[Outcome.WAIVED],
        rules=tuple(rule for rule in run if rule in complaining),
        off=tuple(rule for rule in control.rules if rule not in report.rules),
        reason=reason,
    )


def _status(control: Control, run: list[str], counts: Counter[Outcome | Noted], report: Report) -> tuple[Status, str]:
    if control.not_testable:
        return Status.NOT_TESTABLE, control.not_testable
    if not run:
        return Status.NOT_COVERED, control.not_covered or "The pack runs none of its rules."
    if counts[Outcome.FAIL]:
        return (Status.UNDECIDED, control.wider) if control.wider else (Status.FAILED, "")
    if counts[Outcome.UNDECIDED]:
        return Status.UNDECIDED, ""
    if counts["noted"]:
        return (Status.UNDECIDED, control.wider) if control.wider else (Status.NOTED, "")
    if counts[Outcome.WAIVED]:
        return Status.WAIVED, ""
    if any(rule in run and control.speaks_of(kind) for rule, kind in report.judged):
        return Status.PASSED, ""
    return Status.NOT_APPLICABLE, ""
