"""The rule that Aurora MySQL writes an audit log: the cluster's parameter group, seen from the cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_filled
from infra_checks.rules.engines import AURORA_MYSQL, Engine, engine_of, engine_of_family
from infra_checks.rules.predicates import DB_CLUSTER, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision

GROUP: Final = "AWS::RDS::DBClusterParameterGroup"
_NAME: Final = "DBClusterParameterGroupName"
_MYSQL: Final = (AURORA_MYSQL, "aurora")
"""`aurora` is the engine of versions that went with MySQL 5.6."""


class Audited(NamedTuple):
    """Whether audit logs are written, and what says so."""

    holds: Decision
    why: str


@rule(
    DB_CLUSTER,
    id="aurora-mysql-cluster-audit-logging",
    title="Aurora MySQL writes an audit log",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    remedy="Give the cluster an AWS::RDS::DBClusterParameterGroup with `server_audit_logging: 1` and "
    "`server_audit_events: CONNECT,QUERY_DCL,QUERY_DDL`.",
    source="https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Auditing.html",
    equivalents=("AURORA_MYSQL_CLUSTER_AUDIT_LOGGING",),
)
def audit(cluster: Resource, ctx: Context) -> Iterator[Verdict]:
    """Without an audit log nobody can tell who logged in, changed a grant or dropped a table. AWS: the cluster
    parameter server_audit_logging is off by default, and server_audit_events, without which nothing is logged, empty.
    """
    engine = engine_of(cluster)
    if isinstance(engine, Engine) and engine.name not in _MYSQL:
        return
    audited = _audited(cluster, sure=isinstance(engine, Engine))
    if audited.holds:
        return
    at = cluster.value(_NAME)
    if audited.holds is None:
        yield ctx.undecided(at, f"whether it writes an audit log cannot be told: {audited.why}")
    else:
        yield ctx.violation(at, f"writes no audit log: {audited.why}")


def _audited(cluster: Resource, *, sure: bool) -> Audited:
    """What the cluster's parameters say; `sure` when its engine is known to be Aurora MySQL."""
    group = cluster.target(_NAME)
    match group:
        case Resource() if group.type == GROUP:
            family = group.text("Family")
            known = engine_of_family(family.value) if isinstance(family, Known) else None
            if known is not None and known.name not in _MYSQL:
                return Audited(True, "it is of another engine")
            if known is None and not sure:
                return Audited(None, "its engine is known only at deployment")
            return _by_group(group)
        case Absent():
            return Audited(False if sure else None, "the default parameter group has server_audit_logging off")
        case Resource() | Unknown() | None:
            return _by_name(cluster, sure=sure)


def _by_group(group: Resource) -> Audited:
    logging = text_is(group.text("Parameters", "server_audit_logging"), "1", "on", "true")
    events = is_filled(group.value("Parameters", "server_audit_events"))
    if logging is False:
        return Audited(False, f"{group.logical_id} does not turn server_audit_logging on")
    if events is False:
        return Audited(False, f"{group.logical_id} names no server_audit_events")
    return Audited(logging and events, f"parameters of {group.logical_id} are known only at deployment")


def _by_name(cluster: Resource, *, sure: bool) -> Audited:
    """By the name of a group that is not of this stack, which says something only of AWS's default groups."""
    name = cluster.text(_NAME)
    if isinstance(name, Known) and name.value.lower().startswith("default."):
        return Audited(False if sure else None, f"{name.value} has server_audit_logging off")
    return Audited(None, "its parameter group is not in this template")
