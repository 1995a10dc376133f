"""Rules on CloudWatch alarms: that they tell someone, and that they watch what there is to watch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.core.finding import Family, Severity
from infra_checks.core.links import links_to
from infra_checks.core.resource import PHYSICAL_NAMES
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_not_false, is_set, property_rule, values_or_absent
from infra_checks.evaluate.view import EACH
from infra_checks.rules.namings import mentions, same
from infra_checks.rules.predicates import DB_CLUSTER, DB_INSTANCE, all_of, any_of, is_member, is_replica, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.view import View

ALARM: Final = "AWS::CloudWatch::Alarm"
COMPOSITE: Final = "AWS::CloudWatch::CompositeAlarm"
QUEUE: Final = "AWS::SQS::Queue"
FUNCTION: Final = "AWS::Lambda::Function"
_GUIDE: Final = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/"
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"


def _is_part(alarm: Resource) -> Decision:
    """The alarm is one of those that a composite alarm puts together, and which need no action of their own."""
    return next(alarm.referrers(COMPOSITE), None) is not None


actions = property_rule(
    ALARM,
    COMPOSITE,
    id="cloudwatch-alarm-action-check",
    title="An alarm tells someone",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    path=("AlarmActions",),
    holds=is_set,
    unless=(_is_part,),
    message="does nothing when it goes off: it has no AlarmActions",
    rationale="""An alarm without an action only changes its colour in the console. It has none by default. Alarms that
    a composite alarm puts together may leave the action to it.""",
    remedy="Add `AlarmActions: [!Ref Topic]`.",
    source=_CONFIG + "cloudwatch-alarm-action-check.html",
    equivalents=(
        "CLOUDWATCH_ALARM_ACTION_CHECK",
        "CloudWatchAlarmAction",
        "cloudwatch_alarm_actions_alarm_state_configured",
    ),
)

actions_enabled = property_rule(
    ALARM,
    COMPOSITE,
    id="cloudwatch-alarm-action-enabled-check",
    title="The actions of an alarm are switched on",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    path=("ActionsEnabled",),
    holds=is_not_false,
    message="has its actions switched off",
    rationale="""With ActionsEnabled false an alarm goes off without anyone being told. It is true by default.""",
    remedy="Remove `ActionsEnabled: false`.",
    source=_CONFIG + "cloudwatch-alarm-action-enabled-check.html",
    equivalents=("cloudwatch_alarm_actions_enabled",),
)


class _Watched(NamedTuple):
    """What an alarm has to watch of a resource: any of some metrics, in the dimension that names it."""

    metrics: tuple[str, ...]
    dimension: str
    name: str


_WATCHED: Final = {
    QUEUE: _Watched(("ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"), "QueueName", "QueueName"),
    DB_INSTANCE: _Watched(("ReplicaLag", "AuroraReplicaLag"), "DBInstanceIdentifier", "DBInstanceIdentifier"),
    FUNCTION: _Watched(("Errors",), "FunctionName", "FunctionName"),
}


def _is_watched(resource: Resource) -> Decision:
    """Whether an alarm of the stack watches a resource."""
    return any_of(
        *(
            all_of((text_is(metric.text("MetricName"), *_WATCHED[resource.type].metrics), _is_of(metric, resource)))
            for alarm in resource.stack.of_type(ALARM)
            for metric in _metrics(alarm)
        )
    )


def _metrics(alarm: Resource) -> Iterator[View]:
    """What has the name and the dimensions of a metric in an alarm: the alarm itself, or parts of its expression."""
    yield alarm
    entries = alarm.items("Metrics")
    for entry in entries.value if isinstance(entries, Known) else ():
        yield entry.at("MetricStat", "Metric")


def _is_of(metric: View, resource: Resource) -> Decision:
    """Whether a metric is that of a resource; one of Lambda without dimensions is that of all functions."""
    dimensions = metric.items("Dimensions")
    watched = _WATCHED[resource.type]
    match dimensions:
        case Absent():
            return resource.type == FUNCTION
        case Unknown():
            return None
        case Known(views):
            own = resource.value(watched.name)
            named = [view.value("Value") for view in views if text_is(view.text("Name"), watched.dimension)]
            return any_of(*(True if mentions(value, resource) else same(value, own) for value in named))


def _unwatched(resource: Resource, ctx: Context, what: str) -> Iterator[Verdict]:
    watched = _is_watched(resource)
    if watched is None:
        yield ctx.undecided(resource, f"whether an alarm watches {what} is known only at deployment")
    elif not watched:
        yield ctx.violation(resource, f"has no alarm in this template that watches {what}")


_DEAD_LETTERS: Final = frozenset({"deadLetterTargetArn", "DeadLetterConfig", "OnFailure"})


@rule(
    QUEUE,
    id="sqs-dead-letter-queue-alarm",
    title="Someone is told when a dead-letter queue fills",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    remedy="Add an AWS::CloudWatch::Alarm on `ApproximateNumberOfMessagesVisible` of namespace AWS/SQS with the "
    "dimension `QueueName: !GetAtt Queue.QueueName` and threshold 0.",
    source="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/dead-letter-queues-alarms-cloudwatch.html",
)
def dead_letters(queue: Resource, ctx: Context) -> Iterator[Verdict]:
    """What lies in a dead-letter queue was lost to the application, and is lost for good when it expires there, unless
    someone looks. AWS advises an alarm on its number of messages; what is sent there because handling failed is not
    counted in NumberOfMessagesSent.
    """
    if any(_DEAD_LETTERS.intersection(map(str, link.path)) for link in links_to(queue)):
        yield from _unwatched(queue, ctx, "how many messages are in it")


@rule(
    DB_INSTANCE,
    id="rds-replica-lag-alarm",
    title="Someone is told when a replica lags behind",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    remedy="Add an AWS::CloudWatch::Alarm on `ReplicaLag` of namespace AWS/RDS with the dimension "
    "`DBInstanceIdentifier: !Ref Replica`.",
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.html",
)
def replica_lag(instance: Resource, ctx: Context) -> Iterator[Verdict]:
    """A replica that has fallen behind, or no longer replicates at all, answers with old data and is of no use when its
    source fails. AWS advises to watch ReplicaLag; there is no alarm by default.
    """
    replica = is_replica(instance)
    if replica is None:
        yield ctx.undecided(instance, "whether it is a read replica is known only at deployment")
    elif replica:
        yield from _unwatched(instance, ctx, "how far it lags behind")


@rule(
    FUNCTION,
    id="lambda-errors-alarm",
    title="Someone is told when a function fails",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    remedy="Add an AWS::CloudWatch::Alarm on `Errors` of namespace AWS/Lambda with the dimension "
    "`FunctionName: !Ref Function`.",
    source="https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics.html",
)
def function_errors(function: Resource, ctx: Context) -> Iterator[Verdict]:
    """A function that fails says so in its logs and its metric Errors, which nobody looks at without an alarm. The
    functions of custom resources are exempt: when they fail, the deployment does.
    """
    if not any(link.path[-1:] == ("ServiceToken",) for link in links_to(function)):
        yield from _unwatched(function, ctx, "its errors")


_STORES: Final = (
    DB_CLUSTER,
    DB_INSTANCE,
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::ElastiCache::ReplicationGroup",
)


@rule(
    *_STORES,
    id="data-store-alarm",
    title="Someone is told when a data store is in trouble",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    remedy="Add an AWS::CloudWatch::Alarm with the dimension that names the store, such as `DBInstanceIdentifier: !Ref "
    "Database`, on `CPUUtilization`, `FreeStorageSpace`, `DatabaseMemoryUsagePercentage` or `SystemErrors`.",
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Monitoring.html",
)
def store_alarm(store: Resource, ctx: Context) -> Iterator[Verdict]:
    """A database, cache or table that runs out of processor, memory, space or throughput takes all that depends on it
    along. AWS measures them, and tells nobody: there is no alarm by default. Any alarm on any metric of the store
    counts; for a cluster also one on an instance of it, whose instances need none of their own.
    """
    member = is_member(store)
    if member:
        return
    parts = [store]
    if store.type == DB_CLUSTER:
        instances = store.stack.of_type(DB_INSTANCE)
        parts += [each for each in instances if each.target("DBClusterIdentifier") == store]
    watched = any_of(*(_names(metric, parts) for alarm in store.stack.of_type(ALARM) for metric in _metrics(alarm)))
    if watched is None or (member is None and not watched):
        yield ctx.undecided(store, "whether an alarm watches it is known only at deployment")
    elif not watched:
        yield ctx.violation(store, "is watched by no alarm in this template")


def _names(metric: View, parts: Sequence[Resource]) -> Decision:
    """Whether a dimension of a metric names one of the parts of a store."""
    dimensions = metric.items("Dimensions")
    match dimensions:
        case Absent():
            return False
        case Unknown():
            return None
        case Known(views):
            values = [view.value("Value") for view in views]
            if any(mentions(value, part) for value in values for part in parts):
                return True
            names = [part.value(name) for part in parts if (name := PHYSICAL_NAMES.get(part.type))]
            return any_of(*(same(value, name) for value in values for name in names))


@rule(
    "AWS::Logs::MetricFilter",
    id="log-metric-filter-alarm",
    title="What a metric filter counts is watched by an alarm",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    remedy="Add an AWS::CloudWatch::Alarm with the filter's `MetricName` and `MetricNamespace`.",
    source=_GUIDE + "AlarmThatSendsEmail.html",
)
def filter_alarm(metric_filter: Resource, ctx: Context) -> Iterator[Verdict]:
    """A metric filter counts what appears in logs, for example a sign-in of the root user; without an alarm on the
    metric nobody is told.
    """
    names = values_or_absent(metric_filter, "MetricTransformations", EACH, "MetricName")
    for name in names:
        watched = any_of(
            *(
                same(metric.value("MetricName"), name)
                for alarm in metric_filter.stack.of_type(ALARM)
                for metric in _metrics(alarm)
            )
        )
        if watched is None:
            yield ctx.undecided(name, "whether an alarm watches its metric is known only at deployment")
        elif not watched:
            yield ctx.violation(name, "counts for a metric that no alarm of this template watches")
