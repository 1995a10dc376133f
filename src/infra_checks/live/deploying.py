"""Creating and updating a stack through a change set.

AWS: "Update CloudFormation stacks using change sets" and "Stack status codes" of the user guide
(docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets.html and
view-stack-events.html), and the API reference of the operations.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from infra_checks.errors import ConfigError
from infra_checks.live.changes import NESTED, Change, changes_of

_UNCHANGED: Final = ("didn't contain changes", "no updates are to be performed")
_CANCELLED: Final = "cancelled"
_QUIET_POLLS: Final = 3
_PENDING: Final = frozenset(("CREATE_PENDING", "CREATE_IN_PROGRESS"))
_GONE: Final = frozenset(("DELETE_COMPLETE", "DELETE_SKIPPED"))
_BUSY: Final = frozenset(
    ("InternalFailure", "RequestLimitExceeded", "ServiceUnavailable", "Throttling", "ThrottlingException")
)
_REPETITIONS: Final = 6
"""Beyond those of botocore; each time the wait doubles."""

DEAD: Final = frozenset(("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"))
"""A stack whose creation or deletion failed cannot be updated through a change set; of ROLLBACK_COMPLETE AWS says that
it can only be deleted ("Stack status codes")."""

STUCK: Final = frozenset(("UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED", "IMPORT_ROLLBACK_FAILED"))
"""Its rollback has to end first (API reference: ContinueUpdateRollback, RollbackStack)."""


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """A change set that can be executed; none of its changes is left out.

    `made_stack` is whether there was no stack, not even an empty one, before it.
    """

    stack: str
    id: str
    changes: list[Change]
    is_new: bool
    made_stack: bool


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
            found: Mapping[str, Any] = self._asked("describe_stacks", StackName=name or self._name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise _failed("DescribeStacks", error) from error
        return found

    def template(self) -> str:
        """The text of the template that is deployed, as it was sent."""
        body = self._asked("get_template", StackName=self._name, TemplateStage="Original")["TemplateBody"]
        return body if isinstance(body, str) else json.dumps(body)  # boto3 reads what is JSON

    def validate(self, body: Mapping[str, str]) -> None:
        """Let CloudFormation read a template; raises ConfigError when it refuses it."""
        try:
            self._asked("validate_template", **body)
        except ClientError as error:
            raise _failed("ValidateTemplate", error) from error

    def propose(self, request: Mapping[str, Any], *, is_new: bool, made_stack: bool) -> ChangeSet | None:
        """Make a change set and wait for it; None, and nothing left behind, when nothing changes."""
        name = f"infra-checks-{uuid.uuid4().hex}"
        kind = "CREATE" if is_new else "UPDATE"
        try:
            made = self._client.create_change_set(
                StackName=self._name, ChangeSetName=name, ChangeSetType=kind, ClientToken=name, **request
            )
        except ClientError as error:
            raise _failed("CreateChangeSet", error) from error
        found = ChangeSet(made["StackId"], made["Id"], [], is_new, made_stack)
        try:
            pages = self._described(made["Id"])
        except KeyboardInterrupt:
            self.discard(found)
            raise
        status, reason = pages[0]["Status"], str(pages[0].get("StatusReason") or "")
        if status == "CREATE_COMPLETE":
            found.changes.extend(changes_of(_entries(pages), lambda inner: _entries(self._described(inner))))
            return found
        self.discard(found)
        if any(words in reason.lower() for words in _UNCHANGED):
            return None
        raise ConfigError(f"{self._name}: the change set failed: {reason or status}")

    def _described(self, id: str) -> list[Mapping[str, Any]]:
        """All pages, once the change set is no longer in progress."""
        while (first := self._asked("describe_change_set", ChangeSetName=id))["Status"] in _PENDING:
            time.sleep(self._poll)
        pages = [first]
        while token := pages[-1].get("NextToken"):
            pages.append(self._asked("describe_change_set", ChangeSetName=id, NextToken=token))
        return pages

    def discard(self, made: ChangeSet) -> None:
        """Delete a change set, and the empty stack that was made for it."""
        self._asked("delete_change_set", ChangeSetName=made.id)
        if made.made_stack:
            found = self.stack()
            if found is not None and found["StackStatus"] == "REVIEW_IN_PROGRESS":
                self._asked("delete_stack", StackName=found["StackId"])

    def held(self, types: Collection[str]) -> list[str]:
        """The resources of some types that the stack still has, and its nested stacks, by logical id."""
        token: dict[str, str] = {}
        held: list[str] = []
        while True:
            page = self._asked("list_stack_resources", StackName=self._name, **token)
            held += [
                each["LogicalResourceId"]
                for each in page["StackResourceSummaries"]
                if each["ResourceType"] in {*types, NESTED}
                and each["ResourceStatus"] not in _GONE
                and each.get("PhysicalResourceId")
            ]
            if not page.get("NextToken"):
                return sorted(held)
            token = {"NextToken": page["NextToken"]}

    def delete(self) -> None:
        """Delete the stack and wait. Raises ConfigError when it stays."""
        found = self.stack()
        if found is None:
            return
        try:
            self._asked("delete_stack", StackName=found["StackId"])
        except ClientError as error:
            raise _failed("DeleteStack", error) from error
        while (now := self.stack(found["StackId"])) is not None and now["StackStatus"] != "DELETE_COMPLETE":
            if now["StackStatus"] == "DELETE_FAILED":
                raise ConfigError(f"{self._name}: cannot be deleted: {now.get('StackStatusReason') or 'no reason'}")
            time.sleep(self._poll)

    def protect(self) -> None:
        """Protect the stack from deletion (API reference: UpdateTerminationProtection)."""
        self._asked("update_termination_protection", StackName=self._name, EnableTerminationProtection=True)

    def execute(self, proposed: ChangeSet, show: Callable[[Mapping[str, Any]], None]) -> Result:
        """Execute a change set, hand over each event as it comes, and wait for the end.

        When a creation fails, what was made goes, whatever its DeletionPolicy: nothing was there before, and what stays
        would be in the way of the next attempt (API reference: ExecuteChangeSet, RetainExceptOnCreate).
        """
        newest = next(self._events(proposed.stack, frozenset()), None)
        seen = {newest["EventId"]} if newest else set()
        keeping = {"RetainExceptOnCreate": True} if proposed.is_new else {}
        try:
            self._client.execute_change_set(ChangeSetName=proposed.id, ClientRequestToken=uuid.uuid4().hex, **keeping)
        except ClientError as error:
            raise _failed("ExecuteChangeSet", error) from error
        try:
            return self._watched(proposed.stack, seen, show)
        except (KeyboardInterrupt, BotoCoreError, ClientError, ConfigError) as error:
            why = str(error) or "interrupted"
            raise ConfigError(f"{self._name}: the deployment goes on, but is no longer watched: {why}") from error

    def _watched(self, stack: str, seen: set[str], show: Callable[[Mapping[str, Any]], None]) -> Result:
        events: list[Mapping[str, Any]] = []
        polls = 0
        while True:
            # The status before the events: when it says that all is over, the events hold the end.
            found = self.stack(stack) or {}
            new = list(self._events(stack, seen))[::-1]
            seen |= {event["EventId"] for event in new}
            events += new
            for event in new:
                show(event)
            polls += 1
            # Right after the start the status may still be that of before.
            is_over = not str(found.get("StackStatus", "_IN_PROGRESS")).endswith("_IN_PROGRESS")
            if is_over and (events or polls >= _QUIET_POLLS):
                return self._result(found, events)
            time.sleep(self._poll)

    def _result(self, stack: Mapping[str, Any], events: list[Mapping[str, Any]]) -> Result:
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs") or ()}
        last = {event["LogicalResourceId"]: event for event in events}
        left = sorted(
            name for name, event in last.items() if event["ResourceStatus"] in {"DELETE_FAILED", "DELETE_SKIPPED"}
        )
        first = first_failure(events)
        if first is not None:
            first = self._innermost(first, since=events[0]["Timestamp"])
        return Result(stack["StackStatus"], dict(sorted(outputs.items())), first, tuple(left))

    def _innermost(self, first: Mapping[str, Any], *, since: Any) -> Mapping[str, Any]:  # noqa: ANN401 - a datetime
        """Of a nested stack that failed: what failed in it. Deleted stacks are still told by their id."""
        inner = first.get("PhysicalResourceId")
        if first.get("ResourceType") != NESTED or not inner or inner == first.get("StackId"):
            return first
        events = [event for event in self._events(inner, frozenset()) if event["Timestamp"] >= since][::-1]
        deeper = first_failure(events)
        if deeper is None:
            return first
        named = f"{first['LogicalResourceId']}/{deeper['LogicalResourceId']}"
        return self._innermost({**deeper, "LogicalResourceId": named}, since=since)

    def _events(self, stack: str, seen: Collection[str]) -> Iterator[Mapping[str, Any]]:
        """The events since those that were seen, the latest first."""
        token: dict[str, str] = {}
        while True:
            page = self._asked("describe_stack_events", StackName=stack, **token)
            for event in page["StackEvents"]:
                if event["EventId"] in seen:
                    return
                yield event
            if not page.get("NextToken"):
                return
            token = {"NextToken": page["NextToken"]}

    def _asked(self, operation: str, **parameters: Any) -> Any:  # noqa: ANN401 - as boto3 answers
        """An answer, asked for again while AWS is busy or out of reach: what was started goes on meanwhile."""
        for repetition in range(_REPETITIONS):
            try:
                return getattr(self._client, operation)(**parameters)
            except ClientError as error:
                if error.response["Error"].get("Code") not in _BUSY:
                    raise
            except HTTPClientError:
                pass
            time.sleep(self._poll * 2**repetition)
        return getattr(self._client, operation)(**parameters)


def _entries(pages: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [entry for page in pages for entry in page.get("Changes") or ()]


def _failed(action: str, error: ClientError) -> ConfigError:
    details = error.response["Error"]
    return ConfigError(f"{action}: {details.get('Code', '')}: {details.get('Message', '')}")


def first_failure(events: list[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The failure that made the others: the first that was not cancelled because of another."""
    failed = [event for event in events if event["ResourceStatus"].endswith("_FAILED")]
    own = [event for event in failed if _CANCELLED not in (event.get("ResourceStatusReason") or "").lower()]
    of_resources = [event for event in own if event.get("PhysicalResourceId") != event.get("StackId")]
    return next(iter(of_resources or own or failed), None)
