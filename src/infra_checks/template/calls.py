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
    if name == _GET_ATT and isinstance(argument, Scalar):
        argument = _resource_and_attribute(argument)
    return Call(name, argument, start, end)


def _resource_and_attribute(node: Scalar) -> Node:
    # Only the first point separates: in `Nested.Outputs.Url` the attribute is `Outputs.Url`.
    resource, point, attribute = node.text.partition(".")
    if not point:
        return node
    before, after = _marks_around_point(node, len(resource))
    parts = (
        Scalar(resource, resource, node.start, before, plain=node.plain),
        Scalar(attribute, attribute, after, node.end, plain=node.plain),
    )
    return Sequence(parts, node.start, node.end)


def _marks_around_point(node: Scalar, length: int) -> tuple[Mark, Mark]:
    line, column = node.start.line, node.start.column
    width = node.end.column - column
    if node.end.line != line or width not in {len(node.text), len(node.text) + _QUOTES}:
        return node.end, node.start  # Escapes or line ends hide where the point is: both parts take the whole.
    at = column + length + (width > len(node.text))
    return FixedMark(line, at), FixedMark(line, at + 1)
