"""Rules on what security groups let in from the whole internet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule
from infra_checks.errors import RuleError
from infra_checks.evaluate.values import Unknown
from infra_checks.evaluate.view import as_text
from infra_checks.rules.openings import GROUP, INGRESS, Opening, openings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision

_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_REMEDY: Final = (
    "Replace `CidrIp: 0.0.0.0/0` (or `CidrIpv6: ::/0`) by the address range or security group that needs access."
)

_COMMON: Final = (
    *("20", "21", "23", "445", "1433", "1521", "3306", "3389", "4333", "5432", "5601", "6379", "9200", "27017"),
)


def _verdicts(resource: Resource, ctx: Context, ports: tuple[tuple[int, str], ...]) -> Iterator[Verdict]:
    """A verdict for each ingress rule that lets everyone reach one of the ports."""
    for opening in openings(resource):
        if isinstance(opening, Unknown):
            yield ctx.undecided(opening, f"what it lets in cannot be told: {opening.reason}")
            continue
        if opening.world is False:
            continue
        reached = {port: opening.reaches(port, protocol) for port, protocol in ports}
        sure = [port for port, decision in reached.items() if decision]
        open_ports = [port for port, decision in reached.items() if decision is not False]
        if opening.world and sure:
            every = opening.protocol == "-1" and len(sure) > 1
            yield ctx.violation(opening.at, f"lets everyone reach {'every port' if every else _named(sure)}")
        elif open_ports:
            yield ctx.undecided(
                opening.at, f"whether everyone can reach {_named(open_ports)} cannot be told: {_why(opening)}"
            )


def _named(ports: list[int]) -> str:
    return f"port {ports[0]}" if len(ports) == 1 else f"ports {', '.join(map(str, ports[:-1]))} and {ports[-1]}"


def _why(opening: Opening) -> str:
    text = as_text(opening.at)
    if isinstance(text, Unknown):
        return text.reason
    return "the range, the protocol or the ports cannot be read before deployment"


@rule(
    GROUP,
    INGRESS,
    id="restricted-ssh",
    title="SSH is not open to the whole internet",
    family=Family.NETWORK,
    severity=Severity.HIGH,
    remedy=_REMEDY + " Session Manager needs no open port at all.",
    source=_CONFIG + "restricted-ssh.html",
    equivalents=(
        "6e856af2",
        "CKV_AWS_24",
        "INCOMING_SSH_DISABLED",
        "EC2RestrictedSSH",
        "AWS-0107",
        "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_22",
    ),
)
def ssh(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """Port 22 is tried by strangers within minutes. A range of ports, protocol -1 and any other protocol number that is
    not tcp, udp or icmp open it too, whatever ports stand beside them.
    """
    yield from _verdicts(resource, ctx, ((22, "tcp"),))


@rule(
    GROUP,
    INGRESS,
    id="restricted-common-ports",
    title="Ports of databases and administration are not open to the whole internet",
    family=Family.NETWORK,
    severity=Severity.HIGH,
    remedy=_REMEDY,
    source=_CONFIG + "restricted-common-ports.html",
    equivalents=(
        "CKV_AWS_25",
        "RESTRICTED_INCOMING_TRAFFIC",
        "EC2RestrictedCommonPorts",
        "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_3389",
        "ec2_securitygroup_allow_ingress_from_internet_to_high_risk_tcp_ports",
    ),
    options={"ports": _COMMON},
)
def common_ports(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """Remote desktops, file shares and databases are no services for everyone. AWS Config's own list is 20, 21, 3306,
    3389 and 4333; the option `ports` replaces the list.
    """
    yield from _verdicts(resource, ctx, tuple((port, "tcp") for port in sorted(_numbers(ctx, "ports"))))


@rule(
    GROUP,
    INGRESS,
    id="vpc-sg-open-only-to-authorized-ports",
    title="Only authorised ports are open to the whole internet",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    remedy=_REMEDY,
    source=_CONFIG + "vpc-sg-open-only-to-authorized-ports.html",
    equivalents=(
        "AwsSolutions-EC23",
        "EC2SecurityGroupOpenToWorldRule",
        "ec2_securitygroup_allow_ingress_from_internet_to_all_ports",
        "ec2_securitygroup_allow_ingress_from_internet_to_any_port",
    ),
    options={"tcp_ports": ("80", "443"), "udp_ports": ("443",)},
)
def authorized_ports(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """What is not meant for everyone should not be reachable by everyone. The options `tcp_ports` and `udp_ports` list
    what may be; by default what web servers use. ICMP has no ports and is not judged.
    """
    allowed = {"tcp": _numbers(ctx, "tcp_ports"), "udp": _numbers(ctx, "udp_ports")}
    for opening in openings(resource):
        if isinstance(opening, Unknown):
            yield ctx.undecided(opening, f"what it lets in cannot be told: {opening.reason}")
            continue
        kept = _is_authorized(opening, allowed)
        if opening.world and kept is False:
            yield ctx.violation(opening.at, f"lets everyone reach {_span(opening)}")
        elif opening.world is not False and kept is not True:
            yield ctx.undecided(
                opening.at, f"whether everyone can reach {_span(opening)} cannot be told: {_why(opening)}"
            )


def _is_authorized(opening: Opening, allowed: dict[str, frozenset[int]]) -> Decision:
    if opening.protocol in {"icmp", "icmpv6"}:
        return True
    if opening.protocol == "-1":
        return False
    ports = allowed.get(opening.protocol or "", frozenset())
    ends = [end for end in (opening.first, opening.last) if end is not None]
    if opening.protocol is None or len(ends) < len((opening.first, opening.last)):
        return False if opening.protocol and not ports.issuperset(ends) else None
    return ports.issuperset(range(ends[0], ends[1] + 1))


def _span(opening: Opening) -> str:
    if opening.protocol == "-1":
        return "every port"
    if opening.first is None or opening.last is None:
        return "ports that are not known"
    return _named([opening.first]) if opening.first == opening.last else f"ports {opening.first} to {opening.last}"


def _numbers(ctx: Context, option: str) -> frozenset[int]:
    names = ctx.names(option)
    if wrong := [name for name in names if not name.isdecimal()]:
        raise RuleError(f"option {option} must list port numbers, not {wrong[0]!r}")
    return frozenset(map(int, names))


@rule(
    GROUP,
    INGRESS,
    id="security-group-http-not-public",
    title="HTTP without encryption is not open to the whole internet",
    family=Family.NETWORK,
    severity=Severity.LOW,
    remedy="Take HTTPS on port 443 only, or waive it for a load balancer that redirects from port 80.",
    source="https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
    equivalents=("CKV_AWS_260",),
)
def http(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """What comes over port 80 can be read and changed on the way. A rule for a range or for all ports opens it too."""
    yield from _verdicts(resource, ctx, ((80, "tcp"),))
