"""A change set in words, what is lost first."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from infra_checks.live.changes import Change, Fate, Former, in_order

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from infra_checks.updates import Update

_SAID: Final = {
    Fate.LOST: "removed and lost",
    Fate.REPLACED: "replaced: another is made, and what this one holds does not go over to it",
    Fate.MAY_BE_REPLACED: "may be replaced: CloudFormation knows only when it does it",
    Fate.OPEN: "not known before it is done",
    Fate.KEPT: "removed from the stack, and retained or kept as a snapshot",
    Fate.CHANGED: "changed in place",
    Fate.IMPORTED: "imported",
    Fate.ADDED: "added",
}


def with_templates(changes: Iterable[Change], told: Mapping[str, Update], policies: Mapping[str, str]) -> list[Change]:
    """Fill in from the templates what CloudFormation leaves open; its own word stays.

    `told` is what the update does by the schemas of the types, and `policies` what the templates have become of the
    former resource, as a name of `Former`; both by logical id.
    """
    return in_order(_filled(change, told.get(change.logical_id), policies.get(change.logical_id)) for change in changes)


def _filled(change: Change, update: Update | None, policy: str | None) -> Change:
    if not change.is_told and policy is not None:
        change = replace(change, former=Former[policy], is_told=True)
        if change.fate is Fate.LOST and change.former is not Former.DELETED:
            change = replace(change, fate=Fate.KEPT)
    if update is None or not change.is_replaced:
        return change
    # The deciding properties are deeper than the first level that the change set names.
    if update.action.name == Fate.REPLACED.name:
        return replace(change, fate=Fate.REPLACED, causes=update.properties)
    return replace(change, causes=update.properties) if update.action.name == change.fate.name else change


def summary(name: str, changes: list[Change], holding: Collection[str]) -> str:
    """The changes in groups, worst first, and a line that counts them.

    `holding` are the types that hold data; they stand first in their group.
    """
    if not changes:
        return f"{name}: no resource changes\n"
    counts = Counter(change.fate for change in changes)
    lines = [f"{name}: " + ", ".join(f"{counts[fate]} {fate.value}" for fate in Fate if counts[fate])]
    for fate in counts:
        group = sorted((change for change in changes if change.fate is fate), key=lambda one: one.type not in holding)
        lines += ["", _SAID[fate], *(_added(group) if fate is Fate.ADDED else [_line(one, holding) for one in group])]
    return "\n".join(lines) + "\n\n"


def _added(changes: Iterable[Change]) -> list[str]:
    """New resources by type: nothing can happen to them."""
    names: dict[str, list[str]] = {}
    for change in sorted(changes, key=lambda one: (one.type, one.logical_id)):
        names.setdefault(change.type, []).append(change.logical_id)
    return [f"  {kind}: {', '.join(each)}" for kind, each in names.items()]


def _line(change: Change, holding: Collection[str]) -> str:
    mark = "!" if change.type in holding and change.former is Former.DELETED else " "
    physical = f" {change.physical_id}" if change.physical_id else ""
    causes = f" for {', '.join(change.causes)}" if change.causes else ""
    return f"{mark} {change.logical_id} ({change.type}){physical}{causes}{_former(change, holding)}"


def _former(change: Change, holding: Collection[str]) -> str:
    if change.former is Former.STAYS:
        return ""
    if change.former is Former.DELETED and change.type in holding:
        return "; its data is lost" if change.fate is Fate.LOST else "; the former one is deleted with its data"
    if change.fate is Fate.LOST:
        return ""
    who = "it is" if change.fate is Fate.KEPT else "the former one is"
    return f"; {who} {change.former.value}"
