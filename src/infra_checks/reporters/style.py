"""How much of a report people want to see."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """`quiet`: one line for each finding; `verbose`: also what was waived or skipped; `color`: with ANSI colours.

    `statistics` adds counts by rule, family and severity, and `seconds`, the run's time, to them.
    """

    color: bool = False
    quiet: bool = False
    verbose: bool = False
    statistics: bool = False
    seconds: float | None = None
