"""Rules on RDS that the storage is encrypted: what is inherited from a source is not judged by its own setting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import given, is_set, is_true
from infra_checks.rules.predicates import DB_CLUSTER, DB_INSTANCE, all_of, is_member, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision

DOCS: Final = "https://docs.aws.amazon.com/AmazonRDS/latest/"
LIVE_SOURCES: Final = ("SourceDBInstanceIdentifier", "SourceDBClusterIdentifier")
"""Databases that go on beside the new one; where they are in the stack, they are judged themselves."""

INSTANCE_SOURCES: Final = (
    *LIVE_SOURCES,
    "SourceDbiResourceId",
    "SourceDBInstanceAutomatedBackupsArn",
    "DBSnapshotIdentifier",
    "DBClusterSnapshotIdentifier",
)
CLUSTER_SOURCES: Final = (
    "SourceDBClusterIdentifier",
    "SourceDbClusterResourceId",
    "SnapshotIdentifier",
)


@rule(
    DB_INSTANCE,
    id="rds-storage-encrypted",
    title="Storage of the database instance is encrypted",
    family=Family.ENCRYPTION,
    severity=Severity.HIGH,
    remedy="Add `StorageEncrypted: true` and `KmsKeyId: !GetAtt Key.Arn`; an existing instance is replaced, so restore "
    "it from an encrypted copy of a snapshot.",
    source=DOCS + "UserGuide/Overview.Encryption.html",
    equivalents=(
        "5beacce3",
        "E3709",
        "CKV_AWS_16",
        "F27",
        "RDS_STORAGE_ENCRYPTED",
        "AwsSolutions-RDS2",
        "AWS-0080",
        "rds_instance_storage_encrypted",
        "StorageEncryptedRule",
    ),
)
def instance_storage(instance: Resource, ctx: Context) -> Iterator[Verdict]:
    """Storage, automated backups, snapshots and replicas are plaintext unless StorageEncrypted is true.

    AWS: off by default and not to be changed later. Instances of a cluster have the cluster's storage; a read
    replica and an instance restored from a snapshot or backup are encrypted if their source is, whatever this
    property says, and a KmsKeyId of a replica is accepted only if the source is encrypted.
    """
    source = _source(instance, INSTANCE_SOURCES)
    if source is None and is_true(instance.value("StorageEncrypted"), ctx):
        return
    member = is_member(instance)
    if member:
        return
    if source is None:
        yield from _own(instance, member, ctx)
    else:
        yield from _inherited(instance, source, ctx)


class Source(NamedTuple):
    """The property that names what a database is made from, and whether it surely does."""

    name: str
    sure: bool


def _source(resource: Resource, names: tuple[str, ...]) -> Source | None:
    decided = {name: given(name)(resource) for name in names}
    sure = next((name for name, decision in decided.items() if decision), None)
    if sure is not None:
        return Source(sure, sure=True)
    unsure = next((name for name, decision in decided.items() if decision is None), None)
    return None if unsure is None else Source(unsure, sure=False)


def _inherited(resource: Resource, source: Source, ctx: Context) -> Iterator[Verdict]:
    value = resource.value(source.name)
    if not source.sure:
        yield ctx.undecided(value, f"whether its encryption is that of {source.name} is known only at deployment")
        return
    if source.name in LIVE_SOURCES:
        keyed = resource.type == DB_INSTANCE and is_set(resource.value("KmsKeyId"), ctx)
        if keyed or isinstance(resource.target(source.name), Resource):
            return
    yield ctx.undecided(value, f"is encrypted if what {source.name} names is, which the template does not show")


def _own(resource: Resource, member: Decision, ctx: Context) -> Iterator[Verdict]:
    encrypted = resource.boolean("StorageEncrypted")
    match encrypted:
        case Known(True):
            return
        case Unknown():
            yield ctx.undecided(encrypted, f"StorageEncrypted cannot be told: {encrypted.reason}")
        case Known() | Absent():
            if member is None:
                yield ctx.undecided(encrypted, "whether it is an instance of a cluster is known only at deployment")
            else:
                given_as = "is not set" if isinstance(encrypted, Absent) else "is false"
                yield ctx.violation(encrypted, f"does not encrypt its storage with KMS: StorageEncrypted {given_as}")


@rule(
    DB_CLUSTER,
    id="rds-cluster-encrypted-at-rest",
    title="Storage of the database cluster is encrypted",
    family=Family.ENCRYPTION,
    severity=Severity.HIGH,
    remedy="Add `StorageEncrypted: true` and `KmsKeyId: !GetAtt Key.Arn`; an existing cluster is replaced, so restore "
    "it from a snapshot.",
    source=DOCS + "AuroraUserGuide/Overview.Encryption.html",
    equivalents=(
        "65844ba3",
        "CKV_AWS_96",
        "F26",
        "RDS_STORAGE_ENCRYPTED",
        "AwsSolutions-RDS2",
        "AWS-0079",
        "rds_cluster_storage_encrypted",
        "StorageEncryptedRule",
    ),
)
def cluster_storage(cluster: Resource, ctx: Context) -> Iterator[Verdict]:
    """Storage, backups and snapshots of a cluster are encrypted with a KMS key only if StorageEncrypted is true.

    AWS: Aurora clusters made since 18 February 2026 are encrypted even so, with a key that AWS owns; older ones
    and Multi-AZ DB clusters are not, and none can be changed later. Aurora Serverless v1 is always encrypted. A
    restored cluster is encrypted if its source is; StorageEncrypted with KmsKeyId encrypts a restored snapshot.
    """
    if is_true(cluster.value("StorageEncrypted"), ctx) is not True:
        serverless = text_is(cluster.text("EngineMode"), "serverless")
        if serverless:
            return
        if serverless is None:
            yield ctx.undecided(cluster.value("EngineMode"), "whether it is Aurora Serverless v1 cannot be told")
            return
    source = _source(cluster, CLUSTER_SOURCES)
    if source is None:
        yield from _replicated(cluster, ctx)
    elif source.name != "SnapshotIdentifier" or not _encrypts_snapshot(cluster, ctx):
        yield from _inherited(cluster, source, ctx)


def _encrypts_snapshot(cluster: Resource, ctx: Context) -> bool:
    both = all_of((is_true(cluster.value("StorageEncrypted"), ctx), is_set(cluster.value("KmsKeyId"), ctx)))
    return both is True


def _replicated(cluster: Resource, ctx: Context) -> Iterator[Verdict]:
    """A replica of a cluster elsewhere that states nothing is encrypted if that is."""
    replicates = cluster.value("ReplicationSourceIdentifier")
    if isinstance(cluster.value("StorageEncrypted"), Absent) and is_set(replicates, ctx) is not False:
        yield ctx.undecided(
            replicates, "is encrypted if the cluster it replicates is, which the template does not show"
        )
    else:
        yield from _own(cluster, False, ctx)
