"""The hash by which GitHub code scanning recognises a line that has moved.

It is computed as GitHub's upload action does, which warns of every result that carries another value. The
hash of a line covers the 100 characters from its start on, without spaces and tabs, as a polynomial in 37
modulo 2**64; equal lines are numbered.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

_BLOCK: Final = 100
_FACTOR: Final = 37
_MODULUS: Final = 1 << 64
_END: Final = 0xFFFF
"""Stands for the end of the file."""


def line_hashes(text: str) -> list[str]:
    """The hash of each line of a text, the lines ending with LF, CR LF or CR."""
    units = _code_units(re.sub("[ \t]", "", re.sub("\r\n?", "\n", text)))
    starts = [0, *(index + 1 for index, unit in enumerate(units) if unit == ord("\n"))]
    units.append(_END)
    padded = units + [0] * _BLOCK
    seen: Counter[str] = Counter()
    hashes: list[str] = []
    for start in starts:
        value = 0
        for unit in padded[start : start + _BLOCK]:
            value = (value * _FACTOR + unit) % _MODULUS
        digits = f"{value:x}"
        seen[digits] += 1
        hashes.append(f"{digits}:{seen[digits]}")
    return hashes


def _code_units(text: str) -> list[int]:
    """The text in UTF-16, whose units are the characters of the upload action's language."""
    data = text.encode("utf-16-le", "surrogatepass")
    return [low | high << 8 for low, high in zip(data[::2], data[1::2], strict=True)]
