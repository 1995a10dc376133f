"""Phases of the platform come, go and come again: what runs is not replaced, and data is not lost."""

from __future__ import annotations

import pytest

from infra_checks.sandbox.server import Sandbox
from tests.integration.systems.changing import Changed, change
from tests.integration.systems.deploying import CONTAINER_PLATFORM, deploy
from tests.integration.systems.inventory import inventory
from tests.integration.systems.system import System

if not CONTAINER_PLATFORM.folder.is_dir():
    pytest.skip("infra/container_platform is not in this tree", allow_module_level=True)

pytestmark = pytest.mark.needs("disposable-stack")
VERSIONED = {"TaskDefinition"}
"""What is made anew for each change, by design: the service goes over to the new one."""


def ids(system: System) -> dict[str, str]:
    return {name: each["PhysicalResourceId"] for name, each in system.resources.items()}


def go_to(system: System, phase: int, **parameters: str) -> Changed:
    """Change the phase, and see that nothing that was there has been replaced."""
    before = ids(system)
    changed = change(system, DeploymentPhase=str(phase), **parameters)
    replaced = {name for name, now in changed.physical_ids.items() if before.get(name, now) != now}
    assert replaced <= VERSIONED
    return changed


@pytest.mark.parametrize("environment", ["development", "production"])
def test_phases_are_added_and_taken_away_in_turn(account: Sandbox, environment: str) -> None:
    system = deploy(account, CONTAINER_PLATFORM, environment, DeploymentPhase="1")
    first = ids(system).keys()
    second = go_to(system, 2).physical_ids.keys()
    third = go_to(system, 3).physical_ids.keys()
    assert first < second < third
    assert go_to(system, 2).physical_ids.keys() == second
    assert go_to(system, 1).physical_ids.keys() == first


def test_orders_of_the_first_phase_outlive_the_way_there_and_back(account: Sandbox) -> None:
    system = deploy(account, CONTAINER_PLATFORM, "production", DeploymentPhase="1")
    (table,) = system.ids("AWS::DynamoDB::Table")
    description = system.client("dynamodb").describe_table(TableName=table)["Table"]
    key = {each["AttributeName"]: {"S": "kept"} for each in description["KeySchema"]}
    system.client("dynamodb").put_item(TableName=table, Item={**key, "note": {"S": "before"}})
    for phase in (2, 3, 2, 1):
        go_to(system, phase)
        assert system.client("dynamodb").get_item(TableName=table, Key=key)["Item"]["note"] == {"S": "before"}


def test_what_held_data_is_kept_when_production_goes_back(account: Sandbox) -> None:
    system = deploy(account, CONTAINER_PLATFORM, "production", DeploymentPhase="3")
    for phase in (2, 1):
        go_to(system, phase)
    kinds = {kind for kind, _ in inventory(account, system.region)}
    assert {"backup vault", "cache snapshot", "cluster snapshot"} <= kinds
    clusters = system.client("rds").describe_db_clusters()["DBClusters"]
    assert all(each["DeletionProtection"] for each in clusters)


def test_phases_can_come_again_with_another_generation(account: Sandbox) -> None:
    system = deploy(account, CONTAINER_PLATFORM, "production", DeploymentPhase="3")
    for phase in (2, 1):
        go_to(system, phase)
    go_to(system, 2, Phase2Generation="2", Phase3Generation="2")
    assert len(go_to(system, 3).physical_ids) > 100


@pytest.mark.parametrize("phase", ["1", "2"])
def test_a_platform_can_begin_with_an_early_phase_in_the_other_region(account: Sandbox, phase: str) -> None:
    system = deploy(account, CONTAINER_PLATFORM, "staging", "us-west-2", DeploymentPhase=phase)
    assert {each["ResourceStatus"] for each in system.resources.values()} == {"CREATE_COMPLETE"}
