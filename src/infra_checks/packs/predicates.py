"""What a pack's own rules may demand of a value: yes, no, or not to be told.

Nothing given breaks what a value must be, and keeps what it must not be; `default` puts AWS's own value in its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from infra_checks.evaluate.values import Absent, Known, Unknown, Value
from infra_checks.evaluate.view import View, as_boolean, as_number, as_text
from infra_checks.template.nodes import Scalar

if TYPE_CHECKING:
    from infra_checks.packs.reading import Reader
    from infra_checks.template.nodes import Node

Decision = bool | None
Holds = Callable[[Value[object]], Decision]

DEFAULT: Final = "default"


def read_predicates(reader: Reader, node: Node, what: str) -> Holds:
    """The predicates in a mapping, all of which must hold."""
    mapping = reader.mapping(node, what, (*PREDICATES, DEFAULT))
    stands_in = _scalar(reader, mapping.entries[DEFAULT], DEFAULT) if DEFAULT in mapping.entries else None
    names = [name for name in mapping.entries if name != DEFAULT]
    if not names:
        reader.fail(f"{what} says nothing; give it one of {', '.join(PREDICATES)}", node.span)
    tests = [PREDICATES[name](reader, mapping.entries[name], name) for name in names]

    def holds(value: Value[object]) -> Decision:
        if stands_in is not None and isinstance(value, Absent):
            value = Known(stands_in.value, stands_in, value.path, value.notes)
        return _all(test(value) for test in tests)

    return holds


def _all(decisions: Iterable[Decision]) -> Decision:
    found = tuple(decisions)
    return False if False in found else None if None in found else True


def _any(decisions: Iterable[Decision]) -> Decision:
    return _not(_all(_not(decision) for decision in decisions))


def _not(decision: Decision) -> Decision:
    return None if decision is None else not decision


def _scalar(reader: Reader, node: Node, what: str) -> Scalar:
    if not isinstance(node, Scalar) or node.value is None:
        reader.fail(f"{what} must be a text, a number, true or false", node.span)
    return node


def _exists(reader: Reader, node: Node, name: str) -> Holds:
    """It is given and not empty, or it is not."""
    wanted = _scalar(reader, node, name).value
    if not isinstance(wanted, bool):
        reader.fail(f"{name} must be true or false", node.span)
    return lambda value: _is_given(value) if wanted else _not(_is_given(value))


def _is_given(value: Value[object]) -> Decision:
    match value:
        case Known("") | Known(()) | Absent():
            return False
        case Known(View() as view):
            return bool(view.keys())
        case Known():
            return True
        case Unknown():
            return True if value.present else None


def _equals(reader: Reader, node: Node, name: str) -> Holds:
    """It is this value; a number or boolean may be written as text."""
    wanted = _scalar(reader, node, name)
    return lambda value: _same(value, wanted)


def _same(value: Value[object], wanted: Scalar) -> Decision:
    if isinstance(value, Unknown):
        return None
    if isinstance(wanted.value, bool):
        read: Value[object] = as_boolean(value)
    elif isinstance(wanted.value, (int, float)):
        read = as_number(value)
    else:
        read = as_text(value)
    # What is known and of another kind, such as a list, surely is not this value.
    return isinstance(read, Known) and read.value == wanted.value


def _one_of(reader: Reader, node: Node, name: str) -> Holds:
    """It is one of these values."""
    wanted = tuple(_scalar(reader, item, name) for item in reader.scalars(node, name))
    if not wanted:
        reader.fail(f"{name} has no values", node.span)
    return lambda value: _any(_same(value, each) for each in wanted)


def _matches(reader: Reader, node: Node, name: str) -> Holds:
    """All of its text matches a regular expression."""
    pattern = re.compile(reader.pattern(node, name))

    def holds(value: Value[object]) -> Decision:
        match as_text(value):
            case Known(text):
                return pattern.fullmatch(text) is not None
            case Unknown():
                return None
            case Absent():
                return False

    return holds


def _bound(keeps: Callable[[float, float], bool], *, absent: bool) -> Callable[[Reader, Node, str], Holds]:
    def read(reader: Reader, node: Node, name: str) -> Holds:
        wanted = _scalar(reader, node, name).value
        if isinstance(wanted, bool) or not isinstance(wanted, (int, float)):
            reader.fail(f"{name} must be a number", node.span)
        limit = wanted

        def holds(value: Value[object]) -> Decision:
            match as_number(value):
                case Known(number):
                    return keeps(number, limit)
                case Unknown():
                    return None
                case Absent():
                    return absent

        return holds

    return read


def _contains(reader: Reader, node: Node, name: str) -> Holds:
    """It is a list with this element, or this value itself."""
    wanted = _scalar(reader, node, name)

    def holds(value: Value[object]) -> Decision:
        match value:
            case Known(tuple() as items):
                return _any(_same(item.value(), wanted) for item in items)
            case Known() | Unknown():
                return _same(value, wanted)
            case Absent():
                return False

    return holds


def _negated(positive: Callable[[Reader, Node, str], Holds]) -> Callable[[Reader, Node, str], Holds]:
    def read(reader: Reader, node: Node, name: str) -> Holds:
        holds = positive(reader, node, name)
        return lambda value: _not(holds(value))

    return read


PREDICATES: Final[dict[str, Callable[[Reader, Node, str], Holds]]] = {
    "exists": _exists,
    "equals": _equals,
    "is-not": _negated(_equals),
    "one-of": _one_of,
    "none-of": _negated(_one_of),
    "match": _matches,
    "not-match": _negated(_matches),
    "at-least": _bound(lambda number, limit: number >= limit, absent=False),
    "at-most": _bound(lambda number, limit: number <= limit, absent=True),
    "contains": _contains,
    "lacks": _negated(_contains),
}
"""Their names and the readers of what a pack gives them."""
