"""The texts that stand in a resource as written, and where: for rules on what a template should not spell out."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from infra_checks.core.resource import PROPERTIES
from infra_checks.evaluate.values import Path, Unknown
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra_checks.core.resource import Resource

_NAMING: Final = frozenset({"Condition", "Fn::FindInMap", "Fn::GetAZs", "Fn::GetAtt", "Fn::ImportValue", "Ref"})
"""Functions whose arguments name something; what they give stands elsewhere."""


@lru_cache(maxsize=2)
def wording(node: Mapping) -> str:
    """All texts of a resource's properties, one after the other: to find out quickly that something is not there.

    Rules are run on one resource after another, so the last one is all that needs to be remembered.
    """
    texts: list[str] = []
    properties = node.get(PROPERTIES)
    stack: list[Node] = [] if properties is None else [properties]
    while stack:
        current = stack.pop()
        kind = type(current)
        if kind is Scalar:
            texts.append(current.text)  # type: ignore[union-attr]
        elif kind is Mapping:
            stack.extend(current.entries.values())  # type: ignore[union-attr]
        elif kind is Sequence:
            stack.extend(current.items)  # type: ignore[union-attr]
        else:
            stack.append(current.argument)  # type: ignore[union-attr]
    return "\n".join(texts)


def literals(resource: Resource, wanted: Callable[[str], object]) -> Iterator[tuple[Path, Scalar]]:
    """The wanted texts below `Properties` with the paths of the properties they belong to.

    Of an Fn::If only the branch that is taken counts. The condition of one without such a text is not asked for, as it
    would split the scenario to no end.
    """
    start = resource.declaration.properties
    stack: list[tuple[Path, Node]] = [((PROPERTIES,), start)] if start is not None else []
    while stack:
        path, node = stack.pop()
        if isinstance(node, Scalar):
            if wanted(node.text):
                yield path, node
        elif isinstance(node, Mapping):
            stack.extend(((*path, key), child) for key, child in reversed(node.entries.items()))
        elif isinstance(node, Sequence):
            stack.extend(((*path, index), child) for index, child in reversed(list(enumerate(node.items))))
        elif node.name not in _NAMING:
            stack.extend((path, child) for child in reversed(_within(resource, node, wanted)))


def _within(resource: Resource, call: Call, wanted: Callable[[str], object]) -> list[Node]:
    argument = call.argument
    if call.name != "Fn::If" or not isinstance(argument, Sequence):
        return list(argument.items) if isinstance(argument, Sequence) else [argument]
    if not any(_has(arm, wanted) for arm in argument.items[1:]):
        return []
    branch = resource.evaluator.branch(call)
    return list(argument.items[1:]) if isinstance(branch, Unknown) else [branch[0]]


def _has(node: Node, wanted: Callable[[str], object]) -> bool:
    """Whether a wanted text stands anywhere below a node."""
    return any(isinstance(child, Scalar) and bool(wanted(child.text)) for _, child in walk(node))


def placed(path: Path, node: Node) -> Unknown:
    """A value that only says where it stands; nothing in a report is derived from it."""
    return Unknown("", node, path)
