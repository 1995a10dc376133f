"""Text of which parts are known only later: characters, and symbols that stand for values with an identity of their own."""

from __future__ import annotations

from typing import Final, NamedTuple


class Symbol(NamedTuple):
    """A value that is the same wherever its name appears, but is not known.

    `excluded` are characters that it surely does not hold. What it may hold decides what a pattern that contains
    it can match: an account id never holds `*`, a parameter without a pattern may.
    `variable` is true for a policy variable such as `${aws:username}`, which each request fills in anew.
    """

    name: str
    excluded: frozenset[str] = frozenset()
    least: int = 1  # characters, at least
    variable: bool = False


Text = str | tuple["str | Symbol", ...]
"""Plain text, or its pieces and symbols in order; a text without symbols is always a str."""

WILDCARDS: Final = frozenset("*?")
SEGMENT: Final = frozenset(":*?")  # what a part of an ARN cannot hold when it is a name
DIGITS_ONLY: Final = frozenset(":*?/-_.@ ") | frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

ACCOUNT: Final = Symbol("AWS::AccountId", DIGITS_ONLY, 12)
REGION: Final = Symbol("AWS::Region", frozenset(":*?/_.@ "), 9)
PARTITION: Final = Symbol("AWS::Partition", frozenset(":*?/_.@ "), 3)


def shown(text: Text) -> str:
    """The text for people: symbols as `${name}`."""
    if isinstance(text, str):
        return text
    return "".join(piece if isinstance(piece, str) else f"${{{piece.name}}}" for piece in text)
