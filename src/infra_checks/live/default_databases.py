"""What AWS sets where a template says nothing of a database.

Pages are named as in default_values, which has the other types.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.live.default_kinds import CHOSEN, NOTHING, By, Unstated, one_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra_checks.live.default_kinds import Default

_BY_SUBNETS: Final = By("DBSubnetGroupName", {"default": one_of(True, False)}, False)
"""PubliclyAccessible: false in a subnet group of one's own; in the default one it depends on the engine."""

_DATABASE: Final[Mapping[str, Default]] = {
    "AllocatedStorage": CHOSEN,
    "AssociatedRoles": NOTHING,
    "AutoMinorVersionUpgrade": True,
    "AvailabilityZone": CHOSEN,
    "BackupRetentionPeriod": 1,
    "CACertificateIdentifier": CHOSEN,
    "CopyTagsToSnapshot": False,
    "DBClusterIdentifier": CHOSEN,
    "DBClusterParameterGroupName": CHOSEN,
    "DBInstanceIdentifier": CHOSEN,
    "DBParameterGroupName": CHOSEN,
    "DBSubnetGroupName": CHOSEN,
    "DatabaseInsightsMode": "standard",
    "DatabaseName": CHOSEN,
    "DeletionProtection": False,
    "EnableCloudwatchLogsExports": NOTHING,
    "EnableIAMDatabaseAuthentication": False,
    "EngineLifecycleSupport": "open-source-rds-extended-support",
    "EngineVersion": CHOSEN,
    "KmsKeyId": CHOSEN,
    "LicenseModel": CHOSEN,
    "ManageMasterUserPassword": Unstated(False),
    "MasterUsername": CHOSEN,
    "MasterUserSecret": CHOSEN,
    "MaxAllocatedStorage": NOTHING,
    "MonitoringInterval": 0,
    "MonitoringRoleArn": NOTHING,
    # "determined by the DBSubnetGroup"
    "NetworkType": CHOSEN,
    "OptionGroupName": CHOSEN,
    "PerformanceInsightsKMSKeyId": CHOSEN,
    "PerformanceInsightsKmsKeyId": CHOSEN,
    "PerformanceInsightsRetentionPeriod": 7,
    "Port": CHOSEN,
    "PreferredBackupWindow": CHOSEN,
    "PreferredMaintenanceWindow": CHOSEN,
    "PubliclyAccessible": _BY_SUBNETS,
    "ReadReplicaIdentifiers": CHOSEN,
    "VPCSecurityGroups": CHOSEN,
    "VpcSecurityGroupIds": CHOSEN,
    "Tags": NOTHING,
}
"""reference, CreateDBInstance, CreateDBCluster; DatabaseInsightsMode: "Get started with CloudWatch Database Insights"
of the CloudWatch user guide."""

# EngineMode: example of create-db-cluster; StorageEncrypted: reference, it cannot be changed afterwards.
CLUSTER: Final[Mapping[str, Default]] = {
    **_DATABASE,
    "EnableHttpEndpoint": False,
    "EngineMode": "provisioned",
    "PerformanceInsightsEnabled": Unstated(False),
    "StorageEncrypted": CHOSEN,
    "StorageType": one_of("aurora", "io1"),
}
# MultiAZ, EnablePerformanceInsights: example of create-db-instance; Iops, StorageThroughput: "Amazon RDS DB
# instance storage" of the RDS user guide, by engine and size; StorageType: gp3, before that gp2 and standard.
INSTANCE: Final[Mapping[str, Default]] = {
    **_DATABASE,
    "DedicatedLogVolume": Unstated(False),
    "EnablePerformanceInsights": False,
    "Iops": one_of(0, 3000, 12000),
    "MultiAZ": False,
    "PromotionTier": 1,
    "StorageEncrypted": False,
    "StorageThroughput": one_of(0, 125, 500),
    "StorageType": one_of("gp3", "gp2", "io1", "standard", "aurora"),
}
