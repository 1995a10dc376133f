"""YAML anchors: which node each names, and how much its aliases add to a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.template.limits import MAX_DEPTH, MAX_NODES
from infra_checks.template.nodes import Call, Mapping, Sequence

if TYPE_CHECKING:
    from infra_checks.template.nodes import Node


class AliasError(Exception):
    """An alias cannot stand for its node; the text says why."""


class Anchors:
    """The anchors seen so far; an anchor may be given again and then names the later node."""

    __slots__ = ("_nodes", "_used")

    def __init__(self) -> None:
        self._nodes: dict[str, Node | None] = {}
        self._used = 0

    def open(self, name: str) -> None:
        """Note that the node of an anchor has begun, so that an alias inside it is known to be endless."""
        self._nodes[name] = None

    def close(self, name: str, node: Node) -> None:
        """Note the node of an anchor."""
        self._nodes[name] = node

    def resolve(self, name: str, depth: int) -> Node:
        """The node an alias at `depth` levels stands for; raises AliasError.

        Each alias is counted with all it stands for, aliases inside it again, because whoever walks the
        nodes meets them that often. Nine lines of aliases can stand for a billion nodes.
        """
        if name not in self._nodes:
            raise AliasError(f"alias *{name} has no anchor &{name} before it")
        node = self._nodes[name]
        if node is None:
            raise AliasError(f"alias *{name} stands inside the node it names, which would never end")
        self._used += _expanded(node, MAX_NODES - self._used, MAX_DEPTH - depth)
        return node


def _expanded(root: Node, most: int, levels: int) -> int:
    """How many nodes `root` is when its aliases are written out; raises AliasError beyond a limit."""
    count = 0
    stack: list[tuple[Node, int]] = [(root, levels)]
    while stack:
        node, left = stack.pop()
        count += 1
        if count > most:
            raise AliasError(f"the aliases up to here stand for more than {MAX_NODES:,} nodes")
        children = _children(node)
        if children and left <= 0:
            raise AliasError(f"the aliases up to here nest deeper than {MAX_DEPTH} levels")
        stack.extend((child, left - 1) for child in children)
    return count


_NONE: Final[tuple[Node, ...]] = ()


def _children(node: Node) -> tuple[Node, ...]:
    match node:
        case Mapping():
            return tuple(node.entries.values())
        case Sequence():
            return node.items
        case Call():
            return (node.argument,)
        case _:
            return _NONE
