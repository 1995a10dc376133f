"""Types that have no kind of their own, kept as records by their provider schema: only where a sandbox is asked to.

A record of a schema says what a template said, in the types of the schema, with the defaults that the schema states
and with made up values of what is read-only. It leaves out what the schema calls write-only, and a type without
handlers is not answered for, as Cloud Control does. Nothing is checked, and nothing else is known of the service.
AWS: "Resource type schema" of the CloudFormation CLI user guide, "Resource types that support Cloud Control API".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from infra_checks.access.arns import REF, form_of
from infra_checks.core.provider_schemas import schemas_of
from infra_checks.sandbox.making import Kind, Made, Shown
from infra_checks.sandbox.refusal import RefusedError
from infra_checks.sandbox.typed import resolved, typed, without

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from infra_checks.core.provider_schemas import Schema
    from infra_checks.sandbox.making import Making

_CUSTOM: Final = ("Custom::", "AWS::CloudFormation::CustomResource")
_NESTED: Final = "AWS::CloudFormation::Stack"
_HOLE: Final = re.compile(r"\{/?([A-Za-z]+)\}")
_ID_LENGTH: Final = 17
_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Others:
    """The types without a kind, in a Region. Raises ConfigError without cfn-lint's schemas."""

    def __init__(self, region: str = "us-east-1") -> None:
        self.schema_of: Callable[[str], Schema | None] = schemas_of(region)
        self._kinds: dict[str, Kind | None] = {}

    def find(self, name: str) -> Kind | None:
        """How a type is kept; None for one that AWS does not have, and for stacks in a stack."""
        if name not in self._kinds:
            self._kinds[name] = self._kind(name)
        return self._kinds[name]

    def _kind(self, name: str) -> Kind | None:
        if name.startswith(_CUSTOM):
            return Kind(name, _custom, _nothing, _take_all, tags=None, is_record=True)
        schema = self.schema_of(name)
        if schema is None or name == _NESTED:
            return None
        tags = schema.get("tagging", {}).get("tagProperty", "").rpartition("/")[2] or None
        is_map = tags is not None and "patternProperties" in resolved(schema["properties"].get(tags, {}), schema)
        return Kind(
            name,
            lambda making: _Identity(making, name, schema).made(),
            _nothing,
            _take_all,
            frozenset(path.split("/")[2] for path in schema.get("createOnlyProperties", ())),
            tags,
            "map" if is_map else "list",
            is_record=True,
            shown=lambda made: _shown(made, schema),
        )


def _nothing(_making: Making, _made: Made) -> None:
    """Nothing was made."""


def _take_all(making: Making, _made: Made) -> None:
    making.changed(*making.properties, *(making.before or {}))


class _Anything(dict[str, str]):
    """What a custom resource answers: a text for each attribute."""

    def __contains__(self, _name: object) -> bool:
        return True

    def __missing__(self, name: str) -> str:
        return f"answered-{name}"


def _custom(making: Making) -> Made:
    making.left.clear()
    return Made("", making.name(""), _Anything())


def _shown(made: Made, schema: Schema) -> Shown:
    """What Cloud Control's GetResource answers: identifier and properties."""
    if not schema.get("handlers", {}).get("read"):
        message = f"Resource type {made.type} does not support READ action"
        raise RefusedError(message, code="UnsupportedActionException")
    properties = typed(made.properties, schema, schema)
    for path, value in made.attributes.items():
        _put(properties, path.split("."), value)
    for path in schema.get("writeOnlyProperties", ()):
        without(properties, path.split("/")[2:])
    return Shown("|".join(str(made.attributes[name]) for name in _identifier(schema)), properties)


def _put(properties: dict[str, Any], path: list[str], value: Any) -> None:  # noqa: ANN401 - JSON
    """Add a value that the service made to what the template gave."""
    first, *rest = path
    if not rest:
        properties.setdefault(first, value)
        return
    inner = properties.setdefault(first, {})
    if isinstance(inner, dict):
        _put(inner, rest, value)


def _identifier(schema: Schema) -> list[str]:
    return [path.split("/", 2)[2].replace("/", ".") for path in schema.get("primaryIdentifier", ())]


class _Identity:
    """What a resource is called, and the values of what only the service sets."""

    def __init__(self, making: Making, name: str, schema: Schema) -> None:
        self._making = making
        self._type = name
        self._schema = schema
        self._read_only = {path.split("/", 2)[2].replace("/", ".") for path in schema.get("readOnlyProperties", ())}
        self._values: dict[str, Any] = {}
        self._unique = uuid4().hex

    def made(self) -> Made:
        """The resource."""
        names = _identifier(self._schema)
        parts = [str(self._value(name)) for name in names]
        form = form_of(self._type, REF)
        if len(parts) == 1 and form is not None and _HOLE.fullmatch(form):
            self._values.setdefault(_HOLE.findall(form)[0], parts[0])
        for name in sorted(self._read_only):
            if "*" not in name and not any(each.startswith(f"{name}.") for each in self._read_only):
                self._value(name)
        shown = {name: value for name, value in self._values.items() if name in self._read_only or name in names}
        self._making.left.clear()
        return Made(self._type, "|".join(parts) or self._making.name(""), shown)

    def _value(self, name: str) -> Any:  # noqa: ANN401 - JSON
        if name not in self._values:
            given = self._making.properties.get(name)
            self._values[name] = self._invented(name) if given is None else given
        return self._values[name]

    def _invented(self, name: str) -> Any:  # noqa: ANN401 - JSON
        form = form_of(self._type, name)
        if form is not None:
            place = self._making.place
            fixed = {"Partition": place.partition, "Region": place.region, "Account": place.account}
            return _HOLE.sub(lambda hole: fixed.get(hole[1]) or self._filling(hole[1]), form)
        schema = _described(name, self._schema)
        kind = schema.get("type")
        if kind in {"integer", "number"}:
            return 443
        if kind == "boolean":
            return False
        if kind == "array":
            return []
        return {} if kind == "object" else self._text(name)

    def _filling(self, hole: str) -> str:
        """A name in a form; that of an ARN's last field is the property that is called alike, if there is one."""
        alike = next((each for each in self._making.properties if each.lower() == hole.lower()), hole)
        given = self._values.get(hole) or self._making.properties.get(alike)
        if not isinstance(given, str):
            given = self._values[hole] = "/" if hole == "Path" else self._making.name("")
        return given.lstrip("/") if hole == "Path" else given

    def _text(self, name: str) -> str:
        place, last = self._making.place, name.rpartition(".")[2]
        _, service, resource = (*self._type.split("::"), "", "")[:3]
        words = _WORDS.sub("-", resource).lower()
        if last.lower().endswith("arn"):
            return place.arn(service.lower(), f"{words}/{self._making.logical_id}-{self._unique[:8]}")
        if last.endswith(("AccountId", "CatalogId", "RegistryId")):
            return place.account
        if last.endswith("Id"):
            return f"{words}-{self._unique[:_ID_LENGTH]}"
        if last.lower().endswith(("endpoint", "url", "uri", "address", "dnsname", "domainname")):
            return f"{self._unique[:8]}.{words}.{place.region}.{place.suffix}"
        return self._making.name("")


def _described(name: str, schema: Schema) -> Mapping[str, Any]:
    """The schema of a property by its path."""
    found: Mapping[str, Any] = schema
    for part in name.split("."):
        found = resolved(resolved(found, schema).get("properties", {}).get(part, {}), schema)
    return found
