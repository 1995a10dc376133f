"""Rules on ElastiCache: encryption, authentication, failover, backups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import at_least, below, given, is_filled, is_set, is_true, property_rule
from infra_checks.rules.predicates import any_of, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision

GROUP: Final = "AWS::ElastiCache::ReplicationGroup"
CLUSTER: Final = "AWS::ElastiCache::CacheCluster"
SERVERLESS: Final = "AWS::ElastiCache::ServerlessCache"
DOCS: Final = "https://docs.aws.amazon.com/AmazonElastiCache/latest/"

is_secondary: Final = given("GlobalReplicationGroupId")
"""A secondary of a global datastore, which has its encryption and authentication from the datastore."""


def _valkey_by_default(group: Resource) -> Decision:
    """AWS: AtRestEncryptionEnabled is true by default for Valkey, false for Redis OSS."""
    if not isinstance(group.value("AtRestEncryptionEnabled"), Absent):
        return False
    return text_is(group.text("Engine"), "valkey")


at_rest = property_rule(
    GROUP,
    id="elasticache-repl-grp-encrypted-at-rest",
    title="Replication group is encrypted at rest",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("AtRestEncryptionEnabled",),
    holds=is_true,
    unless=(is_secondary, _valkey_by_default),
    message="does not turn encryption at rest on",
    rationale="""Snapshots, swap files and, with data tiering, the cache itself are on disk, where sessions and personal
    data otherwise lie in plain text. AWS: true by default with the engine valkey, false with redis, and fixed when the
    group is made. A secondary of a global datastore has the datastore's setting.""",
    remedy="Add `AtRestEncryptionEnabled: true` (and `KmsKeyId`); the group is replaced.",
    source=DOCS + "APIReference/API_CreateReplicationGroup.html",
    equivalents=(
        "e4ee3903",
        "CKV_AWS_29",
        "F25",
        "ELASTICACHE_REPLICATION_GROUP_ENCRYPTION_AT_REST",
        "AwsSolutions-AEC3",
        "AWS-0045",
        "elasticache_redis_cluster_rest_encryption_enabled",
    ),
)

in_transit = property_rule(
    GROUP,
    id="elasticache-repl-grp-encrypted-in-transit",
    title="Replication group is encrypted in transit",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("TransitEncryptionEnabled",),
    holds=is_true,
    unless=(is_secondary,),
    message="does not turn encryption in transit on",
    rationale="""Without TLS every command and every value crosses the network in plain text, and neither a password
    nor a user group is possible. AWS: off by default. A secondary of a global datastore has the datastore's own.""",
    remedy="Add `TransitEncryptionEnabled: true`.",
    source=DOCS + "dg/in-transit-encryption.html",
    equivalents=(
        "3b02569b",
        "E3704",
        "CKV_AWS_30",
        "F33",
        "ELASTICACHE_REPLICATION_GROUP_ENCRYPTION_IN_TRANSIT",
        "AwsSolutions-AEC3",
        "AWS-0051",
        "elasticache_redis_cluster_in_transit_encryption_enabled",
    ),
)


@rule(
    GROUP,
    id="elasticache-repl-grp-transit-encryption-required",
    title="Replication group accepts encrypted connections only",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    remedy="When all clients use TLS, set `TransitEncryptionMode: required`.",
    source=DOCS + "dg/in-transit-encryption-enable.html",
)
def transit_mode(group: Resource, ctx: Context) -> Iterator[Verdict]:
    """With the mode preferred, which is meant for a migration, the group still answers plain connections.

    AWS: the mode counts where TransitEncryptionEnabled is true, and is required by default.
    """
    mode = group.text("TransitEncryptionMode")
    preferred = text_is(mode, "preferred")
    if preferred is False:
        return
    enabled = group.boolean("TransitEncryptionEnabled")
    match enabled:
        case Known(False) | Absent():
            return
        case Known() if preferred:
            yield ctx.violation(mode, "still accepts connections without TLS: TransitEncryptionMode is preferred")
        case Known() | Unknown():
            yield ctx.undecided(mode, "whether it still accepts connections without TLS is known only at deployment")


_FAILOVER_DOCS: Final = DOCS + "dg/AutoFailover.html"

failover = property_rule(
    GROUP,
    id="elasticache-repl-grp-auto-failover-enabled",
    title="Replication group fails over to a replica by itself",
    family=Family.MULTI_AZ,
    severity=Severity.MEDIUM,
    path=("AutomaticFailoverEnabled",),
    holds=is_true,
    message="does not fail over to a replica by itself",
    rationale="""When the primary fails, writes fail until somebody promotes a replica. AWS: off by default; it needs at
    least one replica, and with cluster mode it must be on.""",
    remedy="Add `AutomaticFailoverEnabled: true`, with `NumCacheClusters: 2` or `ReplicasPerNodeGroup: 1` at least.",
    source=_FAILOVER_DOCS,
    equivalents=("AwsSolutions-AEC4", "elasticache_redis_cluster_automatic_failover_enabled"),
)

multi_az = property_rule(
    GROUP,
    id="elasticache-repl-grp-multi-az-enabled",
    title="Replication group spreads over Availability Zones",
    family=Family.MULTI_AZ,
    severity=Severity.MEDIUM,
    path=("MultiAZEnabled",),
    holds=is_true,
    message="may have all its nodes in one Availability Zone",
    rationale="""A replica in the primary's zone is lost together with it. AWS: MultiAZEnabled is off by default; on, it
    places primary and replicas in different zones and needs automatic failover.""",
    remedy="Add `MultiAZEnabled: true` (with `AutomaticFailoverEnabled: true`).",
    source=_FAILOVER_DOCS,
    equivalents=("AwsSolutions-AEC4", "elasticache_redis_cluster_multi_az_enabled"),
)


def is_memcached(resource: Resource) -> Decision:
    """The cache runs Memcached, which has no backups on nodes of one's own; a replication group never does."""
    return resource.type == CLUSTER and text_is(resource.text("Engine"), "memcached")


backups = property_rule(
    GROUP,
    CLUSTER,
    SERVERLESS,
    id="elasticache-redis-cluster-automatic-backup-check",
    title="Cache is backed up every day",
    family=Family.DELETION,
    severity=Severity.LOW,
    path=("SnapshotRetentionLimit",),
    holds=at_least("minimum_days", default=0),
    unless=(is_memcached,),
    options={"minimum_days": 1},
    message=below("minimum_days", "keeps its automatic backups for", default=0),
    rationale="""A cache that cannot be filled again from elsewhere, such as sessions or queues, is gone after a failure
    or a mistake unless it is backed up. AWS: SnapshotRetentionLimit is 0 by default, which turns automatic backups off;
    Memcached has none but in serverless caches.""",
    remedy="Set `SnapshotRetentionLimit` to the days a backup is to be kept (at most 35).",
    source=DOCS + "dg/backups-automatic.html",
    equivalents=("ElastiCacheRedisClusterAutomaticBackup", "AWS-0050", "elasticache_redis_cluster_backup_enabled"),
)


@rule(
    GROUP,
    id="elasticache-repl-grp-redis-auth-enabled",
    title="Replication group asks its clients who they are",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Add `UserGroupIds` with a user group, or `AuthToken` from a secret "
    "(`{{resolve:secretsmanager:...}}`); both need `TransitEncryptionEnabled: true`.",
    source=DOCS + "dg/auth.html",
    equivalents=("CKV_AWS_31", "AwsSolutions-AEC6", "elasticache_redis_replication_group_auth_enabled"),
)
def authentication(group: Resource, ctx: Context) -> Iterator[Verdict]:
    """Without a token or users everybody who reaches the port reads and deletes everything.

    AWS: neither is set by default, and both are possible only with encryption in transit. A secondary of a
    global datastore has the datastore's.
    """
    groups = group.items("UserGroupIds")
    users = is_filled(groups)
    token = group.value("AuthToken")
    authenticated = any_of(users, is_set(token, ctx))
    if authenticated:
        return
    secondary = is_secondary(group)
    if secondary:
        return
    if authenticated is None or secondary is None:
        at = groups if users is None else token
        yield ctx.undecided(at, "whether clients have to authenticate is known only at deployment")
    else:
        yield ctx.violation(token, "lets everybody in who reaches it: neither AuthToken nor UserGroupIds is set")
