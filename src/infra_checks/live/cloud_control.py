"""Cloud Control, for types without a reader.

It answers with CloudFormation's own names, but never with what the type's schema calls write-only: those properties
are Unread. AWS: "GetResource" of the Cloud Control API reference, "Resource type schema" of the CloudFormation CLI user
guide.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from infra_checks.live.reading import Unread

if TYPE_CHECKING:
    from infra_checks.live.reading import Asking, Plain, Read

OPERATIONS: Final = frozenset({"cloudcontrol:get_resource", "cloudformation:describe_type"})

NOT_RETURNED: Final = "Cloud Control does not return it"
"""Why a write-only property is not known."""
_SEPARATOR: Final = "|"


def read(asking: Asking) -> Read:
    """A resource as Cloud Control has it."""
    schema = _schema(asking)
    identifier = _identifier(asking, schema)
    answer = asking.ask("cloudcontrol", "get_resource", TypeName=asking.type, Identifier=identifier)
    if isinstance(answer, Unread):
        return answer
    properties: dict[str, Plain] = json.loads(answer["ResourceDescription"]["Properties"])
    for path in schema.get("writeOnlyProperties", ()):
        _mark(properties, path.split("/")[2:])
    # Without a schema, what the template says and the answer has not may be write-only.
    for name in asking.declared:
        properties.setdefault(name, Unread(NOT_RETURNED))
    for path in schema.get("readOnlyProperties", ()):
        _drop(properties, path.split("/")[2:], asking.declared)
    return properties


def _schema(asking: Asking) -> dict[str, Any]:
    answer = asking.ask("cloudformation", "describe_type", Type="RESOURCE", TypeName=asking.type)
    if isinstance(answer, Unread) or "Schema" not in answer:
        return {}
    found: dict[str, Any] = json.loads(answer["Schema"])
    return found


def _identifier(asking: Asking, schema: dict[str, Any]) -> str:
    """The primary identifier: its parts are joined by bars where the type has several."""
    names = [path.split("/")[-1] for path in schema.get("primaryIdentifier", ())]
    if len(names) < 2 or asking.physical_id.count(_SEPARATOR) == len(names) - 1:  # noqa: PLR2004 - more than one
        return asking.physical_id
    # What the template does not give is made by the service, and is what the physical id is.
    parts = [asking.declared.get(name, asking.physical_id) for name in names]
    return _SEPARATOR.join(str(part) for part in parts)


def _mark(value: Plain, path: list[str]) -> None:
    """Put an Unread at a path of a schema, in which `*` is every item of a list."""
    first, *rest = path
    if isinstance(value, list):
        for item in value:
            _mark(item, rest if first == "*" else path)
    elif isinstance(value, dict) and not rest:
        value.setdefault(first, Unread(NOT_RETURNED))
    elif isinstance(value, dict):
        _mark(value.get(first), rest)


def _drop(value: Plain, path: list[str], declared: Plain) -> None:
    """Leave out an attribute such as Arn or Endpoint.Address, which is no property, and what holds nothing else."""
    first, *rest = path
    if isinstance(value, list):
        for index, item in enumerate(value):
            within = declared[index] if isinstance(declared, list) and index < len(declared) else None
            _drop(item, rest if first == "*" else path, within)
    elif isinstance(value, dict) and first in value:
        within = declared.get(first) if isinstance(declared, Mapping) else None
        if rest:
            _drop(value[first], rest, within)
        if within is None and (not rest or value[first] == {}):
            del value[first]
