"""Rules on what moves data: AWS DMS, AWS DataSync and connectors of AWS Transfer Family."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_filled, is_not_false, is_set, is_true, one_of, property_rule, values_or_absent
from infra_checks.evaluate.view import EACH, as_text
from infra_checks.rules.predicates import text_is

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_WITH_SSL_MODE: Final = (
    "aurora",
    "aurora-postgresql",
    "azuredb",
    "db2",
    "db2-zos",
    "docdb",
    "mariadb",
    "mongodb",
    "mysql",
    "oracle",
    "postgres",
    "sqlserver",
    "sybase",
)
"""The engines that AWS gives SSL modes: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Security.SSL.html."""


def _other_engine(*engines: str) -> Callable[[Resource], Decision]:
    """For `unless`: the endpoint is for another engine than these."""

    def other(endpoint: Resource) -> Decision:
        same = text_is(endpoint.text("EngineName"), *engines)
        return None if same is None else not same

    return other


def _encrypts(value: Value[object], _ctx: Context) -> Decision:
    """It is ssl-encryption, which is the default."""
    return isinstance(value, Absent) or text_is(as_text(value), "ssl-encryption")


minor_versions = property_rule(
    "AWS::DMS::ReplicationInstance",
    id="dms-auto-minor-version-upgrade-check",
    title="Replication instance takes minor versions by itself",
    family=Family.DEPLOYABILITY,
    severity=Severity.LOW,
    path=("AutoMinorVersionUpgrade",),
    holds=is_not_false,
    message="has automatic minor versions switched off",
    rationale="""Minor versions bring security fixes. AWS DMS applies them in the maintenance window unless this is
    false.""",
    remedy="Remove `AutoMinorVersionUpgrade: false`.",
    source=_CONFIG + "dms-auto-minor-version-upgrade-check.html",
    equivalents=("DMS_AUTO_MINOR_VERSION_UPGRADE_CHECK",),
)

several_zones = property_rule(
    "AWS::DMS::ReplicationInstance",
    id="dms-replication-instance-multi-az-enabled",
    title="Replication instance has a standby in another Availability Zone",
    family=Family.MULTI_AZ,
    severity=Severity.MEDIUM,
    path=("MultiAZ",),
    holds=is_true,
    message="has no standby in another Availability Zone",
    rationale="""When the zone of an instance without a standby fails, its migration stops. AWS DMS makes a standby
    only when asked for.""",
    remedy="Set `MultiAZ: true`.",
    source=_CONFIG + "dms-replication-instance-multi-az-enabled.html",
    equivalents=("DMS_REPLICATION_INSTANCE_MULTI_AZ_ENABLED",),
)

endpoint_tls = property_rule(
    "AWS::DMS::Endpoint",
    id="dms-endpoint-ssl-configured",
    title="Endpoint of a migration uses TLS",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("SslMode",),
    holds=one_of("require", "verify-ca", "verify-full"),
    unless=(_other_engine(*_WITH_SSL_MODE),),
    message="reaches its database without TLS",
    rationale="""A migration moves whole databases over the network. `SslMode` is none by default. Engines that always
    encrypt or have a setting of their own, such as S3, Kinesis and Redshift, have no such mode.""",
    remedy="Set `SslMode: verify-full`, with `CertificateArn` where the engine needs one.",
    source=_CONFIG + "dms-endpoint-ssl-configured.html",
    equivalents=("DMS_ENDPOINT_SSL_CONFIGURED",),
)

neptune_authorization = property_rule(
    "AWS::DMS::Endpoint",
    id="dms-neptune-iam-authorization-enabled",
    title="Endpoint for Neptune uses IAM authorization",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    path=("NeptuneSettings", "IamAuthEnabled"),
    holds=is_true,
    unless=(_other_engine("neptune"),),
    message="does not use IAM authorization",
    rationale="""With IAM authorization only what the service role may do can be done to the graph. It is off by
    default.""",
    remedy="Set `NeptuneSettings.IamAuthEnabled: true`.",
    source=_CONFIG + "dms-neptune-iam-authorization-enabled.html",
    equivalents=("DMS_NEPTUNE_IAM_AUTHORIZATION_ENABLED",),
)

mongodb_authentication = property_rule(
    "AWS::DMS::Endpoint",
    id="dms-mongo-db-authentication-enabled",
    title="Endpoint for MongoDB authenticates",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    path=("MongoDbSettings", "AuthType"),
    holds=one_of("password"),
    unless=(_other_engine("mongodb"),),
    message="reads MongoDB without a user and a password",
    rationale="""A database that answers without authentication answers everyone who reaches it. `AuthType` says
    whether the user and the password are used.""",
    remedy="Set `MongoDbSettings.AuthType: password`.",
    source=_CONFIG + "dms-mongo-db-authentication-enabled.html",
    equivalents=("DMS_MONGO_DB_AUTHENTICATION_ENABLED",),
)

redis_tls = property_rule(
    "AWS::DMS::Endpoint",
    id="dms-redis-tls-enabled",
    title="Endpoint for Redis uses TLS",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("RedisSettings", "SslSecurityProtocol"),
    holds=_encrypts,
    message="writes to Redis without TLS",
    rationale="""With plaintext everything that is migrated can be read on the way. The default is ssl-encryption.""",
    remedy="Remove `RedisSettings.SslSecurityProtocol: plaintext`.",
    source=_CONFIG + "dms-redis-tls-enabled.html",
    equivalents=("DMS_REDIS_TLS_ENABLED",),
)

connector_logging = property_rule(
    "AWS::Transfer::Connector",
    id="transfer-connector-logging-enabled",
    title="File transfer connector is logged",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    path=("LoggingRole",),
    holds=is_set,
    message="has no role to write logs with",
    rationale="""A connector writes to CloudWatch Logs only with a role for it. Without logs nobody sees which files
    went where.""",
    remedy="Set `LoggingRole: !GetAtt Role.Arn`.",
    source=_CONFIG + "transfer-connector-logging-enabled.html",
    equivalents=("TRANSFER_CONNECTOR_LOGGING_ENABLED",),
)


@rule(
    "AWS::DataSync::Task",
    id="datasync-task-logging-enabled",
    title="Transfer task is logged",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    remedy="Set `CloudWatchLogGroupArn`, and `Options.LogLevel` to BASIC or TRANSFER.",
    source=_CONFIG + "datasync-task-logging-enabled.html",
    equivalents=("DATASYNC_TASK_LOGGING_ENABLED",),
)
def task_logs(task: Resource, ctx: Context) -> Iterator[Verdict]:
    """Logs tell what a task transferred and what it could not. A task writes them to the log group that it names; one
    in Enhanced mode has a log group by itself.
    """
    level = task.text("Options", "LogLevel")
    if text_is(level, "OFF"):
        yield ctx.violation(level, "writes no logs")
        return
    group = task.value("CloudWatchLogGroupArn")
    named = is_filled(group)
    enhanced = False if named else text_is(task.text("TaskMode"), "ENHANCED")
    if named is False and enhanced is False:
        yield ctx.violation(group, "names no log group")
    elif text_is(level, "OFF") is None or (not named and not enhanced):
        unclear = level if isinstance(level, Unknown) else group
        yield ctx.undecided(unclear, "whether it writes logs is known only at deployment")


@rule(
    "AWS::Transfer::Server",
    id="transfer-family-server-no-ftp",
    title="File transfer server does not offer FTP",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    remedy="Remove FTP from `Protocols`; SFTP and FTPS encrypt.",
    source=_CONFIG + "transfer-family-server-no-ftp.html",
    equivalents=("TRANSFER_FAMILY_SERVER_NO_FTP",),
)
def no_ftp(server: Resource, ctx: Context) -> Iterator[Verdict]:
    """FTP sends files, names and passwords in plaintext. A server offers SFTP only by default."""
    for value in values_or_absent(server, "Protocols", EACH):
        plain = text_is(as_text(value), "FTP")
        if plain:
            yield ctx.violation(value, "offers FTP, which does not encrypt")
        elif plain is None:
            yield ctx.undecided(value, "whether it offers FTP is known only at deployment")


_QUIET: Final = ("LOGGER_SEVERITY_ERROR", "LOGGER_SEVERITY_WARNING")
"""Levels below LOGGER_SEVERITY_DEFAULT."""


def _unlogged(text: str, components: tuple[str, ...]) -> str | None:
    """Why a task with these settings does not log the components, or None; settings that are no JSON log nothing."""
    try:
        logging = json.loads(text)["Logging"]
        levels = {str(one["Id"]): str(one["Severity"]) for one in logging.get("LogComponents") or ()}
        enabled = logging.get("EnableLogging") is True
    except (AttributeError, KeyError, TypeError, ValueError):
        return "has no settings for logs that can be read"
    if not enabled:
        return "does not log"
    missing = [one for one in components if levels.get(one) is None or levels[one] in _QUIET]
    return f"does not log {' and '.join(missing)} at LOGGER_SEVERITY_DEFAULT at least" if missing else None


def _component_logs(task: Resource, ctx: Context, *components: str) -> Iterator[Verdict]:
    settings = task.text("ReplicationTaskSettings")
    match settings:
        case Absent():
            yield ctx.violation(settings, "does not log: AWS DMS logs a task only when its settings say so")
        case Unknown():
            yield ctx.undecided(settings, f"what it logs cannot be told: {settings.reason}")
        case Known(text):
            reason = _unlogged(text, components)
            if reason:
                yield ctx.violation(settings, reason)


_TASK: Final = "AWS::DMS::ReplicationTask"


@rule(
    _TASK,
    id="dms-replication-task-sourcedb-logging",
    title="Replication task logs what happens at the source",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    remedy="Set `Logging.EnableLogging` and the components SOURCE_CAPTURE and SOURCE_UNLOAD in "
    "`ReplicationTaskSettings`.",
    source=_CONFIG + "dms-replication-task-sourcedb-logging.html",
    equivalents=("DMS_REPLICATION_TASK_SOURCEDB_LOGGING",),
)
def source_logs(task: Resource, ctx: Context) -> Iterator[Verdict]:
    """What a migration could not read, and what it left out, is in the logs of SOURCE_CAPTURE and SOURCE_UNLOAD."""
    yield from _component_logs(task, ctx, "SOURCE_CAPTURE", "SOURCE_UNLOAD")


@rule(
    _TASK,
    id="dms-replication-task-targetdb-logging",
    title="Replication task logs what happens at the target",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    remedy="Set `Logging.EnableLogging` and the components TARGET_APPLY and TARGET_LOAD in `ReplicationTaskSettings`.",
    source=_CONFIG + "dms-replication-task-targetdb-logging.html",
    equivalents=("DMS_REPLICATION_TASK_TARGETDB_LOGGING",),
)
def target_logs(task: Resource, ctx: Context) -> Iterator[Verdict]:
    """What a migration could not write is in the logs of TARGET_APPLY and TARGET_LOAD."""
    yield from _component_logs(task, ctx, "TARGET_APPLY", "TARGET_LOAD")
