"""Rules on RDS about what is not to be shared: the zone of a replica and its source, the role of monitoring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.rules.predicates import DB_CLUSTER, DB_INSTANCE, is_replica

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

DOCS: Final = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/"


@rule(
    DB_INSTANCE,
    id="rds-replica-zone-differs",
    title="Read replica is not pinned to the Availability Zone of its source",
    family=Family.MULTI_AZ,
    severity=Severity.MEDIUM,
    remedy="Give the replica an `AvailabilityZone` other than its source's.",
    source=DOCS + "USER_ReadRepl.Create.html",
)
def replica_zone(replica: Resource, ctx: Context) -> Iterator[Verdict]:
    """A replica in the zone of its source is lost together with it, so that nothing is left to promote.

    AWS: CreateDBInstanceReadReplica puts a replica into the AvailabilityZone it is given, and chooses one itself
    without. Only zones that are given for both are compared; a source of another template is not judged.
    """
    if is_replica(replica) is False:
        return
    source = replica.target("SourceDBInstanceIdentifier")
    if not isinstance(source, Resource):
        return
    own, other = replica.value("AvailabilityZone"), source.value("AvailabilityZone")
    same = _same(own, other)
    if same is None:
        yield ctx.undecided(own, f"whether {source.logical_id} is in the same zone cannot be told")
    elif same:
        yield ctx.violation(own, f"is in the Availability Zone of its source {source.logical_id}")


def _same(one: Value[object], other: Value[object]) -> Decision:
    """Whether two given zones are the same one."""
    if isinstance(one, Absent) or isinstance(other, Absent):
        return False
    if isinstance(one, Known) and isinstance(other, Known):
        return one.value == other.value
    if isinstance(one, Unknown) and isinstance(other, Unknown) and one.parts:
        if one.parts == other.parts:
            return True
        return False if _is_indexed(one) and _is_indexed(other) else None
    return None


def _is_indexed(zone: Unknown) -> bool:
    """Whether it is one of a region's zones, by its index."""
    return zone.symbol is not None and zone.symbol.kind == "zone"


@rule(
    DB_INSTANCE,
    DB_CLUSTER,
    id="rds-monitoring-role-own",
    title="Enhanced monitoring has a role of its own",
    family=Family.IAM,
    severity=Severity.LOW,
    remedy="Make a role for `monitoring.rds.amazonaws.com` alone, and another one for what the database itself does.",
    source=DOCS + "USER_Monitoring.OS.Enabling.html",
)
def monitoring_role(database: Resource, ctx: Context) -> Iterator[Verdict]:
    """The agent of enhanced monitoring only writes measurements; with the database's own role it may also read and
    write the buckets that the database imports from and exports to. AWS describes a role for monitoring alone, with
    the policy AmazonRDSEnhancedMonitoringRole.
    """
    monitoring = database.target("MonitoringRoleArn")
    if not isinstance(monitoring, Resource):
        return
    roles = database.items("AssociatedRoles")
    match roles:
        case Known(views):
            for view in views:
                if database.stack.target_of(view.value("RoleArn")) == monitoring:
                    said = f"does with {monitoring.logical_id}, its role for monitoring, other things as well"
                    yield ctx.violation(view.value("RoleArn"), said)
        case Unknown():
            yield ctx.undecided(
                roles, f"whether its role for monitoring is used otherwise cannot be told: {roles.reason}"
            )
        case Absent():
            return
