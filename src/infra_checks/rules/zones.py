"""Which Availability Zone a subnet of the stack lies in, and whether two zones are different.

Two subnets are in different zones when their zones are different names, different ids, or different elements of the
same `Fn::GetAZs`, which AWS fills with different zones. A name and an element cannot be compared before deployment.
"""

from __future__ import annotations

from itertools import combinations, takewhile
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.evaluate.values import Symbol, Value
from infra_checks.rules.globs import pieces

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra_checks.core.resource import Resource
    from infra_checks.core.table import Decision

SUBNET: Final = "AWS::EC2::Subnet"
Identity = str | Symbol
"""What tells two subnets apart: a literal id, or a symbol."""


class Zone(NamedTuple):
    """A zone, by the property that gives its name or id, and what is known of that text."""

    kind: str
    parts: tuple[str | Symbol, ...]


def differ(one: Zone | None, other: Zone | None) -> Decision:
    """Whether two zones are different; None when it cannot be told."""
    if one is None or other is None:
        return None
    if one == other:
        return False
    if one.kind != other.kind:
        return None
    first, second = _unshared(one.parts, other.parts), _unshared(other.parts, one.parts)
    if all(isinstance(part, str) for part in first + second):
        return True
    return True if _region_of(first) is not None and _region_of(first) == _region_of(second) else None


def _region_of(parts: tuple[str | Symbol, ...]) -> tuple[str | int, ...] | None:
    """The region of which something is exactly one element of Fn::GetAZs."""
    part = parts[0] if len(parts) == 1 else ""
    return part.name[:-1] if isinstance(part, Symbol) and part.kind == "zone" else None


def _unshared(parts: tuple[str | Symbol, ...], others: tuple[str | Symbol, ...]) -> tuple[str | Symbol, ...]:
    """What follows the pieces that both begin with."""
    shared = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(parts, others, strict=False))))
    return parts[shared:]


def zone_of(resource: Resource, subnet: Identity) -> Zone | None:
    """The zone of a subnet of this stack."""
    declared = declared_subnet(resource, subnet)
    if declared is None:
        return None
    for name in ("AvailabilityZone", "AvailabilityZoneId"):
        zone = zone_at(resource, name, declared.value(name))
        if zone is not None:
            return zone
    return None


def declared_subnet(resource: Resource, subnet: Identity) -> Resource | None:
    """The subnet of this stack, when it is one."""
    if not isinstance(subnet, Symbol) or subnet.kind != "reference":
        return None
    found = resource.stack.get(str(subnet.name[0]))
    return found if found and found.type == SUBNET else None


def zone_at(resource: Resource, kind: str, value: Value[object]) -> Zone | None:
    """The zone that a value of a property names; None when it names none, or nothing is known of it."""
    parts = pieces(value)
    symbol = parts[0] if len(parts) == 1 else ""
    if isinstance(symbol, Symbol) and symbol.kind == "reference" and symbol.name[1] == "AvailabilityZone":
        same = declared_subnet(resource, symbol)
        return Zone(kind, parts) if same is None else zone_at(resource, kind, same.value("AvailabilityZone"))
    return Zone(kind, parts) if parts not in {(), ("",)} else None


def several_zones(zones: Iterable[Zone | None]) -> Decision:
    """Whether there are at least two different zones among some."""
    differing = [differ(one, other) for one, other in combinations(zones, 2)]
    return True if True in differing else None if None in differing else False
