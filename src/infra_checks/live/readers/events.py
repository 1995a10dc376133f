"""AWS::Events, by the Amazon EventBridge API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.live.reading import Plain, Unread, reader
from infra_checks.live.renaming import Properties, document, from_answer, renamed, stated, tag_list
from infra_checks.live.shaping import declared_text, shaped

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_MAPS: Final = ("HeaderParameters", "InputPathsMap", "QueryStringParameters")
_RENAMES: Final = {
    "PlacementStrategy": "PlacementStrategies",
    "Tags": "TagList",
    "awsvpcConfiguration": "AwsVpcConfiguration",
}
_DEFAULT: Final = "default"


def _tags(asking: Asking, arn: str) -> Properties:
    answer = asking.ask("events", "list_tags_for_resource", ResourceARN=arn)
    return from_answer(answer, ("Tags",), lambda got: {"Tags": tag_list(got.get("Tags") or [])})


@reader(
    "AWS::Events::Rule",
    "events:describe_rule",
    "events:list_targets_by_rule",
    "events:list_tags_for_resource",
)
def rule(asking: Asking) -> Read:
    """AWS: API_DescribeRule.html and API_Target.html; the physical id is `rule` or `bus|rule`, or an ARN."""
    bus, name = _names(asking)
    found = asking.ask("events", "describe_rule", Name=name, EventBusName=bus)
    if isinstance(found, Unread):
        return found
    targets = asking.pages("events", "list_targets_by_rule", "Targets", Rule=name, EventBusName=bus)
    return {
        **renamed(found, "Arn", "Description", "EventBusName", "Name", "RoleArn", "ScheduleExpression", "State"),
        **stated(EventPattern=document(found["EventPattern"]) if found.get("EventPattern") else None),
        **from_answer(targets, ("Targets",), lambda got: {"Targets": [_target(each) for each in got]}),
        **_tags(asking, found["Arn"]),
    }


def _names(asking: Asking) -> tuple[str, str]:
    id_of_rule = asking.physical_id.partition(":rule/")[2] or asking.physical_id.replace("|", "/")
    bus, _, name = id_of_rule.rpartition("/")
    return bus or declared_text(asking, "EventBusName") or _DEFAULT, name


def _target(given: Answer) -> Plain:
    return shaped(given, _RENAMES, maps=_MAPS)


@reader(
    "AWS::Events::EventBus",
    "events:describe_event_bus",
    "events:list_tags_for_resource",
    unreturned=("EventSourceName",),
)
def event_bus(asking: Asking) -> Read:
    """AWS: API_DescribeEventBus.html."""
    found = asking.ask("events", "describe_event_bus", Name=asking.physical_id)
    if isinstance(found, Unread):
        return found
    same = ("Arn", "DeadLetterConfig", "Description", "KmsKeyIdentifier", "LogConfig", "Name")
    return {
        **renamed(found, *same),
        **stated(Policy=document(found["Policy"]) if found.get("Policy") else None),
        **_tags(asking, found["Arn"]),
    }
