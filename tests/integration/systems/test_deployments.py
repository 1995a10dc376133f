"""Each reference system can be made by plain boto3, in both regions and all environments."""

from __future__ import annotations

import re

import pytest

from infra_checks.sandbox.server import Sandbox
from tests.integration.systems.deploying import ENVIRONMENTS, REFERENCES, REGIONS, Reference, deploy
from tests.integration.systems.system import System

pytestmark = pytest.mark.needs("disposable-stack")
EACH = pytest.mark.parametrize("reference", REFERENCES, ids=lambda reference: reference.name)


@EACH
@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_system_is_made_by_boto3(account: Sandbox, reference: Reference, environment: str, region: str) -> None:
    system = deploy(account, reference, environment, region)
    assert {each["ResourceStatus"] for each in system.resources.values()} == {"CREATE_COMPLETE"}
    assert_outputs_say_where(system)
    assert_tags(system, environment)


def assert_outputs_say_where(system: System) -> None:
    assert all(value.strip() for value in system.outputs.values())
    named = {region for value in system.outputs.values() for region in re.findall(r"\bus-[a-z]+-\d", value)}
    assert named == {system.region}
    exports = {each["Name"]: each["Value"] for each in system.client("cloudformation").list_exports()["Exports"]}
    assert sorted(exports.values()) == sorted(system.outputs.values())
    assert all(system.parameters["EnvironmentSuffix"] in name for name in exports)


def assert_tags(system: System, environment: str) -> None:
    tagged = system.all("resourcegroupstaggingapi", "get_resources", "ResourceTagMappingList")
    own = [{tag["Key"]: tag["Value"] for tag in each["Tags"]} for each in tagged]
    own = [tags for tags in own if "ManagedBy" in tags]
    assert len(own) > 5
    assert {tags["Environment"] for tags in own} == {environment}
    assert all(tags.keys() >= {"Project", "Owner", "CostCenter", "Environment", "ManagedBy"} for tags in own)
