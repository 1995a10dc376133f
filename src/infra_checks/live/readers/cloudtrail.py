"""AWS::CloudTrail, by the AWS CloudTrail API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, from_answer, pruned, renamed, tag_list

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read


@reader(
    "AWS::CloudTrail::Trail",
    "cloudtrail:get_trail",
    "cloudtrail:get_trail_status",
    "cloudtrail:get_event_selectors",
    "cloudtrail:get_insight_selectors",
    "cloudtrail:get_event_configuration",
    "cloudtrail:list_tags",
)
def trail(asking: Asking) -> Read:
    """AWS: API_Trail.html, API_GetEventSelectors.html, API_GetEventConfiguration.html.

    A trail whose event selectors nobody set has those that AWS gives it: all management events.
    """
    answer = asking.ask("cloudtrail", "get_trail", Name=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    found = answer["Trail"]
    arn = found["TrailARN"]
    tags = asking.pages("cloudtrail", "list_tags", "ResourceTagList", ResourceIdList=[arn])
    return {**_described(found), **_asked_alone(asking, arn), **from_answer(tags, ("Tags",), _tags)}


def _described(found: Answer) -> Properties:
    return renamed(
        found,
        "CloudWatchLogsLogGroupArn",
        "CloudWatchLogsRoleArn",
        "IncludeGlobalServiceEvents",
        "IsMultiRegionTrail",
        "IsOrganizationTrail",
        "S3BucketName",
        "S3KeyPrefix",
        Arn="TrailARN",
        EnableLogFileValidation="LogFileValidationEnabled",
        KMSKeyId="KmsKeyId",
        SnsTopicName="SnsTopicARN",
        TrailName="Name",
    )


def _asked_alone(asking: Asking, arn: str) -> Properties:
    by: dict[str, Any] = {"TrailName": arn}
    status = asking.ask("cloudtrail", "get_trail_status", Name=arn)
    events = asking.ask("cloudtrail", "get_event_selectors", **by)
    configured = asking.ask("cloudtrail", "get_event_configuration", **by)
    insights = asking.ask("cloudtrail", "get_insight_selectors", none=("InsightNotEnabledException",), **by)
    selectors = ("AdvancedEventSelectors", "EventSelectors")
    return {
        **from_answer(status, ("IsLogging",), lambda found: renamed(found, "IsLogging")),
        **from_answer(events, selectors, lambda found: pruned(renamed(found, *selectors))),
        **from_answer(
            configured,
            ("AggregationConfigurations",),
            lambda found: pruned(renamed(found, "AggregationConfigurations")),
        ),
        **from_answer(insights, ("InsightSelectors",), lambda found: pruned(renamed(found, "InsightSelectors"))),
    }


def _tags(entries: list[Answer]) -> Properties:
    return {"Tags": tag_list(pair for each in entries for pair in each.get("TagsList") or [])}
