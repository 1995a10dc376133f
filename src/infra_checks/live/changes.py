"""What a change set does to each resource, in CloudFormation's own words.

AWS: "ResourceChange" of the CloudFormation API reference. What CloudFormation leaves open counts as the worse case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final


class Fate(Enum):
    """What becomes of a resource; in the order in which it is told."""

    LOST = "lost"
    REPLACED = "replaced"
    MAY_BE_REPLACED = "may be replaced"
    OPEN = "told only by the nested stack or later"
    KEPT = "leaves the stack and is kept"
    CHANGED = "changed"
    IMPORTED = "imported"
    ADDED = "added"


DANGEROUS: Final = frozenset((Fate.LOST, Fate.REPLACED, Fate.MAY_BE_REPLACED, Fate.OPEN))
_KEEPING: Final = ("Retain", "Snapshot")


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One resource of a change set; `causes` are the properties that change."""

    logical_id: str
    type: str
    fate: Fate
    physical_id: str = ""
    policy: str = ""
    causes: tuple[str, ...] = ()


def changes_of(entries: list[Mapping[str, Any]]) -> list[Change]:
    """The changes of all pages of DescribeChangeSet, by fate and name."""
    found = [_change(entry["ResourceChange"]) for entry in entries if "ResourceChange" in entry]
    return sorted(found, key=lambda change: (list(Fate).index(change.fate), change.logical_id))


def _change(entry: Mapping[str, Any]) -> Change:
    return Change(
        entry["LogicalResourceId"],
        entry["ResourceType"],
        _fate(entry),
        entry.get("PhysicalResourceId") or "",
        entry.get("PolicyAction") or "",
        tuple(sorted({_cause(detail) for detail in entry.get("Details") or ()} - {""})),
    )


def _fate(entry: Mapping[str, Any]) -> Fate:
    action = entry["Action"]
    if action == "Modify":
        replaced = {"True": Fate.REPLACED, "Conditional": Fate.MAY_BE_REPLACED}
        return replaced.get(entry.get("Replacement") or "False", Fate.CHANGED)
    if action == "Remove":
        return Fate.KEPT if entry.get("PolicyAction") in _KEEPING else Fate.LOST
    return {"Add": Fate.ADDED, "Import": Fate.IMPORTED}.get(action, Fate.OPEN)


def _cause(detail: Mapping[str, Any]) -> str:
    target = detail.get("Target") or {}
    attribute, name = target.get("Attribute") or "", target.get("Name") or ""
    return name if attribute == "Properties" and name else attribute
