"""Where a finding points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.core.resource import PROPERTIES
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from infra_checks.evaluate.values import Path
    from infra_checks.template.model import Declaration


def owner_key(declaration: Declaration, owner: Mapping, path: Path) -> Node | None:
    """The key under which a mapping stands, on the way of a path; the resource's name for its properties.

    None when the way leads elsewhere, such as through a function, or when the mapping is an element of a list.
    """
    current: Node = declaration.node
    key: Node | None = declaration.key
    for part in path:
        if current is owner:
            return key
        if isinstance(current, Mapping) and part in current.entries:
            name = str(part)
            key = declaration.key if name == PROPERTIES else current.keys[name]
            current = current.entries[name]
        elif isinstance(current, Sequence) and isinstance(part, int) and part < len(current.items):
            current, key = current.items[part], None
        else:
            return None
    return None


def statement_of(declaration: Declaration, path: Path, at: Node | None) -> str:
    """The Sid of the innermost policy statement on the way of a path to a node; empty when it has none."""
    sid = ""
    current: Node = declaration.node
    for part in path:
        current = _branch(current, at)
        if isinstance(current, Mapping) and part in current.entries:
            current = current.entries[str(part)]
        elif isinstance(current, Sequence) and isinstance(part, int) and part < len(current.items):
            current = current.items[part]
        else:
            break
        inner = _branch(current, at)
        if isinstance(inner, Mapping) and "Effect" in inner.entries:
            name = inner.get("Sid")
            sid = name.text if isinstance(name, Scalar) else ""
    return sid


def _branch(node: Node, at: Node | None) -> Node:
    """Of an Fn::If, the branch in which a node stands."""
    while isinstance(node, Call) and node.name == "Fn::If" and at is not None and isinstance(node.argument, Sequence):
        inside = [each for each in node.argument.items[1:] if _holds(each, at)]
        if len(inside) != 1:
            break
        node = inside[0]
    return node


def _holds(outer: Node, inner: Node) -> bool:
    a, b = outer.span, inner.span
    return (a.line, a.column) <= (b.line, b.column) and (b.end_line, b.end_column) <= (a.end_line, a.end_column)


def written_path(declaration: Declaration, path: Path) -> Path:
    """A path of a resource as the template has it: of what it is generated from, if it is generated."""
    origin = declaration.origin
    if origin is None or path[:1] != (PROPERTIES,):
        return path
    for length in range(len(path), 0, -1):
        own = origin.renames.get(path[1:length])
        if own is not None:
            return (PROPERTIES, *own, *path[length:])
        whole = origin.wholes.get(path[1:length])
        if whole is not None:
            return (PROPERTIES, *whole)
    return path


def origin_notes(declaration: Declaration, path: Path) -> tuple[str, ...]:
    """What a reader has to know of a resource that the template does not have: how the judged property came about."""
    origin = declaration.origin
    if origin is None or declaration.is_rest:
        return ()
    written, own = origin.declaration, written_path(declaration, path)
    notes: list[str] = []
    if declaration.logical_id != written.logical_id:
        notes.append(origin.note or f"SAM makes the {declaration.type} {declaration.logical_id} of it")
    elif own != path:
        notes.append(f"{_dotted(own)} is {_dotted(path)} of the {declaration.type} that SAM makes of it")
    if own == path and len(path) > 1 and path[0] == PROPERTIES and str(path[1]) not in origin.known:
        notes.append(f"{written.type} has no {path[1]}; {declaration.type} has it")
    return tuple(notes)


def _dotted(path: Path) -> str:
    return ".".join(map(str, path[1:]))
