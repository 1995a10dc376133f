"""Numbers, dates and addresses as policies and requests write them; None where a text is none of these.

What reads them is slow to load and few policies need it, so that it is imported where it is used.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from fractions import Fraction

_NUMBER: Final = re.compile(r"[+-]?\d{1,60}(?:\.\d{0,60})?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_MONTH: Final = 7  # characters of 2020-01


class Network(NamedTuple):
    """Addresses of one version (4 or 6), from the first to the last."""

    version: int
    first: int
    last: int


@lru_cache(4096)
def number(text: str) -> Fraction | None:
    """An integer or decimal number."""
    if not _NUMBER.fullmatch(text):
        return None
    from fractions import Fraction  # noqa: PLC0415 - see the module's text

    return Fraction(text)


@lru_cache(4096)
def date(text: str) -> Fraction | None:
    """Seconds since 1970, from them or from an ISO 8601 date; UTC where no zone is given."""
    seconds = number(text)
    if seconds is not None:
        return seconds
    from datetime import UTC, datetime  # noqa: PLC0415 - see the module's text
    from fractions import Fraction  # noqa: PLC0415 - see the module's text

    try:
        moment = datetime.fromisoformat(f"{text}-01" if len(text) == _MONTH else text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return Fraction(moment.timestamp())


@lru_cache(4096)
def network(text: str) -> Network | None:
    """A range in CIDR notation, or one address; bits beyond the prefix do not count."""
    import ipaddress  # noqa: PLC0415 - see the module's text

    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    return Network(found.version, int(found.network_address), int(found.broadcast_address))


def decoded(text: str) -> bytes:
    """The bytes that a base 64 text stands for; those of the text itself where it is none."""
    import binascii  # noqa: PLC0415 - see the module's text

    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        return text.encode()


def canonical(text: str) -> str:
    """The base 64 text for the bytes that the text stands for."""
    import binascii  # noqa: PLC0415 - see the module's text

    return binascii.b2a_base64(decoded(text), newline=False).decode()
