"""The reference systems, deployed as they are committed, are clean: what is deployed breaks no rule that blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from infra_checks.core.finding import Effect, Outcome
from infra_checks.core.report import Report
from infra_checks.drift_checks import check_drift
from infra_checks.live import Access, LiveStack, live_stack
from infra_checks.live.drift import Drift, Origin
from infra_checks.live_checks import LiveRequest, check_live
from infra_checks.sandbox.server import Sandbox
from tests.integration.systems.deploying import (
    CICD_PIPELINE,
    CONTAINER_PLATFORM,
    ECOMMERCE_DATABASE,
    ORDER_PROCESSING,
    REGIONS,
    STAGING_SAAS,
    Reference,
    deploy,
)

SYSTEMS = (CICD_PIPELINE, CONTAINER_PLATFORM, ECOMMERCE_DATABASE, ORDER_PROCESSING, STAGING_SAAS)
DEPLOYED = [
    *[(reference, "production", region) for reference in SYSTEMS for region in REGIONS],
    (ORDER_PROCESSING, "development", "us-east-1"),
    (STAGING_SAAS, "testing", "us-west-2"),
]
"""All for production in both regions, and two for trying things."""

LOST = {("VpnRoutes", "RouteTableIds")}
"""What moto has no API to keep, so that it looks removed: the route tables that a VPN gateway tells its routes to."""


@dataclass(frozen=True)
class Live:
    """A deployed system, judged."""

    stack: LiveStack
    report: Report
    drift: tuple[Drift, ...]


def _label(value: object) -> str:
    return value.name if isinstance(value, Reference) else str(value)


@pytest.fixture(scope="module", params=DEPLOYED, ids=lambda each: "-".join(map(_label, each)))
def live(request: pytest.FixtureRequest, running: Sandbox) -> Iterator[Live]:
    reference, environment, region = request.param
    running.reset()
    system = deploy(running, reference, environment, region)
    stack = live_stack(system.stack_name, Access(region=region))
    asked = LiveRequest(pack=(environment,))
    yield Live(stack, check_live(stack, asked), check_drift(stack, asked))
    running.reset()


def test_every_resource_is_read(live: Live) -> None:
    unread = {each.logical_id: each.crash or each.properties for each in live.stack if each.crash or not each.is_read}
    assert unread == {}


def test_no_rule_that_blocks_fails_or_is_undecided(live: Live) -> None:
    found = [each for each in live.report.findings if each.effect is Effect.BLOCK]
    blocking = [each for each in found if each.outcome in {Outcome.FAIL, Outcome.UNDECIDED}]
    assert [(each.rule, each.resource, each.message) for each in blocking] == []
    assert not live.report.errors


def test_nothing_was_changed_by_hand(live: Live) -> None:
    by_hand = [each for each in live.drift if each.origin is Origin.HAND]
    found = [each for each in by_hand if (each.logical_id, each.path_text) not in LOST]
    assert [(each.logical_id, each.path_text, each.declared, each.live) for each in found] == []
