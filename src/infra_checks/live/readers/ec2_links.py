"""Endpoints, flow logs and virtual private networks, by the Amazon EC2 API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra_checks.live.readers.ec2_asked import one, tags
from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, document, renamed, stated
from infra_checks.live.shaping import at, declared_text, declared_texts, shaped

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_WATCHED: Final = {
    "eni": "NetworkInterface",
    "nat": "RegionalNatGateway",
    "subnet": "Subnet",
    "tgw": "TransitGateway",
    "tgw-attach": "TransitGatewayAttachment",
    "vpc": "VPC",
}
"""By the prefix of ids: ResourceType of API_CreateFlowLogs.html."""


@reader("AWS::EC2::VPCEndpoint", "ec2:describe_vpc_endpoints")
def endpoint(asking: Asking) -> Read:
    """AWS: API_VpcEndpoint.html; private DNS names are of interface endpoints."""
    found = one(asking, "describe_vpc_endpoints", "VpcEndpoints", VpcEndpointIds=[asking.physical_id])
    if isinstance(found, Unread):
        return found
    if found.get("VpcEndpointType") == "Gateway":
        found = {name: value for name, value in found.items() if name != "PrivateDnsEnabled"}
    same = (
        "IpAddressType",
        "PrivateDnsEnabled",
        "ResourceConfigurationArn",
        "RouteTableIds",
        "ServiceName",
        "ServiceNetworkArn",
        "ServiceRegion",
        "SubnetIds",
        "VpcEndpointType",
        "VpcId",
    )
    return {
        **renamed(found, *same, Id="VpcEndpointId"),
        **stated(
            DnsOptions=_dns(found.get("DnsOptions") or {}),
            PolicyDocument=document(found["PolicyDocument"]) if found.get("PolicyDocument") else None,
            SecurityGroupIds=[each["GroupId"] for each in found.get("Groups") or []],
        ),
        **tags(found),
    }


def _dns(given: Answer) -> Properties:
    """CloudFormation has texts where the API has a boolean."""
    only_inbound = given.get("PrivateDnsOnlyForInboundResolverEndpoint")
    text = None if only_inbound is None else "OnlyInboundResolver" if only_inbound else "AllResolvers"
    read = renamed(given, "DnsRecordIpType", "PrivateDnsPreference", "PrivateDnsSpecifiedDomains")
    return read | stated(PrivateDnsOnlyForInboundResolverEndpoint=text)


@reader("AWS::EC2::FlowLog", "ec2:describe_flow_logs", unreturned=("TagFieldSpecifications",))
def flow_log(asking: Asking) -> Read:
    """AWS: API_FlowLog.html; the kind of what is watched is told by the form of its id."""
    found = one(asking, "describe_flow_logs", "FlowLogs", FlowLogIds=[asking.physical_id])
    if isinstance(found, Unread):
        return found
    same = (
        "DeliverCrossAccountRole",
        "DeliverLogsPermissionArn",
        "DestinationOptions",
        "LogDestination",
        "LogDestinationType",
        "LogFormat",
        "LogGroupName",
        "MaxAggregationInterval",
        "ResourceId",
        "TrafficType",
    )
    kind = _WATCHED.get(found.get("ResourceId", "").rpartition("-")[0])
    return {
        **renamed(found, *same, Id="FlowLogId"),
        "ResourceType": kind or Unread(f"{found.get('ResourceId')} is of no known kind"),
        **tags(found),
    }


@reader("AWS::EC2::VPNGateway", "ec2:describe_vpn_gateways")
def vpn_gateway(asking: Asking) -> Read:
    """AWS: API_VpnGateway.html."""
    found = one(asking, "describe_vpn_gateways", "VpnGateways", VpnGatewayIds=[asking.physical_id])
    if isinstance(found, Unread):
        return found
    return {**renamed(found, "AmazonSideAsn", "Type", VPNGatewayId="VpnGatewayId"), **tags(found)}


@reader("AWS::EC2::CustomerGateway", "ec2:describe_customer_gateways")
def customer_gateway(asking: Asking) -> Read:
    """AWS: API_CustomerGateway.html; numbers of autonomous systems are texts there."""
    by = [asking.physical_id]
    found = one(asking, "describe_customer_gateways", "CustomerGateways", CustomerGatewayIds=by)
    if isinstance(found, Unread):
        return found
    numbers = {name: int(found[name]) for name in ("BgpAsn", "BgpAsnExtended") if found.get(name)}
    same = ("CertificateArn", "CustomerGatewayId", "DeviceName", "IpAddress", "Type")
    return {**renamed(found, *same), **numbers, **tags(found)}


_OPTIONS: Final = (
    "EnableAcceleration",
    "LocalIpv4NetworkCidr",
    "LocalIpv6NetworkCidr",
    "OutsideIpAddressType",
    "RemoteIpv4NetworkCidr",
    "RemoteIpv6NetworkCidr",
    "StaticRoutesOnly",
    "TransportTransitGatewayAttachmentId",
    "TunnelBandwidth",
    "TunnelInsideIpVersion",
)
_TUNNEL: Final = {
    "CloudWatchLogOptions": "CloudwatchLogOptions",
    "DpdTimeoutAction": "DPDTimeoutAction",
    "DpdTimeoutSeconds": "DPDTimeoutSeconds",
    "IkeVersions": "IKEVersions",
}


_NO_PROPERTY: Final = (
    "OutsideIpAddress",
    "Phase1AdditionalKeyExchanges",
    "Phase2AdditionalKeyExchanges",
    "PreSharedKey",
)


@reader("AWS::EC2::VPNConnection", "ec2:describe_vpn_connections", unreturned=("PreSharedKeyStorage",))
def vpn_connection(asking: Asking) -> Read:
    """AWS: API_VpnConnection.html; of the keys of tunnels is only told that they are there."""
    found = one(asking, "describe_vpn_connections", "VpnConnections", VpnConnectionIds=[asking.physical_id])
    if isinstance(found, Unread):
        return found
    options = found.get("Options") or {}
    same = ("CustomerGatewayId", "TransitGatewayId", "Type", "VpnConcentratorId", "VpnConnectionId", "VpnGatewayId")
    return {
        **renamed(found, *same),
        **renamed(options, *_OPTIONS),
        **stated(VpnTunnelOptionsSpecifications=[_tunnel(each) for each in options.get("TunnelOptions") or []]),
        **tags(found),
    }


def _tunnel(given: Answer) -> Properties:
    read: Properties = shaped(given, _TUNNEL, drop=_NO_PROPERTY)
    return {**read, "PreSharedKey": Unread("a secret is not read")}


@reader("AWS::EC2::VPNGatewayRoutePropagation", "ec2:describe_route_tables")
def route_propagation(asking: Asking) -> Read:
    """AWS: API_PropagatingVgw.html; it has no id of its own: of the template's tables those that the gateway tells."""
    gateway, tables = declared_text(asking, "VpnGatewayId"), declared_texts(asking, "RouteTableIds")
    if gateway is None or not tables:
        return Unread("no API tells which propagation this is, and the template's gateway or tables are not known")
    found: Any = asking.pages("ec2", "describe_route_tables", "RouteTables", RouteTableIds=tables)
    if isinstance(found, Unread):
        return found
    told = [
        each["RouteTableId"]
        for each in found
        if gateway in [at(by, "GatewayId") for by in each.get("PropagatingVgws") or []]
    ]
    return stated(RouteTableIds=told, VpnGatewayId=gateway)
