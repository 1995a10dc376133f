"""What another tool says, in one form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from infra_checks.core.finding import Severity

if TYPE_CHECKING:
    from infra_checks.template.source import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One result of a tool on a file, at a resource (empty: the template) and a place, as far as it tells.

    `suppressed` is the reason given in the template when the tool itself was told to skip the check, None when not.
    """

    check: str
    message: str
    file: str
    resource: str = ""
    path: tuple[str | int, ...] = ()
    span: Span | None = None
    severity: Severity = Severity.MEDIUM
    source: str = ""
    suppressed: str | None = None


class Failure(NamedTuple):
    """A file on which a tool failed, or a check of its, and how."""

    file: str
    message: str


@dataclass(slots=True)
class Outcome:
    """All that a tool said of some files."""

    told: list[Told] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        """Take over what was said of other files."""
        self.told += other.told
        self.failures += other.failures
