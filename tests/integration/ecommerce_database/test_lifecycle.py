"""What changes of the stack do to the data: nothing; and what each environment gets."""

from __future__ import annotations

import pytest

from infra_checks.sandbox.server import Sandbox
from tests.integration.systems.changing import change
from tests.integration.systems.deploying import ECOMMERCE_DATABASE, deploy

pytestmark = pytest.mark.needs("disposable-stack")


def test_another_mail_address_changes_the_subscription_and_no_data(account: Sandbox) -> None:
    system = deploy(account, ECOMMERCE_DATABASE, "production")
    secret = system.client("secretsmanager").get_secret_value(SecretId=system.outputs["SecretArn"])["SecretString"]
    before = {name: each["PhysicalResourceId"] for name, each in system.resources.items()}
    changed = change(system, NotificationEmail="other@example.com")
    types = {each["ResourceType"] for each in changed.changes.values()}
    assert types == {"AWS::SNS::Subscription"}
    kept = {name for name, each in changed.physical_ids.items() if before[name] == each}
    assert before.keys() - kept == changed.changes.keys()
    found = system.client("secretsmanager").get_secret_value(SecretId=system.outputs["SecretArn"])
    assert found["SecretString"] == secret


@pytest.mark.parametrize(
    ("environment", "replicas", "has_standby"),
    [("development", 1, False), ("testing", 1, False), ("staging", 2, True), ("production", 2, True)],
)
def test_an_environment_has_replicas_and_a_standby_as_it_needs(
    account: Sandbox, environment: str, replicas: int, has_standby: bool
) -> None:
    system = deploy(account, ECOMMERCE_DATABASE, environment, "us-west-2")
    found = system.client("rds").describe_db_instances()["DBInstances"]
    assert len([each for each in found if each.get("ReadReplicaSourceDBInstanceIdentifier")]) == replicas
    (primary,) = (each for each in found if not each.get("ReadReplicaSourceDBInstanceIdentifier"))
    assert primary["MultiAZ"] is has_standby
    assert primary["DeletionProtection"] is has_standby
