"""What the basic and advanced event selectors of a CloudTrail trail record; shared, without rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.evaluate.values import Absent, Known, Unknown, Value
from infra_checks.evaluate.view import EACH, View, as_text
from infra_checks.rules.globs import SOLID
from infra_checks.rules.predicates import all_of, any_of, text_is

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.table import Decision

ALL_OF_TYPE: Final = {
    "AWS::Lambda::Function": ("arn:aws:lambda",),
    "AWS::S3::Object": ("arn:aws:s3", "arn:aws:s3:::"),
}
"""Types of data events, and the prefixes by which CloudTrail records those of all resources of the type."""

_PREFIXES: Final = tuple(prefix for prefixes in ALL_OF_TYPE.values() for prefix in prefixes)
_WIDE: Final = ("eventCategory", "readOnly", "resources.type")
"""Fields that are asked for on their own."""


class Recorded(NamedTuple):
    """Whether events that read, and events that write, are recorded."""

    reads: Decision
    writes: Decision


def recorded_by(trail: Resource, basic: Callable[[View], Decision], advanced: Callable[[View], Decision]) -> Recorded:
    """What the selectors of either kind record of the events for which the two functions say yes."""
    found = list(_of_basic(trail, basic)) + list(_of_advanced(trail, advanced))
    return Recorded(any_of(*(one.reads for one in found)), any_of(*(one.writes for one in found)))


def _of_basic(trail: Resource, chosen: Callable[[View], Decision]) -> Iterator[Recorded]:
    for selector in _views(trail, "EventSelectors"):
        if isinstance(selector, Unknown):
            yield Recorded(None, None)
            continue
        kind = selector.text("ReadWriteType")
        kept = chosen(selector)
        yield Recorded(both(kept, _allows(kind, "ReadOnly")), both(kept, _allows(kind, "WriteOnly")))


def _allows(kind: Value[str], only: str) -> Decision:
    return True if isinstance(kind, Absent) else text_is(kind, "All", only)


def both(one: Decision, other: Decision) -> Decision:
    """Whether both hold."""
    return all_of((one, other))


def _of_advanced(trail: Resource, chosen: Callable[[View], Decision]) -> Iterator[Recorded]:
    for selector in _views(trail, "AdvancedEventSelectors"):
        if isinstance(selector, Unknown):
            yield Recorded(None, None)
            continue
        kept = chosen(selector)
        reads = _equal(selector, "readOnly", "true")
        writes = _equal(selector, "readOnly", "false")
        yield Recorded(both(kept, reads), both(kept, writes))


def _views(resource: Resource, name: str) -> Iterator[View | Unknown]:
    listed = resource.items(name)
    match listed:
        case Known(views):
            for view in views:
                value = view.value()
                yield value if isinstance(value, Unknown) else view
        case Unknown():
            yield listed
        case Absent():
            return


def _equal(selector: View, field: str, text: str) -> Decision:
    """Whether a selector takes what has the text in a field: it says so, or says nothing of the field."""
    answers: list[Decision] = []
    for view in _fields(selector):
        if isinstance(view, Unknown):
            return None
        named = text_is(view.text("Field"), field)
        if named is not False:
            answers.append(
                both(named, any_of(*(text_is(as_text(value), text) for value in view.values("Equals", EACH))))
            )
    return all_of(answers)


def names_value(selector: View, field: str, text: str) -> Decision:
    """Whether a selector says that a field equals the text."""
    return any_of(
        *(
            None
            if isinstance(view, Unknown)
            else both(
                text_is(view.text("Field"), field),
                any_of(*(text_is(as_text(value), text) for value in view.values("Equals", EACH))),
            )
            for view in _fields(selector)
        )
    )


def _fields(selector: View) -> Iterator[View | Unknown]:
    listed = selector.items("FieldSelectors")
    match listed:
        case Known(views):
            yield from views
        case Unknown():
            yield listed
        case Absent():
            return


def is_whole(selector: View) -> Decision:
    """Whether no other field limits the selector to some events; leaving some out by a field is a fair exception."""
    return all_of(None if isinstance(field, Unknown) else _is_wide(field) for field in _fields(selector))


def _is_wide(field: View) -> Decision:
    given = [value for name in ("Equals", "StartsWith", "EndsWith") for value in field.values(name, EACH)]
    limits = [value for value in given if not isinstance(value, Absent)]
    return any_of(
        text_is(field.text("Field"), *_WIDE), all_of(is_all(value, _PREFIXES) for value in limits) if limits else True
    )


def is_all(value: Value[object], prefixes: tuple[str, ...]) -> Decision:
    """Whether a value is one of the prefixes, in any partition."""
    text = as_text(value)
    match text:
        case Known(written):
            return _in_aws(written) in prefixes
        case Unknown():
            parts = ["aws" if str(part) == "AWS::Partition" else part for part in text.parts]
            if not parts or (len(parts) == 1 and not isinstance(parts[0], str) and parts[0].kind not in SOLID):
                return None
            return "".join(part if isinstance(part, str) else "\0" for part in parts) in prefixes
        case Absent():
            return False


def _in_aws(arn: str) -> str:
    fields = arn.split(":", 2)
    return ":".join(("arn", "aws", *fields[2:])) if fields[0] == "arn" else arn
