"""What the deployed database is like: where it is, who comes to it, how it is kept and watched."""

from __future__ import annotations

import json
from typing import Any

from tests.integration.systems.system import System

ALARMS = {"CPUUtilization", "FreeStorageSpace", "DatabaseConnections"}


def instances(system: System) -> list[dict[str, Any]]:
    own = set(system.ids("AWS::RDS::DBInstance"))
    found = system.all("rds", "describe_db_instances", "DBInstances")
    return [each for each in found if each["DBInstanceIdentifier"] in own]


def primary(system: System) -> dict[str, Any]:
    (found,) = (each for each in instances(system) if not each.get("ReadReplicaSourceDBInstanceIdentifier"))
    return found


def replicas(system: System) -> list[dict[str, Any]]:
    return [each for each in instances(system) if each.get("ReadReplicaSourceDBInstanceIdentifier")]


def zones(system: System, instance: dict[str, Any]) -> set[str]:
    """Where an instance may run: its own zone, or those of its subnets when it has a standby."""
    if not instance["MultiAZ"]:
        return {instance["AvailabilityZone"]}
    name = instance["DBSubnetGroup"]["DBSubnetGroupName"]
    (group,) = system.client("rds").describe_db_subnet_groups(DBSubnetGroupName=name)["DBSubnetGroups"]
    ids = [each["SubnetIdentifier"] for each in group["Subnets"]]
    return {each["AvailabilityZone"] for each in system.client("ec2").describe_subnets(SubnetIds=ids)["Subnets"]}


def group(system: System, output: str) -> dict[str, Any]:
    (found,) = system.client("ec2").describe_security_groups(GroupIds=[system.outputs[output]])["SecurityGroups"]
    return dict(found)


def keeps_data(system: System) -> bool:
    """Whether the environment is one whose data outlives the stack, as its tags say."""
    tags = {tag["Key"]: tag["Value"] for tag in primary(system)["TagList"]}
    return tags["Environment"] in {"staging", "production"}


class TestPlacement:
    def test_replicas_are_in_zones_where_the_primary_cannot_be(self, system: System) -> None:
        of_replicas = [zone for each in replicas(system) for zone in zones(system, each)]
        assert of_replicas
        assert not set(of_replicas) & zones(system, primary(system))
        assert len(set(of_replicas)) == len(of_replicas)

    def test_replicas_follow_the_primary(self, system: System) -> None:
        sources = {each["ReadReplicaSourceDBInstanceIdentifier"].rpartition(":")[2] for each in replicas(system)}
        assert sources == {primary(system)["DBInstanceIdentifier"]}

    def test_an_environment_that_keeps_data_has_a_standby(self, system: System) -> None:
        assert primary(system)["MultiAZ"] is keeps_data(system)

    def test_databases_are_in_isolated_subnets_that_lead_nowhere(self, system: System) -> None:
        isolated = system.outputs["IsolatedSubnetIds"].split(",")
        for each in instances(system):
            name = each["DBSubnetGroup"]["DBSubnetGroupName"]
            (found,) = system.client("rds").describe_db_subnet_groups(DBSubnetGroupName=name)["DBSubnetGroups"]
            assert {subnet["SubnetIdentifier"] for subnet in found["Subnets"]} <= set(isolated)
        tables = system.client("ec2").describe_route_tables(
            Filters=[{"Name": "association.subnet-id", "Values": isolated}]
        )["RouteTables"]
        routes = [route for table in tables for route in table["Routes"]]
        assert not [route for route in routes if route.get("DestinationCidrBlock") == "0.0.0.0/0"]

    def test_the_outputs_are_the_endpoints(self, system: System) -> None:
        assert system.outputs["Endpoint"] == primary(system)["Endpoint"]["Address"]
        assert system.outputs["Port"] == str(primary(system)["Endpoint"]["Port"])
        told = {value for key, value in system.outputs.items() if key.startswith("Replica")}
        assert told == {each["Endpoint"]["Address"] for each in replicas(system)}


class TestDatabase:
    def test_the_engine_is_a_postgresql_in_support(self, system: System) -> None:
        assert {(each["Engine"], each["EngineVersion"].split(".")[0]) for each in instances(system)} == {
            ("postgres", "17")
        }

    def test_everything_is_encrypted_with_the_stack_s_key(self, system: System) -> None:
        found = primary(system)
        assert found["StorageEncrypted"] is True
        assert found["KmsKeyId"] == found["PerformanceInsightsKMSKeyId"] == system.outputs["KmsKeyArn"]
        key = system.outputs["KmsKeyArn"]
        assert system.client("kms").get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True

    def test_no_database_is_public(self, system: System) -> None:
        assert not [each for each in instances(system) if each["PubliclyAccessible"]]

    def test_production_cannot_be_deleted_and_has_backups_of_weeks(self, system: System) -> None:
        found = primary(system)
        assert found["DeletionProtection"] is keeps_data(system)
        assert found["BackupRetentionPeriod"] >= (14 if keeps_data(system) else 1)

    def test_logs_and_the_operating_system_are_seen(self, system: System) -> None:
        for each in instances(system):
            assert sorted(each["EnabledCloudwatchLogsExports"]) == ["postgresql", "upgrade"]
            assert each["MonitoringInterval"] == 60
            assert each["PerformanceInsightsEnabled"] is True
        names = {f"/aws/rds/instance/{each['DBInstanceIdentifier']}/postgresql" for each in instances(system)}
        groups = {each["logGroupName"]: each for each in system.log_groups()}
        assert names <= groups.keys()
        assert all(each["retentionInDays"] and each["kmsKeyId"] for each in groups.values())

    def test_memory_is_given_in_the_units_that_rds_takes(self, system: System) -> None:
        name = primary(system)["DBParameterGroups"][0]["DBParameterGroupName"]
        found = system.all("rds", "describe_db_parameters", "Parameters", DBParameterGroupName=name, Source="user")
        values = {each["ParameterName"]: each["ParameterValue"] for each in found if "ParameterValue" in each}
        assert {"shared_buffers", "effective_cache_size", "work_mem", "maintenance_work_mem"} <= values.keys()
        for parameter in ("shared_buffers", "effective_cache_size", "work_mem", "maintenance_work_mem"):
            assert values[parameter].isdigit() or values[parameter].startswith("{DBInstanceClassMemory")
        assert values["rds.force_ssl"] == "1"

    def test_monitoring_import_and_export_have_a_role_each(self, system: System) -> None:
        found = primary(system)
        roles = {found["MonitoringRoleArn"], *(each["RoleArn"] for each in found["AssociatedRoles"])}
        assert len(roles) == 3
        features = {each["FeatureName"] for each in found["AssociatedRoles"]}
        assert features == {"s3Import", "s3Export"}


class TestSecret:
    def test_it_leads_to_the_primary(self, system: System) -> None:
        found = system.client("secretsmanager").get_secret_value(SecretId=system.outputs["SecretArn"])
        secret = json.loads(found["SecretString"])
        assert (secret["host"], str(secret["port"])) == (system.outputs["Endpoint"], system.outputs["Port"])
        assert secret["username"] == primary(system)["MasterUsername"]
        assert len(secret["password"]) == 40

    def test_it_is_encrypted_and_rotates(self, system: System) -> None:
        found = system.client("secretsmanager").describe_secret(SecretId=system.outputs["SecretArn"])
        assert found["KmsKeyId"] == system.outputs["KmsKeyArn"]
        assert found["RotationEnabled"] is True
        rules = found["RotationRules"]
        assert rules.get("ScheduleExpression") == "rate(30 days)" or rules["AutomaticallyAfterDays"] <= 30


class TestWhoComesToTheDatabase:
    def test_only_groups_come_and_only_to_its_port(self, system: System) -> None:
        rules = group(system, "DatabaseSecurityGroupId")["IpPermissions"]
        assert not [each for rule in rules for each in rule["IpRanges"] + rule.get("Ipv6Ranges", [])]
        assert {rule["FromPort"] for rule in rules} == {int(system.outputs["Port"])}
        sources = {pair["GroupId"] for rule in rules for pair in rule["UserIdGroupPairs"]}
        assert {system.outputs["ApplicationSecurityGroupId"], system.outputs["BastionSecurityGroupId"]} <= sources

    def test_nobody_comes_to_the_bastion_over_the_network(self, system: System) -> None:
        assert group(system, "BastionSecurityGroupId")["IpPermissions"] == []
        (reservation,) = system.client("ec2").describe_instances(InstanceIds=[system.outputs["BastionInstanceId"]])[
            "Reservations"
        ]
        (bastion,) = reservation["Instances"]
        assert not bastion.get("KeyName")
        assert not bastion.get("PublicIpAddress")
        assert bastion["MetadataOptions"]["HttpTokens"] == "required"
        assert bastion["SubnetId"] in system.outputs["PrivateSubnetIds"].split(",")

    def test_the_bastion_s_disk_is_encrypted(self, system: System) -> None:
        filters = [{"Name": "attachment.instance-id", "Values": [system.outputs["BastionInstanceId"]]}]
        volumes = system.client("ec2").describe_volumes(Filters=filters)["Volumes"]
        assert volumes
        assert all(volume["Encrypted"] for volume in volumes)

    def test_session_manager_reaches_the_bastion_inside_the_network(self, system: System) -> None:
        found = system.all("ec2", "describe_vpc_endpoints", "VpcEndpoints")
        own = [each for each in found if each["VpcId"] == system.outputs["VpcId"]]
        services = {each["ServiceName"].rpartition(f"{system.region}.")[2] for each in own}
        assert {"ssm", "ssmmessages", "secretsmanager", "s3"} <= services


class TestBucket:
    def test_it_is_encrypted_with_versions_and_closed(self, system: System) -> None:
        s3, name = system.client("s3"), system.outputs["BucketName"]
        (rule,) = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
        assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == system.outputs["KmsKeyArn"]
        assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
        assert all(s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"].values())
        policy = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])
        conditions = [each.get("Condition") for each in policy["Statement"] if each["Effect"] == "Deny"]
        assert {"Bool": {"aws:SecureTransport": "false"}} in conditions


class TestAlarms:
    def test_every_database_has_its_own_alarms(self, system: System) -> None:
        watched = {(dimension(each), each["MetricName"]) for each in system.watched()}
        for each in instances(system):
            assert {(each["DBInstanceIdentifier"], metric) for metric in ALARMS} <= watched

    def test_every_replica_s_lag_is_watched_and_only_theirs(self, system: System) -> None:
        lags = {dimension(each) for each in system.watched() if each["MetricName"] == "ReplicaLag"}
        assert lags == {each["DBInstanceIdentifier"] for each in replicas(system)}

    def test_every_alarm_tells_somebody_by_mail(self, system: System) -> None:
        topic = system.outputs["AlarmTopicArn"]
        assert system.alarms()
        assert all(alarm["AlarmActions"] == [topic] for alarm in system.alarms())
        found = system.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        mails = [each["Endpoint"] for each in found if each["Protocol"] == "email"]
        assert mails == [system.parameters["NotificationEmail"]]


def dimension(metric: dict[str, Any]) -> str:
    (found,) = metric["Dimensions"]
    return str(found["Value"])
