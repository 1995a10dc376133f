"""Resources and stacks taken away again.

AWS: "DeletionPolicy attribute", "DeleteStack".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.sandbox.failing import FAILURES, told_as_failure
from infra_checks.sandbox.making import Making
from infra_checks.sandbox.refusal import CannotMakeError, RefusedError, is_gone
from infra_checks.sandbox.stacks import now

if TYPE_CHECKING:
    from infra_checks.sandbox.account import Account
    from infra_checks.sandbox.making import Made
    from infra_checks.sandbox.stacks import Entry, StackRecord


def importers(account: Account, region: str, export: str) -> list[str]:
    """The stacks that import an export."""
    return [record.name for record in account.memory.existing(region) if export in record.imports]


def remove(
    account: Account, record: StackRecord, entry: Entry, made: Made, policy: str, *, is_rollback: bool = False
) -> str:
    """Remove one resource as its policy says; the reason when that failed."""
    if policy == "Retain" or (policy == "RetainExceptOnCreate" and not is_rollback):
        record.note(entry, "DELETE_SKIPPED")
        return ""
    kind = account.kind(made.type)
    making = Making(account, record.place, entry.logical_id, made.properties)
    record.note(entry, "DELETE_IN_PROGRESS")
    try:
        if policy == "Snapshot" and not is_rollback:
            if kind.snapshot is None:
                raise CannotMakeError(f"the sandbox makes no snapshots of {kind.type}")
            kind.snapshot(making, made)
        else:
            with told_as_failure():
                kind.delete(making, made)
    except FAILURES as error:
        if is_gone(error):
            record.note(entry, "DELETE_COMPLETE")
            return ""
        record.note(entry, "DELETE_FAILED", str(error))
        return f"{entry.logical_id}: {error!s}"
    record.note(entry, "DELETE_COMPLETE")
    return ""


def remove_all(
    account: Account, record: StackRecord, *, is_rollback: bool = False, keep: frozenset[str] = frozenset()
) -> str:
    """Remove a stack's resources, the last made first; what failed, as a sentence."""
    failed = []
    for entry in reversed(list(record.entries.values())):
        if entry.made is None or entry.status in {"DELETE_COMPLETE", "DELETE_SKIPPED"}:
            continue
        policy = "Retain" if entry.logical_id in keep else entry.made.deletion_policy
        if is_rollback and record.drops_retained and policy == "Retain":
            policy = "RetainExceptOnCreate"
        reason = remove(account, record, entry, entry.made, policy, is_rollback=is_rollback)
        if reason:
            failed.append(entry.logical_id)
            break  # what it needs, which was made before it, has to stay
    return f"The following resource(s) failed to delete: [{', '.join(failed)}]." if failed else ""


def delete_stack(
    account: Account, record: StackRecord, *, is_rollback: bool = False, keep: frozenset[str] = frozenset()
) -> str:
    """Remove a stack; what failed, as a sentence. Raises RefusedError while another stack imports from it."""
    for output in record.outputs:
        users = importers(account, record.place.region, output.export) if output.export else []
        if users:
            raise RefusedError(f"Export {output.export} cannot be deleted as it is in use by {', '.join(users)}")
    record.enter("DELETE_IN_PROGRESS", "User Initiated")
    failed = remove_all(account, record, is_rollback=is_rollback, keep=keep)
    if not failed:
        record.deleted = now()
        record.outputs = ()
    record.enter("DELETE_FAILED" if failed else "DELETE_COMPLETE", failed)
    return failed
