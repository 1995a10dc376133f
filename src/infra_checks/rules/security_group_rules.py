"""Rules on the rules of security groups: how wide they are, in both directions, and what they say of themselves."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Rule, Unknown, rule
from infra_checks.core.table import is_set, property_rule
from infra_checks.evaluate.view import as_text
from infra_checks.rules.openings import EGRESS, GROUP, INGRESS, entries, openings, protocol_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value
    from infra_checks.evaluate.view import View

    Decider = Callable[[View], tuple[Value[object], Decision]]

_GUIDE: Final = "https://docs.aws.amazon.com/vpc/latest/userguide/"
_REFERENCE: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
_WAYS: Final = {"Ingress": "in", "Egress": "out"}


def _direction_rule(  # noqa: PLR0913 - a row of a table, all by keyword
    direction: str,
    *,
    id: str,
    title: str,
    severity: Severity,
    wide: Decider,
    message: str,
    rationale: str,
    remedy: str,
    equivalents: tuple[str, ...] = (),
) -> Rule:
    """A rule that no rule of a group for a direction is `wide`."""

    def judge(resource: Resource, ctx: Context) -> Iterator[Verdict]:
        for entry in entries(resource, direction):
            if isinstance(entry, Unknown):
                yield ctx.undecided(entry, f"what it lets {_WAYS[direction]} cannot be told: {entry.reason}")
                continue
            value, found = wide(entry)
            if found is not False and _leads_nowhere(entry):
                continue
            if found is None:
                why = value.reason if isinstance(value, Unknown) else "it depends on the deployment"
                yield ctx.undecided(value, f"what it lets {_WAYS[direction]} cannot be told: {why}")
            elif found:
                yield ctx.violation(value, message)

    judge.__doc__ = rationale
    return rule(
        GROUP,
        INGRESS if direction == "Ingress" else EGRESS,
        id=id,
        title=title,
        family=Family.NETWORK,
        severity=severity,
        remedy=remedy,
        source=_GUIDE + "security-group-rules.html",
        equivalents=equivalents,
    )(judge)


def _leads_nowhere(entry: View) -> bool:
    """Whether it is for the host itself; AWS: a rule for 127.0.0.1/32 keeps out the one that lets everything out."""
    values = [entry.value(name) for name in ("CidrIp", "CidrIpv6")]
    networks = [_network(value) for value in values if not isinstance(value, Absent)]
    return bool(networks) and all(network is not None and network.is_loopback for network in networks)


def _is_every_protocol(entry: View) -> tuple[Value[object], Decision]:
    value = entry.value("IpProtocol")
    protocol = protocol_of(as_text(value))
    return value, None if protocol is None else protocol == "-1"


def _is_range(entry: View) -> tuple[Value[object], Decision]:
    """Whether it is for more than one port; ICMP has types in their place, and all protocols have a rule of their
    own.
    """
    value = entry.value("FromPort")
    protocol = protocol_of(as_text(entry.value("IpProtocol")))
    if protocol not in {None, "tcp", "udp"}:
        return value, False
    first, last = entry.number("FromPort"), entry.number("ToPort")
    if isinstance(first, Known) and isinstance(last, Known):
        return value, first.value != last.value if protocol is not None or first.value == last.value else None
    same = isinstance(first, Unknown) and isinstance(last, Unknown) and bool(first.parts) and first.parts == last.parts
    if same:
        return value, False
    return value, None if isinstance(first, Unknown) or isinstance(last, Unknown) else True


ingress_protocols = _direction_rule(
    "Ingress",
    id="security-group-ingress-protocol-limited",
    title="Security groups let single protocols in",
    severity=Severity.MEDIUM,
    wide=_is_every_protocol,
    message="lets every protocol and port in",
    rationale="""A rule for all protocols opens every port, also of what is installed later. AWS: -1, and any number but
    those of tcp, udp, icmp and icmpv6, is all ports, whatever ports stand beside it.""",
    remedy="Set `IpProtocol: tcp` with `FromPort` and `ToPort`.",
    equivalents=("W42", "SECURITY_GROUP_INGRESS_ALL_PROTOCOLS_RULE"),
)

egress_protocols = _direction_rule(
    "Egress",
    id="security-group-egress-protocol-limited",
    title="Security groups let single protocols out",
    severity=Severity.LOW,
    wide=_is_every_protocol,
    message="lets every protocol and port out",
    rationale="""What breaks in wants to talk to its makers; a group that lets out only what is needed stands in the
    way. AWS: -1, and any number but those of tcp, udp, icmp and icmpv6, is all ports.""",
    remedy="Set `IpProtocol: tcp` with `FromPort` and `ToPort`.",
    equivalents=("W40", "SECURITY_GROUP_EGRESS_ALL_PROTOCOLS_RULE"),
)

ingress_ports = _direction_rule(
    "Ingress",
    id="security-group-ingress-single-port",
    title="Security groups let single ports in",
    severity=Severity.LOW,
    wide=_is_range,
    message="lets a range of ports in",
    rationale="""A range also opens the ports in it that nobody thought of. One rule for each port says what is
    meant.""",
    remedy="Set `FromPort` and `ToPort` to the same port, in one rule for each.",
    equivalents=("W27", "SECURITY_GROUP_INGRESS_PORT_RANGE_RULE"),
)

egress_ports = _direction_rule(
    "Egress",
    id="security-group-egress-single-port",
    title="Security groups let single ports out",
    severity=Severity.LOW,
    wide=_is_range,
    message="lets a range of ports out",
    rationale="""A range also opens the ports in it that nobody thought of. One rule for each port says what is
    meant.""",
    remedy="Set `FromPort` and `ToPort` to the same port, in one rule for each.",
    equivalents=("W29", "SECURITY_GROUP_EGRESS_PORT_RANGE_RULE"),
)


@rule(
    GROUP,
    EGRESS,
    id="security-group-egress-not-open",
    title="Security groups do not let everything out to everywhere",
    family=Family.NETWORK,
    severity=Severity.LOW,
    remedy="Replace `CidrIp: 0.0.0.0/0` (or `CidrIpv6: ::/0`) by the addresses, group or prefix list that is needed.",
    source=_GUIDE + "security-group-rules.html",
    equivalents=("W5", "EC2_SECURITY_GROUP_EGRESS_OPEN_TO_WORLD_RULE", "AWS-0104"),
)
def open_egress(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """What breaks in sends out what it finds. AWS services can be reached through VPC endpoints and prefix lists, so
    that few groups need the whole internet. A group that states no egress at all is another rule's.
    """
    for opening in openings(resource, "Egress"):
        if isinstance(opening, Unknown):
            yield ctx.undecided(opening, f"where it lets traffic go cannot be told: {opening.reason}")
        elif opening.world:
            yield ctx.violation(opening.at, "lets traffic out to every address")
        elif opening.world is None:
            yield ctx.undecided(opening.at, "whether it lets traffic out to every address is known only at deployment")


@rule(
    GROUP,
    INGRESS,
    id="security-group-ingress-not-open",
    title="Security groups let nobody in from everywhere",
    family=Family.NETWORK,
    severity=Severity.LOW,
    remedy="Replace `CidrIp: 0.0.0.0/0` (or `CidrIpv6: ::/0`) by the addresses or group that need access; waive it for "
    "a public load balancer.",
    source=_GUIDE + "security-group-rules.html",
    equivalents=("W2", "EC2_SECURITY_GROUP_INGRESS_OPEN_TO_WORLD_RULE", "EC2SecurityGroupIngressOpenToWorldRule"),
)
def open_ingress(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """Whatever the port: what everyone can reach, everyone can attack. Little but a load balancer has to be open to
    every address; there are other rules on which ports may be.
    """
    for opening in openings(resource):
        if isinstance(opening, Unknown):
            yield ctx.undecided(opening, f"whom it lets in cannot be told: {opening.reason}")
        elif opening.world:
            yield ctx.violation(opening.at, "lets every address in")
        elif opening.world is None:
            yield ctx.undecided(opening.at, "whether it lets every address in is known only at deployment")


stated_egress = property_rule(
    GROUP,
    id="security-group-egress-stated",
    title="Security group says what it lets out",
    family=Family.NETWORK,
    severity=Severity.LOW,
    path=("SecurityGroupEgress",),
    holds=is_set,
    message="does not say what it lets out, so that AWS lets out everything",
    rationale="""AWS adds a rule that lets everything out to every address when a group states no egress of its own. A
    rule in a separate resource is added to that one, and does not replace it.""",
    remedy="Add `SecurityGroupEgress` with what is needed; to let nothing out, a rule for `CidrIp: 127.0.0.1/32`.",
    source=_REFERENCE + "aws-resource-ec2-securitygroup.html",
    equivalents=("F1000", "SECURITY_GROUP_MISSING_EGRESS_RULE", "EC2SecurityGroupMissingEgressRule"),
)

in_vpc = property_rule(
    GROUP,
    id="security-group-vpc-stated",
    title="Security group says for which VPC it is",
    family=Family.NETWORK,
    severity=Severity.LOW,
    path=("VpcId",),
    holds=is_set,
    message="is made in the default VPC, if there is one",
    rationale="""Without VpcId the group belongs to the default VPC, and cannot be used in any other; where there is no
    default VPC, the deployment fails.""",
    remedy="Set `VpcId: !Ref Vpc`.",
    source=_REFERENCE + "aws-resource-ec2-securitygroup.html",
)


@rule(
    GROUP,
    INGRESS,
    EGRESS,
    id="security-group-rules-described",
    title="Every rule of a security group says what it is for",
    family=Family.NETWORK,
    severity=Severity.LOW,
    remedy="Add `Description` to each rule.",
    source=_GUIDE + "security-group-rules.html",
    equivalents=(
        "5e6c9c68",
        "CKV_AWS_23",
        "W36",
        "SECURITY_GROUP_DESCRIPTION_RULE",
        "AwsSolutions-EC27",
        "AWS-0099",
        "AWS-0124",
    ),
)
def described(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """Nobody dares to remove a rule that nobody understands, and so groups only grow. AWS asks for a description of the
    group itself, but not of its rules.
    """
    for direction in _WAYS:
        for entry in entries(resource, direction):
            value = entry if isinstance(entry, Unknown) else entry.value("Description")
            kept = None if isinstance(entry, Unknown) else is_set(value, ctx)
            if kept is None:
                yield ctx.undecided(value, "whether its rules are described is known only at deployment")
            elif not kept:
                yield ctx.violation(value, "has a rule without a description")


def _network(value: Value[object]) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    text = as_text(value)
    try:
        return ipaddress.ip_network(text.value.strip(), strict=False) if isinstance(text, Known) else None
    except ValueError:
        return None


@rule(
    GROUP,
    INGRESS,
    id="security-group-ingress-single-address",
    title="Security groups let single addresses in",
    family=Family.NETWORK,
    severity=Severity.LOW,
    remedy="Use `SourceSecurityGroupId`, or an address with `/32` (`/128` for IPv6).",
    source=_GUIDE + "security-group-rules.html",
    equivalents=("W9", "SECURITY_GROUP_INGRESS_CIDR_NON_32_RULE"),
)
def single_addresses(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """A range lets in every host that ever gets an address in it. Another security group, or single addresses, say
    exactly who is meant.
    """
    for opening in openings(resource):
        if isinstance(opening, Unknown):
            yield ctx.undecided(opening, f"whom it lets in cannot be told: {opening.reason}")
            continue
        network = _network(opening.at)
        text = as_text(opening.at)
        end = text.parts[-1] if isinstance(text, Unknown) and text.parts else ""
        if network is not None and network.num_addresses > 1:
            yield ctx.violation(opening.at, f"lets in all addresses of {network}")
        elif network is None and not (isinstance(end, str) and end.endswith(("/32", "/128"))):
            yield ctx.undecided(opening.at, "whether it lets in a single address is known only at deployment")


@rule(
    GROUP,
    INGRESS,
    id="security-group-no-wide-public-ranges",
    title="Security groups do not let large parts of the internet in",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    remedy="Narrow `CidrIp` to /24 or less.",
    source=_GUIDE + "security-group-rules.html",
    equivalents=("ec2_securitygroup_allow_wide_open_public_ipv4",),
    options={"prefix_length": 24},
)
def wide_ranges(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """A range of public addresses wider than one network holds strangers too, whatever the port. Private ranges, and
    0.0.0.0/0, on which there are rules by port, are left out; so is IPv6. The option prefix_length says what is wide.
    """
    for opening in openings(resource):
        if isinstance(opening, Unknown):
            yield ctx.undecided(opening, f"whom it lets in cannot be told: {opening.reason}")
            continue
        network = _network(opening.at)
        if network is not None and network.version == 4 and not network.is_private:  # noqa: PLR2004 - IPv4
            if 0 < network.prefixlen < ctx.number("prefix_length"):
                yield ctx.violation(opening.at, f"lets in all addresses of {network}")
        elif network is None and opening.world is None:
            yield ctx.undecided(opening.at, "whom it lets in is known only at deployment")
