from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra_checks.live.reading import Unread
from tests.integration.live.asking_data import Asks, Deployed, Told, deployed, read


@pytest.fixture(scope="module")
def shop() -> Iterator[Deployed]:
    yield from deployed("rds")


def test_an_instance_is_read_as_its_template_says_it(shop: Deployed) -> None:
    key = shop.client("kms").describe_key(KeyId=shop.ids["Key"])["KeyMetadata"]["Arn"]
    role = shop.client("iam").get_role(RoleName=shop.ids["Role"])["Role"]["Arn"]
    expected = {
        "Engine": "postgres",
        "EngineVersion": "17.4",
        "DBInstanceClass": "db.m7g.large",
        "AllocatedStorage": "100",
        "MaxAllocatedStorage": 500,
        "StorageType": "gp3",
        "Port": "5433",
        "MultiAZ": True,
        "PubliclyAccessible": False,
        "MasterUsername": "app",
        "ManageMasterUserPassword": True,
        "StorageEncrypted": True,
        "KmsKeyId": key,
        "BackupRetentionPeriod": 7,
        "CopyTagsToSnapshot": True,
        "DeletionProtection": True,
        "AutoMinorVersionUpgrade": True,
        "EnableIAMDatabaseAuthentication": True,
        "EnableCloudwatchLogsExports": ["postgresql", "upgrade"],
        "EnablePerformanceInsights": True,
        "PerformanceInsightsKMSKeyId": key,
        "PerformanceInsightsRetentionPeriod": 31,
        "MonitoringInterval": 60,
        "MonitoringRoleArn": role,
        "PreferredBackupWindow": "03:00-04:00",
        "PreferredMaintenanceWindow": "mon:04:30-mon:05:30",
        "DBSubnetGroupName": shop.ids["Subnets"],
        "DBParameterGroupName": shop.ids["Parameters"],
        "VPCSecurityGroups": [shop.ids["Around"]],
        "AssociatedRoles": [{"FeatureName": "s3Import", "RoleArn": role}],
        "Tags": [{"Key": "Team", "Value": "shop"}],
    }
    found = shop.read("Primary")
    assert {name: found.get(name) for name in expected} == expected
    assert found["MasterUserSecret"]["KmsKeyId"].endswith(shop.ids["Key"])


def test_a_password_that_rds_manages_is_not_one_that_could_not_be_read(shop: Deployed) -> None:
    assert "MasterUserPassword" not in shop.read("Primary")
    assert shop.read("Cluster")["MasterUserPassword"] == Unread("no API returns a password")


def test_what_no_api_returns_of_an_instance_is_unread(shop: Deployed) -> None:
    assert isinstance(shop.read("Primary")["DeleteAutomatedBackups"], Unread)


def test_a_replica_names_its_source_and_a_member_its_cluster(shop: Deployed) -> None:
    replica = shop.read("Replica")
    assert replica["SourceDBInstanceIdentifier"] == "primary"
    assert replica["AvailabilityZone"] == "us-east-1b"
    assert "MasterUserPassword" not in replica
    member = shop.read("Member")
    assert (member["DBClusterIdentifier"], member["PromotionTier"]) == (shop.ids["Cluster"], 1)


def test_a_cluster_is_read_as_its_template_says_it(shop: Deployed) -> None:
    key = shop.client("kms").describe_key(KeyId=shop.ids["Key"])["KeyMetadata"]["Arn"]
    role = shop.client("iam").get_role(RoleName=shop.ids["Role"])["Role"]["Arn"]
    expected = {
        "Engine": "aurora-postgresql",
        "EngineVersion": "17.4",
        "DatabaseName": "shop",
        "Port": 5433,
        "MasterUsername": "app",
        "StorageEncrypted": True,
        "KmsKeyId": key,
        "BackupRetentionPeriod": 14,
        "CopyTagsToSnapshot": True,
        "DeletionProtection": True,
        "EnableIAMDatabaseAuthentication": True,
        "EnableHttpEndpoint": False,
        "EnableCloudwatchLogsExports": ["postgresql"],
        "DBSubnetGroupName": shop.ids["Subnets"],
        "DBClusterParameterGroupName": shop.ids["ClusterParameters"],
        "VpcSecurityGroupIds": [shop.ids["Around"]],
        "AssociatedRoles": [{"FeatureName": "s3Import", "RoleArn": role}],
        "ServerlessV2ScalingConfiguration": {"MinCapacity": 0.5, "MaxCapacity": 4},
        "Tags": [{"Key": "Team", "Value": "shop"}],
    }
    found = shop.read("Cluster")
    assert {name: found.get(name) for name in expected} == expected
    assert "AllocatedStorage" not in found


def test_parameter_groups_have_the_parameters_that_were_changed_and_no_others(shop: Deployed) -> None:
    assert shop.read("Parameters")["Parameters"] == {"log_statement": "ddl", "rds.force_ssl": "1"}
    found = shop.read("ClusterParameters")
    assert found["Parameters"] == {"rds.force_ssl": "1"}
    assert (found["Family"], found["Description"]) == ("aurora-postgresql17", "d")


def test_groups_and_subscriptions_are_read_as_the_template_says_them(shop: Deployed) -> None:
    subnets = shop.read("Subnets")
    assert sorted(subnets["SubnetIds"]) == sorted([shop.ids["SubnetA"], shop.ids["SubnetB"]])
    assert subnets["DBSubnetGroupDescription"] == "private"
    assert subnets["Tags"] == [{"Key": "Team", "Value": "shop"}]
    options = shop.read("Options")
    assert (options["EngineName"], options["MajorEngineVersion"]) == ("mysql", "8.0")
    assert "OptionConfigurations" not in options
    events = shop.read("Events")
    assert events["SnsTopicArn"] == shop.ids["Topic"]
    assert (events["SourceType"], events["EventCategories"]) == ("db-instance", ["failure", "maintenance"])
    assert events["Enabled"] is True


def test_a_refused_call_makes_only_its_own_properties_unread(shop: Deployed) -> None:
    refused = Unread("AccessDenied: rds:list_tags_for_resource")
    found = shop.read("Parameters", "rds:list_tags_for_resource")
    assert (found["Tags"], found["Family"]) == (refused, "postgres17")
    found = shop.read("Parameters", "rds:describe_db_parameters")
    assert found["Parameters"] == Unread("AccessDenied: rds:describe_db_parameters")
    assert shop.read("Primary", "rds:describe_db_instances") == Unread("AccessDenied: rds:describe_db_instances")


def test_an_option_has_the_settings_that_differ_from_their_default() -> None:
    settings = [
        {"Name": "SERVER_AUDIT_EVENTS", "Value": "CONNECT", "DefaultValue": ""},
        {"Name": "SERVER_AUDIT", "Value": "FORCE_PLUS_PERMANENT", "DefaultValue": "FORCE_PLUS_PERMANENT"},
    ]
    group = {
        "OptionGroupName": "audited",
        "EngineName": "mysql",
        "MajorEngineVersion": "8.0",
        "OptionGroupDescription": "d",
        "OptionGroupArn": "arn:aws:rds:us-east-1:123456789012:og:audited",
        "Options": [
            {
                "OptionName": "MARIADB_AUDIT_PLUGIN",
                "OptionSettings": settings,
                "VpcSecurityGroupMemberships": [{"VpcSecurityGroupId": "sg-1", "Status": "active"}],
            }
        ],
    }
    answers = {"rds:describe_option_groups": {"OptionGroupsList": [group]}, "rds:list_tags_for_resource": {}}
    found = read(Asks("AWS::RDS::OptionGroup", "audited", Told(answers)))
    assert not isinstance(found, Unread)
    assert found["OptionConfigurations"] == [
        {
            "OptionName": "MARIADB_AUDIT_PLUGIN",
            "OptionSettings": [{"Name": "SERVER_AUDIT_EVENTS", "Value": "CONNECT"}],
            "VpcSecurityGroupMemberships": ["sg-1"],
        }
    ]


def test_a_copy_of_backups_in_another_region_is_seen_and_its_settings_are_unread() -> None:
    copy = {"DBInstanceAutomatedBackupsArn": "arn:aws:rds:us-west-2:123456789012:auto-backup:ab-1"}
    found_one = {
        "DBInstanceIdentifier": "primary",
        "Engine": "oracle-ee",
        "DBInstanceAutomatedBackupsReplications": [copy],
        "DomainMemberships": [{"Domain": "d-1", "IAMRoleName": "joins", "FQDN": "corp.example.com"}],
        "AdditionalStorageVolumes": [{"VolumeName": "rdsdbdata2", "AllocatedStorage": 200, "IOPS": 3000}],
        "StorageEncrypted": False,
        "Iops": 0,
    }
    found = read(
        Asks("AWS::RDS::DBInstance", "primary", Told({"rds:describe_db_instances": {"DBInstances": [found_one]}}))
    )
    assert not isinstance(found, Unread)
    assert found["AutomaticBackupReplicationRegion"] == "us-west-2"
    assert isinstance(found["AutomaticBackupReplicationRetentionPeriod"], Unread)
    assert (found["Domain"], found["DomainIAMRoleName"], found["DomainFqdn"]) == ("d-1", "joins", "corp.example.com")
    assert found["AdditionalStorageVolumes"] == [{"VolumeName": "rdsdbdata2", "AllocatedStorage": "200", "Iops": 3000}]
    assert found["StorageEncrypted"] is False


@pytest.mark.parametrize(("kind", "encrypted"), [("none", False), ("sse-rds", True), ("sse-kms", True)])
def test_a_cluster_that_a_key_of_aws_encrypts_is_encrypted(kind: str, encrypted: bool) -> None:
    cluster = {"DBClusterIdentifier": "shop", "StorageEncrypted": False, "StorageEncryptionType": kind}
    found = read(Asks("AWS::RDS::DBCluster", "shop", Told({"rds:describe_db_clusters": {"DBClusters": [cluster]}})))
    assert isinstance(found, dict)
    assert found["StorageEncrypted"] is encrypted
    assert "KmsKeyId" not in found


def test_the_key_that_rds_takes_by_itself_is_no_key_that_was_chosen(shop: Deployed) -> None:
    assert "KmsKeyId" not in shop.read("Unkeyed")
    assert shop.read("Unkeyed")["StorageEncrypted"] is True


def test_an_instance_that_is_gone_is_unread() -> None:
    asks = Asks("AWS::RDS::DBInstance", "primary", Told({"rds:describe_db_instances": "DBInstanceNotFound"}))
    assert read(asks) == Unread("DBInstanceNotFound: rds:describe_db_instances")
