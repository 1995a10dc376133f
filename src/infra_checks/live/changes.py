"""What a change set does to each resource, in CloudFormation's own words.

AWS: "ResourceChange" of the CloudFormation API reference
(docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html). What CloudFormation leaves open
counts as the worse case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

NESTED: Final = "AWS::CloudFormation::Stack"


class Fate(Enum):
    """What becomes of a resource; in the order in which it is told."""

    LOST = "removed and lost"
    REPLACED = "replaced"
    MAY_BE_REPLACED = "may be replaced"
    OPEN = "not known before it is done"
    KEPT = "removed and retained"
    CHANGED = "changed"
    IMPORTED = "imported"
    ADDED = "added"


class Former(Enum):
    """What becomes of the physical resource that there was."""

    STAYS = ""
    DELETED = "deleted"
    SNAPSHOT = "deleted after a snapshot"
    RETAINED = "retained"


DANGEROUS: Final = frozenset((Fate.LOST, Fate.REPLACED, Fate.MAY_BE_REPLACED, Fate.OPEN))
_REPLACED: Final = frozenset((Fate.REPLACED, Fate.MAY_BE_REPLACED))
_FORMER: Final = {
    "Delete": Former.DELETED,
    "Retain": Former.RETAINED,
    "Snapshot": Former.SNAPSHOT,
    "ReplaceAndDelete": Former.DELETED,
    "ReplaceAndRetain": Former.RETAINED,
    "ReplaceAndSnapshot": Former.SNAPSHOT,
}


@dataclass(frozen=True, slots=True)
class Change:
    """One resource of a change set; `causes` are the properties that change.

    The logical id of a resource in a nested stack has that stack's before it, as `Network/Vpc`. `is_told` is whether
    CloudFormation itself says what becomes of the former resource.
    """

    logical_id: str
    type: str
    fate: Fate
    physical_id: str = ""
    former: Former = Former.STAYS
    causes: tuple[str, ...] = ()
    is_told: bool = True

    @property
    def is_dangerous(self) -> bool:
        """Whether it takes a decision: something is or may be replaced or lost."""
        return self.fate in DANGEROUS

    @property
    def is_replaced(self) -> bool:
        """Whether another resource is, or may be, made instead."""
        return self.fate in _REPLACED


def changes_of(
    entries: Iterable[Mapping[str, Any]],
    nested: Callable[[str], Iterable[Mapping[str, Any]]] | None = None,
    within: str = "",
) -> list[Change]:
    """The changes of all pages of DescribeChangeSet, by fate and name.

    `nested` gives the entries of a nested stack's change set by its id. A nested stack that changes without one may do
    anything to what is in it.
    """
    found: list[Change] = []
    for entry in entries:
        if "ResourceChange" not in entry:
            continue
        told = entry["ResourceChange"]
        inner = str(told.get("ChangeSetId") or "")
        change = _change(told, within, is_open=nested is None or not inner)
        found.append(change)
        if inner and nested is not None:
            found += changes_of(nested(inner), nested, f"{change.logical_id}/")
    return in_order(found)


def in_order(changes: Iterable[Change]) -> list[Change]:
    """By fate, the worst first, and by name."""
    fates = list(Fate)
    return sorted(changes, key=lambda change: (fates.index(change.fate), change.logical_id))


def _change(told: Mapping[str, Any], within: str, *, is_open: bool) -> Change:
    action, fate = str(told.get("PolicyAction") or ""), _fate(told)
    # The stack itself stands for its outputs; a nested stack has another id than the change set's.
    is_nested = told["ResourceType"] == NESTED and told.get("Scope") != ["Metadata"]
    if is_nested and is_open and fate is Fate.CHANGED:
        fate = Fate.OPEN
    leaves = fate in _REPLACED or fate is Fate.LOST
    return Change(
        within + told["LogicalResourceId"],
        told["ResourceType"],
        fate,
        told.get("PhysicalResourceId") or "",
        _FORMER.get(action, Former.DELETED if leaves else Former.STAYS),
        tuple(sorted({_cause(detail) for detail in told.get("Details") or ()} - {""})),
        is_told=bool(action) or not leaves,
    )


def _fate(told: Mapping[str, Any]) -> Fate:
    action = told["Action"]
    if action == "Modify":
        replaced = {"True": Fate.REPLACED, "Conditional": Fate.MAY_BE_REPLACED}
        return replaced.get(told.get("Replacement") or "False", Fate.CHANGED)
    if action == "Remove":
        return Fate.KEPT if told.get("PolicyAction") in {"Retain", "Snapshot"} else Fate.LOST
    known = {"Add": Fate.ADDED, "Import": Fate.IMPORTED, "SyncWithActual": Fate.CHANGED}
    return known.get(action, Fate.OPEN)


def _cause(detail: Mapping[str, Any]) -> str:
    target = detail.get("Target") or {}
    attribute, name = target.get("Attribute") or "", target.get("Name") or ""
    return str(name if attribute == "Properties" and name else attribute)
