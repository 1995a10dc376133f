"""What the sandbox's CloudFormation remembers: stacks, their resources and events, change sets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from infra_checks.sandbox.refusal import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra_checks.sandbox.making import Made, Place


def now() -> datetime:
    """The time of an event."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Entry:
    """A resource of a stack: what was made for it, its state and why."""

    logical_id: str
    type: str
    made: Made | None = None
    status: str = "CREATE_IN_PROGRESS"
    reason: str = ""
    time: datetime = field(default_factory=now)

    @property
    def ref(self) -> str:
        """Its physical id, empty before it has one."""
        return self.made.ref if self.made else ""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a stack's history."""

    logical_id: str
    ref: str
    type: str
    status: str
    reason: str
    time: datetime = field(default_factory=now)
    id: str = field(default_factory=lambda: str(uuid4()))


@dataclass(frozen=True, slots=True)
class Request:
    """What create, update and change-set requests say of a stack."""

    body: str
    parameters: dict[str, str]
    tags: dict[str, str]
    capabilities: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Output:
    """An output of a stack."""

    key: str
    value: str
    description: str = ""
    export: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """A change of a nested stack that ends with that of its parent, or is taken back with it for a reason."""

    settle: Callable[[], None]
    take_back: Callable[[str], None]


@dataclass(slots=True)
class StackRecord:
    """A stack as describe-stacks shows it, and what is needed to change it."""

    place: Place
    request: Request
    status: str = "REVIEW_IN_PROGRESS"
    reason: str = ""
    description: str = ""
    created: datetime = field(default_factory=now)
    updated: datetime | None = None
    deleted: datetime | None = None
    protected: bool = False
    rollback: bool = True
    drops_retained: bool = False
    """Whether a creation that fails removes also what has the DeletionPolicy Retain."""
    entries: dict[str, Entry] = field(default_factory=dict)
    outputs: tuple[Output, ...] = ()
    imports: set[str] = field(default_factory=set)
    parameters: dict[str, str] = field(default_factory=dict)
    resolved: dict[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    events: list[Event] = field(default_factory=list)
    change_sets: dict[str, ChangeSet] = field(default_factory=dict)
    change_set_id: str = ""
    notification_arns: tuple[str, ...] = ()
    parent: StackRecord | None = None
    acknowledged: frozenset[str] = frozenset()
    """The capabilities of the request that is carried out; those of `request` are of the last one that succeeded."""
    pending: Pending | None = None

    @property
    def root(self) -> StackRecord:
        """The stack at the top of those that this one is nested in; itself when it is in none."""
        return self if self.parent is None else self.parent.root

    @property
    def depth(self) -> int:
        """How many stacks it is nested in."""
        return 0 if self.parent is None else self.parent.depth + 1

    @property
    def name(self) -> str:
        """The stack's name."""
        return self.place.stack

    def note(self, entry: Entry, status: str, reason: str = "") -> None:
        """Put a resource into a state, and that into the history."""
        entry.status, entry.reason, entry.time = status, reason, now()
        self.events.append(Event(entry.logical_id, entry.ref, entry.type, status, reason))

    def enter(self, status: str, reason: str = "") -> None:
        """Put the stack itself into a state, and that into the history."""
        self.status, self.reason = status, reason
        stack = "AWS::CloudFormation::Stack"
        self.events.append(Event(self.name, self.place.stack_id, stack, status, reason))


@dataclass(slots=True)
class ChangeSet:
    """A change that waits to be executed."""

    id: str
    name: str
    type: str
    request: Request
    description: str = ""
    status: str = "CREATE_COMPLETE"
    execution: str = "AVAILABLE"
    reason: str = ""
    changes: tuple[dict[str, Any], ...] = ()
    rollback: bool = True
    created: datetime = field(default_factory=now)


class Memory:
    """All stacks of the account, by region; deleted ones are found by their id only."""

    def __init__(self) -> None:
        self._stacks: dict[str, list[StackRecord]] = {}

    def clear(self) -> None:
        """Forget everything."""
        self._stacks.clear()

    def count(self) -> int:
        """How many stacks there are in all regions."""
        return sum(1 for region in self._stacks for _ in self.existing(region))

    def add(self, record: StackRecord) -> None:
        """Keep a new stack."""
        self._stacks.setdefault(record.place.region, []).append(record)

    def remove(self, record: StackRecord) -> None:
        """Forget a stack, as one that was only reviewed."""
        self._stacks[record.place.region].remove(record)

    def stacks(self, region: str) -> list[StackRecord]:
        """The stacks of a region, the newest first."""
        return list(reversed(self._stacks.get(region, [])))

    def existing(self, region: str) -> Iterator[StackRecord]:
        """The stacks of a region that are not deleted."""
        return (record for record in self.stacks(region) if record.status != "DELETE_COMPLETE")

    def find(self, region: str, name: str) -> StackRecord | None:
        """The stack of a name, or of an id even when it is deleted."""
        for record in self.stacks(region):
            if record.place.stack_id == name or (record.name == name and record.status != "DELETE_COMPLETE"):
                return record
        return None

    def get(self, region: str, name: str) -> StackRecord:
        """As `find`, but refusing a name that no stack has."""
        record = self.find(region, name)
        if record is None:
            raise RefusedError(f"Stack with id {name} does not exist")
        return record
