"""Which subnets belong together, and what way out they have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from infra_checks.core.links import links_from
from infra_checks.core.resource import Resource
from infra_checks.diagram.names import distinct, words
from infra_checks.evaluate.values import Known

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from infra_checks.evaluate.view import View

SUBNET: Final = "AWS::EC2::Subnet"
VPC: Final = "AWS::EC2::VPC"
GROUP: Final = "AWS::EC2::SecurityGroup"
_ZONE: Final = re.compile(r"(?<=[a-z])(?:[A-F]|\d)$|\d")
_ROUTES: Final = {"AWS::EC2::InternetGateway": "to the internet", "AWS::EC2::NatGateway": "out through NAT"}
_PEERS: Final = {
    "SecurityGroupEgress": ("DestinationSecurityGroupId", False),
    "SecurityGroupIngress": ("SourceSecurityGroupId", True),
}
"""Rules by their property: what names the other group, and whether that is where the traffic comes from."""
_CLOSED: Final = "no route out"


@dataclass(frozen=True, slots=True)
class Tier:
    """Subnets of the same name but for the zone."""

    id: str
    vpc: str
    label: str
    subnets: frozenset[str]


def tiers_of(resources: Iterable[Resource]) -> list[Tier]:
    """The tiers of all VPCs, by their first subnet."""
    found = list(resources)
    ways = _ways(found)
    groups: dict[tuple[str, str], list[str]] = {}
    for subnet in found:
        if subnet.type == SUBNET:
            target = subnet.target("VpcId")
            vpc = target.logical_id if isinstance(target, Resource) else ""
            groups.setdefault((vpc, _stem(subnet.logical_id)), []).append(subnet.logical_id)
    _, labels = distinct([words(stem) for _, stem in groups])
    return [
        Tier(f"{vpc}_{stem}", vpc, f"{label} x{len(names)} · {_said(ways, names)}", frozenset(names))
        for label, ((vpc, stem), names) in zip(labels, groups.items(), strict=True)
    ]


def _stem(name: str) -> str:
    bare = re.sub(r"[0-9A-F]{8}$", "", name)
    return _ZONE.sub("", re.sub(r"Subnet$", "", bare) if bare.count("ubnet") > 1 else bare)


def _said(ways: dict[str, set[str]], subnets: list[str]) -> str:
    told = set().union(*(ways.get(name, set()) for name in subnets))
    return next((word for word in _ROUTES.values() if word in told), _CLOSED)


def _ways(resources: list[Resource]) -> dict[str, set[str]]:
    """By subnet the ways out: the targets of routes in the route tables it is associated with."""
    by_table: dict[str, set[str]] = {}
    tables: dict[str, str] = {}
    for one in resources:
        if one.type == "AWS::EC2::Route":
            table = one.target("RouteTableId")
            said = {_ROUTES[link.target.type] for link in links_from(one) if link.target.type in _ROUTES}
            # A DependsOn is no route: the gateway has to be in a property.
            said &= {
                _ROUTES[target.type]
                for name in ("GatewayId", "NatGatewayId")
                if isinstance(target := one.target(name), Resource) and target.type in _ROUTES
            }
            if isinstance(table, Resource):
                by_table.setdefault(table.logical_id, set()).update(said)
        elif one.type == "AWS::EC2::SubnetRouteTableAssociation":
            subnet, table = one.target("SubnetId"), one.target("RouteTableId")
            if isinstance(subnet, Resource) and isinstance(table, Resource):
                tables[subnet.logical_id] = table.logical_id
    return {subnet: by_table.get(table, set()) for subnet, table in tables.items()}


def openings(resources: Iterable[Resource]) -> Iterator[tuple[str, str, str]]:
    """Which security group may reach which, and by which port, as the rules of either say."""
    for one in resources:
        for name, (peer, is_inbound) in _PEERS.items():
            for group, rule in _rules(one, name):
                other = one.stack.target_of(rule.value(peer))
                if isinstance(group, Resource) and isinstance(other, Resource):
                    start, end = (other, group) if is_inbound else (group, other)
                    port = rule.value("ToPort")
                    yield start.logical_id, end.logical_id, f"port {port.value}" if isinstance(port, Known) else ""


def _rules(one: Resource, name: str) -> Iterator[tuple[object, View]]:
    """Rules by themselves and in their group, with what they are a rule of."""
    if one.type == f"AWS::EC2::{name}":
        yield one.target("GroupId"), one
    elif one.type == GROUP:
        listed = one.items(name)
        if isinstance(listed, Known):
            yield from ((one, rule) for rule in listed.value)
