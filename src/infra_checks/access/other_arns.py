"""Forms of ARNs of the types that a template seldom has a policy about; read when one of them is referred to."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

_FILE: Final = Path(__file__).with_name("data") / "arns.txt"


@cache
def other_forms() -> dict[str, dict[str, str]]:
    """By type and attribute, as in arns.FORMS."""
    found: dict[str, dict[str, str]] = {}
    service = ""
    for line in _FILE.read_text("ascii").splitlines():
        if line.startswith(" "):
            name, attributes, form = line.split()
            found[f"AWS::{service}::{name}"] = dict.fromkeys(attributes.split(","), form)
        else:
            service = line.rstrip(":")
    return found
