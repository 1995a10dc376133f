"""Rules that are one row of a table: a type, a property path, a predicate, a message.

A predicate answers True (kept), False (broken) or None (cannot be decided) for one value. `unless` names
the cases in which the property does not apply, such as an Aurora member that inherits from its cluster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from infra_checks.core.rule import rule
from infra_checks.evaluate.values import Absent, Known, Unknown, Value
from infra_checks.evaluate.view import as_boolean, as_number, as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from infra_checks.core.finding import Family, Severity
    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Option, Rule, Verdict

T = TypeVar("T")

Decision = bool | None
"""Yes, no, or not to be told."""


def is_true(value: Value[object], _ctx: Context) -> Decision:
    """It is the boolean true; absent is false."""
    return _decided(as_boolean(value), lambda truth: truth)


def is_not_true(value: Value[object], _ctx: Context) -> Decision:
    """It is false or absent."""
    kept = is_true(value, _ctx)
    return None if kept is None else not kept


def is_not_false(value: Value[object], _ctx: Context) -> Decision:
    """It is true or absent: for what AWS has on by default."""
    return True if isinstance(value, Absent) else is_true(value, _ctx)


def is_set(value: Value[object], _ctx: Context) -> Decision:
    """It is given and not empty; a reference to a resource, an import and the like surely are."""
    match value:
        case Known(""):
            return False
        case Known():
            return True
        case Unknown():
            return True if value.present else None
        case Absent():
            return False


def one_of(*texts: str) -> Callable[[Value[object], Context], Decision]:
    """It is one of the texts, as written."""
    return lambda value, _ctx: _decided(as_text(value), lambda text: text in texts)


def at_least(option: str) -> Callable[[Value[object], Context], Decision]:
    """It is a number not below the rule's option of that name; absent is too low."""
    return lambda value, ctx: _decided(as_number(value), lambda number: number >= ctx.number(option))


def _decided(value: Value[T], test: Callable[[T], bool]) -> Decision:
    match value:
        case Known(known):
            return test(known)
        case Unknown():
            return None
        case Absent():
            return False


def property_rule(  # noqa: PLR0913 - a row of a table, all by keyword
    *types: str,
    id: str,
    title: str,
    family: Family,
    severity: Severity,
    path: tuple[str, ...],
    holds: Callable[[Value[object], Context], Decision],
    message: str,
    rationale: str,
    remedy: str,
    source: str,
    unless: tuple[Callable[[Resource], Decision], ...] = (),
    equivalents: tuple[str, ...] = (),
    aliases: tuple[str, ...] = (),
    options: Mapping[str, Option] | None = None,
) -> Rule:
    """A rule that a property (at every EACH of the path) keeps a predicate.

    Each function of `unless` answers True when the rule does not apply to the resource, None when that
    cannot be told, which makes a broken property an open question.
    """

    def judge(resource: Resource, ctx: Context) -> Iterator[Verdict]:
        broken = [(value, kept) for value in resource.values(*path) if (kept := holds(value, ctx)) is not True]
        exempt = [exemption(resource) for exemption in unless] if broken else []
        if True in exempt:
            return
        for value, kept in broken:
            if kept is None or None in exempt:
                yield ctx.undecided(value, f"{'.'.join(path)} cannot be told: {_reason(value, kept)}")
            else:
                yield ctx.violation(value, message)

    judge.__doc__ = rationale
    return rule(
        *types,
        id=id,
        title=title,
        family=family,
        severity=severity,
        remedy=remedy,
        source=source,
        equivalents=equivalents,
        aliases=aliases,
        options=options,
    )(judge)


def _reason(value: Value[object], kept: Decision) -> str:
    if kept is not None:
        return "whether the rule applies to the resource depends on what is known only at deployment"
    for read in (value, as_boolean(value), as_number(value)):
        if isinstance(read, Unknown):
            return read.reason
    return "its value has an unexpected form"
