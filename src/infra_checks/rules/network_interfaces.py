"""Rules on network interfaces, and on the switch that closes the internet gateways of a Region."""

from __future__ import annotations

from typing import Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.table import is_not_false, one_of, property_rule

_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"

source_check = property_rule(
    "AWS::EC2::NetworkInterface",
    id="ec2-enis-source-destination-check-enabled",
    title="Network interface checks source and destination",
    family=Family.NETWORK,
    severity=Severity.LOW,
    path=("SourceDestCheck",),
    holds=is_not_false,
    message="takes traffic that is not for it",
    rationale="""Without the check an interface takes and sends traffic of other addresses, as a router does. It is on
    by default.""",
    remedy="Remove `SourceDestCheck: false`, unless the instance routes or filters traffic.",
    source=_CONFIG + "ec2-enis-source-destination-check-enabled.html",
    equivalents=("EC2_ENIS_SOURCE_DESTINATION_CHECK_ENABLED",),
)

gateways_blocked = property_rule(
    "AWS::EC2::VPCBlockPublicAccessOptions",
    id="ec2-vpc-bpa-internet-gateway-blocked",
    title="VPC block public access is on",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    path=("InternetGatewayBlockMode",),
    holds=one_of("block-bidirectional", "block-ingress"),
    message="does not block internet gateways",
    rationale="""With off traffic passes the internet gateways of every VPC of the Region. Exclusions name the VPCs and
    subnets that need it.""",
    remedy="Set `InternetGatewayBlockMode: block-bidirectional` or `block-ingress`, and exclude what needs "
    "the internet.",
    source="https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-172",
)
