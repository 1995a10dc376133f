"""Offsets into a text as places."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final

from infra_checks.template.nodes import span_between
from infra_checks.template.source import FixedMark, Span

# The ends that str.splitlines knows, so that a place always fits SourceFile.lines.
_LINE_END: Final = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


class Lines:
    """Where the lines of a text begin; found on first use, because most files need no place at all."""

    __slots__ = ("_starts", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts: list[int] | None = None

    def mark(self, offset: int) -> FixedMark:
        """The line and column, both from 0, of the character at `offset` (from 0)."""
        if self._starts is None:
            self._starts = [0, *(end.end() for end in _LINE_END.finditer(self._text))]
        line = bisect_right(self._starts, offset) - 1
        return FixedMark(line, offset - self._starts[line])


class Offset:
    """A mark that is an offset until somebody asks for its line."""

    __slots__ = ("_lines", "_offset")

    def __init__(self, lines: Lines, offset: int) -> None:
        self._lines = lines
        self._offset = offset

    @property
    def line(self) -> int:
        """The line, from 0."""
        return self._lines.mark(self._offset).line

    @property
    def column(self) -> int:
        """The column, from 0, in characters."""
        return self._lines.mark(self._offset).column


def span_at(text: str, offset: int) -> Span:
    """The span of the one character at `offset`, empty at the text's end."""
    lines = Lines(text)
    start = lines.mark(offset)
    is_inside = offset < len(text) and not _LINE_END.match(text, offset)
    return span_between(start, FixedMark(start.line, start.column + is_inside))
