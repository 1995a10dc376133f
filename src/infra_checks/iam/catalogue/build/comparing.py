"""What a new version of the data changes, for the one who reviews it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from infra_checks.iam.catalogue import actions, managed, slices

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from infra_checks.iam.catalogue.build.reference import Part
    from infra_checks.iam.catalogue.kinds import Action


class Snapshot(NamedTuple):
    """The data as they were read."""

    services: frozenset[str]
    actions: Mapping[str, Action]
    policies: Mapping[str, str]


def snapshot() -> Snapshot:
    """The data that are there now; empty where there are none yet."""
    if not (slices.FILE.exists() and managed.FILE.exists()):
        return Snapshot(frozenset(), {}, {})
    prefixes = slices.services()
    found = {
        action.full_name: action for prefix in prefixes if (one := slices.service(prefix)) for action in one.actions
    }
    return Snapshot(frozenset(prefixes), found, {policy.name: policy.version for policy in managed.managed_policies()})


def forget() -> None:
    """Read the data anew when they are next asked for."""
    for read in (slices.head, slices.service, *actions.CACHED, *managed.CACHED):
        read.cache_clear()


def differences(before: Snapshot, after: Snapshot) -> Iterator[str]:
    """Lines for people, sorted."""
    yield from _sets("service", before.services, after.services)
    yield from _sets("action", before.actions.keys(), after.actions.keys())
    for name in sorted(before.actions.keys() & after.actions.keys()):
        yield from (f"~ action {name}: {change}" for change in _changes(before.actions[name], after.actions[name]))
    yield from _sets("managed policy", before.policies.keys(), after.policies.keys())
    for name in sorted(before.policies.keys() & after.policies.keys()):
        if before.policies[name] != after.policies[name]:
            yield f"~ managed policy {name}: {before.policies[name]} is now {after.policies[name]}"


def _sets(kind: str, before: Iterable[str], after: Iterable[str]) -> Iterator[str]:
    old, new = set(before), set(after)
    yield from (f"- {kind} {name}" for name in sorted(old - new))
    yield from (f"+ {kind} {name}" for name in sorted(new - old))


def _changes(old: Action, new: Action) -> Iterator[str]:
    if old.level is not new.level:
        yield f"level {old.level.value} is now {new.level.value}"
    types = [[f"{used.name}{'*' * used.required}" for used in action.resources] for action in (old, new)]
    for what, lists in (
        ("resource types", types),
        ("condition keys", [action.all_condition_keys for action in (old, new)]),
        ("dependent actions", [action.all_dependent_actions for action in (old, new)]),
    ):
        gone, come = set(lists[0]) - set(lists[1]), set(lists[1]) - set(lists[0])
        if gone or come:
            yield f"{what} {' '.join([*(f'-{one}' for one in sorted(gone)), *(f'+{one}' for one in sorted(come))])}"


def counts(parts: Iterable[Part], policies: Mapping[str, Any]) -> list[str]:
    """How many there are of what, as `what number`."""
    listed = list(parts)
    every = [action for part in listed for action in part.actions]
    return [
        f"services {len(listed)}",
        f"actions {len(every)}",
        f"actions-with-dependents {sum(1 for action in every if action.all_dependent_actions)}",
        f"resource-types {sum(len(part.types) for part in listed)}",
        f"condition-keys {sum(len(part.keys) for part in listed)}",
        f"managed-policies {len(policies)}",
    ]
