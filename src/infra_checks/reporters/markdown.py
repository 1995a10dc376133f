"""The report as Markdown, for summaries and comments; nothing in a template can become markup."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Effect, Outcome
from infra_checks.reporters.characters import clipped, visible
from infra_checks.reporters.phrases import place, problem_place, rank, scenario, statement
from infra_checks.reporters.tally import by_severity, plural, tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from infra_checks.core.finding import Finding
    from infra_checks.core.report import Report

_MARKUP: Final = re.compile(r"[\\`*_\[\]<>#|~$&]|:(?=/)")
"""What can begin markup within a line; the report's own text stands before each escaped one."""

_ENTITIES: Final = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
_MENTION_OR_LINK: Final = re.compile(r"(?<=@)|(?<=\bwww)(?=\.)", re.IGNORECASE)
_CODE: Final = re.compile(r"(`[^`]+`)")
_LONGEST: Final = 500
"""The most characters of one cell."""


def render(report: Report, *, limit: int | None = None) -> str:
    """The report as Markdown, of at most `limit` bytes: what does not fit is counted instead."""
    parts = ["# infra-checks\n\n", f"{tally(report).sentence()}\n"]
    parts += [_errors(report), _severities(report), _notes(report)]
    head = "".join(parts)
    left = None if limit is None else limit - len(head.encode())
    if left is not None and left < 0:
        return ""
    return head + _sections(report, left)


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the cells are escaped."""
    lines = [f"| {' | '.join(titles)} |", f"|{' --- |' * len(titles)}"]
    lines += [_row([escape(cell) for cell in row]) for row in rows]
    return "".join(f"{line}\n" for line in lines)


def escape(text: str) -> str:
    """Text that is shown as it is: no markup, HTML, link or mention of a user."""
    shown = visible(clipped(text, _LONGEST))
    plain = _MARKUP.sub(lambda found: _ENTITIES.get(found[0], f"\\{found[0]}"), shown)
    return _MENTION_OR_LINK.sub("<!-- -->", plain)


def prose(text: str) -> str:
    """A rule's own text, which may have code in backticks, without HTML."""
    parts = _CODE.split(text)
    return "".join(part if index % 2 else part.replace("<", "&lt;") for index, part in enumerate(parts))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _errors(report: Report) -> str:
    if not report.errors:
        return ""
    rows = [(problem_place(problem), problem.message) for problem in report.errors]
    return f"\n## Errors\n\n{table(('Place', 'Error'), rows)}"


def _severities(report: Report) -> str:
    """Violations and open questions of each severity."""
    counts = {
        outcome: by_severity(finding for finding in report.findings if finding.outcome is outcome)
        for outcome in (Outcome.FAIL, Outcome.UNDECIDED)
    }
    found = sorted({severity for each in counts.values() for severity in each}, reverse=True)
    if not found:
        return ""
    rows = [(severity.label, *(str(each.get(severity, 0)) for each in counts.values())) for severity in found]
    return f"\n{table(('Severity', 'Violations', 'Undecided'), rows)}"


def _notes(report: Report) -> str:
    notes = list(report.notices)
    if report.skipped:
        notes.append(f"{plural(len(report.skipped), 'file')} skipped")
    return "".join(f"\nNote: {escape(note)}\n" for note in notes)


def _sections(report: Report, left: int | None) -> str:
    """A table for each template, in the report's order; with a limit, the worst findings of all that fit."""
    findings = [finding for finding in report.findings if finding.outcome is not Outcome.WAIVED]
    rows = {id(finding): _finding(finding) for finding in findings}
    kept = findings if left is None else _fitting(findings, rows, left)
    wanted = {id(finding) for finding in kept}
    parts: list[str] = []
    shown = [finding for finding in findings if id(finding) in wanted]
    for template, group in groupby(shown, key=lambda finding: finding.template):
        parts.append(_heading(template))
        parts += [rows[id(finding)] for finding in group]
    if len(kept) < len(findings):
        parts.append(_rest(len(findings) - len(kept)))
    return "".join(parts)


def _fitting(findings: Sequence[Finding], rows: dict[int, str], left: int) -> list[Finding]:
    left -= len(_rest(len(findings)).encode())
    kept: list[Finding] = []
    headed: set[str] = set()
    for finding in sorted(findings, key=rank):
        size = len(rows[id(finding)].encode())
        if finding.template not in headed:
            size += len(_heading(finding.template).encode())
        if size > left:
            break
        left -= size
        headed.add(finding.template)
        kept.append(finding)
    return kept


def _rest(number: int) -> str:
    return f"\n{plural(number, 'finding')} more, for which there is no room here.\n"


def _heading(template: str) -> str:
    titles = table(("Severity", "Rule", "Place", "Finding", "When", "Fix"), ())
    return f"\n## {escape(template)}\n\n{titles}"


def _finding(finding: Finding) -> str:
    cells = (_label(finding), finding.rule, place(finding), statement(finding), scenario(finding), finding.remedy)
    return f"{_row(map(escape, cells))}\n"


def _label(finding: Finding) -> str:
    if finding.outcome is Outcome.ERROR:
        return "rule failed"
    if finding.outcome is Outcome.UNDECIDED:
        return f"undecided ({finding.severity.label})"
    return finding.severity.label if finding.effect is Effect.BLOCK else f"{finding.severity.label} (warning)"
