"""Rules on Amazon Redshift clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import (
    at_least,
    below,
    is_customer_key,
    is_not_false,
    is_not_true,
    is_set,
    is_true,
    property_rule,
)
from infra_checks.evaluate.view import as_boolean
from infra_checks.rules.predicates import text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.evaluate.values import Value
    from infra_checks.evaluate.view import View

CLUSTER: Final = "AWS::Redshift::Cluster"
PARAMETERS: Final = "AWS::Redshift::ClusterParameterGroup"
DOCS: Final = "https://docs.aws.amazon.com/redshift/latest/"

encrypted = property_rule(
    CLUSTER,
    id="redshift-cluster-encrypted-at-rest",
    title="Data warehouse is encrypted at rest",
    family=Family.ENCRYPTION,
    severity=Severity.HIGH,
    path=("Encrypted",),
    holds=is_not_false,
    message="turns its encryption at rest off",
    rationale="""Disks, snapshots and backups of a warehouse hold the data of all its sources. AWS: since 10 January
    2025 new clusters are encrypted also when Encrypted is left out, and creating one with Encrypted false fails; an
    older cluster that has never been encrypted stays so until Encrypted is true.""",
    remedy="Set `Encrypted: true`, and `KmsKeyId: !GetAtt Key.Arn` for a key of your own.",
    source=DOCS + "APIReference/API_CreateCluster.html",
    equivalents=("F28", "CKV_AWS_64", "REDSHIFT_CLUSTER_CONFIGURATION_CHECK"),
)

customer_key = property_rule(
    CLUSTER,
    id="redshift-cluster-kms-enabled",
    title="Data warehouse is encrypted with a KMS key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("KmsKeyId",),
    holds=is_customer_key,
    message="is not encrypted with a key of your own",
    rationale="""Only of a customer managed key can you set policy, rotation and end, and see its use. AWS: without
    KmsKeyId a cluster is encrypted with a key that AWS owns.""",
    remedy="Add `KmsKeyId: !GetAtt Key.Arn`.",
    source=DOCS + "mgmt/working-with-db-encryption.html",
    equivalents=("REDSHIFT_CLUSTER_KMS_ENABLED",),
)

network = property_rule(
    CLUSTER,
    id="redshift-cluster-subnet-group-named",
    title="Data warehouse runs in subnets of your own",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    path=("ClusterSubnetGroupName",),
    holds=is_set,
    message="names no subnet group, so its network is not one of your own",
    rationale="""In subnets of your own, route tables and network ACLs decide who reaches the warehouse. AWS: without
    ClusterSubnetGroupName a cluster was made outside any VPC in accounts of old, and is made in the default VPC, whose
    subnets are public, in others.""",
    remedy="Add `ClusterSubnetGroupName: !Ref Subnets` with an AWS::Redshift::ClusterSubnetGroup of private subnets.",
    source=DOCS + "APIReference/API_CreateCluster.html",
    equivalents=("CKV_AWS_154",),
)

public_access = property_rule(
    CLUSTER,
    id="redshift-cluster-public-access-check",
    title="Data warehouse has no public address",
    family=Family.NETWORK,
    severity=Severity.HIGH,
    path=("PubliclyAccessible",),
    holds=is_not_true,
    message="has a public address: PubliclyAccessible is true",
    rationale="""A warehouse with a public address is one open security group away from the internet. AWS:
    PubliclyAccessible is false by default.""",
    remedy="Set `PubliclyAccessible: false`.",
    source=DOCS + "APIReference/API_CreateCluster.html",
    equivalents=(
        "CKV_AWS_87",
        "REDSHIFT_CLUSTER_PUBLIC_ACCESS_CHECK",
    ),
)

audit_logging = property_rule(
    CLUSTER,
    id="redshift-audit-logging-enabled",
    title="Data warehouse writes audit logs",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    path=("LoggingProperties",),
    holds=is_set,
    message="writes no audit logs",
    rationale="""Who connected, and what users ran, is kept in the cluster's system tables for days only. AWS: audit
    logging to Amazon S3 or CloudWatch Logs is off by default.""",
    remedy="Add `LoggingProperties: {LogDestinationType: cloudwatch, LogExports: [connectionlog, userlog, "
    "useractivitylog]}`.",
    source=DOCS + "mgmt/db-auditing.html",
    equivalents=("CKV_AWS_71",),
)

backups = property_rule(
    CLUSTER,
    id="redshift-backup-enabled",
    title="Data warehouse keeps automated snapshots",
    family=Family.DELETION,
    severity=Severity.MEDIUM,
    path=("AutomatedSnapshotRetentionPeriod",),
    holds=at_least("minimum_days", default=1),
    options={"minimum_days": 1},
    message=below("minimum_days", "keeps its automated snapshots for", default=1),
    rationale="""Automated snapshots are what a warehouse is restored from after a mistake. AWS keeps them for one day
    by default; 0 turns them off, except for RA3 and RG nodes, which refuse it.""",
    remedy="Set `AutomatedSnapshotRetentionPeriod` to 1 or more (at most 35).",
    source=DOCS + "APIReference/API_CreateCluster.html",
    equivalents=(
        "REDSHIFT_CLUSTER_MAINTENANCESETTINGS_CHECK",
        "REDSHIFT_BACKUP_ENABLED",
    ),
)

routing = property_rule(
    CLUSTER,
    id="redshift-enhanced-vpc-routing-enabled",
    title="Data warehouse loads and unloads through its VPC",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    path=("EnhancedVpcRouting",),
    holds=is_true,
    message="loads and unloads data past its VPC",
    rationale="""COPY and UNLOAD go through the internet unless they are routed through the VPC, where endpoint
    policies, security groups and flow logs apply to them. AWS: EnhancedVpcRouting is false by default.""",
    remedy="Add `EnhancedVpcRouting: true`, and an endpoint for Amazon S3 in the VPC.",
    source=DOCS + "mgmt/enhanced-vpc-routing.html",
    equivalents=("REDSHIFT_ENHANCED_VPC_ROUTING_ENABLED",),
)

upgrades = property_rule(
    CLUSTER,
    id="redshift-cluster-version-upgrades-allowed",
    title="Data warehouse gets new versions by itself",
    family=Family.DEPLOYABILITY,
    severity=Severity.LOW,
    path=("AllowVersionUpgrade",),
    holds=is_not_false,
    message="does not get new versions of its engine by itself",
    rationale="""New versions fix security holes and bugs. AWS: upgrades in the maintenance window are on by
    default.""",
    remedy="Remove `AllowVersionUpgrade` or set it to `true`.",
    source=DOCS + "mgmt/managing-cluster-considerations.html",
    equivalents=("REDSHIFT_CLUSTER_MAINTENANCESETTINGS_CHECK",),
)

window = property_rule(
    CLUSTER,
    id="redshift-cluster-maintenance-window-stated",
    title="Data warehouse says when it may be maintained",
    family=Family.DEPLOYABILITY,
    severity=Severity.INFO,
    path=("PreferredMaintenanceWindow",),
    holds=is_set,
    message="does not say when it may be maintained",
    rationale="""A cluster is away while it is maintained. AWS: without PreferredMaintenanceWindow it is at a time that
    AWS takes at random.""",
    remedy="Set `PreferredMaintenanceWindow: sun:03:00-sun:04:00` or another time.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/redshift-cluster-maintenancesettings-check.html",
    equivalents=("REDSHIFT_CLUSTER_MAINTENANCESETTINGS_CHECK",),
)

_REQUIRE: Final = "require_ssl"


@rule(
    PARAMETERS,
    CLUSTER,
    id="redshift-require-tls-ssl",
    title="Data warehouse refuses connections without TLS",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    remedy="Add `{ParameterName: require_ssl, ParameterValue: true}` to the `Parameters` of the cluster's parameter "
    "group, or use the family redshift-2.0.",
    source=DOCS + "mgmt/connecting-ssl-support.html",
    equivalents=(
        "REDSHIFT_REQUIRE_TLS_SSL",
        "CKV_AWS_105",
    ),
)
def tls(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """A client that does not ask for TLS sends passwords and rows in plain text, unless require_ssl is true. AWS: it
    is false by default in parameter groups of the family redshift-1.0, true in those of redshift-2.0 and, with it, in
    the default group of clusters made since 10 January 2025. A cluster's own group is judged where it is declared.
    """
    if resource.type == CLUSTER:
        yield from _of_cluster(resource, ctx)
        return
    listed = resource.items("Parameters")
    match listed:
        case Unknown():
            yield ctx.undecided(listed, f"its parameters cannot be told: {listed.reason}")
        case Absent():
            yield from _by_family(resource, ctx)
        case Known(views):
            names = [text_is(view.text("ParameterName"), _REQUIRE) for view in views]
            if True in names:
                yield from _by_value(views[names.index(True)].value("ParameterValue"), ctx)
            elif None in names:
                yield ctx.undecided(listed, "whether it sets require_ssl is known only at deployment")
            else:
                yield from _by_family(resource, ctx)


def _by_value(value: Value[object], ctx: Context) -> Iterator[Verdict]:
    required = as_boolean(value)
    match required:
        case Known(True):
            return
        case Unknown():
            yield ctx.undecided(required, f"whether require_ssl is true cannot be told: {required.reason}")
        case Known() | Absent():
            yield ctx.violation(required, "lets clusters accept connections without TLS: require_ssl is not true")


def _by_family(group: Resource, ctx: Context) -> Iterator[Verdict]:
    family = group.text("ParameterGroupFamily")
    newer = text_is(family, "redshift-2.0")
    at: Value[object] | View = group.value("Parameters")
    if newer is None:
        yield ctx.undecided(family, "whether require_ssl is true by default depends on its family")
    elif not newer:
        yield ctx.violation(at, "lets clusters accept connections without TLS: it does not set require_ssl")


def _of_cluster(cluster: Resource, ctx: Context) -> Iterator[Verdict]:
    group = cluster.target("ClusterParameterGroupName")
    name = cluster.text("ClusterParameterGroupName")
    if isinstance(group, (Resource, Absent)):
        return
    older = text_is(name, "default.redshift-1.0")
    if older:
        yield ctx.violation(name, "accepts connections without TLS: require_ssl is false in default.redshift-1.0")
    elif not text_is(name, "default.redshift-2.0"):
        yield ctx.undecided(name, "whether it requires TLS depends on a parameter group that is not in this template")
