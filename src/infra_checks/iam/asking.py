"""One question put to the search in both readings, and what it finds made an Answer.

What is found is checked by deciding it as a concrete request, with a text for every symbol. A request that does not
stand the test is no definite answer: one key may be compared in ways that no text satisfies at once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from infra_checks.iam.answers import Answer, Certainty
from infra_checks.iam.boxes import EVERYTHING, Boxes, boxes, symbolic_dimensions
from infra_checks.iam.matches import applies
from infra_checks.iam.patterns import is_ambiguous
from infra_checks.iam.satisfy import Reading
from infra_checks.iam.search import STEPS, Wanted, search
from infra_checks.iam.text import shown
from infra_checks.iam.witness import concrete_request, shown_request, solutions, symbols_in, symbols_of, valued
from infra_checks.iam.words import Budget, Exhausted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from infra_checks.iam.answers import Granting
    from infra_checks.iam.boxes import Part
    from infra_checks.iam.globs import Entry
    from infra_checks.iam.model import Request, Statement, Unread
    from infra_checks.iam.search import Found
    from infra_checks.iam.text import Symbol
    from infra_checks.iam.witness import Valuation

TOO_LARGE = "the policies are too large or too tangled to tell"
CROSSING = "depends on whether a wildcard in Resource crosses colons"
NOT_CONFIRMED = "no concrete request was found that confirms it"


class Asked(NamedTuple):
    """Asks for a request in a statement of each group and in none of the avoided statements.

    `constants` and `parts` are readings of patterns, see boxes.py.
    `region` limits the requests further. `open_groups` are groups that may have more statements than were read,
    `open_avoided` says that there may be more to avoid.
    """

    groups: tuple[tuple[Granting, ...], ...]
    avoided: tuple[Granting, ...] = ()
    region: tuple[Part, ...] = ()
    apart: tuple[Entry, ...] = ()
    constants: bool = False
    parts: bool = False
    open_groups: tuple[bool, ...] = ()
    open_avoided: bool = False
    unread: tuple[Unread, ...] = ()


_ANYTHING = Boxes(None, EVERYTHING, settled=False)


def answer(asked: Asked) -> Answer:
    """The answer, with everything that was not read taken into account, and for both readings of resources."""
    one = _answer(asked)
    if one.certainty is Certainty.UNKNOWN or not any(
        _is_ambiguous(each.statement) for each in (*asked.avoided, *(one for g in asked.groups for one in g))
    ):
        return one
    other = _answer(asked._replace(parts=True))
    weaker, stronger = sorted((other, one), key=lambda each: _RANK[each.certainty])
    if stronger.certainty is Certainty.DEFINITE and weaker.certainty is not Certainty.DEFINITE:
        reasons = filter(None, (CROSSING, weaker.reason))
        return replace(stronger, certainty=Certainty.POSSIBLE, symbols=weaker.symbols, reason="; ".join(reasons))
    return stronger


def _is_ambiguous(statement: Statement) -> bool:
    return statement.resources is not None and any(is_ambiguous(one.text) for one in statement.resources.listed)


def _answer(asked: Asked) -> Answer:
    wanted = _wanted(asked)
    possible, exhausted = _searched(wanted, Reading.POSSIBLE)
    if possible is None and not exhausted:
        return _none(asked, wanted)
    settled = possible is not None and not asked.open_avoided and _is_settled(wanted)
    found = possible if settled else _searched(wanted, Reading.SURE)[0]
    if found is not None and not asked.open_avoided:
        valuation = _confirmed(asked, found, [{}])
        if valuation is not None:
            return _positive(Certainty.DEFINITE, asked, found)
    found = possible or found
    if found is None:
        return Answer(Certainty.UNKNOWN, reason=TOO_LARGE)
    return _possible(asked, found)


def best(answers: Iterable[Answer]) -> Answer:
    """The strongest of several answers to parts of a question, asking no further after a definite one."""
    strongest = Answer(Certainty.NO)
    for one in answers:
        if _RANK[one.certainty] > _RANK[strongest.certainty]:
            strongest = one
        if one.certainty is Certainty.DEFINITE:
            break
    return strongest


_RANK = {Certainty.NO: 0, Certainty.UNKNOWN: 1, Certainty.POSSIBLE: 2, Certainty.DEFINITE: 3}


def _wanted(asked: Asked) -> Wanted:
    return Wanted(
        tuple(tuple(_boxes(one.statement, asked) for one in group) for group in asked.groups),
        tuple(_boxes(one.statement, asked) for one in asked.avoided),
        asked.region,
        asked.apart,
    )


def _boxes(statement: Statement, asked: Asked) -> Boxes:
    found = boxes(statement, constants=asked.constants, parts=asked.parts)
    return found if statement.effect is not None else found._replace(surely=None)


def _searched(wanted: Wanted, reading: Reading) -> tuple[Found | None, bool]:
    try:
        return search(wanted, reading, Budget(STEPS if reading is Reading.POSSIBLE else STEPS // 4)), False
    except Exhausted:
        return None, True


def _is_settled(wanted: Wanted) -> bool:
    """Whether both readings are one."""
    every = (*wanted.avoided, *(one for group in wanted.groups for one in group))
    return all(one.settled for one in every) and not symbolic_dimensions(wanted.region)


def _none(asked: Asked, wanted: Wanted) -> Answer:
    """No, unless what was not read could make it so."""
    if any(asked.open_groups):
        groups = tuple(
            (*group, _ANYTHING) if is_open else group
            for group, is_open in zip(wanted.groups, asked.open_groups, strict=True)
        )
        found, exhausted = _searched(wanted._replace(groups=groups), Reading.POSSIBLE)
        if found is not None or exhausted:
            return Answer(Certainty.UNKNOWN, unread=asked.unread, reason=_unread_reason(asked.unread))
    return Answer(Certainty.NO)


def _unread_reason(unread: Sequence[Unread]) -> str:
    return "; ".join(dict.fromkeys(one.reason for one in unread)) or "parts of the policies were not read"


def _positive(certainty: Certainty, asked: Asked, found: Found) -> Answer:
    granting = _granting(asked, found)
    return Answer(certainty, shown_request(found, _spellings(granting)), granting)


def _granting(asked: Asked, found: Found) -> tuple[Granting, ...]:
    return tuple(group[index] for group, index in zip(asked.groups, found.chosen, strict=True) if index < len(group))


def _spellings(granting: Sequence[Granting]) -> Iterator[str]:
    for one in granting:
        if one.statement.actions is not None:
            yield from (shown(pattern.text) for pattern in one.statement.actions.listed)


def _possible(asked: Asked, found: Found) -> Answer:
    granting = _granting(asked, found)
    unread = tuple(dict.fromkeys((*(one for each in granting for one in each.statement.unread), *asked.unread)))
    symbols = _needed(found)
    complete = all(not one.statement.incomplete and one.statement.effect is not None for one in granting)
    valuation = _confirmed(asked, found, _valuations(found, symbols)) if complete else None
    if valuation is not None and not asked.open_avoided and all(symbol.variable for symbol in _symbols(asked)):
        return _positive(Certainty.DEFINITE, asked, found)
    return Answer(
        Certainty.POSSIBLE,
        shown_request(found, _spellings(granting)),
        granting,
        symbols=symbols,
        values={symbol.name: valuation[symbol] for symbol in symbols if symbol in valuation} if valuation else {},
        unread=unread,
        reason=_reason(symbols, unread, confirmed=valuation is not None),
    )


def _reason(symbols: Sequence[Symbol], unread: Sequence[Unread], *, confirmed: bool) -> str:
    reasons = []
    if symbols:
        reasons.append("depends on " + ", ".join(dict.fromkeys(symbol.name for symbol in symbols)))
    if unread:
        reasons.append(_unread_reason(unread))
    if not reasons and not confirmed:
        reasons.append(NOT_CONFIRMED)
    return "; ".join(reasons) or "depends on how ArnLike takes a pattern of few parts"


def _symbols(asked: Asked) -> Iterator[Symbol]:
    statements = [one.statement for group in asked.groups for one in group]
    for statement in (*statements, *(one.statement for one in asked.avoided)):
        yield from symbols_of(statement)
    for _, literal in asked.region:
        for one in literal.entries:
            yield from (letter for letter in one.generating.special if not isinstance(letter, str))


def _needed(found: Found) -> tuple[Symbol, ...]:
    """The symbols of patterns that the request meets possibly and not surely."""
    needed: dict[Symbol, None] = {}
    for dimension, literals in found.region.items():
        for word in found.values[dimension]:
            for literal in literals:
                met = [one for one in literal.entries if one.possibly.takes(word)]
                if any(one.surely.takes(word) for one in met):
                    continue
                for one in met:
                    needed.update(dict.fromkeys(_open_symbols(one)))
    if not needed:
        needed.update(dict.fromkeys(symbols_in(found)))
    return tuple(sorted(needed, key=lambda symbol: symbol.name))


def _open_symbols(one: Entry) -> Iterator[Symbol]:
    """The symbols of the pattern that may be any text."""
    for letter in one.generating.special - one.possibly.special:
        if not isinstance(letter, str):
            yield letter


def _valuations(found: Found, symbols: Sequence[Symbol]) -> Iterator[Valuation]:
    """Texts to try: those with which the patterns meet the request, what is likely to be nothing else, wildcards."""
    solved = solutions(found)
    yield solved
    yield {}
    wild = [symbol for symbol in symbols if "*" not in symbol.excluded and not symbol.variable]
    if wild:
        yield solved | dict.fromkeys(wild, "*")
    for symbol in wild[1:]:
        yield solved | {symbol: "*"}


def _confirmed(asked: Asked, found: Found, valuations: Iterable[Valuation]) -> Valuation | None:
    """The first texts of the symbols with which the request is decided as the search said."""
    for valuation in valuations:
        request, texts = concrete_request(found, valuation)
        if _stands(asked, found, request, texts):
            return texts
    return None


def _stands(asked: Asked, found: Found, request: Request, texts: Valuation) -> bool:
    for one in _granting(asked, found):
        if not applies(valued(one.statement, texts), request, parts=asked.parts):
            return False
    return not any(
        applies(valued(one.statement, texts), request, parts=asked.parts)
        for one in asked.avoided
        if not one.statement.incomplete and one.statement.effect is not None
    )
