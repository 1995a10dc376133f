"""A value of one dimension that satisfies several literals at once, or none.

A key is absent, or has the empty text as its value, or has values that are not empty. An empty value counts as none
for `Null` and for the set operators
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html).
A key has one value unless something in the question speaks of a set of them.

Texts, addresses, numbers and dates are different worlds: where one key is compared in several, each is asked for
itself, which may find values that no text has at once. The search checks what it finds, and says when it does not hold.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from infra_checks.iam.globs import entry, glob_of
from infra_checks.iam.intervals import ADDRESSES, NUMBERS, complement, intersection, sample_address, sample_number
from infra_checks.iam.literals import Domain, Literal, Quantifier, texts
from infra_checks.iam.patterns import Kind, Syntax, Token
from infra_checks.iam.words import shared_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from infra_checks.iam.globs import Glob
    from infra_checks.iam.intervals import Intervals
    from infra_checks.iam.patterns import Word
    from infra_checks.iam.words import Budget

Values = tuple["Word", ...]
"""The values of a dimension; none for an absent key."""


class Reading(Enum):
    """Which requests are looked for: those that surely are what is asked, or those that possibly are."""

    SURE = "sure"
    POSSIBLE = "possible"


NOT_EMPTY: Final = texts(glob_of((Token(Kind.ONE, frozenset()), Token(Kind.MANY, frozenset()))))
_EMPTY: Final = texts(entry("", Syntax.EXACT))
_BOOLEANS: Final = texts(entry("true", Syntax.EXACT_IGNORING_CASE), entry("false", Syntax.EXACT_IGNORING_CASE))
_ABOUT: Final = (Domain.PRESENCE, Domain.EXISTENCE)
_WORDS: Final = (Domain.TEXT, Domain.BOOL)


def values(
    literals: Sequence[Literal], reading: Reading, budget: Budget, *, key: bool, several: bool = False
) -> Values | None:
    """Values that satisfy all literals; None when there are none.

    `key` is false for what every request has, `several` true for a key that may have several values.

    What was asked before spends as much of the budget as it did then, so that no answer depends on it.

    Raises Exhausted.
    """
    asked = tuple(literals), reading, key, several
    known = _known.get(asked)
    if known is not None:
        budget.spend(known[1])
        return known[0]
    before = budget.left
    found = _satisfying(literals, reading, budget, key=key, several=several)
    if len(_known) >= _MOST_KEPT:
        _known.clear()
    _known[asked] = found, before - budget.left
    return found


_known: dict[tuple[tuple[Literal, ...], Reading, bool, bool], tuple[Values | None, int]] = {}
"""What was found, and the steps it took: rules ask the same of the same patterns, in many scenarios."""

_MOST_KEPT: Final = 16384


def _satisfying(
    literals: Sequence[Literal], reading: Reading, budget: Budget, *, key: bool, several: bool
) -> Values | None:
    if not key:
        return _one(literals, reading, budget)
    if all(literal.absent_ok for literal in literals):
        return ()
    if any(literal.domain is Domain.EXISTENCE and literal.absent_ok for literal in literals):
        return None
    spoken = [literal for literal in literals if literal.domain not in _ABOUT]
    must_be_empty = any(literal.domain is Domain.PRESENCE and literal.absent_ok for literal in literals)
    must_be_full = any(literal.domain is Domain.PRESENCE and not literal.absent_ok for literal in literals)
    if not must_be_full:
        found = _empty_value(spoken, reading, budget)
        if found is not None or must_be_empty:
            return found
    elif must_be_empty:
        return None
    return _full(spoken, reading, budget, several=several)


def _empty_value(literals: Sequence[Literal], reading: Reading, budget: Budget) -> Values | None:
    """The empty text, where the literals of one value want it."""
    sets = [literal for literal in literals if literal.quantifier is not Quantifier.ONE]
    single = [literal for literal in literals if literal.quantifier is Quantifier.ONE]
    if not single or any(literal.domain is not Domain.TEXT for literal in single):
        return None
    if not all(literal.absent_ok for literal in sets):
        return None
    return _one([_EMPTY, *single], reading, budget)


def _full(literals: Sequence[Literal], reading: Reading, budget: Budget, *, several: bool) -> Values | None:
    """One value or several, none of them empty."""
    if not several:
        return _one([*literals, NOT_EMPTY], reading, budget)
    every: list[Literal] = []
    some: list[Literal] = []
    for literal in literals:
        single = literal.quantifier is Quantifier.ONE
        takes_any = literal.positive if single else literal.quantifier is Quantifier.ANY
        (some if takes_any else every).append(literal)
    if not some:
        return _one([*every, NOT_EMPTY], reading, budget)
    found: list[Word] = []
    for literal in some:
        value = _one([*every, literal, NOT_EMPTY], reading, budget)
        if value is None:
            return None
        found.extend(word for word in value if word not in found)
    return tuple(found)


def _one(literals: Sequence[Literal], reading: Reading, budget: Budget) -> Values | None:
    """One value that satisfies all, world by world."""
    domains = {literal.domain for literal in literals}
    result: Values | None = None
    if domains & {Domain.TEXT, Domain.BOOL}:
        apart = len(domains - {Domain.TEXT, Domain.BOOL}) > 0
        spoken = [literal for literal in literals if literal.domain in _WORDS and not (apart and literal is NOT_EMPTY)]
        if Domain.BOOL in domains:
            spoken.append(_BOOLEANS)
        word = _word(spoken, reading, budget) if spoken else ()
        if word is None:
            return None
        result = (word,) if spoken else None
    for domain in (Domain.ADDRESS, Domain.NUMBER, Domain.DATE):
        if domain in domains:
            text = _in_intervals(domain, [literal for literal in literals if literal.domain is domain])
            if text is None:
                return None
            result = result or (tuple(text),)
    return result if result is not None else (("x",),)


def _word(literals: Sequence[Literal], reading: Reading, budget: Budget) -> Word | None:
    positive = [literal.entries for literal in literals if literal.positive]
    negative = [one for literal in literals if not literal.positive for one in literal.entries]
    if reading is Reading.SURE:
        unions = [_distinct(one.surely for one in union) for union in positive]
        return shared_word(unions, _distinct(one.possibly for one in negative), budget)
    barred = _distinct(one.surely for one in negative)
    # What is in a pattern cannot be out of the same pattern, whatever is unknown about it.
    out = set(negative)
    positive = [tuple(one for one in union if one not in out) for union in positive]
    # One union gives the words with the symbols as letters, the others take them as possible. Any choice finds all that
    # there is to find, so that a choice that finds nothing settles it; but what takes no letters has to be chosen.
    fixed = [i for i, union in enumerate(positive) if any(one.asked for one in union)]
    symbolic = [i for i, union in enumerate(positive) if any(one.generating.has_symbols for one in union)]
    word: Word | None = None
    for chosen in fixed[:1] or symbolic or [-1]:
        unions = [
            _distinct(one.generating if i == chosen else one.possibly for one in union)
            for i, union in enumerate(positive)
        ]
        word = shared_word(unions, barred, budget)
        if word is None:
            return None
    return word


def _distinct(globs: Iterable[Glob]) -> list[Glob]:
    return list(dict.fromkeys(globs))


def _in_intervals(domain: Domain, literals: Sequence[Literal]) -> str | None:
    everything = ADDRESSES if domain is Domain.ADDRESS else NUMBERS
    current: Intervals = everything
    for literal in literals:
        other = literal.intervals if literal.positive else complement(literal.intervals, everything)
        current = intersection(current, other)
        if not current:
            return None
    return sample_address(current) if domain is Domain.ADDRESS else sample_number(current)
