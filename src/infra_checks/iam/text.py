"""Text of which parts are known only later: characters, and symbols for values with an identity of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Symbol(NamedTuple):
    """A value that is the same wherever its name appears, but is not known.

    `excluded` are characters that it surely does not hold. What it may hold decides what a pattern that contains
    it can match: an account id never holds `*`, a parameter without a pattern may.
    `variable` is true for a policy variable such as `${aws:username}`, which each request fills in anew; `default` is
    its text where the request lacks the key (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html).
    `literal` makes it no unknown at all: the character itself where a pattern would read a wildcard, written `${*}`.
    """

    name: str
    excluded: frozenset[str] = frozenset()
    least: int = 1  # characters, at least
    variable: bool = False
    default: str | None = None
    literal: str = ""


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


def joined(pieces: Iterable[str | Symbol]) -> Text:
    """The pieces as a text: neighbouring strings made one, and a str where no symbol is left."""
    result: list[str | Symbol] = []
    for piece in pieces:
        if isinstance(piece, str) and result and isinstance(result[-1], str):
            result[-1] += piece
        elif piece != "":
            result.append(piece)
    if not result:
        return ""
    if len(result) == 1 and isinstance(result[0], str):
        return result[0]
    return tuple(result)


def pieces(text: Text) -> tuple[str | Symbol, ...]:
    """The text as pieces, whichever form it has."""
    return (text,) if isinstance(text, str) else text
