"""A policy document before it is read: JSON values in which texts may hold symbols and whole values may be unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from infra_checks.iam.text import Symbol

Path = tuple[str | int, ...]
"""Where in a document something stands: keys and indexes from its root, such as ("Statement", 0, "Action", 1)."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value of which nothing is known, not even its kind; `reason` says why, in words for people."""

    reason: str


Document: TypeAlias = (
    "str | int | float | bool | tuple[str | Symbol, ...] | Opaque | list[Document] | dict[str, Document] | None"
)
"""JSON, with `Text` tuples where a text holds symbols, and `Opaque` anywhere."""
