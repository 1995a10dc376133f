"""AWS::DynamoDB, by the Amazon DynamoDB API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra_checks.live.keys import ASKED, chosen_key
from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, document, from_answer, renamed, said, stated, tag_list

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_ON: Final = frozenset({"ENABLED", "ENABLING"})
_STREAMING: Final = frozenset({"ACTIVE", "ENABLING", "UPDATING"})
_VECTORS: Final = ("Dimensions", "DistanceFunction", "IndexName", "Projection", "SearchSchema", "VectorAttribute")


@reader(
    "AWS::DynamoDB::Table",
    "dynamodb:describe_table",
    "dynamodb:describe_continuous_backups",
    "dynamodb:describe_time_to_live",
    "dynamodb:describe_contributor_insights",
    "dynamodb:describe_kinesis_streaming_destination",
    "dynamodb:get_resource_policy",
    "dynamodb:list_tags_of_resource",
    ASKED,
)
def table(asking: Asking) -> Read:
    """AWS: API_TableDescription.html; what it lacks is asked by operations of their own.

    The source of an import is no property of the table that is there.
    """
    answer = asking.ask("dynamodb", "describe_table", TableName=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    found = answer["Table"]
    arn = found["TableArn"]
    tags = asking.pages("dynamodb", "list_tags_of_resource", "Tags", ResourceArn=arn)
    return {
        **_described(found),
        **_indexes(asking, found),
        **_encryption(asking, found),
        **_stream(asking, found),
        **_asked_alone(asking),
        **_policy(asking, arn),
        **from_answer(tags, ("Tags",), lambda pairs: {"Tags": tag_list(pairs)}),
    }


def _described(found: Answer) -> Properties:
    read = renamed(
        found,
        "AttributeDefinitions",
        "DeletionProtectionEnabled",
        "KeySchema",
        "TableName",
        Arn="TableArn",
        StreamArn="LatestStreamArn",
    )
    return read | stated(
        BillingMode=(found.get("BillingModeSummary") or {}).get("BillingMode"),
        LocalSecondaryIndexes=[
            renamed(each, "IndexName", "KeySchema", "Projection") for each in found.get("LocalSecondaryIndexes") or []
        ],
        TableClass=(found.get("TableClassSummary") or {}).get("TableClass"),
        VectorIndexes=[renamed(each, *_VECTORS) for each in found.get("VectorIndexes") or []],
        **_capacity(found),
    )


def _capacity(found: Answer) -> Properties:
    """Of tables that are paid per request the provisioned units are 0, and -1 is no limit."""
    units = {
        "OnDemandThroughput": ("MaxReadRequestUnits", "MaxWriteRequestUnits"),
        "ProvisionedThroughput": ("ReadCapacityUnits", "WriteCapacityUnits"),
        "WarmThroughput": ("ReadUnitsPerSecond", "WriteUnitsPerSecond"),
    }
    read = {name: renamed(found.get(name) or {}, *members) for name, members in units.items()}
    return stated(**{name: {key: unit for key, unit in of.items() if unit > 0} for name, of in read.items()})


def _indexes(asking: Asking, found: Answer) -> Properties:
    return stated(
        GlobalSecondaryIndexes=[
            {
                **renamed(each, "IndexName", "KeySchema", "Projection"),
                **_capacity(each),
                **_insights(asking, IndexName=each["IndexName"]),
            }
            for each in found.get("GlobalSecondaryIndexes") or []
        ]
    )


def _encryption(asking: Asking, found: Answer) -> Properties:
    """A description is there only for a key in the account; without one DynamoDB's own key encrypts."""
    described = found.get("SSEDescription") or {}
    if described.get("Status") not in {"ENABLED", "ENABLING", "UPDATING"}:
        return {}
    key = stated(KMSMasterKeyId=chosen_key(asking, described.get("KMSMasterKeyArn")))
    return {"SSESpecification": {"SSEEnabled": True, **renamed(described, "SSEType"), **key}}


def _stream(asking: Asking, found: Answer) -> Properties:
    given = found.get("StreamSpecification") or {}
    if not given.get("StreamEnabled"):
        return {}
    policy = _policy(asking, found["LatestStreamArn"]) if said(found.get("LatestStreamArn")) else {}
    tags = Unread("the reader of tables does not ask for the tags of its stream")
    return {"StreamSpecification": {**renamed(given, "StreamViewType"), **policy, "Tags": tags}}


def _policy(asking: Asking, arn: str) -> Properties:
    answer = asking.ask("dynamodb", "get_resource_policy", none=("PolicyNotFoundException",), ResourceArn=arn)
    return from_answer(answer, ("ResourcePolicy",), _policy_document)


def _policy_document(answer: Answer) -> Properties:
    return {"ResourcePolicy": {"PolicyDocument": document(answer["Policy"])}} if answer.get("Policy") else {}


def _insights(asking: Asking, **index: str) -> Properties:
    answer = asking.ask("dynamodb", "describe_contributor_insights", TableName=asking.physical_id, **index)
    return from_answer(answer, ("ContributorInsightsSpecification",), _insights_of)


def _insights_of(answer: Answer) -> Properties:
    on = answer.get("ContributorInsightsStatus") in _ON
    mode = renamed(answer, Mode="ContributorInsightsMode") if on else {}
    return {"ContributorInsightsSpecification": {"Enabled": on, **mode}}


def _asked_alone(asking: Asking) -> Properties:
    """What has an operation of its own."""
    by: dict[str, Any] = {"TableName": asking.physical_id}
    backups = asking.ask("dynamodb", "describe_continuous_backups", **by)
    lives = asking.ask("dynamodb", "describe_time_to_live", **by)
    streams = asking.ask("dynamodb", "describe_kinesis_streaming_destination", **by)
    return {
        **from_answer(backups, ("PointInTimeRecoverySpecification",), _recovery),
        **from_answer(lives, ("TimeToLiveSpecification",), _time_to_live),
        **from_answer(streams, ("KinesisStreamSpecification",), _kinesis),
        **_insights(asking),
    }


def _recovery(answer: Answer) -> Properties:
    described = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription") or {}
    on = described.get("PointInTimeRecoveryStatus") == "ENABLED"
    days = renamed(described, "RecoveryPeriodInDays") if on else {}
    return {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": on, **days}}


def _time_to_live(answer: Answer) -> Properties:
    described = answer.get("TimeToLiveDescription") or {}
    on = described.get("TimeToLiveStatus") in _ON
    return {"TimeToLiveSpecification": {"Enabled": True, **renamed(described, "AttributeName")}} if on else {}


def _kinesis(answer: Answer) -> Properties:
    streams = [
        each
        for each in answer.get("KinesisDataStreamDestinations") or []
        if each.get("DestinationStatus") in _STREAMING
    ]
    names = ("ApproximateCreationDateTimePrecision", "StreamArn")
    return {"KinesisStreamSpecification": renamed(streams[0], *names)} if streams else {}
