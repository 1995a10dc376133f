"""Nested stacks, and what else CloudFormation makes itself.

AWS: "AWS::CloudFormation::Stack" of the template reference. A nested stack is made, changed and removed with its
parent, and with the capabilities that the request for the topmost stack acknowledges. Until the change of its parent
has succeeded, what its own change left over is kept, so that both can go back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra_checks.sandbox.changing import differences
from infra_checks.sandbox.deploying import Deployment
from infra_checks.sandbox.making import Kind, Made, Place
from infra_checks.sandbox.plan import prepare
from infra_checks.sandbox.refusal import CannotMakeError
from infra_checks.sandbox.removing import delete_stack
from infra_checks.sandbox.rows import record
from infra_checks.sandbox.shapes import as_text
from infra_checks.sandbox.stacks import Pending, Request, StackRecord
from infra_checks.sandbox.stored_templates import fetched

if TYPE_CHECKING:
    from infra_checks.sandbox.making import Making

TYPE: Final = "AWS::CloudFormation::Stack"

_LONGEST: Final = 128
"""Letters of a stack's name."""

_DEEPEST: Final = 10
"""How many stacks can be nested in one another, so that one that nests itself comes to an end."""

_UNDOING: Final = "UPDATE_ROLLBACK_IN_PROGRESS"


def _make(making: Making) -> Made:
    """The stack without anything in it; what is in it follows, so that a stack that fails half-way can be removed."""
    parent = _parent(making)
    if parent.depth >= _DEEPEST:
        raise CannotMakeError(f"stacks are nested too deeply: the sandbox nests {_DEEPEST} in one another")
    place = Place.new(making.name("", limit=_LONGEST), making.place.region)
    nested = StackRecord(place, Request("", {}, {}), parent=parent)
    if parent.status == "CREATE_IN_PROGRESS":
        nested.rollback, nested.drops_retained = parent.rollback, parent.drops_retained
    making.account.memory.add(nested)
    return Made(TYPE, place.stack_id)


def _configure(making: Making, made: Made) -> None:
    nested = making.account.memory.get(making.place.region, made.ref)
    if making.before is not None and _parent(making).status == _UNDOING:
        making.changed(*making.properties, *making.before)
        if nested.pending is not None:  # else its change failed, and is taken back already
            nested.pending.take_back("the update of its parent is taken back")
            nested.pending = None
    elif making.before is None:
        making.get("TimeoutInMinutes")  # nothing takes time here
        _create(making, nested)
    elif making.properties.get("TimeoutInMinutes") != making.before.get("TimeoutInMinutes"):
        raise CannotMakeError("Update to property TimeoutInMinutes is not supported")
    else:
        _update(making, nested)
    made.attributes = {f"Outputs.{output.key}": output.value for output in nested.outputs}


def _create(making: Making, nested: StackRecord) -> None:
    plan = prepare(_request(making), nested.place, making.account)
    nested.notification_arns = _topics(making)
    if not Deployment(making.account, nested, plan).create():
        raise CannotMakeError(f"Embedded stack {nested.place.stack_id} was not successfully created: {_why(nested)}")


def _update(making: Making, nested: StackRecord) -> None:
    """Change the nested stack where its template, parameters or tags, or what they resolve to, have changed."""
    request, topics = _request(making), _topics(making)
    plan = prepare(request, nested.place, making.account)
    was, topics_were = nested.request, nested.notification_arns
    is_same = (request.body, request.parameters, request.tags) == (was.body, was.parameters, was.tags)
    if is_same and topics == topics_were and not differences(making.account, nested, plan):
        return
    change = Deployment(making.account, nested, plan)
    if not change.change():
        raise CannotMakeError(
            f"Embedded stack {nested.place.stack_id} was not successfully updated. Currently in {_UNDOING} with "
            f"reason: {_why(nested)}"
        )

    def take_back(reason: str) -> None:
        change.take_back(reason)
        nested.notification_arns = topics_were

    nested.notification_arns = topics
    nested.pending = Pending(change.settle, take_back)


def _why(nested: StackRecord) -> str:
    """Why a stack failed: the reason of the event of the stack itself before the rollback."""
    own = [event for event in nested.events if event.ref == nested.place.stack_id and event.reason]
    starts = [event for event in own if event.status in {"CREATE_FAILED", "ROLLBACK_IN_PROGRESS", _UNDOING}]
    return starts[-1].reason.removesuffix(" Rollback requested by user.") if starts else "it failed"


def _request(making: Making) -> Request:
    parameters = making.get("Parameters") or {}
    if not isinstance(parameters, dict) or any(isinstance(value, (dict, list)) for value in parameters.values()):
        raise CannotMakeError("Value of property Parameters must be an object with String (or simple type) properties")
    tags = {tag["Key"]: tag["Value"] for tag in making.tags()}
    return Request(
        fetched(str(making.need("TemplateURL")), making.account, making.place.region),
        {name: as_text(value) for name, value in parameters.items()},
        tags,
        _parent(making).acknowledged,
    )


def _topics(making: Making) -> tuple[str, ...]:
    found: Any = making.get("NotificationARNs") or ()
    return tuple(map(str, found))


def _settle(making: Making, made: Made) -> None:
    nested = making.account.memory.get(making.place.region, made.ref)
    if nested.pending is not None:
        nested.pending.settle()
        nested.pending = None


def _delete(making: Making, made: Made) -> None:
    nested = making.account.memory.find(making.place.region, made.ref)
    if nested is None or nested.status == "DELETE_COMPLETE":
        return
    is_rollback = _parent(making).status in {"ROLLBACK_IN_PROGRESS", _UNDOING}
    failed = delete_stack(making.account, nested, is_rollback=is_rollback)
    if failed:
        raise CannotMakeError(f"Embedded stack {made.ref} was not successfully deleted: {failed}")


def _parent(making: Making) -> StackRecord:
    return making.account.memory.get(making.place.region, making.place.stack_id)


KINDS: Final = (
    Kind(TYPE, _make, _delete, _configure, always=True, settle=_settle),
    record("AWS::CloudFormation::WaitConditionHandle", tags=None),
)
