r"""The AWS CLI's shorthand for one parameter: `ParameterKey=Subnets,ParameterValue=a\,b`.

AWS: "Using shorthand syntax in the AWS CLI". A value may stand in quotes; without them `\,` is a comma.
"""

from __future__ import annotations

import re
from typing import Final

FIELDS: Final = ("ParameterKey", "ParameterValue", "UsePreviousValue", "ResolvedValue")

_START: Final = re.compile(rf"\s*(?:{'|'.join(FIELDS)})\s*=")
_FIELD: Final = re.compile(
    r"""\s*([A-Za-z0-9]+)\s*=\s*+
    (?: "(?P<double>(?:\\.|[^"\\])*)"\s*+
      | '(?P<single>(?:\\.|[^'\\])*)'\s*+
      | (?P<bare>(?!["'])(?:\\,|[^,\\]|\\(?!,))*)
    )(?P<comma>,|\Z)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED: Final = {"double": re.compile(r'\\(["\\])'), "single": re.compile(r"\\(['\\])"), "bare": re.compile(r"\\(,)")}


class ShorthandError(Exception):
    """The text is not of the form; the message never holds a part of it."""


def is_shorthand(text: str) -> bool:
    """Whether a text begins with one of the fields of a parameter."""
    return _START.match(text) is not None


def read_shorthand(text: str) -> dict[str, str]:
    """The fields of a parameter and their values; raises ShorthandError."""
    fields: dict[str, str] = {}
    at = 0
    while at < len(text):
        found = _FIELD.match(text, at)
        if found is None:
            raise ShorthandError(r"a field must be Name=value; write a comma in a value as \, or the value in quotes")
        if found[1] not in FIELDS or found[1] in fields:
            raise ShorthandError(rf"the fields are {', '.join(FIELDS)}, each once; write a comma in a value as \,")
        style = next(style for style in _ESCAPED if found[style] is not None)
        fields[found[1]] = _ESCAPED[style].sub(r"\1", found[style])
        at = found.end()
        if at == len(text) and found["comma"]:
            raise ShorthandError("a comma stands at the end")
    return fields
