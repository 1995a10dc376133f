"""Networks, their subnets, routes and gateways, by the Amazon EC2 API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.live.readers.ec2_asked import one, tags, where
from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, from_answer, renamed, stated
from infra_checks.live.shaping import at, declared_text

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_DESTINATIONS: Final = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
_TARGETS: Final = (
    "CarrierGatewayId",
    "CoreNetworkArn",
    "EgressOnlyInternetGatewayId",
    "InstanceId",
    "LocalGatewayId",
    "NatGatewayId",
    "NetworkInterfaceId",
    "OdbNetworkArn",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
)


@reader(
    "AWS::EC2::VPC",
    "ec2:describe_vpcs",
    "ec2:describe_vpc_attribute",
)
def vpc(asking: Asking) -> Read:
    """AWS: API_Vpc.html and API_DescribeVpcAttribute.html."""
    found = one(asking, "describe_vpcs", "Vpcs", VpcIds=[asking.physical_id])
    if isinstance(found, Unread):
        return found
    mode = at(found, "EncryptionControl", "Mode")
    return {
        **renamed(found, "CidrBlock", "InstanceTenancy", "VpcId"),
        **stated(VpcEncryptionControl=stated(Mode=mode)),
        **_attribute(asking, "EnableDnsHostnames"),
        **_attribute(asking, "EnableDnsSupport"),
        **tags(found),
    }


def _attribute(asking: Asking, name: str) -> Properties:
    asked = name[0].lower() + name[1:]
    answer = asking.ask("ec2", "describe_vpc_attribute", VpcId=asking.physical_id, Attribute=asked)
    return from_answer(answer, (name,), lambda got: {name: at(got, name, "Value")})


@reader("AWS::EC2::Subnet", "ec2:describe_subnets")
def subnet(asking: Asking) -> Read:
    """AWS: API_Subnet.html."""
    found = one(asking, "describe_subnets", "Subnets", SubnetIds=[asking.physical_id])
    if isinstance(found, Unread):
        return found
    six = [
        each["Ipv6CidrBlock"]
        for each in found.get("Ipv6CidrBlockAssociationSet") or []
        if at(each, "Ipv6CidrBlockState", "State") == "associated"
    ]
    same = (
        "AssignIpv6AddressOnCreation",
        "AvailabilityZone",
        "CidrBlock",
        "EnableDns64",
        "EnableLniAtDeviceIndex",
        "Ipv6Native",
        "MapPublicIpOnLaunch",
        "OutpostArn",
        "PrivateDnsNameOptionsOnLaunch",
        "SubnetId",
        "VpcId",
    )
    return {**renamed(found, *same), **stated(Ipv6CidrBlock=six[0] if six else None), **tags(found)}


@reader("AWS::EC2::RouteTable", "ec2:describe_route_tables")
def route_table(asking: Asking) -> Read:
    """AWS: API_RouteTable.html."""
    found = one(asking, "describe_route_tables", "RouteTables", RouteTableIds=[asking.physical_id])
    return found if isinstance(found, Unread) else {**renamed(found, "RouteTableId", "VpcId"), **tags(found)}


@reader("AWS::EC2::Route", "ec2:describe_route_tables")
def route(asking: Asking) -> Read:
    """AWS: API_Route.html; it has no id, so table and destination are the template's, or in `rtb-…|destination`."""
    table, _, destination = asking.physical_id.partition("|")
    table = declared_text(asking, "RouteTableId") or table
    named = [declared_text(asking, name) for name in _DESTINATIONS]
    destination = next((each for each in named if each), destination)
    if not table.startswith("rtb-") or not destination:
        return Unread("no API tells which route this is, and the template's table or destination is not known")
    found = one(asking, "describe_route_tables", "RouteTables", RouteTableIds=[table])
    if isinstance(found, Unread):
        return found
    for each in found.get("Routes") or []:
        if destination in [each.get(name) for name in _DESTINATIONS]:
            return {"RouteTableId": table, **_route(each)}
    return Unread(f"{table} has no route to {destination} (deleted meanwhile?)")


def _route(found: Answer) -> Properties:
    """Of an instance the API also tells the interface; a gateway load balancer's endpoint is told as a gateway."""
    gateway = found.get("GatewayId") or ""
    name = "VpcEndpointId" if gateway.startswith("vpce-") else "GatewayId"
    return {**renamed(found, *_DESTINATIONS, *_TARGETS), **stated(**{name: gateway})}


@reader("AWS::EC2::SubnetRouteTableAssociation", "ec2:describe_route_tables")
def route_table_association(asking: Asking) -> Read:
    """AWS: API_RouteTableAssociation.html."""
    own_id = asking.physical_id
    by = where(association__route_table_association_id=own_id)
    found = one(asking, "describe_route_tables", "RouteTables", Filters=by)
    if isinstance(found, Unread):
        return found
    associations = found.get("Associations") or []
    own = [each for each in associations if each.get("RouteTableAssociationId") == own_id]
    if not own:
        return Unread(f"{own_id} was not found (deleted meanwhile?)")
    return renamed(own[0], "RouteTableId", "SubnetId", Id="RouteTableAssociationId")


@reader("AWS::EC2::InternetGateway", "ec2:describe_internet_gateways")
def internet_gateway(asking: Asking) -> Read:
    """AWS: API_InternetGateway.html."""
    by = [asking.physical_id]
    found = one(asking, "describe_internet_gateways", "InternetGateways", InternetGatewayIds=by)
    return found if isinstance(found, Unread) else {**renamed(found, "InternetGatewayId"), **tags(found)}


@reader("AWS::EC2::VPCGatewayAttachment", "ec2:describe_internet_gateways", "ec2:describe_vpn_gateways")
def internet_gateway_attachment(asking: Asking) -> Read:
    """AWS: API_InternetGatewayAttachment.html and API_VpcAttachment.html; the physical id is `IGW|vpc-…` or a name."""
    kind, _, network = asking.physical_id.partition("|")
    network = declared_text(asking, "VpcId") or network
    if not network.startswith("vpc-"):
        return Unread("no API tells which attachment this is, and the template's VpcId is not known")
    is_vpn = kind == "VGW" or (kind != "IGW" and "VpnGatewayId" in asking.declared)
    noun, name = ("vpn", "VpnGatewayId") if is_vpn else ("internet", "InternetGatewayId")
    by = where(attachment__vpc_id=network)
    found = one(asking, f"describe_{noun}_gateways", f"{noun.title()}Gateways", Filters=by)
    return found if isinstance(found, Unread) else {"VpcId": network, name: found[name]}


@reader("AWS::EC2::NatGateway", "ec2:describe_nat_gateways", unreturned=("MaxDrainDurationSeconds",))
def nat_gateway(asking: Asking) -> Read:
    """AWS: API_NatGateway.html."""
    found = one(asking, "describe_nat_gateways", "NatGateways", NatGatewayIds=[asking.physical_id])
    if isinstance(found, Unread):
        return found
    addresses = found.get("NatGatewayAddresses") or []
    first = next((each for each in addresses if each.get("IsPrimary")), addresses[0] if addresses else {})
    others = [each for each in addresses if each is not first]
    return {
        **renamed(found, "AvailabilityMode", "ConnectivityType", "NatGatewayId", "SubnetId", "VpcId"),
        **renamed(first, "AllocationId", PrivateIpAddress="PrivateIp"),
        **stated(
            SecondaryAllocationIds=[each["AllocationId"] for each in others if each.get("AllocationId")],
            SecondaryPrivateIpAddresses=[each["PrivateIp"] for each in others if each.get("PrivateIp")],
        ),
        **tags(found),
    }


@reader("AWS::EC2::EIP", "ec2:describe_addresses", unreturned=("IpamPoolId", "TransferAddress"))
def address(asking: Asking) -> Read:
    """AWS: API_Address.html; the physical id is the address itself."""
    own_id = asking.physical_id.partition("|")[0]
    by = {"AllocationIds": [own_id]} if own_id.startswith("eipalloc-") else {"PublicIps": [own_id]}
    found = one(asking, "describe_addresses", "Addresses", **by)
    if isinstance(found, Unread):
        return found
    same = ("AllocationId", "Domain", "InstanceId", "NetworkBorderGroup", "PublicIp", "PublicIpv4Pool")
    return {**renamed(found, *same), **tags(found)}
