"""What is wrong with a policy document: a code, how grave it is, where, and what to do."""

from __future__ import annotations

from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from infra_checks.iam.validate import codes

if TYPE_CHECKING:
    from infra_checks.iam.document import Path


class Level(Enum):
    """The finding types of Access Analyzer, the gravest first.

    Source: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidatePolicyFinding.html
    """

    ERROR = "ERROR"  # a part of the policy does not work, or AWS refuses it
    SECURITY_WARNING = "SECURITY_WARNING"  # allows more than is wise
    WARNING = "WARNING"  # does probably not do what was meant
    SUGGESTION = "SUGGESTION"  # changes no access


class Code(NamedTuple):
    """A kind of problem; `own` when Access Analyzer has no such issue code."""

    name: str
    level: Level
    remedy: str
    own: bool


class Problem(NamedTuple):
    """One problem; `message` goes on from "The policy: ", `remedy` is a sentence, `path` leads to what is wrong."""

    code: str
    level: Level
    message: str
    path: Path
    remedy: str


@cache
def catalogue() -> dict[str, Code]:
    """Every code that `validate` can give, by name."""
    found: dict[str, Code] = {}
    for level in Level:
        for own, table in ((False, codes.AWS), (True, codes.OWN)):
            for line in table[level.value].strip().splitlines():
                name, _, remedy = line.partition(" ")
                found[name] = Code(name, level, remedy, own)
    return found


def problem(code: str, path: Path, message: str, remedy: str = "") -> Problem:
    """A problem of a kind, with the remedy of its kind where none is given."""
    kind = catalogue()[code]
    return Problem(code, kind.level, message, path, remedy or kind.remedy)


def one_of(names: list[str], limit: int = 5) -> str:
    """Names for a message, the first few of many."""
    shown = ", ".join(names[:limit])
    return f"{shown} and {len(names) - limit} more" if len(names) > limit else shown
