"""Rules on RDS that connections are encrypted: parameter groups, seen from the database, and proxies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_true, property_rule
from infra_checks.rules.engines import (
    AURORA_MYSQL,
    AURORA_POSTGRES,
    MARIADB,
    MYSQL,
    POSTGRES,
    Engine,
    engine_of,
    engine_of_family,
)
from infra_checks.rules.predicates import DB_CLUSTER, DB_INSTANCE, is_member, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision

DOCS: Final = "https://docs.aws.amazon.com/AmazonRDS/latest/"
GROUP_NAMES: Final = {DB_INSTANCE: "DBParameterGroupName", DB_CLUSTER: "DBClusterParameterGroupName"}
GROUP_TYPES: Final = ("AWS::RDS::DBParameterGroup", "AWS::RDS::DBClusterParameterGroup")
DEFAULT: Final = "default."


class Forcing(NamedTuple):
    """The parameter that makes an engine refuse plain connections, and its values that do.

    It is on by default since the major version `on_since`; since `open_since` the documentation does not settle it.
    """

    parameter: str
    values: tuple[str, ...]
    on_since: str = ""
    open_since: str = ""


_SSL: Final = "rds.force_ssl"
_SECURE: Final = "require_secure_transport"
_ON: Final = ("1", "on", "true")
FORCING: Final = {
    POSTGRES: Forcing(_SSL, _ON, "15"),
    AURORA_POSTGRES: Forcing(_SSL, _ON, open_since="17"),
    MYSQL: Forcing(_SECURE, _ON),
    MARIADB: Forcing(_SECURE, _ON, "11.8"),
    AURORA_MYSQL: Forcing(_SECURE, _ON, "8.4"),
    "sqlserver-ee": Forcing(_SSL, _ON),
    "sqlserver-ex": Forcing(_SSL, _ON),
    "sqlserver-se": Forcing(_SSL, _ON),
    "sqlserver-web": Forcing(_SSL, _ON),
    "db2-ae": Forcing("db2comm", ("ssl",)),
    "db2-se": Forcing("db2comm", ("ssl",)),
}
"""By engine; Oracle does it by an option group, and the other engines have no such parameter."""


class Forced(NamedTuple):
    """Whether plain connections are refused, and what says so."""

    holds: Decision
    why: str


@rule(
    DB_INSTANCE,
    DB_CLUSTER,
    id="rds-transport-encryption-required",
    title="Database refuses connections without TLS",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    remedy="Give it a parameter group (for Aurora a cluster parameter group) with `rds.force_ssl: 1` for PostgreSQL "
    "and SQL Server, `require_secure_transport: 1` for MySQL and MariaDB, `db2comm: SSL` for Db2.",
    source=DOCS + "UserGuide/PostgreSQL.Concepts.General.SSL.html",
    equivalents=("CKV2_AWS_69", "rds_instance_transport_encrypted"),
)
def transport(database: Resource, ctx: Context) -> Iterator[Verdict]:
    """RDS offers TLS, but a client that does not ask for it sends passwords and rows in plain text, unless the
    parameter group makes the engine refuse. AWS: on by default for PostgreSQL from version 15, MariaDB from 11.8 and
    Aurora MySQL from 8.4; off for older versions, MySQL, SQL Server, Db2 and Aurora PostgreSQL until 16. Oracle has
    an option group for it and is not judged; instances of a cluster have the cluster's parameter.
    """
    if database.type == DB_INSTANCE and is_member(database):
        return
    forced = _forced(database)
    if forced is None or forced.holds:
        return
    at = database.value(GROUP_NAMES[database.type])
    if forced.holds is None or (database.type == DB_INSTANCE and is_member(database) is None):
        yield ctx.undecided(at, f"whether it refuses connections without TLS cannot be told: {forced.why}")
    else:
        yield ctx.violation(at, f"accepts connections without TLS: {forced.why}")


def _forced(database: Resource) -> Forced | None:
    """Whether the database's parameters make TLS a must; None when it has no such parameter."""
    group = database.target(GROUP_NAMES[database.type])
    engine = engine_of(database)
    match group:
        case Resource() if group.type in GROUP_TYPES:
            return _by_group(group, engine)
        case Absent():
            return _by_default(engine, database)
        case Resource() | Unknown() | None:
            return _by_name(database, engine)


def _by_group(group: Resource, engine: Engine | Unknown | Absent) -> Forced | None:
    family = group.text("Family")
    known = engine_of_family(family.value) if isinstance(family, Known) else None
    if known is None:
        if not isinstance(engine, Engine):
            return Forced(None, f"the family of {group.logical_id} is known only at deployment")
        known = engine
    forcing = FORCING.get(known.name)
    if forcing is None:
        return None
    value = group.text("Parameters", forcing.parameter)
    decision = text_is(value, *forcing.values)
    if isinstance(value, Absent):
        decision = _on_by_default(forcing, known)
        return Forced(decision, f"{group.logical_id} does not set {forcing.parameter}")
    return Forced(decision, f"{group.logical_id} does not turn {forcing.parameter} on")


def _by_name(database: Resource, engine: Engine | Unknown | Absent) -> Forced | None:
    """By the name of a group that is not of this stack, which says something only of AWS's default groups."""
    name = database.text(GROUP_NAMES[database.type])
    if isinstance(engine, Engine) and engine.name not in FORCING:
        return None
    if isinstance(name, Known) and name.value.lower().startswith(DEFAULT):
        known = engine_of_family(name.value[len(DEFAULT) :])
        return _by_default(known or engine, database)
    return Forced(None, "its parameter group is not in this template")


def _by_default(engine: Engine | Unknown | Absent, database: Resource) -> Forced | None:
    match engine:
        case Engine():
            forcing = FORCING.get(engine.name)
            if forcing is None:
                return None
            version = f" {engine.major}" if engine.major else ""
            why = f"{forcing.parameter} is off in the default parameter group of {engine.name}{version}"
            decision = _on_by_default(forcing, engine)
            return Forced(decision, why if decision is False else f"it depends on the version of {engine.name}")
        case Unknown():
            return Forced(None, f"its engine is not known: {engine.reason}")
        case Absent():
            if isinstance(database.target("SourceDBInstanceIdentifier"), Resource):
                return Forced(True, "its source is judged")
            return Forced(None, "it names no engine, so it has that of its source or snapshot")


def _on_by_default(forcing: Forcing, engine: Engine) -> Decision:
    if forcing.open_since:
        open_now = engine.is_since(forcing.open_since)
        return False if open_now is False else None
    return engine.is_since(forcing.on_since) if forcing.on_since else False


proxy = property_rule(
    "AWS::RDS::DBProxy",
    id="rds-proxy-tls-encryption",
    title="Database proxy takes encrypted connections only",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("RequireTLS",),
    holds=is_true,
    message="accepts connections without TLS",
    rationale="""A proxy ends the client's connection and makes one of its own, so what the database requires says
    nothing of the way to the proxy. AWS: RequireTLS is false by default.""",
    remedy="Add `RequireTLS: true`.",
    source=DOCS + "UserGuide/rds-proxy.howitworks.html",
)
