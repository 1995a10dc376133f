"""Keeps the text of secrets out of reports: templates are read by those who may, logs of a build by many more."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from infra_checks.template.source import SourceFile

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from infra_checks.core.finding import Finding
    from infra_checks.template.source import Span

_SHORTEST: Final = 4
"""Shorter texts are hidden where they stand only: elsewhere they are parts of other words, or mean something else."""


def concealed(
    findings: Sequence[Finding], source: SourceFile, *, names: Collection[str] = ()
) -> tuple[list[Finding], SourceFile]:
    """A template's findings and text with asterisks for what its findings judge to be secret, wherever it stands.

    A text keeps its lines and columns. `names` are words that stay, such as names of parameters.
    """
    spans = {span for finding in findings for span in finding.hidden}
    if not spans:
        return list(findings), source
    lines = source.lines()
    texts = {_text_at(lines, span) for span in spans}
    for span in spans:
        _cover(lines, span)
    pattern = _any_of(text for text in texts if len(text) >= _SHORTEST and text not in names)
    if pattern is None:
        return list(findings), SourceFile(source.name, "\n".join(lines))
    return [_bare(finding, pattern) for finding in findings], SourceFile(source.name, _hide("\n".join(lines), pattern))


def _text_at(lines: Sequence[str], span: Span) -> str:
    """The text of one line without its quotes; empty for a block, which is hidden where it stands."""
    if span.line != span.end_line or span.line > len(lines):
        return ""
    text = lines[span.line - 1][span.column - 1 : span.end_column - 1].strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _cover(lines: list[str], span: Span) -> None:
    for number in range(span.line, min(span.end_line, len(lines)) + 1):
        line = lines[number - 1]
        start = span.column - 1 if number == span.line else 0
        end = span.end_column - 1 if number == span.end_line else len(line)
        lines[number - 1] = line[:start] + re.sub(r"\S", "*", line[start:end]) + line[end:]


def _any_of(texts: Iterable[str]) -> re.Pattern[str] | None:
    """Any of some texts as a whole; the longest first, as one may be a part of another."""
    found = sorted(set(texts), key=lambda text: (-len(text), text))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, found))})(?!\w)") if found else None


def _hide(text: str, pattern: re.Pattern[str]) -> str:
    return pattern.sub(lambda found: "*" * len(found[0]), text)


def _bare(finding: Finding, pattern: re.Pattern[str]) -> Finding:
    return replace(
        finding,
        message=_hide(finding.message, pattern),
        remedy=_hide(finding.remedy, pattern),
        when=_hide(finding.when, pattern),
        assignment={name: _hide(value, pattern) for name, value in finding.assignment.items()},
        provenance=tuple(_hide(note, pattern) for note in finding.provenance),
    )
