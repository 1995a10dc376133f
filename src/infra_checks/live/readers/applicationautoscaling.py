"""AWS::ApplicationAutoScaling, by the Application Auto Scaling API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import only, pruned, renamed, stated

if TYPE_CHECKING:
    from infra_checks.live.reading import Asking, Read


@reader(
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "application-autoscaling:describe_scalable_targets",
    "application-autoscaling:describe_scheduled_actions",
    unreturned=("Tags",),
)
def scalable_target(asking: Asking) -> Read:
    """AWS: API_DescribeScalableTargets.html; the physical id is `resource|dimension|namespace`."""
    resource, dimension, namespace = [*asking.physical_id.split("|"), "", ""][:3]
    if not namespace:
        return Unread(f"{asking.physical_id} is no resource|dimension|namespace")
    found = asking.pages(
        "application-autoscaling",
        "describe_scalable_targets",
        "ScalableTargets",
        ServiceNamespace=namespace,
        ResourceIds=[resource],
        ScalableDimension=dimension,
    )
    target = only(found, f"{asking.physical_id} (deleted meanwhile?)")
    if isinstance(target, Unread):
        return target
    actions = asking.pages(
        "application-autoscaling",
        "describe_scheduled_actions",
        "ScheduledActions",
        ServiceNamespace=namespace,
        ResourceId=resource,
        ScalableDimension=dimension,
    )
    names = ("EndTime", "ScalableTargetAction", "Schedule", "ScheduledActionName", "StartTime", "Timezone")
    scheduled = actions if isinstance(actions, Unread) else [renamed(each, *names) for each in actions]
    return {
        **renamed(
            target,
            "MaxCapacity",
            "MinCapacity",
            "ResourceId",
            "RoleARN",
            "ScalableDimension",
            "ServiceNamespace",
            "SuspendedState",
        ),
        **stated(ScheduledActions=scheduled),
    }


@reader(
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "application-autoscaling:describe_scaling_policies",
    unreturned=("ScalingTargetId",),
)
def scaling_policy(asking: Asking) -> Read:
    """AWS: API_DescribeScalingPolicies.html; the physical id is the policy's ARN."""
    namespace = asking.declared.get("ServiceNamespace") or _namespace_in(asking.physical_id)
    name = asking.physical_id.rpartition("policyName/")[2]
    found = asking.pages(
        "application-autoscaling",
        "describe_scaling_policies",
        "ScalingPolicies",
        ServiceNamespace=namespace,
        PolicyNames=[name],
    )
    entries = found if isinstance(found, Unread) else [e for e in found if e.get("PolicyARN") == asking.physical_id]
    policy = only(entries, f"{asking.physical_id} (deleted meanwhile?)")
    if isinstance(policy, Unread):
        return policy
    nested = ("StepScalingPolicyConfiguration", "TargetTrackingScalingPolicyConfiguration")
    return {
        **renamed(
            policy, "PolicyName", "PolicyType", "ResourceId", "ScalableDimension", "ServiceNamespace", Arn="PolicyARN"
        ),
        **stated(**{each: pruned(policy.get(each)) for each in nested}),
    }


def _namespace_in(arn: str) -> str:
    """`arn:…:scalingPolicy:<id>:resource/<namespace>/<resource>:policyName/<name>`."""
    return arn.partition(":resource/")[2].partition("/")[0]
