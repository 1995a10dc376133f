"""Fn::Split, Fn::Select, Fn::Cidr, Fn::Length: functions that make, read or measure a list.

AWS: "Fn::Split", "Fn::Select", "Fn::Cidr" and "Fn::Length" of the template reference.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Final

from infra_checks.evaluate.answers import Result, malformed, opaque, operands, renoted
from infra_checks.evaluate.symbols import symbol_value, text_value
from infra_checks.evaluate.values import Known, Symbol, Unknown
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from infra_checks.evaluate.evaluator import Evaluator

_INDEX: Final = re.compile("[0-9]{1,9}")


def texts_in(evaluator: Evaluator, node: Node) -> list[Known[str] | Unknown | None] | Unknown:
    """A list's elements as texts, None for what is no text; Unknown when it cannot be told how many there are."""
    reduced, notes = evaluator.reduce(node)
    if isinstance(reduced, Sequence):
        return [evaluator.text(item) for _, item, _ in evaluator.elements(reduced)]
    if isinstance(reduced, Known) and isinstance(reduced.value, tuple):
        return [Known(item, node, (), notes) for item in reduced.value]
    if isinstance(reduced, Unknown):
        return reduced
    return Unknown("a list is needed here", node)


def split(evaluator: Evaluator, call: Call) -> Result:
    """`Fn::Split` of a delimiter and a text."""
    items = operands(call)
    if len(items) != 2 or not isinstance(items[0], Scalar) or not items[0].text:
        return malformed(call, "a delimiter and a string")
    value = evaluator.text(items[1])
    if value is None:
        return malformed(call, "a delimiter and a string")
    if isinstance(value, Unknown):
        return opaque(call, value.reason, notes=value.notes, present=value.present)
    return Known(tuple(value.value.split(items[0].text)), call, (), value.notes)


def select(evaluator: Evaluator, call: Call) -> Result:
    """`Fn::Select` of an index, from 0, and a list."""
    items = operands(call)
    index = evaluator.text(items[0]) if len(items) == 2 else None
    if index is None:
        return malformed(call, "an index and a list")
    if isinstance(index, Unknown):
        return opaque(call, index.reason)
    if not _INDEX.fullmatch(index.value):
        return malformed(call, f"an index, not {index.value[:20]!r}")
    number = int(index.value)
    reduced, notes = evaluator.reduce(items[1])
    if isinstance(reduced, Sequence):
        return _element(evaluator, call, reduced, number)
    if isinstance(reduced, Known) and isinstance(reduced.value, tuple):
        if number < len(reduced.value):
            return text_value((reduced.value[number],), call, notes)
        return _beyond(call, number, len(reduced.value))
    if isinstance(reduced, Unknown):
        return _selected_symbol(call, reduced, number)
    return malformed(call, "an index and a list")


def _beyond(call: Call, number: int, count: int) -> Unknown:
    return opaque(call, f"index {number} is beyond the {count} elements of the list, so the deployment fails")


def _element(evaluator: Evaluator, call: Call, sequence: Sequence, number: int) -> Result:
    elements = evaluator.elements(sequence)
    if number >= len(elements):
        return _beyond(call, number, len(elements))
    _, node, notes = elements[number]
    reduced, more = evaluator.reduce(node, notes)
    if isinstance(reduced, (Mapping, Sequence)):
        return opaque(call, "the selected element is not a scalar")
    return renoted(reduced, more)


def _selected_symbol(call: Call, value: Unknown, number: int) -> Unknown:
    symbol = value.symbol
    if symbol is not None and symbol.kind == "zones":
        return symbol_value(Symbol("zone", (*symbol.name, number)), call)
    return opaque(call, value.reason, present=value.present)


def length(evaluator: Evaluator, call: Call) -> Result:
    """`Fn::Length` of a list."""
    listed = texts_in(evaluator, call.argument)
    if isinstance(listed, Unknown):
        return opaque(call, listed.reason, present=True)
    return Known(len(listed), call)


def cidr(evaluator: Evaluator, call: Call) -> Result:
    """`Fn::Cidr` of an address block, a count and the host bits of each block."""
    values = [evaluator.text(item) for item in operands(call)]
    if len(values) not in {2, 3} or None in values:
        return malformed(call, "an address block, a count and the number of bits of each")
    known = [value for value in values if isinstance(value, Known)]
    if len(known) < len(values):
        return opaque(call, "it depends on an address block that is not known", present=True)
    notes = tuple(note for value in known for note in value.notes)
    try:
        return Known(tuple(_blocks(*(value.value for value in known))), call, (), notes)
    except ValueError as error:
        return opaque(call, f"Fn::Cidr: {error}")


def _blocks(block: str, count: str, bits: str = "") -> list[str]:
    """AWS: count is 1 to 256; cidrBits is the inverse of the subnet mask, so 8 makes blocks of /24."""
    network = ipaddress.ip_network(block, strict=False)
    wanted = int(count)
    if not 1 <= wanted <= 256:
        raise ValueError("the count must be from 1 to 256")
    prefix = network.max_prefixlen - int(bits or "64")
    found = [str(subnet) for subnet, _ in zip(network.subnets(new_prefix=prefix), range(wanted), strict=False)]
    if len(found) < wanted:
        raise ValueError(f"the block holds only {len(found)} such blocks")
    return found
