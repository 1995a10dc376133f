"""Rules on where the routes of a VPC lead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Unknown, rule
from infra_checks.core.table import is_set
from infra_checks.evaluate.view import EACH, as_text
from infra_checks.rules.gateway_routes import ROUTE, is_default, is_internet_gateway
from infra_checks.rules.predicates import any_of, text_is
from infra_checks.rules.zones import differ, several_zones, zone_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.evaluate.values import Value
    from infra_checks.rules.zones import Zone

_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_GUIDE: Final = "https://docs.aws.amazon.com/vpc/latest/userguide/"


@rule(
    ROUTE,
    id="no-unrestricted-route-to-igw",
    title="No route leads everything to an internet gateway",
    family=Family.NETWORK,
    severity=Severity.LOW,
    remedy="Route through a NAT gateway, or narrow `DestinationCidrBlock`; waive it for the tables of public subnets.",
    source=_CONFIG + "no-unrestricted-route-to-igw.html",
    equivalents=("NO_UNRESTRICTED_ROUTE_TO_IGW", "VPCNoUnrestrictedRouteToIGW"),
)
def internet_route(route: Resource, ctx: Context) -> Iterator[Verdict]:
    """What has such a route and a public address is on the internet. Load balancers and NAT gateways need it (AWS:
    "Example: VPC with servers in private subnets and NAT"), databases and applications do not. A table is left out
    that is for subnets only in which a NAT gateway or an internet-facing load balancer of the stack stands.
    """
    gateway = route.value("GatewayId")
    internet = is_internet_gateway(route)
    default = is_default(route) if internet is not False else False
    if default is False:
        return
    if _is_for_gateways(route):
        return
    if internet and default:
        yield ctx.violation(gateway, "leads everything to an internet gateway")
    else:
        yield ctx.undecided(gateway, "whether it leads everything to an internet gateway is known only at deployment")


def _is_for_gateways(route: Resource) -> bool:
    """Whether the route's table is that of subnets which need it; false where that cannot be told."""
    table = route.target("RouteTableId")
    stack = route.stack
    subnets = [
        each.target("SubnetId")
        for each in stack.of_type("AWS::EC2::SubnetRouteTableAssociation")
        if isinstance(table, Resource) and each.target("RouteTableId") == table
    ]
    needing = [gateway.target("SubnetId") for gateway in stack.of_type("AWS::EC2::NatGateway")]
    for balancer in stack.of_type("AWS::ElasticLoadBalancingV2::LoadBalancer"):
        scheme = balancer.text("Scheme")
        if isinstance(scheme, Absent) or text_is(scheme, "internet-facing"):  # AWS: the default
            needing += [stack.target_of(value) for value in balancer.values("Subnets", EACH)]
    return bool(subnets) and all(isinstance(subnet, Resource) and subnet in needing for subnet in subnets)


@rule(
    ROUTE,
    id="vpc-peering-route-limited",
    title="Routes to peered VPCs are for their addresses only",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    remedy="Set `DestinationCidrBlock` to the addresses in the other VPC that are needed.",
    source="https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-routing.html",
    equivalents=("vpc_peering_routing_tables_with_least_privilege",),
)
def peering_route(route: Resource, ctx: Context) -> Iterator[Verdict]:
    """A default route into a peered VPC sends it everything that has no better route. AWS: traffic cannot pass through
    a peered VPC to the internet, so that such a route serves no purpose.
    """
    peering = route.value("VpcPeeringConnectionId")
    if isinstance(peering, Absent):
        return
    default, used = is_default(route), is_set(peering, ctx)
    if default is False or used is False:
        return
    if default and used:
        yield ctx.violation(peering, "leads everything to a peered VPC")
    else:
        yield ctx.undecided(peering, "whether it leads everything to a peered VPC is known only at deployment")


@rule(
    ROUTE,
    id="nat-gateway-per-availability-zone",
    title="Subnets use a NAT gateway in their own Availability Zone",
    family=Family.MULTI_AZ,
    severity=Severity.MEDIUM,
    remedy="Give each zone a NAT gateway and a route table of its own, or set `AvailabilityMode: regional`.",
    source=_GUIDE + "nat-gateway-basics.html",
)
def nat_zone(route: Resource, ctx: Context) -> Iterator[Verdict]:
    """When the zone of a shared NAT gateway fails, the subnets of the other zones lose the internet with it. AWS: a NAT
    gateway lives in one zone, and advises one for each; a regional one spans all of them.
    """
    value = route.value("NatGatewayId")
    if isinstance(value, Absent):
        return
    subnets = list(_subnets_of(route))
    if not subnets:
        return
    gateway = route.target("NatGatewayId")
    regional = text_is(gateway.text("AvailabilityMode"), "regional") if isinstance(gateway, Resource) else None
    if regional:
        return
    own = _zone_named(gateway, gateway.value("SubnetId")) if isinstance(gateway, Resource) else None
    elsewhere = any_of(several_zones(subnets), *(differ(own, zone) for zone in subnets))
    if elsewhere is False:
        return
    if elsewhere and regional is False:
        yield ctx.violation(value, "sends the traffic of subnets to a NAT gateway in another Availability Zone")
    else:
        yield ctx.undecided(value, "whether the NAT gateway is in the zone of the subnets that use it cannot be told")


def _subnets_of(route: Resource) -> Iterator[Zone | None]:
    """The zones of the subnets that a route's table is for."""
    table = route.target("RouteTableId")
    if not isinstance(table, Resource):
        return
    for association in table.referrers("AWS::EC2::SubnetRouteTableAssociation"):
        if association.target("RouteTableId") == table:
            yield _zone_named(association, association.value("SubnetId"))


def _zone_named(resource: Resource, subnet: Value[object]) -> Zone | None:
    """The zone of the subnet that a value names."""
    text = as_text(subnet)
    symbol = text.symbol if isinstance(text, Unknown) else None
    return zone_of(resource, symbol) if symbol is not None else None
