"""AWS::AutoScaling."""

from __future__ import annotations

from typing import Any, Final

from infra_checks.sandbox.making import Kind, Made, Making
from infra_checks.sandbox.shapes import as_text


def _tags(making: Making, name: str) -> list[dict[str, Any]]:
    return [
        {
            "Key": tag["Key"],
            "Value": as_text(tag["Value"]),
            "PropagateAtLaunch": as_text(tag.get("PropagateAtLaunch", False)) == "true",
            "ResourceId": name,
            "ResourceType": "auto-scaling-group",
        }
        for tag in making.get("Tags") or []
    ]


def _make_group(making: Making) -> Made:
    name = making.name("AutoScalingGroupName", limit=255)
    given: dict[str, Any] = {"AutoScalingGroupName": name, "Tags": _tags(making, name)}
    if "VPCZoneIdentifier" in making.properties:
        given["VPCZoneIdentifier"] = ",".join(making.get("VPCZoneIdentifier"))
    renames = {"Cooldown": "DefaultCooldown", "LoadBalancerNames": "LoadBalancerNames"}
    making.send("autoscaling", "create_auto_scaling_group", renames=renames, **given)
    arn = making.place.arn("autoscaling", f"autoScalingGroup::autoScalingGroupName/{name}")
    return Made("AWS::AutoScaling::AutoScalingGroup", name, {"AutoScalingGroupARN": arn})


def _configure_group(making: Making, made: Made) -> None:
    if making.before is None:
        return
    changed = [each for each in making.properties if making.properties[each] != making.before.get(each)]
    if making.changed("Tags"):
        making.api("autoscaling").create_or_update_tags(Tags=_tags(making, made.ref))
    wanted = [each for each in changed if each not in {"Tags", "VPCZoneIdentifier"}]
    if wanted:
        renames = {"Cooldown": "DefaultCooldown"}
        by = {"AutoScalingGroupName": made.ref}
        making.send("autoscaling", "update_auto_scaling_group", only=wanted, renames=renames, **by)


def _delete_group(making: Making, made: Made) -> None:
    making.api("autoscaling").delete_auto_scaling_group(AutoScalingGroupName=made.ref, ForceDelete=True)


KINDS: Final = (
    Kind(
        "AWS::AutoScaling::AutoScalingGroup",
        _make_group,
        _delete_group,
        _configure_group,
        frozenset({"AutoScalingGroupName", "InstanceId"}),
        None,
    ),
)
