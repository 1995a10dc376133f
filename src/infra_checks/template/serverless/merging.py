"""The Globals section: what resources of a type have in common.

AWS: "Globals section of the AWS SAM template": a resource's own value replaces a global one; maps are merged, lists are
joined with the global elements first. https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/
sam-specification-template-anatomy-globals.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.template.model import SERVERLESS_TYPE
from infra_checks.template.nodes import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from infra_checks.template.model import Declaration, Template

_REPLACED: Final = frozenset({"Architectures"})
"""Lists of which a resource's own is the only one."""


def properties_of(template: Template, declaration: Declaration) -> Node | None:
    """A resource's properties with those of Globals; None when there are neither."""
    own = declaration.properties
    common = _globals_for(template, declaration)
    if own is None or (isinstance(own, Scalar) and own.value is None):
        return common
    if common is None or not isinstance(own, Mapping):
        return own
    return _merged(common, own)


def _globals_for(template: Template, declaration: Declaration) -> Mapping | None:
    section = template.section("Globals")
    common = section.get(declaration.type.removeprefix(SERVERLESS_TYPE)) if section is not None else None
    if not isinstance(common, Mapping):
        return None
    ignored = declaration.node.get("IgnoreGlobals")
    if isinstance(ignored, Scalar):
        return None if ignored.text == "*" else common
    items = ignored.items if isinstance(ignored, Sequence) else ()
    return _without(common, {item.text for item in items if isinstance(item, Scalar)})


def _without(mapping: Mapping, names: set[str]) -> Mapping:
    entries = {name: node for name, node in mapping.entries.items() if name not in names}
    return Mapping(entries, {name: mapping.keys[name] for name in entries}, mapping.start, mapping.end)


def _merged(common: Mapping, own: Mapping) -> Mapping:
    entries, keys = dict(common.entries), dict(common.keys)
    for name, node in own.entries.items():
        other = entries.get(name)
        keys[name] = own.keys[name]
        if isinstance(other, Mapping) and isinstance(node, Mapping):
            entries[name] = _merged(other, node)
        elif isinstance(other, Sequence) and isinstance(node, Sequence) and name not in _REPLACED:
            entries[name] = Sequence(other.items + node.items, node.start, node.end)
        else:
            entries[name] = node
    return Mapping(entries, keys, own.start, own.end)
