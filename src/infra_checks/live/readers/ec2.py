"""AWS::EC2, by the Amazon EC2 API reference; the readers are in the modules `ec2_…`."""

from __future__ import annotations

from infra_checks.live.readers.ec2_access import (
    acl_association,
    acl_entry,
    network_acl,
    prefix_list,
    security_group,
    security_group_egress,
    security_group_ingress,
)
from infra_checks.live.readers.ec2_client_vpn import client_vpn_endpoint
from infra_checks.live.readers.ec2_instances import instance, launch_template, volume
from infra_checks.live.readers.ec2_links import (
    customer_gateway,
    endpoint,
    flow_log,
    route_propagation,
    vpn_connection,
    vpn_gateway,
)
from infra_checks.live.readers.ec2_network import (
    address,
    internet_gateway,
    internet_gateway_attachment,
    nat_gateway,
    route,
    route_table,
    route_table_association,
    subnet,
    vpc,
)

__all__ = [
    "acl_association",
    "acl_entry",
    "address",
    "client_vpn_endpoint",
    "customer_gateway",
    "endpoint",
    "flow_log",
    "instance",
    "internet_gateway",
    "internet_gateway_attachment",
    "launch_template",
    "nat_gateway",
    "network_acl",
    "prefix_list",
    "route",
    "route_propagation",
    "route_table",
    "route_table_association",
    "security_group",
    "security_group_egress",
    "security_group_ingress",
    "subnet",
    "volume",
    "vpc",
    "vpn_connection",
    "vpn_gateway",
]
