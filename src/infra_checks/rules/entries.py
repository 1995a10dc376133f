"""Settings that stand in a list of named entries: `{Key: deletion_protection.enabled, Value: "true"}` and the like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.evaluate.values import Absent, Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value
    from infra_checks.evaluate.view import View


def entry_value(holder: View, listing: str, names: Mapping[str, str], value: str) -> Value[object]:
    """The property `value` of the first entry whose properties are `names`; Absent when there is surely none."""
    entries = holder.listed(listing)
    if not isinstance(entries, Known):
        return entries
    unclear: Unknown | None = None
    for view in entries.value:
        matched = _is_named(view, names)
        if matched:
            return view.value(value)
        if matched is None and unclear is None:
            wanted = ".".join(names.values())
            whole = view.value()
            unclear = Unknown(f"an entry of {listing} may be {wanted}", whole.node, whole.path, whole.notes)
    return unclear or Absent(entries.node, entries.path, entries.notes)


def _is_named(view: View, names: Mapping[str, str]) -> Decision:
    decisions = {_same(view.text(key), name) for key, name in names.items()}
    return False if False in decisions else None if None in decisions else True


def _same(value: Value[str], text: str) -> Decision:
    match value:
        case Known(known):
            return known.strip() == text
        case Unknown():
            return None
        case Absent():
            return False
