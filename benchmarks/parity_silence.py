"""Which difference is made by what no API, or not Cloud Control, returns: tried with what the template says of it."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from infra_checks.live.cloud_control import NOT_RETURNED
from infra_checks.live.deployed import located
from infra_checks.live.names import names_of
from infra_checks.live.reading import Unread, reader_of
from infra_checks.sandbox.kinds import find

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from infra_checks.live.stacks import LiveResource, LiveStack

_NEVER: Final = ("no API returns ", NOT_RETURNED)
_INDEX: Final = re.compile(r"\[\d+\]")
_UNREADABLE: Final = "UnsupportedActionException: cloudcontrol:GetResource"


def why_silent(stack: LiveStack, agrees: Callable[[LiveStack], bool]) -> str:
    """What is not returned and, put in as the template says, makes a verdict the template's; empty if that does not.

    The first property that does so alone, else all together.
    """
    spots = [
        (each.logical_id, path)
        for each in stack
        for path, reason in each.unread.items()
        if is_silent(reason) or has_no_api(each.type)
    ]
    tries = [{spot} for spot in spots] + ([set(spots)] if len(spots) > 1 else [])
    found = next((each for each in tries if agrees(_told(stack, each))), set())
    return "; ".join(sorted({_reason(stack, *spot) for spot in found}))


def is_silent(reason: str) -> bool:
    """Whether what is asked never tells a value, whoever asks."""
    return reason.startswith((*_NEVER, _UNREADABLE))


def has_no_api(kind: str) -> bool:
    """Whether a type has a reader whose API is not of the sandbox, which then keeps it for Cloud Control only."""
    return reader_of(kind) is not None and find(kind) is None


def _reason(stack: LiveStack, name: str, path: str) -> str:
    kind = stack[name].type
    if has_no_api(kind):
        return f"the sandbox has no API of {kind}"
    if not path:
        return f"Cloud Control cannot read {kind}"
    who = "Cloud Control does not return" if stack[name].unread[path] == NOT_RETURNED else "no API returns"
    return f"{who} {_INDEX.sub('', path)} of {kind}"


def _told(stack: LiveStack, spots: set[tuple[str, str]]) -> LiveStack:
    names = {(each.logical_id, each.attribute): each.text for own in stack for each in names_of(own, stack.place)}
    resources = {
        name: _filled(each, {path for own, path in spots if own == name}, names)
        for name, each in stack.resources.items()
    }
    return replace(stack, resources=resources)


def _filled(resource: LiveResource, paths: set[str], names: Mapping[tuple[str, str], str]) -> LiveResource:
    """A resource with what the template says at some of the paths where nothing was read."""
    if not paths or resource.declared is None:
        return resource
    declared = located(resource.declared.properties, names)
    if isinstance(resource.properties, Unread):
        return replace(resource, properties=deepcopy(declared))
    return replace(resource, properties=_put(resource.properties, declared, "", paths))


def _put(value: Any, said: Any, at: str, paths: set[str]) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        found = {}
        for name, child in value.items():
            path, inner = f"{at}.{name}" if at else name, said.get(name) if isinstance(said, dict) else None
            if path not in paths:
                found[name] = _put(child, inner, path, paths)
            elif inner is not None:
                found[name] = deepcopy(inner)
        return found
    if isinstance(value, list):
        inside = said if isinstance(said, list) and len(said) == len(value) else [None] * len(value)
        return [_put(each, inside[index], f"{at}[{index}]", paths) for index, each in enumerate(value)]
    return value
