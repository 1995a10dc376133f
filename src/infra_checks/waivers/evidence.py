"""A digest of the value that a finding judged, so that a waiver can hold for that value and no other."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from infra_checks.evaluate.symbols import canonical

if TYPE_CHECKING:
    from infra_checks.template.nodes import Node


def evidence_of(node: Node | None) -> str:
    """16 hex digits that are equal for equal expressions, however they are written; empty for nothing."""
    if node is None:
        return ""
    return hashlib.sha256(canonical(node).encode("utf-8", "surrogatepass")).hexdigest()[:16]
