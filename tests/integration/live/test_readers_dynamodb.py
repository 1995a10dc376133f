from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra_checks.live.reading import Unread
from tests.integration.live.asking_data import ACCOUNT, Answers, Asks, Deployed, Told, deployed, read

ARN = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/orders"
OPERATIONS = (
    "describe_continuous_backups",
    "describe_time_to_live",
    "describe_contributor_insights",
    "describe_kinesis_streaming_destination",
    "get_resource_policy",
    "list_tags_of_resource",
)


@pytest.fixture(scope="module")
def shop() -> Iterator[Deployed]:
    yield from deployed("tables")


def test_a_table_is_read_as_its_template_says_it(shop: Deployed) -> None:
    found = shop.read("Orders")
    expected = {
        "TableName": "orders",
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "who", "AttributeType": "S"},
        ],
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 14},
        "SSESpecification": {
            "SSEEnabled": True,
            "SSEType": "KMS",
            "KMSMasterKeyId": shop.client("kms").describe_key(KeyId=shop.ids["Key"])["KeyMetadata"]["Arn"],
        },
        "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
        "DeletionProtectionEnabled": True,
        "ContributorInsightsSpecification": {"Enabled": True, "Mode": "THROTTLED_KEYS"},
        "Tags": [{"Key": "Team", "Value": "shop"}],
    }
    assert {name: found.get(name) for name in expected} == expected
    assert found["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    assert found["ResourcePolicy"]["PolicyDocument"]["Statement"][0]["Action"] == "dynamodb:DeleteTable"
    of_stream = found["StreamSpecification"]["ResourcePolicy"]["PolicyDocument"]
    assert of_stream["Statement"][0]["Action"] == "dynamodb:GetRecords"
    assert "ProvisionedThroughput" not in found
    index = found["GlobalSecondaryIndexes"][0]
    assert index["IndexName"] == "by-who"
    assert index["ContributorInsightsSpecification"] == {"Enabled": True}
    assert index["KeySchema"] == [{"AttributeName": "who", "KeyType": "HASH"}]
    assert index["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["total"]}
    assert "ProvisionedThroughput" not in index


def test_a_table_without_settings_has_none(shop: Deployed) -> None:
    found = shop.read("Counters")
    assert found["ProvisionedThroughput"] == {"ReadCapacityUnits": 5, "WriteCapacityUnits": 2}
    assert found["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": False}
    assert not {"TimeToLiveSpecification", "StreamSpecification", "ResourcePolicy", "Tags"} & found.keys()


def test_the_key_that_aws_manages_is_no_key_that_was_chosen() -> None:
    encryption = {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": "arn:aws:kms:us-east-1:123456789012:key/1"}
    described = {"TableName": "orders", "TableArn": ARN, "SSEDescription": encryption}
    answers: Answers = {f"dynamodb:{each}": "AccessDenied" for each in OPERATIONS} | {
        "dynamodb:describe_table": {"Table": described}
    }
    told: Answers = {"kms:describe_key": {"KeyMetadata": {"KeyManager": "AWS"}}}
    found = read(Asks("AWS::DynamoDB::Table", "orders", Told(answers | told)))
    assert not isinstance(found, Unread)
    assert found["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
    found = read(Asks("AWS::DynamoDB::Table", "orders", Told(answers | {"kms:describe_key": "AccessDenied"})))
    assert not isinstance(found, Unread)
    assert found["SSESpecification"]["KMSMasterKeyId"] == Unread("AccessDenied: kms:describe_key")


def test_a_key_that_was_deleted_was_chosen() -> None:
    encryption = {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": "arn:aws:kms:us-east-1:123456789012:key/1"}
    described = {"TableName": "orders", "TableArn": ARN, "SSEDescription": encryption}
    answers: Answers = {f"dynamodb:{each}": "AccessDenied" for each in OPERATIONS}
    answers |= {"dynamodb:describe_table": {"Table": described}, "kms:describe_key": "NotFoundException"}
    found = read(Asks("AWS::DynamoDB::Table", "orders", Told(answers)))
    assert isinstance(found, dict)
    assert found["SSESpecification"]["KMSMasterKeyId"] == encryption["KMSMasterKeyArn"]


def test_each_refused_call_makes_only_its_own_property_unread(shop: Deployed) -> None:
    properties = (
        "PointInTimeRecoverySpecification",
        "TimeToLiveSpecification",
        "ContributorInsightsSpecification",
        "KinesisStreamSpecification",
        "ResourcePolicy",
        "Tags",
    )
    for operation, name in zip(OPERATIONS, properties, strict=True):
        found = shop.read("Orders", f"dynamodb:{operation}")
        assert found[name] == Unread(f"AccessDenied: dynamodb:{operation}")
        assert found["BillingMode"] == "PAY_PER_REQUEST"


def test_what_moto_lacks_is_read_from_answers_as_aws_gives_them() -> None:
    index = {
        "IndexName": "by-who",
        "KeySchema": [{"AttributeName": "who", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
        "ProvisionedThroughput": {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0, "NumberOfDecreasesToday": 0},
        "OnDemandThroughput": {"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": -1},
    }
    described = {
        "TableName": "orders",
        "TableArn": ARN,
        "LatestStreamArn": ARN + "/stream/1",
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        "TableClassSummary": {"TableClass": "STANDARD_INFREQUENT_ACCESS"},
        "WarmThroughput": {"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000, "Status": "ACTIVE"},
        "GlobalSecondaryIndexes": [index],
    }
    streams = [
        {"StreamArn": "arn:aws:kinesis:us-east-1:123456789012:stream/old", "DestinationStatus": "DISABLED"},
        {"StreamArn": "arn:aws:kinesis:us-east-1:123456789012:stream/new", "DestinationStatus": "ACTIVE"},
    ]
    answers: Answers = {
        "dynamodb:describe_table": {"Table": described},
        "dynamodb:describe_continuous_backups": {"ContinuousBackupsDescription": {}},
        "dynamodb:describe_time_to_live": {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}},
        "dynamodb:describe_contributor_insights": {
            "ContributorInsightsStatus": "ENABLED",
            "ContributorInsightsMode": "THROTTLED_KEYS",
        },
        "dynamodb:describe_kinesis_streaming_destination": {"KinesisDataStreamDestinations": streams},
        "dynamodb:get_resource_policy": "PolicyNotFoundException",
        "dynamodb:list_tags_of_resource": {"Tags": []},
    }
    on = {"Enabled": True, "Mode": "THROTTLED_KEYS"}
    found = read(Asks("AWS::DynamoDB::Table", "orders", Told(answers)))
    assert found == {
        "TableName": "orders",
        "Arn": ARN,
        "StreamArn": ARN + "/stream/1",
        "StreamSpecification": {
            "StreamViewType": "KEYS_ONLY",
            "Tags": Unread("the reader of tables does not ask for the tags of its stream"),
        },
        "TableClass": "STANDARD_INFREQUENT_ACCESS",
        "WarmThroughput": {"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": False},
        "ContributorInsightsSpecification": on,
        "KinesisStreamSpecification": {"StreamArn": "arn:aws:kinesis:us-east-1:123456789012:stream/new"},
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "by-who",
                "KeySchema": [{"AttributeName": "who", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
                "OnDemandThroughput": {"MaxReadRequestUnits": 100},
                "ContributorInsightsSpecification": on,
            }
        ],
    }
