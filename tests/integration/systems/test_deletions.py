"""What is left of a system whose stack is deleted: nothing in development and testing, the data in production."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import pytest

from infra_checks.sandbox.server import Sandbox
from tests.integration.systems.deploying import (
    ECOMMERCE_DATABASE,
    KEPT,
    REFERENCES,
    STAGING_SAAS,
    Place,
    Reference,
    create,
    prepared,
)
from tests.integration.systems.inventory import inventory
from tests.integration.systems.system import System

pytestmark = pytest.mark.needs("disposable-stack")
EACH = pytest.mark.parametrize("reference", REFERENCES, ids=lambda reference: reference.name)

KEPT_IN_PRODUCTION: Final[dict[str, dict[str, int]]] = {
    "cicd_pipeline": {"bucket": 1, "key": 2, "log group": 1, "queue": 1},
    "container_platform": {
        "backup vault": 1,
        "bucket": 1,
        "cache snapshot": 1,
        "cluster snapshot": 1,
        "key": 4,
        "log group": 9,
        "queue": 1,
        "secret": 1,
        "table": 1,
    },
    "ecommerce_database": {"bucket": 1, "database snapshot": 1, "key": 2, "log group": 7, "secret": 1},
    "order_processing": {"key": 2, "log group": 6, "queue": 3, "table": 1},
    "staging_saas": {
        "backup vault": 1,
        "bucket": 1,
        "cache snapshot": 1,
        "cluster snapshot": 1,
        "key": 3,
        "log group": 5,
        "queue": 2,
        "secret": 1,
    },
}
"""What has data in it, and what is needed to read that."""


def delete(system: System) -> str:
    cloudformation = system.client("cloudformation")
    stack_id = system.stack["StackId"]
    cloudformation.delete_stack(StackName=stack_id)
    status: str = cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"]
    return status


def databases(system: System) -> list[dict[str, Any]]:
    """Clusters and instances, which have the same members as far as these tests look."""
    rds = system.client("rds")
    return [*rds.describe_db_clusters()["DBClusters"], *rds.describe_db_instances()["DBInstances"]]


def name_of(database: dict[str, Any]) -> str:
    return str(database.get("DBInstanceIdentifier") or database["DBClusterIdentifier"])


def unprotect(system: System) -> None:
    """Switch deletion and termination protection off, as the runbooks say before a removal."""
    rds = system.client("rds")
    for each in databases(system):
        if each.get("DeletionProtection") and "DBInstanceIdentifier" in each:
            rds.modify_db_instance(DBInstanceIdentifier=each["DBInstanceIdentifier"], DeletionProtection=False)
        elif each.get("DeletionProtection"):
            rds.modify_db_cluster(DBClusterIdentifier=each["DBClusterIdentifier"], DeletionProtection=False)
    ec2 = system.client("ec2")
    for reservation in ec2.describe_instances()["Reservations"]:
        for instance in reservation["Instances"]:
            ec2.modify_instance_attribute(InstanceId=instance["InstanceId"], DisableApiTermination={"Value": False})


def deployed(account: Sandbox, reference: Reference, environment: str) -> tuple[System, set[tuple[str, str]]]:
    """The system, and what was there before it."""
    place = Place(account, reference.region, environment)
    parameters = prepared(place, reference)
    before = inventory(account, place.region)
    return create(place, reference, parameters), before


@pytest.mark.parametrize(
    ("reference", "environment"),
    # Templates have one condition for both environments; the CDK makes a template for each.
    [*((reference, "development") for reference in REFERENCES), (ECOMMERCE_DATABASE, "testing")],
    ids=lambda each: each if isinstance(each, str) else each.name,
)
def test_a_system_for_trying_things_leaves_nothing_behind(
    account: Sandbox, reference: Reference, environment: str
) -> None:
    system, before = deployed(account, reference, environment)
    assert len(inventory(account, system.region) - before) > 10
    assert delete(system) == "DELETE_COMPLETE"
    assert inventory(account, system.region) == before


@EACH
def test_production_keeps_its_data_and_nothing_else(account: Sandbox, reference: Reference) -> None:
    system, before = deployed(account, reference, "production")
    unprotect(system)
    assert delete(system) == "DELETE_COMPLETE"
    left = inventory(account, system.region) - before
    assert dict(sorted(Counter(kind for kind, _ in left).items())) == KEPT_IN_PRODUCTION[reference.name]


@pytest.mark.parametrize("reference", [ECOMMERCE_DATABASE, STAGING_SAAS], ids=lambda reference: reference.name)
@pytest.mark.parametrize("environment", KEPT)
def test_a_protected_database_outlives_a_deletion_by_mistake(
    account: Sandbox, reference: Reference, environment: str
) -> None:
    system, _ = deployed(account, reference, environment)
    protected = {name_of(each) for each in databases(system) if each["DeletionProtection"]}
    assert delete(system) == "DELETE_FAILED"
    assert protected
    assert protected <= {name_of(each) for each in databases(system)}
