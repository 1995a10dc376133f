"""Values of a template in the types that a provider schema gives them, as CloudFormation hands them to a service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra_checks.core.provider_schemas import Schema

_TRUTHS: Final = {"true": True, "false": False}


def resolved(schema: Mapping[str, Any], root: Schema) -> Mapping[str, Any]:
    """A schema, or what its `$ref` refers to within the root."""
    reference = str(schema.get("$ref", "")).rpartition("/")[2]
    found: Mapping[str, Any] = root.get("definitions", {}).get(reference, {}) if reference else schema
    return found


def typed(value: Any, schema: Mapping[str, Any], root: Schema) -> Any:  # noqa: ANN401 - JSON
    """A copy of a value in the schema's types, with the defaults that it states for properties of what is there."""
    found = resolved(schema, root)
    if isinstance(value, dict):
        known = found.get("properties", {})
        told = {name: typed(each, known.get(name, {}), root) for name, each in value.items()}
        return _defaults(known, root) | told
    if isinstance(value, list):
        return [typed(each, found.get("items", {}), root) for each in value]
    return _scalar(value, found.get("type"))


def _defaults(known: Mapping[str, Any], root: Schema) -> dict[str, Any]:
    described = {name: resolved(each, root) for name, each in known.items()}
    return {name: each["default"] for name, each in described.items() if "default" in each}


def _scalar(value: Any, kind: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(kind, list):  # one of several types, which a text may be
        return value
    if kind == "boolean":
        return _TRUTHS.get(str(value).lower(), value)
    if kind in {"integer", "number"} and isinstance(value, str):
        try:
            return int(value) if value.lstrip("-").isdigit() else float(value)
        except ValueError:
            return value
    if kind == "string" and isinstance(value, bool):
        return str(value).lower()
    return str(value) if kind == "string" and isinstance(value, int | float) else value


def without(value: Any, path: list[str]) -> None:  # noqa: ANN401 - JSON
    """Take away what is at a path of a schema, in which `*` is every item of a list or every value of a map."""
    first, *rest = path
    if isinstance(value, list):
        for item in value:
            without(item, rest if first == "*" else path)
    elif isinstance(value, dict) and first == "*":
        for item in value.values():
            without(item, rest)
    elif isinstance(value, dict) and rest:
        without(value.get(first), rest)
    elif isinstance(value, dict):
        value.pop(first, None)
