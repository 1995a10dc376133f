"""Which characters the values of a parameter surely do not hold, by its type and AllowedPattern.

AWS: "Parameters" of the CloudFormation user guide: a pattern must match the whole value of a String parameter.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from infra_checks.iam.text import SEGMENT

if TYPE_CHECKING:
    from infra_checks.template.model import Parameter

ASCII: Final = frozenset(map(chr, range(32, 127)))
"""The characters that are spoken of; others matter to no pattern of a policy."""

_DIGITS: Final = frozenset("0123456789")
_WORD: Final = frozenset(character for character in ASCII if character.isalnum() or character == "_")
_CLASSES: Final = {"d": _DIGITS, "w": _WORD, "s": frozenset(" ")}
_ANCHORS: Final = "bBAZzG"
_NUMBER: Final = _DIGITS | frozenset("+-.eE")
_IDS: Final = ("::Id", "::Id>", "::AvailabilityZone::Name", "::AvailabilityZone::Name>")
"""Ends of the types whose values are ids that AWS gives, of letters, digits and hyphens."""

_GROUP: Final = re.compile(r"\((?:\?(?:[imsx-]*:|[imsx]+\)|[=!>]|<[=!]|P?<\w+>))?")
_COUNT: Final = re.compile(r"\{\d*,?\d*\}")


def excluded_characters(parameter: Parameter) -> frozenset[str]:
    """The printable ASCII characters that no value of the parameter holds; nothing where that cannot be told."""
    if parameter.type == "Number":
        return ASCII - _NUMBER
    if parameter.type.endswith(_IDS):
        return SEGMENT | {"/"}
    if parameter.allowed_pattern is None or parameter.is_ssm or parameter.is_list:
        return frozenset()  # an AllowedPattern of a Systems Manager parameter is for its name, not its value
    return excluded_by(parameter.allowed_pattern)


@lru_cache(maxsize=512)
def excluded_by(pattern: str) -> frozenset[str]:
    """The characters that no text holds which a regular expression matches as a whole.

    The expression is not run but read: all characters that it names anywhere count as possible. What is not
    understood makes everything possible.
    """
    possible: set[str] = set()
    rest = pattern
    while rest:
        found = _next(rest)
        if found is None:
            return frozenset()
        characters, rest = found
        possible |= characters
    if "(?" in pattern and re.search(r"\(\?[msx-]*i", pattern):
        possible |= {character.swapcase() for character in possible}
    return ASCII - possible


def _next(rest: str) -> tuple[frozenset[str], str] | None:
    """The characters that the first element of an expression stands for, and what follows it."""
    first = rest[0]
    if first == "[":
        return _bracket(rest[1:])
    if first == "\\":
        escaped = _escaped(rest[1:2])
        return None if escaped is None else (escaped, rest[2:])
    if first == "(":
        match = _GROUP.match(rest)
        return (frozenset(), rest[match.end() :]) if match and not rest[match.end() :].startswith("?") else None
    if first == "{" and (match := _COUNT.match(rest)):
        return frozenset(), rest[match.end() :]
    if first in "^$|)*+?":
        return frozenset(), rest[1:]
    return (ASCII if first == "." else frozenset(first)), rest[1:]


def _escaped(letter: str) -> frozenset[str] | None:
    """What a backslash and a letter stand for; None where it is more than one character or not understood."""
    if letter.lower() in _CLASSES:
        own = _CLASSES[letter.lower()]
        return own if letter.islower() else ASCII - own
    if letter in _ANCHORS and letter:
        return frozenset()
    if letter in "nrtfv" and letter:
        return frozenset()  # not printable
    return frozenset(letter) if letter and not letter.isalnum() else None


def _bracket(rest: str) -> tuple[frozenset[str], str] | None:
    """The characters of a class, after its opening bracket; Java's nested classes are not understood."""
    negated = rest.startswith("^")
    rest = rest.removeprefix("^")
    found: set[str] = set()
    started = False
    while rest and (rest[0] != "]" or not started):
        started = True
        member = _member(rest)
        if member is None:
            return None
        characters, rest = member
        found |= characters
    if not rest:
        return None
    return (ASCII - found if negated else frozenset(found)), rest[1:]


def _member(rest: str) -> tuple[frozenset[str], str] | None:
    """The first character, range or class inside brackets, and what follows."""
    if rest[0] == "[" or rest.startswith("&&"):
        return None
    single, after = (_escaped(rest[1:2]), rest[2:]) if rest[0] == "\\" else (frozenset(rest[0]), rest[1:])
    if single is None:
        return None
    if not after.startswith("-") or after[1:2] in {"", "]"}:
        return single, after
    end, after = (_escaped(after[2:3]), after[3:]) if after[1] == "\\" else (frozenset(after[1]), after[2:])
    if end is None or len(single) != 1 or len(end) != 1:
        return None
    low, high = ord(min(single)), ord(min(end))
    return frozenset(map(chr, range(low, high + 1))) & ASCII, after
