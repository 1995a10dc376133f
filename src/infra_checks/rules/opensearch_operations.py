"""Rules on OpenSearch Service domains, those of the Elasticsearch type included: logs and fault tolerance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import given, is_set, is_true
from infra_checks.rules.predicates import any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

OPENSEARCH: Final = "AWS::OpenSearchService::Domain"
ELASTICSEARCH: Final = "AWS::Elasticsearch::Domain"
CONFIGURATIONS: Final = {OPENSEARCH: "ClusterConfig", ELASTICSEARCH: "ElasticsearchClusterConfig"}
DOCS: Final = "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/"
_LOGS: Final = "LogPublishingOptions"
_FEWEST_MASTERS: Final = 3
"""AWS refuses fewer dedicated master nodes, so that a domain without a count has at least these."""


class Published(NamedTuple):
    """Whether a kind of log is sent to a log group, and the value that says so."""

    holds: Decision
    at: Value[object]


def _published(domain: Resource, kind: str, ctx: Context) -> Published:
    options = domain.value(_LOGS, kind)
    if isinstance(options, Absent):
        return Published(False, domain.value(_LOGS))
    enabled, group = domain.value(_LOGS, kind, "Enabled"), domain.value(_LOGS, kind, "CloudWatchLogsLogGroupArn")
    on = is_true(enabled, ctx)
    if on is not True:
        return Published(on, enabled)
    # Nothing is published to what is no ARN.
    wrong = isinstance(group, Known) and not str(group.value).startswith("arn:")
    return Published(False if wrong else is_set(group, ctx), group)


@rule(
    OPENSEARCH,
    ELASTICSEARCH,
    id="opensearch-audit-logging-enabled",
    title="Search domain sends its audit log to CloudWatch Logs",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    remedy="Add `LogPublishingOptions: {AUDIT_LOGS: {Enabled: true, CloudWatchLogsLogGroupArn: !GetAtt Group.Arn}}`; "
    "it needs fine-grained access control.",
    source=DOCS + "audit-logs.html",
    equivalents=(
        "OPENSEARCH_AUDIT_LOGGING_ENABLED",
        "CKV_AWS_317",
        "ELASTICSEARCH_AUDIT_LOGGING_ENABLED",
    ),
)
def audit(domain: Resource, ctx: Context) -> Iterator[Verdict]:
    """Failed logins and reads of documents are seen in the audit log only. AWS: no log is published by default; each
    kind needs a log group and Enabled, which is false by default.
    """
    published = _published(domain, "AUDIT_LOGS", ctx)
    if published.holds is None:
        yield ctx.undecided(published.at, "whether it sends its audit log is known only at deployment")
    elif not published.holds:
        yield ctx.violation(published.at, "does not send its audit log to a log group")


@rule(
    OPENSEARCH,
    ELASTICSEARCH,
    id="opensearch-logs-to-cloudwatch",
    title="Search domain sends its error log to CloudWatch Logs",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    remedy="Add `LogPublishingOptions: {ES_APPLICATION_LOGS: {Enabled: true, CloudWatchLogsLogGroupArn: "
    "!GetAtt Group.Arn}}`.",
    source=DOCS + "createdomain-configure-slow-logs.html",
    equivalents=(
        "ELASTICSEARCH_APPLICATION_LOGGING_ENABLED",
        "OPENSEARCH_APPLICATION_LOGGING_ENABLED",
    ),
)
def errors(domain: Resource, ctx: Context) -> Iterator[Verdict]:
    """The error log tells why indexing fails or a node leaves the cluster. AWS does not publish it by default."""
    published = _published(domain, "ES_APPLICATION_LOGS", ctx)
    if published.holds is None:
        yield ctx.undecided(published.at, "whether it sends its error log is known only at deployment")
    elif not published.holds:
        yield ctx.violation(published.at, "does not send its error log to a log group")


_KINDS: Final = ("ES_APPLICATION_LOGS", "SEARCH_SLOW_LOGS", "INDEX_SLOW_LOGS", "AUDIT_LOGS")


@rule(
    OPENSEARCH,
    ELASTICSEARCH,
    id="opensearch-some-log-to-cloudwatch",
    title="Search domain sends a log to CloudWatch Logs",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    remedy="Add `LogPublishingOptions: {ES_APPLICATION_LOGS: {Enabled: true, CloudWatchLogsLogGroupArn: "
    "!GetAtt Group.Arn}}`.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/elasticsearch-logs-to-cloudwatch.html",
    equivalents=("CKV_AWS_84", "ELASTICSEARCH_LOGS_TO_CLOUDWATCH"),
)
def some_log(domain: Resource, ctx: Context) -> Iterator[Verdict]:
    """A domain without any log tells nothing of what is asked of it and of what fails. AWS publishes none by default;
    on the error log and the audit log there are rules of their own.
    """
    published = [_published(domain, kind, ctx).holds for kind in _KINDS]
    at = domain.value(_LOGS)
    if any_of(*published) is None:
        yield ctx.undecided(at, "whether it sends a log is known only at deployment")
    elif True not in published:
        yield ctx.violation(at, "sends no log to a log group")


@rule(
    OPENSEARCH,
    ELASTICSEARCH,
    id="opensearch-data-node-fault-tolerance",
    title="Search domain has three data nodes in several Availability Zones",
    family=Family.MULTI_AZ,
    severity=Severity.MEDIUM,
    remedy="Set `InstanceCount: 3`, `ZoneAwarenessEnabled: true` and `ZoneAwarenessConfig: {AvailabilityZoneCount: 3}` "
    "in the cluster configuration.",
    source=DOCS + "managedomains-multiaz.html",
    equivalents=("ELASTICSEARCH_DATA_NODE_FAULT_TOLERANCE", "OPENSEARCH_DATA_NODE_FAULT_TOLERANCE"),
    options={"minimum_nodes": 3},
)
def data_nodes(domain: Resource, ctx: Context) -> Iterator[Verdict]:
    """With fewer than three data nodes, or all in one zone, a failure leaves a domain without replicas of its data.
    AWS: one data node and no zone awareness by default; a domain with standby is in three zones.
    """
    configuration = CONFIGURATIONS[domain.type]
    aware = domain.value(configuration, "ZoneAwarenessEnabled")
    standby = is_true(domain.value(configuration, "MultiAZWithStandbyEnabled"), ctx)
    spread = any_of(is_true(aware, ctx), standby)
    if spread is None:
        yield ctx.undecided(aware, "whether it spreads over Availability Zones is known only at deployment")
    elif not spread:
        yield ctx.violation(aware, "has all its nodes in one Availability Zone: zone awareness is off")
    yield from _counted(domain, (configuration, "InstanceCount"), "data node", ctx)


def _counted(domain: Resource, path: tuple[str, ...], what: str, ctx: Context) -> Iterator[Verdict]:
    count = domain.number(*path)
    minimum = ctx.number("minimum_nodes")
    match count:
        case Known(number) if number < minimum:
            has = f"one {what}" if number == 1 else f"{number:g} {what}s"
            yield ctx.violation(count, f"has {has}; at least {minimum:g} are required")
        case Absent():
            yield ctx.violation(count, f"has one {what} by default; at least {minimum:g} are required")
        case Unknown():
            yield ctx.undecided(count, f"how many {what}s it has cannot be told: {count.reason}")
        case Known():
            return


@rule(
    OPENSEARCH,
    ELASTICSEARCH,
    id="opensearch-primary-node-fault-tolerance",
    title="Search domain has three dedicated master nodes",
    family=Family.MULTI_AZ,
    severity=Severity.LOW,
    remedy="Set `DedicatedMasterEnabled: true`, `DedicatedMasterCount: 3` and `DedicatedMasterType` in the cluster "
    "configuration.",
    source=DOCS + "managedomains-dedicatedmasternodes.html",
    equivalents=("ELASTICSEARCH_PRIMARY_NODE_FAULT_TOLERANCE",),
    options={"minimum_nodes": 3},
)
def master_nodes(domain: Resource, ctx: Context) -> Iterator[Verdict]:
    """Data nodes that also manage the cluster fail at both under load, and fewer than three masters cannot agree on
    one of them. AWS: no dedicated master nodes by default; three are recommended for production.
    """
    configuration = CONFIGURATIONS[domain.type]
    dedicated = domain.value(configuration, "DedicatedMasterEnabled")
    decided = is_true(dedicated, ctx)
    if decided is None:
        yield ctx.undecided(dedicated, "whether it has dedicated master nodes is known only at deployment")
    elif not decided:
        yield ctx.violation(dedicated, "has no dedicated master nodes")
    elif given(configuration, "DedicatedMasterCount")(domain) is not False:
        yield from _counted(domain, (configuration, "DedicatedMasterCount"), "dedicated master node", ctx)
    elif ctx.number("minimum_nodes") > _FEWEST_MASTERS:
        place = domain.value(configuration, "DedicatedMasterCount")
        yield ctx.undecided(place, "how many dedicated master nodes it has is known only at deployment")
