"""Events of EventBridge: rules with a schedule or a pattern, and schedules of EventBridge Scheduler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.template.serverless.event import INVOKE
from infra_checks.template.serverless.making import (
    Content,
    Entry,
    GetAtt,
    Ref,
    entry_of,
    made,
    made_mapping,
    mapping_of,
    text_of,
    unexpanded,
)
from infra_checks.template.serverless.roles import document, only_from, trust

if TYPE_CHECKING:
    from infra_checks.template.serverless.event import Event
    from infra_checks.template.serverless.source import Renames


def add_timed_rule(event: Event) -> None:
    """A rule that goes off at certain times."""
    content = event.some("Name", "Description")
    content |= {"ScheduleExpression": event.get("Schedule"), "State": _state(event)}
    _rule(event, content, {"ScheduleExpression": "Schedule"})


def add_pattern_rule(event: Event) -> None:
    """A rule for events of a pattern."""
    content = event.some("EventBusName", "Description", "State")
    content |= {"EventPattern": event.get("Pattern"), "Name": event.get("RuleName")}
    _rule(event, content, {"EventPattern": "Pattern", "Name": "RuleName"})


def _state(event: Event) -> Content:
    """Whether a schedule is on; by Enabled as well."""
    enabled = event.get("Enabled")
    if enabled is None:
        return event.get("State")
    known = {"true": "ENABLED", "false": "DISABLED"}.get((text_of(enabled) or "").lower())
    if known is None:
        return unexpanded("SAM makes it of Enabled", enabled)
    return Entry(made(known, enabled.key), enabled.key)


def _rule(event: Event, content: dict[str, Content], renamed: dict[str, str]) -> None:
    """A rule of EventBridge with its one target, and what lets it invoke that."""
    name = event.source.logical_id + event.name
    kind = "StepFunctions" if event.target.is_machine else "Lambda"
    named = mapping_of(event.get("Target"))
    target: dict[str, Content] = {
        "Arn": event.target.arn,
        "Id": (entry_of(named, "Id") if named is not None else None) or f"{name}{kind}Target",
        **event.some("Input", "InputPath", "InputTransformer", "RetryPolicy"),
        "DeadLetterConfig": _dead_letters(event, "events.amazonaws.com"),
    }
    if event.target.is_machine:
        target["RoleArn"] = event.get("Role") or starting_role(event, "events.amazonaws.com")
    rule = event.add("AWS::Events::Rule", {**content, "Targets": [target]}, **renamed, Targets="Target")
    for own in ("Input", "InputPath", "InputTransformer", "RetryPolicy", "DeadLetterConfig"):
        event.generated.rename(rule, ("Targets", 0, own), (*event.path, own))
    event.generated.rename(rule, ("Targets", 0), event.path)
    if not event.target.is_machine:
        event.permit("events.amazonaws.com", {"SourceArn": GetAtt(rule, "Arn")})


def _dead_letters(event: Event, service: str) -> Content:
    """Where events go that the target did not take: a queue that is named, or one that SAM makes."""
    given = event.get("DeadLetterConfig")
    config = mapping_of(given)
    if given is None or config is None:
        return None if given is None else unexpanded("DeadLetterConfig is not written as a mapping", given)
    arn: Content = entry_of(config, "Arn")
    kind = entry_of(config, "Type")
    if arn is None and kind is not None and event.generated.text(kind) is None:
        return unexpanded("whether SAM makes a queue is not known", given)
    if arn is None and event.generated.text(kind) == "SQS":
        named = text_of(entry_of(config, "QueueLogicalId"))
        whole: Renames = {(): (*event.path, "DeadLetterConfig")}
        queue = event.generated.add(
            event.source,
            "AWS::SQS::Queue",
            {},
            suffix=f"{event.name}Queue",
            name=named or "",
            wholes=whole,
            place=given.key,
        )
        arn = GetAtt(queue, "Arn")
        rule = GetAtt(event.source.logical_id + event.name, "Arn")
        policy = only_from({"Service": service}, arn, rule)
        document: dict[str, Content] = {"PolicyDocument": policy, "Queues": [Ref(queue)]}
        event.add_whole("AWS::SQS::QueuePolicy", document, "QueuePolicy", "DeadLetterConfig")
    return Entry(made_mapping({"Arn": arn}, given.key), given.key)


def starting_role(event: Event, service: str) -> Content:
    """The role with which a service invokes the target."""
    action, name = (
        ("states:StartExecution", "StartExecutionPolicy") if event.target.is_machine else (INVOKE, "LambdaPolicy")
    )
    content: dict[str, Content] = {
        "AssumeRolePolicyDocument": trust(service),
        "Policies": [{"PolicyName": f"{event.name}{name}", "PolicyDocument": document(action, event.target.arn)}],
        "PermissionsBoundary": event.get("PermissionsBoundary"),
    }
    own = "RoleArn" if event.kind == "ScheduleV2" else "Role"
    role = event.add_whole("AWS::IAM::Role", content, "Role", own)
    event.generated.rename(role, ("PermissionsBoundary",), (*event.path, "PermissionsBoundary"))
    return GetAtt(role, "Arn")


_IN_TARGET: Final = ("DeadLetterConfig", "Input", "RetryPolicy", "RoleArn")


def add_schedule(event: Event) -> None:
    """A schedule of EventBridge Scheduler."""
    content = event.others(*_IN_TARGET, "PermissionsBoundary", "OmitName")
    if event.text("OmitName") in {None, "false"} and content.get("Name") is None:
        content["Name"] = event.source.logical_id + event.name
    content.setdefault("FlexibleTimeWindow", {"Mode": "OFF"})
    content["Target"] = {
        "Arn": event.target.arn,
        "RoleArn": event.get("RoleArn") or starting_role(event, "scheduler.amazonaws.com"),
        **event.some("Input", "RetryPolicy"),
        "DeadLetterConfig": _dead_letters(event, "scheduler.amazonaws.com"),
    }
    name = event.add("AWS::Scheduler::Schedule", content)
    for own in _IN_TARGET:
        event.generated.rename(name, ("Target", own), (*event.path, own))
