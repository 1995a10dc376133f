"""How values name resources: whether two values are the same, and whether a text put together holds a reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.core.rule import Absent, Known, Unknown
from infra_checks.evaluate.values import Symbol

if TYPE_CHECKING:
    from infra_checks.core.resource import Resource
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value


def same(one: Value[object], other: Value[object]) -> Decision:
    """Whether two values are equal: yes, no, or not to be told; what is absent equals nothing."""
    if isinstance(one, Absent) or isinstance(other, Absent):
        return False
    if isinstance(one, Known) and isinstance(other, Known):
        return one.value == other.value
    if isinstance(one, Unknown) and isinstance(other, Unknown):
        if one.parts and one.parts == other.parts:
            return True
        # Two resources never have the same id.
        if is_reference(one.symbol) and is_reference(other.symbol):
            return False
    return None


def is_reference(symbol: Symbol | None) -> bool:
    """Whether a symbol stands for something of a resource of this template."""
    return symbol is not None and symbol.kind == "reference"


def mentions(value: Value[object], resource: Resource) -> bool:
    """Whether a text holds a reference to a resource."""
    return isinstance(value, Unknown) and any(
        isinstance(part, Symbol) and part.kind == "reference" and part.name[0] == resource.logical_id
        for part in value.parts
    )


def is_open(value: Value[object]) -> bool:
    """Whether nothing at all is known of a value: no piece of it, and not that a parameter or resource gives it."""
    return isinstance(value, Unknown) and all(isinstance(part, Symbol) and part.kind == "call" for part in value.parts)


def is_from_elsewhere(value: Value[object]) -> bool:
    """Whether a value may name anything: one that no reference to a resource of this template is part of."""
    return isinstance(value, Unknown) and not any(
        isinstance(part, Symbol) and part.kind == "reference" for part in value.parts
    )
