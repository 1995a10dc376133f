"""What an account holds, asked of the services themselves: what a deleted stack has left behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from infra_checks.sandbox.server import Sandbox

_LISTS: Final = (
    # kind, service, operation, its list in the answer, the name of an entry (none: the entry is the name)
    ("address", "ec2", "describe_addresses", "Addresses", "AllocationId"),
    ("alarm", "cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    ("api", "apigateway", "get_rest_apis", "items", "name"),
    ("application", "elasticbeanstalk", "describe_applications", "Applications", "ApplicationName"),
    ("backup plan", "backup", "list_backup_plans", "BackupPlansList", "BackupPlanName"),
    ("backup vault", "backup", "list_backup_vaults", "BackupVaultList", "BackupVaultName"),
    ("bucket", "s3", "list_buckets", "Buckets", "Name"),
    ("build project", "codebuild", "list_projects", "projects", None),
    ("cache snapshot", "elasticache", "describe_snapshots", "Snapshots", "SnapshotName"),
    ("cache", "elasticache", "describe_replication_groups", "ReplicationGroups", "ReplicationGroupId"),
    ("dashboard", "cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    ("database", "rds", "describe_db_instances", "DBInstances", "DBInstanceIdentifier"),
    ("cluster snapshot", "rds", "describe_db_cluster_snapshots", "DBClusterSnapshots", "DBClusterSnapshotIdentifier"),
    ("database cluster", "rds", "describe_db_clusters", "DBClusters", "DBClusterIdentifier"),
    ("database snapshot", "rds", "describe_db_snapshots", "DBSnapshots", "DBSnapshotIdentifier"),
    ("database subnets", "rds", "describe_db_subnet_groups", "DBSubnetGroups", "DBSubnetGroupName"),
    ("delivery channel", "config", "describe_delivery_channels", "DeliveryChannels", "name"),
    ("endpoint", "ec2", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    ("event rule", "events", "list_rules", "Rules", "Name"),
    ("function", "lambda", "list_functions", "Functions", "FunctionName"),
    ("log group", "logs", "describe_log_groups", "logGroups", "logGroupName"),
    ("NAT gateway", "ec2", "describe_nat_gateways", "NatGateways", "NatGatewayId"),
    ("network", "ec2", "describe_vpcs", "Vpcs", "VpcId"),
    ("pipeline", "codepipeline", "list_pipelines", "pipelines", "name"),
    ("policy", "iam", "list_policies", "Policies", "PolicyName"),
    ("queue", "sqs", "list_queues", "QueueUrls", None),
    ("role", "iam", "list_roles", "Roles", "RoleName"),
    ("secret", "secretsmanager", "list_secrets", "SecretList", "Name"),
    ("security group", "ec2", "describe_security_groups", "SecurityGroups", "GroupId"),
    ("subnet", "ec2", "describe_subnets", "Subnets", "SubnetId"),
    ("table", "dynamodb", "list_tables", "TableNames", None),
    ("topic", "sns", "list_topics", "Topics", "TopicArn"),
    ("web ACL", "wafv2", "list_web_acls", "WebACLs", "Name"),
)
_ASKED: Final[dict[str, dict[str, Any]]] = {
    # Automated snapshots end with their database, which moto does not know.
    "cluster snapshot": {"SnapshotType": "manual"},
    "database snapshot": {"SnapshotType": "manual"},
    "policy": {"Scope": "Local"},
    "web ACL": {"Scope": "REGIONAL"},
}
_ENDED: Final = {
    "NAT gateway": ("State", "deleted"),
    "cache": ("Status", "deleting"),  # moto shows it for ever
    "endpoint": ("State", "deleted"),
}
"""Kinds that are shown for a while after they were deleted, and by which state."""


def inventory(sandbox: Sandbox, region: str) -> set[tuple[str, str]]:
    """Kind and name of everything in a region that the reference systems make; keys that are ending do not count."""
    return {*_listed(sandbox, region), *_keys(sandbox, region), *_instances(sandbox, region)}


def _listed(sandbox: Sandbox, region: str) -> Iterator[tuple[str, str]]:
    for kind, service, operation, member, key in _LISTS:
        for entry in _entries(sandbox.client(service, region), kind, operation, member):
            if kind in _ENDED and entry[_ENDED[kind][0]] == _ENDED[kind][1]:
                continue
            name = str(entry if key is None else entry[key])
            yield kind, name.rpartition("/")[2] if kind == "queue" else name


def _entries(client: Any, kind: str, operation: str, member: str) -> Iterator[Any]:  # noqa: ANN401 - boto3 has no types
    asked = _ASKED.get(kind, {})
    if client.can_paginate(operation):
        pages = client.get_paginator(operation).paginate(**asked)
    else:
        pages = [getattr(client, operation)(**asked)]
    for page in pages:
        yield from page.get(member) or ()


def _keys(sandbox: Sandbox, region: str) -> Iterator[tuple[str, str]]:
    kms = sandbox.client("kms", region)
    for key in kms.list_keys()["Keys"]:
        about = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        if about["KeyManager"] == "CUSTOMER" and about["KeyState"] != "PendingDeletion":
            yield "key", about["Description"]


def _instances(sandbox: Sandbox, region: str) -> Iterator[tuple[str, str]]:
    for reservation in sandbox.client("ec2", region).describe_instances()["Reservations"]:
        for instance in reservation["Instances"]:
            if instance["State"]["Name"] != "terminated":
                yield "instance", instance["InstanceId"]
