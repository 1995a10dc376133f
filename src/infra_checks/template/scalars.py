"""The value of a scalar without quotes, as CloudFormation reads it."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from infra_checks.template.nodes import ScalarValue

WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
}
"""`yes`, `no`, `on` and `off` are missing on purpose: CloudFormation keeps them as text."""

_NUMBER_STARTS: Final = frozenset("-0123456789")
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)")
_FRACTION: Final = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+][0-9]+)?")
# int() refuses more digits than sys.get_int_max_str_digits() allows, which is never set below 640.
_MOST_DIGITS: Final = 640


def plain_value(text: str) -> ScalarValue:
    """The typed value of a plain YAML scalar.

    Only what cannot mean anything else becomes a number: an account id with a leading zero, a date, an
    octal mode, `1_000` and `12:30` stay the text that was written.
    """
    if text in WORDS:
        return WORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    if _INTEGER.fullmatch(text):
        return integer(text)
    return fraction(text) if _FRACTION.fullmatch(text) else text


def integer(text: str) -> int | str:
    """The number written in decimal digits, or the text itself when it has too many of them."""
    return int(text) if len(text) <= _MOST_DIGITS else text


def fraction(text: str) -> float | str:
    """The number written with a point or an exponent, or the text itself when no float holds it."""
    value = float(text)
    return value if math.isfinite(value) else text
