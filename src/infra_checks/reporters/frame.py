"""The lines of a template that a finding speaks of, with the value underlined."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from infra_checks.reporters.characters import visible_character

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra_checks.template.source import SourceFile, Span

WIDTH: Final = 160
"""The most characters of a line that are shown."""

_LEAD: Final = 40
"""How many characters before the value are kept of a line that is too long."""

_TAB: Final = 4

_SECRET: Final = re.compile(
    r"""(?ix) (?<![\w:.-]) [\w-]* (?:password|passwd|passphrase|secret|token|private_?key) [\w-]* ["']? \s* : \s*
    (?! [!&*{\[|>] | ["']?\{\{resolve: | ["']?(?:true|false|\d+)["']?\s*,?\s*$ )
    (?P<value> "[^"]*" | '[^']*' | [^\s,}\]]+ )"""
)
"""A literal under a key that names a secret: logs of a build are read by more people than the template is."""


class Frames:
    """Makes frames; splits each source once, however many findings it has."""

    __slots__ = ("_lines", "_sources")

    def __init__(self, sources: Mapping[str, SourceFile]) -> None:
        self._sources = sources
        self._lines: dict[str, list[str]] = {}

    def frame(self, template: str, span: Span) -> list[tuple[str, str]]:
        """Gutter and text of each row: the line before, the line itself and its underline; empty without source."""
        lines = self._of(template)
        if not 1 <= span.line <= len(lines):
            return []
        line = _hidden(lines[span.line - 1])
        first = min(span.column - 1, len(line))
        last = min(span.end_column - 1, len(line)) if span.end_line == span.line else len(line.rstrip())
        start = max(0, first - _LEAD) if len(line) > WIDTH else 0
        before = _hidden(lines[span.line - 2]) if span.line > 1 else ""
        digits = len(str(span.line))
        rows = [(f"{span.line - 1:>{digits}} |", _shown(before, 0))] if before.strip() else []
        rows.append((f"{span.line} |", _shown(line, start)))
        rows.append((f"{'':>{digits}} |", _underline(line, start, first, last)))
        return rows

    def _of(self, template: str) -> list[str]:
        if template not in self._lines:
            source = self._sources.get(template)
            self._lines[template] = source.lines() if source else []
        return self._lines[template]


def _hidden(line: str) -> str:
    """The line with literal secrets as asterisks, as many as there were characters, so that columns stay."""
    return _SECRET.sub(lambda found: found[0][: -len(found["value"])] + "*" * len(found["value"]), line)


def _shown(line: str, start: int) -> str:
    text = "".join(_cells(line[start : start + WIDTH]))
    return f"{'...' if start else ''}{text.rstrip()}{'...' if len(line) > start + WIDTH else ''}"


def _underline(line: str, start: int, first: int, last: int) -> str:
    cells = _cells(line[start : start + WIDTH])
    begin, end = first - start, min(last - start, len(cells))
    indent = _columns("".join(cells[:begin])) + (3 if start else 0)
    return f"{' ' * indent}{'^' * max(1, _columns(''.join(cells[begin:end])))}"


def _cells(text: str) -> list[str]:
    """Each character as it is shown: tabs as spaces up to the next stop, what cannot be seen as an escape."""
    if text.isascii() and text.isprintable():
        return list(text)
    cells: list[str] = []
    column = 0
    for character in text:
        cell = " " * (_TAB - column % _TAB) if character == "\t" else visible_character(character)
        cells.append(cell)
        column += _columns(cell)
    return cells


def _columns(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    return sum(_character_columns(character) for character in text)


def _character_columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
