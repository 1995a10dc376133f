"""Rules that are one row of a table: a type, a property path, a predicate, a message.

A predicate answers True (kept), False (broken) or None (cannot be decided) for one value. `unless` names
the cases in which the property does not apply, such as an Aurora member that inherits from its cluster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from infra_checks.core.rule import rule
from infra_checks.evaluate.values import Absent, Known, Unknown, Value
from infra_checks.evaluate.view import EACH, View, as_boolean, as_number, as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

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
    return is_filled(value)


def is_filled(value: Value[object]) -> Decision:
    """Whether it holds anything: a list of empty texts, or a mapping of them, is as good as none.

    An empty mapping within a mapping can be all that a property takes, as in `{Block: {}}`; in a list it is nothing.
    """
    match value:
        case Known(str(text)):
            return bool(text.strip())
        case Known(tuple() as items):
            return _any_filled(item.value() if isinstance(item, View) else Known(item) for item in items)
        case Known(View() as view):
            entries = (view.value(key) for key in view.keys())  # noqa: SIM118 - a view is no mapping to iterate over
            return _any_filled(entries, within_mapping=True)
        case Known():
            return True
        case Unknown():
            return True if value.present else None
        case Absent():
            return False


def _any_filled(values: Iterable[Value[object]], *, within_mapping: bool = False) -> Decision:
    """Whether any holds something; asked one after another, as each answer may split the scenario."""
    answer: Decision = False
    for value in values:
        filled = (within_mapping and isinstance(value, Known) and isinstance(value.value, View)) or is_filled(value)
        if filled:
            return True
        answer = None if filled is None else answer
    return answer


def is_false(value: Value[object], _ctx: Context) -> Decision:
    """It is the boolean false; absent breaks it: for what AWS has on by default."""
    return _decided(as_boolean(value), lambda truth: not truth)


def is_customer_key(value: Value[object], ctx: Context) -> Decision:
    """It names a KMS key, and not by the alias of one that AWS manages (`alias/aws/s3`, also without `alias/`)."""
    match value:
        case Known(str(name)) if "alias/aws/" in name or name.startswith("aws/"):
            return False
        case Unknown() if any(isinstance(part, str) and "alias/aws/" in part for part in value.parts):
            return False
        case Known() | Unknown() | Absent():
            return is_set(value, ctx)


def stated(value: Value[T]) -> Value[T]:
    """The value; Absent where something is there that holds nothing, such as an empty text or a list of such."""
    if isinstance(value, Known) and is_filled(value) is False:
        return Absent(value.node, value.path, value.notes)
    return value


def filled(views: Iterable[View]) -> tuple[View, ...]:
    """The elements of a list that are not surely empty."""
    return tuple(view for view in views if is_filled(view.value()) is not False)


def values_or_absent(view: View, *path: str | int) -> tuple[Value[object], ...]:
    """What `View.values` finds, where a list or mapping that is there but holds nothing counts as absent."""
    if EACH not in path:
        return (view.value(*path),)
    at = path.index(EACH)
    parent = view.value(*path[:at])
    match parent:
        case Known(tuple() as items) if is_filled(parent) is not False:
            return tuple(value for item in items for value in values_or_absent(item, *path[at + 1 :]))
        case Known(tuple() | View()) if is_filled(parent) is False:
            return (stated(parent),)
        case _:
            return view.values(*path)


def given(*path: str) -> Callable[[Resource], Decision]:
    """For `unless`: the property is given and not empty."""
    return lambda resource: is_filled(resource.value(*path))


def one_of(*texts: str) -> Callable[[Value[object], Context], Decision]:
    """It is one of the texts, as written."""
    return lambda value, _ctx: _decided(as_text(value), lambda text: text in texts)


def at_least(option: str, *, default: int | None = None) -> Callable[[Value[object], Context], Decision]:
    """It is a number not below the rule's option of that name; absent is AWS's default, or too low."""

    def holds(value: Value[object], ctx: Context) -> Decision:
        if default is not None and isinstance(value, Absent):
            return default >= ctx.number(option)
        return _decided(as_number(value), lambda number: number >= ctx.number(option))

    return holds


def below(option: str, what: str, *, default: int) -> Callable[[Value[object], Context], str]:
    """A message for `at_least`: what it does, for how many days, and how many it takes."""

    def message(value: Value[object], ctx: Context) -> str:
        number = as_number(value)
        if isinstance(number, Known):
            return f"{what} {in_days(number.value)}; at least {ctx.number(option):g} are required"
        return f"{what} {in_days(default)} by default; at least {ctx.number(option):g} are required"

    return message


def in_days(number: float) -> str:
    """A number of days in words."""
    return "1 day" if number == 1 else f"{number:g} days"


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
    message: str | Callable[[Value[object], Context], str],
    rationale: str,
    remedy: str,
    source: str,
    unless: tuple[Callable[[Resource], Decision], ...] = (),
    equivalents: tuple[str, ...] = (),
    aliases: tuple[str, ...] = (),
    options: Mapping[str, Option] | None = None,
) -> Rule:
    """A rule that a property (at every EACH of the path) keeps a predicate; an empty list is judged as an absent one.

    Each function of `unless` answers True when the rule does not apply to the resource, None when that
    cannot be told, which makes a broken property an open question.
    """

    def judge(resource: Resource, ctx: Context) -> Iterator[Verdict]:
        values = values_or_absent(resource, *path)
        broken = [(value, kept) for value in values if (kept := holds(value, ctx)) is not True]
        exempt = [exemption(resource) for exemption in unless] if broken else []
        if True in exempt:
            return
        for value, kept in broken:
            if kept is None or None in exempt:
                yield ctx.undecided(value, f"{'.'.join(path)} cannot be told: {_reason(value, kept)}")
            else:
                yield ctx.violation(value, message if isinstance(message, str) else message(value, ctx))

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
