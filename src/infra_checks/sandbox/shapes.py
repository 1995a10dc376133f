"""CloudFormation's properties to the parameters of service APIs, by the shapes in botocore's service models.

Both say the same in nearly the same words: names differ in the case of letters, tags in being a list or a map, numbers
and booleans may be texts in a template, and a policy is a mapping there and a text for the API. What has no counterpart
is refused by its path, so that nothing a template asks for is dropped.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from infra_checks.sandbox.refusal import CannotMakeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.model import Shape

NO_RENAMES: Final[Mapping[str, str]] = {}

_TRUTHS: Final = {"true": True, "false": False}
_KEYS: Final = ("Key", "key", "TagKey")
_VALUES: Final = ("Value", "value", "TagValue")


def member_of(shape: Shape, name: str) -> str | None:
    """The member of a structure that a property's name means: the same letters, in whatever case."""
    members = shape.members
    if name in members:
        return name
    lowered = name.lower()
    return next((member for member in members if member.lower() == lowered), None)


def fit(value: Any, shape: Shape, path: str, renames: Mapping[str, str] = NO_RENAMES) -> Any:  # noqa: ANN401 - JSON
    """A property's value as an API takes it.

    `path` is where it stands, `A.B` without indices; `renames` gives the API's name for a path whose last word differs.
    Raises CannotMakeError for what the shape has no place for.
    """
    kind = shape.type_name
    if getattr(shape, "is_document_type", False):
        return value
    if kind == "structure":
        return _structure(value, shape, path, renames)
    if kind == "list":
        return _list(value, shape, path, renames)
    if kind == "map":
        return _map(value, shape, path, renames)
    return _scalar(value, kind, path)


def _structure(value: Any, shape: Shape, path: str, renames: Mapping[str, str]) -> dict[str, Any]:  # noqa: ANN401
    if not isinstance(value, dict):
        raise CannotMakeError(f"{path} must be a mapping")
    fitted: dict[str, Any] = {}
    for name, inner in value.items():
        below = f"{path}.{name}"
        member = member_of(shape, renames.get(below, name))
        if member is None:
            raise CannotMakeError(f"the sandbox cannot give {below}: the API has no such parameter")
        fitted[member] = fit(inner, shape.members[member], below, renames)
    return fitted


def _list(value: Any, shape: Shape, path: str, renames: Mapping[str, str]) -> list[Any]:  # noqa: ANN401
    if isinstance(value, dict):
        value = _pairs(value, shape.member, path)
    if not isinstance(value, list):
        value = [value]
    return [fit(item, shape.member, path, renames) for item in value]


def _pairs(value: dict[str, Any], shape: Shape, path: str) -> list[dict[str, Any]]:
    """A map of tags as the list that the API wants."""
    names = getattr(shape, "members", {})
    key = next((name for name in _KEYS if name in names), None)
    content = next((name for name in _VALUES if name in names), None)
    if key is None or content is None:
        raise CannotMakeError(f"{path} must be a list")
    return [{key: name, content: item} for name, item in value.items()]


def _map(value: Any, shape: Shape, path: str, renames: Mapping[str, str]) -> dict[str, Any]:  # noqa: ANN401
    if isinstance(value, list) and all(isinstance(item, dict) and set(item) == {"Key", "Value"} for item in value):
        value = {item["Key"]: item["Value"] for item in value}
    if not isinstance(value, dict):
        raise CannotMakeError(f"{path} must be a mapping")
    return {str(name): fit(item, shape.value, f"{path}.{name}", renames) for name, item in value.items()}


def _scalar(value: Any, kind: str, path: str) -> Any:  # noqa: ANN401
    if kind == "string":
        return as_text(value)
    if kind == "blob":
        return value if isinstance(value, bytes) else as_text(value).encode()
    if kind == "timestamp":
        return value
    try:
        if kind == "boolean":
            return value if isinstance(value, bool) else _TRUTHS[str(value).lower()]
        if kind in {"integer", "long"}:
            number = float(value)
            if number.is_integer():
                return int(number)
        elif kind in {"float", "double"}:
            return float(value)
    except (TypeError, ValueError, KeyError):
        pass
    raise CannotMakeError(f"{path} must be a value of type {kind}, not {value!r}")


def as_text(value: object) -> str:
    """A value as the text CloudFormation makes of it: `true`, `5`, and JSON for what is no scalar."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value)
