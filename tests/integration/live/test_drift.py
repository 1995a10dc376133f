"""What somebody changed in a deployed reference system is found where it was changed, and nothing else is."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from infra_checks.cli import run
from infra_checks.drift_checks import check_drift
from infra_checks.live import Access, LiveStack, live_stack
from infra_checks.live.account import Asked
from infra_checks.live.drift import Drift, Origin
from infra_checks.live.reading import Unread
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


class Orders:
    """The command on one system, and its exit code."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.system = deploy(sandbox, ORDER_PROCESSING, "production")

    def drift(self, *more: str) -> int:
        return run(["drift", "--stack-name", self.system.stack_name, "--region", self.system.region, *more])


@pytest.fixture
def orders(running: Sandbox) -> Iterator[Orders]:
    running.reset()
    yield Orders(running)
    running.reset()


def test_the_command_tells_what_was_changed(orders: Orders, capsys: pytest.CaptureFixture[str]) -> None:
    assert orders.drift() == 0
    assert "nothing known to be changed by hand" in capsys.readouterr().out

    (change,) = (each for each in CHANGES if each.resource == "DataKey")
    change.make(orders.system, orders.system.id("DataKey"))
    assert orders.drift("--pack", "production") == 1
    told = capsys.readouterr().out
    assert "changed EnableKeyRotation: true is false" in told
    assert "breaks cmk-backing-key-rotation-enabled" in told

    assert orders.drift("--format", "json") == 1
    document = json.loads(capsys.readouterr().out)
    (found,) = (each for each in document["differences"] if each["origin"] == "hand")
    assert (found["resource"], found["path"], found["kind"]) == ("DataKey", "EnableKeyRotation", "changed")
    assert document["summary"]["hand"] == 1


def test_what_could_not_be_read_fails_the_run_where_that_is_asked_for(
    orders: Orders, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ask = Asked.ask

    def refuse(self: Asked, service: str, operation: str, **parameters: Any) -> Any:
        return (
            Unread(f"AccessDenied: {service}:{operation}")
            if service == "sqs"
            else ask(self, service, operation, **parameters)
        )

    monkeypatch.setattr(Asked, "ask", refuse)
    assert orders.drift() == 0
    assert orders.drift("--undecided", "ignore") == 0
    assert orders.drift("--undecided", "block") == 1
    told = capsys.readouterr()
    assert "not read: AccessDenied: sqs:" in told.out
    assert "what could not be read makes the run fail" in told.err


def test_a_stack_that_is_not_there_is_unusable_input(running: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    running.reset()
    assert run(["drift", "--stack-name", "nowhere", "--region", "us-east-1"]) == 2
    assert "nowhere" in capsys.readouterr().err


def test_what_may_not_be_read_is_not_told_instead_of_drift(orders: Orders, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = Asked.ask

    def refuse(self: Asked, service: str, operation: str, **parameters: Any) -> Any:
        if service in {"kms", "sqs"}:
            return Unread(f"AccessDenied: {service}:{operation}")
        return ask(self, service, operation, **parameters)

    monkeypatch.setattr(Asked, "ask", refuse)
    stack = read(orders.system)
    found = [each for each in check_drift(stack, PRODUCTION) if each.logical_id in {"DataKey", "OrderQueue"}]
    assert {each.logical_id for each in found} == {"DataKey", "OrderQueue"}
    assert {each.origin for each in found} == {Origin.OPEN}
    assert all("AccessDenied" in each.reason for each in found)
    assert by_hand(stack) == []
