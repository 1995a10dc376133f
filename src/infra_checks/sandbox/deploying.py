"""A stack made, changed and removed: resources in the order of their references, and back again when one fails.

AWS: "How CloudFormation works", "Stack failure options", "DeletionPolicy attribute", "UpdateReplacePolicy attribute".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from infra_checks.errors import InfraChecksError
from infra_checks.sandbox.failing import FAILURES, told_as_failure
from infra_checks.sandbox.making import Making
from infra_checks.sandbox.refusal import CannotMakeError, RefusedError
from infra_checks.sandbox.removing import importers, remove, remove_all
from infra_checks.sandbox.resolving import NOTHING, Resolver
from infra_checks.sandbox.shapes import as_text
from infra_checks.sandbox.stacks import Entry, Output, now

if TYPE_CHECKING:
    from infra_checks.sandbox.account import Account
    from infra_checks.sandbox.making import Kind, Made
    from infra_checks.sandbox.plan import Plan
    from infra_checks.sandbox.stacks import StackRecord
    from infra_checks.template.model import Declaration

_DATABASES: Final = frozenset({"AWS::RDS::DBCluster", "AWS::RDS::DBInstance"})


@dataclass(slots=True)
class _Undo:
    """How to go back from one step of an update."""

    entry: Entry
    back: Callable[[], object]


_RESTORED: Final = ("request", "description", "hidden", "parameters", "resolved", "outputs", "imports")
"""What of a stack is as before when a change of it is taken back."""


class Deployment:
    """One change of one stack."""

    def __init__(self, account: Account, record: StackRecord, plan: Plan) -> None:
        self._account = account
        self._record = record
        self._plan = plan
        self._entries: dict[str, Entry] = {}
        self._undos: list[_Undo] = []
        self._replaced: list[tuple[Entry, Made]] = []
        self._before: dict[str, Entry] = {}
        self._was: dict[str, Any] = {}
        self._surroundings = account.surroundings(plan.place.region)
        self.resolver = Resolver(plan.stack, plan.values, self._attribute, self._surroundings)

    def wanted(self) -> list[Declaration]:
        """The resources whose conditions hold, each after those it needs."""
        template = self._plan.template
        names = {name for name, each in template.resources.items() if self._holds(each.condition, each)}
        return self._plan.order(names)

    def _holds(self, condition: str | None, declaration: Declaration) -> bool:
        if condition is None:
            return True
        if condition not in self._plan.template.conditions:
            message = f"Template format error: Unresolved condition dependency {condition}"
            raise RefusedError(message)
        try:
            return self.resolver.condition(condition, declaration.node)[0]
        except CannotMakeError:
            raise
        except InfraChecksError as error:
            raise RefusedError(f"Template format error: {error}") from None

    def _attribute(self, name: str, attribute: str) -> Any:  # noqa: ANN401 - JSON
        entry = self._entries.get(name)
        if entry is None or entry.made is None:
            raise CannotMakeError(f"{name} is referred to, but it is not made: its condition is false")
        if attribute == "Ref":
            return entry.made.ref
        if attribute not in entry.made.attributes:
            raise CannotMakeError(f"the sandbox has no attribute {attribute} of {entry.type} ({name})")
        return entry.made.attributes[attribute]

    # ---- making

    def create(self) -> bool:
        """Make everything; on the first failure take it back if the stack says so. Whether it succeeded."""
        record = self._record
        self._adopt()
        record.acknowledged = self._plan.request.capabilities
        record.enter("CREATE_IN_PROGRESS", "User Initiated")
        record.entries = self._entries
        try:
            wanted = self.wanted()
            self._refuse_unknown_types(wanted)
            for declaration in wanted:
                self._make_one(declaration)
            record.outputs = self._outputs()
        except FAILURES as error:
            self._roll_back_creation(str(error))
            return False
        record.imports = self._surroundings.imports
        record.enter("CREATE_COMPLETE")
        return True

    def _adopt(self) -> None:
        """Let the stack show what is asked for."""
        record, plan = self._record, self._plan
        record.request, record.description, record.hidden = plan.request, plan.description, plan.hidden
        record.parameters, record.resolved = plan.given, plan.resolved

    def _refuse_unknown_types(self, wanted: list[Declaration]) -> None:
        unknown = [each for each in wanted if self._account.find_kind(each.type) is None]
        for declaration in unknown:
            entry = self._entries.setdefault(declaration.logical_id, Entry(declaration.logical_id, declaration.type))
            self._record.note(entry, "CREATE_FAILED", f"the sandbox cannot make {declaration.type}")
        if unknown:
            types = ", ".join(sorted({each.type for each in unknown}))
            raise CannotMakeError(f"the sandbox cannot make {types}")

    def _make_one(self, declaration: Declaration) -> None:
        entry = Entry(declaration.logical_id, declaration.type)
        self._entries[declaration.logical_id] = entry
        self._record.note(entry, "CREATE_IN_PROGRESS")
        try:
            entry.made = None
            self._build(entry, declaration, self._properties(declaration))
        except FAILURES as error:
            self._record.note(entry, "CREATE_FAILED", str(error))
            raise _FailedError(f"The following resource(s) failed to create: [{entry.logical_id}].") from None
        self._record.note(entry, "CREATE_COMPLETE")

    def _build(self, entry: Entry, declaration: Declaration, properties: dict[str, Any]) -> None:
        kind = self._account.kind(declaration.type)
        deletion, replacing = self._policies(declaration)
        making = self._making(entry.logical_id, properties)
        with told_as_failure():
            made = kind.make(making)
        entry.made = replace(
            made, properties=properties, deletion_policy=deletion, replace_policy=replacing, type=kind.type
        )
        if kind.configure is not None:
            with told_as_failure():
                kind.configure(making, entry.made)
        making.check_all_taken()

    def _making(self, logical_id: str, properties: dict[str, Any]) -> Making:
        return Making(self._account, self._plan.place, logical_id, properties)

    def _properties(self, declaration: Declaration) -> dict[str, Any]:
        node = declaration.properties
        found = {} if node is None else self.resolver.plain(node)
        properties = {} if found is NOTHING else dict(found)
        tags = self._plan.request.tags
        return self._account.kind(declaration.type).tagged(properties, tags) if tags else properties

    def _policies(self, declaration: Declaration) -> tuple[str, str]:
        default = "Delete"
        properties = declaration.properties
        in_cluster = properties is not None and "DBClusterIdentifier" in getattr(properties, "entries", {})
        if declaration.type in _DATABASES and not in_cluster:
            default = "Snapshot"
        return self._policy(declaration, "DeletionPolicy", default), self._policy(
            declaration, "UpdateReplacePolicy", "Delete"
        )

    def _policy(self, declaration: Declaration, name: str, default: str) -> str:
        node = declaration.node.get(name)
        value = default if node is None else self.resolver.plain(node)
        if value not in {"Delete", "Retain", "RetainExceptOnCreate", "Snapshot"}:
            raise CannotMakeError(f"{name} cannot be {value!r}")
        return str(value)

    def _outputs(self) -> tuple[Output, ...]:
        found = []
        for name, node in self._plan.template.outputs.items():
            condition = node.get("Condition")
            if condition is not None and not self.resolver.condition(getattr(condition, "text", ""), node)[0]:
                continue
            value = node.get("Value")
            resolved = NOTHING if value is None else self.resolver.plain(value)
            if resolved is NOTHING or isinstance(resolved, (dict, list)):
                raise CannotMakeError(f"Template format error: Output {name} is malformed: its value must be a text")
            export = node.get("Export")
            exported = "" if export is None else str(self.resolver.plain(export)["Name"])
            self._check_export(exported)
            described = node.get("Description")
            description = "" if described is None else str(self.resolver.plain(described))
            found.append(Output(name, as_text(resolved), description, exported))
        return tuple(found)

    def _check_export(self, name: str) -> None:
        owner = self._account.exports(self._plan.place.region).get(name)
        if owner is not None and owner[0] is not self._record:
            raise CannotMakeError(f"Export with name {name} is already exported by stack {owner[0].name}.")

    def _roll_back_creation(self, reason: str) -> None:
        record = self._record
        record.outputs = ()
        if not record.rollback:
            record.enter("CREATE_FAILED", reason)
            return
        record.enter("ROLLBACK_IN_PROGRESS", f"{reason} Rollback requested by user.")
        failed = remove_all(self._account, record, is_rollback=True)
        record.enter("ROLLBACK_FAILED" if failed else "ROLLBACK_COMPLETE", failed)

    # ---- changing

    def update(self) -> bool:
        """Change what differs; on the first failure put back what was there. Whether it succeeded."""
        if not self.change():
            return False
        self.settle()
        return True

    def change(self) -> bool:
        """As `update`, but what is no longer needed stays until `settle`, so that `take_back` can go back to it."""
        record = self._record
        self._before = dict(record.entries)
        self._was = {name: getattr(record, name) for name in _RESTORED}
        self._entries = dict(self._before)
        record.acknowledged = self._plan.request.capabilities
        record.enter("UPDATE_IN_PROGRESS", "User Initiated")
        record.updated = now()
        try:
            wanted = self.wanted()
            names = {each.logical_id for each in wanted}
            self._entries = {name: entry for name, entry in self._before.items() if name in names}
            self._refuse_unknown_types(wanted)
            for declaration in wanted:
                self._bring_to(declaration, self._before.get(declaration.logical_id))
            outputs = self._outputs()
            self._check_imports(outputs)
        except FAILURES as error:
            self.take_back(str(error))
            return False
        record.entries, record.outputs, record.imports = self._entries, outputs, self._surroundings.imports
        self._adopt()
        record.enter("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        return True

    def settle(self) -> None:
        """End a change that succeeded: remove what was replaced and what is no longer declared."""
        record = self._record
        for entry in list(record.entries.values()):
            settle = self._account.kind(entry.type).settle
            if settle is not None and entry.made is not None:
                settle(self._making(entry.logical_id, entry.made.properties), entry.made)
        self._clean_up({name: entry for name, entry in self._before.items() if name not in self._entries})
        record.enter("UPDATE_COMPLETE")

    def _check_imports(self, outputs: tuple[Output, ...]) -> None:
        kept = {output.export: output.value for output in outputs if output.export}
        for old in self._record.outputs:
            if old.export and kept.get(old.export) != old.value:
                users = importers(self._account, self._plan.place.region, old.export)
                if users:
                    verb = "update" if old.export in kept else "delete"
                    raise CannotMakeError(f"Cannot {verb} export {old.export} as it is in use by {', '.join(users)}")

    def _bring_to(self, declaration: Declaration, entry: Entry | None) -> None:
        if entry is None or entry.made is None:
            self._make_one(declaration)
            fresh = self._entries[declaration.logical_id]
            self._undos.append(_Undo(fresh, lambda: self._remove(fresh)))
            return
        if entry.type != declaration.type:
            raise CannotMakeError(f"Update of resource type is not permitted: {declaration.logical_id}")
        properties = self._properties(declaration)
        deletion, replacing = self._policies(declaration)
        old = entry.made
        changed = differing(old.properties, properties)
        kind = self._account.kind(entry.type)
        if not changed and not kind.always:
            if (old.deletion_policy, old.replace_policy) != (deletion, replacing):
                entry.made = replace(old, deletion_policy=deletion, replace_policy=replacing)
                self._undos.append(_Undo(entry, lambda: _restore(entry, old)))
            return
        self._record.note(entry, "UPDATE_IN_PROGRESS")
        try:
            if changed & kind.create_only:
                self._replace(entry, declaration, properties, old)
            else:
                self._change(kind, entry, properties, old)
                entry.made = replace(entry.made, deletion_policy=deletion, replace_policy=replacing)
        except FAILURES as error:
            self._record.note(entry, "UPDATE_FAILED", str(error))
            raise _FailedError(f"The following resource(s) failed to update: [{entry.logical_id}].") from None
        self._record.note(entry, "UPDATE_COMPLETE")

    def _replace(self, entry: Entry, declaration: Declaration, properties: dict[str, Any], old: Made) -> None:
        names = _kept_names(self._account.kind(entry.type), properties, old)
        if names:
            message = (
                f"CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename {names}"
            )
            raise CannotMakeError(message)

        def back() -> None:
            if entry.made is not None and entry.made is not old:
                self._remove(entry)
            entry.made = old

        self._undos.append(_Undo(entry, back))
        reason = "Requested update requires the creation of a new physical resource; hence creating one."
        self._record.note(entry, "UPDATE_IN_PROGRESS", reason)
        self._build(entry, declaration, properties)
        self._replaced.append((entry, old))

    def _change(self, kind: Kind, entry: Entry, properties: dict[str, Any], old: Made) -> None:
        self._undos.append(_Undo(entry, lambda: self._bring_back(kind, entry, old.properties, properties)))
        entry.made = replace(old, properties=properties, attributes=dict(old.attributes))
        self._configure(kind, entry, properties, old.properties)

    def _configure(self, kind: Kind, entry: Entry, properties: dict[str, Any], before: dict[str, Any]) -> None:
        """Bring a resource that exists to properties; what changed and nobody took is refused."""
        stuck = self._bring_back(kind, entry, properties, before)
        if stuck:
            raise CannotMakeError(f"the sandbox cannot change {', '.join(sorted(stuck))} of {kind.type}")

    def _bring_back(self, kind: Kind, entry: Entry, properties: dict[str, Any], before: dict[str, Any]) -> set[str]:
        """As `_configure`, but gives what nobody took, which is as it was."""
        made = entry.made
        if made is None:
            return set()
        making = self._making(entry.logical_id, properties)
        making.before = before
        made.properties = properties
        if kind.configure is not None:
            with told_as_failure():
                kind.configure(making, made)
        return differing(properties, before) - making.taken

    def take_back(self, reason: str) -> None:
        """Put back what was there before the change."""
        record = self._record
        record.enter("UPDATE_ROLLBACK_IN_PROGRESS", reason)
        failures = []
        for undo in reversed(self._undos):
            try:
                undo.back()
            except FAILURES as error:
                failures.append(f"{undo.entry.logical_id}: {error}")
        for name, entry in list(self._entries.items()):
            if name not in self._before and entry.made is not None:  # it failed half-way
                self._remove(entry)
        for name, value in self._was.items():
            setattr(record, name, value)
        record.entries = self._before
        record.enter("UPDATE_ROLLBACK_FAILED" if failures else "UPDATE_ROLLBACK_COMPLETE", "; ".join(failures))

    def _remove(self, entry: Entry) -> None:
        if entry.made is not None:
            remove(self._account, self._record, entry, entry.made, "Delete")
            entry.made = None

    def _clean_up(self, gone: dict[str, Entry]) -> None:
        for entry, old in reversed(self._replaced):
            remove(self._account, self._record, entry, old, old.replace_policy)
        for name, entry in reversed(gone.items()):
            self._record.entries.pop(name, None)
            if entry.made is not None:
                remove(self._account, self._record, entry, entry.made, entry.made.deletion_policy)


class _FailedError(InfraChecksError):
    """A step failed and its events say why."""


def _restore(entry: Entry, made: Made) -> None:
    entry.made = made


def _kept_names(kind: Kind, properties: dict[str, Any], old: Made) -> str:
    """The physical name that a replacement would have too, so that both cannot be there at once."""
    known = {old.ref, *map(str, old.attributes.values())}
    for prop in sorted(kind.create_only):
        value = properties.get(prop)
        is_name = prop.endswith(("Name", "Identifier")) and isinstance(value, str)
        if is_name and value == old.properties.get(prop) and value in known:
            return str(value)
    return ""


def differing(one: dict[str, Any], other: dict[str, Any]) -> set[str]:
    """The properties whose values differ."""
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}
