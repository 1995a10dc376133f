"""AWS::DocDB, by the Amazon RDS API reference.

DescribeDBClusters of Amazon RDS tells of Amazon DocumentDB too, at the same endpoint and with the same action as that
of the Amazon DocumentDB API (API_DescribeDBClusters.html of Amazon RDS), and with the tags and the global cluster. What
only says how a cluster came to be is left out, as in `rds`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.live.keys import ASKED, chosen_key
from infra_checks.live.readers.rds_groups import described
from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, renamed, said, stated, tag_list
from infra_checks.live.shaping import made_from

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_SAME: Final = (
    "AvailabilityZones",
    "BackupRetentionPeriod",
    "CopyTagsToSnapshot",
    "DBClusterIdentifier",
    "DeletionProtection",
    "EngineVersion",
    "GlobalClusterIdentifier",
    "MasterUsername",
    "NetworkType",
    "Port",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
    "StorageEncrypted",
    "StorageType",
)


@reader("AWS::DocDB::DBCluster", "rds:describe_db_clusters", ASKED)
def cluster(asking: Asking) -> Read:
    """AWS: API_DBCluster.html of Amazon RDS and of Amazon DocumentDB.

    RotateMasterUserPassword asks for a rotation when the template is deployed, and is no state of the cluster.
    """
    found = described(asking, "describe_db_clusters", "DBClusters", DBClusterIdentifier=asking.physical_id)
    if isinstance(found, Unread):
        return found
    read = renamed(
        found,
        *_SAME,
        DBClusterParameterGroupName="DBClusterParameterGroup",
        DBSubnetGroupName="DBSubnetGroup",
        EnableCloudwatchLogsExports="EnabledCloudwatchLogsExports",
    )
    scaling = renamed(found.get("ServerlessV2ScalingConfiguration") or {}, "MaxCapacity", "MinCapacity")
    read |= stated(
        KmsKeyId=chosen_key(asking, found.get("KmsKeyId")),
        ServerlessV2ScalingConfiguration=scaling,
        Tags=tag_list(found.get("TagList") or []),
        VpcSecurityGroupIds=[each["VpcSecurityGroupId"] for each in found.get("VpcSecurityGroups") or []],
    )
    if "GlobalClusterIdentifier" in asking.declared:
        read.setdefault("GlobalClusterIdentifier", Unread("DescribeDBClusters does not tell it"))
    return {**read, **_password(asking, found), **made_from(asking, "RotateMasterUserPassword")}


def _password(asking: Asking, found: Answer) -> Properties:
    """The main user's password: in a secret that the service manages, or of the cluster that this one is a copy of."""
    secret = found.get("MasterUserSecret") or {}
    if secret:
        key = stated(MasterUserSecretKmsKeyId=chosen_key(asking, secret.get("KmsKeyId")))
        return {"ManageMasterUserPassword": True, **key}
    if said(found.get("ReplicationSourceIdentifier")):
        return {}
    return {"MasterUserPassword": Unread("no API returns a password")}
