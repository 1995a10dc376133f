"""Text of which a part is known only at deployment: pieces, symbols, dynamic references."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.evaluate.values import Known, Symbol, Unknown
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable

Parts = tuple[str | Symbol, ...]

DYNAMIC: Final = re.compile(r"\{\{resolve:(ssm|ssm-secure|secretsmanager):([^{}]*)\}\}")
"""AWS: "Get values stored in other services using dynamic references"."""

_WORDS: Final = {
    "parameter": "the parameter {}",
    "pseudo": "{}",
    "import": "the export {} of another stack",
    "dynamic": "the dynamic reference {}",
    "zone": "Availability Zone {}",
    "zones": "the Availability Zones of {}",
    "call": "{}",
}


def describe(symbol: Symbol) -> str:
    """The symbol in words."""
    if symbol.kind == "reference":
        logical_id, attribute = symbol.name
        return f"the resource {logical_id}" if attribute == "Ref" else f"{attribute} of the resource {logical_id}"
    return _WORDS[symbol.kind].format(symbol)


def text_value(parts: Iterable[str | Symbol], node: Node, notes: tuple[str, ...] = ()) -> Known[str] | Unknown:
    """Text from pieces; dynamic references in it, even those put together from pieces, become symbols."""
    merged = _with_dynamic(_merged(parts))
    symbols = [part for part in merged if isinstance(part, Symbol)]
    if not symbols:
        return Known("".join(map(str, merged)), node, (), notes)
    reason = "it depends on " + " and ".join(dict.fromkeys(map(describe, symbols)))
    present = len(symbols) < len(merged) or any(symbol.kind not in {"parameter", "call"} for symbol in symbols)
    return Unknown(reason, node, (), notes, merged, present=present)


def symbol_value(symbol: Symbol, node: Node, *, reason: str = "", present: bool = True) -> Unknown:
    """A value that is exactly one symbol."""
    return Unknown(reason or f"it depends on {describe(symbol)}", node, (), (), (symbol,), present=present)


def canonical(node: Node) -> str:
    """An expression as text, equal for equal expressions."""
    match node:
        case Scalar():
            return node.literal
        case Sequence():
            return "[" + ", ".join(map(canonical, node.items)) + "]"
        case Mapping():
            return "{" + ", ".join(f"{key}: {canonical(child)}" for key, child in sorted(node.entries.items())) + "}"
        case Call():
            return f"{node.name} {canonical(node.argument)}"


def _merged(parts: Iterable[str | Symbol]) -> Parts:
    """Adjoining pieces joined, empty ones dropped."""
    merged: list[str | Symbol] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part:
            merged.append(part)
    return tuple(merged)


def _with_dynamic(parts: Parts) -> Parts:
    """Replace each `{{resolve:...}}`, which may itself hold symbols, by one symbol."""
    if not any(isinstance(part, str) and "{{resolve:" in part for part in parts):
        return parts
    inner = [part for part in parts if isinstance(part, Symbol)]
    holes = iter(range(len(inner)))
    text = "".join(part if isinstance(part, str) else f"\0{next(holes)}\0" for part in parts)
    found: list[str | Symbol] = []
    last = 0
    for match in DYNAMIC.finditer(text):
        found.extend(_filled(text[last : match.start()], inner))
        found.append(Symbol("dynamic", (match[1], _named(match[2], inner))))
        last = match.end()
    found.extend(_filled(text[last:], inner))
    return _merged(found)


def _named(text: str, inner: list[Symbol]) -> str:
    return "".join(part if isinstance(part, str) else f"${{{part}}}" for part in _filled(text, inner))


def _filled(text: str, inner: list[Symbol]) -> list[str | Symbol]:
    """Put symbols back where their numbers stand between NULs (which no YAML or JSON text holds raw)."""
    pieces = re.split("\0(\\d+)\0", text)
    return [inner[int(piece)] if index % 2 else piece for index, piece in enumerate(pieces)]
