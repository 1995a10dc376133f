"""Sets of actions: what a pattern names, and classes of actions, as bits over the sorted list of all actions.

data/actions.txt has a head of classes (name and bits as a hexadecimal number), an empty line, and all `service:action`
in lower case, sorted; bit i is the i-th. `build` writes it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.iam.catalogue.slices import DATA
from infra_checks.iam.text import Symbol, pieces

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from infra_checks.iam.catalogue.kinds import Level, Risk
    from infra_checks.iam.text import Text

FILE: Final = DATA / "actions.txt"
RESOURCE_LEVEL: Final = "resource level"
ONE_RESOURCE: Final = "one resource"
UNDOCUMENTED: Final = "undocumented"

_WILDCARD: Final = re.compile(r"[*?]")
_AFTER: Final = "\uffff"  # sorts behind every character of a name


class _Names(NamedTuple):
    sorted: list[str]
    classes: dict[str, str]


class ActionSet:
    """A set of known actions. `&`, `|`, `-` and `~` work as expected; `~` is among all known actions."""

    __slots__ = ("bits",)

    def __init__(self, bits: int = 0) -> None:
        self.bits = bits

    def __and__(self, other: ActionSet) -> ActionSet:
        return ActionSet(self.bits & other.bits)

    def __or__(self, other: ActionSet) -> ActionSet:
        return ActionSet(self.bits | other.bits)

    def __sub__(self, other: ActionSet) -> ActionSet:
        return ActionSet(self.bits & ~other.bits)

    def __invert__(self) -> ActionSet:
        return all_actions() - self

    def __le__(self, other: ActionSet) -> bool:
        return not self.bits & ~other.bits

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ActionSet) and self.bits == other.bits

    def __hash__(self) -> int:
        return hash(self.bits)

    def __bool__(self) -> bool:
        return bool(self.bits)

    def __len__(self) -> int:
        return self.bits.bit_count()

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(self.bits & _one(name.lower()))

    def __iter__(self) -> Iterator[str]:
        """The names in lower case, sorted."""
        names, bits = _names().sorted, self.bits
        digits = bin(bits)[:1:-1]
        index = digits.find("1")
        while index >= 0:
            yield names[index]
            index = digits.find("1", index + 1)

    def __repr__(self) -> str:
        some = [name for name, _ in zip(self, range(3), strict=False)]
        return f"<{len(self)} actions: {', '.join(some)}{', …' if len(self) > len(some) else ''}>"


@cache
def _names() -> _Names:
    classes, _, names = FILE.read_text("ascii").partition("\n\n")
    return _Names(
        names.rstrip("\n").split("\n"),
        dict(line.split("\t") for line in classes.split("\n") if not line.startswith("#")),
    )


@cache
def all_actions() -> ActionSet:
    """Every known action."""
    return ActionSet((1 << len(_names().sorted)) - 1)


@cache
def _class(name: str) -> ActionSet:
    return ActionSet(int(_names().classes[name], 16))


def of_level(level: Level) -> ActionSet:
    """The actions of an access level."""
    return _class(level.value)


def of_risk(risk: Risk) -> ActionSet:
    """The actions that carry a risk."""
    return _class(risk.value)


def with_resource_level() -> ActionSet:
    """The actions that can be limited to resources; the others are granted by `*` only."""
    return _class(RESOURCE_LEVEL)


def with_one_resource() -> ActionSet:
    """Actions that work without a resource and whose resource types have one resource in each account and Region.

    To name it instead of `*` limits nothing: `cloudwatch:PutMetricData` has the type dataset, and there is only
    `dataset/default`.
    """
    return _class(ONE_RESOURCE)


def is_undocumented(name: str) -> bool:
    """Whether an action is missing from AWS's reference and yet granted by a policy that AWS manages."""
    return name.lower() in _names().classes[UNDOCUMENTED].split(" ")


def _one(name: str) -> int:
    names = _names().sorted
    index = bisect_left(names, name)
    return 1 << index if index < len(names) and names[index] == name else 0


def expand(pattern: str) -> ActionSet:
    """The known actions that an entry of Action names, such as `s3:Get*`; none when it names none."""
    return expand_all((pattern,))


def expand_all(patterns: Iterable[str]) -> ActionSet:
    """The known actions that any of the patterns names."""
    return _expanded(frozenset(patterns))


@lru_cache(2048)
def _expanded(patterns: frozenset[str]) -> ActionSet:
    size = len(_names().sorted)
    digits = bytearray(b"0" * size)  # the first digit is the last bit
    bits = 0
    for pattern in patterns:
        low, high, rest = _span(pattern.lower())
        if rest:
            bits |= _matching(low, high, rest)
        else:
            digits[size - high : size - low] = b"1" * (high - low)
    return ActionSet(bits | int(digits, 2))


def _span(pattern: str) -> tuple[int, int, str]:
    """The first and the last plus one of the names that start like the pattern; the pattern if that does not do."""
    names = _names().sorted
    wildcard = _WILDCARD.search(pattern)
    if wildcard is None:
        low = bisect_left(names, pattern)
        return low, low + (low < len(names) and names[low] == pattern), ""
    prefix = pattern[: wildcard.start()]
    low, high = bisect_left(names, prefix), bisect_left(names, prefix + _AFTER)
    return low, high, pattern if pattern[wildcard.start() :].strip("*") else ""


@lru_cache(1024)
def _matching(low: int, high: int, pattern: str) -> int:
    matches = re.compile(_regular(pattern), re.DOTALL).fullmatch
    digits = "".join(["1" if matches(name) else "0" for name in reversed(_names().sorted[low:high])])
    return int(digits, 2) << low if digits else 0


def _regular(pattern: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(letter) or re.escape(letter) for letter in re.sub(r"\*+", "*", pattern))


def may_name(pattern: Text) -> ActionSet:
    """The known actions that a pattern names for some value of its symbols."""
    return expand(
        "".join(
            piece if not isinstance(piece, Symbol) else "?" * piece.least + "*" if not piece.literal else ""
            for piece in pieces(pattern)
        )
    )


def suggest(name: str, most: int = 3) -> tuple[str, ...]:
    """Known actions that a name which is none may stand for, the likeliest first."""
    from infra_checks.iam.catalogue.suggesting import suggestions  # noqa: PLC0415 - needed for mistakes only

    return suggestions(name, most)


CACHED: Final = (_names, all_actions, _class, _matching)
