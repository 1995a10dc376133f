"""What an update would do, resource by resource, in the words of DescribeChangeSet.

Resources are resolved as for an update; what a resource that is yet to be made will be called stands as a placeholder,
and so do attributes of one that is replaced. AWS: "ResourceChange" of the API reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra_checks.sandbox.deploying import Deployment, differing
from infra_checks.sandbox.making import Made
from infra_checks.sandbox.refusal import CannotMakeError
from infra_checks.sandbox.resolving import NOTHING
from infra_checks.sandbox.stacks import Entry

if TYPE_CHECKING:
    from infra_checks.sandbox.account import Account
    from infra_checks.sandbox.plan import Plan
    from infra_checks.sandbox.stacks import StackRecord
    from infra_checks.template.model import Declaration

LATER: Final = "{{changeSet:KNOWN_AFTER_APPLY}}"
"""AWS's own word for a value that only the execution gives."""


def differences(account: Account, record: StackRecord, plan: Plan) -> tuple[dict[str, Any], ...]:
    """The changes, sorted by what they are done to; metadata and descriptions are none."""
    return _Preview(account, record, plan).changes()


_AUTOMATIC: Final = {
    "Target": {"Attribute": "Properties", "RequiresRecreation": "Never"},
    "Evaluation": "Dynamic",
    "ChangeSource": "Automatic",
}
"""Of a nested stack: whether its template has changed shows in the update only."""


class _Later(dict[str, Any]):
    """Attributes of a resource that is not made yet: every one of them is known later."""

    def __contains__(self, _name: object) -> bool:
        return True

    def __missing__(self, name: str) -> str:
        return LATER


class _Preview(Deployment):
    """A deployment that makes nothing."""

    def __init__(self, account: Account, record: StackRecord, plan: Plan) -> None:
        super().__init__(account, record, plan)
        self._before = {name: entry for name, entry in record.entries.items() if entry.made is not None}

    def changes(self) -> tuple[dict[str, Any], ...]:
        found = []
        wanted = self.wanted()
        self._check_types(wanted)
        for declaration in wanted:
            change = self._compare(declaration, self._before.get(declaration.logical_id))
            if change:
                found.append(change)
        names = {each.logical_id for each in wanted}
        found += [_removal(entry) for name, entry in self._before.items() if name not in names]
        if not found and self._record.status != "REVIEW_IN_PROGRESS" and self._outputs_differ():
            found.append(_output_change(self._record))
        return tuple(found)

    def _check_types(self, wanted: list[Declaration]) -> None:
        for declaration in wanted:
            if self._account.find_kind(declaration.type) is None:
                raise CannotMakeError(f"the sandbox cannot make {declaration.type}")

    def _outputs_differ(self) -> bool:
        return self._outputs() != self._record.outputs

    def _compare(self, declaration: Declaration, entry: Entry | None) -> dict[str, Any] | None:
        name = declaration.logical_id
        if entry is None or entry.made is None:
            self._entries[name] = Entry(name, declaration.type, Made(declaration.type, LATER, _Later()))
            return _change("Add", self._entries[name])
        self._entries[name] = entry
        if entry.type != declaration.type:
            raise CannotMakeError(f"Update of resource type is not permitted: {name}")
        kind = self._account.kind(entry.type)
        properties = self._properties(declaration)
        changed = differing(entry.made.properties, properties)
        deletion, replacing = self._policies(declaration)
        scope = [
            *(["Properties"] if changed - {kind.tags} else []),
            *(["Tags"] if kind.tags in changed else []),
            *(["DeletionPolicy"] if entry.made.deletion_policy != deletion else []),
            *(["UpdateReplacePolicy"] if entry.made.replace_policy != replacing else []),
        ]
        if kind.always:
            self._entries[name] = Entry(name, declaration.type, Made(declaration.type, entry.ref, _Later()))
            return _change("Modify", entry) | {
                "Replacement": "False",
                "Scope": scope or ["Properties"],
                "Details": [_detail(each, kind.tags, set(), dynamic=False) for each in sorted(changed)] or [_AUTOMATIC],
            }
        if not scope:
            return None
        replacing_names = changed & kind.create_only
        certain = [each for each in replacing_names if LATER not in str(properties.get(each, NOTHING))]
        replacement = "True" if certain else "Conditional" if replacing_names else "False"
        if replacing_names:
            self._entries[name] = Entry(name, declaration.type, Made(declaration.type, LATER, _Later()))
        details = [
            _detail(each, kind.tags, replacing_names, dynamic=LATER in str(properties.get(each)))
            for each in sorted(changed)
        ]
        return _change("Modify", entry) | {"Replacement": replacement, "Scope": scope, "Details": details}


def _change(action: str, entry: Entry) -> dict[str, Any]:
    return {
        "Action": action,
        "LogicalResourceId": entry.logical_id,
        "PhysicalResourceId": None if entry.ref == LATER else entry.ref or None,
        "ResourceType": entry.type,
        "Scope": [],
        "Details": [],
    }


def _removal(entry: Entry) -> dict[str, Any]:
    policy = {"Retain": "Retain", "RetainExceptOnCreate": "Retain", "Snapshot": "Snapshot"}
    kept = entry.made.deletion_policy if entry.made else "Delete"
    return _change("Remove", entry) | {"PolicyAction": policy.get(kept, "Delete")}


def _output_change(record: StackRecord) -> dict[str, Any]:
    """Outputs are no resources; a change of nothing else is shown as one of the stack."""
    return {
        "Action": "Modify",
        "LogicalResourceId": record.name,
        "PhysicalResourceId": record.place.stack_id,
        "ResourceType": "AWS::CloudFormation::Stack",
        "Replacement": "False",
        "Scope": ["Metadata"],
        "Details": [],
    }


def _detail(name: str, tags: str | None, replacing: set[str] | frozenset[str], *, dynamic: bool) -> dict[str, Any]:
    recreation = ("Conditionally" if dynamic else "Always") if name in replacing else "Never"
    target = {"Attribute": "Tags"} if name == tags else {"Attribute": "Properties", "Name": name}
    return {
        "Target": target | {"RequiresRecreation": recreation},
        "Evaluation": "Dynamic" if dynamic else "Static",
        "ChangeSource": "ResourceReference" if dynamic else "DirectModification",
    }
