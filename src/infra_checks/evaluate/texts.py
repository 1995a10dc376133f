"""Fn::Sub, Fn::Join, Fn::Base64, Fn::ToJsonString: functions that make a text.

AWS: "Fn::Sub", "Fn::Join", "Fn::Base64" and "Fn::ToJsonString" of the template reference.
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Final

from infra_checks.evaluate.answers import Result, malformed, opaque, operands, text_of
from infra_checks.evaluate.lists import texts_in
from infra_checks.evaluate.references import attribute_of, reference
from infra_checks.evaluate.symbols import text_value
from infra_checks.evaluate.values import Absent, Known, Symbol, Unknown
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from infra_checks.evaluate.evaluator import Evaluator, Notes

Piece = Known[str] | Unknown | None

_PLACEHOLDER: Final = re.compile(r"\$\{([^}]*)\}")

_MAX_PIECES: Final = 10_000


class _Assembly:
    """A text under construction from known and unknown pieces."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._parts: list[str | Symbol] = []
        self._notes: dict[str, None] = {}
        self._present = False

    def literal(self, text: str) -> None:
        """Add a text as it is."""
        self._parts.append(text)

    def value(self, value: Known[str] | Unknown) -> None:
        """Add a value's text."""
        self._notes.update(dict.fromkeys(value.notes))
        if isinstance(value, Known):
            self._parts.append(value.value)
        elif len(self._parts) <= _MAX_PIECES:
            self._present = self._present or value.present
            self._parts.extend(value.parts)

    def result(self) -> Result:
        """The text; surely not empty if a piece of it surely is not."""
        notes: Notes = tuple(self._notes)
        if len(self._parts) > _MAX_PIECES and any(isinstance(part, Symbol) for part in self._parts):
            return opaque(self._call, "it is a text of too many unknown pieces", notes=notes, present=self._present)
        text = text_value(self._parts, self._call, notes)
        if isinstance(text, Unknown) and self._present and not text.present:
            return Unknown(text.reason, text.node, (), text.notes, text.parts, present=True)
        return text


def sub(evaluator: Evaluator, call: Call) -> Result:
    """`Fn::Sub` of a text, or of a text and a mapping of its own names; `${!Literal}` stays, without the mark."""
    text, *rest = operands(call) or (call.argument,)
    if not isinstance(text, Scalar) or len(rest) > 1 or not all(isinstance(item, Mapping) for item in rest):
        return malformed(call, "a string, or a list of a string and a mapping")
    local = rest[0].entries if rest and isinstance(rest[0], Mapping) else {}
    found: dict[str, Piece] = {}
    assembly = _Assembly(call)
    for index, piece in enumerate(_PLACEHOLDER.split(text.text)):
        if index % 2 == 0:
            assembly.literal(piece)
        elif piece.startswith("!"):
            assembly.literal("${" + piece[1:] + "}")
        else:
            if piece not in found:
                found[piece] = _placeholder(evaluator, piece.strip(), local, call)
            value = found[piece]
            if value is None:
                return Unknown(f"${{{piece}}} in Fn::Sub is not a text", call)
            assembly.value(value)
    return assembly.result()


def _placeholder(evaluator: Evaluator, name: str, local: dict[str, Node], call: Call) -> Piece:
    if name in local:
        return evaluator.text(local[name])
    resource, point, attribute = name.partition(".")
    value = attribute_of(evaluator, resource, attribute, call) if point else reference(evaluator, name, call)
    match value:
        case Known(str()):
            return Known(str(value.value), value.node, (), value.notes)
        case Unknown():
            parts = value.parts or (Symbol("call", ("${" + name + "}",)),)
            return Unknown(value.reason, value.node, (), value.notes, parts, present=value.present)
        case _:
            return None


def join(evaluator: Evaluator, call: Call) -> Result:
    """`Fn::Join` of a delimiter and a list."""
    items = operands(call)
    if len(items) != 2 or not isinstance(items[0], Scalar):
        return malformed(call, "a delimiter and a list")
    listed = texts_in(evaluator, items[1])
    if isinstance(listed, Unknown):
        return opaque(call, listed.reason, present=listed.present, notes=listed.notes)
    assembly = _Assembly(call)
    for index, value in enumerate(listed):
        if value is None:
            return opaque(call, "an element of Fn::Join is not a text")
        assembly.literal(items[0].text if index else "")
        assembly.value(value)
    return assembly.result()


def base64_text(evaluator: Evaluator, call: Call) -> Result:
    """`Fn::Base64` of a text."""
    value = evaluator.text(call.argument)
    if isinstance(value, Known):
        return text_of(base64.b64encode(value.value.encode("utf-8", "surrogatepass")).decode(), call, value.notes)
    if value is None:
        return malformed(call, "a text")
    return opaque(call, value.reason, present=value.present, notes=value.notes)


def to_json_string(evaluator: Evaluator, call: Call) -> Result:
    """`Fn::ToJsonString` of a mapping or list."""
    plain = plain_data(evaluator, call.argument)
    if isinstance(plain, Unknown):
        return opaque(call, plain.reason, present=True)
    if not isinstance(plain, (dict, list)):
        return malformed(call, "a mapping or a list")
    return text_of(json.dumps(plain, separators=(",", ":")), call)


def plain_data(evaluator: Evaluator, node: Node) -> object:
    """A node as plain data; Unknown when any part of it is, Absent when nothing is left of it."""
    reduced, _ = evaluator.reduce(node)
    match reduced:
        case Mapping():
            entries = {key: plain_data(evaluator, child) for key, child in reduced.entries.items()}
            kept = {key: value for key, value in entries.items() if not isinstance(value, Absent)}
            return next((value for value in kept.values() if isinstance(value, Unknown)), kept)
        case Sequence():
            items = [plain_data(evaluator, item) for _, item, _ in evaluator.elements(reduced)]
            present = [item for item in items if not isinstance(item, Absent)]
            return next((item for item in present if isinstance(item, Unknown)), present)
        case Known(tuple() as elements):
            return list(elements)
        case Known():
            return reduced.value
        case _:
            return reduced
