"""Rules on VPCs as a whole: their logs, their default security group, their zones and their encryption."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.links import links_to
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Unknown, rule
from infra_checks.core.table import is_not_true, is_true, one_of, property_rule
from infra_checks.evaluate.values import Symbol
from infra_checks.rules.predicates import all_of, any_of, text_is
from infra_checks.rules.zones import SUBNET, several_zones, zone_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision

VPC: Final = "AWS::EC2::VPC"
RULES: Final = ("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress")
NESTED: Final = "AWS::CloudFormation::Stack"
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_GUIDE: Final = "https://docs.aws.amazon.com/vpc/latest/userguide/"
_OUTSIDE: Final = frozenset({"parameter", "import", "dynamic"})
"""Kinds of symbols that stand for something made before this stack, and so for no VPC of it."""


def _names(resource: Resource, vpc: Resource, name: str) -> Decision:
    """Whether a property names the VPC."""
    target = resource.target(name)
    match target:
        case Resource():
            return target == vpc
        case Unknown():
            return False if target.symbol is not None and target.symbol.kind in _OUTSIDE else None
        case Absent() | None:
            return False


def _is_handed_on(vpc: Resource) -> bool:
    """Whether a nested stack gets to know the VPC, and may add to it what is not in this template."""
    return any(True for _ in vpc.referrers(NESTED))


@rule(
    VPC,
    id="vpc-flow-logs-enabled",
    title="VPC records its traffic in flow logs",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    remedy="Add an AWS::EC2::FlowLog with `ResourceId: !Ref` this VPC, `ResourceType: VPC` and `TrafficType: ALL`.",
    source=_CONFIG + "vpc-flow-logs-enabled.html",
    equivalents=("f6d299d2", "W60", "AwsSolutions-VPC7", "AWS-0178", "vpc_flow_logs_enabled"),
)
def flow_logs(vpc: Resource, ctx: Context) -> Iterator[Verdict]:
    """Flow logs tell afterwards who talked to whom, and what was refused. AWS records nothing by default. A flow log
    that a nested stack may add leaves the question open.
    """
    logs = vpc.stack.of_type("AWS::EC2::FlowLog")
    found = ((_names(log, vpc, "ResourceId"), text_is(log.text("ResourceType"), "VPC")) for log in logs)
    logged = any_of(*map(all_of, found))
    if logged:
        return
    if logged is None or _is_handed_on(vpc) or vpc.stack.unexpanded:
        yield ctx.undecided(vpc, "whether a flow log records its traffic is not told by this template")
    else:
        yield ctx.violation(vpc, "has no flow log")


@rule(
    VPC,
    id="vpc-default-security-group-closed",
    title="Default security group of a VPC lets nothing through",
    family=Family.NETWORK,
    severity=Severity.LOW,
    remedy="Remove the rules that AWS gives the group, with a custom resource as the CDK's "
    "`restrictDefaultSecurityGroup`, and add none.",
    source=_CONFIG + "vpc-default-security-group-closed.html",
    equivalents=(
        "493d9591",
        "ea33fcf7",
        "VPCDefaultSecurityGroupClosed",
        "AWS-0173",
        "ec2_securitygroup_default_restrict_traffic",
    ),
)
def default_group(vpc: Resource, ctx: Context) -> Iterator[Verdict]:
    """Whatever is launched without a security group gets the default one. AWS gives it rules that let its members talk
    to one another and out to everywhere; CloudFormation can add rules to it, but take them away only with a custom
    resource.
    """
    users = [link.source for link in links_to(vpc) if link.attribute == "DefaultSecurityGroup"]
    opening = [user for user in users if user.type in RULES]
    custom = [user for user in users if user.type.startswith(("Custom::", "AWS::CloudFormation::CustomResource"))]
    if opening:
        names = " and ".join(user.logical_id for user in opening)
        yield ctx.violation(vpc, f"has rules of its default security group added by {names}")
    elif not custom:
        yield ctx.violation(vpc, "has a default security group that lets its members talk to one another and out")
    elif all(user.type != "Custom::VpcRestrictDefaultSG" for user in custom):
        yield ctx.undecided(vpc, f"whether {custom[0].logical_id} closes the default security group cannot be told")


@rule(
    VPC,
    id="vpc-subnets-multi-az",
    title="Subnets of a VPC lie in several Availability Zones",
    family=Family.MULTI_AZ,
    severity=Severity.MEDIUM,
    remedy="Add subnets with `AvailabilityZone: !Select [1, !GetAZs '']`.",
    source=_GUIDE + "configure-subnets.html",
    equivalents=(
        "vpc_subnet_separate_private_public",
        "vpc_subnet_different_az",
    ),
)
def zones(vpc: Resource, ctx: Context) -> Iterator[Verdict]:
    """What runs in a VPC with subnets in one zone fails with that zone. AWS: a subnet lies in one zone. VPCs of which
    the template has no subnet are not judged.
    """
    member = [(subnet, _names(subnet, vpc, "VpcId")) for subnet in vpc.stack.of_type(SUBNET)]
    sure = [subnet for subnet, belongs in member if belongs]
    if not sure:
        return
    several = several_zones(zone_of(subnet, Symbol("reference", (subnet.logical_id, "Ref"))) for subnet in sure)
    if several:
        return
    open_ends = _is_handed_on(vpc) or bool(vpc.stack.unexpanded) or any(belongs is None for _, belongs in member)
    if several is None or open_ends:
        yield ctx.undecided(vpc, "whether its subnets lie in different Availability Zones is known only at deployment")
    else:
        yield ctx.violation(vpc, "has all its subnets in one Availability Zone")


encryption_control = property_rule(
    "AWS::EC2::VPCEncryptionControl",
    id="vpc-encryption-control-enforced",
    title="VPC lets encrypted traffic through only",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("Mode",),
    holds=one_of("enforce"),
    message="watches for unencrypted traffic and lets it through",
    rationale="""In the mode monitor encryption control only records which traffic is not encrypted; enforce stops
    it.""",
    remedy="Set `Mode: enforce` once monitoring shows nothing that has to be left out.",
    source=_GUIDE + "vpc-encryption-controls.html",
)

endpoint_service = property_rule(
    "AWS::EC2::VPCEndpointService",
    id="vpc-endpoint-service-acceptance-required",
    title="Endpoint service asks before it lets anyone connect",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    path=("AcceptanceRequired",),
    holds=is_true,
    message="does not say that connections have to be accepted",
    rationale="""Without acceptance everyone whom the service's permissions name is connected at once. AWS documents no
    default for AcceptanceRequired, so that the template has to say it.""",
    remedy="Set `AcceptanceRequired: true`.",
    source="https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html",
    equivalents=("CKV_AWS_123",),
)

transit_gateway = property_rule(
    "AWS::EC2::TransitGateway",
    id="ec2-transit-gateway-auto-vpc-attach-disabled",
    title="Transit gateway asks before it lets VPCs of other accounts in",
    family=Family.NETWORK,
    severity=Severity.HIGH,
    path=("AutoAcceptSharedAttachments",),
    holds=lambda value, ctx: True if isinstance(value, Absent) else one_of("disable")(value, ctx),
    message="attaches every VPC of the accounts it is shared with",
    rationale="""A VPC that attaches itself gets routes to all the others. AWS: AutoAcceptSharedAttachments is disable
    by default.""",
    remedy="Set `AutoAcceptSharedAttachments: disable`.",
    source=_CONFIG + "ec2-transit-gateway-auto-vpc-attach-disabled.html",
    equivalents=("ec2_transitgateway_auto_accept_vpc_attachments",),
)

client_groups = property_rule(
    "AWS::EC2::ClientVpnAuthorizationRule",
    id="ec2-client-vpn-not-authorize-all",
    title="Client VPN lets some groups in only",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    path=("AuthorizeAllGroups",),
    holds=is_not_true,
    message="lets everyone of the directory into the network",
    rationale="""With AuthorizeAllGroups every user who can sign in reaches the network; AccessGroupId limits that to a
    group.""",
    remedy="Set `AccessGroupId` in place of `AuthorizeAllGroups`.",
    source=_CONFIG + "ec2-client-vpn-not-authorize-all.html",
)

client_logs = property_rule(
    "AWS::EC2::ClientVpnEndpoint",
    id="ec2-client-vpn-connection-log-enabled",
    title="Client VPN records who connects",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    path=("ConnectionLogOptions", "Enabled"),
    holds=is_true,
    message="does not record who connects",
    rationale="""Connection logs tell who came in, from where, and when. They cannot be had afterwards.""",
    remedy="Set `ConnectionLogOptions: {Enabled: true, CloudwatchLogGroup: !Ref LogGroup}`.",
    source=_CONFIG + "ec2-client-vpn-connection-log-enabled.html",
    equivalents=("ec2_client_vpn_endpoint_connection_logging_enabled",),
)

tunnel_logs = property_rule(
    "AWS::EC2::VPNConnection",
    id="ec2-vpn-connection-logging-enabled",
    title="Both tunnels of a VPN write logs",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    path=("VpnTunnelOptionsSpecifications", "*", "LogOptions", "CloudwatchLogOptions", "LogEnabled"),
    holds=is_true,
    message="has a tunnel that writes no logs",
    rationale="""Without tunnel logs nobody can tell why a tunnel is down. AWS: off by default, for each of the two.""",
    remedy="Add to `VpnTunnelOptionsSpecifications`, for each tunnel, `LogOptions: {CloudwatchLogOptions: {LogEnabled: "
    "true, LogGroupArn: ...}}`.",
    source=_CONFIG + "ec2-vpn-connection-logging-enabled.html",
)
