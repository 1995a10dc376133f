"""Patterns with `*` and `?` in policies, also those of which a part is known only at deployment.

`arn:aws:s3:::${Bucket}/*` is surely not `*`, while a parameter that stands alone may be.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from infra_checks.evaluate.values import Absent, Known, Symbol, Unknown, Value
from infra_checks.evaluate.view import as_text

if TYPE_CHECKING:
    from infra_checks.core.table import Decision

ANY_ACTION: Final = "zqzqzqzq:zqzqzqzq"
"""An action that no policy names: a pattern that matches it matches every action."""

ANY_RESOURCE: Final = "arn:aws:zqzqzqzq:zqzqzqzq:zqzqzqzq:zqzqzqzq"
"""A resource that no policy names."""

SOLID: Final = frozenset({"reference", "pseudo", "zone"})
"""Kinds of symbols whose text is surely no wildcard."""

_HOLE: Final = "\0"


def pieces(value: Value[object]) -> tuple[str | Symbol, ...]:
    """What is known of a value's text; nothing when nothing is, or there is none."""
    text = as_text(value)
    match text:
        case Known(known):
            return (known,)
        case Unknown():
            return text.parts
        case Absent():
            return ()


def covers(pattern: Value[object], sample: str, *, fold: bool = False, free: tuple[int, ...] = (1, 4)) -> Decision:
    """Whether a pattern with `*` and `?` matches a sample.

    `fold` ignores case, as IAM does for actions. `free` are the fields of an ARN in the pattern that do not
    count, by default partition and account: every role of one account is as good as every role.
    """
    parts = pieces(pattern)
    if not parts:
        return False if isinstance(pattern, Absent) else None
    certain, possible = _rendered(parts, open_as=_HOLE), _rendered(parts, open_as="*")
    if _glob(_freed(certain, free), fold).fullmatch(sample):
        return True
    return None if possible != certain and _glob(_freed(possible, free), fold).fullmatch(sample) else False


def _rendered(parts: tuple[str | Symbol, ...], *, open_as: str) -> str:
    return "".join(part if isinstance(part, str) else _HOLE if part.kind in SOLID else open_as for part in parts)


def _freed(pattern: str, free: tuple[int, ...]) -> str:
    fields = pattern.split(":", 5)
    if fields[0] != "arn":
        return pattern
    last = len(fields) - 1
    return ":".join("*" if index in free and index < last else field for index, field in enumerate(fields))


@lru_cache(maxsize=1024)
def _glob(pattern: str, fold: bool) -> re.Pattern[str]:
    """A pattern as an expression; runs of `*` are one, so that no text takes long."""
    pieces = (
        ".*" if piece == "*" else "." if piece == "?" else re.escape(piece) for piece in re.sub(r"\*+", "*", pattern)
    )
    return re.compile("".join(pieces), re.DOTALL | re.IGNORECASE if fold else re.DOTALL)


def service_name(value: Value[object]) -> str | None:
    """The text of a principal, with AWS::URLSuffix as in most regions; None when it cannot be told."""
    parts = pieces(value)
    texts = ["amazonaws.com" if str(part) == "AWS::URLSuffix" else part for part in parts]
    return "".join(map(str, texts)) if texts and all(isinstance(text, str) for text in texts) else None


def covers_service(value: Value[object]) -> Decision:
    """Whether the part after the colon is a wildcard; the service itself need not be known."""
    parts = pieces(value)
    if not parts:
        return False if isinstance(value, Absent) else None
    head, colon, name = parts[-1].rpartition(":") if isinstance(parts[-1], str) else ("", "", "")
    if colon and (len(parts) > 1 or head):
        return covers(Known(name), "zqzqzqzq")
    return covers(value, ANY_ACTION)
