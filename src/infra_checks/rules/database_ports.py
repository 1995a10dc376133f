"""The rule that databases and caches do not listen on the port that everybody tries first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import given
from infra_checks.rules.engines import Engine, engine_of
from infra_checks.rules.predicates import DB_CLUSTER, DB_INSTANCE, any_of, is_member, is_replica

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision

GROUP: Final = "AWS::ElastiCache::ReplicationGroup"
CACHE: Final = "AWS::ElastiCache::CacheCluster"
BY_TYPE: Final = {
    "AWS::DocDB::DBCluster": 27017,
    GROUP: 6379,
    "AWS::MemoryDB::Cluster": 6379,
    "AWS::Neptune::DBCluster": 8182,
    "AWS::Redshift::Cluster": 5439,
}
BY_ENGINE: Final = {
    "aurora-postgresql": 5432,
    "aurora": 3306,
    "db2": 50000,
    "mariadb": 3306,
    "memcached": 11211,
    "mysql": 3306,
    "oracle": 1521,
    "postgres": 5432,
    "redis": 6379,
    "sqlserver": 1433,
    "valkey": 6379,
}
"""Default ports by the beginning of the engine's name; the first that fits counts."""

PROPERTIES: Final = {"AWS::Neptune::DBCluster": "DBPort"}


@rule(
    DB_INSTANCE,
    DB_CLUSTER,
    CACHE,
    *BY_TYPE,
    id="database-port-not-default",
    title="Database listens on another port than its engine's default",
    family=Family.NETWORK,
    severity=Severity.LOW,
    remedy="Set `Port` (of Neptune `DBPort`) to a number that is not the engine's default, and open that port in the "
    "security group.",
    source="https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html",
    equivalents=(
        "AwsSolutions-RDS11",
        "AwsSolutions-AEC5",
        "rds_instance_non_default_port",
        "rds_cluster_non_default_port",
    ),
)
def port(database: Resource, ctx: Context) -> Iterator[Verdict]:
    """Scans begin with the default ports, so another one keeps the crudest of them away; it replaces no security
    group. AWS: without a port the engine's default is used. Instances of a cluster have the cluster's port, and
    replicas and restored databases that name none that of their source.
    """
    if is_member(database):
        return
    number = database.number(PROPERTIES.get(database.type, "Port"))
    default = _default(database)
    match number:
        case Known(chosen) if default is not None and chosen != default:
            return
        case Unknown():
            yield ctx.undecided(number, f"its port cannot be told: {number.reason}")
        case Absent():
            inherited = any_of(is_replica(database), _restored(database))
            if inherited is False and is_member(database) is False:
                yield ctx.violation(number, f"listens on the default port of its engine{_named(default)}")
            elif not inherited:
                yield ctx.undecided(number, "whether it listens on the default port is known only at deployment")
        case Known():
            if default is None:
                yield ctx.undecided(number, "whether that is its engine's default port cannot be told")
            else:
                yield ctx.violation(number, f"listens on the default port of its engine{_named(default)}")


def _named(default: int | None) -> str:
    return f" ({default})" if default else ""


def _default(database: Resource) -> int | None:
    if database.type in BY_TYPE:
        return BY_TYPE[database.type]
    engine = engine_of(database)
    if not isinstance(engine, Engine):
        return None
    name = engine.name.removeprefix("custom-")
    return next((port for start, port in BY_ENGINE.items() if name.startswith(start)), None)


_SOURCES: Final = (
    "DBClusterSnapshotIdentifier",
    "DBSnapshotIdentifier",
    "GlobalReplicationGroupId",
    "SnapshotIdentifier",
    "SourceDBClusterIdentifier",
)


def _restored(database: Resource) -> Decision:
    return any_of(*(given(name)(database) for name in _SOURCES))
