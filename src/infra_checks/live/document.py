"""A live stack as a template: the unchanged engine and rules judge it.

The nodes stand in a text of their own, JSON with one value in each line, so that each has a place. The places tell
values apart and hide secrets; no report shows them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from infra_checks.access.arns import REF
from infra_checks.evaluate.stack import PSEUDO_PARAMETERS
from infra_checks.live.added_by_aws import with_additions_described
from infra_checks.live.reading import Unread
from infra_checks.live.relinking import Links, Pseudo, Reference
from infra_checks.template.model import UNREAD, Template, read_template
from infra_checks.template.nodes import CALL_KEYS, Call, Mapping, Node, Scalar, Sequence
from infra_checks.template.source import FixedMark, SourceFile

if TYPE_CHECKING:
    from infra_checks.live.reading import Plain
    from infra_checks.live.relinking import Piece, Pieces
    from infra_checks.live.stacks import LiveResource, LiveStack

_BESIDE: Final = ("DeletionPolicy", "UpdateReplacePolicy", "DependsOn", "Metadata", "CreationPolicy", "UpdatePolicy")
_UNKNOWN_TEMPLATE: Final = "the deployed template is not known"


def document_of(stack: LiveStack, *, as_declared: bool = False) -> Template:
    """The template that a deployed stack is, with what could not be read as values that are not known.

    With `as_declared` what could not be read is as the deployed template says, where it says anything: only to see
    which verdicts depend on it.
    """
    writer = _Writer(Links.of(stack), as_declared=as_declared)
    root = writer.root(stack)
    return read_template(SourceFile(stack.label, writer.text), root)


def _attributes(resource: LiveResource) -> dict[str, Plain]:
    """What stands beside the properties. Rules that ask who refers to a resource find what belongs to it."""
    if resource.owner:
        return {"DependsOn": resource.owner}
    if resource.declared is not None:
        return resource.declared.attributes
    return {name: Unread(_UNKNOWN_TEMPLATE) for name in _BESIDE}


class _Writer:
    """Writes nodes and their text at once."""

    def __init__(self, links: Links, *, as_declared: bool) -> None:
        self._links = links
        self._as_declared = as_declared
        self._lines: list[str] = []
        self._resource: LiveResource | None = None
        self._path: list[str] = []

    @property
    def text(self) -> str:
        """What was written."""
        return "\n".join(self._lines)

    def root(self, stack: LiveStack) -> Mapping:
        """The whole document."""
        parameters: dict[str, Plain] = {
            name: {"Type": "String", "Default": value} for name, value in stack.parameters.items()
        }
        parameters |= {name: {"Type": "String", "NoEcho": True} for name in sorted(stack.hidden)}
        start = self._mark()
        entries: dict[str, Node] = {}
        keys: dict[str, Scalar] = {}
        if parameters:
            keys["Parameters"] = self._scalar("Parameters")
            entries["Parameters"] = self._node(parameters)
        keys["Resources"] = self._scalar("Resources")
        entries["Resources"] = self._resources(stack)
        return Mapping(entries, keys, start, self._mark())

    def _resources(self, stack: LiveStack) -> Mapping:
        start = self._mark()
        entries: dict[str, Node] = {}
        keys: dict[str, Scalar] = {}
        for resource in (*stack, *stack.beside.values()):
            keys[resource.logical_id] = self._scalar(resource.logical_id)
            self._resource, self._path = None, [resource.logical_id]
            entries[resource.logical_id] = self._declaration(resource)
        return Mapping(entries, keys, start, self._mark())

    def _declaration(self, resource: LiveResource) -> Mapping:
        start = self._mark()
        keys = {"Type": self._scalar("Type")}
        entries: dict[str, Node] = {"Type": self._scalar(resource.type)}
        for name, value in _attributes(resource).items():
            if name in _BESIDE:
                keys[name] = self._scalar(name)
                entries[name] = self._named(name, value)
        keys["Properties"] = self._scalar("Properties")
        self._resource = resource
        entries["Properties"] = self._named("Properties", with_additions_described(resource))
        self._resource = None
        return Mapping(entries, keys, start, self._mark())

    def _named(self, name: str, value: Plain) -> Node:
        self._path.append(name)
        node = self._node(value)
        self._path.pop()
        return node

    def _node(self, value: Plain) -> Node:
        if isinstance(value, Unread):
            declared = self._said() if self._as_declared else None
            if declared is not None:
                return self._declared(declared)
            # The path tells one such value from another: what is not known of two resources need not be the same.
            return self._call(UNREAD, [value.reason, ".".join(self._path)])
        if isinstance(value, dict):
            return self._mapping(value)
        if isinstance(value, (list, tuple)):
            start = self._mark()
            items = tuple(self._named(str(index), item) for index, item in enumerate(value))
            return Sequence(items, start, self._mark())
        if isinstance(value, str) and self._resource is not None:
            return self._linked(self._links.pieces(value, self._resource, self._path[2:]), value)
        return self._scalar(value)

    def _said(self) -> Plain:
        """What the deployed template says at the path at hand; None when it says nothing."""
        found: Plain = self._resource.declared.properties if self._resource and self._resource.declared else None
        for step in self._path[2:]:
            if isinstance(found, list):
                found = found[int(step)] if step.isdigit() and int(step) < len(found) else None
            else:
                found = found.get(step) if isinstance(found, dict) else None
        return found

    def _declared(self, value: Plain) -> Node:
        """A value of the deployed template, in which functions that nobody evaluated are in long form."""
        prefix = self._path[0].rpartition("/")[0]
        match value:
            case {"Ref": str(name)} if len(value) == 1 and name not in PSEUDO_PARAMETERS:
                return self._call(REF, f"{prefix}/{name}" if prefix else name)
            case {"Fn::GetAtt": [str(name), str(attribute)]} if len(value) == 1:
                return self._call("Fn::GetAtt", [f"{prefix}/{name}" if prefix else name, attribute])
            case {"Fn::Join": ["", [*pieces]]} if len(value) == 1:
                start = self._mark()
                items = Sequence(tuple(map(self._declared, pieces)), start, self._mark())
                return Call("Fn::Join", Sequence((self._scalar(""), items), start, self._mark()), start, self._mark())
            case dict() if len(value) == 1 and next(iter(value)) in CALL_KEYS:
                return self._call(UNREAD, ["the deployed template does not tell its value", ".".join(self._path)])
            case dict():
                start = self._mark()
                keys = {str(name): self._scalar(str(name)) for name in value}
                return Mapping({str(name): self._declared(each) for name, each in value.items()}, keys, start, start)
            case list():
                start = self._mark()
                return Sequence(tuple(map(self._declared, value)), start, self._mark())
            case _:
                return self._node(value)

    def _mapping(self, value: dict[str, Plain]) -> Mapping:
        start = self._mark()
        entries: dict[str, Node] = {}
        keys: dict[str, Scalar] = {}
        for name, child in value.items():
            if child is not None:
                keys[str(name)] = self._scalar(str(name))
                entries[str(name)] = self._named(str(name), child)
        return Mapping(entries, keys, start, self._mark())

    def _linked(self, pieces: Pieces, text: str) -> Node:
        if len(pieces) == 1:
            return self._piece(pieces[0])
        if not pieces:
            return self._scalar(text)
        start = self._mark()
        separator = self._scalar("")
        first = self._mark()
        parts = tuple(self._piece(piece) for piece in pieces)
        end = self._mark()
        return Call("Fn::Join", Sequence((separator, Sequence(parts, first, end)), start, end), start, end)

    def _piece(self, piece: Piece) -> Node:
        match piece:
            case Reference(name, attribute):
                return self._call(REF, name) if attribute == REF else self._call("Fn::GetAtt", [name, attribute])
            case Pseudo(name):
                return self._call(REF, name)
            case text:
                return self._scalar(text)

    def _call(self, name: str, argument: str | list[str]) -> Call:
        start = self._mark()
        if isinstance(argument, str):
            node: Node = self._scalar(argument)
        else:
            node = Sequence(tuple(self._scalar(each) for each in argument), start, self._mark())
        return Call(name, node, start, self._mark())

    def _scalar(self, value: str | float | bool | None) -> Scalar:
        # What another tool reads as a comment in a template is no comment in a value.
        text = json.dumps(value, ensure_ascii=False).replace("#", "\\u0023")
        start = self._mark()
        self._lines.append(text)
        end = FixedMark(start.line, len(text))
        plain = value if isinstance(value, str) else text
        return Scalar(value, plain, start, end, plain=not isinstance(value, str))

    def _mark(self) -> FixedMark:
        """The beginning of the next line."""
        return FixedMark(len(self._lines), 0)
