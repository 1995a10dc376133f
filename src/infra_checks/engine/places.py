"""Where a finding points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.core.resource import PROPERTIES
from infra_checks.template.nodes import Mapping, Node, Sequence

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
