"""How stacks are judged, and what is noted beside the findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra_checks.waivers.declared import Declared

MAX_SCENARIOS: Final = 1000


class Record:
    """What findings do not tell.

    `judged` are the rules that had something of a type to judge, `unsaid` those with an open question on a type that is
    not reported, `left_out` the resources (file, logical id) that a rule left out because of a pack's patterns.
    """

    __slots__ = ("judged", "left_out", "unsaid")

    def __init__(self) -> None:
        self.judged: set[tuple[str, str]] = set()
        self.unsaid: set[tuple[str, str]] = set()
        self.left_out: set[tuple[str, str]] = set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How a stack is judged: the file's name in findings, the stack's own tags, the limit of scenarios, the waivers
    that the template declares.

    `record` is written to, by all judgements that share it.
    """

    label: str
    tags: Mapping[str, str] = field(default_factory=dict)
    max_scenarios: int = MAX_SCENARIOS
    declared: Declared | None = None
    today: date = field(default_factory=date.today)
    record: Record = field(default_factory=Record)
