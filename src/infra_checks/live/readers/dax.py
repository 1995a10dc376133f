"""AWS::DAX, by the Amazon DynamoDB Accelerator API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, from_answer, only, renamed, said, stated, tag_map
from infra_checks.live.shaping import at

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read


@reader("AWS::DAX::Cluster", "dax:describe_clusters", "dax:list_tags")
def cluster(asking: Asking) -> Read:
    """AWS: API_dax_Cluster.html; AvailabilityZones has one for each node, as in a template."""
    clusters = asking.pages("dax", "describe_clusters", "Clusters", ClusterNames=[asking.physical_id])
    found = only(clusters, asking.physical_id)
    if isinstance(found, Unread):
        return found
    zones = [each.get("AvailabilityZone") for each in found.get("Nodes") or []]
    return {
        **renamed(
            found,
            "ClusterEndpointEncryptionType",
            "ClusterName",
            "Description",
            "NetworkType",
            "NodeType",
            "PreferredMaintenanceWindow",
            IAMRoleARN="IamRoleArn",
            ReplicationFactor="TotalNodes",
            SubnetGroupName="SubnetGroup",
        ),
        **stated(
            AvailabilityZones=zones if all(zones) else Unread("a node does not tell its Availability Zone"),
            NotificationTopicARN=at(found, "NotificationConfiguration", "TopicArn"),
            ParameterGroupName=at(found, "ParameterGroup", "ParameterGroupName"),
            SecurityGroupIds=[each["SecurityGroupIdentifier"] for each in found.get("SecurityGroups") or []],
        ),
        **_encryption(found),
        **_tags(asking, found),
    }


def _encryption(found: Answer) -> Properties:
    status = at(found, "SSEDescription", "Status")
    return {"SSESpecification": {"SSEEnabled": status in {"ENABLED", "ENABLING"}}} if said(status) else {}


def _tags(asking: Asking, found: Answer) -> Properties:
    answer = asking.pages("dax", "list_tags", "Tags", ResourceName=found["ClusterArn"])
    return from_answer(
        answer, ("Tags",), lambda tags: {"Tags": tag_map({each["Key"]: each.get("Value", "") for each in tags})}
    )
