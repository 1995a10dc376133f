"""What the rules of security groups let in or out, and whether an address range is the whole internet."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.evaluate.values import Absent, Known, Symbol, Unknown, Value
from infra_checks.evaluate.view import EACH, View, as_text
from infra_checks.rules.predicates import read_once

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.table import Decision

GROUP: Final = "AWS::EC2::SecurityGroup"
INGRESS: Final = "AWS::EC2::SecurityGroupIngress"
EGRESS: Final = "AWS::EC2::SecurityGroupEgress"

_NUMBERS: Final = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}
TOP: Final = 65535


class Opening(NamedTuple):
    """One rule as far as the whole internet is concerned.

    `world` says whether it is for every address, `at` is the address range; `protocol` is tcp, udp, icmp, icmpv6, `-1`
    for all (as any other protocol opens all ports), None when it cannot be told; so are `first` and `last`.
    """

    world: Decision
    at: Value[object]
    protocol: str | None
    first: int | None
    last: int | None

    def reaches(self, port: int, protocol: str) -> Decision:
        """Whether it lets a port of a protocol through."""
        if self.protocol == "-1":
            return True
        if self.protocol not in {None, protocol} or not self._may_hold(port):
            return False
        known = self.protocol is not None and self.first is not None and self.last is not None
        return True if known else None

    def _may_hold(self, port: int) -> bool:
        return (self.first or 0) <= port <= (TOP if self.last is None else self.last)


def entries(resource: Resource, direction: str) -> Iterator[View | Unknown]:
    """The rules of a group for a direction (`Ingress`, `Egress`), or the one that is a resource; Unknown for what
    cannot be read.
    """
    if resource.type in {INGRESS, EGRESS}:
        if resource.type.endswith(direction):
            yield resource
        return
    listed = resource.listed(f"SecurityGroup{direction}")
    match listed:
        case Known(views):
            for view in views:
                entry = view.mapping()
                if isinstance(entry, Known):
                    yield entry.value
                elif isinstance(entry, Unknown):
                    yield entry
        case Unknown():
            yield listed
        case Absent():
            return


def openings(resource: Resource, direction: str = "Ingress") -> Iterator[Opening | Unknown]:
    """The rules of a group, or the one that is a resource, one for each address range; read once for all rules."""
    return read_once(resource, _openings, direction)


def _openings(resource: Resource, direction: str) -> Iterator[Opening | Unknown]:
    for entry in entries(resource, direction):
        if isinstance(entry, Unknown):
            yield entry
        else:
            yield from _of_rule(entry)


def _of_rule(view: View) -> Iterator[Opening]:
    """One opening for each address range of a rule."""
    protocol = protocol_of(view.text("IpProtocol"))
    first, last = _port(view.number("FromPort"), 0), _port(view.number("ToPort"), TOP)
    for name in ("CidrIp", "CidrIpv6"):
        value = view.value(name)
        if not isinstance(value, Absent):
            yield Opening(is_world(value), value, protocol, first, last)
    for value in _prefixes(view):
        yield Opening(is_world(value), value, protocol, first, last)


def _prefixes(view: View) -> Iterator[Value[object]]:
    """The ranges of a prefix list of this stack; others are taken to be limited."""
    named = (view.value(name) for name in ("SourcePrefixListId", "DestinationPrefixListId"))
    symbol = next((value.symbol for value in named if isinstance(value, Unknown)), None)
    declaration = view.evaluator.stack.template.resources.get(str(symbol.name[0])) if symbol else None
    if declaration and declaration.type == "AWS::EC2::PrefixList" and declaration.properties is not None:
        yield from View(view.evaluator, declaration.properties, ()).values("Entries", EACH, "Cidr")


def protocol_of(value: Value[str]) -> str | None:
    """AWS: -1, or a number other than those of tcp, udp, icmp and icmpv6, allows traffic on all ports."""
    match value:
        case Known(text):
            name = _NUMBERS.get(text, text.lower())
            return name if name in _NUMBERS.values() else "-1"
        case Unknown():
            return None
        case Absent():
            return "-1"


def _port(value: Value[int | float], default: int) -> int | None:
    """A port; a missing one, or -1, is no limit."""
    match value:
        case Known(number):
            return default if number < 0 else int(number)
        case Unknown():
            return None
        case Absent():
            return default


def is_world(value: Value[object]) -> Decision:
    """Whether a range is every address; 0.0.0.0/0, ::/0 and 0:0:0:0:0:0:0:0/0 alike."""
    text = as_text(value)
    match text:
        case Known(block):
            try:
                return ipaddress.ip_network(block.strip(), strict=False).prefixlen == 0
            except ValueError:
                return None
        case Unknown():
            return _may_be_world(text)
        case Absent():
            return False


def _may_be_world(value: Unknown) -> Decision:
    """No, when the length of the prefix is written out and not 0, or the range is that of a VPC or subnet."""
    last = value.parts[-1] if value.parts else None
    if isinstance(last, str):
        return False if last.rpartition("/")[2] not in {"", "0"} and "/" in last else None
    if isinstance(last, Symbol) and last.kind == "reference" and str(last.name[1]).startswith("CidrBlock"):
        return False
    return None
