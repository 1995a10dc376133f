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
