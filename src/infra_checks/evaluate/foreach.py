"""Fn::ForEach, expanded before anything is judged.

AWS: "Fn::ForEach" of the language extensions: `Fn::ForEach::Name: [identifier, collection, {key: value}]` in
Resources, Conditions, Outputs and in properties; `${Identifier}` and `&{Identifier}` (which drops characters
that are not alphanumeric) in keys and texts stand for the element, `Ref: Identifier` too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.errors import TemplateError
from infra_checks.evaluate.evaluator import Evaluator
from infra_checks.evaluate.scenario import Scenario
from infra_checks.evaluate.stack import Pins, Stack, Unexpanded
from infra_checks.evaluate.values import Known, Unknown
from infra_checks.template.model import Template, read_template
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOP: Final = "Fn::ForEach::"
MAX_NODES: Final = 200_000
"""More than CloudFormation's 1 MB of text can hold after expansion; a bomb goes no further."""


def expand(template: Template, pins: Pins) -> tuple[Template, tuple[Unexpanded, ...]]:
    """The template without loops, and the loops whose collection is not known."""
    if LOOP not in template.source.text and not _is_disguised(template):
        return template, ()
    expansion = _Expansion(template, pins)
    root = expansion.mapping(template.root, {})
    expanded = read_template(template.source, root)
    return expanded, tuple(expansion.unexpanded)


_ESCAPE: Final = re.compile(r"\\[uUx]")


def _is_disguised(template: Template) -> bool:
    """Whether escapes hide a loop's key from a search in the text."""
    if not _ESCAPE.search(template.source.text):
        return False
    nodes = (node for _, node in walk(template.root) if isinstance(node, Mapping))
    return any(key.startswith(LOOP) for node in nodes for key in node.entries)


class _Expansion:
    """One pass over a template; `bindings` map the identifiers of the loops around a node to their elements."""

    def __init__(self, template: Template, pins: Pins) -> None:
        self._template = template
        self._stack = Stack(template, pins)
        self._made = 0
        self.unexpanded: list[Unexpanded] = []

    def node(self, node: Node, bindings: dict[str, str]) -> Node:
        self._count(node)
        match node:
            case Scalar():
                return _bound_scalar(node, bindings)
            case Sequence():
                return Sequence(tuple(self.node(item, bindings) for item in node.items), node.start, node.end)
            case Mapping():
                return self.mapping(node, bindings)
            case Call():
                return self._call(node, bindings)

    def _count(self, node: Node) -> None:
        self._made += 1
        if self._made > MAX_NODES:
            message = f"Fn::ForEach expands to more than {MAX_NODES} nodes; CloudFormation refuses such a template"
            raise TemplateError(message, file=self._template.name, span=node.span)

    def _call(self, call: Call, bindings: dict[str, str]) -> Node:
        if call.name == "Ref" and isinstance(call.argument, Scalar) and call.argument.text in bindings:
            text = bindings[call.argument.text]
            return Scalar(text, text, call.start, call.end)
        return Call(call.name, self.node(call.argument, bindings), call.start, call.end)

    def mapping(self, mapping: Mapping, bindings: dict[str, str]) -> Mapping:
        entries: dict[str, Node] = {}
        keys: dict[str, Scalar] = {}
        for key, node, scope in self._entries(mapping, bindings):
            bound = _bound_scalar(key, scope)
            if bound.text in entries and not key.text.startswith(LOOP):
                message = f"Fn::ForEach makes the key {bound.text} twice"
                raise TemplateError(message, file=self._template.name, span=key.span)
            entries[bound.text] = node if key.text.startswith(LOOP) else self.node(node, scope)
            keys[bound.text] = bound
        return Mapping(entries, keys, mapping.start, mapping.end)

    def _entries(self, mapping: Mapping, bindings: dict[str, str]) -> Iterator[tuple[Scalar, Node, dict[str, str]]]:
        """A mapping's entries with loops unrolled; nested loops inside a loop's body too."""
        for name, node in mapping.entries.items():
            key = mapping.keys[name]
            if not name.startswith(LOOP):
                yield key, node, bindings
                continue
            loop = _loop(node)
            elements = loop if isinstance(loop, Unknown) else self._elements(loop.collection, bindings)
            if isinstance(loop, Unknown) or isinstance(elements, Unknown):
                reason = loop.reason if isinstance(loop, Unknown) else elements.reason  # type: ignore[union-attr]
                self._keep(Unexpanded(node, name, reason))
                yield key, node, bindings
                continue
            for element in elements:
                self._count(node)
                yield from self._entries(loop.body, {**bindings, loop.identifier: element})

    def _keep(self, loop: Unexpanded) -> None:
        """Note a loop that stays; inside another loop it stays once for each element."""
        if all(known.node is not loop.node for known in self.unexpanded):
            self.unexpanded.append(loop)

    def _elements(self, collection: Node, bindings: dict[str, str]) -> tuple[str, ...] | Unknown:
        evaluator = Evaluator(self._stack, Scenario())
        reduced, _ = evaluator.reduce(self.node(collection, bindings))
        if isinstance(reduced, Unknown):
            return reduced
        if isinstance(reduced, Sequence):
            texts = [text for _, item, _ in evaluator.elements(reduced) for text in _texts(evaluator, item)]
        elif isinstance(reduced, Known) and isinstance(reduced.value, tuple):
            texts = list(reduced.value)
        else:
            return Unknown("the collection is not a list")
        if evaluator.scenario.next_script() is not None:
            return Unknown("the collection differs between scenarios; pin the parameters it depends on")
        unknown = next((text for text in texts if isinstance(text, Unknown)), None)
        return unknown or tuple(dict.fromkeys(text for text in texts if isinstance(text, str)))


def _texts(evaluator: Evaluator, item: Node) -> tuple[str | Unknown, ...]:
    """What an element of a collection adds: a text, or the elements of a list that a function gives."""
    reduced, _ = evaluator.reduce(item)
    if isinstance(reduced, Known) and isinstance(reduced.value, tuple):
        return reduced.value
    value = evaluator.text(item)
    if isinstance(value, Known):
        return (value.value,)
    return (value or Unknown("an element is not a text"),)


class _Loop(NamedTuple):
    identifier: str
    collection: Node
    body: Mapping


def _loop(node: Node) -> _Loop | Unknown:
    if isinstance(node, Sequence) and len(node.items) == 3:
        identifier, collection, body = node.items
        if isinstance(identifier, Scalar) and isinstance(body, Mapping):
            return _Loop(identifier.text, collection, body)
    return Unknown("it needs an identifier, a collection and a mapping")


def _bound_scalar(scalar: Scalar, bindings: dict[str, str]) -> Scalar:
    if not bindings or "{" not in scalar.text:
        return scalar

    def bound(match: re.Match[str]) -> str:
        element = bindings.get(match[2])
        if element is None:
            return match[0]
        return element if match[1] == "$" else re.sub("[^A-Za-z0-9]", "", element)

    text = _PLACEHOLDER.sub(bound, scalar.text)
    return scalar if text == scalar.text else Scalar(text, text, scalar.start, scalar.end)


_PLACEHOLDER: Final = re.compile(r"([$&])\{([^{}]*)\}")
