"""A part of a template as a rule sees it: plain values at paths, in one scenario."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.evaluate.evaluator import scalar_text
from infra_checks.evaluate.values import Absent, Known, Path, Unknown, Value
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from infra_checks.evaluate.evaluator import Evaluator, Notes, Reduced

EACH: Final = "*"
"""In a path: every element of a list (or, of a mapping, every entry)."""

_TRUTHS: Final = {"true": True, "false": False}
_YAML_TRUTHS: Final = {"yes": True, "on": True, "y": True, "no": False, "off": False, "n": False}


class View:
    """A node at a path of a resource, in one scenario. Values below it are evaluated when asked for.

    Paths are given as separate arguments: `view.value("VersioningConfiguration", "Status")`.
    """

    __slots__ = ("evaluator", "node", "notes", "path")

    def __init__(self, evaluator: Evaluator, node: Node | Reduced, path: Path, notes: Notes = ()) -> None:
        self.evaluator = evaluator
        self.node = node
        self.path = path
        self.notes = notes

    def __repr__(self) -> str:
        return f"View({'.'.join(map(str, self.path))})"

    def value(self, *path: str | int) -> Value[object]:
        """What stands at a path: a Known scalar, View (mapping) or tuple of Views (list), or not."""
        reduced, notes = self._follow(path)
        return self._finish(reduced, self.path + path, notes)

    def _follow(self, path: Path) -> tuple[Reduced, Notes]:
        """What a path leads to, with a place even if it leads to nothing."""
        reduced, notes = self._reduce(self.node, self.notes)
        place = _place(reduced, self.node, None)
        for key in path:
            child = _child(reduced, key)
            if isinstance(child, (Mapping, Sequence)):
                reduced = place = child
                continue
            reduced, notes = self._reduce(child, notes)
            place = _place(reduced, child, place)
        if not isinstance(reduced, (Mapping, Sequence)) and reduced.node is None:
            return _placed(reduced, (), (), place), notes
        return reduced, notes

    def _reduce(self, node: Node | Reduced, notes: Notes) -> tuple[Reduced, Notes]:
        if isinstance(node, (Call, Scalar)):
            return self.evaluator.reduce(node, notes)
        return node, notes

    def _finish(self, reduced: Reduced, path: Path, notes: Notes) -> Value[object]:
        match reduced:
            case Mapping():
                return Known(View(self.evaluator, reduced, path, notes), reduced, path, notes)
            case Sequence():
                return Known(self._elements(reduced, path, notes), reduced, path, notes)
            case Known(tuple() as items):
                place = reduced.node
                views = tuple(
                    View(self.evaluator, Known(item, place), (*path, index), notes) for index, item in enumerate(items)
                )
                return Known(views, place, path, notes)
            case _:
                return _placed(reduced, path, notes, reduced.node)

    def _elements(self, sequence: Sequence, path: Path, notes: Notes) -> tuple[View, ...]:
        elements = self.evaluator.elements(sequence, notes)
        return tuple(View(self.evaluator, node, (*path, index), more) for index, node, more in elements)

    def values(self, *path: str | int) -> tuple[Value[object], ...]:
        """What stands at a path in which EACH means every element; what is missing on the way is in it, once."""
        if EACH not in path:
            return (self.value(*path),)
        at = path.index(EACH)
        found: list[Value[object]] = []
        parents = self.value(*path[:at])
        for parent in _spread(parents):
            found.extend(parent.values(*path[at + 1 :]) if isinstance(parent, View) else (parent,))
        return tuple(found)

    def boolean(self, *path: str | int) -> Value[bool]:
        """A boolean, also one written as text; Unknown when it is neither."""
        return as_boolean(self.value(*path))

    def number(self, *path: str | int) -> Value[int | float]:
        """A number, also one written as text; Unknown when it is none."""
        return as_number(self.value(*path))

    def text(self, *path: str | int) -> Value[str]:
        """A text; numbers and booleans as they are written."""
        return as_text(self.value(*path))

    def items(self, *path: str | int) -> Value[tuple[View, ...]]:
        """A list's elements, without those that AWS::NoValue takes away in this scenario."""
        value = self.value(*path)
        match value:
            case Known(tuple() as items):
                return Known(items, value.node, value.path, value.notes)
            case Known():
                return _mistyped(value, "it is not a list")
            case _:
                return value

    def listed(self, *path: str | int) -> Value[tuple[View, ...]]:
        """A list's elements, or the one value that stands there instead of a list (policies allow both)."""
        value = self.value(*path)
        match value:
            case Known(tuple() as items):
                return Known(items, value.node, value.path, value.notes)
            case Known():
                return Known((self.at(*path),), value.node, value.path, value.notes)
            case _:
                return value

    def mapping(self, *path: str | int) -> Value[View]:
        """The mapping at a path, as a view."""
        value = self.value(*path)
        match value:
            case Known(View() as view):
                return Known(view, value.node, value.path, value.notes)
            case Known():
                return _mistyped(value, "it is not a mapping")
            case _:
                return value

    def at(self, *path: str | int) -> View:
        """A view of whatever stands at a path; it need not exist."""
        reduced, notes = self._follow(path)
        return View(self.evaluator, reduced, self.path + path, notes)

    def keys(self) -> tuple[str, ...]:
        """A mapping's keys whose value is not AWS::NoValue in this scenario, in the text's order."""
        reduced, _ = self._reduce(self.node, ())
        if not isinstance(reduced, Mapping):
            return ()
        return tuple(key for key, node in reduced.entries.items() if self.evaluator.is_given(node))


def _child(reduced: Reduced, key: str | int) -> Node | Reduced:
    if isinstance(reduced, Mapping):
        return reduced.entries.get(str(key)) or _missing(reduced)
    match reduced:
        case Sequence() if isinstance(key, int):
            return reduced.items[key] if 0 <= key < len(reduced.items) else Absent(reduced)
        case Known(tuple() as items) if isinstance(key, int):
            return Known(items[key], reduced.node) if 0 <= key < len(items) else Absent(reduced.node)
        case Unknown():
            return Unknown(reduced.reason, reduced.node)
        case Absent():
            return reduced
        case Sequence():
            return Unknown(f"there is no {key!r} in a list", reduced)
        case Known():
            return Unknown(f"there is no {key!r} in a value of this kind", reduced.node)


def _missing(mapping: Mapping) -> Unknown | Absent:
    for name, node in mapping.entries.items():
        if name.startswith("Fn::"):  # A macro, a loop that is not expanded, or a function nobody knows.
            return Unknown(f"{name} may add it", node)
    return Absent(mapping)


def _place(reduced: Reduced, node: Node | Reduced, parent: Node | None) -> Node | None:
    """Where a value stands: its own node, that of its expression, or the nearest one above."""
    for candidate in (reduced, node):
        if isinstance(candidate, (Mapping, Sequence, Scalar, Call)):
            return candidate
        if candidate.node is not None:
            return candidate.node
    return parent


def _placed(value: Known[object] | Unknown | Absent, path: Path, notes: Notes, place: Node | None) -> Value[object]:
    match value:
        case Known():
            return Known(value.value, place, path, notes)
        case Unknown():
            return Unknown(value.reason, place, path, notes, value.parts, value.present)
        case Absent():
            return Absent(place, path, notes)


def _mistyped(value: Value[object], reason: str) -> Unknown:
    return Unknown(reason, value.node, value.path, value.notes)


def as_boolean(value: Value[object]) -> Value[bool]:
    """A value as a boolean; `true` and `false` as text too, and YAML 1.1's other words when not in quotes."""
    match value:
        case Known(bool(truth)):
            return Known(truth, value.node, value.path, value.notes)
        case Known(str(text)):
            plain = isinstance(value.node, Scalar) and value.node.plain
            truth_read = (_TRUTHS | _YAML_TRUTHS if plain else _TRUTHS).get(text.lower())
            if truth_read is None:
                return _mistyped(value, f"{text!r} is neither true nor false")
            return Known(truth_read, value.node, value.path, value.notes)
        case Known():
            return _mistyped(value, "it is neither true nor false")
        case _:
            return value


def as_number(value: Value[object]) -> Value[int | float]:
    """A value as a number; text in decimal notation too."""
    match value:
        case Known(bool()):
            return _mistyped(value, "it is not a number")
        case Known(int() | float() as number):
            return Known(number, value.node, value.path, value.notes)
        case Known(str(text)):
            number_read = _number(text)
            if number_read is None:
                return _mistyped(value, f"{text!r} is not a number")
            return Known(number_read, value.node, value.path, value.notes)
        case Known():
            return _mistyped(value, "it is not a number")
        case _:
            return value


def as_text(value: Value[object]) -> Value[str]:
    """A value as text; numbers and booleans as they are written."""
    match value:
        case Known(View() | tuple()):
            return _mistyped(value, "it is not a text")
        case Known():
            return Known(scalar_text(value.value, value.node), value.node, value.path, value.notes)
        case _:
            return value


def _number(text: str) -> int | float | None:
    """Decimal notation only: what YAML 1.1 calls octal or sexagesimal is not guessed at."""
    digits = text.removeprefix("-")
    if digits.isdecimal() and digits.isascii():
        return int(text) if digits == "0" or (not digits.startswith("0") and len(digits) < 40) else None
    return float(text) if _FRACTION.fullmatch(text) else None


_FRACTION: Final = re.compile(r"-?(?:[0-9]{1,40}\.[0-9]{0,40}|\.[0-9]{1,40})")


def _spread(value: Value[object]) -> tuple[View | Unknown | Absent, ...]:
    match value:
        case Known(tuple() as items):
            return items
        case Known(View() as view):
            return tuple(view.at(key) for key in view.keys())  # noqa: SIM118 - a view is no mapping to iterate over
        case Known():
            return (_mistyped(value, "it is not a list"),)
        case _:
            return (value,)
