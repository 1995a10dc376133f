"""Literals: what one condition, or one list of patterns, says of one dimension of a request.

The dimensions are `action`, `resource`, `principal` and every condition key. A literal is a set of values with three
marks: whether an absent key satisfies it, whether it is negated, and whether it speaks of one value, of any, or of all.
The negation of a literal is a literal, so that "not in this box" is a choice among literals.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from infra_checks.iam.globs import Entry
    from infra_checks.iam.intervals import Intervals


class Domain(Enum):
    """What the values of a literal are."""

    TEXT = "text"
    BOOL = "Boolean"
    NUMBER = "number"
    DATE = "date"
    ADDRESS = "address"
    PRESENCE = "presence"  # whether there is a value other than the empty text
    EXISTENCE = "existence"  # whether there is a value at all


class Quantifier(Enum):
    """Which values of a key have to be in the set."""

    ONE = ""
    ANY = "ForAnyValue"
    ALL = "ForAllValues"


_FLIPPED: Final = {Quantifier.ONE: Quantifier.ONE, Quantifier.ANY: Quantifier.ALL, Quantifier.ALL: Quantifier.ANY}


class Literal:
    """`entries` are the values of TEXT and BOOL, `intervals` those of numbers, dates and addresses.

    Immutable; equal literals say the same.
    """

    __slots__ = ("_hash", "_negated", "absent_ok", "domain", "entries", "intervals", "positive", "quantifier")

    def __init__(
        self,
        domain: Domain,
        *,
        quantifier: Quantifier = Quantifier.ONE,
        absent_ok: bool = False,
        positive: bool = True,
        entries: tuple[Entry, ...] = (),
        intervals: Intervals = (),
    ) -> None:
        self.domain = domain
        self.quantifier = quantifier
        self.absent_ok = absent_ok
        self.positive = positive
        self.entries = entries
        self.intervals = intervals
        self._hash = hash(self._key())
        self._negated: Literal | None = None

    def _key(self) -> tuple[object, ...]:
        return self.domain, self.quantifier, self.absent_ok, self.positive, self.entries, self.intervals

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, Literal) and self._hash == other._hash and self._key() == other._key()

    def negated(self) -> Literal:
        """What holds exactly when this does not."""
        if self._negated is None:
            self._negated = Literal(
                self.domain,
                quantifier=_FLIPPED[self.quantifier],
                absent_ok=not self.absent_ok,
                positive=not self.positive,
                entries=self.entries,
                intervals=self.intervals,
            )
        return self._negated


def texts(*entries: Entry, positive: bool = True, absent_ok: bool = False) -> Literal:
    """The value is one of these texts, or none of them."""
    return Literal(Domain.TEXT, positive=positive, absent_ok=absent_ok, entries=entries)


PRESENT: Final = Literal(Domain.PRESENCE)
ABSENT: Final = PRESENT.negated()
"""What the operator Null asks for: no value, or an empty one."""
MISSING: Final = Literal(Domain.EXISTENCE).negated()
"""No value: an operator that compares does not hold, unless it takes an absent key."""
