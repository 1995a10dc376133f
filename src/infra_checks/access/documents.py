"""Policy documents of a template as the engine reads them, and where each part of one stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from infra_checks.access.json_texts import read_json
from infra_checks.access.symbols import is_text, text_of
from infra_checks.evaluate.values import Absent, Known, Unknown
from infra_checks.evaluate.view import View
from infra_checks.iam.document import Opaque
from infra_checks.template.nodes import Scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra_checks.core.resource import Resource, Surroundings
    from infra_checks.evaluate.values import Value
    from infra_checks.iam.document import Document, Path

VERSION: Final = "2012-10-17"
"""The version of the policy language that has variables; what AWS writes for policies that it puts together."""

MAX_DEPTH: Final = 20
"""Levels of lists and mappings in a document; the policy language has no use for more than six."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A document and the value that it was read from.

    `parts` are documents within it that stand elsewhere: of a document that is put together from properties.
    """

    document: Document
    value: Value[object]
    parts: Mapping[Path, Placed] = field(default_factory=dict)

    def at(self, path: Path) -> Value[object]:
        """What stands at a path of the document; where the path leads nowhere, the nearest value above it."""
        for length in range(len(path), 0, -1):
            part = self.parts.get(path[:length])
            if part is not None:
                return part.at(path[length:])
        value = self.value
        for step in path:
            match value:
                case Known(View() as view) if isinstance(step, str):
                    value = view.value(step)
                case Known(tuple() as items) if isinstance(step, int) and step < len(items):
                    value = items[step].value()
                case Known() | Unknown() | Absent():
                    return value
        return value


def placed(resource: Resource, value: Value[object]) -> Placed:
    """The document at a value of a resource, also one that is JSON in a text. Evaluates all of it."""
    match value:
        case Known(str()) | Unknown(parts=(_, *_)):
            read = read_json(resource, value)
            return Placed(_document(resource.stack, read, 0, whole=True), read)
        case Known() | Unknown() | Absent():
            return Placed(_document(resource.stack, value, 0, whole=True), value)


def placed_part(resource: Resource, value: Value[object]) -> Placed:
    """As `placed`, of a part of a document: a text is a text there."""
    return Placed(_document(resource.stack, value, 1), value)


def put_together(value: Value[object], **elements: Placed | str) -> Placed:
    """A document of one statement, whose elements stand where their values do."""
    parts: dict[Path, Placed] = {
        ("Statement", 0, name): part for name, part in elements.items() if isinstance(part, Placed)
    }
    statement = {name: part.document if isinstance(part, Placed) else part for name, part in elements.items()}
    return Placed({"Version": VERSION, "Statement": [statement]}, value, parts)


def around(value: Value[object], statements: Placed) -> Placed:
    """A document around statements, or one statement."""
    return Placed({"Version": VERSION, "Statement": statements.document}, value, {("Statement",): statements})


def _document(stack: Surroundings, value: Value[object], depth: int, *, whole: bool = False) -> Document:
    if depth > MAX_DEPTH:
        return Opaque("it is nested too deeply")
    match value:
        case Known(View() as view):
            return _mapping(stack, view, depth)
        case Known(tuple() as items):
            return [_document(stack, item.value(), depth + 1) for item in items]
        case Known():
            return _scalar(value)
        case Unknown():
            if whole or not value.parts or not is_text(stack, value):
                return Opaque(value.reason)
            return text_of(stack, value.parts)
        case Absent():
            return None


def _mapping(stack: Surroundings, view: View, depth: int) -> Document:
    keys = view.keys()
    adding = next((key for key in keys if key.startswith("Fn::")), None)
    if adding is not None:  # a macro, a loop that is not expanded, or a function nobody knows
        return Opaque(f"{adding} may add to it")
    return {key: _document(stack, view.value(key), depth + 1) for key in keys}


def _scalar(value: Known[object]) -> Document:
    """A scalar; a number in a notation that would be lost is kept as it is written."""
    scalar, node = value.value, value.node
    if isinstance(scalar, (str, bool)):
        return scalar
    if isinstance(scalar, (int, float)):
        return node.literal if isinstance(node, Scalar) and node.literal != str(scalar) else scalar
    return None
