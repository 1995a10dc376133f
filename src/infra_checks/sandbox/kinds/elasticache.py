"""AWS::ElastiCache."""

from __future__ import annotations

from typing import Any, Final

from infra_checks.sandbox.making import Kind, Made, Making
from infra_checks.sandbox.rows import record, retag, row


def _make_group(making: Making) -> Made:
    name = making.name("ReplicationGroupId", limit=40, lower=True)
    members = making.properties.get("NumCacheClusters")
    given: dict[str, Any] = {"ReplicationGroupId": name}
    if members is not None and not making.properties.keys() & {"NumNodeGroups", "ReplicasPerNodeGroup"}:
        given["ReplicasPerNodeGroup"] = int(members) - 1  # moto counts by this; it means the same
    answer = making.send("elasticache", "create_replication_group", **given)
    group = answer["ReplicationGroup"]
    attributes = {"Arn": making.place.arn("elasticache", f"replicationgroup:{name}"), "ReplicationGroupId": name}
    port = str(making.properties.get("Port", 6379))
    node = (group.get("NodeGroups") or [{}])[0]
    for words, member in (("PrimaryEndPoint", "PrimaryEndpoint"), ("ReaderEndPoint", "ReaderEndpoint")):
        endpoint = node.get(member) or {}
        attributes[f"{words}.Address"] = endpoint.get("Address", f"{member.lower()}.{name}.sandbox.internal")
        attributes[f"{words}.Port"] = str(endpoint.get("Port", port))
    configuration = group.get("ConfigurationEndpoint") or {}
    if configuration:
        attributes["ConfigurationEndPoint.Address"] = configuration.get("Address", "")
        attributes["ConfigurationEndPoint.Port"] = str(configuration.get("Port", port))
    return Made("AWS::ElastiCache::ReplicationGroup", name, attributes)


def _configure_group(making: Making, made: Made) -> None:
    if making.before is not None and making.changed("Tags"):
        retag(making, "elasticache", made.arn)


def _delete_group(making: Making, made: Made) -> None:
    making.api("elasticache").delete_replication_group(ReplicationGroupId=made.ref)


def _snapshot_group(making: Making, made: Made) -> None:
    name = f"{making.place.stack}-{made.ref}"[:255]
    making.api("elasticache").create_snapshot(ReplicationGroupId=made.ref, SnapshotName=name)
    _delete_group(making, made)


KINDS: Final = (
    Kind(
        "AWS::ElastiCache::ReplicationGroup",
        _make_group,
        _delete_group,
        _configure_group,
        frozenset(
            {
                "AtRestEncryptionEnabled",
                "CacheSubnetGroupName",
                "DataTieringEnabled",
                "GlobalReplicationGroupId",
                "KmsKeyId",
                "NetworkType",
                "Port",
                "PreferredCacheClusterAZs",
                "ReplicasPerNodeGroup",
                "ReplicationGroupId",
                "SnapshotArns",
                "SnapshotName",
            }
        ),
        snapshot=_snapshot_group,
    ),
    row(
        "AWS::ElastiCache::SubnetGroup",
        "elasticache",
        "create_cache_subnet_group",
        name=("CacheSubnetGroupName", "CacheSubnetGroupName", 255),
        renames={"Description": "CacheSubnetGroupDescription"},
        ref="{p[CacheSubnetGroupName]}",
        attributes={"Arn": "arn:{partition}:elasticache:{region}:{account}:subnetgroup:{ref}"},
        delete="delete_cache_subnet_group",
        delete_by={"CacheSubnetGroupName": "{ref}"},
        create_only=["CacheSubnetGroupName"],
    ),
    row(
        "AWS::ElastiCache::User",
        "elasticache",
        "create_user",
        ref="{p[UserId]}",
        attributes={"Arn": "ARN", "Status": "Status"},
        delete="delete_user",
        delete_by={"UserId": "{ref}"},
        create_only=["UserId", "UserName"],
    ),
    record(
        "AWS::ElastiCache::UserGroup",
        ref="@UserGroupId",
        attributes={"Arn": "arn:{partition}:elasticache:{region}:{account}:usergroup:{ref}"},
        create_only=["UserGroupId"],
    ),
    record(
        "AWS::ElastiCache::ParameterGroup",
        attributes={"CacheParameterGroupName": "{ref}"},
        create_only=["CacheParameterGroupFamily"],
    ),
)
