"""Patterns as tokens: what each character, wildcard and symbol of a text takes.

AWS's documentation leaves open how far a wildcard in Resource reaches: it speaks of wildcards within the parts between
colons, and of a `*` that ends a part as one that may run on
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html). So there are two syntaxes,
RESOURCE where every wildcard crosses colons and RESOURCE_PARTS where only such a `*` does; an answer has to hold for
both. ArnLike compares six parts one by one
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN);
a pattern of fewer parts that ends in `*` surely matches nothing and possibly what starts like it.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.iam.text import WILDCARDS, Symbol, pieces

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from infra_checks.iam.text import Text

Letter = str | Symbol
Word = tuple[Letter, ...]

NOTHING: Final[frozenset[str]] = frozenset()
_COLON: Final = frozenset(":")
NO_SYMBOLS: Final = frozenset("\0")
"""What a wildcard has to exclude to take any characters and no symbol: all symbols may hold it, and no text does."""
_ARN_COLONS: Final = 5


class Syntax(Enum):
    """How a text is to be read as a pattern."""

    EXACT = "no wildcards"
    EXACT_IGNORING_CASE = "no wildcards, without regard to case"
    LIKE = "wildcards"
    ACTION = "wildcards, without regard to case"  # letters in lower case: so are the words of the action dimension
    RESOURCE = "wildcards that cross colons"
    RESOURCE_PARTS = "wildcards that stay between colons, but for a * that ends a part"
    ARN = "wildcards within the six parts of an ARN"


class Kind(Enum):
    """What a token takes."""

    LETTER = "one of its letters"
    ONE = "one character"
    MANY = "any number of characters"


class Token(NamedTuple):
    """A piece of a pattern: `letters` it takes (LETTER), or characters it does not (ONE, MANY)."""

    kind: Kind
    letters: tuple[Letter, ...] | frozenset[str]


def can_hold_wildcards(symbol: Symbol) -> bool:
    """Whether the text of the symbol may hold a wildcard, so that a pattern with it takes more than its text."""
    return not symbol.excluded >= WILDCARDS


@lru_cache(16384)
def is_ambiguous(text: Text) -> bool:
    """Whether it matters for the pattern of a resource if its wildcards cross colons."""
    return tokens_of(text, Syntax.RESOURCE, far=True) != tokens_of(text, Syntax.RESOURCE_PARTS, far=True)


def tokens_of(text: Text, syntax: Syntax, *, far: bool) -> tuple[Token, ...]:
    """The tokens of the text; `far` for the far end where it is open how far a wildcard reaches."""
    letters = [*_marked(text, wildcards=syntax not in (Syntax.EXACT, Syntax.EXACT_IGNORING_CASE))]
    if syntax is Syntax.RESOURCE_PARTS:
        return tuple(_resource_tokens(letters))
    if syntax is Syntax.ARN:
        return tuple(_arn_tokens(letters, far=far))
    fold = {Syntax.ACTION: _lowered, Syntax.EXACT_IGNORING_CASE: _both_cases}.get(syntax, _itself)
    return tuple(
        _token(letter, NOTHING) if isinstance(letter, Kind) else Token(Kind.LETTER, fold(letter)) for letter in letters
    )


def _marked(text: Text, *, wildcards: bool) -> Iterable[Letter | Kind]:
    """The letters of the text, with its wildcards told from characters."""
    marks: dict[str, Kind] = {"*": Kind.MANY, "?": Kind.ONE} if wildcards else {}
    for piece in pieces(text):
        if not isinstance(piece, Symbol):
            yield from (marks.get(char, char) for char in piece)
        elif piece.literal:
            yield piece.literal
        else:
            yield piece


def _token(letter: Letter | Kind, excluded: frozenset[str]) -> Token:
    return Token(letter, excluded) if isinstance(letter, Kind) else Token(Kind.LETTER, (letter,))


def _itself(letter: Letter) -> tuple[Letter, ...]:
    return (letter,)


def _lowered(letter: Letter) -> tuple[Letter, ...]:
    return (letter.lower(),) if isinstance(letter, str) and len(letter.lower()) == 1 else (letter,)


def _both_cases(letter: Letter) -> tuple[Letter, ...]:
    if isinstance(letter, Symbol):
        return (letter,)
    folded = letter.lower()
    return tuple(sorted(one for one in {letter, folded, letter.upper()} if len(one) == 1 and one.lower() == folded))


def _resource_tokens(letters: Sequence[Letter | Kind]) -> Iterable[Token]:
    """Wildcards kept within their part; a `*` at the end of a part is free."""
    for index, letter in enumerate(letters):
        ends_part = index + 1 == len(letters) or letters[index + 1] == ":"
        yield _token(letter, NOTHING if letter is Kind.MANY and ends_part else _COLON)


def _arn_tokens(letters: Sequence[Letter | Kind], *, far: bool) -> Iterable[Token]:
    """Wildcards kept within their part, the sixth part running to the end."""
    short = letters.count(":") < _ARN_COLONS
    colons = 0
    for index, letter in enumerate(letters):
        if letter == ":":
            colons += 1
        elif far and isinstance(letter, Symbol) and ":" not in letter.excluded:
            colons = _ARN_COLONS  # it may be all the parts that follow
        last = index + 1 == len(letters)
        free = colons >= _ARN_COLONS or (far and short and last)
        yield _token(letter, NOTHING if free else _COLON)
