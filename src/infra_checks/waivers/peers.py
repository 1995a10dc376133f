"""Other tools' suppressions in metadata and comments, as waivers.

Their forms are those that the tools document: checkov "Suppressing and skipping policies", cfn_nag "Per-resource rule
suppression", cfn-lint "Metadata", the AWS Guard rules registry, cdk-nag "Suppressing a rule", Trivy "Filtering by
inline comments".
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.core.waiver import Waiver
from infra_checks.template.nodes import Call, Mapping, Scalar, Sequence
from infra_checks.template.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.template.model import Declaration, Template
    from infra_checks.template.nodes import Node


class _Form(NamedTuple):
    """Where a tool's list of suppressions stands below Metadata, and its items' keys; no `id` where they are texts."""

    path: tuple[str, ...]
    id: str = ""
    reason: str = ""
    narrowed: str = ""  # with this key an item holds for a part of the finding only, which cannot be told here


METADATA: Final[dict[str, _Form]] = {
    "cdk-nag": _Form(("cdk_nag", "rules_to_suppress"), "id", "reason", "applies_to"),
    "cfn-lint": _Form(("cfn-lint", "config", "ignore_checks")),
    "cfn_nag": _Form(("cfn_nag", "rules_to_suppress"), "id", "reason"),
    "checkov": _Form(("checkov", "skip"), "id", "comment"),
    "guard": _Form(("guard", "SuppressedRules")),
}

_COMMENTS: Final = {
    "checkov": re.compile(r"#\s*(?:checkov|bridgecrew|cortex):skip=(?P<ids>[\w,\s-]+?)\s*(?::(?P<reason>.*))?$"),
    "trivy": re.compile(r"#\s*(?:trivy|tfsec):ignore:(?P<ids>[\w-]+)(?::exp:(?P<expires>\d{4}-\d\d-\d\d))?"),
}

TOOLS: Final = tuple(sorted({*METADATA, *_COMMENTS}))


def suppressions(template: Template, label: str, tools: frozenset[str]) -> Iterator[Waiver]:
    """What the tools' suppressions in a template hide; those in the root's metadata hold for all its resources."""
    root = template.root.get("Metadata")
    if root is not None and "cfn-lint" in tools:
        yield from _listed(label, "cfn-lint", root, "*")
    for declaration in template.resources.values():
        metadata = declaration.node.get("Metadata")
        for tool in METADATA if metadata is not None else ():
            if tool in tools and metadata is not None:
                yield from _listed(label, tool, metadata, declaration.logical_id)
    for tool, pattern in _COMMENTS.items():
        if tool in tools:
            yield from _commented(template, label, tool, pattern)


def _listed(label: str, tool: str, metadata: Node, resource: str) -> Iterator[Waiver]:
    form = METADATA[tool]
    for item in items_below(metadata, form.path):
        mapping = item if isinstance(item, Mapping) else None
        word = mapping.get(form.id) if mapping and form.id else item
        narrowed = mapping is not None and form.narrowed and mapping.get(form.narrowed) is not None
        if isinstance(word, Scalar) and word.text and not narrowed:
            reason = mapping.get(form.reason) if mapping else None
            yield Waiver(
                rules=(word.text.strip(),),
                reason=reason.text if isinstance(reason, Scalar) else "",
                resource=resource,
                origin=tool,
                file=label,
                span=item.span,
            )


def items_below(node: Node, path: tuple[str, ...]) -> Iterator[Node]:
    """The items of a list at a path, in either branch of each Fn::If on the way and in the list."""
    if isinstance(node, Call):
        branches = node.argument.items[1:] if node.name == "Fn::If" and isinstance(node.argument, Sequence) else ()
        for branch in branches:
            yield from items_below(branch, path)
    elif path:
        child = node.get(path[0]) if isinstance(node, Mapping) else None
        if child is not None:
            yield from items_below(child, path[1:])
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from items_below(item, ()) if isinstance(item, Call) else (item,)
    else:
        yield node


def _commented(template: Template, label: str, tool: str, pattern: re.Pattern[str]) -> Iterator[Waiver]:
    for number, line in enumerate(template.source.lines(), 1):
        match = pattern.search(line) if "#" in line else None
        owner = _owner(template, number, above=tool == "trivy") if match else None
        if match and owner is not None:
            found = match.groupdict()
            yield Waiver(
                rules=tuple(word.strip().removeprefix("AVD-") for word in found["ids"].split(",") if word.strip()),
                reason=(found.get("reason") or "").strip(),
                expires=_day(found.get("expires")),
                resource=owner.logical_id,
                origin=tool,
                is_comment=True,
                file=label,
                span=Span(number, match.start() + 1, number, match.end() + 1),
            )


def _owner(template: Template, line: int, *, above: bool) -> Declaration | None:
    """The resource in whose text a line stands; with `above`, the line before a resource is that resource's."""
    inside = None
    for declaration in sorted(template.resources.values(), key=lambda each: each.key.span):
        first = declaration.key.span.line
        if above and first == line + 1:
            return declaration
        if first <= line < declaration.node.span.end_line + (declaration.node.span.end_column > 1):
            inside = declaration
    return inside


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return date.min  # A malformed day has passed: what it should hide comes to light.
