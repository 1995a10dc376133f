"""Numbers, dates and addresses as policies and requests write them; None where a text is none of these."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

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
    return Fraction(text) if _NUMBER.fullmatch(text) else None


@lru_cache(4096)
def date(text: str) -> Fraction | None:
    """Seconds since 1970, from them or from an ISO 8601 date; UTC where no zone is given."""
    seconds = number(text)
    if seconds is not None:
        return seconds
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
    import ipaddress  # noqa: PLC0415 - few policies have addresses, and the module is slow to load

    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    return Network(found.version, int(found.network_address), int(found.broadcast_address))
