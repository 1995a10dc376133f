"""AWS::DMS, by the AWS Database Migration Service API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.live.keys import ASKED, chosen_key
from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, from_answer, only, renamed, stated, tag_list
from infra_checks.live.shaping import at, made_from

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read


@reader(
    "AWS::DMS::ReplicationInstance",
    "dms:describe_replication_instances",
    "dms:list_tags_for_resource",
    ASKED,
    unreturned=("AllowMajorVersionUpgrade",),
)
def replication_instance(asking: Asking) -> Read:
    """AWS: API_ReplicationInstance.html; ResourceIdentifier is only what its ARN was to end with."""
    by = [{"Name": "replication-instance-arn", "Values": [asking.physical_id]}]
    instances = asking.pages("dms", "describe_replication_instances", "ReplicationInstances", Filters=by)
    found = only(instances, asking.physical_id)
    if isinstance(found, Unread):
        return found
    return {
        **renamed(
            found,
            "AllocatedStorage",
            "AutoMinorVersionUpgrade",
            "AvailabilityZone",
            "DnsNameServers",
            "EngineVersion",
            "MultiAZ",
            "NetworkType",
            "PreferredMaintenanceWindow",
            "PubliclyAccessible",
            "ReplicationInstanceClass",
            "ReplicationInstanceIdentifier",
        ),
        **stated(
            KmsKeyId=chosen_key(asking, found.get("KmsKeyId")),
            ReplicationSubnetGroupIdentifier=at(found, "ReplicationSubnetGroup", "ReplicationSubnetGroupIdentifier"),
            VpcSecurityGroupIds=[each["VpcSecurityGroupId"] for each in found.get("VpcSecurityGroups") or []],
        ),
        **_tags(asking, found),
        **made_from(asking, "ResourceIdentifier"),
    }


def _tags(asking: Asking, found: Answer) -> Properties:
    answer = asking.ask("dms", "list_tags_for_resource", ResourceArn=found["ReplicationInstanceArn"])
    return from_answer(answer, ("Tags",), lambda tags: {"Tags": tag_list(tags.get("TagList") or [])})
