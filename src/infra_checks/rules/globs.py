"""Patterns with `*` and `?` in policies, also those of which a part is known only at deployment.

`arn:aws:s3:::${Bucket}/*` is surely not `*`, while a parameter that stands alone may be.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.evaluate.values import Absent, Known, Symbol, Unknown, Value
from infra_checks.evaluate.view import as_text

if TYPE_CHECKING:
    from infra_checks.core.table import Decision

ANY_ACTION: Final = "zqzqzqzq:zqzqzqzq"
"""An action that no policy names: a pattern that matches it matches every action."""

ANY_RESOURCE: Final = "arn:aws:zqzqzqzq:zqzqzqzq:zqzqzqzq:zqzqzqzq"
"""A resource that no policy names."""

SOLID: Final = frozenset({"reference", "pseudo", "zone"})
"""Kinds of symbols whose text is surely no wildcard."""

_HOLE: Final = "\0"


def pieces(value: Value[object]) -> tuple[str | Symbol, ...]:
    """What is known of a value's text; nothing when nothing is, or there is none."""
    text = as_text(value)
    match text:
        case Known(known):
            return (known,)
        case Unknown():
            return text.parts
        case Absent():
            return ()


class Pattern(NamedTuple):
    """A pattern as texts with `*` and `?`: its open pieces as nothing, and as everything.

    `head` is what everything it may match begins with: a cheap first test.
    """

    certain: str
    possible: str
    head: str

    def covers(self, sample: str) -> Decision:
        """Yes, when it matches whatever its open pieces are; None, when it may."""
        if not sample.startswith(self.head):
            return False
        if matches(self.certain, sample):
            return True
        return None if self.possible != self.certain and matches(self.possible, sample) else False


def covers(pattern: Value[object], sample: str, *, fold: bool = False, free: tuple[int, ...] = (1, 4)) -> Decision:
    """Whether a pattern with `*` and `?` matches a sample.

    `fold` ignores case, as IAM does for actions. `free` are the fields of an ARN in the pattern that do not
    count, by default partition and account: every role of one account is as good as every role.
    """
    return pattern_of(pattern, fold=fold, free=free).covers(sample.lower() if fold else sample)


def pattern_of(value: Value[object], *, fold: bool = False, free: tuple[int, ...] = (1, 4)) -> Pattern:
    """A value as a pattern; see `covers`, of which this is the part that is the same for every sample."""
    parts = pieces(value)
    if parts:
        return _pattern(parts, free, fold=fold)
    return _NOTHING if isinstance(value, Absent) else _ANYTHING


@lru_cache(maxsize=4096)
def _pattern(parts: tuple[str | Symbol, ...], free: tuple[int, ...], *, fold: bool) -> Pattern:
    """A value's pieces as a pattern; the same ones come again in every rule and scenario."""
    texts = (_freed(text, free) for text in _rendered(parts))
    return _made(*(text.lower() if fold else text for text in texts))


def _made(certain: str, possible: str) -> Pattern:
    return Pattern(certain, possible, possible.replace("?", "*").partition("*")[0])


_NOTHING: Final = _made(_HOLE, _HOLE)
_ANYTHING: Final = _made(_HOLE, "*")


def _rendered(parts: tuple[str | Symbol, ...]) -> tuple[str, str]:
    """A pattern in which open pieces match nothing, and one in which they match everything."""
    certain = "".join(part if isinstance(part, str) else _HOLE for part in parts)
    possible = "".join(part if isinstance(part, str) else _HOLE if part.kind in SOLID else "*" for part in parts)
    return certain, possible


def _freed(pattern: str, free: tuple[int, ...]) -> str:
    fields = pattern.split(":", 5)
    if fields[0] != "arn":
        return pattern
    last = len(fields) - 1
    return ":".join("*" if index in free and index < last else field for index, field in enumerate(fields))


@lru_cache(maxsize=4096)
def matches(pattern: str, text: str) -> bool:
    """Whether a pattern with `*` and `?` matches a text; no pattern takes longer than both lengths multiplied."""
    at, here, star, retry = 0, 0, -1, 0
    while here < len(text):
        sign = pattern[at : at + 1]
        if sign == "*":
            star, retry, at = at, here, at + 1
        elif sign and sign in {"?", text[here]}:
            at, here = at + 1, here + 1
        elif star >= 0:
            retry, at = retry + 1, star + 1
            here = retry
        else:
            return False
    return not pattern[at:].strip("*")


def service_name(value: Value[object]) -> str | None:
    """The text of a principal, with AWS::URLSuffix as in most regions; None when it cannot be told."""
    parts = pieces(value)
    texts = ["amazonaws.com" if str(part) == "AWS::URLSuffix" else part for part in parts]
    return "".join(map(str, texts)) if texts and all(isinstance(text, str) for text in texts) else None


def covers_service(pattern: Value[object]) -> Decision:
    """Whether an action pattern is every action of a service; the service itself need not be known."""
    return _covers_service(pieces(pattern)) if pieces(pattern) else covers(pattern, ANY_ACTION)


@lru_cache(maxsize=4096)
def _covers_service(parts: tuple[str | Symbol, ...]) -> Decision:
    certain, possible = _rendered(parts)
    if ":" not in certain:
        return _pattern(parts, (1, 4), fold=True).covers(ANY_ACTION)
    return _made(certain.rpartition(":")[2], possible.rpartition(":")[2]).covers(ANY_ACTION.partition(":")[2])
