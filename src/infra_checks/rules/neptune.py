"""Rules on Amazon Neptune clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown
from infra_checks.core.table import at_least, below, given, is_customer_key, is_true, property_rule
from infra_checks.evaluate.view import View
from infra_checks.rules.predicates import any_of, is_enabled, text_is

if TYPE_CHECKING:
    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

CLUSTER: Final = "AWS::Neptune::DBCluster"
DOCS: Final = "https://docs.aws.amazon.com/neptune/latest/userguide/"


def _has_source(cluster: Resource) -> Decision:
    """The cluster may be encrypted because its snapshot or source is."""
    source = any_of(*(given(name)(cluster) for name in ("SnapshotIdentifier", "SourceDBClusterIdentifier")))
    # A source that is given does not exempt: what it is can only be asked.
    return None if source is not False else False


encrypted = property_rule(
    CLUSTER,
    id="neptune-cluster-encrypted",
    title="Graph database is encrypted at rest",
    family=Family.ENCRYPTION,
    severity=Severity.HIGH,
    path=("StorageEncrypted",),
    holds=is_true,
    unless=(_has_source,),
    message="does not turn encryption of its storage on",
    rationale="""Storage, backups and snapshots are in plain text unless the cluster is encrypted. AWS: the console
    enforces it for new clusters, a template turns it on with StorageEncrypted (no default is named), and it is not to
    be changed later; a cluster that is restored or copied is encrypted if its source is.""",
    remedy="Add `StorageEncrypted: true` and `KmsKeyId: !GetAtt Key.Arn`; an existing cluster is replaced, so restore "
    "it from a snapshot.",
    source=DOCS + "encrypt.html",
    equivalents=(
        "CKV_AWS_44",
        "F30",
    ),
)


def _is_plain(cluster: Resource) -> Decision:
    """Encryption is not turned on, which is another rule's question."""
    encryption = is_enabled(cluster, "StorageEncrypted")
    return None if encryption is None else not encryption


customer_key = property_rule(
    CLUSTER,
    id="neptune-cluster-customer-key",
    title="Graph database is encrypted with a KMS key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("KmsKeyId",),
    holds=is_customer_key,
    unless=(_is_plain,),
    message="is encrypted with the key aws/rds that AWS manages",
    rationale="""Only of a customer managed key can you set policy, rotation and end. AWS: with StorageEncrypted and
    no KmsKeyId the default key of the account is used, and it cannot be changed later.""",
    remedy="Add `KmsKeyId: !GetAtt Key.Arn`; an existing cluster is replaced.",
    source=DOCS + "encrypt.html",
)

backups = property_rule(
    CLUSTER,
    id="neptune-cluster-backup-retention-check",
    title="Graph database keeps its backups long enough",
    family=Family.DELETION,
    severity=Severity.MEDIUM,
    path=("BackupRetentionPeriod",),
    holds=at_least("minimum_days", default=1),
    options={"minimum_days": 7},
    message=below("minimum_days", "keeps its automated backups for", default=1),
    rationale="""Automated backups are what a cluster is restored from after a mistake, which is rarely noticed the
    same day. AWS keeps them for one day by default.""",
    remedy="Set `BackupRetentionPeriod` to 7 or more (at most 35).",
    source=DOCS + "backup-restore-overview.html",
    equivalents=("CKV_AWS_361",),
)


def _exports_audit(value: Value[object], _ctx: Context) -> Decision:
    match value:
        case Known(tuple() as views):
            return any_of(*(text_is(view.text(), "audit") for view in views if isinstance(view, View)))
        case Known() | Absent():
            return False
        case Unknown():
            return None


audit_export = property_rule(
    CLUSTER,
    id="neptune-cluster-cloudwatch-log-export-enabled",
    title="Graph database sends its audit log to CloudWatch Logs",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    path=("EnableCloudwatchLogsExports",),
    holds=_exports_audit,
    message="does not export its audit log",
    rationale="""Who asked what of the graph is seen in the audit log only. AWS: it is written when the parameter
    neptune_enable_audit_log is 1, and kept when the cluster exports it; no log is exported by default.""",
    remedy="Add `EnableCloudwatchLogsExports: [audit]`, and `neptune_enable_audit_log: 1` in the parameter group.",
    source=DOCS + "cloudwatch-logs.html",
    equivalents=("CKV_AWS_101",),
)

authentication = property_rule(
    CLUSTER,
    id="neptune-cluster-iam-database-authentication",
    title="Graph database asks its clients who they are",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    path=("IamAuthEnabled",),
    holds=is_true,
    message="lets everybody in who reaches it: IAM authentication is off",
    rationale="""Neptune has no passwords: without IAM authentication whoever reaches the port reads and changes the
    graph. AWS: IamAuthEnabled is false by default.""",
    remedy="Add `IamAuthEnabled: true`.",
    source=DOCS + "iam-auth.html",
)
