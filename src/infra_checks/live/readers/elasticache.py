"""AWS::ElastiCache, by the Amazon ElastiCache API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, from_answer, only, renamed, said, stated, tag_list

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_OF_NODES: Final = (
    "CacheParameterGroupName",
    "CacheSecurityGroupNames",
    "CacheSubnetGroupName",
    "EngineVersion",
    "NotificationTopicArn",
    "PreferredMaintenanceWindow",
    "SecurityGroupIds",
)
"""What only the clusters that are its members tell of a replication group."""


@reader(
    "AWS::ElastiCache::ReplicationGroup",
    "elasticache:describe_replication_groups",
    "elasticache:describe_cache_clusters",
    "elasticache:list_tags_for_resource",
)
def replication_group(asking: Asking) -> Read:
    """AWS: API_ReplicationGroup.html, and API_CacheCluster.html of its first member.

    A snapshot or cluster that it was made from is no property of the group that is there.
    """
    by = {"ReplicationGroupId": asking.physical_id}
    groups = asking.pages("elasticache", "describe_replication_groups", "ReplicationGroups", **by)
    found = only(groups, asking.physical_id)
    if isinstance(found, Unread):
        return found
    return {
        **_described(found),
        **_sizes(found),
        **from_answer(_first_member(asking, found), _OF_NODES, _of_member),
        **_tags(asking, found),
    }


def _described(found: Answer) -> Properties:
    read = renamed(
        found,
        "AtRestEncryptionEnabled",
        "AutoMinorVersionUpgrade",
        "CacheNodeType",
        "ClusterMode",
        "Durability",
        "Engine",
        "IpDiscovery",
        "KmsKeyId",
        "NetworkType",
        "ReplicationGroupId",
        "SnapshotRetentionLimit",
        "SnapshotWindow",
        "SnapshottingClusterId",
        "TransitEncryptionEnabled",
        "TransitEncryptionMode",
        "UserGroupIds",
        ReplicationGroupDescription="Description",
    )
    # AWS: a group may be encrypted although AtRestEncryptionEnabled is false; StorageEncryptionType says so.
    if found.get("StorageEncryptionType") in {"sse-elasticache", "sse-kms"}:
        read["AtRestEncryptionEnabled"] = True
    read |= renamed(found.get("GlobalReplicationGroupInfo") or {}, "GlobalReplicationGroupId")
    switches = {
        "AutomaticFailoverEnabled": "AutomaticFailover",
        "DataTieringEnabled": "DataTiering",
        "MultiAZEnabled": "MultiAZ",
    }
    for name, member in switches.items():
        if said(found.get(member)):
            read[name] = found[member] in {"enabled", "enabling"}
    if found.get("AuthTokenEnabled"):
        read["AuthToken"] = Unread("there is a token, and no API returns it")
    logs = found.get("LogDeliveryConfigurations") or []
    names = ("DestinationDetails", "DestinationType", "LogFormat", "LogType")
    return read | stated(LogDeliveryConfigurations=[renamed(each, *names) for each in logs])


def _sizes(found: Answer) -> Properties:
    """Groups of several shards are counted by shard and replica, others by node."""
    shards = found.get("NodeGroups") or []
    first = shards[0] if shards else {}
    endpoint = found.get("ConfigurationEndpoint") or first.get("PrimaryEndpoint") or {}
    read = renamed(endpoint, "Port")
    if not found.get("ClusterEnabled"):
        zones = [each.get("PreferredAvailabilityZone") for each in first.get("NodeGroupMembers") or []]
        told = zones if zones and all(zones) else None
        return read | stated(NumCacheClusters=len(found.get("MemberClusters") or []), PreferredCacheClusterAZs=told)
    replicas = [len(each.get("NodeGroupMembers") or []) - 1 for each in shards]
    read |= stated(
        NodeGroupConfiguration=[
            {**renamed(each, "NodeGroupId", "Slots"), "ReplicaCount": count}
            for each, count in zip(shards, replicas, strict=True)
        ],
        NumNodeGroups=len(shards),
    )
    return read | ({"ReplicasPerNodeGroup": replicas[0]} if len(set(replicas)) == 1 else {})


def _first_member(asking: Asking, found: Answer) -> Answer | Unread:
    members = found.get("MemberClusters") or []
    if not members:
        return Unread(f"{asking.physical_id} has no members that could tell")
    clusters = asking.pages("elasticache", "describe_cache_clusters", "CacheClusters", CacheClusterId=members[0])
    member: Answer | Unread = only(clusters, members[0])
    return member


def _of_member(found: Answer) -> Properties:
    return stated(
        CacheParameterGroupName=(found.get("CacheParameterGroup") or {}).get("CacheParameterGroupName"),
        CacheSecurityGroupNames=[each["CacheSecurityGroupName"] for each in found.get("CacheSecurityGroups") or []],
        NotificationTopicArn=(found.get("NotificationConfiguration") or {}).get("TopicArn"),
        SecurityGroupIds=[each["SecurityGroupId"] for each in found.get("SecurityGroups") or []],
        **renamed(found, "CacheSubnetGroupName", "EngineVersion", "PreferredMaintenanceWindow"),
    )


def _tags(asking: Asking, found: Answer) -> Properties:
    if not said(found.get("ARN")):
        return {"Tags": Unread(f"no API tells the ARN of {asking.physical_id}")}
    answer = asking.ask("elasticache", "list_tags_for_resource", ResourceName=found["ARN"])
    return from_answer(answer, ("Tags",), lambda tags: {"Tags": tag_list(tags.get("TagList") or [])})


@reader(
    "AWS::ElastiCache::SubnetGroup",
    "elasticache:describe_cache_subnet_groups",
    "elasticache:list_tags_for_resource",
)
def subnet_group(asking: Asking) -> Read:
    """AWS: API_CacheSubnetGroup.html."""
    by = {"CacheSubnetGroupName": asking.physical_id}
    groups = asking.pages("elasticache", "describe_cache_subnet_groups", "CacheSubnetGroups", **by)
    found = only(groups, asking.physical_id)
    if isinstance(found, Unread):
        return found
    return {
        **renamed(found, "CacheSubnetGroupName", Description="CacheSubnetGroupDescription"),
        **stated(SubnetIds=[each["SubnetIdentifier"] for each in found.get("Subnets") or []]),
        **_tags(asking, found),
    }


@reader(
    "AWS::ElastiCache::User",
    "elasticache:describe_users",
    "elasticache:list_tags_for_resource",
    unreturned=("Passwords",),
)
def user(asking: Asking) -> Read:
    """AWS: API_User.html and API_Authentication.html; of passwords only their number is told."""
    users = asking.pages("elasticache", "describe_users", "Users", UserId=asking.physical_id)
    found = only(users, asking.physical_id)
    if isinstance(found, Unread):
        return found
    authentication = found.get("Authentication") or {}
    kind = authentication.get("Type")
    mode = {"Type": {"no-password": "no-password-required"}.get(kind, kind)} if kind else None
    return {
        **renamed(found, "AccessString", "Engine", "UserId", "UserName", Arn="ARN"),
        **stated(AuthenticationMode=mode, NoPasswordRequired=kind == "no-password"),
        **_tags(asking, found),
    }
