"""AWS::AutoScaling, by the Amazon EC2 Auto Scaling API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra_checks.live.reading import Plain, Unread, reader
from infra_checks.live.renaming import Properties, only, renamed, stated
from infra_checks.live.shaping import shaped

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_SAME: Final = (
    "AutoScalingGroupARN",
    "AutoScalingGroupName",
    "AvailabilityZoneDistribution",
    "AvailabilityZoneImpairmentPolicy",
    "AvailabilityZones",
    "CapacityRebalance",
    "CapacityReservationSpecification",
    "Context",
    "DefaultInstanceWarmup",
    "DeletionProtection",
    "DesiredCapacityType",
    "HealthCheckGracePeriod",
    "HealthCheckType",
    "InstanceLifecyclePolicy",
    "InstanceMaintenancePolicy",
    "LaunchConfigurationName",
    "LoadBalancerNames",
    "MaxInstanceLifetime",
    "NewInstancesProtectedFromScaleIn",
    "PlacementGroup",
    "ServiceLinkedRoleARN",
    "TargetGroupARNs",
    "TerminationPolicies",
    "TrafficSources",
)
_TEXTS: Final = {
    "Cooldown": "DefaultCooldown",
    "DesiredCapacity": "DesiredCapacity",
    "MaxSize": "MaxSize",
    "MinSize": "MinSize",
}
"""Numbers of the API that are texts of CloudFormation."""
_NOT_ASKED: Final = ("LifecycleHookSpecificationList", "NotificationConfiguration", "NotificationConfigurations")
"""What no rule looks at, and has calls of its own."""


@reader(
    "AWS::AutoScaling::AutoScalingGroup",
    "autoscaling:describe_auto_scaling_groups",
    unreturned=("InstanceId", "SkipZonalShiftValidation"),
)
def auto_scaling_group(asking: Asking) -> Read:
    """AWS: API_AutoScalingGroup.html."""
    name = asking.physical_id
    operation, by = "describe_auto_scaling_groups", {"AutoScalingGroupNames": [name]}
    groups = asking.pages("autoscaling", operation, "AutoScalingGroups", **by)
    found: Any = only(groups, name)
    if isinstance(found, Unread):
        return found
    return {
        **dict.fromkeys(_NOT_ASKED, Unread("the reader of groups does not ask for it")),
        **renamed(found, *_SAME),
        **{key: str(value) for key, value in renamed(found, **_TEXTS).items()},
        **stated(
            LaunchTemplate=_launch_template(found.get("LaunchTemplate") or {}),
            MetricsCollection=_metrics(found.get("EnabledMetrics") or []),
            MixedInstancesPolicy=_mixed(found.get("MixedInstancesPolicy") or {}),
            Tags=_tags(found),
            VPCZoneIdentifier=[each for each in (found.get("VPCZoneIdentifier") or "").split(",") if each],
        ),
    }


def _launch_template(given: Answer) -> Properties:
    """By id: CloudFormation takes either the id or the name."""
    return renamed(given, "LaunchTemplateId", "Version")


def _mixed(given: Answer) -> Plain:
    read = shaped(given)
    template = read.get("LaunchTemplate", {})
    for part in (template, *template.get("Overrides", [])):
        if "LaunchTemplateSpecification" in part:
            part["LaunchTemplateSpecification"] = _launch_template(part["LaunchTemplateSpecification"])
    return read


def _metrics(enabled: list[Answer]) -> list[Properties]:
    by_granularity: dict[str, list[str]] = {}
    for each in enabled:
        by_granularity.setdefault(each["Granularity"], []).append(each["Metric"])
    return [{"Granularity": key, "Metrics": sorted(names)} for key, names in sorted(by_granularity.items())]


def _tags(found: Answer) -> list[Properties]:
    tags = [each for each in found.get("Tags") or [] if not each["Key"].startswith("aws:")]
    names = ("Key", "Value", "PropagateAtLaunch")
    return [{name: each.get(name, "") for name in names} for each in tags]
