"""Answers whose members differ from CloudFormation's properties only in case and in a few names.

What says nothing is left out, as in `renaming`.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from infra_checks.live.reading import Plain, Unread
from infra_checks.live.renaming import Properties, said

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from infra_checks.live.reading import Asking

_NONE: Mapping[str, str] = {}


def shaped(
    value: Plain, renames: Mapping[str, str] = _NONE, *, maps: Collection[str] = (), drop: Collection[str] = ()
) -> Plain:
    """A value with each member as a property: `renames` by the API's name, else its first letter in upper case.

    The keys below members in `maps` are chosen by users and stay; members in `drop` are no properties.
    """
    if isinstance(value, list):
        return [shaped(each, renames, maps=maps, drop=drop) for each in value]
    if isinstance(value, datetime):
        return written(value)
    if not isinstance(value, dict):
        return value
    found = {}
    for name, inner in value.items():
        if name in drop:
            continue
        kept = inner if name in maps else shaped(inner, renames, maps=maps, drop=drop)
        if said(kept):
            found[renames.get(name, name[:1].upper() + name[1:])] = kept
    return found


def written(moment: datetime | None) -> str | None:
    """A moment in UTC, as templates write it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def at(value: Plain, *path: str) -> Any:  # noqa: ANN401 - a member of an answer
    """What is at a path of members; None where a member is not there."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def declared_text(asking: Asking, name: str) -> str | None:
    """A property of the deployed template that is a text, to find the resource by."""
    value = asking.declared.get(name)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


def declared_texts(asking: Asking, name: str) -> list[str] | None:
    """A property of the deployed template that is a list of texts; None when it is not known."""
    value = asking.declared.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        return None
    return value


def made_from(asking: Asking, *names: str) -> Properties:
    """Properties that only say how a resource is made or removed, which no API tells.

    Unread where the deployed template has them, or where that is not known; else the resource does not have them.
    """
    reason = Unread("no API tells it, the deployed template does")
    return {name: reason for name in names if name in asking.declared or not asking.declared}
