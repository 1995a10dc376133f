"""Rules on Auto Scaling groups and what they launch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import given, is_filled, is_set, is_true, property_rule, stated
from infra_checks.rules.predicates import any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision

GROUP: Final = "AWS::AutoScaling::AutoScalingGroup"
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_GUIDE: Final = "https://docs.aws.amazon.com/autoscaling/ec2/userguide/"


@rule(
    GROUP,
    id="autoscaling-group-elb-healthcheck-required",
    title="Group behind a load balancer replaces what the load balancer finds unhealthy",
    family=Family.MULTI_AZ,
    severity=Severity.MEDIUM,
    remedy="Set `HealthCheckType: ELB` and `HealthCheckGracePeriod`.",
    source=_CONFIG + "autoscaling-group-elb-healthcheck-required.html",
    equivalents=(
        "AUTOSCALING_GROUP_ELB_HEALTHCHECK_REQUIRED",
        "AutoScalingGroupELBHealthCheckRequired",
        "AwsSolutions-AS2",
        "autoscaling_group_elb_health_check_enabled",
    ),
)
def elb_health_check(group: Resource, ctx: Context) -> Iterator[Verdict]:
    """AWS checks by default only that the instance runs; one whose application hangs stays for ever, without requests.
    Groups that no load balancer is attached to are not judged.
    """
    checks = group.text("HealthCheckType")
    if isinstance(checks, Known) and {"ELB", "VPC_LATTICE"} & {part.strip() for part in checks.value.split(",")}:
        return
    attached = any_of(*(given(name)(group) for name in ("TargetGroupARNs", "LoadBalancerNames", "TrafficSources")))
    if attached is False:
        return
    if isinstance(checks, Unknown):
        yield ctx.undecided(checks, f"HealthCheckType cannot be told: {checks.reason}")
    elif attached is None:
        yield ctx.undecided(checks, "whether a load balancer is attached is known only at deployment")
    else:
        yield ctx.violation(checks, "keeps instances that its load balancer finds unhealthy")


def _uses_spot(group: Resource) -> Decision:
    """Whether it may launch Spot Instances; AWS: OnDemandPercentageAboveBaseCapacity is 100 by default."""
    share = group.number("MixedInstancesPolicy", "InstancesDistribution", "OnDemandPercentageAboveBaseCapacity")
    match share:
        case Known(percentage):
            return percentage < 100  # noqa: PLR2004 - all of it
        case Unknown():
            return None
        case Absent():
            return False


@rule(
    GROUP,
    id="autoscaling-capacity-rebalancing",
    title="Group replaces Spot Instances before they are taken away",
    family=Family.MULTI_AZ,
    severity=Severity.LOW,
    remedy="Set `CapacityRebalance: true`.",
    source=_CONFIG + "autoscaling-capacity-rebalancing.html",
    equivalents=("autoscaling_group_capacity_rebalance_enabled",),
)
def capacity_rebalance(group: Resource, ctx: Context) -> Iterator[Verdict]:
    """With capacity rebalancing a group launches a replacement when AWS says that a Spot Instance is at risk, not after
    it is gone. Off by default; it does nothing for groups without Spot Instances, which are not judged.
    """
    value = group.value("CapacityRebalance")
    kept = is_true(value, ctx)
    spot = _uses_spot(group) if not kept else False
    if spot is False:
        return
    if kept is None or spot is None:
        yield ctx.undecided(value, "whether it uses and rebalances Spot Instances is known only at deployment")
    else:
        yield ctx.violation(value, "replaces Spot Instances only after they are taken away")


@rule(
    GROUP,
    id="autoscaling-multiple-instance-types",
    title="Group can launch several instance types",
    family=Family.MULTI_AZ,
    severity=Severity.LOW,
    remedy="Use `MixedInstancesPolicy` with two or more `LaunchTemplate.Overrides`, or `InstanceRequirements`.",
    source=_CONFIG + "autoscaling-multiple-instance-types.html",
    equivalents=("autoscaling_group_multiple_instance_types",),
)
def instance_types(group: Resource, ctx: Context) -> Iterator[Verdict]:
    """When a zone has no more capacity of a type, as happens when another zone fails, a group of one type cannot grow.
    Overrides with InstanceRequirements stand for all the types that meet them.
    """
    overrides = group.listed("MixedInstancesPolicy", "LaunchTemplate", "Overrides")
    match overrides:
        case Unknown():
            yield ctx.undecided(overrides, f"which types it launches cannot be told: {overrides.reason}")
        case Absent():
            yield ctx.violation(overrides, "launches instances of one type only")
        case Known(views):
            types = [stated(view.text("InstanceType")) for view in views]
            known = {one.value for one in types if isinstance(one, Known)}
            open_types = [one for one in types if isinstance(one, Unknown)]
            listed = any(is_filled(view.value("InstanceRequirements")) is not False for view in views)
            if listed or len(known) > 1:
                return
            if open_types and len(types) > 1:
                yield ctx.undecided(open_types[0], "whether it launches two different types is known at deployment")
            else:
                yield ctx.violation(overrides, "launches instances of one type only")


@rule(
    GROUP,
    id="autoscaling-launch-template",
    title="Group launches from a launch template",
    family=Family.DEPLOYABILITY,
    severity=Severity.LOW,
    remedy="Replace `LaunchConfigurationName` by `LaunchTemplate: {LaunchTemplateId: ..., Version: ...}`.",
    source=_CONFIG + "autoscaling-launch-template.html",
)
def launch_template(group: Resource, ctx: Context) -> Iterator[Verdict]:
    """AWS adds no new instance types and features to launch configurations, and accounts made since October 2024 cannot
    create them at all.
    """
    name = group.value("LaunchConfigurationName")
    used = is_set(name, ctx)
    if used is None:
        yield ctx.undecided(name, "whether it uses a launch configuration is known only at deployment")
    elif used:
        yield ctx.violation(name, "launches from a launch configuration")


cooldown = property_rule(
    GROUP,
    id="autoscaling-group-cooldown-stated",
    title="Group states how long it waits between scalings",
    family=Family.DEPLOYABILITY,
    severity=Severity.LOW,
    path=("Cooldown",),
    holds=is_set,
    message="does not say how long it waits after a simple scaling (AWS: 300 seconds)",
    rationale="""A group that scales again before the first scaling shows its effect overshoots. The default cooldown of
    300 seconds suits few applications; it counts for simple scaling policies only.""",
    remedy="Set `Cooldown` to the number of seconds that new instances take to share the load.",
    source=_GUIDE + "ec2-auto-scaling-scaling-cooldowns.html",
    equivalents=("AwsSolutions-AS1",),
)
