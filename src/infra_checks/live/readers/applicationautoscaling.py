"""AWS::ApplicationAutoScaling, by the Application Auto Scaling API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, from_answer, only, renamed, stated, tags_of_map
from infra_checks.live.shaping import declared_text, written

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_SERVICE: Final = "application-autoscaling"
_NAMES: Final = ("ResourceId", "ScalableDimension", "ServiceNamespace")


@reader(
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "application-autoscaling:describe_scalable_targets",
    "application-autoscaling:describe_scheduled_actions",
    "application-autoscaling:list_tags_for_resource",
)
def scalable_target(asking: Asking) -> Read:
    """AWS: API_ScalableTarget.html; the physical id is `resource|dimension|namespace`."""
    resource, _, rest = asking.physical_id.partition("|")
    dimension, _, namespace = rest.partition("|")
    if not namespace:
        return Unread(f"{asking.physical_id} is not of the form resource|dimension|namespace")
    by: dict[str, Any] = {"ServiceNamespace": namespace, "ScalableDimension": dimension}
    targets = asking.pages(_SERVICE, "describe_scalable_targets", "ScalableTargets", ResourceIds=[resource], **by)
    found: Any = only(targets, asking.physical_id)
    if isinstance(found, Unread):
        return found
    actions = asking.pages(_SERVICE, "describe_scheduled_actions", "ScheduledActions", ResourceId=resource, **by)
    return {
        **renamed(found, "MaxCapacity", "MinCapacity", "RoleARN", "SuspendedState", *_NAMES),
        **from_answer(actions, ("ScheduledActions",), lambda got: {"ScheduledActions": list(map(_action, got))}),
        **_tags(asking, found.get("ScalableTargetARN")),
    }


def _tags(asking: Asking, arn: str | None) -> Properties:
    if not arn:
        return {"Tags": Unread("Application Auto Scaling tells no ARN of the target")}
    answer = asking.ask(_SERVICE, "list_tags_for_resource", ResourceARN=arn)
    return from_answer(answer, ("Tags",), lambda got: {"Tags": tags_of_map(got.get("Tags") or {})})


def _action(found: Answer) -> Properties:
    return {
        **renamed(found, "ScalableTargetAction", "Schedule", "ScheduledActionName", "Timezone"),
        **stated(**{name: written(found.get(name)) for name in ("EndTime", "StartTime")}),
    }


@reader("AWS::ApplicationAutoScaling::ScalingPolicy", "application-autoscaling:describe_scaling_policies")
def scaling_policy(asking: Asking) -> Read:
    """AWS: API_ScalingPolicy.html; the physical id is its ARN, in which `resource/` is followed by the namespace."""
    _, _, rest = asking.physical_id.partition(":resource/")
    namespace = declared_text(asking, "ServiceNamespace") or rest.partition("/")[0]
    policies = asking.pages(_SERVICE, "describe_scaling_policies", "ScalingPolicies", ServiceNamespace=namespace)
    if isinstance(policies, Unread):
        return policies
    found = next((each for each in policies if each["PolicyARN"] == asking.physical_id), None)
    if found is None:
        return Unread(f"{asking.physical_id} was not found (deleted meanwhile?)")
    same = (
        "PolicyName",
        "PolicyType",
        "PredictiveScalingPolicyConfiguration",
        "StepScalingPolicyConfiguration",
        "TargetTrackingScalingPolicyConfiguration",
    )
    target = "|".join(found[name] for name in _NAMES)  # What Ref of the target is.
    return {**renamed(found, *same, *_NAMES, Arn="PolicyARN"), **stated(ScalingTargetId=target)}
