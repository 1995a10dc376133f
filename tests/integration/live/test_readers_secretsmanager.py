from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra_checks.live.reading import Unread, reader_of
from tests.integration.live.asking_data import Asks, Deployed, Told, deployed, read

TYPES = ("Secret", "ResourcePolicy", "RotationSchedule", "SecretTargetAttachment")


@pytest.fixture(scope="module")
def shop() -> Iterator[Deployed]:
    yield from deployed("secrets")


def test_no_reader_asks_for_a_value() -> None:
    readers = [reader_of(f"AWS::SecretsManager::{name}") for name in TYPES]
    assert not any("value" in operation for each in readers if each for operation in each.operations)
    assert all(readers)


def test_a_secret_is_read_without_its_value(shop: Deployed) -> None:
    found = shop.read("Secret")
    assert found == {
        "Id": shop.ids["Secret"],
        "Name": "shop/database",
        "Description": "of the shop's database",
        "KmsKeyId": shop.ids["Key"],
        "Tags": [{"Key": "Team", "Value": "shop"}],
        "GenerateSecretString": Unread("no API returns GenerateSecretString of AWS::SecretsManager::Secret"),
        "SecretString": Unread("no API returns SecretString of AWS::SecretsManager::Secret"),
    }
    assert not {"KmsKeyId", "Description", "Tags", "ReplicaRegions"} & shop.read("Plain").keys()


def test_replicas_are_those_of_the_primary_secret() -> None:
    arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:a-1"
    answer = {
        "ARN": arn,
        "Name": "a",
        "PrimaryRegion": "us-east-1",
        "ReplicationStatus": [{"Region": "us-west-2", "KmsKeyId": "alias/here", "Status": "InSync"}],
    }
    asks = Asks("AWS::SecretsManager::Secret", arn, Told({"secretsmanager:describe_secret": answer}))
    found = read(asks)
    assert not isinstance(found, Unread)
    assert found["ReplicaRegions"] == [{"Region": "us-west-2", "KmsKeyId": "alias/here"}]
    asks.region = "us-west-2"
    found = read(asks)
    assert isinstance(found, dict)
    assert "ReplicaRegions" not in found


def test_a_policy_is_read_as_a_mapping(shop: Deployed) -> None:
    found = shop.read("Policy")
    assert found["SecretId"] == shop.ids["Secret"]
    assert found["ResourcePolicy"]["Statement"][0]["Action"] == "secretsmanager:DeleteSecret"
    assert isinstance(found["BlockPublicPolicy"], Unread)
    assert isinstance(shop.read("Policy", "secretsmanager:get_resource_policy"), Unread)


def test_a_schedule_is_read_while_the_secret_rotates(shop: Deployed) -> None:
    found = shop.read("Schedule")
    function = shop.client("lambda").get_function(FunctionName=shop.ids["Rotation"])["Configuration"]["FunctionArn"]
    assert found["RotationLambdaARN"] == function
    assert found["RotationRules"]["AutomaticallyAfterDays"] == 30
    answer = {"ARN": "arn:secret", "RotationEnabled": False, "RotationRules": {"AutomaticallyAfterDays": 30}}
    told = Told({"secretsmanager:describe_secret": answer})
    stopped = read(Asks("AWS::SecretsManager::RotationSchedule", "arn:secret", told))
    assert isinstance(stopped, dict)
    assert "RotationRules" not in stopped


def test_the_target_of_an_attachment_is_unread(shop: Deployed) -> None:
    found = shop.read("Attachment")
    assert found["SecretId"] == shop.ids["Secret"]
    assert isinstance(found["TargetId"], Unread)
    assert isinstance(found["TargetType"], Unread)
