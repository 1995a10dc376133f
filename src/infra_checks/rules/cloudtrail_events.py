"""Rules on which events a CloudTrail trail records, by its basic or advanced event selectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule
from infra_checks.core.table import is_set, property_rule
from infra_checks.evaluate.values import Absent, Known, Unknown, Value
from infra_checks.evaluate.view import EACH, View, as_boolean
from infra_checks.rules.event_selectors import ALL_OF_TYPE, Recorded, both, is_all, is_whole, names_value, recorded_by
from infra_checks.rules.predicates import all_of, any_of, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision

TRAIL: Final = "AWS::CloudTrail::Trail"
_GUIDE: Final = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/"
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"


def _said(recorded: Recorded) -> str:
    missing = [word for word, kept in zip(("read", "write"), recorded, strict=True) if kept is False]
    return " or ".join(missing)


@rule(
    TRAIL,
    id="cloudtrail-s3-dataevents-enabled",
    title="A trail records who reads and writes objects in S3",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    remedy="Add to a trail `EventSelectors: [{ReadWriteType: All, DataResources: [{Type: 'AWS::S3::Object', Values: "
    "['arn:aws:s3']}]}]`.",
    source=_CONFIG + "cloudtrail-s3-dataevents-enabled.html",
    equivalents=(
        "CLOUDTRAIL_S3_DATAEVENTS_ENABLED",
        "AWS-0171",
        "AWS-0172",
        "cloudtrail_s3_dataevents_read_enabled",
        "cloudtrail_s3_dataevents_write_enabled",
    ),
)
def object_events(trail: Resource, ctx: Context) -> Iterator[Verdict]:
    """Without data events nobody can tell which objects were read, replaced or deleted. A trail records no data events
    by default, because they cost extra; one trail of the stack that records those of all buckets is enough.
    """
    found = _of_stack(trail, "AWS::S3::Object")
    if False in found:
        yield ctx.violation(trail, f"does not record events that {_said(found)} objects in all buckets")
    elif None in found:
        yield ctx.undecided(trail, "whether it records events on objects in all buckets is known only at deployment")


@rule(
    TRAIL,
    id="cloudtrail-lambda-dataevents-enabled",
    title="A trail records who invokes functions",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    remedy="Add to a trail `EventSelectors: [{ReadWriteType: All, DataResources: [{Type: 'AWS::Lambda::Function', "
    "Values: ['arn:aws:lambda']}]}]`.",
    source=_GUIDE + "logging-data-events-with-cloudtrail.html",
    equivalents=("awslambda_function_invoke_api_operations_cloudtrail_logging_enabled",),
)
def invocations(trail: Resource, ctx: Context) -> Iterator[Verdict]:
    """Without data events nobody can tell who invoked a function. A trail records no data events by default, because
    they cost extra; one trail of the stack that records those of all functions is enough. Invoke is a writing event.
    """
    writes = _of_stack(trail, "AWS::Lambda::Function").writes
    if writes is False:
        yield ctx.violation(trail, "does not record the invocations of all functions")
    elif writes is None:
        yield ctx.undecided(trail, "whether it records the invocations of functions is known only at deployment")


def _of_stack(trail: Resource, kind: str) -> Recorded:
    """What the trails of the stack together record of the data events of all resources of a type."""
    found = _data(trail, kind)
    if found == Recorded(reads=True, writes=True):
        return found
    others = [_data(other, kind) for other in trail.stack.of_type(TRAIL) if other != trail]
    return Recorded(
        any_of(found.reads, *(other.reads for other in others)),
        any_of(found.writes, *(other.writes for other in others)),
    )


def _data(trail: Resource, kind: str) -> Recorded:
    return recorded_by(
        trail, lambda selector: _basic_data(selector, kind), lambda selector: _advanced_data(selector, kind)
    )


def _basic_data(selector: View, kind: str) -> Decision:
    resources = selector.items("DataResources")
    if isinstance(resources, Unknown):
        return None
    views = resources.value if isinstance(resources, Known) else ()
    return any_of(
        *(
            both(
                text_is(view.text("Type"), kind), any_of(*(is_all(value, ALL_OF_TYPE[kind]) for value in _values(view)))
            )
            for view in views
        )
    )


def _values(view: View) -> tuple[Value[object], ...]:
    return view.values("Values", EACH)


def _advanced_data(selector: View, kind: str) -> Decision:
    return all_of(
        (
            names_value(selector, "eventCategory", "Data"),
            names_value(selector, "resources.type", kind),
            is_whole(selector),
        )
    )


@rule(
    TRAIL,
    id="cloudtrail-management-events-recorded",
    title="Trail records management events",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    remedy="Leave `EventSelectors` out, or give one `ReadWriteType: All` and `IncludeManagementEvents: true`; of "
    "`AdvancedEventSelectors`, one whose only field is `{Field: eventCategory, Equals: [Management]}`.",
    source=_GUIDE + "logging-management-events-with-cloudtrail.html",
    equivalents=("cloudtrail_multi_region_enabled_logging_management_events",),
)
def management_events(trail: Resource, ctx: Context) -> Iterator[Verdict]:
    """Management events are who made, changed and deleted resources. A trail records all of them by default; with
    selectors only those that a selector includes. A second trail may be for data events alone.
    """
    if isinstance(trail.value("EventSelectors"), Absent) and isinstance(trail.value("AdvancedEventSelectors"), Absent):
        return
    found = [_management(other) for other in trail.stack.of_type(TRAIL)]
    recorded = Recorded(any_of(*(one.reads for one in found)), any_of(*(one.writes for one in found)))
    if False in recorded:
        yield ctx.violation(trail, f"does not record management events that {_said(recorded)}")
    elif None in recorded:
        yield ctx.undecided(trail, "whether it records management events is known only at deployment")


def _management(trail: Resource) -> Recorded:
    if isinstance(trail.value("EventSelectors"), Absent) and isinstance(trail.value("AdvancedEventSelectors"), Absent):
        return Recorded(reads=True, writes=True)
    return recorded_by(trail, _basic_management, _advanced_management)


def _basic_management(selector: View) -> Decision:
    value = as_boolean(selector.value("IncludeManagementEvents"))
    match value:
        case Known(truth):
            return truth
        case Unknown():
            return None
        case Absent():
            return True


def _advanced_management(selector: View) -> Decision:
    return both(names_value(selector, "eventCategory", "Management"), is_whole(selector))


insights = property_rule(
    TRAIL,
    id="cloudtrail-insights-enabled",
    title="Trail looks for unusual activity",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    path=("InsightSelectors",),
    holds=is_set,
    message="does not look for unusual activity (CloudTrail Insights)",
    rationale="""Insights compare the rate of API calls and errors with what is usual in the account and report what
    stands out. They are off by default, because they cost extra.""",
    remedy="Add `InsightSelectors: [{InsightType: ApiCallRateInsight}, {InsightType: ApiErrorRateInsight}]`.",
    source=_GUIDE + "logging-insights-events-with-cloudtrail.html",
    equivalents=("cloudtrail_insights_exist",),
)
