"""What a question about policies is answered with: yes, perhaps, no, or not known, each with its evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra_checks.iam.model import Policy, Request, Statement, Unread
    from infra_checks.iam.text import Symbol


class Certainty(Enum):
    """How sure the answer "there is such a request" is, over everything that is not known before deployment."""

    DEFINITE = "definite"  # whatever the unknowns are
    POSSIBLE = "possible"  # for some values of the symbols named, or of parts that were not read
    NO = "no"  # whatever the unknowns are
    UNKNOWN = "unknown"  # too large to tell, or parts were not read that could make it so


class Granting(NamedTuple):
    """An Allow that lets the witness through, and the policy it is from."""

    policy: Policy
    statement: Statement


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to "is there a request that …".

    witness     a request that is, for DEFINITE and POSSIBLE; symbols in it are written `${name}`
    granting    the Allows that let it through, one of each kind of policy that has to
    symbols     for POSSIBLE, the symbols it depends on
    values      for POSSIBLE, values of them with which the answer was checked to be yes; empty when none was found
    unread      what was not read and could change the answer
    reason      for people: why POSSIBLE is not more, and UNKNOWN not an answer; empty otherwise
    """

    certainty: Certainty
    witness: Request | None = None
    granting: tuple[Granting, ...] = ()
    symbols: tuple[Symbol, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[Unread, ...] = ()
    reason: str = ""

    def __bool__(self) -> bool:
        """Refused: an answer is not a yes or a no."""
        raise TypeError("look at the certainty of an Answer; it is neither true nor false")
