"""Policy statements as rules read them: actions, resources, principals, each answered yes, no or not to be told.

AWS: "Grammar of the IAM JSON policy language": a list may be one value, names of elements are case-sensitive.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple, cast

from infra_checks.evaluate.symbols import text_value
from infra_checks.evaluate.values import Absent, Known, Symbol, Unknown, Value
from infra_checks.evaluate.view import View, as_text
from infra_checks.rules.globs import Pattern, pattern_of, pieces
from infra_checks.rules.predicates import read_once
from infra_checks.template.nodes import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision


class Match(NamedTuple):
    """Whether something holds, and the value that shows it."""

    holds: Decision
    at: Value[object]


class Members(NamedTuple):
    """What an element of a statement lists, each value with its pattern, and where it stands."""

    at: Value[object]
    patterns: tuple[tuple[Pattern, Value[object]], ...]

    def have(self, *samples: str) -> Match:
        """Whether one of the values is one of the samples; those of actions in lower case."""
        found = (Match(pattern.covers(sample), value) for pattern, value in self.patterns for sample in samples)
        return any_of(found, self.at)


class Statement(View):
    """A statement of a policy; its elements are evaluated once, however much is asked about them."""

    __slots__ = ("_listed", "_members", "_values")

    def __init__(self, view: View) -> None:
        super().__init__(view.evaluator, view.node, view.path, view.notes)
        self._values: dict[tuple[str | int, ...], Value[object]] = {}
        self._listed: dict[tuple[str, ...], tuple[Value[object], ...]] = {}
        self._members: dict[str, Members] = {}

    def value(self, *path: str | int) -> Value[object]:
        """What stands at a path, as of any view."""
        if path not in self._values:
            self._values[path] = super().value(*path)
        return self._values[path]

    def elements(self, *path: str) -> tuple[Value[object], ...]:
        """The values at a path, as `elements` of any view."""
        if path not in self._listed:
            self._listed[path] = _elements(self, *path)
        return self._listed[path]

    def members(self, key: str) -> Members:
        """What Action, Resource or one of their opposites lists."""
        if key not in self._members:
            values, fold = self.elements(key), key.endswith("Action")
            self._members[key] = Members(self.value(key), tuple((pattern_of(v, fold=fold), v) for v in values))
        return self._members[key]


def any_of(matches: Iterable[Match], otherwise: Value[object]) -> Match:
    """The first that holds, else the first that cannot be told, else no."""
    best = Match(False, otherwise)
    for match in matches:
        if match.holds:
            return match
        if match.holds is None and best.holds is False:
            best = match
    return best


def both(first: Match, second: Callable[[], Match]) -> Match:
    """Whether both hold, at the first's place, or at the second's if only that cannot be told.

    The second is not asked for when the first is false: each question may split the scenario.
    """
    if first.holds is False:
        return first
    other = second()
    if other.holds is False:
        return Match(False, first.at)
    return first if first.holds is None or other.holds else other


def judged_statements(
    resource: Resource,
    ctx: Context,
    broken: Callable[[Statement], Match],
    path: tuple[str, ...],
    words: tuple[str, str],
) -> Iterator[Verdict]:
    """A verdict for each Allow statement that breaks a rule; `words` say what it does, and what is open."""
    does, question = words
    for statement in statements(resource, *path):
        if isinstance(statement, Unknown):
            yield ctx.undecided(statement, f"{question} cannot be told: {statement.reason}")
            continue
        effect = has_effect(statement, "Allow")
        match = effect if effect.holds is False else broken(statement)
        if effect.holds and match.holds:
            yield ctx.violation(match.at, f"{does}{_sid(statement)}")
        elif match.holds is not False:
            open_at = match.at if match.holds is None else effect.at
            yield ctx.undecided(open_at, f"{question} cannot be told{_sid(statement)}: {reason(open_at)}")


def _sid(statement: View) -> str:
    sid = statement.text("Sid")
    return f" in the statement {sid.value}" if isinstance(sid, Known) else ""


def reason(value: Value[object]) -> str:
    """Why a value cannot be told."""
    text = as_text(value)
    return text.reason if isinstance(text, Unknown) else "it depends on values known only at deployment"


def statements(resource: Resource, *path: str | int) -> Iterator[Statement | Unknown]:
    """The statements of each policy document at a path (EACH for every element); Unknown for what cannot be read."""
    return read_once(resource, _statements, *path)


def _statements(resource: Resource, *path: str | int) -> Iterator[Statement | Unknown]:
    for document in resource.values(*path):
        yield from _of_document(resource, document)


def _of_document(resource: Resource, document: Value[object]) -> Iterator[Statement | Unknown]:
    match document:
        case Known(View() as view):
            yield from listed_statements(view, "Statement")
        case Known(str()):
            yield from _of_text(resource, document)
        case Known():
            yield Unknown("it is not a policy document", document.node, document.path, document.notes)
        case Unknown():
            yield from _of_text(resource, document)
        case Absent():
            return


def _of_text(resource: Resource, document: Known[object] | Unknown) -> Iterator[Statement | Unknown]:
    """The statements of a document that is written as JSON in one text, parts of which may not be known."""
    symbols: list[str | Symbol] = [part for part in pieces(document) if isinstance(part, Symbol)]
    holes = iter(range(len(symbols)))
    text = "".join(part if isinstance(part, str) else f"\0{next(holes)}\0" for part in pieces(document))
    try:
        node = _node(json.loads(text, strict=False), document.node or resource.declaration.key, symbols)
    except (ValueError, IndexError, RecursionError):
        reason = document.reason if isinstance(document, Unknown) else "it is not a policy document in JSON"
        yield Unknown(reason, document.node, document.path, document.notes)
        return
    yield from listed_statements(View(resource.evaluator, node, document.path, document.notes), "Statement")


def _node(data: object, place: Node, symbols: list[str | Symbol]) -> Node:
    """Plain data as nodes that all stand where the text does; numbers between NULs stand for symbols."""
    if isinstance(data, dict):
        keys = {key: Scalar(key, key, place.start, place.end) for key in data}
        entries = {key: _node(value, place, symbols) for key, value in data.items()}
        return Mapping(entries, keys, place.start, place.end)
    if isinstance(data, list):
        return Sequence(tuple(_node(item, place, symbols) for item in data), place.start, place.end)
    if isinstance(data, str) and "\0" in data:
        parts = [symbols[int(part)] if index % 2 else part for index, part in enumerate(data.split("\0"))]
        return cast("Node", text_value(parts, place))  # a view takes a value in place of a node
    value = data if isinstance(data, (str, int, float, bool)) else None
    return Scalar(value, str(data), place.start, place.end)


def listed_statements(view: View, *path: str) -> Iterator[Statement | Unknown]:
    """The statements at a path: a list, or one that stands alone."""
    listed = view.listed(*path)
    match listed:
        case Known(views):
            for element in views:
                yield from _statement(element.mapping())
        case Unknown():
            yield listed
        case Absent():
            return


def _statement(statement: Value[View]) -> Iterator[Statement | Unknown]:
    match statement:
        case Known(view):
            yield Statement(view)
        case Unknown():
            yield statement
        case Absent():
            return


def has_effect(statement: View, effect: str) -> Match:
    """Whether a statement has the effect."""
    value = statement.text("Effect")
    match value:
        case Known(text):
            return Match(text == effect, value)
        case Unknown():
            return Match(None, value)
        case Absent():
            return Match(None, Unknown("the statement has no Effect", value.node, value.path, value.notes))


def elements(view: View, *path: str) -> tuple[Value[object], ...]:
    """The values at a path: a list's elements, or the one that stands alone."""
    return view.elements(*path) if isinstance(view, Statement) else _elements(view, *path)


def _elements(view: View, *path: str) -> tuple[Value[object], ...]:
    listed = view.listed(*path)
    match listed:
        case Known(views):
            return tuple(each.value() for each in views)
        case Unknown():
            return (listed,)
        case Absent():
            return ()


def allows_action(statement: Statement, sample: str) -> Match:
    """Whether the Action element, or what NotAction leaves, has an action in it."""
    return _listed_or_left(statement, "Action", sample.lower())


def allows_resource(statement: Statement, sample: str) -> Match:
    """Whether the Resource element, or what NotResource leaves, has a resource in it."""
    return _listed_or_left(statement, "Resource", sample)


def _listed_or_left(statement: Statement, key: str, sample: str) -> Match:
    if not statement.elements(f"Not{key}"):
        return statement.members(key).have(sample)
    excluded = statement.members(f"Not{key}")
    match = excluded.have(sample)
    return match if match.holds is None else Match(not match.holds, excluded.at)


def names_action(statement: Statement, *samples: str) -> Match:
    """Whether the Action element (not NotAction) has one of some actions in it."""
    return statement.members("Action").have(*(sample.lower() for sample in samples))


def has_condition(statement: View) -> Match:
    """Whether a statement has any condition; an operator without keys asks for nothing."""
    value = statement.mapping("Condition")
    match value:
        case Known(view):
            operators = [view.mapping(name) for name in list(view.keys())]
            asked = any(isinstance(one, Known) and one.value.keys() for one in operators)
            return Match(
                True if asked else None if any(isinstance(one, Unknown) for one in operators) else False, value
            )
        case Unknown():
            return Match(None, value)
        case Absent():
            return Match(False, value)


def is_given(statement: View, key: str) -> Match:
    """Whether a statement has an element."""
    value = statement.value(key)
    match value:
        case Known():
            return Match(True, value)
        case Unknown():
            return Match(value.present or None, value)
        case Absent():
            return Match(False, value)


def negated(match: Match) -> Match:
    """The opposite; what cannot be told stays so."""
    return Match(None if match.holds is None else not match.holds, match.at)
