"""AWS::DynamoDB."""

from __future__ import annotations

from typing import Any, Final

from infra_checks.sandbox.making import Kind, Made, Making, input_shape
from infra_checks.sandbox.refusal import CannotMakeError
from infra_checks.sandbox.rows import retag
from infra_checks.sandbox.shapes import as_text, fit

_CREATED: Final = (
    "AttributeDefinitions",
    "BillingMode",
    "DeletionProtectionEnabled",
    "KeySchema",
    "LocalSecondaryIndexes",
    "OnDemandThroughput",
    "ProvisionedThroughput",
    "TableClass",
    "WarmThroughput",
)


def _indexes(making: Making) -> list[dict[str, Any]]:
    """Global indexes as the API takes them."""
    return [
        {key: value for key, value in index.items() if key != "ContributorInsightsSpecification"}
        for index in making.get("GlobalSecondaryIndexes") or []
    ]


def _encryption(making: Making) -> dict[str, Any]:
    given = making.get("SSESpecification") or {}
    names = {"SSEEnabled": "Enabled"}
    made = {names.get(key, key): value for key, value in given.items()}
    return made | ({"SSEType": "KMS"} if "SSEType" not in made and made else {})


def _stream(making: Making) -> Making:
    return making.part(making.get("StreamSpecification") or {})


def _make(making: Making) -> Made:
    client = making.api("dynamodb")
    shape = input_shape(client, "create_table").members
    name = making.name("TableName", limit=255)
    given: dict[str, Any] = {"TableName": name}
    indexes = _indexes(making)
    if indexes:
        member = shape["GlobalSecondaryIndexes"]
        given["GlobalSecondaryIndexes"] = fit(indexes, member, "GlobalSecondaryIndexes")
    if making.properties.get("SSESpecification"):
        given["SSESpecification"] = fit(_encryption(making), shape["SSESpecification"], "SSESpecification")
    if making.properties.get("StreamSpecification"):
        given["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": _stream(making).need("StreamViewType")}
    if making.tags():
        given["Tags"] = making.tags()
    table = making.send("dynamodb", "create_table", only=_CREATED, **given)["TableDescription"]
    attributes = {"Arn": table["TableArn"]}
    if "LatestStreamArn" in table:
        attributes["StreamArn"] = table["LatestStreamArn"]
    return Made("AWS::DynamoDB::Table", name, attributes)


def _configure(making: Making, made: Made) -> None:
    client = making.api("dynamodb")
    if making.changed("PointInTimeRecoverySpecification"):
        value = making.get("PointInTimeRecoverySpecification") or {"PointInTimeRecoveryEnabled": False}
        shape = input_shape(client, "update_continuous_backups").members["PointInTimeRecoverySpecification"]
        fitted = fit(value, shape, "PointInTimeRecoverySpecification")
        client.update_continuous_backups(TableName=made.ref, PointInTimeRecoverySpecification=fitted)
    if making.changed("TimeToLiveSpecification"):
        value = making.get("TimeToLiveSpecification")
        if value is None:
            raise CannotMakeError("the sandbox cannot take TimeToLiveSpecification away from a table")
        made_value = {"AttributeName": value["AttributeName"], "Enabled": as_text(value["Enabled"]) == "true"}
        client.update_time_to_live(TableName=made.ref, TimeToLiveSpecification=made_value)
    if making.changed("ResourcePolicy"):
        document = (making.get("ResourcePolicy") or {}).get("PolicyDocument")
        making.api("dynamodb").put_resource_policy(ResourceArn=made.arn, Policy=as_text(document))
    _watch(making, made)
    if making.before is None:
        _give_policy_to_stream(making, made)
        return
    if making.changed("BillingMode", "ProvisionedThroughput", "DeletionProtectionEnabled", "TableClass"):
        making.send("dynamodb", "update_table", only=_CHANGED, TableName=made.ref)
    if making.changed("SSESpecification"):
        shape = input_shape(client, "update_table").members["SSESpecification"]
        fitted = fit(_encryption(making) or {"Enabled": False}, shape, "SSESpecification")
        client.update_table(TableName=made.ref, SSESpecification=fitted)
    if making.changed("Tags"):
        retag(making, "dynamodb", made.arn)


def _give_policy_to_stream(making: Making, made: Made) -> None:
    stream = _stream(making)
    stream.get("StreamViewType")
    policy = stream.get("ResourcePolicy")
    if policy:
        document = as_text(policy.get("PolicyDocument"))
        making.api("dynamodb").put_resource_policy(ResourceArn=made.attributes["StreamArn"], Policy=document)
    stream.check_all_taken()


def _watch(making: Making, made: Made) -> None:
    """Contributor insights of the table and of its indexes, which are calls of their own."""
    wanted: dict[str, Any] = {}
    if making.changed("ContributorInsightsSpecification"):
        wanted[""] = making.get("ContributorInsightsSpecification") or {"Enabled": False}
    if making.changed("GlobalSecondaryIndexes"):
        indexes = making.get("GlobalSecondaryIndexes") or []
        named = {each["IndexName"]: each.get("ContributorInsightsSpecification") for each in indexes}
        wanted |= {name: given for name, given in named.items() if given}
    for name, given in wanted.items():
        action = "ENABLE" if as_text(given["Enabled"]) == "true" else "DISABLE"
        options = {"ContributorInsightsMode": given["Mode"]} if "Mode" in given else {}
        index = {"IndexName": name} if name else {}
        making.api("dynamodb").update_contributor_insights(
            TableName=made.ref, ContributorInsightsAction=action, **options, **index
        )


_CHANGED: Final = ("BillingMode", "DeletionProtectionEnabled", "ProvisionedThroughput", "TableClass")


def _delete(making: Making, made: Made) -> None:
    making.api("dynamodb").delete_table(TableName=made.ref)


def _snapshot(making: Making, made: Made) -> None:
    making.api("dynamodb").create_backup(TableName=made.ref, BackupName=f"{making.logical_id}-final")
    _delete(making, made)


KINDS: Final = (
    Kind(
        "AWS::DynamoDB::Table",
        _make,
        _delete,
        _configure,
        frozenset({"TableName", "ImportSourceSpecification", "KeySchema", "LocalSecondaryIndexes"}),
        snapshot=_snapshot,
    ),
)
