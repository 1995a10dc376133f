"""AWS::AutoScaling, by the Amazon EC2 Auto Scaling API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import only, pruned, renamed, stated

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Plain, Read

_SAME: Final = (
    "AutoScalingGroupName",
    "AvailabilityZones",
    "CapacityRebalance",
    "Context",
    "DefaultInstanceWarmup",
    "DesiredCapacityType",
    "HealthCheckGracePeriod",
    "HealthCheckType",
    "LaunchConfigurationName",
    "LoadBalancerNames",
    "MaxInstanceLifetime",
    "NewInstancesProtectedFromScaleIn",
    "PlacementGroup",
    "ServiceLinkedRoleARN",
    "TargetGroupARNs",
    "TerminationPolicies",
)
_TEXTS: Final = {"Cooldown": "DefaultCooldown", "DesiredCapacity": "DesiredCapacity", "MaxSize": "MaxSize"}


@reader("AWS::AutoScaling::AutoScalingGroup", "autoscaling:describe_auto_scaling_groups", unreturned=("InstanceId",))
def group(asking: Asking) -> Read:
    """AWS: API_DescribeAutoScalingGroups.html; CloudFormation has sizes as texts."""
    found = asking.pages(
        "autoscaling",
        "describe_auto_scaling_groups",
        "AutoScalingGroups",
        AutoScalingGroupNames=[asking.physical_id],
    )
    one = only(found, f"{asking.physical_id} (deleted meanwhile?)")
    if isinstance(one, Unread):
        return one
    sizes = {**_TEXTS, "MinSize": "MinSize"}
    return {
        **renamed(one, *_SAME),
        **{name: str(one[member]) for name, member in sizes.items() if one.get(member) is not None},
        **stated(
            LaunchTemplate=renamed(
                one.get("LaunchTemplate") or {}, "LaunchTemplateId", "LaunchTemplateName", "Version"
            ),
            MixedInstancesPolicy=pruned(one.get("MixedInstancesPolicy")),
            MetricsCollection=_metrics(one.get("EnabledMetrics") or []),
            Tags=_tags(one.get("Tags") or []),
            VPCZoneIdentifier=[each for each in (one.get("VPCZoneIdentifier") or "").split(",") if each],
        ),
    }


def _metrics(found: list[Answer]) -> list[Plain]:
    by_granularity: dict[str, list[str]] = {}
    for each in found:
        by_granularity.setdefault(each["Granularity"], []).append(each["Metric"])
    return [{"Granularity": key, "Metrics": sorted(value)} for key, value in sorted(by_granularity.items())]


def _tags(found: list[Answer]) -> list[Plain]:
    return [
        {"Key": each["Key"], "Value": each.get("Value", ""), "PropagateAtLaunch": each.get("PropagateAtLaunch", False)}
        for each in found
        if not each["Key"].startswith("aws:")
    ]
