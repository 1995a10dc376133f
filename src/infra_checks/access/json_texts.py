"""Policy documents that are written as JSON in one text, of which parts may not be known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, cast

from infra_checks.evaluate.symbols import text_value
from infra_checks.evaluate.values import Known, Symbol, Unknown, Value
from infra_checks.evaluate.view import View
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from infra_checks.core.resource import Resource

_NUL: Final = "\\u0000"


def read_json(resource: Resource, value: Known[object] | Unknown) -> Value[object]:
    """The mapping or list that a text holds, every part of it placed where the text stands; Unknown if it is none."""
    if isinstance(value.node, Call) and value.node.name == "Fn::ToJsonString":
        return View(resource.evaluator, value.node.argument, value.path, value.notes).value()
    parts = (str(value.value),) if isinstance(value, Known) else value.parts
    symbols: list[str | Symbol] = [part for part in parts if isinstance(part, Symbol)]
    holes = iter(range(len(symbols)))
    text = "".join(part.replace("\0", "") if isinstance(part, str) else f"\0{next(holes)}\0" for part in parts)
    try:
        if _NUL in text:
            raise ValueError(_NUL)  # noqa: TRY301 - no policy has this character, which marks the symbols here
        data = json.loads(text, strict=False)
        node = _node(data, value.node or resource.declaration.key, symbols)
    except (ValueError, IndexError, RecursionError):
        reason = value.reason if isinstance(value, Unknown) else "it is not a policy document in JSON"
        return Unknown(reason, value.node, value.path, value.notes)
    return View(resource.evaluator, node, value.path, value.notes).value()


def _node(data: object, place: Node, symbols: list[str | Symbol]) -> Node:
    """Plain data as nodes that all stand where the text does; numbers between NULs stand for symbols."""
    if isinstance(data, dict):
        named = {_key(key, symbols): value for key, value in data.items()}
        keys = {key: Scalar(key, key, place.start, place.end) for key in named}
        entries = {key: _node(value, place, symbols) for key, value in named.items()}
        return Mapping(entries, keys, place.start, place.end)
    if isinstance(data, list):
        return Sequence(tuple(_node(item, place, symbols) for item in data), place.start, place.end)
    if isinstance(data, str) and "\0" in data:
        parts = [symbols[int(part)] if index % 2 else part for index, part in enumerate(data.split("\0"))]
        return cast("Node", text_value(parts, place))  # a view takes a value in place of a node
    value = data if isinstance(data, (str, int, float, bool)) else None
    return Scalar(value, str(data), place.start, place.end)


def _key(key: str, symbols: list[str | Symbol]) -> str:
    """A key as text: an unknown part of it, such as the issuer before `:sub`, is shown by its name."""
    parts = key.split("\0")
    return "".join(f"${{{symbols[int(part)]}}}" if index % 2 else part for index, part in enumerate(parts))
