"""AWS::Events and AWS::Scheduler."""

from __future__ import annotations

from typing import Any, Final

from infra_checks.sandbox.making import Kind, Made, Making
from infra_checks.sandbox.rows import retag, row
from infra_checks.sandbox.shapes import as_text

_RULE: Final = ("Description", "EventPattern", "RoleArn", "ScheduleExpression", "State", "EventBusName")


def _bus(making: Making) -> dict[str, Any]:
    bus = making.get("EventBusName")
    return {"EventBusName": bus} if bus else {}


def _make_rule(making: Making) -> Made:
    name = making.name("Name", limit=64)
    tags: dict[str, Any] = {"Tags": making.tags()} if making.tags() else {}
    arn = making.send("events", "put_rule", only=_RULE, Name=name, **tags)["RuleArn"]
    return Made("AWS::Events::Rule", name, {"Arn": arn})


def _configure_rule(making: Making, made: Made) -> None:
    client = making.api("events")
    if making.before is not None and making.changed(*_RULE):
        making.send("events", "put_rule", only=_RULE, Name=made.ref)
    if making.changed("Targets"):
        wanted = making.get("Targets") or []
        before = {each["Id"] for each in (making.before or {}).get("Targets") or []}
        gone = before - {each["Id"] for each in wanted}
        if gone:
            client.remove_targets(Rule=made.ref, Ids=sorted(gone), **_bus(making))
        if wanted:
            answer = making.send("events", "put_targets", only=("Targets",), Rule=made.ref, **_bus(making))
            making.check_none_failed(answer)
    if making.before is not None and making.changed("Tags"):
        retag(making, "events", made.arn)


def _delete_rule(making: Making, made: Made) -> None:
    ids = [each["Id"] for each in making.get("Targets") or []]
    if ids:
        making.remove("events", "remove_targets", Rule=made.ref, Ids=ids, **_bus(making))
    making.api("events").delete_rule(Name=made.ref, **_bus(making))


def _make_schedule(making: Making) -> Made:
    name = making.name("Name", limit=64)
    arn = making.send("scheduler", "create_schedule", Name=name)["ScheduleArn"]
    return Made("AWS::Scheduler::Schedule", name, {"Arn": arn})


def _group(making: Making) -> dict[str, str]:
    group = making.get("GroupName")
    return {"GroupName": as_text(group)} if group else {}


def _configure_schedule(making: Making, made: Made) -> None:
    if making.before is not None:
        making.send("scheduler", "update_schedule", Name=made.ref)


def _delete_schedule(making: Making, made: Made) -> None:
    making.api("scheduler").delete_schedule(Name=made.ref, **_group(making))


KINDS: Final = (
    Kind("AWS::Events::Rule", _make_rule, _delete_rule, _configure_rule, frozenset({"Name", "EventBusName"})),
    Kind(
        "AWS::Scheduler::Schedule",
        _make_schedule,
        _delete_schedule,
        _configure_schedule,
        frozenset({"Name"}),
        None,
    ),
    row(
        "AWS::Events::EventBus",
        "events",
        "create_event_bus",
        ref="{p[Name]}",
        attributes={"Arn": "EventBusArn", "Name": "{ref}"},
        delete="delete_event_bus",
        delete_by={"Name": "{ref}"},
        create_only=["Name"],
    ),
    row(
        "AWS::Scheduler::ScheduleGroup",
        "scheduler",
        "create_schedule_group",
        name=("Name", "Name", 64),
        ref="{p[Name]}",
        attributes={"Arn": "ScheduleGroupArn"},
        delete="delete_schedule_group",
        delete_by={"Name": "{ref}"},
        create_only=["Name"],
    ),
)
