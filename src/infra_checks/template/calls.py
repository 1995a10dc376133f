"""Intrinsic functions: their short tags, their long forms, and the one shape of both."""

from __future__ import annotations

from typing import Final

from infra_checks.template.nodes import CALL_KEYS, FUNCTIONS, Call, Mapping, Node, Scalar, Sequence
from infra_checks.template.source import FixedMark, Mark

TAGS: Final = {"!Ref": "Ref", "!Condition": "Condition", **{f"!{name}": f"Fn::{name}" for name in sorted(FUNCTIONS)}}
"""Each short tag's long form."""

_GET_ATT: Final = "Fn::GetAtt"
_QUOTES: Final = 2


def similar_tag(tag: str) -> str | None:
    """The known tag that differs from `tag` in case only."""
    return next((known for known in TAGS if known.lower() == tag.lower()), None)


def call_or_mapping(node: Mapping) -> Mapping | Call:
    """A mapping that is the long form of an intrinsic as a call, any other as it is."""
    if len(node.entries) == 1:
        ((key, argument),) = node.entries.items()
        if key in CALL_KEYS:
            return call(key, argument, node.start, node.end)
    return node


def call(name: str, argument: Node, start: Mark, end: Mark) -> Call:
    """A call; the argument of `Fn::GetAtt` is always a list, as far as there is anything to split."""
    if name == _GET_ATT and isinstance(argument, Scalar) and isinstance(argument.value, str):
        argument = _resource_and_attribute(argument)
    return Call(name, argument, start, end)


def _resource_and_attribute(node: Scalar) -> Node:
    # Only the first point separates: in `Nested.Outputs.Url` the attribute is `Outputs.Url`.
    resource, point, attribute = node.text.partition(".")
    if not point:
        return node
    start, before, after, end = _marks_of_parts(node, len(resource))
    parts = (
        Scalar(resource, resource, start, before, plain=node.plain),
        Scalar(attribute, attribute, after, end, plain=node.plain),
    )
    return Sequence(parts, node.start, node.end)


def _marks_of_parts(node: Scalar, length: int) -> tuple[Mark, Mark, Mark, Mark]:
    line, column = node.start.line, node.start.column
    hidden = node.end.column - column - len(node.text)
    if node.end.line != line or hidden not in {0, _QUOTES}:
        # Escapes or line ends hide where the point is, so both parts take the place of the whole.
        return node.start, node.end, node.start, node.end
    first = column + hidden // 2
    point = first + length
    end = first + len(node.text)
    return FixedMark(line, first), FixedMark(line, point), FixedMark(line, point + 1), FixedMark(line, end)
