"""Drift of a deployed stack, and which rules it makes fail."""

from __future__ import annotations

from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from infra_checks.core.finding import Outcome
from infra_checks.core.resource import PROPERTIES
from infra_checks.live.drift import Drift, Origin, drift_of
from infra_checks.live_checks import LiveRequest, check_live

if TYPE_CHECKING:
    from infra_checks.core.finding import Finding
    from infra_checks.evaluate.values import Path
    from infra_checks.live.stacks import LiveStack

_DEFAULT = LiveRequest()


def check_drift(stack: LiveStack, request: LiveRequest = _DEFAULT) -> tuple[Drift, ...]:
    """The drift of a stack; what somebody changed names the rules that fail where it was changed.

    Raises as `check_live` does.
    """
    found = drift_of(stack)
    if not any(each.origin is Origin.HAND for each in found):
        return found
    failing = [each for each in check_live(stack, request).findings if each.outcome is Outcome.FAIL]
    return tuple(replace(each, breaks=_broken(each, failing)) for each in found)


def _broken(drift: Drift, failing: list[Finding]) -> tuple[str, ...]:
    """The rules with a finding at the property, or at one below or above it."""
    if drift.origin is not Origin.HAND:
        return ()
    at = (PROPERTIES, *drift.path)
    return tuple(sorted({each.rule for each in failing if each.resource == drift.logical_id and _meet(at, each.path)}))


def _meet(one: Path, other: Path) -> bool:
    """Whether one path leads to the other; that of a property itself leads to all of its resource's."""
    if len(other) <= 1:
        return False
    return all(a == b or None in (a, b) for a, b in zip_longest(one, other))
