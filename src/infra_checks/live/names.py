"""What the resources of a stack are called: their ARNs and what `Ref` and `Fn::GetAtt` of them give.

From the forms of access.arns, with the physical id and the properties that were read in their holes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.access.arns import REF, attributes_of, form_of
from infra_checks.core.resource import PHYSICAL_NAMES

if TYPE_CHECKING:
    from infra_checks.live.stacks import LiveResource, Place

OUTPUTS: Final = "Outputs."
"""Begins the attributes of a nested stack: `Outputs.Name` is the output of that name."""

_HOLE: Final = re.compile(r"\{(/?)([A-Za-z]+)\}")
_ARN: Final = re.compile(r"arn:[a-z-]+:")


class Name(NamedTuple):
    """What an attribute (`Ref`, or empty for an ARN that none gives) of a resource is."""

    logical_id: str
    attribute: str
    text: str


def names_of(resource: LiveResource, place: Place) -> tuple[Name, ...]:
    """The names of a resource that are known, that by Ref first."""
    found = [Name(resource.logical_id, REF, resource.physical_id)]
    for attribute in attributes_of(resource.type):
        form = form_of(resource.type, attribute)
        if form is not None and form == form_of(resource.type, REF):
            text: str | None = resource.physical_id
        else:
            text = (_filled(resource, form, place) if form else None) or _read(resource, attribute)
        if text is not None and attribute != REF:
            found.append(Name(resource.logical_id, attribute, text))
    return tuple(found)


def arn_of(resource: LiveResource, place: Place) -> str:
    """The ARN of a resource; empty when it is not known."""
    if _ARN.match(resource.physical_id):
        return resource.physical_id
    texts = [name.text for name in names_of(resource, place) if _ARN.match(name.text)]
    return min(texts, key=len, default="").removesuffix(":*")


def _filled(resource: LiveResource, form: str, place: Place) -> str | None:
    """A form with its holes filled; None when what belongs into one is not known."""
    found, end = "", 0
    for match in _HOLE.finditer(form):
        value = _value(resource, match[2], place)
        if value is None:
            return None
        found += form[end : match.start()] + (value.lstrip("/") if match[1] else value)
        end = match.end()
    return found + form[end:]


def _read(resource: LiveResource, attribute: str) -> str | None:
    """An attribute that a reader was told although no form gives it, such as the StreamArn of a table."""
    properties = resource.properties if isinstance(resource.properties, dict) else {}
    found = properties.get(attribute)
    return found if isinstance(found, str) and _ARN.match(found) else None


def _value(resource: LiveResource, name: str, place: Place) -> str | None:
    fixed = {"Partition": place.partition, "Region": place.region, "Account": place.account}
    if name in fixed:
        return fixed[name]
    properties = resource.properties if isinstance(resource.properties, dict) else {}
    is_ref = form_of(resource.type, REF) == f"{{{name}}}" or PHYSICAL_NAMES.get(resource.type) == name
    if is_ref and not _ARN.match(resource.physical_id) and "://" not in resource.physical_id:
        return resource.physical_id
    given = properties.get(name)
    if isinstance(given, str):
        return given
    return "/" if name == "Path" and given is None and isinstance(resource.properties, dict) else None
