"""The day that waivers are held against."""

from __future__ import annotations

import os
from datetime import date
from typing import Final

from infra_checks.errors import ConfigError

VARIABLE: Final = "INFRA_CHECKS_TODAY"
"""An environment variable with another day than today's, for tests and to look ahead."""


def today() -> date:
    """The day in INFRA_CHECKS_TODAY, or today's in the local time zone; raises ConfigError."""
    text = os.environ.get(VARIABLE)
    if not text:
        return date.today()  # noqa: DTZ011 - a waiver's last day is a day of where the tool runs
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{VARIABLE} must be a day such as 2027-03-31, not {text!r}") from None
