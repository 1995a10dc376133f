"""AWS::RDS, by the Amazon RDS API reference.

What only says how a database came to be (a snapshot, a point in time) is no property of the database that is there:
it is left out, and what came of it, such as StorageEncrypted, is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.live.keys import ASKED, chosen_key
from infra_checks.live.readers.rds_groups import (
    cluster_parameter_group,
    described,
    event_subscription,
    option_group,
    parameter_group,
    subnet_group,
)
from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, renamed, said, stated, tag_list

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_BOTH: Final = (
    "AutoMinorVersionUpgrade",
    "BackupRetentionPeriod",
    "CopyTagsToSnapshot",
    "DBSystemId",
    "DatabaseInsightsMode",
    "DeletionProtection",
    "Engine",
    "EngineLifecycleSupport",
    "EngineVersion",
    "Iops",
    "MasterUsername",
    "MonitoringInterval",
    "MonitoringRoleArn",
    "NetworkType",
    "PerformanceInsightsRetentionPeriod",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
    "PubliclyAccessible",
    "StorageThroughput",
    "StorageType",
)
"""What clusters and instances have by the same name in answers."""

_PASSWORD: Final = Unread("no API returns a password")


@reader(
    "AWS::RDS::DBCluster",
    "rds:describe_db_clusters",
    ASKED,
    unreturned=("DBInstanceParameterGroupName", "DeleteAutomatedBackups", "MasterUserAuthenticationType"),
)
def cluster(asking: Asking) -> Read:
    """AWS: API_DBCluster.html."""
    found = described(asking, "describe_db_clusters", "DBClusters", DBClusterIdentifier=asking.physical_id)
    if isinstance(found, Unread):
        return found
    insights = stated(PerformanceInsightsKmsKeyId=chosen_key(asking, found.get("PerformanceInsightsKMSKeyId")))
    return {**_of_both(asking, found), **_of_cluster(found), **insights}


@reader(
    "AWS::RDS::DBInstance",
    "rds:describe_db_instances",
    ASKED,
    unreturned=(
        "AllowMajorVersionUpgrade",
        "ApplyImmediately",
        "CertificateRotationRestart",
        "DeleteAutomatedBackups",
        "MasterUserAuthenticationType",
        "UseDefaultProcessorFeatures",
    ),
)
def instance(asking: Asking) -> Read:
    """AWS: API_DBInstance.html."""
    found = described(asking, "describe_db_instances", "DBInstances", DBInstanceIdentifier=asking.physical_id)
    if isinstance(found, Unread):
        return found
    insights = stated(PerformanceInsightsKMSKeyId=chosen_key(asking, found.get("PerformanceInsightsKMSKeyId")))
    return {**_of_both(asking, found), **_of_instance(found), **_around(found), **insights}


def _of_both(asking: Asking, found: Answer) -> Properties:
    read = renamed(
        found,
        *_BOTH,
        EnableCloudwatchLogsExports="EnabledCloudwatchLogsExports",
        EnableIAMDatabaseAuthentication="IAMDatabaseAuthenticationEnabled",
    )
    read |= stated(
        AssociatedRoles=[renamed(each, "FeatureName", "RoleArn") for each in found.get("AssociatedRoles") or []],
        KmsKeyId=chosen_key(asking, found.get("KmsKeyId")),
        Tags=tag_list(found.get("TagList") or []),
    )
    read |= _encryption(found)
    domain = (found.get("DomainMemberships") or [{}])[0]
    read |= renamed(domain, "Domain", DomainIAMRoleName="IAMRoleName")
    secret = found.get("MasterUserSecret") or {}
    if secret:
        key = stated(KmsKeyId=chosen_key(asking, secret.get("KmsKeyId")))
        read |= {"ManageMasterUserPassword": True, "MasterUserSecret": {**renamed(secret, "SecretArn"), **key}}
    return read


def _encryption(found: Answer) -> Properties:
    """AWS: StorageEncryptionType in API_DBCluster.html; a key that AWS owns encrypts without being asked to."""
    encrypted = found.get("StorageEncryptionType") in {"sse-kms", "sse-rds"}
    return {"StorageEncrypted": True} if encrypted else renamed(found, "StorageEncrypted")


def _security_groups(found: Answer) -> list[str]:
    return [each["VpcSecurityGroupId"] for each in found.get("VpcSecurityGroups") or []]


def _of_cluster(found: Answer) -> Properties:
    read = renamed(
        found,
        "AvailabilityZones",
        "BacktrackWindow",
        "ClusterScalabilityType",
        "DBClusterArn",
        "DBClusterIdentifier",
        "DBClusterInstanceClass",
        "DatabaseName",
        "EngineMode",
        "GlobalClusterIdentifier",
        "PerformanceInsightsEnabled",
        "Port",
        "ReplicationSourceIdentifier",
        "ServerlessV2ScalingConfiguration",
        DBClusterParameterGroupName="DBClusterParameterGroup",
        DBSubnetGroupName="DBSubnetGroup",
        EnableGlobalWriteForwarding="GlobalWriteForwardingRequested",
        EnableHttpEndpoint="HttpEndpointEnabled",
        ScalingConfiguration="ScalingConfigurationInfo",
    )
    read |= stated(VpcSecurityGroupIds=_security_groups(found))
    if said(found.get("LocalWriteForwardingStatus")):
        read["EnableLocalWriteForwarding"] = found["LocalWriteForwardingStatus"] in {"enabled", "enabling", "requested"}
    if not str(found.get("Engine", "")).startswith("aurora"):  # whose storage is not asked for, but grows
        read |= renamed(found, "AllocatedStorage")
    if not ({"MasterUserSecret", "ReplicationSourceIdentifier"} & {key for key in found if said(found[key])}):
        read["MasterUserPassword"] = _PASSWORD
    return read


def _of_instance(found: Answer) -> Properties:
    read = renamed(
        found,
        "AvailabilityZone",
        "BackupTarget",
        "CACertificateIdentifier",
        "CharacterSetName",
        "DBClusterIdentifier",
        "DBInstanceArn",
        "DBInstanceClass",
        "DBInstanceIdentifier",
        "DBName",
        "DbiResourceId",
        "DedicatedLogVolume",
        "LicenseModel",
        "MaxAllocatedStorage",
        "MultiAZ",
        "NcharCharacterSetName",
        "ProcessorFeatures",
        "PromotionTier",
        "ReplicaMode",
        "TdeCredentialArn",
        "Timezone",
        CustomIAMInstanceProfile="CustomIamInstanceProfile",
        EnablePerformanceInsights="PerformanceInsightsEnabled",
        SourceDBClusterIdentifier="ReadReplicaSourceDBClusterIdentifier",
        SourceDBInstanceIdentifier="ReadReplicaSourceDBInstanceIdentifier",
    )
    port = (found.get("Endpoint") or {}).get("Port") or found.get("DbInstancePort")
    read |= stated(
        AdditionalStorageVolumes=[_volume(each) for each in found.get("AdditionalStorageVolumes") or []],
        AllocatedStorage=_as_text(found.get("AllocatedStorage")),
        Port=_as_text(port),
    )
    if "TdeCredentialArn" in read:
        read["TdeCredentialPassword"] = _PASSWORD
    has_own = not {"DBClusterIdentifier", "SourceDBInstanceIdentifier", "SourceDBClusterIdentifier"} & read.keys()
    if has_own and not found.get("MasterUserSecret"):
        read["MasterUserPassword"] = _PASSWORD
    return read


def _as_text(number: int | None) -> str | None:
    """Storage and ports of instances are texts in CloudFormation; 0 is none."""
    return str(number) if number else None


def _volume(found: Answer) -> Properties:
    same = renamed(found, "MaxAllocatedStorage", "StorageThroughput", "StorageType", "VolumeName", Iops="IOPS")
    return {**same, **stated(AllocatedStorage=_as_text(found.get("AllocatedStorage")))}


def _around(found: Answer) -> Properties:
    """The groups and the domain that an instance is in, and where its backups go."""
    first = {name: (found.get(name) or [{}])[0] for name in ("DBParameterGroups", "OptionGroupMemberships")}
    domain = (found.get("DomainMemberships") or [{}])[0]
    read = stated(
        DBParameterGroupName=first["DBParameterGroups"].get("DBParameterGroupName"),
        DBSecurityGroups=[each["DBSecurityGroupName"] for each in found.get("DBSecurityGroups") or []],
        DBSubnetGroupName=(found.get("DBSubnetGroup") or {}).get("DBSubnetGroupName"),
        OptionGroupName=first["OptionGroupMemberships"].get("OptionGroupName"),
        VPCSecurityGroups=_security_groups(found),
    )
    read |= renamed(
        domain, DomainAuthSecretArn="AuthSecretArn", DomainDnsIps="DnsIps", DomainFqdn="FQDN", DomainOu="OU"
    )
    copies = found.get("DBInstanceAutomatedBackupsReplications") or []
    if copies:
        elsewhere = Unread("the other region knows it")
        read |= {
            "AutomaticBackupReplicationKmsKeyId": elsewhere,
            "AutomaticBackupReplicationRegion": copies[0]["DBInstanceAutomatedBackupsArn"].split(":")[3],
            "AutomaticBackupReplicationRetentionPeriod": elsewhere,
        }
    return read


__all__ = [
    "cluster",
    "cluster_parameter_group",
    "event_subscription",
    "instance",
    "option_group",
    "parameter_group",
    "subnet_group",
]
