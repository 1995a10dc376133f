"""Where the text of a secret stands: the literals that a value is made of, which no report may show."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from infra_checks.template.model import Template
    from infra_checks.template.source import Span

_NAMING: Final = frozenset({"Condition", "Fn::GetAZs", "Fn::GetAtt", "Fn::ImportValue", "Fn::Transform"})
"""Functions whose arguments are names."""

_PLACEHOLDER: Final = re.compile(r"\$\{\s*([A-Za-z0-9]+)\s*\}")


def secret_places(nodes: Iterable[Node], template: Template) -> tuple[Span, ...]:
    """The places of the literals in some values, and of those that parameters and mappings in them give."""
    found: dict[Span, None] = {}
    pending = list(nodes)
    while pending:
        node = pending.pop()
        match node:
            case Scalar():
                if node.text:
                    found[node.span] = None
            case Sequence():
                pending.extend(node.items)
            case Mapping():
                pending.extend(node.entries.values())
            case Call():
                pending.extend(_given(node, template))
    return tuple(found)


def _given(call: Call, template: Template) -> Iterator[Node]:
    """The nodes whose literals become part of what a function gives."""
    items = call.argument.items if isinstance(call.argument, Sequence) else (call.argument,)
    match call.name:
        case "Ref":
            yield from _of_parameters([item.text for item in items if isinstance(item, Scalar)], template)
        case "Fn::If":
            yield from items[1:]
        case "Fn::FindInMap":
            yield from _of_mapping(items, template)
        case "Fn::Sub":
            yield from items
            texts = (item.text for item in items if isinstance(item, Scalar))
            yield from _of_parameters([name for text in texts for name in _PLACEHOLDER.findall(text)], template)
        case _ if call.name not in _NAMING:
            yield call.argument
        case _:
            return


def _of_parameters(names: Iterable[str], template: Template) -> Iterator[Node]:
    for name in names:
        parameter = template.parameters.get(name)
        for key in ("Default", "AllowedValues") if parameter is not None and not parameter.is_ssm else ():
            node = parameter.node.get(key) if parameter is not None else None
            if node is not None:
                yield node


def _of_mapping(items: tuple[Node, ...], template: Template) -> Iterator[Node]:
    """The entries of a mapping under a key that is spelled out, or all, and the default."""
    name, key = (item.text if isinstance(item, Scalar) else None for item in (*items, None, None, None)[:3:2])
    for title, table in template.mappings.items():
        if name in {None, title}:
            rows = (row for row in table.entries.values() if isinstance(row, Mapping))
            yield from (entry for row in rows for entry_key, entry in row.entries.items() if key in {None, entry_key})
    yield from items[3:]
