"""What an update does to each resource of a stack: kept, changed in place, replaced or removed, and what of its data.

Property update types are those of CloudFormation's provider schemas, as cfn-lint carries them: a property in
`createOnlyProperties` needs a new resource, one in `conditionalCreateOnlyProperties` may need one (AWS: "CloudFormation
CLI user guide: resource type schema"). What cannot be told is `MAY_BE_REPLACED`, never `UPDATED`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from infra_checks.core.declared import DeclaredResource
from infra_checks.core.provider_schemas import schemas_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Plain = Any
"""A value of a resource as `core.declared` has it."""


class Action(StrEnum):
    """What CloudFormation does with a resource; the order is that of harm."""

    UNCHANGED = "unchanged"
    ADDED = "added"
    UPDATED = "updated in place"
    MAY_BE_REPLACED = "may be replaced"
    REPLACED = "replaced"
    REMOVED = "removed"
    REFUSED = "refused"


class Former(StrEnum):
    """What becomes of the former physical resource when it is removed or replaced."""

    STAYS = ""
    RETAINED = "retained"
    SNAPSHOT = "snapshot"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Update:
    """What an update does to one resource.

    `properties` are the properties (or attributes) that decide the action, sorted; `reason` says in words why, where
    they do not. `former` tells of a resource that is, or may be, removed or replaced.
    """

    logical_id: str
    type: str
    action: Action
    properties: tuple[str, ...] = ()
    former: Former = Former.STAYS
    reason: str = ""

    @property
    def loses_data(self) -> bool:
        """Whether a physical resource goes, or may go, without a snapshot."""
        return self.former is Former.DELETED


class UpdateTypes(NamedTuple):
    """What a type's schema says of updates: property paths in which `*` stands for each element of a list."""

    create_only: frozenset[tuple[str, ...]]
    conditional: frozenset[tuple[str, ...]]


_SNAPSHOT_BY_DEFAULT: Final = "AWS::RDS::DBCluster"
_INSTANCE: Final = "AWS::RDS::DBInstance"
_KEEPING: Final = {"Retain": Former.RETAINED, "RetainExceptOnCreate": Former.RETAINED, "Snapshot": Former.SNAPSHOT}
_PLACEHOLDER: Final = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.([A-Za-z0-9.]+))?\}")
_CUSTOM: Final = ("Custom::", "AWS::CloudFormation::CustomResource")


def updates(
    old: Mapping[str, DeclaredResource],
    new: Mapping[str, DeclaredResource],
    types: Callable[[str], UpdateTypes | None] | None = None,
) -> tuple[Update, ...]:
    """What an update from the old resources of a stack to the new ones does to each, sorted by logical id.

    `types` tells the update types of a resource type, or None of one without a schema; by default those of
    `provider_schemas()`. A resource whose property refers to one that is replaced changes with it.
    """
    told = types or provider_schemas()
    before = {name: Update(name, each.type, Action.UNCHANGED) for name, each in old.items() if name in new}
    while True:
        after = {name: _update(old[name], new[name], before, told(new[name].type)) for name in before}
        if after == before:
            break
        before = after
    added = {name: Update(name, each.type, Action.ADDED) for name, each in new.items() if name not in old}
    gone = {
        name: Update(name, each.type, Action.REMOVED, former=when_removed(each))
        for name, each in old.items()
        if name not in new
    }
    return tuple(update for _, update in sorted({**before, **added, **gone}.items()))


def _update(
    old: DeclaredResource, new: DeclaredResource, others: Mapping[str, Update], types: UpdateTypes | None
) -> Update:
    name = new.logical_id
    if old.type != new.type:
        return Update(name, new.type, Action.REFUSED, ("Type",), reason=f"CloudFormation changes no type: {old.type}")
    changed = dict(_changed(old.properties, new.properties, (), _Moved(others)))
    if not changed:
        beside = tuple(sorted(_attributes_changed(old, new)))
        return Update(name, new.type, Action.UPDATED if beside else Action.UNCHANGED, beside)
    if types is None or new.type.startswith(_CUSTOM):
        action, deciding, reason = Action.MAY_BE_REPLACED, tuple(changed), "no schema tells which properties need it"
    else:
        action, deciding = _judged(changed, types)
        reason = ""
    former = when_replaced(old, new) if action in {Action.REPLACED, Action.MAY_BE_REPLACED} else Former.STAYS
    return Update(name, new.type, action, tuple(sorted({_text(path) for path in deciding})), former, reason)


def _judged(changed: Mapping[tuple[str, ...], bool], types: UpdateTypes) -> tuple[Action, tuple[tuple[str, ...], ...]]:
    """The action and the paths that decide it; a change that is not sure makes a replacement one that may be."""
    sure = tuple(path for path, certain in changed.items() if certain and _is_in(path, types.create_only))
    if sure:
        return Action.REPLACED, sure
    open_ = tuple(path for path in changed if _touches(path, types.create_only | types.conditional))
    if open_:
        return Action.MAY_BE_REPLACED, open_
    return Action.UPDATED, tuple(changed)


def _is_in(path: tuple[str, ...], listed: frozenset[tuple[str, ...]]) -> bool:
    """Whether a changed place is a listed one or within it."""
    return _touches(path, frozenset(each for each in listed if len(each) <= len(path)))


def _touches(path: tuple[str, ...], listed: frozenset[tuple[str, ...]]) -> bool:
    """Whether a changed place is in a listed one, or may hold it (a list with more or fewer elements)."""
    return any(
        all(left == right or "*" in {left, right} for left, right in zip(path, each, strict=False)) for each in listed
    )


@dataclass(frozen=True, slots=True)
class _Moved:
    """Which references lead to something else after the update, though the template's text is the same."""

    updates: Mapping[str, Update]

    def certainty(self, value: Plain) -> bool | None:
        """Whether a value changes with the resources it refers to: surely (True), perhaps (False), not (None)."""
        found = [self._of(name, attribute) for name, attribute in _references(value)]
        told = [each for each in found if each is not None]
        return any(told) if told else None

    def _of(self, name: str, attribute: str) -> bool | None:
        update = self.updates.get(name)
        if update is None:
            return None
        if update.action is Action.REPLACED:
            return True
        if update.action is Action.MAY_BE_REPLACED:
            return False
        # A reference and an ARN name the resource, which stays; what else it tells of itself may change.
        stable = attribute == "Ref" or attribute.endswith(("Arn", "Id"))
        return False if update.action is Action.UPDATED and not stable else None


def _references(value: Plain) -> Iterator[tuple[str, str]]:
    """The (logical id, attribute) that a value refers to."""
    if isinstance(value, str) and "{{resolve:" in value:  # a dynamic reference to a resource of the stack
        yield from _placeholders(value)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref" and isinstance(inner, str):
                yield inner, "Ref"
            elif key == "Fn::GetAtt" and inner:
                name, _, attribute = inner.partition(".") if isinstance(inner, str) else (inner[0], ".", str(inner[1]))
                yield name, attribute
            elif key == "Fn::Sub":
                yield from _references(inner)
                yield from _placeholders(inner if isinstance(inner, str) else str(inner[0]))
            else:
                yield from _references(inner)


def _placeholders(text: str) -> Iterator[tuple[str, str]]:
    return ((name, attribute or "Ref") for name, attribute in _PLACEHOLDER.findall(text))


def _changed(old: Plain, new: Plain, path: tuple[str, ...], moved: _Moved) -> Iterator[tuple[tuple[str, ...], bool]]:
    """The places that differ, and whether they surely do; deepest places first where both sides are alike in form."""
    if isinstance(old, dict) and isinstance(new, dict) and not _is_call(old) and not _is_call(new):
        for key in sorted(old.keys() | new.keys()):
            if key in old and key in new:
                yield from _changed(old[key], new[key], (*path, key), moved)
            else:
                yield from _came_or_went(old.get(key, new.get(key)), (*path, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for left, right in zip(old, new, strict=True):
            yield from _changed(left, right, (*path, "*"), moved)
    elif _scalar(old) != _scalar(new):
        # Two expressions, or an expression and a value, may come to the same.
        yield path, not (_has_call(old) or _has_call(new))
    elif (certain := moved.certainty(new)) is not None:
        yield path, certain


def _came_or_went(value: Plain, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], bool]]:
    """The places of a property that only one side has: of a block those of its parts, which have their own types."""
    if isinstance(value, dict) and value and not _is_call(value):
        for key in sorted(value):
            yield from _came_or_went(value[key], (*path, key))
    else:
        yield path, True


def _is_call(value: Plain) -> bool:
    return isinstance(value, dict) and len(value) == 1 and any(key == "Ref" or key.startswith("Fn::") for key in value)


def _has_call(value: Plain) -> bool:
    if isinstance(value, list):
        return any(map(_has_call, value))
    return isinstance(value, dict) and (_is_call(value) or any(map(_has_call, value.values())))


def _scalar(value: Plain) -> Plain:
    """A value as CloudFormation compares it: `true` and `"true"`, 5 and `"5"` are the same to it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value


def _attributes_changed(old: DeclaredResource, new: DeclaredResource) -> Iterator[str]:
    for name in old.attributes.keys() | new.attributes.keys():
        if name != "DependsOn" and old.attributes.get(name) != new.attributes.get(name):
            yield name


def _text(path: tuple[str, ...]) -> str:
    return ".".join(path).replace(".*", "[*]")


def when_removed(old: DeclaredResource) -> Former:
    """By the DeletionPolicy of the template that is deployed, as the new one has none of the resource.

    AWS, "DeletionPolicy attribute": Delete by default; Snapshot for clusters of RDS and instances outside of a cluster.
    """
    if old.deletion_policy:
        return _KEEPING.get(old.deletion_policy, Former.DELETED)
    alone = old.type == _INSTANCE and "DBClusterIdentifier" not in old.properties
    return Former.SNAPSHOT if alone or old.type == _SNAPSHOT_BY_DEFAULT else Former.DELETED


def when_replaced(old: DeclaredResource, new: DeclaredResource) -> Former:
    """By the UpdateReplacePolicy; where the two templates have different ones, by the one that keeps less."""
    order = (Former.DELETED, Former.SNAPSHOT, Former.RETAINED)
    told = (_KEEPING.get(each.update_replace_policy, Former.DELETED) for each in (old, new))
    return min(told, key=order.index)


def provider_schemas(region: str = "us-east-1") -> Callable[[str], UpdateTypes | None]:
    """The update types of resource types in a region, from the schemas of the installed cfn-lint.

    Raises ConfigError when cfn-lint is not installed or carries no schemas of the region.
    """
    schema_of = schemas_of(region)

    @cache
    def told(kind: str) -> UpdateTypes | None:
        schema = schema_of(kind)
        return None if schema is None else update_types(schema)

    return told


def update_types(schema: Mapping[str, Any]) -> UpdateTypes:
    """What a provider schema says of updates."""

    def paths(key: str) -> frozenset[tuple[str, ...]]:
        return frozenset(tuple(pointer.split("/")[2:]) for pointer in schema.get(key) or ())

    return UpdateTypes(paths("createOnlyProperties"), paths("conditionalCreateOnlyProperties"))
