"""Rules on the entries of network ACLs."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Known, Unknown, rule
from infra_checks.core.table import is_filled
from infra_checks.evaluate.view import as_text
from infra_checks.rules.acl_entries import (
    ENTRY,
    ICMP,
    ICMPV6,
    TCP,
    UDP,
    identity,
    is_allow,
    is_egress,
    is_stopped,
    ports_of,
    protocol_of,
    ranges_of,
    reaches,
    siblings,
)
from infra_checks.rules.openings import TOP, is_world
from infra_checks.rules.predicates import all_of, any_of, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.evaluate.values import Value

ADMINISTRATION: Final = (22, 3389)
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_ENTRY_DOCS: Final = (
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-networkaclentry.html"
)


@rule(
    ENTRY,
    id="nacl-no-unrestricted-ssh-rdp",
    title="Network ACLs do not let everyone reach SSH and remote desktops",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    remedy="Narrow `CidrBlock` or `PortRange`, or deny ports 22 and 3389 with a lower `RuleNumber`.",
    source=_CONFIG + "nacl-no-unrestricted-ssh-rdp.html",
    equivalents=(
        "AWS-0105",
        "ec2_networkacl_allow_ingress_any_port",
        "ec2_networkacl_allow_ingress_tcp_port_22",
        "ec2_networkacl_allow_ingress_tcp_port_3389",
    ),
)
def administration(entry: Resource, ctx: Context) -> Iterator[Verdict]:
    """A network ACL is the second line behind security groups: where one of them is too wide, it still keeps strangers
    from the ports of administration. AWS: entries are tried in the order of their numbers, and the first that matches
    decides.
    """
    egress = is_egress(entry)
    allow = is_allow(entry)
    if allow is False or egress is True:
        return
    for value in ranges_of(entry):
        world = is_world(value)
        found = {} if world is False else {port: reaches(entry, port) for port in ADMINISTRATION}
        reached = {port: hit for port, hit in found.items() if hit is not False and not is_stopped(entry, port, value)}
        sure = [str(port) for port, decision in reached.items() if decision]
        if not reached:
            continue
        if world and sure and allow and egress is False:
            yield ctx.violation(value, f"lets everyone reach port {' and '.join(sure)}")
        else:
            yield ctx.undecided(value, "whether it lets everyone reach port 22 or 3389 is known only at deployment")


@rule(
    ENTRY,
    id="network-acl-allow-protocol-limited",
    title="Network ACLs allow single protocols",
    family=Family.NETWORK,
    severity=Severity.LOW,
    remedy="Set `Protocol` to 6 (TCP), 17 (UDP) or 1 (ICMP); 58 (ICMPv6) with `Ipv6CidrBlock` and `Icmp`.",
    source=_ENTRY_DOCS,
    equivalents=("W66", "EC2_NETWORK_ACL_PROTOCOL_RULE", "AWS-0102"),
)
def allowed_protocol(entry: Resource, ctx: Context) -> Iterator[Verdict]:
    """AWS: with protocol -1, and with any number but 6, 17 and 1, traffic on all ports is allowed, whatever ports and
    ICMP types are specified; so are all ICMP types with protocol 58 (ICMPv6) and an IPv4 range, and with an IPv6 range
    it needs a type and a code.
    """
    allow = is_allow(entry)
    if allow is False:
        return
    value = entry.value("Protocol")
    protocol = protocol_of(entry)
    if protocol in {TCP, UDP, ICMP}:
        return
    if protocol == ICMPV6:
        kept = all_of(is_filled(entry.value(name)) is not False for name in ("Ipv6CidrBlock", "Icmp"))
        if kept:
            return
    if protocol is None or allow is None:
        yield ctx.undecided(value, "which protocols it allows is known only at deployment")
    elif protocol == ICMPV6:
        yield ctx.violation(value, "allows all types of ICMPv6, or has no type for its IPv6 range")
    else:
        yield ctx.violation(value, "allows all protocols" if protocol == "-1" else f"allows all of protocol {protocol}")


@rule(
    ENTRY,
    id="network-acl-allow-ports-limited",
    title="Network ACLs allow some ports of TCP and UDP only",
    family=Family.NETWORK,
    severity=Severity.LOW,
    remedy="Set `PortRange` to the ports that are needed.",
    source=_ENTRY_DOCS,
    equivalents=("W67", "EC2_NETWORK_ACL_PORT_RANGE_RULE"),
)
def allowed_ports(entry: Resource, ctx: Context) -> Iterator[Verdict]:
    """An entry for all ports of a protocol makes the network ACL say nothing about them. AWS needs PortRange for TCP
    and UDP. Entries for all protocols have a rule of their own.
    """
    allow, protocol = is_allow(entry), protocol_of(entry)
    if allow is False or protocol not in {None, TCP, UDP}:
        return
    value = entry.value("PortRange")
    first, last = ports_of(entry)
    if isinstance(value, Unknown) or (first is None and last in {None, TOP}) or (last is None and first == 0):
        yield ctx.undecided(value, "which ports it allows is known only at deployment")
    elif (first or 0) <= 0 and first is not None and last is not None and last >= TOP:
        if protocol is None or allow is None:
            yield ctx.undecided(value, "whether it allows all ports is known only at deployment")
        else:
            yield ctx.violation(value, "allows all ports")


@rule(
    ENTRY,
    id="network-acl-deny-covers-all",
    title="What a network ACL denies it denies to everyone",
    family=Family.NETWORK,
    severity=Severity.LOW,
    remedy="Set `CidrBlock: 0.0.0.0/0` (or `Ipv6CidrBlock: ::/0`), or remove the entry.",
    source="https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html",
    equivalents=("W71", "EC2_NETWORK_ACL_ENTRY_INEFFECTIVE_DENY_RULE"),
)
def denied_range(entry: Resource, ctx: Context) -> Iterator[Verdict]:
    """Every network ACL ends with an entry that denies everything, so that a narrower one keeps out some addresses
    only, of attackers who have others. Waive it for addresses that are blocked on purpose.
    """
    deny = text_is(entry.text("RuleAction"), "deny")
    if deny is False:
        return
    for value in ranges_of(entry):
        world = is_world(value)
        if world is False and deny:
            yield ctx.violation(value, "denies traffic for some addresses only")
        elif world is not True:
            yield ctx.undecided(value, "whether it denies traffic for all addresses is known only at deployment")


@rule(
    ENTRY,
    id="network-acl-rule-number-unique",
    title="Entries of a network ACL have numbers of their own",
    family=Family.DEPLOYABILITY,
    severity=Severity.HIGH,
    remedy="Give each entry of a direction its own `RuleNumber`.",
    source=_ENTRY_DOCS,
    equivalents=("F79",),
)
def unique_number(entry: Resource, ctx: Context) -> Iterator[Verdict]:
    """Two entries for the same direction with the same number cannot both be made, and the deployment fails. Entries
    for traffic in and out are numbered apart.
    """
    value = entry.value("RuleNumber")
    if isinstance(value, Unknown) and not value.parts:
        yield ctx.undecided(value, f"its number cannot be told: {value.reason}")
        return
    number = identity(value)
    for other in siblings(entry) if number is not None else ():
        # Of two only one is reported: by name, so that the order in the text does not matter.
        if entry.logical_id < other.logical_id or identity(other.value("RuleNumber")) != number:
            continue
        same = is_egress(other), is_egress(entry)
        if None in same:
            yield ctx.undecided(value, f"whether {other.logical_id} is for the same direction cannot be told")
        elif same[0] == same[1]:
            yield ctx.violation(value, f"has the same RuleNumber as {other.logical_id}")


@rule(
    ENTRY,
    id="network-acl-entry-reached",
    title="No entry of a network ACL is hidden by another",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    remedy="Give the entry a lower `RuleNumber` than the one that hides it, or remove it.",
    source="https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html",
    equivalents=("W72",),
)
def hidden(entry: Resource, ctx: Context) -> Iterator[Verdict]:
    """AWS tries entries in the order of their numbers, and the first that matches decides: one behind another for the
    same protocol, ports and addresses, or more, never applies. Only the opposite action is reported.
    """
    number = entry.number("RuleNumber")
    if isinstance(number, Unknown):
        yield ctx.undecided(number, f"its number cannot be told: {number.reason}")
        return
    for other in siblings(entry):
        earlier = other.number("RuleNumber")
        before = isinstance(number, Known) and isinstance(earlier, Known) and earlier.value < number.value
        if before and _opposes(other, entry) and _hides(other, entry):
            yield ctx.violation(number, f"never applies, because {other.logical_id} comes before it")


def _opposes(one: Resource, other: Resource) -> bool:
    actions = {is_allow(one), is_allow(other)}
    return actions == {True, False} and is_egress(one) is not None and is_egress(one) == is_egress(other)


def _hides(one: Resource, other: Resource) -> bool:
    """Whether one surely matches all that another does."""
    protocols = protocol_of(one), protocol_of(other)
    if None in protocols or (protocols[0] != "-1" and protocols[0] != protocols[1]):
        return False
    if protocols[0] in {TCP, UDP}:
        (first, last), (low, high) = ports_of(one), ports_of(other)
        if first is None or last is None or low is None or high is None or not (first <= low and high <= last):
            return False
    elif protocols[0] != "-1":
        return False
    ranges = list(ranges_of(other))
    return bool(ranges) and all(any_of(*(_contains(wide, value) for wide in ranges_of(one))) for value in ranges)


def _contains(wide: Value[object], narrow: Value[object]) -> bool:
    outer, inner = as_text(wide), as_text(narrow)
    if not isinstance(outer, Known) or not isinstance(inner, Known):
        return bool(is_world(wide)) and wide.path[-1:] == narrow.path[-1:]
    try:
        first, second = ipaddress.ip_network(outer.value, strict=False), ipaddress.ip_network(inner.value, strict=False)
    except ValueError:
        return False
    return (
        first.version == second.version
        and int(first.network_address) <= int(second.network_address)
        and int(second.broadcast_address) <= int(first.broadcast_address)
    )
