"""The controls of standards for people: one line for each that a rule tests, the others counted by reason."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from infra_checks.core.framework import UNTESTED, Status, Verdicts, matrix
from infra_checks.reporters.characters import disarmed, visible
from infra_checks.reporters.style import Style
from infra_checks.reporters.tally import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from infra_checks.core.framework import Framework
    from infra_checks.core.report import Report

_PAINT: Final = {
    Status.FAILED: "1;31",
    Status.UNDECIDED: "1;35",
    Status.NOTED: "33",
    Status.WAIVED: "33",
    Status.PASSED: "32",
    Status.NOT_APPLICABLE: "2",
    Status.NOT_COVERED: "2",
    Status.NOT_TESTABLE: "2",
}
NONE: Final = "No standard is named whose controls could be told."

_TITLE: Final = 60
_SHOWN_RULES: Final = 3


def render(report: Report, style: Style | None = None) -> str:
    """The matrix of each framework of the report as text; `verbose` lists what is not tested too."""
    style = style or Style()
    parts = [_framework(framework, report, style) for framework in report.frameworks]
    return (disarmed("\n\n".join("\n".join(lines) for lines in map(list, parts))) or NONE) + "\n"


def _framework(framework: Framework, report: Report, style: Style) -> Iterator[str]:
    rows = matrix(framework, report)
    shown = [row for row in rows if style.verbose or row.status not in UNTESTED]
    if style.quiet:
        shown = [row for row in rows if row.status in {Status.FAILED, Status.UNDECIDED}]
    cells = [
        (row.status.value, visible(row.control.id), visible(_clipped(row.control.title)), visible(told(row)))
        for row in shown
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)] if cells else []
    for row, line in zip(shown, cells, strict=True):
        yield _line(line, widths, _PAINT[row.status] if style.color else "")
    if cells:
        yield ""
    yield from summary(framework, rows, report)


def _clipped(title: str) -> str:
    return title if len(title) <= _TITLE else f"{title[: _TITLE - 3].rstrip()}..."


def _line(cells: Sequence[str], widths: Sequence[int], paint: str) -> str:
    padded = [f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)]
    if paint:
        padded[0] = f"\x1b[{paint}m{padded[0]}\x1b[0m"
    return "  ".join(padded).rstrip()


def told(row: Verdicts) -> str:
    """What there is to say of a control beside its status."""
    if row.status in UNTESTED:
        return row.reason
    counts = [plural(row.violations, "violation")] if row.violations else []
    counts += [f"{row.undecided} undecided"] if row.undecided else []
    counts += [f"{row.waived} waived"] if row.waived else []
    more = len(row.rules) - _SHOWN_RULES
    rules = [*row.rules[:_SHOWN_RULES], *([f"{more} more"] if more > 0 else [])]
    parts = [f"{', '.join(counts)}: {', '.join(rules)}"] if counts else []
    if row.status is Status.UNDECIDED and row.reason:
        parts.append(row.reason)
    if row.status is Status.PASSED and row.control.note:
        parts.append(row.control.note)
    if row.off:
        parts.append(f"{plural(len(row.off), 'rule')} of {len(row.control.rules)} not run")
    return "; ".join(parts)


def summary(framework: Framework, rows: Sequence[Verdicts], report: Report) -> Iterator[str]:
    """The counts by status, what is not covered by reason, and what the matrix does not know."""
    counts = Counter(row.status for row in rows)
    shares = ", ".join(f"{counts[status]} {status.value}" for status in Status)
    yield f"{visible(framework.title)}: {shares} (of {plural(len(rows), 'control')})"
    for status, reason, number in by_reason(rows):
        yield f"  {status.value}: {number}: {visible(reason)}"
    if report.errors:
        yield f"  {plural(len(report.errors), 'file or part')} could not be read; the others are what is told here"


def by_reason(rows: Iterable[Verdicts]) -> Iterator[tuple[Status, str, int]]:
    """How many controls are not tested for each reason, those that a rule could test first."""
    counts = Counter((row.status, row.reason) for row in rows if row.status in UNTESTED)
    order = list(Status)
    for (status, reason), number in sorted(
        counts.items(), key=lambda item: (order.index(item[0][0]), -item[1], item[0])
    ):
        yield status, reason, number
