"""Rules on how many Availability Zones a resource's subnets lie in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Rule, rule
from infra_checks.evaluate.values import Absent, Known, Symbol, Unknown, Value
from infra_checks.evaluate.view import EACH, as_text
from infra_checks.rules.zones import Identity, declared_subnet, several_zones, zone_at, zone_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict


def _members(values: Iterable[Value[object]]) -> set[Identity] | Unknown:
    """What the elements of a list name, each once; Unknown when one may stand for several, or for none."""
    found: set[Identity] = set()
    for value in values:
        match as_text(value):
            case Known(text):
                found.update(part.strip() for part in text.split(",") if part.strip())
            case Unknown() as unknown:
                identity = unknown.symbol
                if identity is None or (identity.kind == "call" and not str(identity).startswith("Fn::Select")):
                    return unknown
                found.add(identity)
            case Absent():
                continue
    return found


def _is_one(resource: Resource, identity: Identity) -> bool:
    """Whether a single element is surely a single subnet: a parameter or an import may hold a list."""
    if isinstance(identity, str):
        return True
    parameter = resource.evaluator.stack.template.parameters.get(str(identity))
    if identity.kind == "parameter":
        return parameter is not None and parameter.type.startswith("AWS::EC2::")
    return identity.kind == "call" or declared_subnet(resource, identity) is not None


def _judge(resource: Resource, ctx: Context, path: tuple[str, ...], zones: tuple[str, ...]) -> Iterator[Verdict]:
    """Verdicts on the subnets at a path, or on the zones listed in one of the properties `zones`."""
    place = resource.value(*path[: path.index(EACH)] if EACH in path else path)
    if isinstance(place, Absent) and zones:
        names = (name for name in zones if not isinstance(resource.value(name), Absent))
        yield from _judge_listed(resource, ctx, next(names, zones[0]))
        return
    members = place if isinstance(place, Unknown) else _members(_flat(resource.values(*path)))
    if isinstance(members, Unknown):
        yield ctx.undecided(place, f"in how many Availability Zones its subnets lie cannot be told: {members.reason}")
        return
    if isinstance(place, Absent) or not members:
        return
    several = several_zones(zone_of(resource, member) for member in sorted(members, key=str))
    if len(members) == 1:
        several = False if _is_one(resource, next(iter(members))) else None
    if several is False:
        yield ctx.violation(place, "has all its subnets in one Availability Zone")
    elif several is None:
        yield ctx.undecided(
            place, "whether its subnets lie in different Availability Zones is known only at deployment"
        )


def _flat(values: Iterable[Value[object]]) -> Iterator[Value[object]]:
    """The elements of lists among the values."""
    for value in values:
        if isinstance(value, Known) and isinstance(value.value, tuple):
            for view in value.value:
                yield view.value()
        else:
            yield value


def _judge_listed(resource: Resource, ctx: Context, name: str) -> Iterator[Verdict]:
    """Verdicts on a list of zones; all zones of a region are several."""
    place = resource.value(name)
    match place:
        case Unknown(parts=(Symbol(kind="zones"),)):
            return
        case Unknown():
            yield ctx.undecided(place, f"in how many Availability Zones it is cannot be told: {place.reason}")
        case Absent():
            yield ctx.undecided(place, "names neither subnets nor Availability Zones")
        case Known():
            several = several_zones(zone_at(resource, name, value) for value in _flat((place,)))
            if several is False:
                yield ctx.violation(place, "is in one Availability Zone only")
            elif several is None:
                yield ctx.undecided(place, "whether its Availability Zones are different is known only at deployment")


def _placed(  # noqa: PLR0913 - a row of a table, all by keyword
    kind: str,
    *,
    id: str,
    title: str,
    severity: Severity,
    paths: tuple[tuple[str, ...], ...],
    rationale: str,
    source: str,
    remedy: str,
    zones: tuple[str, ...] = (),
    equivalents: tuple[str, ...] = (),
) -> Rule:
    """A rule that the subnets of a type, at the first of the paths that is given, lie in several zones."""

    def judge(resource: Resource, ctx: Context) -> Iterator[Verdict]:
        given = (path for path in paths if not isinstance(resource.value(path[0]), Absent))
        yield from _judge(resource, ctx, next(given, paths[0]), zones)

    judge.__doc__ = rationale
    return rule(
        kind,
        id=id,
        title=title,
        family=Family.MULTI_AZ,
        severity=severity,
        remedy=remedy,
        source=source,
        equivalents=equivalents,
    )(judge)


_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_TWO: Final = "List subnets of at least two Availability Zones in `{}`."

database = _placed(
    "AWS::RDS::DBSubnetGroup",
    id="rds-subnet-group-multi-az",
    title="A database subnet group spans Availability Zones",
    severity=Severity.HIGH,
    paths=(("SubnetIds", EACH),),
    rationale="""A standby or a reader can only be placed in another zone if the group has a subnet there. AWS asks
    for at least two zones in each group.""",
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html",
    remedy=_TWO.format("SubnetIds"),
)

cache = _placed(
    "AWS::ElastiCache::SubnetGroup",
    id="elasticache-subnet-group-multi-az",
    title="A cache subnet group spans Availability Zones",
    severity=Severity.MEDIUM,
    paths=(("SubnetIds", EACH),),
    rationale="Replicas can only take over from a failed zone if the group has a subnet in another one.",
    source="https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/SubnetGroups.html",
    remedy=_TWO.format("SubnetIds"),
)

balancer = _placed(
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    id="elbv2-multiple-az",
    title="A load balancer is in several Availability Zones",
    severity=Severity.MEDIUM,
    paths=(("Subnets", EACH), ("SubnetMappings", EACH, "SubnetId")),
    rationale="""A load balancer in one zone fails with it. AWS asks for two zones of an Application Load Balancer, but
    not of a Network or Gateway Load Balancer.""",
    source=_CONFIG + "elbv2-multiple-az.html",
    remedy=_TWO.format("Subnets"),
    equivalents=("elbv2_is_in_multiple_az",),
)

classic_balancer = _placed(
    "AWS::ElasticLoadBalancing::LoadBalancer",
    id="clb-multiple-az",
    title="A Classic Load Balancer is in several Availability Zones",
    severity=Severity.MEDIUM,
    paths=(("Subnets", EACH),),
    zones=("AvailabilityZones",),
    rationale="A load balancer in one zone fails with it.",
    source=_CONFIG + "clb-multiple-az.html",
    remedy=_TWO.format("Subnets"),
    equivalents=("elb_is_in_multiple_az",),
)

group = _placed(
    "AWS::AutoScaling::AutoScalingGroup",
    id="autoscaling-multiple-az",
    title="An Auto Scaling group is in several Availability Zones",
    severity=Severity.MEDIUM,
    paths=(("VPCZoneIdentifier", EACH),),
    zones=("AvailabilityZones", "AvailabilityZoneIds"),
    rationale="""A group in several zones replaces the instances of a zone that fails. `AvailabilityZones: !GetAZs ""`
    is all zones of the region.""",
    source=_CONFIG + "autoscaling-multiple-az.html",
    remedy=_TWO.format("VPCZoneIdentifier"),
    equivalents=("autoscaling_group_multiple_az",),
)

function = _placed(
    "AWS::Lambda::Function",
    id="lambda-vpc-multi-az-check",
    title="A function in a VPC can run in several Availability Zones",
    severity=Severity.MEDIUM,
    paths=(("VpcConfig", "SubnetIds", EACH),),
    rationale="""A function in the subnets of one zone cannot run while that zone fails. A function outside a VPC runs
    in all zones of the region.""",
    source=_CONFIG + "lambda-vpc-multi-az-check.html",
    remedy=_TWO.format("VpcConfig.SubnetIds"),
    equivalents=("awslambda_function_vpc_multi_az",),
)

service = _placed(
    "AWS::ECS::Service",
    id="ecs-service-multi-az",
    title="A service's tasks can run in several Availability Zones",
    severity=Severity.MEDIUM,
    paths=(("NetworkConfiguration", "AwsvpcConfiguration", "Subnets", EACH),),
    rationale="""ECS spreads the tasks of a service over the zones of its subnets; with one zone there is nothing to
    spread over.""",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html",
    remedy=_TWO.format("NetworkConfiguration.AwsvpcConfiguration.Subnets"),
)

endpoint = _placed(
    "AWS::EC2::VPCEndpoint",
    id="vpc-endpoint-multi-az",
    title="An interface endpoint is in several Availability Zones",
    severity=Severity.LOW,
    paths=(("SubnetIds", EACH),),
    rationale="""An interface endpoint has one network interface in each of its subnets; with one, the service behind it
    cannot be reached while that zone fails. Gateway endpoints have no subnets.""",
    source="https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html",
    remedy=_TWO.format("SubnetIds"),
    equivalents=("vpc_endpoint_multi_az_enabled",),
)

firewall = _placed(
    "AWS::NetworkFirewall::Firewall",
    id="netfw-multi-az-enabled",
    title="A network firewall is in several Availability Zones",
    severity=Severity.MEDIUM,
    paths=(("SubnetMappings", EACH, "SubnetId"),),
    rationale="""A firewall filters in the zones in which it has an endpoint; with one, traffic stops with that zone. A
    firewall attached to a transit gateway has no subnets.""",
    source=_CONFIG + "netfw-multi-az-enabled.html",
    remedy=_TWO.format("SubnetMappings"),
)
