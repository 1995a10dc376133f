"""Rules for generated templates; what they ask is like what built-in rules ask, but of made-up types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.core.finding import Effect, Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import rule
from infra_checks.core.table import is_set, is_true, one_of, property_rule
from infra_checks.evaluate.values import Absent, Known, Unknown
from infra_checks.evaluate.view import EACH
from infra_checks.packs.select import Chosen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict

THING = "AWS::Test::Thing"
PART = "AWS::Test::Part"


def _row(id: str, path: tuple[str, ...], holds: object, message: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
    return property_rule(
        THING,
        id=id,
        title=id,
        family=Family.ENCRYPTION,
        severity=Severity.HIGH,
        path=path,
        holds=holds,  # type: ignore[arg-type]
        message=message,
        rationale="To be tested.",
        remedy="None.",
        source="",
    )


@rule(THING, id="test-part-closed", title="Parts are closed", family=Family.IAM, severity=Severity.LOW, remedy="None.")
def part_closed(thing: Resource, ctx: Context) -> Iterator[Verdict]:
    """The part that a thing refers to is closed, if both are there."""
    part = thing.target("Part")
    match part:
        case Resource():
            closed = part.boolean("Flag")
            match closed:
                case Known(True):
                    return
                case Known() | Absent():
                    yield ctx.violation(thing.value("Part"), "its part is open")
                case Unknown(reason):
                    yield ctx.undecided(thing.value("Part"), f"its part: {reason}")
        case Unknown(reason):
            yield ctx.undecided(part, f"its part: {reason}")
        case Absent() | None:
            return


@rule(PART, id="test-part-used", title="Parts are used", family=Family.IAM, severity=Severity.LOW, remedy="None.")
def part_used(part: Resource, ctx: Context) -> Iterator[Verdict]:
    """A part that nothing refers to is spare."""
    if not list(part.referrers(THING)):
        yield ctx.violation(part, "nothing refers to it")


RULES = (
    _row("test-flag-true", ("Flag",), is_true, "Flag is not true"),
    _row("test-text-good", ("Text",), one_of("good", "1"), "Text is not good"),
    _row("test-items-good", ("Items", EACH, "Text"), one_of("good"), "an item is not good"),
    _row("test-deep-set", ("Config", "Inner", "Name"), is_set, "Name is not set"),
    part_closed,
    part_used,
)

CHOSEN = tuple(
    Chosen(rule=each, effect=Effect.BLOCK, severity=each.severity, options={}, undecided=Effect.WARN) for each in RULES
)
