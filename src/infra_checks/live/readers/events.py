"""AWS::Events, by the Amazon EventBridge API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import document, from_answer, pruned, renamed, stated, tag_list

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read
    from infra_checks.live.renaming import Properties

_DEFAULT_BUS = "default"


@reader("AWS::Events::Rule", "events:describe_rule", "events:list_targets_by_rule", "events:list_tags_for_resource")
def rule(asking: Asking) -> Read:
    """AWS: API_DescribeRule.html, API_ListTargetsByRule.html; the id of a rule of another bus is `bus|rule`."""
    bus, _, name = asking.physical_id.rpartition("|")
    by = {"Name": name, "EventBusName": bus} if bus else {"Name": name}
    answer = asking.ask("events", "describe_rule", **by)
    if isinstance(answer, Unread):
        return answer
    of = {"Rule": name, "EventBusName": bus} if bus else {"Rule": name}
    targets = asking.pages("events", "list_targets_by_rule", "Targets", **of)
    read = renamed(answer, "Arn", "Description", "Name", "RoleArn", "ScheduleExpression", "State")
    if answer.get("EventBusName", _DEFAULT_BUS) != _DEFAULT_BUS:
        read["EventBusName"] = answer["EventBusName"]
    if answer.get("EventPattern"):
        read["EventPattern"] = document(answer["EventPattern"])
    read |= from_answer(targets, ("Targets",), lambda found: {"Targets": pruned(found)})
    return read | _tags(asking, answer["Arn"])


def _tags(asking: Asking, arn: str) -> Properties:
    tags = asking.ask("events", "list_tags_for_resource", ResourceARN=arn)
    return from_answer(tags, ("Tags",), lambda found: {"Tags": tag_list(found.get("Tags") or [])})


@reader("AWS::Events::EventBus", "events:describe_event_bus", "events:list_tags_for_resource")
def event_bus(asking: Asking) -> Read:
    """AWS: API_DescribeEventBus.html."""
    answer = asking.ask("events", "describe_event_bus", Name=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    policy = answer.get("Policy")
    return {
        **renamed(answer, "Arn", "DeadLetterConfig", "Description", "KmsKeyIdentifier", "LogConfig", "Name"),
        **stated(Policy=document(policy) if policy else None),
        **_tags(asking, answer["Arn"]),
    }


@reader("AWS::Events::EventBusPolicy", "events:describe_event_bus")
def event_bus_policy(asking: Asking) -> Read:
    """AWS: API_DescribeEventBus.html; one statement of the bus's policy, found by its id."""
    bus = str(asking.declared.get("EventBusName") or _DEFAULT_BUS)
    answer = asking.ask("events", "describe_event_bus", Name=bus)
    if isinstance(answer, Unread):
        return answer
    wanted = asking.declared.get("StatementId")
    statement = _statement(answer, str(wanted))
    if statement is None:
        return Unread(f"the policy of {bus} has no statement {wanted} (deleted meanwhile?)")
    return {"EventBusName": bus, "StatementId": wanted, "Statement": statement}


def _statement(answer: Answer, identity: str) -> Properties | None:
    policy = document(answer.get("Policy") or "{}")
    listed = policy.get("Statement", []) if isinstance(policy, dict) else []
    return next((each for each in listed if each.get("Sid") == identity), None)
