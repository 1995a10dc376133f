"""Rules on Amazon MemoryDB clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import at_least, below, is_customer_key, is_not_false, property_rule
from infra_checks.evaluate.view import as_text
from infra_checks.rules.predicates import text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

CLUSTER: Final = "AWS::MemoryDB::Cluster"
DOCS: Final = "https://docs.aws.amazon.com/memorydb/latest/devguide/"


def _is_closed(value: Value[object], _ctx: Context) -> Decision:
    everyone = text_is(as_text(value), "open-access")
    if everyone is None:
        # A reference to a list of this stack, an import: not the one that AWS has by the name of open-access.
        return True if getattr(value, "present", False) else None
    return not everyone


@rule(
    CLUSTER,
    id="memorydb-encrypted-in-transit",
    title="In-memory database is encrypted in transit",
    family=Family.ENCRYPTION,
    severity=Severity.HIGH,
    remedy="Set `TLSEnabled: true`; a cluster without it is replaced.",
    source=DOCS + "clusters.acls.html",
)
def tls(cluster: Resource, ctx: Context) -> Iterator[Verdict]:
    """Without TLS every command and value crosses the network in plain text. AWS: clusters without TLS must use the
    access control list open-access, so that one with another list has TLS; which of the two TLSEnabled is by default
    AWS does not say. It cannot be changed later.
    """
    enabled, acl = cluster.boolean("TLSEnabled"), cluster.value("ACLName")
    match enabled:
        case Known(True):
            return
        case Known():
            yield ctx.violation(enabled, "turns encryption in transit off")
        case Unknown():
            yield ctx.undecided(enabled, f"TLSEnabled cannot be told: {enabled.reason}")
        case Absent() if not _is_closed(acl, ctx):
            yield ctx.undecided(enabled, "does not say whether it uses TLS, which open-access does not need")
        case Absent():
            return


access = property_rule(
    CLUSTER,
    id="memorydb-access-control-list",
    title="In-memory database asks its clients who they are",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    path=("ACLName",),
    holds=_is_closed,
    message="lets everybody in who reaches it: its access control list is open-access",
    rationale="""With the list open-access whoever reaches the port reads and deletes everything without a password.
    AWS: a list is a must; open-access is the one that exists in every account.""",
    remedy="Set `ACLName: !Ref List` with an AWS::MemoryDB::ACL of users.",
    source=DOCS + "clusters.acls.html",
)

backups = property_rule(
    CLUSTER,
    id="memorydb-snapshot-retention",
    title="In-memory database is backed up every day",
    family=Family.DELETION,
    severity=Severity.MEDIUM,
    path=("SnapshotRetentionLimit",),
    holds=at_least("minimum_days", default=0),
    options={"minimum_days": 1},
    message=below("minimum_days", "keeps its automatic snapshots for", default=0),
    rationale="""MemoryDB is a primary database: what a mistake deletes is in a snapshot or nowhere. AWS:
    SnapshotRetentionLimit is 0 by default, which turns automatic snapshots off.""",
    remedy="Set `SnapshotRetentionLimit` to the days a snapshot is to be kept (at most 35).",
    source=DOCS + "snapshots-automatic.html",
)

replicas = property_rule(
    CLUSTER,
    id="memorydb-replicas",
    title="In-memory database has a replica of each shard",
    family=Family.MULTI_AZ,
    severity=Severity.MEDIUM,
    path=("NumReplicasPerShard",),
    holds=at_least("minimum_replicas", default=1),
    options={"minimum_replicas": 1},
    message="has shards without a replica, which are down until a new node has read the log",
    rationale="""A shard without a replica cannot fail over: it is down until AWS has made a new node. AWS: one replica
    by default, in another Availability Zone than the primary.""",
    remedy="Remove `NumReplicasPerShard` or set it to 1 or more.",
    source=DOCS + "autofailover.html",
)

upgrades = property_rule(
    CLUSTER,
    id="memorydb-auto-minor-version-upgrade",
    title="In-memory database gets minor versions by itself",
    family=Family.DEPLOYABILITY,
    severity=Severity.LOW,
    path=("AutoMinorVersionUpgrade",),
    holds=is_not_false,
    message="does not get minor versions of its engine by itself",
    rationale="""Minor versions fix security holes and bugs. AWS: upgrades are on by default.""",
    remedy="Remove `AutoMinorVersionUpgrade` or set it to `true`.",
    source=DOCS + "engine-versions.html",
)

customer_key = property_rule(
    CLUSTER,
    id="memorydb-customer-key",
    title="In-memory database is encrypted with a KMS key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("KmsKeyId",),
    holds=is_customer_key,
    message="is not encrypted with a key of your own",
    rationale="""Only of a customer managed key can you set policy, rotation and end. AWS: MemoryDB always encrypts,
    without KmsKeyId with a key of the service.""",
    remedy="Add `KmsKeyId: !GetAtt Key.Arn`; the cluster is replaced.",
    source=DOCS + "at-rest-encryption.html",
)
