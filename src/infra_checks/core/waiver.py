"""A waiver: who accepts which finding, why, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from infra_checks.template.source import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """What a policy pack, a resource's metadata or another tool's suppression says.

    `rules` are rule ids or other tools' check ids as written. Of the selectors `template`, `resource` (both globs),
    `path` (a property path; what lies below it counts), `statement` (a policy statement's Sid), `fingerprint` and
    `evidence` (the digest of the judged value), each that is not empty must fit. `expires` is the last day on which
    it hides; None, as in other tools' suppressions, is no end. `origin` is `pack`, `metadata` or the other tool's
    name; `file` and `span` are where it stands.
    """

    rules: tuple[str, ...]
    reason: str
    owner: str = ""
    expires: date | None = None
    since: date | None = None
    template: str = ""
    resource: str = ""
    path: str = ""
    statement: str = ""
    fingerprint: str = ""
    evidence: str = ""
    origin: str = "pack"
    is_comment: bool = False
    file: str = ""
    span: Span | None = None

    def has_ended(self, today: date) -> bool:
        """Whether its last day is over; on that day itself it still hides."""
        return self.expires is not None and today > self.expires

    @property
    def place(self) -> str:
        """`file:line:column`."""
        return f"{self.file}:{self.span.line}:{self.span.column}" if self.span else self.file
