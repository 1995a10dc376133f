"""Rules on the operation of RDS databases: upgrades, logs, events, backtracking, keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import given, is_customer_key, is_not_false, is_set, is_true, property_rule, stated
from infra_checks.evaluate.view import as_number
from infra_checks.rules.engines import AURORA_MYSQL, Engine, engine_of, engine_starts, is_custom
from infra_checks.rules.predicates import DB_CLUSTER, DB_INSTANCE, any_of, is_enabled, is_member, is_replica

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

DOCS: Final = "https://docs.aws.amazon.com/AmazonRDS/latest/"


def _is_positive(value: Value[object], _ctx: Context) -> Decision:
    number = as_number(value)
    match number:
        case Known(known):
            return known > 0
        case Unknown():
            return None
        case Absent():
            return False


upgrades = property_rule(
    DB_INSTANCE,
    DB_CLUSTER,
    id="rds-automatic-minor-version-upgrade-enabled",
    title="Database gets minor versions by itself",
    family=Family.DEPLOYABILITY,
    severity=Severity.MEDIUM,
    path=("AutoMinorVersionUpgrade",),
    holds=is_not_false,
    unless=(is_custom,),
    message="does not get minor versions of its engine by itself",
    rationale="""Minor versions fix security holes and bugs, and what is to be upgraded by hand is upgraded late. AWS:
    upgrades in the maintenance window are on by default; RDS Custom has them off.""",
    remedy="Remove `AutoMinorVersionUpgrade` or set it to `true`.",
    source=DOCS + "UserGuide/USER_UpgradeDBInstance.Upgrading.html",
    equivalents=(
        "f0104061",
        "RDS_AUTOMATIC_MINOR_VERSION_UPGRADE_ENABLED",
        "RDSAutomaticMinorVersionUpgradeEnabled",
        "rds_instance_minor_version_upgrade_enabled",
        "rds_cluster_minor_version_upgrade_enabled",
    ),
)

_ALL_LOGS: Final = {
    "aurora-mysql": ("audit", "error", "general", "slowquery"),
    "aurora-postgresql": ("postgresql",),
    "db2": ("diag.log", "notify.log"),
    "mariadb": ("audit", "error", "general", "slowquery"),
    "mysql": ("audit", "error", "general", "slowquery"),
    "oracle": ("alert", "audit", "listener", "trace"),
    "postgres": ("postgresql", "upgrade"),
    "sqlserver": ("agent", "error"),
}


@rule(
    DB_INSTANCE,
    DB_CLUSTER,
    id="rds-logging-enabled",
    title="Database sends its logs to CloudWatch Logs",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    remedy="Set `EnableCloudwatchLogsExports` to the engine's logs, such as `[postgresql, upgrade]` or "
    "`[audit, error, slowquery]`.",
    source=DOCS + "UserGuide/USER_LogAccess.Procedural.UploadtoCloudWatch.html",
    equivalents=(
        "RDS_INSTANCE_LOGGING_ENABLED",
        "RDSLoggingEnabled",
        "AwsSolutions-RDS16",
        "rds_instance_integration_cloudwatch_logs",
        "rds_cluster_integration_cloudwatch_logs",
    ),
    options={"all_logs": False},
)
def logs(database: Resource, ctx: Context) -> Iterator[Verdict]:
    """Logs on the database's own disk are deleted after days, and with the database; failed logins and slow
    statements are looked for later than that. AWS exports no log by default. Instances of Aurora have the cluster's
    setting, RDS Custom has none. Option all_logs asks for every kind of log that the engine has.
    """
    exempt = any_of(is_member(database), is_custom(database))
    if exempt:
        return
    exports = stated(database.items("EnableCloudwatchLogsExports"))
    match exports:
        case Unknown() if not exports.present or ctx.option("all_logs") is True:
            yield ctx.undecided(exports, f"EnableCloudwatchLogsExports cannot be told: {exports.reason}")
        case Absent():
            if exempt is None:
                yield ctx.undecided(exports, "whether a cluster exports its logs is known only at deployment")
            else:
                yield ctx.violation(exports, "exports no logs")
        case Known(views) if ctx.option("all_logs") is True:
            yield from _missing_logs(database, {str(getattr(view.value(), "value", "")) for view in views}, ctx)
        case Known() | Unknown():
            return


def _missing_logs(database: Resource, exported: set[str], ctx: Context) -> Iterator[Verdict]:
    at = database.value("EnableCloudwatchLogsExports")
    engine = engine_of(database)
    if not isinstance(engine, Engine):
        yield ctx.undecided(at, "which logs its engine has cannot be told")
        return
    wanted = next((names for start, names in _ALL_LOGS.items() if engine.name.startswith(start)), ())
    missing = [name for name in wanted if name not in exported]
    if missing:
        yield ctx.violation(at, f"does not export the logs {', '.join(missing)}")


def _not_aurora_mysql(cluster: Resource) -> Decision:
    other = engine_starts(cluster, AURORA_MYSQL)
    return None if other is None else not other


backtrack = property_rule(
    DB_CLUSTER,
    id="aurora-mysql-backtracking-enabled",
    title="Aurora MySQL cluster can be turned back in time",
    family=Family.DELETION,
    severity=Severity.LOW,
    path=("BacktrackWindow",),
    holds=_is_positive,
    unless=(_not_aurora_mysql, is_replica),
    message="cannot be turned back in time",
    rationale="""A mistaken DELETE is undone within minutes by backtracking, in place, where a restore takes a new
    cluster. AWS: BacktrackWindow is 0 (off) by default, at most 72 hours, and can be given to new clusters only; it is
    for Aurora MySQL.""",
    remedy="Add `BacktrackWindow: 86400` (seconds); the cluster has to be made anew.",
    source=DOCS + "AuroraUserGuide/AuroraMySQL.Managing.Backtrack.html",
    equivalents=("AURORA_MYSQL_BACKTRACKING_ENABLED", "AwsSolutions-RDS14", "rds_cluster_backtrack_enabled"),
)


def _not_encrypted_here(database: Resource) -> Decision:
    """Storage encryption is not turned on, which is another rule's question, or is the cluster's or the source's."""
    encrypted = is_enabled(database, "StorageEncrypted")
    off = None if encrypted is None else not encrypted
    return any_of(off, is_member(database), is_replica(database))


customer_key = property_rule(
    DB_INSTANCE,
    DB_CLUSTER,
    id="rds-storage-customer-key",
    title="Storage of the database is encrypted with a KMS key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("KmsKeyId",),
    holds=is_customer_key,
    unless=(_not_encrypted_here,),
    message="is encrypted with the key aws/rds that AWS manages",
    rationale="""A snapshot under the AWS managed key aws/rds cannot be shared with another account, and only of a
    customer managed key can you set policy and rotation. AWS: with StorageEncrypted and no KmsKeyId it is aws/rds, and
    the key cannot be changed later.""",
    remedy="Add `KmsKeyId: !GetAtt Key.Arn`; an existing database is replaced.",
    source=DOCS + "UserGuide/Overview.Encryption.Keys.html",
)


@rule(
    DB_INSTANCE,
    DB_CLUSTER,
    id="rds-storage-key-with-encryption",
    title="A storage key is given to an encrypted database only",
    family=Family.DEPLOYABILITY,
    severity=Severity.HIGH,
    remedy="Add `StorageEncrypted: true` beside `KmsKeyId`; an existing database is replaced.",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-rds-dbinstance.html",
    equivalents=(
        "ffee2785",
        "E3720",
    ),
)
def key_with_encryption(database: Resource, ctx: Context) -> Iterator[Verdict]:
    """A key for a database that is not encrypted is a mistake in one of the two, and the deployment fails. AWS: when
    KmsKeyId is set, StorageEncrypted must be true; instances of a cluster, replicas and what is restored have the
    encryption of their cluster or source.
    """
    key = database.value("KmsKeyId")
    named = is_set(key, ctx)
    encrypted = database.value("StorageEncrypted")
    kept = is_true(encrypted, ctx)
    exempt = any_of(is_member(database), is_replica(database), *(given(name)(database) for name in _SOURCES))
    if named is False or kept or exempt:
        return
    if named is None or kept is None or exempt is None:
        yield ctx.undecided(key, "whether KmsKeyId and StorageEncrypted go together is known only at deployment")
    else:
        yield ctx.violation(encrypted, "names a key for its storage but does not turn StorageEncrypted on")


_SOURCES: Final = (
    "DBClusterSnapshotIdentifier",
    "DBSnapshotIdentifier",
    "ReplicationSourceIdentifier",
    "SnapshotIdentifier",
    "SourceDBClusterIdentifier",
    "SourceDBInstanceAutomatedBackupsArn",
    "SourceDbClusterResourceId",
    "SourceDbiResourceId",
)

_CRITICAL: Final = {
    "db-instance": ("configuration change", "failure", "maintenance"),
    "db-cluster": ("failure", "maintenance"),
    "db-parameter-group": ("configuration change",),
    "db-security-group": ("configuration change", "failure"),
}


@rule(
    "AWS::RDS::EventSubscription",
    id="rds-event-subscription-critical-events",
    title="Subscription to RDS events has the critical ones",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    remedy="Leave `EventCategories` out, which means all, or add what is missing, and leave `Enabled` out.",
    source="https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html",
    equivalents=(
        "rds_cluster_critical_event_subscription",
        "rds_instance_critical_event_subscription",
        "rds_instance_event_subscription_parameter_groups",
        "rds_instance_event_subscription_security_groups",
    ),
)
def events(subscription: Resource, ctx: Context) -> Iterator[Verdict]:
    """A subscription that leaves failures, maintenance or changes of configuration out is silent when it counts.
    AWS: without EventCategories all events of the source type are sent, and without SourceType those of all types;
    Enabled is true by default.
    """
    enabled = subscription.value("Enabled")
    if is_not_false(enabled, ctx) is not True:
        decided = is_not_false(enabled, ctx)
        say = ctx.undecided if decided is None else ctx.violation
        yield say(enabled, "whether it is turned on cannot be told" if decided is None else "is turned off")
        return
    source, categories = subscription.text("SourceType"), subscription.items("EventCategories")
    match categories:
        case Absent() | Known(()):
            return
        case Unknown():
            yield ctx.undecided(categories, f"its event categories cannot be told: {categories.reason}")
        case Known(views):
            texts = [view.text() for view in views]
            named = {text.value.lower() for text in texts if isinstance(text, Known)}
            kind = source.value if isinstance(source, Known) else ""
            missing = [name for name in _CRITICAL.get(kind, ()) if name not in named]
            if isinstance(source, Unknown) or (missing and len(named) < len(texts)):
                yield ctx.undecided(categories, "whether it has the critical events is known only at deployment")
            elif missing:
                yield ctx.violation(categories, f"leaves out events of {kind}: {', '.join(missing)}")
