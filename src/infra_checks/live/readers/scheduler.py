"""AWS::Scheduler, by the Amazon EventBridge Scheduler API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import from_answer, renamed, stated, tag_list
from infra_checks.live.shaping import declared_text, shaped, written

if TYPE_CHECKING:
    from infra_checks.live.reading import Asking, Read

_SAME: Final = (
    "Arn",
    "Description",
    "FlexibleTimeWindow",
    "GroupName",
    "KmsKeyArn",
    "Name",
    "ScheduleExpression",
    "ScheduleExpressionTimezone",
    "State",
)


_NO_PROPERTY: Final = ("EventBridgePutEventsV2Parameters", "EventBridgePutRawEventsParameters")


@reader("AWS::Scheduler::Schedule", "scheduler:get_schedule")
def schedule(asking: Asking) -> Read:
    """AWS: API_GetSchedule.html; the physical id is the name, the group is the template's."""
    by = stated(Name=asking.physical_id.rpartition("|")[2], GroupName=declared_text(asking, "GroupName"))
    found = asking.ask("scheduler", "get_schedule", **by)
    if isinstance(found, Unread):
        return found
    return {
        **renamed(found, *_SAME),
        **stated(Target=shaped(found.get("Target"), maps=("Tags",), drop=_NO_PROPERTY)),
        **stated(**{name: written(found.get(name)) for name in ("EndDate", "StartDate")}),
    }


@reader("AWS::Scheduler::ScheduleGroup", "scheduler:get_schedule_group", "scheduler:list_tags_for_resource")
def schedule_group(asking: Asking) -> Read:
    """AWS: API_GetScheduleGroup.html."""
    found = asking.ask("scheduler", "get_schedule_group", Name=asking.physical_id)
    if isinstance(found, Unread):
        return found
    tags = asking.pages("scheduler", "list_tags_for_resource", "Tags", ResourceArn=found["Arn"])
    return {
        **renamed(found, "Arn", "Name", "State"),
        **from_answer(tags, ("Tags",), lambda pairs: {"Tags": tag_list(pairs)}),
    }
