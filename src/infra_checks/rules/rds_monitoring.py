"""Rules on how RDS databases are monitored: by CloudWatch from within, by Performance Insights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import given, is_true, property_rule
from infra_checks.evaluate.view import as_number
from infra_checks.rules.engines import is_custom
from infra_checks.rules.predicates import DB_CLUSTER, DB_INSTANCE, any_of, is_enabled, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

DOCS: Final = "https://docs.aws.amazon.com/AmazonRDS/latest/"


def _cluster_monitors(instance: Resource) -> Decision:
    """The instance leaves its monitoring to its cluster of this stack, which does it."""
    cluster = instance.target("DBClusterIdentifier")
    if not isinstance(cluster, Resource) or not isinstance(instance.value("MonitoringInterval"), Absent):
        return False
    return any_of(
        _sampled(cluster.number("MonitoringInterval")), text_is(cluster.text("DatabaseInsightsMode"), "advanced")
    )


def _sampled(seconds: Value[int | float]) -> Decision:
    match seconds:
        case Known(number):
            return number > 0
        case Unknown():
            return None
        case Absent():
            return False


def _is_sampled(value: Value[object], _ctx: Context) -> Decision:
    return _sampled(as_number(value))


monitoring = property_rule(
    DB_INSTANCE,
    id="rds-enhanced-monitoring-enabled",
    title="Database's operating system is monitored",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    path=("MonitoringInterval",),
    holds=_is_sampled,
    unless=(is_custom, _cluster_monitors),
    message="has no enhanced monitoring",
    rationale="""What CloudWatch shows is measured by the hypervisor; which process takes the memory or waits for the
    disk is seen only from within, by enhanced monitoring. AWS: MonitoringInterval is 0 (off) by default, and any other
    number of seconds needs MonitoringRoleArn.""",
    remedy="Set `MonitoringInterval: 60` and `MonitoringRoleArn` to a role with AmazonRDSEnhancedMonitoringRole.",
    source=DOCS + "UserGuide/USER_Monitoring.OS.Enabling.html",
    equivalents=(
        "CKV_AWS_118",
        "RDS_ENHANCED_MONITORING_ENABLED",
        "RDSEnhancedMonitoringEnabled",
        "rds_instance_enhanced_monitoring_enabled",
    ),
)


@rule(
    DB_INSTANCE,
    DB_CLUSTER,
    id="rds-enhanced-monitoring-role",
    title="Enhanced monitoring has its role, and the role its interval",
    family=Family.DEPLOYABILITY,
    severity=Severity.HIGH,
    remedy="Give both `MonitoringInterval` (1, 5, 10, 15, 30 or 60) and `MonitoringRoleArn`, or neither.",
    source=DOCS + "APIReference/API_CreateDBInstance.html",
    equivalents=("E3689",),
)
def monitoring_role(database: Resource, ctx: Context) -> Iterator[Verdict]:
    """AWS refuses a MonitoringInterval other than 0 without MonitoringRoleArn, and a MonitoringRoleArn without such
    an interval, so the deployment fails.
    """
    interval, role = database.value("MonitoringInterval"), database.value("MonitoringRoleArn")
    sampled, named = _sampled(as_number(interval)), given("MonitoringRoleArn")(database)
    if sampled is None or named is None:
        if sampled is not named:
            at = interval if sampled is None else role
            yield ctx.undecided(at, "whether MonitoringInterval and MonitoringRoleArn go together cannot be told")
    elif sampled and not named:
        yield ctx.violation(interval, "has a MonitoringInterval without a MonitoringRoleArn")
    elif named and not sampled:
        yield ctx.violation(role, "has a MonitoringRoleArn without a MonitoringInterval other than 0")


def _records(instance: Resource) -> Decision:
    cluster = instance.target("DBClusterIdentifier")
    own = not isinstance(instance.value("EnablePerformanceInsights"), Absent)
    return False if own or not isinstance(cluster, Resource) else is_enabled(cluster, "PerformanceInsightsEnabled")


insights = property_rule(
    DB_INSTANCE,
    id="rds-instance-performance-insights-enabled",
    title="Database's load is recorded by Performance Insights",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    path=("EnablePerformanceInsights",),
    holds=is_true,
    unless=(is_custom, _records),
    message="does not record its load with Performance Insights",
    rationale="""Which statements wait, and for what, is known after an incident only if it was recorded before. AWS:
    Performance Insights is off by default; for instances of a cluster the cluster can turn it on.""",
    remedy="Add `EnablePerformanceInsights: true`.",
    source=DOCS + "UserGuide/USER_PerfInsights.html",
    equivalents=("AWS-0133",),
)
