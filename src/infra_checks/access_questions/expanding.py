"""The actions that patterns name."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class NamedAction(NamedTuple):
    """An action that a pattern names; `level` and `resources` as AWS's service authorization reference has them.

    Without `resources` only `*` under Resource grants it.
    """

    name: str
    level: str
    resources: tuple[str, ...]

    @property
    def data(self) -> dict[str, object]:
        """As JSON."""
        return {
            "action": self.name,
            "accessLevel": self.level,
            "resourceTypes": [*self.resources],
            "resourceLevel": bool(self.resources),
        }


class Expansion(NamedTuple):
    """The actions, sorted by name, and the patterns that name none, each with what may be meant."""

    actions: tuple[NamedAction, ...]
    unknown: tuple[tuple[str, tuple[str, ...]], ...]


def expand_actions(patterns: Iterable[str], *, negated: bool = False) -> Expansion:
    """The known actions that entries of Action name, or (`negated`) those of NotAction leave."""
    from infra_checks.iam.catalogue import expand, expand_all, find_action, suggest  # noqa: PLC0415 - reads the data

    every = tuple(patterns)
    named = expand_all(every)
    actions = []
    for name in ~named if negated else named:
        action = find_action(name)
        if action is not None:
            types = tuple(sorted({resource.name for resource in action.resources}))
            actions.append(NamedAction(action.full_name, action.level.value, types))
    unknown = tuple((pattern, tuple(suggest(pattern))) for pattern in every if not expand(pattern))
    return Expansion(tuple(sorted(actions, key=lambda one: one.name.lower())), unknown)
