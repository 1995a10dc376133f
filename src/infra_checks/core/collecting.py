"""Rules of modules, and rules of several origins as one catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.core.rule import Rule
from infra_checks.errors import RuleError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType


def rules_of(module: ModuleType) -> Iterator[Rule]:
    """The rules that are attributes of a module, and those in tuples that are."""
    for value in vars(module).values():
        if isinstance(value, Rule):
            yield value
        elif isinstance(value, tuple):
            yield from (item for item in value if isinstance(item, Rule))


def collect(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Rules sorted by id; RuleError when a name is taken twice."""
    named: dict[str, Rule] = {}
    for rule in rules:
        for name in (rule.id, *rule.aliases):
            if named.setdefault(name, rule) is not rule:
                message = f"two rules are named {name}: {named[name].location} and {rule.location}"
                raise RuleError(message)
    return tuple(rule for name, rule in sorted(named.items()) if name == rule.id)
