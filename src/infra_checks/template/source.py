"""Places in source text."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Mark(Protocol):
    """A point in a text; both numbers count from 0, in characters."""

    @property
    def line(self) -> int:
        """The line, from 0."""

    @property
    def column(self) -> int:
        """The column, from 0."""


class Span(NamedTuple):
    """From the first character to one past the last; all four numbers count from 1."""

    line: int
    column: int
    end_line: int
    end_column: int


class SourceFile(NamedTuple):
    """A file's name, as the user gave it, and its decoded text without byte order mark."""

    name: str
    text: str

    def lines(self) -> list[str]:
        """The text's lines, without their ends."""
        return self.text.splitlines()


class FixedMark(NamedTuple):
    """A mark that is not read from a text: synthesised nodes, live resources, tests."""

    line: int = 0
    column: int = 0
