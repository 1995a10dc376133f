"""Rules on ElastiCache: Memcached clusters, keys, networks, upgrades, and what failover needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import filled, given, is_customer_key, is_not_false, is_set, is_true, property_rule
from infra_checks.evaluate.values import Symbol
from infra_checks.rules.globs import pieces
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


def _is_not_memcached(cluster: Resource) -> Decision:
    memcached = text_is(cluster.text("Engine"), "memcached")
    return None if memcached is None else not memcached


in_transit = property_rule(
    CLUSTER,
    id="elasticache-memcached-encrypted-in-transit",
    title="Memcached cluster is encrypted in transit",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("TransitEncryptionEnabled",),
    holds=is_true,
    unless=(_is_not_memcached,),
    message="does not turn encryption in transit on",
    rationale="""Every value crosses the network in plain text unless the cluster is made with TLS. AWS: off by
    default, possible for Memcached from 1.6.12 in a VPC. A cache of another engine has TLS as a replication group.""",
    remedy="Add `TransitEncryptionEnabled: true` (with `EngineVersion: 1.6.12` or later); the cluster is replaced.",
    source=DOCS + "dg/in-transit-encryption-mc.html",
)


@rule(
    CLUSTER,
    id="elasticache-memcached-multi-az",
    title="Memcached nodes are in several Availability Zones",
    family=Family.MULTI_AZ,
    severity=Severity.MEDIUM,
    remedy="Set `AZMode: cross-az` with `NumCacheNodes: 2` or more.",
    source=DOCS + "APIReference/API_CreateCacheCluster.html",
)
def zones(cluster: Resource, ctx: Context) -> Iterator[Verdict]:
    """When all nodes are in one zone, a failure of it empties the cache, and all reads fall on the database. AWS:
    without AZMode and PreferredAvailabilityZones the nodes of a Memcached cluster are in one zone.
    """
    other = _is_not_memcached(cluster)
    if other:
        return
    mode = cluster.text("AZMode")
    spread = any_of(text_is(mode, "cross-az"), _preferred(cluster))
    nodes = cluster.number("NumCacheNodes")
    if isinstance(nodes, Known) and nodes.value <= 1:
        yield ctx.violation(nodes, "has one node, which is in one Availability Zone")
    elif spread is False and other is False:
        yield ctx.violation(mode, "has its nodes in one Availability Zone")
    elif not spread or isinstance(nodes, Unknown):
        yield ctx.undecided(mode, "in how many Availability Zones its nodes are is known only at deployment")


def _preferred(cluster: Resource) -> Decision:
    zones = cluster.items("PreferredAvailabilityZones")
    match zones:
        case Known(views):
            named = {pieces(view.value()) for view in filled(views)}
            return None if () in named else len(named) > 1
        case Unknown(parts=(Symbol(kind="zones"),)):
            return True
        case Unknown():
            return None
        case Absent():
            return False


def _is_plain(group: Resource) -> Decision:
    """Encryption at rest is not turned on, which is another rule's question; a serverless cache always has it."""
    if group.type == SERVERLESS:
        return False
    enabled = group.boolean("AtRestEncryptionEnabled")
    match enabled:
        case Known(truth):
            return not truth
        case Unknown():
            return None
        case Absent():
            valkey = text_is(group.text("Engine"), "valkey")
            return None if valkey is None else not valkey


customer_key = property_rule(
    GROUP,
    SERVERLESS,
    id="elasticache-customer-key",
    title="Cache is encrypted with a KMS key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("KmsKeyId",),
    holds=is_customer_key,
    unless=(is_secondary, _is_plain),
    message="is not encrypted with a key of your own",
    rationale="""Only of a customer managed key can you set policy, rotation and end. AWS: without KmsKeyId a cache that
    is encrypted at rest, as serverless ones always are, is so with a key of the service.""",
    remedy="Add `KmsKeyId: !GetAtt Key.Arn`; the cache is replaced.",
    source=DOCS + "dg/at-rest-encryption.html",
)

network = property_rule(
    GROUP,
    CLUSTER,
    id="elasticache-subnet-group-check",
    title="Cache runs in subnets of your own",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    path=("CacheSubnetGroupName",),
    holds=lambda value, ctx: False if isinstance(value, Known) and value.value == "default" else is_set(value, ctx),
    unless=(lambda cache: given("PrimaryClusterId")(cache) if cache.type == GROUP else False,),
    message="does not name a subnet group of your own",
    rationale="""In subnets of your own, route tables and network ACLs decide who reaches the cache. AWS: without a
    subnet group a cache is in the subnets of the default VPC, which are public.""",
    remedy="Add `CacheSubnetGroupName: !Ref Subnets` with an AWS::ElastiCache::SubnetGroup of private subnets.",
    source=DOCS + "dg/SubnetGroups.html",
    equivalents=("AwsSolutions-AEC1",),
)


def _has_no_upgrades(cache: Resource) -> Decision:
    """AWS: the setting does nothing for Memcached."""
    return text_is(cache.text("Engine"), "memcached")


upgrades = property_rule(
    GROUP,
    CLUSTER,
    id="elasticache-auto-minor-version-upgrade-check",
    title="Cache gets minor versions by itself",
    family=Family.DEPLOYABILITY,
    severity=Severity.LOW,
    path=("AutoMinorVersionUpgrade",),
    holds=is_not_false,
    unless=(_has_no_upgrades,),
    message="does not get minor versions of its engine by itself",
    rationale="""Minor versions fix security holes and bugs. AWS: Valkey from 7.2 and Redis OSS from 6.0 are upgraded in
    the maintenance window unless AutoMinorVersionUpgrade is false.""",
    remedy="Remove `AutoMinorVersionUpgrade` or set it to `true`.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/elasticache-auto-minor-version-upgrade-check.html",
    equivalents=("elasticache_redis_cluster_auto_minor_version_upgrades",),
)


@rule(
    GROUP,
    id="elasticache-failover-has-replica",
    title="Failover of a replication group has a replica to fail over to",
    family=Family.DEPLOYABILITY,
    severity=Severity.HIGH,
    remedy="Set `NumCacheClusters: 2` or more, or `NumNodeGroups` with `ReplicasPerNodeGroup: 1` or more.",
    source=DOCS + "APIReference/API_CreateReplicationGroup.html",
)
def replica(group: Resource, ctx: Context) -> Iterator[Verdict]:
    """AWS refuses AutomaticFailoverEnabled for a group of one shard without a replica: with it NumCacheClusters must
    be at least 2, and it is 1 by default. Groups of several shards are counted by ReplicasPerNodeGroup instead.
    """
    enabled = group.boolean("AutomaticFailoverEnabled")
    match enabled:
        case Known(False) | Absent():
            return
        case Known() | Unknown():
            pass
    counted_elsewhere = any_of(
        *(given(name)(group) for name in ("NumNodeGroups", "ReplicasPerNodeGroup", "NodeGroupConfiguration")),
        *(given(name)(group) for name in ("PrimaryClusterId", "GlobalReplicationGroupId", "ClusterMode")),
    )
    if counted_elsewhere:
        return
    count = group.number("NumCacheClusters")
    match count:
        case Known(number) if number > 1:
            return
        case Unknown():
            yield ctx.undecided(count, f"how many nodes it has cannot be told: {count.reason}")
        case Known() | Absent():
            if counted_elsewhere is None or isinstance(enabled, Unknown):
                yield ctx.undecided(count, "whether failover has a replica is known only at deployment")
            else:
                yield ctx.violation(count, "fails over by itself but has no replica, which AWS refuses")
