"""Counts of findings by rule, family and severity."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from infra_checks.core.finding import Outcome, Severity
from infra_checks.reporters.characters import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.report import Report


def statistics(report: Report, seconds: float | None = None) -> Iterator[str]:
    """Lines with the counts, the largest first; what is waived is not counted."""
    findings = [finding for finding in report.findings if finding.outcome is not Outcome.WAIVED]
    severities = Counter(finding.severity.label for finding in findings)
    yield "by severity"
    yield from _table({severity.label: severities[severity.label] for severity in reversed(Severity)})
    yield "by family"
    yield from _table(_largest_first(Counter(finding.family.value for finding in findings)))
    yield "by rule"
    yield from _table(_largest_first(Counter(finding.rule for finding in findings)))
    yield "files"
    files = {"templates": len(report.templates), "resources": report.resources, "skipped": len(report.skipped)}
    yield from _table({**files, "rules run": len(report.rules)})
    if seconds is not None:
        yield f"took {seconds:.2f} s"


def _table(counts: dict[str, int]) -> Iterator[str]:
    for name, number in counts.items():
        yield f"  {number:>6}  {visible(name)}"


def _largest_first(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
