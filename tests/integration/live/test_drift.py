"""What somebody changed in a deployed reference system is found where it was changed, and nothing else is."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import pytest

from infra_checks.cli import run
from infra_checks.drift_checks import check_drift
from infra_checks.live import Access, LiveStack, live_stack
from infra_checks.live.comparing import Kind
from infra_checks.live.drift import Drift, Origin
from infra_checks.live_checks import LiveRequest
from infra_checks.sandbox.server import Sandbox
from tests.integration.live.changing_by_hand import CHANGES, Change
from tests.integration.systems.deploying import ORDER_PROCESSING, Reference, deploy
from tests.integration.systems.system import System

PRODUCTION = LiveRequest(pack=("production",))
SYSTEMS = tuple({change.system.name: change.system for change in CHANGES}.values())


def read(system: System) -> LiveStack:
    return live_stack(system.stack_name, Access(region=system.region))


def by_hand(stack: LiveStack) -> list[Drift]:
    return [each for each in check_drift(stack, PRODUCTION) if each.origin is Origin.HAND]


class Changed:
    """The systems as they were deployed, and with all changes made."""

    def __init__(self, sandbox: Sandbox) -> None:
        sandbox.reset()
        self.untouched: dict[str, list[Drift]] = {}
        self.found: dict[str, list[Drift]] = {}
        for reference in SYSTEMS:
            system = deploy(sandbox, reference, "production")
            self.untouched[reference.name] = by_hand(read(system))
            for change in CHANGES:
                if change.system is reference:
                    change.make(system, system.id(change.resource))
            self.found[reference.name] = by_hand(read(system))


@pytest.fixture(scope="module")
def changed(running: Sandbox) -> Iterator[Changed]:
    yield Changed(running)
    running.reset()


@pytest.mark.parametrize("reference", SYSTEMS, ids=lambda reference: reference.name)
def test_an_untouched_system_shows_no_drift(changed: Changed, reference: Reference) -> None:
    assert changed.untouched[reference.name] == []


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_a_change_is_found_at_its_property(changed: Changed, change: Change) -> None:
    found = [each for each in changed.found[change.system.name] if each.logical_id == change.resource]
    places = {(each.path_text, each.kind): each for each in found}
    assert (change.path, change.kind) in places
    if change.breaks:
        assert change.breaks in places[change.path, change.kind].breaks


@pytest.mark.parametrize("reference", SYSTEMS, ids=lambda reference: reference.name)
def test_nothing_else_is_found(changed: Changed, reference: Reference) -> None:
    made = Counter((each.resource, each.path, each.kind) for each in CHANGES if each.system is reference)
    assert Counter((each.logical_id, each.path_text, each.kind) for each in changed.found[reference.name]) == made


def test_at_least_twenty_changes_are_tried() -> None:
    assert len(CHANGES) >= 20
