"""A stack of the sandbox is changed as `deploy` changes one: by a change set that is looked at and executed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.integration.systems.system import System


@dataclass(frozen=True)
class Changed:
    """The changes that were announced, by logical id, and the physical ids of all resources afterwards."""

    changes: dict[str, dict[str, Any]]
    physical_ids: dict[str, str]


def change(system: System, **parameters: str) -> Changed:
    """Give parameters other values, and leave the others and the template as they are."""
    cloudformation = system.client("cloudformation")
    named = {"StackName": system.stack["StackId"], "ChangeSetName": f"change-{uuid4().hex}"}
    kept = [{"ParameterKey": name, "UsePreviousValue": True} for name in system.parameters if name not in parameters]
    given = [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]
    cloudformation.create_change_set(
        **named,
        UsePreviousTemplate=True,
        Parameters=[*kept, *given],
        Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    announced = cloudformation.describe_change_set(**named)["Changes"]
    cloudformation.execute_change_set(**named)
    stack = cloudformation.describe_stacks(StackName=named["StackName"])["Stacks"][0]
    assert stack["StackStatus"] == "UPDATE_COMPLETE", _failures(system)
    for remembered in ("stack", "resources"):
        system.__dict__.pop(remembered, None)
    changes = {each["ResourceChange"]["LogicalResourceId"]: each["ResourceChange"] for each in announced}
    return Changed(changes, {name: each["PhysicalResourceId"] for name, each in system.resources.items()})


def _failures(system: System) -> list[str]:
    events = system.client("cloudformation").describe_stack_events(StackName=system.stack["StackId"])["StackEvents"]
    failed = [event for event in events if event["ResourceStatus"].endswith("_FAILED")]
    return [f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}" for event in failed]
