"""What the entries of a network ACL are for: protocol, ports, direction, and the entries beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.evaluate.values import Absent, Known, Unknown
from infra_checks.evaluate.view import as_text
from infra_checks.rules.openings import TOP, is_world
from infra_checks.rules.predicates import text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

ENTRY: Final = "AWS::EC2::NetworkAclEntry"
TCP, UDP, ICMP, ICMPV6 = "6", "17", "1", "58"
_NAMES: Final = {"tcp": TCP, "udp": UDP, "icmp": ICMP, "icmpv6": ICMPV6, "all": "-1"}


def protocol_of(entry: Resource) -> str | None:
    """The number of its protocol; empty when none is given, None when it cannot be told."""
    protocol = entry.text("Protocol")
    match protocol:
        case Known(text):
            return _NAMES.get(text.lower(), text)
        case Unknown():
            return None
        case Absent():
            return ""


def ports_of(entry: Resource) -> tuple[int | None, int | None]:
    """Its first and last port; a missing one, or -1, is no limit."""
    first, last = (entry.number("PortRange", end) for end in ("From", "To"))
    return _end(first, 0), _end(last, TOP)


def _end(value: Value[int | float], default: int) -> int | None:
    match value:
        case Known(number):
            return default if number < 0 else int(number)
        case Unknown():
            return None
        case Absent():
            return default


def reaches(entry: Resource, port: int) -> Decision:
    """Whether it is for a TCP port; AWS: protocols other than 6, 17, 1 and 58 are all ports, whatever is specified."""
    protocol = protocol_of(entry)
    if protocol in {UDP, ICMP, ICMPV6}:
        return False
    if protocol not in {None, TCP}:
        return True
    first, last = ports_of(entry)
    if (first is not None and first > port) or (last is not None and last < port):
        return False
    return None if protocol is None or first is None or last is None else True


def is_allow(entry: Resource) -> Decision:
    """Whether it allows what it matches."""
    return text_is(entry.text("RuleAction"), "allow")


def is_egress(entry: Resource) -> Decision:
    """Whether it is for traffic out; AWS: not unless Egress is true."""
    egress = entry.boolean("Egress")
    return egress.value if isinstance(egress, Known) else None if isinstance(egress, Unknown) else False


def ranges_of(entry: Resource) -> Iterator[Value[object]]:
    """Its address ranges."""
    for name in ("CidrBlock", "Ipv6CidrBlock"):
        value = entry.value(name)
        if not isinstance(value, Absent):
            yield value


def siblings(entry: Resource) -> Iterator[Resource]:
    """The other entries of its network ACL."""
    table = entry.value("NetworkAclId")
    same = identity(table)
    for other in entry.stack.of_type(ENTRY):
        if other != entry and same is not None and identity(other.value("NetworkAclId")) == same:
            yield other


def identity(value: Value[object]) -> object:
    """What a value is as a text, or is put together of; None when nothing is known of it."""
    text = as_text(value)
    return text.value if isinstance(text, Known) else (text.parts or None) if isinstance(text, Unknown) else None


def is_stopped(entry: Resource, port: int, at: Value[object]) -> bool:
    """Whether an entry with a lower number surely denies everyone the port before this one allows it."""
    number = entry.number("RuleNumber")
    version = "Ipv6CidrBlock" if at.path[-1:] == ("Ipv6CidrBlock",) else "CidrBlock"
    for other in siblings(entry):
        earlier = other.number("RuleNumber")
        first = isinstance(number, Known) and isinstance(earlier, Known) and earlier.value < number.value
        denies = text_is(other.text("RuleAction"), "deny") and is_egress(other) is False
        if first and denies and is_world(other.value(version)) and reaches(other, port):
            return True
    return False
