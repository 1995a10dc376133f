"""Text of which a part is known only at deployment: pieces, symbols, dynamic references."""

from __future__ import annotations

import json
import re
from itertools import groupby
from typing import TYPE_CHECKING, Final

from infra_checks.evaluate.values import Known, Symbol, Unknown
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Sequence as SequenceType

Parts = tuple[str | Symbol, ...]

DYNAMIC: Final = re.compile(r"\{\{resolve:(ssm|ssm-secure|secretsmanager):([^{}]*)\}\}")
"""AWS: "Get values stored in other services using dynamic references"."""

MAX_TEXT: Final = 1_000_000
"""Characters of a text that functions put together; nested functions can ask for more than memory holds."""

TOO_LONG: Final = f"it is a text of more than {MAX_TEXT:,} characters"

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


def text_value(parts: SequenceType[str | Symbol], node: Node, notes: tuple[str, ...] = ()) -> Known[str] | Unknown:
    """Text from pieces; dynamic references in it, even those put together from pieces, become symbols."""
    if sum(len(part) for part in parts if isinstance(part, str)) > MAX_TEXT:
        return Unknown(TOO_LONG, node, (), notes, present=True)
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
    """An expression as text: equal for equal expressions, different for different ones."""
    match node:
        case Scalar(value=None):
            return "null"
        case Scalar():
            return json.dumps(node.literal, ensure_ascii=False)
        case Sequence():
            return "[" + ", ".join(map(canonical, node.items)) + "]"
        case Mapping():
            entries = sorted(node.entries.items())
            return "{" + ", ".join(f"{json.dumps(key)}: {canonical(child)}" for key, child in entries) + "}"
        case Call():
            return f"{node.name} {_argument(node.argument)}"


def _argument(node: Node) -> str:
    """A call's argument; a text needs no quotes there unless it begins like something else."""
    if isinstance(node, Scalar) and node.value is not None and not node.literal.startswith(("[", "{", '"', "Fn::")):
        return node.literal
    return canonical(node)


def _merged(parts: Iterable[str | Symbol]) -> Parts:
    """Adjoining pieces joined, empty ones dropped."""
    merged: list[str | Symbol] = []
    for is_text, group in groupby(parts, key=lambda part: isinstance(part, str)):
        if is_text:
            merged.append("".join(map(str, group)))
        else:
            merged.extend(group)
    return tuple(part for part in merged if part)


def _with_dynamic(parts: Parts) -> Parts:
    """Replace each `{{resolve:...}}`, which may itself hold symbols, by one symbol."""
    if not any(isinstance(part, str) and "{{resolve:" in part for part in parts):
        return parts
    symbols: dict[int, Symbol] = {}
    text = ""
    for part in parts:
        if isinstance(part, Symbol):
            symbols[len(text)] = part
            part = _HOLE  # noqa: PLW2901 - it stands for the symbol
        text += part
    found: list[str | Symbol] = []
    last = 0
    for match in DYNAMIC.finditer(text):
        found.extend(_pieces(text, symbols, last, match.start()))
        inner = _pieces(text, symbols, *match.span(2))
        found.append(Symbol("dynamic", (match[1], "".join(_shown(piece) for piece in inner))))
        last = match.end()
    found.extend(_pieces(text, symbols, last, len(text)))
    return _merged(found)


_HOLE: Final = "\0"
"""Keeps a symbol's place in a text; which of a text's NULs are symbols is told by their offsets."""


def _pieces(text: str, symbols: dict[int, Symbol], start: int, end: int) -> Iterator[str | Symbol]:
    for offset, symbol in symbols.items():
        if start <= offset < end:
            yield text[start:offset]
            yield symbol
            start = offset + 1
    yield text[start:end]


def _shown(piece: str | Symbol) -> str:
    return piece if isinstance(piece, str) else f"${{{piece}}}"
