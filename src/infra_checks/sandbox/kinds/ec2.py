"""AWS::EC2: what is one call, and the table of all."""

from __future__ import annotations

from typing import Any, Final

from infra_checks.sandbox.kinds import ec2_instances, ec2_security
from infra_checks.sandbox.making import Kind, Made, Making
from infra_checks.sandbox.rows import record, retag, row
from infra_checks.sandbox.shapes import as_text


def _true(value: object) -> bool:
    return as_text(value).lower() == "true"


def _make_vpc(making: Making) -> Made:
    tags = [{"ResourceType": "vpc", "Tags": making.tags()}] if making.tags() else []
    vpc = making.send("ec2", "create_vpc", only=_VPC, TagSpecifications=tags)["Vpc"]
    client, identity = making.api("ec2"), vpc["VpcId"]
    mine = [{"Name": "vpc-id", "Values": [identity]}]
    groups = client.describe_security_groups(Filters=[*mine, {"Name": "group-name", "Values": ["default"]}])
    acls = client.describe_network_acls(Filters=[*mine, {"Name": "default", "Values": ["true"]}])
    attributes = {
        "VpcId": identity,
        "CidrBlock": vpc.get("CidrBlock", ""),
        "CidrBlockAssociations": [each["AssociationId"] for each in vpc.get("CidrBlockAssociationSet", ())],
        "DefaultNetworkAcl": acls["NetworkAcls"][0]["NetworkAclId"],
        "DefaultSecurityGroup": groups["SecurityGroups"][0]["GroupId"],
        "Ipv6CidrBlocks": [],
    }
    return Made("AWS::EC2::VPC", identity, attributes)


_VPC: Final = ("CidrBlock", "InstanceTenancy", "Ipv4IpamPoolId", "Ipv4NetmaskLength")


def _configure_vpc(making: Making, made: Made) -> None:
    client = making.api("ec2")
    for prop, default in (("EnableDnsSupport", True), ("EnableDnsHostnames", False)):
        if making.changed(prop):
            client.modify_vpc_attribute(VpcId=made.ref, **{prop: {"Value": _true(making.get(prop, default))}})
    if making.before is not None and making.changed("Tags"):
        retag(making, "ec2", made.ref)


def _delete_vpc(making: Making, made: Made) -> None:
    making.api("ec2").delete_vpc(VpcId=made.ref)


_SUBNET: Final = (
    "AvailabilityZone",
    "AvailabilityZoneId",
    "CidrBlock",
    "Ipv4IpamPoolId",
    "Ipv4NetmaskLength",
    "Ipv6CidrBlock",
    "Ipv6Native",
    "OutpostArn",
    "VpcId",
)


def _make_subnet(making: Making) -> Made:
    tags = [{"ResourceType": "subnet", "Tags": making.tags()}] if making.tags() else []
    subnet = making.send("ec2", "create_subnet", only=_SUBNET, TagSpecifications=tags)["Subnet"]
    names = ("AvailabilityZone", "AvailabilityZoneId", "CidrBlock", "SubnetId", "VpcId")
    attributes: dict[str, Any] = {name: subnet.get(name, "") for name in names}
    associated = making.api("ec2").describe_network_acls(
        Filters=[{"Name": "association.subnet-id", "Values": [subnet["SubnetId"]]}]
    )["NetworkAcls"]
    for acl in associated:
        for association in acl["Associations"]:
            if association["SubnetId"] == subnet["SubnetId"]:
                attributes["NetworkAclAssociationId"] = association["NetworkAclAssociationId"]
    attributes["Ipv6CidrBlocks"] = []
    return Made("AWS::EC2::Subnet", subnet["SubnetId"], attributes)


def _configure_subnet(making: Making, made: Made) -> None:
    client = making.api("ec2")
    for prop in ("MapPublicIpOnLaunch", "AssignIpv6AddressOnCreation"):
        if making.changed(prop):
            value = {"Value": _true(making.get(prop, default=False))}
            client.modify_subnet_attribute(SubnetId=made.ref, **{prop: value})
    if making.before is not None and making.changed("Tags"):
        retag(making, "ec2", made.ref)


def _delete_subnet(making: Making, made: Made) -> None:
    making.api("ec2").delete_subnet(SubnetId=made.ref)


def _make_attachment(making: Making) -> Made:
    client = making.api("ec2")
    vpc, internet, vpn = making.need("VpcId"), making.get("InternetGatewayId"), making.get("VpnGatewayId")
    if internet:
        client.attach_internet_gateway(InternetGatewayId=internet, VpcId=vpc)
    if vpn:
        client.attach_vpn_gateway(VpnGatewayId=vpn, VpcId=vpc)
    kind = "IGW" if internet else "VGW"
    return Made("AWS::EC2::VPCGatewayAttachment", f"{kind}|{vpc}", {"AttachmentType": kind})


def _delete_attachment(making: Making, _made: Made) -> None:
    vpc, internet, vpn = making.need("VpcId"), making.get("InternetGatewayId"), making.get("VpnGatewayId")
    if internet:
        making.remove("ec2", "detach_internet_gateway", InternetGatewayId=internet, VpcId=vpc)
    if vpn:
        making.remove("ec2", "detach_vpn_gateway", VpnGatewayId=vpn, VpcId=vpc)


_DESTINATIONS: Final = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")


def _destination(making: Making) -> dict[str, str]:
    return {name: making.properties[name] for name in _DESTINATIONS if name in making.properties}


def _make_route(making: Making) -> Made:
    (destination,) = _destination(making).values()
    making.send("ec2", "create_route")
    return Made("AWS::EC2::Route", f"{making.properties['RouteTableId']}|{destination}", {"CidrBlock": destination})


def _configure_route(making: Making, _made: Made) -> None:
    if making.before is not None:
        making.send("ec2", "replace_route")
        making.changed(*making.before)


def _delete_route(making: Making, _made: Made) -> None:
    making.api("ec2").delete_route(RouteTableId=making.need("RouteTableId"), **_destination(making))


def _make_acl_association(making: Making) -> Made:
    client = making.api("ec2")
    subnet, acl = making.need("SubnetId"), making.need("NetworkAclId")
    current = client.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])
    old = next(
        each["NetworkAclAssociationId"]
        for found in current["NetworkAcls"]
        for each in found["Associations"]
        if each["SubnetId"] == subnet
    )
    new = client.replace_network_acl_association(AssociationId=old, NetworkAclId=acl)["NewAssociationId"]
    return Made("AWS::EC2::SubnetNetworkAclAssociation", new, {"AssociationId": new})


def _delete_acl_association(making: Making, made: Made) -> None:
    """The subnet goes back to the default ACL of its network."""
    client = making.api("ec2")
    acl = client.describe_network_acls(NetworkAclIds=[making.need("NetworkAclId")])["NetworkAcls"][0]
    mine = [{"Name": "vpc-id", "Values": [acl["VpcId"]]}, {"Name": "default", "Values": ["true"]}]
    default = client.describe_network_acls(Filters=mine)["NetworkAcls"][0]["NetworkAclId"]
    client.replace_network_acl_association(AssociationId=made.ref, NetworkAclId=default)


def _make_acl_entry(making: Making) -> Made:
    given: dict[str, Any] = {}
    if "Icmp" in making.properties:
        given["IcmpTypeCode"] = making.get("Icmp")
    egress = _true(making.get("Egress", default=False))
    number = int(making.get("RuleNumber"))
    protocol = as_text(making.get("Protocol"))
    making.send("ec2", "create_network_acl_entry", Egress=egress, RuleNumber=number, Protocol=protocol, **given)
    return Made("AWS::EC2::NetworkAclEntry", f"{making.properties['NetworkAclId']}|{number}|{egress}", {})


def _delete_acl_entry(making: Making, _made: Made) -> None:
    making.api("ec2").delete_network_acl_entry(
        NetworkAclId=making.need("NetworkAclId"),
        Egress=_true(making.get("Egress", default=False)),
        RuleNumber=int(making.need("RuleNumber")),
    )


def _make_flow_log(making: Making) -> Made:
    tags = [{"ResourceType": "vpc-flow-log", "Tags": making.tags()}] if making.tags() else []
    given: dict[str, Any] = {"ResourceIds": [making.need("ResourceId")], "TagSpecifications": tags}
    answer = making.send("ec2", "create_flow_logs", **given)
    identity = answer["FlowLogIds"][0]
    return Made("AWS::EC2::FlowLog", identity, {"Id": identity})


def _configure_tags(making: Making, made: Made) -> None:
    if making.before is not None and making.changed("Tags"):
        retag(making, "ec2", made.ref)


def _delete_flow_log(making: Making, made: Made) -> None:
    making.api("ec2").delete_flow_logs(FlowLogIds=[made.ref])


_FLOW_LOG: Final = frozenset(
    {
        "DeliverCrossAccountRole",
        "DeliverLogsPermissionArn",
        "DestinationOptions",
        "LogDestination",
        "LogDestinationType",
        "LogFormat",
        "LogGroupName",
        "MaxAggregationInterval",
        "ResourceId",
        "ResourceType",
        "TagFieldSpecifications",
        "TrafficType",
    }
)

KINDS: Final = (
    *ec2_security.KINDS,
    *ec2_instances.KINDS,
    Kind(
        "AWS::EC2::VPC",
        _make_vpc,
        _delete_vpc,
        _configure_vpc,
        frozenset({"CidrBlock", "Ipv4IpamPoolId", "Ipv4NetmaskLength"}),
    ),
    Kind(
        "AWS::EC2::Subnet",
        _make_subnet,
        _delete_subnet,
        _configure_subnet,
        frozenset(
            {
                "AvailabilityZone",
                "AvailabilityZoneId",
                "CidrBlock",
                "Ipv4IpamPoolId",
                "Ipv4NetmaskLength",
                "Ipv6IpamPoolId",
                "Ipv6Native",
                "Ipv6NetmaskLength",
                "OutpostArn",
                "VpcId",
            }
        ),
    ),
    Kind(
        "AWS::EC2::VPCGatewayAttachment",
        _make_attachment,
        _delete_attachment,
        create_only=frozenset({"VpcId", "InternetGatewayId", "VpnGatewayId"}),
        tags=None,
    ),
    Kind(
        "AWS::EC2::Route",
        _make_route,
        _delete_route,
        _configure_route,
        frozenset({*_DESTINATIONS, "RouteTableId"}),
        None,
    ),
    record("AWS::EC2::VPNGatewayRoutePropagation", create_only=["RouteTableIds", "VpnGatewayId"], tags=None),
    Kind(
        "AWS::EC2::SubnetNetworkAclAssociation",
        _make_acl_association,
        _delete_acl_association,
        create_only=frozenset({"NetworkAclId", "SubnetId"}),
        tags=None,
    ),
    Kind(
        "AWS::EC2::NetworkAclEntry",
        _make_acl_entry,
        _delete_acl_entry,
        create_only=frozenset({"Egress", "NetworkAclId", "RuleNumber"}),
        tags=None,
    ),
    Kind("AWS::EC2::FlowLog", _make_flow_log, _delete_flow_log, _configure_tags, _FLOW_LOG),
    row(
        "AWS::EC2::InternetGateway",
        "ec2",
        "create_internet_gateway",
        ref="InternetGateway.InternetGatewayId",
        attributes={"InternetGatewayId": "InternetGateway.InternetGatewayId"},
        delete="delete_internet_gateway",
        delete_by={"InternetGatewayId": "{ref}"},
        tag_spec="internet-gateway",
    ),
    row(
        "AWS::EC2::EIP",
        "ec2",
        "allocate_address",
        ref="PublicIp",
        attributes={"AllocationId": "AllocationId", "PublicIp": "PublicIp", "Arn": "AllocationId"},
        delete="release_address",
        delete_by={"AllocationId": "@AllocationId"},
        create_only=["Domain", "NetworkBorderGroup", "TransferAddress", "IpamPoolId", "Address"],
        tag_spec="elastic-ip",
    ),
    row(
        "AWS::EC2::NatGateway",
        "ec2",
        "create_nat_gateway",
        ref="NatGateway.NatGatewayId",
        attributes={"NatGatewayId": "NatGateway.NatGatewayId"},
        delete="delete_nat_gateway",
        delete_by={"NatGatewayId": "{ref}"},
        create_only=["AllocationId", "ConnectivityType", "PrivateIpAddress", "SubnetId", "VpcId", "AvailabilityMode"],
        tag_spec="natgateway",
    ),
    row(
        "AWS::EC2::RouteTable",
        "ec2",
        "create_route_table",
        ref="RouteTable.RouteTableId",
        attributes={"RouteTableId": "RouteTable.RouteTableId"},
        delete="delete_route_table",
        delete_by={"RouteTableId": "{ref}"},
        create_only=["VpcId"],
        tag_spec="route-table",
    ),
    row(
        "AWS::EC2::SubnetRouteTableAssociation",
        "ec2",
        "associate_route_table",
        ref="AssociationId",
        attributes={"Id": "AssociationId"},
        delete="disassociate_route_table",
        delete_by={"AssociationId": "{ref}"},
        create_only=["RouteTableId", "SubnetId"],
        tags=None,
    ),
    row(
        "AWS::EC2::VPCEndpoint",
        "ec2",
        "create_vpc_endpoint",
        ref="VpcEndpoint.VpcEndpointId",
        attributes={"Id": "VpcEndpoint.VpcEndpointId"},
        delete="delete_vpc_endpoints",
        delete_by={"VpcEndpointIds": "[ref]"},
        update="modify_vpc_endpoint",
        update_by={"VpcEndpointId": "{ref}"},
        create_only=[
            "DnsOptions",
            "ResourceConfigurationArn",
            "ServiceName",
            "ServiceNetworkArn",
            "ServiceRegion",
            "VpcEndpointType",
            "VpcId",
        ],
        tag_spec="vpc-endpoint",
    ),
    row(
        "AWS::EC2::NetworkAcl",
        "ec2",
        "create_network_acl",
        ref="NetworkAcl.NetworkAclId",
        attributes={"Id": "NetworkAcl.NetworkAclId"},
        delete="delete_network_acl",
        delete_by={"NetworkAclId": "{ref}"},
        create_only=["VpcId"],
        tag_spec="network-acl",
    ),
    row(
        "AWS::EC2::VPNGateway",
        "ec2",
        "create_vpn_gateway",
        ref="VpnGateway.VpnGatewayId",
        attributes={"VPNGatewayId": "VpnGateway.VpnGatewayId"},
        delete="delete_vpn_gateway",
        delete_by={"VpnGatewayId": "{ref}"},
        create_only=["AmazonSideAsn", "Type"],
        tag_spec="vpn-gateway",
    ),
    row(
        "AWS::EC2::CustomerGateway",
        "ec2",
        "create_customer_gateway",
        ref="CustomerGateway.CustomerGatewayId",
        attributes={"CustomerGatewayId": "CustomerGateway.CustomerGatewayId"},
        delete="delete_customer_gateway",
        delete_by={"CustomerGatewayId": "{ref}"},
        create_only=["BgpAsn", "BgpAsnExtended", "CertificateArn", "DeviceName", "IpAddress", "Type"],
        tag_spec="customer-gateway",
    ),
    row(
        "AWS::EC2::PrefixList",
        "ec2",
        "create_managed_prefix_list",
        ref="PrefixList.PrefixListId",
        attributes={"PrefixListId": "PrefixList.PrefixListId", "Arn": "PrefixList.PrefixListArn"},
        delete="delete_managed_prefix_list",
        delete_by={"PrefixListId": "{ref}"},
        tag_spec="prefix-list",
        tag_id="{ref}",
    ),
)
