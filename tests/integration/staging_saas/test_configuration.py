"""What the deployed environment is like: how its parts are set up, and how they belong together."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.systems.deploying import REGIONS
from tests.integration.systems.system import System

TIERS = ("Public", "Private", "Isolated")
ROLES = {"Developer": 28800, "DevOps": 14400, "Admin": 3600}


def subnets(system: System, tier: str) -> list[dict[str, Any]]:
    ids = system.outputs[f"{tier}SubnetIds"].split(",")
    found = system.client("ec2").describe_subnets(SubnetIds=ids)["Subnets"]
    return sorted(found, key=lambda subnet: ids.index(subnet["SubnetId"]))


def way_out(system: System, subnet: dict[str, Any]) -> dict[str, Any]:
    """The default route of a subnet; empty when it has none."""
    (table,) = system.client("ec2").describe_route_tables(
        Filters=[{"Name": "association.subnet-id", "Values": [subnet["SubnetId"]]}]
    )["RouteTables"]
    routes: list[dict[str, Any]] = table["Routes"]
    return next((route for route in routes if route.get("DestinationCidrBlock") == "0.0.0.0/0"), {})


def group(system: System, logical_id: str) -> dict[str, Any]:
    (found,) = system.client("ec2").describe_security_groups(GroupIds=[system.id(logical_id)])["SecurityGroups"]
    return dict(found)


def cluster(system: System) -> dict[str, Any]:
    arn = system.outputs["DatabaseClusterArn"]
    (found,) = system.client("rds").describe_db_clusters(DBClusterIdentifier=arn.rpartition(":")[2])["DBClusters"]
    return dict(found)


def instance(system: System, part: str) -> dict[str, Any]:
    (found,) = system.client("rds").describe_db_instances(DBInstanceIdentifier=system.id(f"Database{part}"))[
        "DBInstances"
    ]
    return dict(found)


def cache(system: System) -> dict[str, Any]:
    (found,) = system.client("elasticache").describe_replication_groups(ReplicationGroupId=system.id("Cache"))[
        "ReplicationGroups"
    ]
    return dict(found)


def configuration(system: System, function: str) -> dict[str, Any]:
    found: dict[str, Any] = system.client("lambda").get_function_configuration(FunctionName=system.outputs[function])
    return found


class TestNetwork:
    @pytest.mark.parametrize("tier", TIERS)
    def test_a_tier_is_in_two_zones_of_the_network(self, system: System, tier: str) -> None:
        found = subnets(system, tier)
        assert {subnet["VpcId"] for subnet in found} == {system.outputs["VpcId"]}
        assert len({subnet["AvailabilityZone"] for subnet in found}) == 2
        assert not [subnet for subnet in found if subnet["MapPublicIpOnLaunch"]]

    def test_public_subnets_lead_to_the_internet_gateway(self, system: System) -> None:
        gateways = {way_out(system, subnet)["GatewayId"] for subnet in subnets(system, "Public")}
        assert gateways == {system.id("InternetGateway")}

    def test_a_private_subnet_leaves_by_the_nat_gateway_of_its_own_zone(self, system: System) -> None:
        for public, private in zip(subnets(system, "Public"), subnets(system, "Private"), strict=True):
            gateway = way_out(system, private)["NatGatewayId"]
            (found,) = system.client("ec2").describe_nat_gateways(NatGatewayIds=[gateway])["NatGateways"]
            assert found["SubnetId"] == public["SubnetId"]
            assert public["AvailabilityZone"] == private["AvailabilityZone"]

    def test_an_isolated_subnet_leads_nowhere(self, system: System) -> None:
        assert [way_out(system, subnet) for subnet in subnets(system, "Isolated")] == [{}, {}]

    def test_the_functions_reach_aws_inside_the_network(self, system: System) -> None:
        found = system.all("ec2", "describe_vpc_endpoints", "VpcEndpoints")
        own = [each for each in found if each["VpcId"] == system.outputs["VpcId"]]
        services = {each["ServiceName"].rpartition(f"{system.region}.")[2] for each in own}
        assert services == {"s3", "secretsmanager", "rds-data", "sns", "elasticache"}

    def test_only_the_application_comes_to_the_database(self, system: System) -> None:
        (rule,) = group(system, "DatabaseSecurityGroup")["IpPermissions"]
        assert rule["FromPort"] == rule["ToPort"] == int(system.outputs["DatabasePort"])
        assert [each["GroupId"] for each in rule["UserIdGroupPairs"]] == [system.outputs["ApplicationSecurityGroupId"]]
        assert rule["IpRanges"] == []

    def test_only_the_application_and_the_rotation_come_to_the_cache(self, system: System) -> None:
        rules = group(system, "CacheSecurityGroup")["IpPermissions"]
        sources = {pair["GroupId"] for rule in rules for pair in rule["UserIdGroupPairs"]}
        assert sources == {system.outputs["ApplicationSecurityGroupId"], system.id("RotationSecurityGroup")}
        assert not [each for rule in rules for each in rule["IpRanges"]]

    def test_the_traffic_is_logged(self, system: System) -> None:
        (log,) = system.client("ec2").describe_flow_logs(FlowLogIds=[system.id("FlowLog")])["FlowLogs"]
        assert (log["ResourceId"], log["TrafficType"]) == (system.outputs["VpcId"], "ALL")


class TestDatabase:
    def test_it_is_encrypted_kept_and_logged(self, system: System) -> None:
        found = cluster(system)
        assert found["StorageEncrypted"] is True
        assert found["KmsKeyId"] == system.outputs["DataKeyArn"]
        assert found["EnabledCloudwatchLogsExports"] == ["postgresql"]
        assert found["BackupRetentionPeriod"] >= 1
        keeps = system.parameters["EnvironmentName"] in {"staging", "production"}
        assert found["DeletionProtection"] is keeps

    def test_writer_and_reader_are_in_different_zones(self, system: System) -> None:
        found = [instance(system, part) for part in ("Writer", "Reader")]
        assert len({each["AvailabilityZone"] for each in found}) == 2
        assert {each["DBClusterIdentifier"] for each in found} == {cluster(system)["DBClusterIdentifier"]}
        assert not [each for each in found if each["PubliclyAccessible"]]

    @pytest.mark.parametrize("part", ["Writer", "Reader"])
    def test_its_performance_is_seen_and_encrypted(self, system: System, part: str) -> None:
        found = instance(system, part)
        assert found["PerformanceInsightsEnabled"] is True
        assert found["PerformanceInsightsKMSKeyId"] == system.outputs["DataKeyArn"]
        assert found["MonitoringInterval"] == 60

    def test_it_is_in_the_isolated_subnets(self, system: System) -> None:
        name = cluster(system)["DBSubnetGroup"]
        (found,) = system.client("rds").describe_db_subnet_groups(DBSubnetGroupName=name)["DBSubnetGroups"]
        ids = {each["SubnetIdentifier"] for each in found["Subnets"]}
        assert ids == set(system.outputs["IsolatedSubnetIds"].split(","))

    def test_its_secret_has_a_name_and_a_password(self, system: System) -> None:
        found = system.client("secretsmanager").get_secret_value(SecretId=system.outputs["DatabaseSecretArn"])
        assert {"username", "password"} <= json.loads(found["SecretString"]).keys()

    def test_the_outputs_are_its_endpoints(self, system: System) -> None:
        found = cluster(system)
        assert system.outputs["DatabaseEndpoint"] == found["Endpoint"]
        assert system.outputs["DatabaseReaderEndpoint"] == found["ReaderEndpoint"]
        assert system.outputs["DatabasePort"] == str(found["Port"])


class TestCache:
    def test_it_is_encrypted_both_ways_and_asks_for_a_token(self, system: System) -> None:
        found = cache(system)
        assert (found["AtRestEncryptionEnabled"], found["TransitEncryptionEnabled"]) == (True, True)
        assert found["KmsKeyId"] == system.outputs["DataKeyArn"]
        assert found["AuthTokenEnabled"] is True

    def test_it_survives_a_zone(self, system: System) -> None:
        found = cache(system)
        assert (found["AutomaticFailover"], found["MultiAZ"]) == ("enabled", "enabled")
        members = found["NodeGroups"][0]["NodeGroupMembers"]
        assert len({member["PreferredAvailabilityZone"] for member in members}) == 2

    def test_its_token_is_a_secret_that_rotates(self, system: System) -> None:
        found = system.client("secretsmanager").describe_secret(SecretId=system.outputs["CacheTokenArn"])
        assert found["KmsKeyId"] == system.outputs["DataKeyArn"]
        assert found["RotationEnabled"] is True
        assert found["RotationLambdaARN"].rpartition(":")[2] == system.outputs["RotationFunctionName"]
        assert found["RotationRules"]["ScheduleExpression"].startswith("cron(")


class TestBucket:
    def test_it_is_encrypted_with_versions_and_closed(self, system: System) -> None:
        s3, name = system.client("s3"), system.outputs["DataBucketName"]
        (rule,) = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
        default = rule["ApplyServerSideEncryptionByDefault"]
        assert (default["SSEAlgorithm"], default["KMSMasterKeyID"]) == ("aws:kms", system.outputs["DataKeyArn"])
        assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
        assert all(s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"].values())
        (statement,) = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])["Statement"]
        assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})

    def test_what_is_not_masked_ends_within_days_and_what_is_becomes_cheaper(self, system: System) -> None:
        s3, name = system.client("s3"), system.outputs["DataBucketName"]
        found = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
        rules = {rule.get("Prefix", rule.get("Filter", {}).get("Prefix")): rule for rule in found}
        assert rules["incoming/"]["Expiration"]["Days"] <= 7
        assert rules["masked/"]["Transitions"][0]["StorageClass"] == "INTELLIGENT_TIERING"
        (tiering,) = s3.list_bucket_intelligent_tiering_configurations(Bucket=name)[
            "IntelligentTieringConfigurationList"
        ]
        assert (tiering["Status"], tiering["Filter"]["Prefix"]) == ("Enabled", "masked/")

    def test_it_tells_of_objects_and_of_who_reads_them(self, system: System) -> None:
        s3, name = system.client("s3"), system.outputs["DataBucketName"]
        assert "EventBridgeConfiguration" in s3.get_bucket_notification_configuration(Bucket=name)
        logging = s3.get_bucket_logging(Bucket=name)["LoggingEnabled"]
        assert logging["TargetBucket"] == system.parameters["LogArchiveBucketName"]


class TestFunctions:
    @pytest.mark.parametrize("function", ["MaskingFunctionName", "RotationFunctionName"])
    def test_a_function_is_traced_and_in_the_private_subnets(self, system: System, function: str) -> None:
        found = configuration(system, function)
        assert found["TracingConfig"]["Mode"] == "Active"
        assert set(found["VpcConfig"]["SubnetIds"]) == set(system.outputs["PrivateSubnetIds"].split(","))
        assert found["DeadLetterConfig"]["TargetArn"]

    def test_the_masking_has_a_concurrency_of_its_own(self, system: System) -> None:
        found = system.client("lambda").get_function_concurrency(FunctionName=system.outputs["MaskingFunctionName"])
        assert found["ReservedConcurrentExecutions"] == int(system.parameters["MaskingConcurrency"])

    def test_the_masking_writes_to_this_environment_s_database(self, system: System) -> None:
        variables = configuration(system, "MaskingFunctionName")["Environment"]["Variables"]
        assert variables["CLUSTER_ARN"] == system.outputs["DatabaseClusterArn"]
        assert variables["CREDENTIALS_ARN"] == system.outputs["DatabaseSecretArn"]
        assert variables["BUCKET"] == system.outputs["DataBucketName"]
        assert variables["FAILURE_TOPIC"] == system.outputs["AlarmTopicArn"]

    def test_extracts_come_to_the_masking_and_undelivered_events_to_its_queue(self, system: System) -> None:
        name = system.id("ExtractArrived").rpartition("/")[2]
        rule = system.client("events").describe_rule(Name=name)
        assert json.loads(rule["EventPattern"])["detail"]["bucket"]["name"] == [system.outputs["DataBucketName"]]
        (target,) = system.client("events").list_targets_by_rule(Rule=name)["Targets"]
        assert target["Arn"] == system.outputs["MaskingFunctionArn"]
        queue = system.outputs["MaskingDeadLettersUrl"].rpartition("/")[2]
        assert target["DeadLetterConfig"]["Arn"].rpartition(":")[2] == queue

    def test_every_log_group_is_encrypted_and_ends(self, system: System) -> None:
        own = set(system.ids("AWS::Logs::LogGroup"))
        groups = [
            each for each in system.all("logs", "describe_log_groups", "logGroups") if each["logGroupName"] in own
        ]
        assert len(groups) == len(own)
        assert {each["kmsKeyId"] for each in groups} == {system.outputs["LogKeyArn"]}
        assert all(each["retentionInDays"] for each in groups)


class TestBackup:
    """Staging and production only: the others have none, by design."""

    @pytest.fixture
    def plan(self, system: System) -> dict[str, Any]:
        if "BackupPlanId" not in system.outputs:
            pytest.skip("the environment has no backup plan: development and testing keep nothing")
        found = system.client("backup").get_backup_plan(BackupPlanId=system.outputs["BackupPlanId"])
        return dict(found["BackupPlan"])

    def test_there_is_one_each_day_and_one_each_month(self, plan: dict[str, Any], system: System) -> None:
        rules = {rule["RuleName"]: rule for rule in plan["Rules"]}
        assert rules["daily"]["Lifecycle"]["DeleteAfterDays"] == 35
        assert rules["monthly"]["Lifecycle"]["DeleteAfterDays"] == 365
        assert {rule["TargetBackupVaultName"] for rule in plan["Rules"]} == {system.outputs["BackupVaultName"]}

    def test_each_is_copied_to_a_vault_that_is_in_another_region(self, plan: dict[str, Any], system: System) -> None:
        (other,) = {region for region in REGIONS if region != system.region}
        copies = {copy["DestinationBackupVaultArn"] for rule in plan["Rules"] for copy in rule["CopyActions"]}
        (arn,) = copies
        assert arn.split(":")[3] == other
        vault = system.client("backup", other).describe_backup_vault(BackupVaultName=arn.rpartition(":")[2])
        assert vault["BackupVaultArn"] == arn
        assert vault["EncryptionKeyArn"].split(":")[3] == other
        assert vault["Locked"] is True

    @pytest.mark.usefixtures("plan")
    def test_the_vault_has_a_key_of_its_own(self, system: System) -> None:
        found = system.client("backup").describe_backup_vault(BackupVaultName=system.outputs["BackupVaultName"])
        assert found["EncryptionKeyArn"] == system.outputs["BackupKeyArn"]
        assert found["EncryptionKeyArn"] != system.outputs["DataKeyArn"]

    @pytest.mark.usefixtures("plan")
    def test_it_reaches_the_database(self, system: System) -> None:
        found = system.client("cloudcontrol").get_resource(
            TypeName="AWS::Backup::BackupSelection", Identifier=system.id("BackupSelection")
        )
        selection = json.loads(found["ResourceDescription"]["Properties"])["BackupSelection"]
        (wanted,) = selection["ListOfTags"]
        tags = {tag["Key"]: tag["Value"] for tag in cluster(system)["TagList"]}
        assert tags[wanted["ConditionKey"]] == wanted["ConditionValue"]
        assert selection["IamRoleArn"].rpartition("/")[2] == system.id("BackupRole")

    @pytest.mark.usefixtures("plan")
    def test_somebody_is_told_when_one_fails(self, system: System) -> None:
        name = system.outputs["BackupVaultName"]
        found = system.client("backup").get_backup_vault_notifications(BackupVaultName=name)
        assert found["SNSTopicArn"] == system.outputs["AlarmTopicArn"]
        assert {"BACKUP_JOB_FAILED", "COPY_JOB_FAILED"} <= set(found["BackupVaultEvents"])


class TestWhoIsTold:
    def test_every_alarm_tells_the_topic(self, system: System) -> None:
        alarms = system.alarms()
        assert len(alarms) == len(system.ids("AWS::CloudWatch::Alarm"))
        assert {action for alarm in alarms for action in alarm["AlarmActions"]} == {system.outputs["AlarmTopicArn"]}
        assert all(alarm["AlarmActions"] and alarm["ActionsEnabled"] for alarm in alarms)

    @pytest.mark.parametrize(
        ("namespace", "metric"),
        [
            ("AWS/RDS", "CPUUtilization"),
            ("AWS/RDS", "FreeableMemory"),
            ("AWS/RDS", "DatabaseConnections"),
            ("AWS/RDS", "AuroraReplicaLag"),
            ("AWS/ElastiCache", "EngineCPUUtilization"),
            ("AWS/ElastiCache", "Evictions"),
            ("AWS/Lambda", "Errors"),
            ("AWS/Lambda", "Throttles"),
            ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
            ("StagingSaas/Masking", "BatchesFailed"),
        ],
    )
    def test_what_can_go_wrong_has_an_alarm(self, system: System, namespace: str, metric: str) -> None:
        found = [each for each in system.watched() if (each["Namespace"], each["MetricName"]) == (namespace, metric)]
        suffix = system.parameters["EnvironmentSuffix"]
        assert found
        assert all(suffix in dimension["Value"] for each in found for dimension in each["Dimensions"])

    def test_somebody_is_told_by_mail(self, system: System) -> None:
        found = system.client("sns").list_subscriptions_by_topic(TopicArn=system.outputs["AlarmTopicArn"])
        mails = [each["Endpoint"] for each in found["Subscriptions"] if each["Protocol"] == "email"]
        assert mails == [system.parameters["NotificationEmail"]]

    def test_the_dashboard_shows_this_environment(self, system: System) -> None:
        found = system.client("cloudwatch").get_dashboard(DashboardName=system.outputs["DashboardName"])
        widgets = json.loads(found["DashboardBody"])["widgets"]
        shown = {value for widget in widgets for metric in widget["properties"]["metrics"] for value in metric[:4]}
        assert {system.id("DatabaseWriter"), system.id("DatabaseReader")} <= shown
        assert system.outputs["MaskingFunctionName"] in shown

    def test_the_budget_is_what_was_asked_for_and_tells_before_it_is_spent(self, system: System) -> None:
        budgets = system.client("budgets", "us-east-1")
        by = {"AccountId": system.account, "BudgetName": system.id("Budget")}
        found = budgets.describe_budget(**by)["Budget"]
        assert float(found["BudgetLimit"]["Amount"]) == float(system.parameters["MonthlyBudget"])
        notices = budgets.describe_notifications_for_budget(**by)["Notifications"]
        assert {notice["NotificationType"] for notice in notices} == {"ACTUAL", "FORECASTED"}


class TestPeople:
    @pytest.mark.parametrize("role", ROLES)
    def test_a_role_asks_for_a_second_factor_of_today(self, system: System, role: str) -> None:
        found = system.client("iam").get_role(RoleName=system.outputs[f"{role}RoleArn"].rpartition("/")[2])["Role"]
        (statement,) = found["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Condition"]["Bool"] == {"aws:MultiFactorAuthPresent": "true"}
        assert int(statement["Condition"]["NumericLessThan"]["aws:MultiFactorAuthAge"]) == ROLES[role]
        assert found["MaxSessionDuration"] == ROLES[role]

    def test_each_role_may_do_all_that_the_one_before_may_and_more(self, system: System) -> None:
        developer, devops, admin = (allowed(system, role) for role in ROLES)
        assert developer < devops < admin

    def test_a_developer_changes_nothing(self, system: System) -> None:
        verbs = {action.partition(":")[2] for action in allowed(system, "Developer")}
        assert all(verb.startswith(("Get", "Describe", "Filter", "BatchGet")) for verb in verbs)

    @pytest.mark.parametrize("role", ROLES)
    def test_no_role_may_do_everything_of_a_service(self, system: System, role: str) -> None:
        assert not [action for action in allowed(system, role) if "*" in action]


def allowed(system: System, role: str) -> set[str]:
    """The actions that a role's policy allows."""
    name = system.outputs[f"{role}RoleArn"].rpartition("/")[2]
    policy = system.client("iam").get_role_policy(RoleName=name, PolicyName=role.lower())["PolicyDocument"]
    listed = [statement["Action"] for statement in policy["Statement"]]
    return {action for each in listed for action in ([each] if isinstance(each, str) else each)}


class TestKeys:
    @pytest.mark.parametrize("key", ["DataKeyArn", "LogKeyArn", "BackupKeyArn"])
    def test_a_key_is_the_customer_s_and_rotates(self, system: System, key: str) -> None:
        if key not in system.outputs:
            pytest.skip("development and testing have no backups, and no key of theirs")
        kms = system.client("kms")
        assert kms.describe_key(KeyId=system.outputs[key])["KeyMetadata"]["KeyManager"] == "CUSTOMER"
        assert kms.get_key_rotation_status(KeyId=system.outputs[key])["KeyRotationEnabled"] is True
        assert kms.list_aliases(KeyId=system.outputs[key])["Aliases"]
