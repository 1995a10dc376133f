"""Policy documents that are written as JSON in one text, of which parts may not be known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from infra_checks.errors import TemplateError
from infra_checks.evaluate.symbols import text_value
from infra_checks.evaluate.values import Known, Symbol, Unknown, Value
from infra_checks.evaluate.view import View
from infra_checks.template.jsontext import read_json as parse_json
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence
from infra_checks.template.source import FixedMark, SourceFile

if TYPE_CHECKING:
    from infra_checks.core.resource import Resource
    from infra_checks.template.source import Mark

_OPEN: Final = "\ue000"
_CLOSE: Final = "\ue001"
"""Characters of Unicode's private use area; between them stands the number of a symbol."""

_WITHOUT_MARKS: Final = {ord(_OPEN): None, ord(_CLOSE): None}


def read_json(resource: Resource, value: Known[object] | Unknown) -> Value[object]:
    """The mapping or list that a text holds, with the line of each part where the text is a block; else Unknown."""
    if isinstance(value.node, Call) and value.node.name == "Fn::ToJsonString":
        return View(resource.evaluator, value.node.argument, value.path, value.notes).value()
    parts = (str(value.value),) if isinstance(value, Known) else value.parts
    reader = _Reader(value.node or resource.declaration.key, parts)
    try:
        node = reader.read()
    except (TemplateError, ValueError, RecursionError):
        reason = value.reason if isinstance(value, Unknown) else "it is not a policy document in JSON"
        return Unknown(reason, value.node, value.path, value.notes)
    return View(resource.evaluator, node, value.path, value.notes).value()


class _Reader:
    """Reads the JSON of one text; what is read stands at the text's lines, or where the whole text does."""

    __slots__ = ("_first_line", "_place", "_symbols", "_text")

    def __init__(self, place: Node, parts: tuple[str | Symbol, ...]) -> None:
        self._place = place
        self._symbols = [part for part in parts if isinstance(part, Symbol)]
        numbers = iter(range(len(self._symbols)))
        self._text = "".join(
            part.translate(_WITHOUT_MARKS) if isinstance(part, str) else f"{_OPEN}{next(numbers)}{_CLOSE}"
            for part in parts
        )
        self._first_line = _first_line(place, self._text)

    def read(self) -> Node:
        """The root node; raises TemplateError when the text is no JSON, ValueError when it has marks in escapes."""
        if "\\ue00" in self._text.lower():
            raise ValueError(_OPEN)
        return self._moved(parse_json(SourceFile("policy", self._text)))

    def _moved(self, node: Node) -> Node:
        start, end = self._mark(node.start), self._mark(node.end, is_end=True)
        match node:
            case Mapping():
                entries = {self._key(key): self._moved(child) for key, child in node.entries.items()}
                keys = {self._key(key): self._key_node(child) for key, child in node.keys.items()}
                return Mapping(entries, keys, start, end)
            case Sequence():
                return Sequence(tuple(self._moved(item) for item in node.items), start, end)
            case Call():  # In JSON that CloudFormation does not look into, it is a mapping.
                key = Scalar(node.name, node.name, start, start)
                return Mapping({node.name: self._moved(node.argument)}, {node.name: key}, start, end)
            case Scalar(value=str(text)) if _OPEN in text:
                moved = Scalar(text, text, start, end)
                return cast("Node", text_value(self._pieces(text), moved))  # a view takes a value in place of a node
            case Scalar():
                return Scalar(node.value, node.text, start, end, plain=node.plain)

    def _key_node(self, key: Scalar) -> Scalar:
        return Scalar(self._key(key.text), key.text, self._mark(key.start), self._mark(key.end, is_end=True))

    def _key(self, key: str) -> str:
        """A key as text: an unknown part of it, such as the issuer before `:sub`, is shown by its name."""
        pieces = self._pieces(key) if _OPEN in key else [key]
        return "".join(piece if isinstance(piece, str) else f"${{{piece}}}" for piece in pieces)

    def _pieces(self, text: str) -> list[str | Symbol]:
        first, *marked = text.split(_OPEN)
        found: list[str | Symbol] = [first]
        for part in marked:
            number, _, rest = part.partition(_CLOSE)
            found += [self._symbols[int(number)], rest]
        return found

    def _mark(self, mark: Mark, *, is_end: bool = False) -> Mark:
        """The line of the file; the column is not known, as a symbol is longer or shorter than its expression."""
        if self._first_line is None:
            return self._place.end if is_end else self._place.start
        return FixedMark(self._first_line + mark.line, 0)


def _first_line(place: Node, text: str) -> int | None:
    """The line at which a text begins in the file, if each of its lines is one of the file: a block with `|`."""
    scalar = place
    if isinstance(place, Call) and place.name == "Fn::Sub":
        scalar = place.argument.items[0] if isinstance(place.argument, Sequence) else place.argument
    if not isinstance(scalar, Scalar) or "\n" not in text or scalar.plain:
        return None
    lines = text.rstrip("\n").count("\n") + 1
    return scalar.start.line + 1 if scalar.end.line - scalar.start.line in {lines, lines + 1} else None
