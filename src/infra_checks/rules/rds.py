"""Rules on RDS databases that are one property: protection, backups, tags, keys, authentication."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown
from infra_checks.core.table import at_least, below, is_customer_key, is_false, is_true, property_rule, stated
from infra_checks.rules.predicates import DB_CLUSTER as CLUSTER
from infra_checks.rules.predicates import DB_INSTANCE as INSTANCE
from infra_checks.rules.predicates import is_enabled, is_member, is_replica

if TYPE_CHECKING:
    from infra_checks.core.resource import Resource
    from infra_checks.core.table import Decision

DOCS: Final = "https://docs.aws.amazon.com/AmazonRDS/latest/"
INSTANCE_DOCS: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-rds-dbinstance.html"


_PROTECTION: Final = """One click, one call or one wrong stack update deletes a database. AWS: deletion protection is
off by default, and while it is on the database cannot be deleted. Of an Aurora cluster it is a setting of the
cluster; its instances can be deleted all the same, without harm to the data."""

instance_protection = property_rule(
    INSTANCE,
    id="rds-instance-deletion-protection-enabled",
    title="Database instance is protected from deletion",
    family=Family.DELETION,
    severity=Severity.MEDIUM,
    path=("DeletionProtection",),
    holds=is_true,
    unless=(is_member,),
    message="is not protected from deletion",
    rationale=_PROTECTION,
    remedy="Add `DeletionProtection: true`.",
    source=DOCS + "UserGuide/USER_DeleteInstance.html",
    equivalents=(
        "2c161e58",
        "F80",
        "RDS_INSTANCE_DELETION_PROTECTION_ENABLED",
        "AwsSolutions-RDS10",
        "AWS-0177",
        "rds_instance_deletion_protection",
    ),
)

cluster_protection = property_rule(
    CLUSTER,
    id="rds-cluster-deletion-protection-enabled",
    title="Database cluster is protected from deletion",
    family=Family.DELETION,
    severity=Severity.MEDIUM,
    path=("DeletionProtection",),
    holds=is_true,
    message="is not protected from deletion",
    rationale=_PROTECTION,
    remedy="Add `DeletionProtection: true`.",
    source=DOCS + "AuroraUserGuide/USER_DeleteCluster.html",
    equivalents=("AwsSolutions-RDS10", "AWS-0343", "rds_cluster_deletion_protection"),
)

_BACKUPS: Final = """Automated backups are what a database is restored from after a mistake, and a mistake is rarely
noticed the same day. AWS keeps them for one day by default; 0 turns them off for an instance. Instances of a cluster
follow the cluster, and read replicas are made with backups disabled, their source having them."""

instance_backups = property_rule(
    INSTANCE,
    id="db-instance-backup-enabled",
    title="Database instance keeps its backups long enough",
    family=Family.DELETION,
    severity=Severity.MEDIUM,
    path=("BackupRetentionPeriod",),
    holds=at_least("minimum_days", default=1),
    unless=(is_member, is_replica),
    options={"minimum_days": 7},
    message=below("minimum_days", "keeps its automated backups for", default=1),
    rationale=_BACKUPS,
    remedy="Set `BackupRetentionPeriod` to 7 or more (at most 35).",
    source=DOCS + "UserGuide/USER_WorkingWithAutomatedBackups.BackupRetention.html",
    equivalents=(
        "e649a218",
        "8c415f6f",
        "E3719",
        "W75",
        "DB_INSTANCE_BACKUP_ENABLED",
        "AwsSolutions-RDS13",
        "AWS-0077",
        "rds_instance_backup_enabled",
    ),
)

cluster_backups = property_rule(
    CLUSTER,
    id="rds-cluster-backup-retention",
    title="Database cluster keeps its backups long enough",
    family=Family.DELETION,
    severity=Severity.MEDIUM,
    path=("BackupRetentionPeriod",),
    holds=at_least("minimum_days", default=1),
    options={"minimum_days": 7},
    message=below("minimum_days", "keeps its automated backups for", default=1),
    rationale=_BACKUPS,
    remedy="Set `BackupRetentionPeriod` to 7 or more (at most 35).",
    source=DOCS + "AuroraUserGuide/Aurora.Managing.Backups.html",
    equivalents=("AWS-0077",),
)


def _has_no_backups(resource: Resource) -> Decision:
    days = resource.number("BackupRetentionPeriod")
    match days:
        case Known(number):
            return number == 0
        case Unknown():
            return None
        case Absent():
            return False


kept_backups = property_rule(
    INSTANCE,
    CLUSTER,
    id="rds-automated-backups-kept-after-deletion",
    title="Automated backups outlive the database",
    family=Family.DELETION,
    severity=Severity.LOW,
    path=("DeleteAutomatedBackups",),
    holds=is_false,
    unless=(is_member, is_replica, _has_no_backups),
    message="takes its automated backups with it when it is deleted",
    rationale="""Who deletes a database by mistake, or on purpose, deletes its automated backups in the same step. AWS
    removes them immediately unless DeleteAutomatedBackups is false; they are then kept for their retention period.""",
    remedy="Add `DeleteAutomatedBackups: false`.",
    source=INSTANCE_DOCS + "#cfn-rds-dbinstance-deleteautomatedbackups",
)

copied_tags = property_rule(
    INSTANCE,
    CLUSTER,
    id="rds-copy-tags-to-snapshots",
    title="Database passes its tags on to its snapshots",
    family=Family.TAGGING,
    severity=Severity.LOW,
    path=("CopyTagsToSnapshot",),
    holds=is_true,
    unless=(is_member,),
    message="does not copy its tags to its snapshots",
    rationale="""Snapshots hold the same data and cost money for longer; without tags nobody can tell whose they are,
    and access or deletion by tag passes them by. AWS does not copy tags by default; for Aurora the cluster decides.""",
    remedy="Add `CopyTagsToSnapshot: true`.",
    source=DOCS + "UserGuide/USER_Tagging.html",
    equivalents=("rds_instance_copy_tags_to_snapshots", "rds_cluster_copy_tags_to_snapshots"),
)

_INSIGHTS: Final = """Performance Insights records the text of statements, with whatever values stand in it. AWS
encrypts it with the account's default key for RDS unless a key is named, and the key cannot be changed later without
a new database."""


def _without_insights(resource: Resource) -> Decision:
    name = "EnablePerformanceInsights" if resource.type == INSTANCE else "PerformanceInsightsEnabled"
    enabled = is_enabled(resource, name)
    return None if enabled is None else not enabled


instance_insights = property_rule(
    INSTANCE,
    id="rds-instance-performance-insights-key",
    title="Performance Insights of the instance is encrypted with a key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("PerformanceInsightsKMSKeyId",),
    holds=is_customer_key,
    unless=(_without_insights,),
    message="encrypts Performance Insights with the default key for RDS",
    rationale=_INSIGHTS,
    remedy="Add `PerformanceInsightsKMSKeyId: !GetAtt Key.Arn`.",
    source=DOCS + "UserGuide/USER_PerfInsights.html",
    equivalents=("AWS-0078",),
)

cluster_insights = property_rule(
    CLUSTER,
    id="rds-cluster-performance-insights-key",
    title="Performance Insights of the cluster is encrypted with a key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("PerformanceInsightsKmsKeyId",),
    holds=is_customer_key,
    unless=(_without_insights,),
    message="encrypts Performance Insights with the default key for RDS",
    rationale=_INSIGHTS,
    remedy="Add `PerformanceInsightsKmsKeyId: !GetAtt Key.Arn`.",
    source=DOCS + "AuroraUserGuide/USER_PerfInsights.html",
    equivalents=("AWS-0078",),
)

AUTHENTICATING: Final = ("mariadb", "mysql", "postgres")


def _other_engine(instance: Resource) -> Decision:
    engine = stated(instance.text("Engine"))
    match engine:
        case Known(name):
            return name.lower() not in AUTHENTICATING
        case Unknown():
            return None
        case Absent():
            return False


authentication = property_rule(
    INSTANCE,
    id="rds-instance-iam-authentication-enabled",
    title="Database instance accepts IAM identities",
    family=Family.IAM,
    severity=Severity.LOW,
    path=("EnableIAMDatabaseAuthentication",),
    holds=is_true,
    unless=(is_member, _other_engine),
    message="accepts passwords only, no IAM identities",
    rationale="""With IAM authentication applications connect with tokens that live 15 minutes instead of a password
    that is stored somewhere. AWS: off by default; RDS has it for MariaDB, MySQL and PostgreSQL, and for Aurora it is a
    setting of the cluster.""",
    remedy="Add `EnableIAMDatabaseAuthentication: true`.",
    source=DOCS + "UserGuide/UsingWithRDS.IAMDBAuth.html",
    equivalents=("CKV_AWS_161", "AWS-0176", "rds_instance_iam_authentication_enabled"),
)


cluster_authentication = property_rule(
    CLUSTER,
    id="rds-cluster-iam-authentication-enabled",
    title="Database cluster accepts IAM identities",
    family=Family.IAM,
    severity=Severity.LOW,
    path=("EnableIAMDatabaseAuthentication",),
    holds=is_true,
    message="accepts passwords only, no IAM identities",
    rationale="""With IAM authentication applications connect with tokens that live 15 minutes instead of a password
    that is stored somewhere. AWS: off by default.""",
    remedy="Add `EnableIAMDatabaseAuthentication: true`.",
    source=DOCS + "AuroraUserGuide/UsingWithRDS.IAMDBAuth.html",
    equivalents=("CKV_AWS_162", "AwsSolutions-RDS6", "AWS-0176", "rds_cluster_iam_authentication_enabled"),
)
