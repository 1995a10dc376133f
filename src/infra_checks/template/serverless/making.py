"""Nodes that stand for what SAM generates, at the place of what it is generated from."""

from __future__ import annotations

from typing import NamedTuple

from infra_checks.template.model import SERVERLESS
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence, is_no_value


class Entry(NamedTuple):
    """What the template gives under a key."""

    node: Node
    key: Scalar


class Ref(NamedTuple):
    """A reference to a resource."""

    name: str


class GetAtt(NamedTuple):
    """A reference to a resource's attribute."""

    name: str
    attribute: str


class Sub(NamedTuple):
    """A text with placeholders."""

    text: str


Content = Node | Entry | Ref | GetAtt | Sub | str | int | dict[str, "Content"] | list["Content"] | None
"""What a generated node holds: nodes of the template, and plain data for the rest. None is left out of mappings."""


def made(content: Content, place: Scalar) -> Node:
    """The node of some content; what the template does not hold stands at `place`."""
    match content:
        case Scalar() | Sequence() | Mapping() | Call():
            return content
        case Entry():
            return content.node
        case Ref(name):
            return Call("Ref", _scalar(name, place), place.start, place.end)
        case GetAtt(name, attribute):
            pair = Sequence((_scalar(name, place), _scalar(attribute, place)), place.start, place.end)
            return Call("Fn::GetAtt", pair, place.start, place.end)
        case Sub(text):
            return Call("Fn::Sub", _scalar(text, place), place.start, place.end)
        case dict():
            return made_mapping(content, place)
        case list():
            items = tuple(made(item, place) for item in content)
            return Sequence(items, place.start, place.end)
        case None | str() | int():
            return _scalar(content, place)


def made_mapping(content: dict[str, Content], place: Scalar) -> Mapping:
    """A mapping; a key under which the template's own value stands has the place of the template's key."""
    given = {name: value for name, value in content.items() if value is not None}
    keys = {name: _key(name, value.key if isinstance(value, Entry) else place) for name, value in given.items()}
    return Mapping({name: made(value, place) for name, value in given.items()}, keys, place.start, place.end)


def _key(name: str, place: Scalar) -> Scalar:
    return place if place.text == name else Scalar(name, name, place.start, place.end)


def _scalar(value: str | int | None, place: Scalar) -> Scalar:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return Scalar(value, text, place.start, place.end)


def unexpanded(reason: str, given: Entry) -> Entry:
    """A value that nothing can be said of; what it is made of is kept below it, as it may refer to something."""
    node = given.node
    argument = Sequence((_scalar(reason, given.key), node), node.start, node.end)
    return Entry(Call(SERVERLESS, argument, node.start, node.end), given.key)


def is_given(node: Node | None) -> bool:
    """Whether there is anything: neither nothing, nor null, nor AWS::NoValue."""
    return not (node is None or is_no_value(node) or (isinstance(node, Scalar) and node.value is None))


def entry_of(mapping: Mapping, name: str) -> Entry | None:
    """What a mapping holds under a name."""
    node = mapping.get(name)
    return Entry(node, mapping.keys[name]) if node is not None and is_given(node) else None


def text_of(given: Entry | None) -> str | None:
    """The text that is given, if it is one."""
    return given.node.text if given is not None and isinstance(given.node, Scalar) else None


def mapping_of(given: Entry | None) -> Mapping | None:
    """The mapping that is given, if it is one."""
    return given.node if given is not None and isinstance(given.node, Mapping) else None


def branches(call: Call) -> tuple[Node, Node, Node] | None:
    """The condition and the two values of an Fn::If."""
    argument = call.argument
    if call.name != "Fn::If" or not isinstance(argument, Sequence) or len(argument.items) != _OPERANDS:
        return None
    condition, first, second = argument.items
    return condition, first, second


_OPERANDS = 3


def both(call: Call, condition: Node, first: Node, second: Node) -> Call:
    """The Fn::If with other values."""
    argument = Sequence((condition, first, second), call.argument.start, call.argument.end)
    return Call("Fn::If", argument, call.start, call.end)


def substituted(text: str, values: dict[str, Content], place: Scalar) -> Call:
    """An Fn::Sub with values of its own."""
    start, end = place.start, place.end
    return Call("Fn::Sub", Sequence((_scalar(text, place), made_mapping(values, place)), start, end), start, end)
