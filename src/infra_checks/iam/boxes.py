"""Statements as boxes: conjunctions of literals over the dimensions of a request.

A statement has two boxes. It *surely* applies to the requests of one, and *possibly* to those of the other: they differ
where something was not read, where the entries of a list are missing, and where it has policy variables (a statement
whose variable has no value in a request does not apply, or matches as if the entry were not there: AWS documents only
that it "might" become invalid, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.iam.globs import entry
from infra_checks.iam.intervals import addresses, compared
from infra_checks.iam.literals import ABSENT, PRESENT, Domain, Literal, Quantifier, texts
from infra_checks.iam.operators import OPERATORS, Family
from infra_checks.iam.patterns import Syntax
from infra_checks.iam.principals import IS_IDENTITY, KEYS, LINKED, PRINCIPAL, about_identity, named
from infra_checks.iam.text import Symbol
from infra_checks.iam.values import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from infra_checks.iam.globs import Entry
    from infra_checks.iam.model import Condition, Patterns, Principals, Statement

ACTION: Final = "action"
RESOURCE: Final = "resource"

Part = tuple[str, Literal]
"""A dimension, and what is said of it."""


class Box(NamedTuple):
    """All parts hold. A box without parts is every request."""

    parts: tuple[Part, ...]


EVERYTHING: Final = Box(())


class Boxes(NamedTuple):
    """The requests to which a statement surely and possibly applies; None for none.

    `apart` are principals that exist because the statement names them, `settled` whether nothing in it is unknown;
    `symbolic` are the dimensions with symbols, `sets` those of which something says that they have several values.
    """

    surely: Box | None
    possibly: Box | None
    apart: tuple[Entry, ...] = ()
    settled: bool = True
    symbolic: frozenset[str] = frozenset()
    sets: frozenset[str] = frozenset()


class _Said(NamedTuple):
    """What one element says in both readings: parts, or None where it can hold for no request."""

    surely: tuple[Part, ...] | None
    possibly: tuple[Part, ...] | None
    apart: tuple[Entry, ...] = ()


_NOTHING_SAID: Final = _Said((), ())


@lru_cache(4096)
def boxes(statement: Statement, *, constants: bool, parts: bool = False) -> Boxes:
    """The boxes of the statement. For `constants` see globs.entry, for `parts` the syntaxes of resources there."""
    syntax = Syntax.RESOURCE_PARTS if parts else Syntax.RESOURCE
    said = [
        _patterns(ACTION, statement.actions, Syntax.ACTION, constants=constants),
        _principals(statement.principals, constants=constants),
        *(_condition(condition, constants=constants) for condition in statement.conditions),
        _patterns(RESOURCE, statement.resources, syntax, constants=constants),
    ]
    surely = None if statement.incomplete else _together(one.surely for one in said)
    possibly = _together(one.possibly for one in said)
    apart = tuple(one for element in said for one in element.apart)
    if surely == possibly:
        surely = possibly
    settled = surely is possibly and statement.effect is not None and _is_settled(possibly)
    every = [part for one in said for part in (*(one.surely or ()), *(one.possibly or ()))]
    return Boxes(surely, possibly, apart, settled, symbolic_dimensions(every), set_dimensions(every))


def symbolic_dimensions(parts: Iterable[Part]) -> frozenset[str]:
    """The dimensions in which symbols appear."""
    return frozenset(dimension for dimension, literal in parts for one in literal.entries if one.generating.has_symbols)


def set_dimensions(parts: Iterable[Part]) -> frozenset[str]:
    """The dimensions of which something says that they have several values."""
    return frozenset(dimension for dimension, literal in parts if literal.quantifier is not Quantifier.ONE)


def _together(elements: Iterable[tuple[Part, ...] | None]) -> Box | None:
    parts: dict[Part, None] = {}
    for element in elements:
        if element is None:
            return None
        parts.update(dict.fromkeys(element))
    return Box(tuple(parts))


def _is_settled(box: Box | None) -> bool:
    if box is None:
        return True
    return all(one.exact for _, literal in box.parts for one in literal.entries)


def _said(
    dimension: str,
    literal: Literal,
    *,
    partial: bool,
    present: tuple[Part, ...] = (),
    always: tuple[Part, ...] = (),
) -> _Said:
    """With missing entries, a list surely says no more than what it has, and possibly nothing.

    `present` are the variables that have values where it surely holds, `always` where it holds at all.
    """
    part = ((dimension, literal),)
    if not partial:
        return _Said((*part, *present), (*part, *always))
    return _Said((*part, *present), ()) if literal.positive else _Said(None, part)


def _patterns(dimension: str, patterns: Patterns | None, syntax: Syntax, *, constants: bool) -> _Said:
    if patterns is None:
        return _NOTHING_SAID
    found = tuple(entry(pattern.text, syntax, constants=constants) for pattern in patterns.listed)
    present = tuple(_presence(pattern.text for pattern in patterns.listed))
    if not patterns.negated and any(one.surely.everything for one in found):
        return _Said(present, ())
    always = () if patterns.negated else _common(pattern.text for pattern in patterns.listed)
    literal = texts(*found, positive=not patterns.negated)
    return _said(dimension, literal, partial=patterns.partial, present=present, always=always)


def _principals(principals: Principals | None, *, constants: bool) -> _Said:
    if principals is None:
        return _NOTHING_SAID
    all_named = [named(one.kind, one.name, constants=constants) for one in principals.listed]
    found = tuple(one for each in all_named for one in each.entries)
    if not principals.negated and any(one.surely.everything for one in found):
        return _NOTHING_SAID
    literal = texts(*found, positive=not principals.negated)
    said = _said(PRINCIPAL, literal, partial=principals.partial)
    return said._replace(apart=tuple(one for each in all_named for one in each.apart))


def _condition(condition: Condition, *, constants: bool) -> _Said:
    key = condition.key.lower()
    operator = OPERATORS[condition.operator]
    values = [value.text for value in condition.values]
    if operator.family is Family.NULL:
        return _presence_condition(key, condition)
    if condition.qualifier:
        absent_ok = condition.qualifier == "ForAllValues" or condition.if_exists
    else:
        absent_ok = operator.negated or condition.if_exists
    present = tuple(_presence(values))
    if condition.if_exists and present:
        return _Said(None, _literal_of(condition, key, absent_ok=absent_ok, constants=constants))
    said = _literal_of(condition, key, absent_ok=absent_ok, constants=constants)
    dimension, literal = said[0]
    # ForAllValues holds for an absent key whatever the variable.
    always = () if operator.negated or absent_ok else _common(values)
    return _said(dimension, literal, partial=condition.partial, present=present, always=always)


def _literal_of(condition: Condition, key: str, *, absent_ok: bool, constants: bool) -> tuple[Part, ...]:
    operator = OPERATORS[condition.operator]
    values = [value.text for value in condition.values]
    if key in KEYS and operator.family in LINKED:
        return ((PRINCIPAL, about_identity(key, operator, values, absent_ok=absent_ok, constants=constants)),)
    quantifier = Quantifier(condition.qualifier)
    positive = not operator.negated
    plain = [value for value in values if isinstance(value, str)]
    match operator.family:
        case Family.IP:
            found = Literal(
                Domain.ADDRESS,
                quantifier=quantifier,
                absent_ok=absent_ok,
                positive=positive,
                intervals=addresses(plain),
            )
        case Family.NUMERIC | Family.DATE:
            dates = operator.family is Family.DATE
            order = operator.positive.removeprefix("Date" if dates else "Numeric")
            found = Literal(
                Domain.DATE if dates else Domain.NUMBER,
                quantifier=quantifier,
                absent_ok=absent_ok,
                positive=positive,
                intervals=compared(order, plain, dates=dates),
            )
        case _:
            syntax = _SYNTAX[operator.positive]
            if operator.family is Family.BINARY:
                values = [canonical(value) for value in plain]
            found = Literal(
                Domain.BOOL if operator.family is Family.BOOL else Domain.TEXT,
                quantifier=quantifier,
                absent_ok=absent_ok,
                positive=positive,
                entries=tuple(entry(value, syntax, constants=constants) for value in values),
            )
    return ((key, found),)


_SYNTAX: Final = {
    "StringEquals": Syntax.EXACT,
    "StringEqualsIgnoreCase": Syntax.EXACT_IGNORING_CASE,
    "StringLike": Syntax.LIKE,
    "ArnLike": Syntax.ARN,
    "Bool": Syntax.EXACT_IGNORING_CASE,
    "BinaryEquals": Syntax.EXACT,
}


def _presence_condition(key: str, condition: Condition) -> _Said:
    """Null: "true" asks for an absent key, "false" for one that is there, both together for nothing."""
    wanted = {value.text.lower() for value in condition.values if isinstance(value.text, str)}
    if wanted >= {"true", "false"}:
        return _NOTHING_SAID
    literal = ABSENT if "true" in wanted else PRESENT if "false" in wanted else None
    surely = None if literal is None else (is_there(key) if literal is PRESENT else _is_not_there(key),)
    return _Said(surely, () if condition.partial else surely)


def is_there(key: str) -> Part:
    """That the key has a value."""
    return (PRINCIPAL, IS_IDENTITY) if key in KEYS else (key, PRESENT)


def _is_not_there(key: str) -> Part:
    return (PRINCIPAL, IS_IDENTITY.negated()) if key in KEYS else (key, ABSENT)


def _common(values: Iterable[object]) -> tuple[Part, ...]:
    """The variables without which none of the texts has a value."""
    found = [dict.fromkeys(_presence((value,))) for value in values]
    return tuple(part for part in (found[0] if found else ()) if all(part in one for one in found))


def _presence(values: Iterable[object]) -> Iterator[Part]:
    """That the keys of the policy variables in the texts have values."""
    for value in values:
        if not isinstance(value, tuple):
            continue
        for piece in value:
            if isinstance(piece, Symbol) and piece.variable and piece.default is None and "${" not in piece.name:
                yield is_there(piece.name)
