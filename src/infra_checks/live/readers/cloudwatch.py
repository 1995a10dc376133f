"""AWS::CloudWatch, by the Amazon CloudWatch API reference. Composite alarms are left to Cloud Control."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, from_answer, only, pruned, renamed, stated, tag_list

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_ALARM: Final = (
    "ActionConfiguration",
    "ActionsEnabled",
    "AlarmActions",
    "AlarmDescription",
    "AlarmName",
    "ComparisonOperator",
    "DatapointsToAlarm",
    "Dimensions",
    "EvaluateLowSampleCountPercentile",
    "EvaluationCriteria",
    "EvaluationInterval",
    "EvaluationPeriods",
    "EvaluationWindow",
    "ExtendedStatistic",
    "InsufficientDataActions",
    "MetricName",
    "Metrics",
    "Namespace",
    "OKActions",
    "Period",
    "Statistic",
    "Threshold",
    "ThresholdMetricId",
    "TreatMissingData",
    "Unit",
    "WarmUpConfiguration",
)


def _tags(asking: Asking, arn: str) -> Properties:
    answer = asking.ask("cloudwatch", "list_tags_for_resource", ResourceARN=arn)
    return from_answer(answer, ("Tags",), lambda found: {"Tags": tag_list(found.get("Tags") or [])})


@reader("AWS::CloudWatch::Alarm", "cloudwatch:describe_alarms", "cloudwatch:list_tags_for_resource")
def alarm(asking: Asking) -> Read:
    """AWS: API_MetricAlarm.html."""
    by = {"AlarmNames": [asking.physical_id], "AlarmTypes": ["MetricAlarm"]}
    found = only(asking.pages("cloudwatch", "describe_alarms", "MetricAlarms", **by), asking.physical_id)
    if isinstance(found, Unread):
        return found
    return {**pruned(renamed(found, *_ALARM, Arn="AlarmArn")), **_tags(asking, found["AlarmArn"])}


@reader("AWS::CloudWatch::Dashboard", "cloudwatch:get_dashboard", "cloudwatch:list_tags_for_resource")
def dashboard(asking: Asking) -> Read:
    """AWS: API_GetDashboard.html."""
    answer = asking.ask("cloudwatch", "get_dashboard", DashboardName=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    return {**renamed(answer, "DashboardBody", "DashboardName"), **_tags(asking, answer["DashboardArn"])}


@reader("AWS::CloudWatch::AnomalyDetector", "cloudwatch:describe_anomaly_detectors")
def anomaly_detector(asking: Asking) -> Read:
    """AWS: API_AnomalyDetector.html; Cloud Control cannot read this type."""
    kinds = {"AnomalyDetectorTypes": ["SINGLE_METRIC", "METRIC_MATH"]}
    detectors = asking.pages("cloudwatch", "describe_anomaly_detectors", "AnomalyDetectors", **kinds)
    if isinstance(detectors, Unread):
        return detectors
    matching = [each for each in detectors if each.get("AnomalyDetectorId") == asking.physical_id]
    matching = matching or [each for each in detectors if _metric(each) == _metric(asking.declared)]
    if len(matching) != 1:
        return Unread(f"{asking.physical_id} is one of {len(matching)} detectors that fit")
    return _detector(matching[0])


def _metric(found: Answer | object) -> tuple[object, ...]:
    """What a detector is known by: its metric, at the top or in a mapping of its own."""
    detector = found if isinstance(found, dict) else {}
    single = detector.get("SingleMetricAnomalyDetector") or detector
    dimensions = sorted((each.get("Name"), each.get("Value")) for each in single.get("Dimensions") or [])
    return single.get("Namespace"), single.get("MetricName"), single.get("Stat"), dimensions


def _detector(found: Answer) -> Properties:
    names = ("Dimensions", "MetricCharacteristics", "MetricMathAnomalyDetector", "MetricName", "Namespace", "Stat")
    read: Properties = pruned(renamed(found, *names, "SingleMetricAnomalyDetector", Id="AnomalyDetectorId"))
    given = found.get("Configuration") or {}
    excluded = [
        {"EndTime": _time(each["EndTime"]), "StartTime": _time(each["StartTime"])}
        for each in given.get("ExcludedTimeRanges") or []
    ]
    configuration = renamed(given, MetricTimeZone="MetricTimezone") | stated(ExcludedTimeRanges=excluded)
    return read | stated(Configuration=configuration)


def _time(moment: object) -> str:
    return moment.isoformat() if hasattr(moment, "isoformat") else str(moment)
