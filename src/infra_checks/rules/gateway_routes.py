"""Which routes lead everything to an internet gateway, and which subnets have such a route."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Known, Unknown
from infra_checks.rules.openings import is_world
from infra_checks.rules.predicates import all_of, any_of

if TYPE_CHECKING:
    from infra_checks.core.table import Decision

ROUTE: Final = "AWS::EC2::Route"
SUBNET: Final = "AWS::EC2::Subnet"
TABLE: Final = "AWS::EC2::RouteTable"
ASSOCIATION: Final = "AWS::EC2::SubnetRouteTableAssociation"


def is_default(route: Resource) -> Decision:
    """Whether a route is for all addresses."""
    return any_of(*(is_world(route.value(name)) for name in ("DestinationCidrBlock", "DestinationIpv6CidrBlock")))


def is_internet_gateway(route: Resource) -> Decision:
    """AWS: GatewayId is an internet gateway, a virtual private gateway, or local."""
    gateway = route.target("GatewayId")
    match gateway:
        case Resource():
            return gateway.type == "AWS::EC2::InternetGateway"
        case Absent():
            return False
        case Unknown():
            return None
        case None:
            text = route.text("GatewayId")
            return isinstance(text, Known) and text.value.startswith("igw-")


def reaches_internet(subnet: Resource) -> Decision:
    """Whether a subnet of the stack has a route for all addresses to an internet gateway.

    A subnet without a table of its own has the main one of its VPC. A VPC that the stack makes has a main table with
    local routes only, which no template can reach.
    AWS: https://docs.aws.amazon.com/vpc/latest/userguide/RouteTables.html.
    """
    stack = subnet.stack
    associations = [(each, each.target("SubnetId")) for each in stack.of_type(ASSOCIATION)]
    own = [each for each, target in associations if target == subnet]
    if own:
        return any_of(*(_leads_out(each.target("RouteTableId")) for each in own))
    if stack.unexpanded or any(isinstance(target, Unknown) for _, target in associations):
        return None
    network = subnet.target("VpcId")
    return False if isinstance(network, Resource) and network.type == "AWS::EC2::VPC" else None


def _leads_out(table: Resource | Unknown | Absent | None) -> Decision:
    if not isinstance(table, Resource) or table.type != TABLE:
        return None
    routes = [(route, route.target("RouteTableId")) for route in table.stack.of_type(ROUTE)]
    known = [all_of((is_default(route), is_internet_gateway(route))) for route, target in routes if target == table]
    unsure = None if table.stack.unexpanded else False
    return any_of(unsure, *known)
