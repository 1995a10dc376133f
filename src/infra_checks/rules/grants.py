"""Whether a policy lets a service of AWS in, and whether a resource waits for it; shared, without rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.core.links import links_from
from infra_checks.evaluate.values import Unknown
from infra_checks.rules.conditions import names_everyone
from infra_checks.rules.globs import service_name
from infra_checks.rules.policies import Statement, elements, has_effect, names_action, statements
from infra_checks.rules.predicates import all_of, any_of

if TYPE_CHECKING:
    from infra_checks.core.resource import Resource
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value


def lets_in(policy: Resource, service: str, action: str) -> Decision:
    """Whether the document of a policy allows an action to a service."""
    found = statements(policy, "PolicyDocument")
    return any_of(*(None if isinstance(one, Unknown) else _allows(one, service, action) for one in found))


def _allows(statement: Statement, service: str, action: str) -> Decision:
    named = (is_service(value, service) for value in elements(statement, "Principal", "Service"))
    return all_of(
        (
            has_effect(statement, "Allow").holds,
            any_of(names_everyone(statement).holds, *named),
            names_action(statement, action).holds,
        )
    )


def is_service(value: Value[object], service: str) -> Decision:
    """Whether a principal is a service."""
    name = service_name(value)
    return None if name is None else name == service


def waits_for(resource: Resource, other: Resource, depth: int = 3) -> bool:
    """Whether a resource depends on another, by itself or by what it mentions."""
    targets = {link.target for link in links_from(resource)}
    return other in targets or (depth > 0 and any(waits_for(target, other, depth - 1) for target in targets))
