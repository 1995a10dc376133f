"""AWS::Scheduler, by the Amazon EventBridge Scheduler API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import from_answer, pruned, renamed, tag_list

if TYPE_CHECKING:
    from infra_checks.live.reading import Asking, Read


@reader("AWS::Scheduler::Schedule", "scheduler:get_schedule")
def schedule(asking: Asking) -> Read:
    """AWS: API_GetSchedule.html."""
    group = asking.declared.get("GroupName")
    by = {"GroupName": group} if isinstance(group, str) else {}
    answer = asking.ask("scheduler", "get_schedule", Name=asking.physical_id, **by)
    if isinstance(answer, Unread):
        return answer
    names = (
        "Arn",
        "Description",
        "GroupName",
        "KmsKeyArn",
        "Name",
        "ScheduleExpression",
        "ScheduleExpressionTimezone",
        "State",
    )
    nested = {name: pruned(answer.get(name)) for name in ("FlexibleTimeWindow", "Target")}
    dates = {name: answer[name].isoformat() for name in ("StartDate", "EndDate") if answer.get(name)}
    return renamed(answer, *names) | renamed(nested, *nested) | dates


@reader("AWS::Scheduler::ScheduleGroup", "scheduler:get_schedule_group", "scheduler:list_tags_for_resource")
def schedule_group(asking: Asking) -> Read:
    """AWS: API_GetScheduleGroup.html."""
    answer = asking.ask("scheduler", "get_schedule_group", Name=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    tags = asking.ask("scheduler", "list_tags_for_resource", ResourceArn=answer["Arn"])
    return {
        **renamed(answer, "Arn", "Name", "State"),
        **from_answer(tags, ("Tags",), lambda found: {"Tags": tag_list(found.get("Tags") or [])}),
    }
