"""Where everything runs: a network of three tiers, and three security groups that let in one another only."""

from __future__ import annotations

from ipaddress import ip_network

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct
from tap_names import Names
from tap_sizes import TapStackProps
from tap_waivers import waive

POSTGRES = 15432
"""Not the port that everybody tries first."""

TIER_ZONES = 2

NOWHERE = ec2.Peer.ipv4("255.255.255.255/32")


class Network(Construct):
    """The VPC: public subnets for NAT, private ones with egress for the application, isolated ones for data.

    The three tiers are in two zones; `isolated` has subnets in further ones, for replicas.
    """

    def __init__(self, scope: Construct, name: str, *, props: TapStackProps, names: Names, key: kms.IKey) -> None:
        super().__init__(scope, name)
        self._names = names
        zones = [cdk.Fn.select(index, cdk.Fn.get_azs()) for index in range(max(props.size.zones, TIER_ZONES))]
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            vpc_name=names.of("network"),
            ip_addresses=ec2.IpAddresses.cidr(props.size.cidr),
            # The zones of the region that the stack is deployed in, whichever that is.
            availability_zones=zones[:TIER_ZONES],
            nat_gateways=props.size.egress_zones,
            restrict_default_security_group=False,  # That would be a custom resource; see docs/adr/0003.
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name="Public", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=24, map_public_ip_on_launch=False
                ),
                ec2.SubnetConfiguration(name="Private", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=24),
                ec2.SubnetConfiguration(name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24),
            ],
        )
        further = [self._further_subnet(index, zone, props) for index, zone in enumerate(zones) if index >= TIER_ZONES]
        self.isolated: list[ec2.ISubnet] = [*self.vpc.isolated_subnets, *further]
        self._waive(props)
        self._record_traffic(props, key)
        self._make_groups()

    def _waive(self, props: TapStackProps) -> None:
        closing = "Closing it takes a custom resource; nothing uses the group. See docs/adr/0003."
        waive(self.vpc, "vpc-default-security-group-closed", closing)
        if props.size.egress_zones < TIER_ZONES:
            for subnet in self.vpc.public_subnets:
                leading_out = "Public subnets hold NAT gateways only, here in one zone, and give no public addresses."
                waive(subnet.node.find_child("DefaultRoute"), "no-unrestricted-route-to-igw", leading_out)

    def _further_subnet(self, index: int, zone: str, props: TapStackProps) -> ec2.PrivateSubnet:
        blocks = list(ip_network(props.size.cidr).subnets(new_prefix=24))
        subnet = ec2.PrivateSubnet(
            self,
            f"Isolated{index + 1}",
            vpc_id=self.vpc.vpc_id,
            availability_zone=zone,
            cidr_block=str(blocks[2 * TIER_ZONES + index]),
        )
        cdk.Tags.of(subnet).add("aws-cdk:subnet-type", "Isolated")
        return subnet

    def _record_traffic(self, props: TapStackProps, key: kms.IKey) -> None:
        group = logs.LogGroup(
            self,
            "FlowLogs",
            log_group_name=f"/ecommerce/{self._names.suffix}/flow",
            encryption_key=key,
            retention=props.size.log_retention,
            removal_policy=props.removal_policy,
        )
        role = iam.Role(
            self,
            "FlowLogsRole",
            role_name=self._names.of("flow-logs"),
            description="VPC flow logs write to their log group",
            assumed_by=of_this_account("vpc-flow-logs.amazonaws.com", "ec2", "vpc-flow-log/*"),
        )
        self.vpc.add_flow_log(
            "Flow",
            destination=ec2.FlowLogDestination.to_cloud_watch_logs(group, role),
            traffic_type=ec2.FlowLogTrafficType.ALL,
        )

    def _make_groups(self) -> None:
        self.application = self._group("Application", "Application servers; may reach the databases.")
        self.database = self._group("Database", "Primary and replicas; reached by the other groups only.")
        self.bastion = self._group("Bastion", "Bastion; reached through Session Manager, by no port.")
        self.rotation = self._group("Rotation", "Function that changes the master password.")
        self.endpoints = self._group("Endpoints", "Endpoints of AWS services in this network.")
        members = {"application": self.application, "bastion": self.bastion, "rotation function": self.rotation}
        for who, group in members.items():
            for target, port, what in ((self.database, POSTGRES, "PostgreSQL"), (self.endpoints, 443, "HTTPS")):
                group.add_egress_rule(target, ec2.Port.tcp(port), f"{what}, by the {who}")
                target.add_ingress_rule(group, ec2.Port.tcp(port), f"{what}, from the {who}")
            # The rules above are resources of their own; a group that states none itself gets AWS's, for everything.
            group.add_egress_rule(NOWHERE, ec2.Port.icmp_type_and_code(252, 86), "Nothing else")

    def _group(self, name: str, description: str) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(
            self,
            name,
            vpc=self.vpc,
            security_group_name=self._names.of(name.lower()),
            description=description,
            allow_all_outbound=False,
        )

    def connect(self, bucket: s3.IBucket) -> None:
        """The ways to AWS's services that need no internet: Session Manager, the secret, the data bucket."""
        for name in ("Ssm", "Ssmmessages", "Secretsmanager"):
            endpoint = self.vpc.add_interface_endpoint(
                name,
                service=ec2.InterfaceVpcEndpointAwsService(name.lower()),
                subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
                security_groups=[self.endpoints],
                open=False,
            )
            endpoint.add_to_policy(
                iam.PolicyStatement(
                    sid="OwnAccount",
                    principals=[iam.AnyPrincipal()],
                    actions=[f"{name.lower()}:*"],
                    resources=["*"],
                    conditions={"StringEquals": {"aws:PrincipalAccount": cdk.Aws.ACCOUNT_ID}},
                )
            )
        subnets = ec2.SubnetSelection(subnets=self.isolated)
        gateway = self.vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3, subnets=[subnets])
        gateway.add_to_policy(
            iam.PolicyStatement(
                sid="DataBucket",
                principals=[iam.AnyPrincipal()],
                actions=["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListBucket"],
                resources=[bucket.bucket_arn, bucket.arn_for_objects("database/*")],
                conditions={"StringEquals": {"aws:PrincipalAccount": cdk.Aws.ACCOUNT_ID}},
            )
        )


def of_this_account(service: str, prefix: str, resource: str) -> iam.PrincipalBase:
    """A service as principal, when it acts for resources of this account and region only."""
    arn = f"arn:{cdk.Aws.PARTITION}:{prefix}:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:{resource}"
    return iam.ServicePrincipal(
        service,
        conditions={"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}, "ArnLike": {"aws:SourceArn": arn}},
    )
