"""What a report adds up to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra_checks.core.finding import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from infra_checks.core.finding import Finding
    from infra_checks.core.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Counts of a report; `severities` counts violations, the worst first, and leaves out those without any."""

    violations: int
    severities: Mapping[Severity, int]
    undecided: int
    waived: int
    failures: int
    blocking: int
    errors: int
    templates: int
    resources: int

    def sentence(self) -> str:
        """The counts in one line."""
        shares = ", ".join(f"{number} {severity.label}" for severity, number in self.severities.items())
        parts = [f"{plural(self.violations, 'violation')}{f' ({shares})' if shares else ''}"]
        parts.append(f"{self.undecided} undecided")
        if self.waived:
            parts.append(f"{self.waived} waived")
        if self.failures:
            parts.append(plural(self.failures, "rule failure"))
        parts.append(plural(self.errors, "error"))
        where = f"{plural(self.templates, 'template')} ({plural(self.resources, 'resource')})"
        return f"{', '.join(parts)} in {where}"


def tally(report: Report) -> Tally:
    """The counts of a report."""
    outcomes = Counter(finding.outcome for finding in report.findings)
    return Tally(
        violations=outcomes[Outcome.FAIL],
        severities=by_severity(finding for finding in report.findings if finding.outcome is Outcome.FAIL),
        undecided=outcomes[Outcome.UNDECIDED],
        waived=outcomes[Outcome.WAIVED],
        failures=outcomes[Outcome.ERROR],
        blocking=sum(finding.blocks for finding in report.findings),
        errors=len(report.errors),
        templates=len(report.templates),
        resources=report.resources,
    )


def by_severity(findings: Iterable[Finding]) -> dict[Severity, int]:
    """How many findings have each severity, the worst first."""
    counts = Counter(finding.severity for finding in findings)
    return {severity: counts[severity] for severity in reversed(Severity) if counts[severity]}


def plural(number: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
