"""A rule on what virtual private gateways are connected with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule
from infra_checks.evaluate.values import Unknown
from infra_checks.evaluate.view import EACH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

CONNECTIONS: Final = {
    "AWS::DirectConnect::DirectConnectGatewayAssociation": "AssociatedGatewayId",
    "AWS::DirectConnect::PrivateVirtualInterface": "VirtualGatewayId",
    "AWS::EC2::VPNConnection": "VpnGatewayId",
}
"""What ends at a gateway, and the property that names it."""


@rule(
    "AWS::EC2::VPNGateway",
    id="vpn-gateway-has-connection",
    title="Virtual private gateway has a connection",
    family=Family.DEPLOYABILITY,
    severity=Severity.MEDIUM,
    remedy="Add an AWS::EC2::VPNConnection with `VpnGatewayId: !Ref` this gateway and an AWS::EC2::CustomerGateway.",
    source="https://docs.aws.amazon.com/vpn/latest/s2svpn/how_it_works.html",
)
def connected(gateway: Resource, ctx: Context) -> Iterator[Verdict]:
    """A virtual private gateway is only the VPC's end of a VPN or of AWS Direct Connect. Without the other end nothing
    comes through it, though the routes are there and everything was created without an error. A gateway whose id the
    stack puts out or hands to a nested stack may get its connection there.
    """
    ends = [
        connection.target(CONNECTIONS[connection.type])
        for kind in CONNECTIONS
        for connection in gateway.stack.of_type(kind)
    ]
    if gateway in ends:
        return
    if any(isinstance(end, Unknown) for end in ends) or gateway.stack.unexpanded or _is_handed_on(gateway):
        yield ctx.undecided(gateway, "whether a connection ends at it is known only at deployment")
    else:
        yield ctx.violation(gateway, "has no connection, so nothing comes through it")


def _is_handed_on(gateway: Resource) -> bool:
    outputs = gateway.stack.template().values("Outputs", EACH, "Value")
    nested = gateway.referrers("AWS::CloudFormation::Stack")
    return any(gateway.stack.target_of(value) == gateway for value in outputs) or next(nested, None) is not None
