"""Reads an extract and masks what is personal in its rows; no access to AWS."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PLANS = frozenset({"free", "team", "business", "enterprise"})
MAX_LINE = 64 * 1024
"""Characters of a line; a customer takes a few hundred."""

_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")


class BadRowError(ValueError):
    """A row is not one of a customer; its text is never part of the message, as it may be personal."""


@dataclass(frozen=True)
class Customer:
    """A masked customer, as the database has it."""

    id: str
    email: str
    name: str
    phone: str
    plan: str
    created_at: str


class Masker:
    """Replaces what is personal by something made up: the same by the same, as long as the key is.

    With a new key for each extract nobody can try out addresses until one gives the value that is in the database.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def _token(self, kind: str, text: str) -> str:
        return hmac.new(self._key, f"{kind}:{text}".encode(), hashlib.sha256).hexdigest()

    def email(self, text: str) -> str:
        """An address that cannot exist (RFC 2606), so that no test sends mail to a customer."""
        return f"user-{self._token('email', text.lower())[:20]}@example.invalid"

    def name(self, text: str) -> str:
        """A name that is none."""
        return f"Customer {self._token('name', text)[:8]}"

    def phone(self, text: str) -> str:
        """A number kept for fiction, or nothing where there was none."""
        return f"+1-555-01{int(self._token('phone', text)[:8], 16) % 100:02d}" if text else ""

    def customer(self, row: dict[str, Any]) -> Customer:
        """A masked customer of a row. Raises BadRowError."""
        return Customer(
            id=_text(row, "id", _ID),
            email=self.email(_text(row, "email", _EMAIL)),
            name=self.name(_text(row, "name")),
            phone=self.phone(_text(row, "phone", optional=True)),
            plan=_plan(row),
            created_at=_moment(row),
        )


@dataclass(frozen=True)
class Rejected:
    """A line that is no customer: its number, from 1, and the reason."""

    line: int
    reason: str


def read(lines: Iterable[str], masker: Masker) -> Iterator[Customer | Rejected]:
    """The masked customers of JSON lines, and what is wrong with the other lines; empty lines do not count."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield masker.customer(_row(line))
        except BadRowError as error:
            yield Rejected(number, str(error))


def _row(line: str) -> dict[str, Any]:
    if len(line) > MAX_LINE:
        raise BadRowError("is too long")
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise BadRowError("is not JSON") from None
    if not isinstance(row, dict):
        raise BadRowError("is no JSON object")
    return row


def _text(row: dict[str, Any], name: str, pattern: re.Pattern[str] | None = None, *, optional: bool = False) -> str:
    value = row.get(name)
    if optional and value in (None, ""):
        return ""
    if not isinstance(value, str) or not value.strip():
        raise BadRowError(f"{name} must be a text that is not empty")
    if pattern is not None and pattern.fullmatch(value) is None:
        raise BadRowError(f"{name} does not look like one")
    return value


def _plan(row: dict[str, Any]) -> str:
    plan = _text(row, "plan")
    if plan not in PLANS:
        raise BadRowError(f"plan must be one of {', '.join(sorted(PLANS))}")
    return plan


def _moment(row: dict[str, Any]) -> str:
    text = _text(row, "created_at")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadRowError("created_at must be a date and time (ISO 8601)") from None
    if moment.tzinfo is None:
        raise BadRowError("created_at must name its time zone")
    return moment.isoformat()
