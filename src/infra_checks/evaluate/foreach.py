"""Fn::ForEach, expanded before anything is judged.

AWS: "Fn::ForEach" of the language extensions: `Fn::ForEach::Name: [identifier, collection, {key: value}]` in
Resources, Conditions, Outputs and in properties; `${Identifier}` and `&{Identifier}` (which drops characters
that are not alphanumeric) in keys and texts stand for the element, `Ref: Identifier` too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.errors import TemplateError
from infra_checks.evaluate.evaluator import Evaluator
from infra_checks.evaluate.scenario import Scenario
from infra_checks.evaluate.stack import Pins, Stack, Unexpanded
from infra_checks.evaluate.values import Known, Unknown
from infra_checks.template.model import Template, read_template
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOP: Final = "Fn::ForEach::"
MAX_NODES: Final = 200_000
"""More than CloudFormation's 1 MB of text can hold after expansion; a bomb goes no further."""


def expand(template: Template, pins: Pins) -> tuple[Template, tuple[Unexpanded, ...]]:
    """The template without loops, and the loops whose collection is not known."""
    if LOOP not in template.source.text:
        return template, ()
    expansion = _Expansion(template, pins)
    root = expansion.mapping(template.root, {})
    expanded = read_template(template.source, root)
    return expanded, tuple(expansion.unexpanded)


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
            if bound.text in entries:
                message = f"Fn::ForEach makes the key {bound.text} twice"
                raise TemplateError(message, file=self._template.name, span=key.span)
            entries[bound.text] = node if key.text.startswith(LOOP) else self.node(node, scope)
            keys[bound.text] = bound
        return Mapping(entries, keys, mapping.start, mapping.end)

    def _entries(self, mapping: Mapping, bindings: dict[str, str]) -> Iterator[tuple[Scalar, Node, dict[str, str]]]:
        """A mapping's entries with loops unrolled; nested loops inside a loop's body too."""
        for name, node in mapping.entries.items():
            key = mapping.keys[name]
            loop = _loop(name, node)
            if loop is None:
                yield key, node, bindings
                continue
            identifier, collection, body = loop
            elements = self._elements(collection, bindings)
            if isinstance(elements, Unknown):
                self.unexpanded.append(Unexpanded(node, name, elements.reason))
                yield key, node, bindings
                continue
            for element in elements:
                yield from self._entries(body, {**bindings, identifier: element})

    def _elements(self, collection: Node, bindings: dict[str, str]) -> tuple[str, ...] | Unknown:
        evaluator = Evaluator(self._stack, Scenario())
        bound = self.node(collection, bindings)
        reduced, _ = evaluator.reduce(bound)
        texts: list[str] = []
        if isinstance(reduced, Sequence):
            for _, item, _ in evaluator.elements(reduced):
                inner, _ = evaluator.reduce(item)
                if isinstance(inner, Unknown) or not isinstance(inner, Known):
                    return inner if isinstance(inner, Unknown) else Unknown("an element is not a text")
                texts.extend(inner.value if isinstance(inner.value, tuple) else (_text(inner),))
        elif isinstance(reduced, Known) and isinstance(reduced.value, tuple):
            texts.extend(reduced.value)
        else:
            return reduced if isinstance(reduced, Unknown) else Unknown("the collection is not a list")
        if evaluator.scenario.next_script() is not None:
            return Unknown("the collection differs between scenarios; pin the parameters it depends on")
        return tuple(dict.fromkeys(texts))


def _text(value: Known[object]) -> str:
    return value.node.literal if isinstance(value.node, Scalar) else str(value.value)


def _loop(name: str, node: Node) -> tuple[str, Node, Mapping] | None:
    if not name.startswith(LOOP) or not isinstance(node, Sequence) or len(node.items) != 3:
        return None
    identifier, collection, body = node.items
    if not isinstance(identifier, Scalar) or not isinstance(body, Mapping):
        return None
    return identifier.text, collection, body


def _bound_scalar(scalar: Scalar, bindings: dict[str, str]) -> Scalar:
    text = scalar.text
    if not bindings or "{" not in text:
        return scalar
    for identifier, element in bindings.items():
        text = text.replace("${" + identifier + "}", element)
        text = text.replace("&{" + identifier + "}", re.sub("[^A-Za-z0-9]", "", element))
    return scalar if text == scalar.text else Scalar(text, text, scalar.start, scalar.end)
