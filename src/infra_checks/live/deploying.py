"""Creating and updating a stack through a change set."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import ClientError

from infra_checks.errors import ConfigError
from infra_checks.live.changes import Change, changes_of

_UNCHANGED: Final = ("didn't contain changes", "no updates are to be performed")
_CANCELLED: Final = "cancelled"
_QUIET_POLLS: Final = 3
DEAD: Final = frozenset(("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"))
"""Of these states a stack can only be deleted (user guide, "Troubleshooting": a stack that failed to be created)."""


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """A change set that can be executed; none of its changes is left out."""

    stack: str
    id: str
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class Result:
    """How a deployment ended; `first` is the event of the resource that failed first."""

    status: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    first: Mapping[str, Any] | None = None
    left: tuple[str, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether the stack is as the template says."""
        return self.status in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}


class Deployment:
    """One stack; `poll` is the time between two questions, in seconds."""

    def __init__(self, client: Any, name: str, *, poll: float = 3.0) -> None:  # noqa: ANN401 - a client of boto3
        self._client = client
        self._name = name
        self._poll = poll

    def stack(self, name: str = "") -> Mapping[str, Any] | None:
        """The stack as CloudFormation describes it, None when there is none."""
        try:
            found: Mapping[str, Any] = self._client.describe_stacks(StackName=name or self._name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise _failed("DescribeStacks", error) from error
        return found

    def propose(self, request: Mapping[str, Any], *, is_new: bool) -> ChangeSet | None:
        """Make a change set and wait for it; None, and nothing left behind, when nothing changes."""
        name = f"infra-checks-{uuid.uuid4().hex}"
        kind = "CREATE" if is_new else "UPDATE"
        try:
            made = self._client.create_change_set(
                StackName=self._name, ChangeSetName=name, ChangeSetType=kind, ClientToken=name, **request
            )
        except ClientError as error:
            raise _failed("CreateChangeSet", error) from error
        pages = self._described(made["Id"])
        status, reason = pages[0]["Status"], str(pages[0].get("StatusReason") or "")
        if status == "CREATE_COMPLETE":
            return ChangeSet(made["StackId"], made["Id"], changes_of([c for p in pages for c in p.get("Changes", [])]))
        self.discard(made["Id"], with_stack=is_new)
        if any(words in reason.lower() for words in _UNCHANGED):
            return None
        raise ConfigError(f"{self._name}: the change set failed: {reason or status}")

    def _described(self, id: str) -> list[Mapping[str, Any]]:
        """All pages, once the change set is no longer in progress."""
        while (first := self._client.describe_change_set(ChangeSetName=id))["Status"] in {
            "CREATE_PENDING",
            "CREATE_IN_PROGRESS",
        }:
            time.sleep(self._poll)
        pages = [first]
        while token := pages[-1].get("NextToken"):
            pages.append(self._client.describe_change_set(ChangeSetName=id, NextToken=token))
        return pages

    def discard(self, id: str, *, with_stack: bool) -> None:
        """Delete a change set, and the empty stack that was made for it."""
        self._client.delete_change_set(ChangeSetName=id)
        if with_stack:
            found = self.stack()
            if found is not None and found["StackStatus"] == "REVIEW_IN_PROGRESS":
                self._client.delete_stack(StackName=found["StackId"])

    def delete(self) -> None:
        """Delete the stack and wait. Raises ConfigError when it stays."""
        found = self.stack()
        if found is None:
            return
        self._client.delete_stack(StackName=found["StackId"])
        while (now := self.stack(found["StackId"])) is not None and now["StackStatus"] != "DELETE_COMPLETE":
            if now["StackStatus"] == "DELETE_FAILED":
                raise ConfigError(f"{self._name}: cannot be deleted: {now.get('StackStatusReason') or 'no reason'}")
            time.sleep(self._poll)

    def execute(self, proposed: ChangeSet, show: Callable[[Mapping[str, Any]], None]) -> Result:
        """Execute a change set, hand over each event as it comes, and wait for the end."""
        seen = {event["EventId"] for event in self._events(proposed.stack, set())}
        try:
            self._client.execute_change_set(ChangeSetName=proposed.id, ClientRequestToken=uuid.uuid4().hex)
        except ClientError as error:
            raise _failed("ExecuteChangeSet", error) from error
        events: list[Mapping[str, Any]] = []
        polls = 0
        while True:
            # The status before the events: when it says that all is over, the events hold the end.
            found = self.stack(proposed.stack) or {}
            new = list(self._events(proposed.stack, seen))[::-1]
            seen |= {event["EventId"] for event in new}
            events += new
            for event in new:
                show(event)
            polls += 1
            # Right after the start the status may still be that of before.
            is_over = not str(found.get("StackStatus", "_IN_PROGRESS")).endswith("_IN_PROGRESS")
            if is_over and (events or polls >= _QUIET_POLLS):
                return _result(found, events)
            time.sleep(self._poll)

    def _events(self, stack: str, seen: set[str]) -> Iterator[Mapping[str, Any]]:
        """The events that were not seen, the latest first."""
        token: dict[str, str] = {}
        while True:
            page = self._client.describe_stack_events(StackName=stack, **token)
            for event in page["StackEvents"]:
                if event["EventId"] in seen:
                    return
                yield event
            if not page.get("NextToken"):
                return
            token = {"NextToken": page["NextToken"]}


def _failed(action: str, error: ClientError) -> ConfigError:
    details = error.response["Error"]
    return ConfigError(f"{action}: {details.get('Code', '')}: {details.get('Message', '')}")


def _result(stack: Mapping[str, Any], events: list[Mapping[str, Any]]) -> Result:
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs") or ()}
    last = {event["LogicalResourceId"]: event for event in events}
    left = sorted(
        name for name, event in last.items() if event["ResourceStatus"] in {"DELETE_FAILED", "DELETE_SKIPPED"}
    )
    return Result(stack["StackStatus"], dict(sorted(outputs.items())), first_failure(events), tuple(left))


def first_failure(events: list[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The failure that made the others: the first that was not cancelled because of another."""
    failed = [event for event in events if event["ResourceStatus"].endswith("_FAILED")]
    own = [event for event in failed if _CANCELLED not in (event.get("ResourceStatusReason") or "").lower()]
    of_resources = [event for event in own if event.get("PhysicalResourceId") != event.get("StackId")]
    return next(iter(of_resources or own or failed), None)
