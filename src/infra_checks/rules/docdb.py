"""Rules on Amazon DocumentDB clusters and their parameter groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown
from infra_checks.core.table import at_least, below, given, is_customer_key, is_true, property_rule
from infra_checks.evaluate.view import View, as_text
from infra_checks.rules.predicates import any_of, is_enabled, text_is

if TYPE_CHECKING:
    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

CLUSTER: Final = "AWS::DocDB::DBCluster"
PARAMETERS: Final = "AWS::DocDB::DBClusterParameterGroup"
DOCS: Final = "https://docs.aws.amazon.com/documentdb/latest/developerguide/"


def _has_source(cluster: Resource) -> Decision:
    """The cluster may be encrypted because its snapshot or source is."""
    source = any_of(*(given(name)(cluster) for name in ("SnapshotIdentifier", "SourceDBClusterIdentifier")))
    # A source that is given does not exempt: what it is can only be asked.
    return None if source is not False else False


encrypted = property_rule(
    CLUSTER,
    id="docdb-cluster-encrypted",
    title="Document database is encrypted at rest",
    family=Family.ENCRYPTION,
    severity=Severity.HIGH,
    path=("StorageEncrypted",),
    holds=is_true,
    unless=(_has_source,),
    message="does not turn encryption of its storage on",
    rationale="""Storage, backups and snapshots are in plain text unless the cluster is encrypted. AWS: off unless
    StorageEncrypted is true, and not to be changed later; a restored cluster is encrypted if its snapshot is.""",
    remedy="Add `StorageEncrypted: true` and `KmsKeyId: !GetAtt Key.Arn`; an existing cluster is replaced, so restore "
    "it from a snapshot.",
    source=DOCS + "encryption-at-rest.html",
    equivalents=("CKV_AWS_74",),
)


def _is_plain(cluster: Resource) -> Decision:
    """Encryption is not turned on, which is another rule's question."""
    encryption = is_enabled(cluster, "StorageEncrypted")
    return None if encryption is None else not encryption


customer_key = property_rule(
    CLUSTER,
    id="docdb-cluster-customer-key",
    title="Document database is encrypted with a KMS key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("KmsKeyId",),
    holds=is_customer_key,
    unless=(_is_plain,),
    message="is encrypted with the key aws/rds that AWS manages",
    rationale="""Only of a customer managed key can you set policy, rotation and end. AWS: with StorageEncrypted and
    no KmsKeyId the AWS managed key is used, and it cannot be changed later.""",
    remedy="Add `KmsKeyId: !GetAtt Key.Arn`; an existing cluster is replaced.",
    source=DOCS + "encryption-at-rest.html",
)

backups = property_rule(
    CLUSTER,
    id="docdb-cluster-backup-retention-check",
    title="Document database keeps its backups long enough",
    family=Family.DELETION,
    severity=Severity.MEDIUM,
    path=("BackupRetentionPeriod",),
    holds=at_least("minimum_days", default=1),
    equivalents=("CKV_AWS_360",),
    options={"minimum_days": 7},
    message=below("minimum_days", "keeps its automated backups for", default=1),
    rationale="""Automated backups are what a cluster is restored from after a mistake, which is rarely noticed the
    same day. AWS keeps them for one day by default.""",
    remedy="Set `BackupRetentionPeriod` to 7 or more (at most 35).",
    source=DOCS + "backup_restore.html",
)

protection = property_rule(
    CLUSTER,
    id="docdb-cluster-deletion-protection-enabled",
    title="Document database is protected from deletion",
    family=Family.DELETION,
    severity=Severity.MEDIUM,
    path=("DeletionProtection",),
    holds=is_true,
    message="is not protected from deletion",
    rationale="""One call or one wrong stack update deletes the cluster. AWS: while deletion protection is on it cannot
    be deleted; CloudFormation does not turn it on by itself.""",
    remedy="Add `DeletionProtection: true`.",
    source=DOCS + "db-cluster-delete.html",
)


def _exports(name: str, value: Value[object]) -> Decision:
    """Whether a list of logs has a log in it."""
    match value:
        case Known(tuple() as views):
            named = [text_is(view.text(), name) for view in views if isinstance(view, View)]
            return any_of(*named)
        case Known() | Absent():
            return False
        case Unknown():
            return None


def _exports_audit(value: Value[object], _ctx: Context) -> Decision:
    return _exports("audit", value)


audit_export = property_rule(
    CLUSTER,
    id="docdb-cluster-audit-logging-enabled",
    title="Document database sends its audit log to CloudWatch Logs",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    path=("EnableCloudwatchLogsExports",),
    holds=_exports_audit,
    message="does not export its audit log",
    rationale="""Logins, changes of users and of collections are seen in the audit log only. AWS: it is written when
    the parameter audit_logs is on, and kept when the cluster exports it; neither is so by default.""",
    remedy="Add `EnableCloudwatchLogsExports: [audit]`, and `audit_logs: enabled` in the cluster's parameter group.",
    source=DOCS + "event-auditing.html",
    equivalents=("CKV_AWS_85",),
)


def _is_audited(value: Value[object], _ctx: Context) -> Decision:
    off = text_is(as_text(value), "disabled", "none", "")
    return False if isinstance(value, Absent) else None if off is None else not off


audit_parameter = property_rule(
    PARAMETERS,
    id="docdb-parameter-group-audit-logs",
    title="Clusters of the parameter group write an audit log",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    path=("Parameters", "audit_logs"),
    holds=_is_audited,
    message="does not turn the audit log of its clusters on",
    rationale="""Without an audit log nobody can tell who read or dropped a collection. AWS: audit_logs is disabled by
    default; enabled, all, ddl, dml_read and dml_write turn it on.""",
    remedy="Add `audit_logs: enabled` to `Parameters`.",
    source=DOCS + "event-auditing.html",
    equivalents=("CKV_AWS_104",),
)


def _is_tls(value: Value[object], _ctx: Context) -> Decision:
    off = text_is(as_text(value), "disabled")
    return None if off is None else not off


tls = property_rule(
    PARAMETERS,
    id="docdb-parameter-group-tls",
    title="Clusters of the parameter group refuse connections without TLS",
    family=Family.ENCRYPTION,
    severity=Severity.HIGH,
    path=("Parameters", "tls"),
    holds=_is_tls,
    message="makes its clusters take connections in plain text",
    rationale="""With tls disabled, passwords and documents cross the network in plain text. AWS: tls is enabled by
    default, and clients without TLS are refused.""",
    remedy="Remove `tls` from `Parameters`, or set `tls: enabled`.",
    source=DOCS + "security.encryption.ssl.html",
    equivalents=("CKV_AWS_90",),
)
