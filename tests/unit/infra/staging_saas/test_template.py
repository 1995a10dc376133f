"""What the template declares, in every environment and for every choice of parameters."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra_checks.template.load import load_template
from infra_checks.testing import DeclaredResource, DeclaredStack, declared_stack

FOLDER = Path("infra/staging_saas")
ENVIRONMENTS = ("development", "testing", "staging", "production")
KEPT = ("staging", "production")
REMOVED = ("development", "testing")
TAGS = ["Project", "Owner", "CostCenter", "Environment", "ManagedBy"]
NO_TAGS = {
    "AWS::Backup::BackupSelection",
    "AWS::CloudFormation::Stack",
    "AWS::Config::ConfigRule",
    "AWS::Config::ConfigurationRecorder",
    "AWS::Config::DeliveryChannel",
    "AWS::EC2::Route",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::KMS::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Permission",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
}


@cache
def stack(environment: str, **choices: str) -> DeclaredStack:
    return declared_stack(
        FOLDER / "template.yaml", {"AWS::Region": "us-west-2"}, EnvironmentName=environment, **choices
    )


@pytest.fixture(params=ENVIRONMENTS)
def each(request: pytest.FixtureRequest) -> DeclaredStack:
    """The stack in each environment."""
    return stack(request.param)


@pytest.fixture
def staging() -> DeclaredStack:
    return stack("staging")


def tags_of(resource: DeclaredResource) -> dict[str, Any]:
    properties = resource.properties
    tags = properties.get("Tags") or properties.get("ResourceTags")
    if tags is None:
        maps = [value for name, value in properties.items() if name.endswith("Tags")]
        return dict(maps[0]) if maps else {}
    return {tag["Key"]: tag["Value"] for tag in tags}


def statements(resource: DeclaredResource) -> list[dict[str, Any]]:
    """The statements of an identity's own policies."""
    return [
        statement
        for policy in resource.properties.get("Policies", [])
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


class TestWhole:
    def test_it_has_the_resources_and_services_of_a_production_system(self, each: DeclaredStack) -> None:
        assert len(each.resources) >= 48
        assert len({resource.type.split("::")[1] for resource in each}) >= 14

    def test_everything_that_takes_tags_has_them(self, each: DeclaredStack) -> None:
        bare = [one.logical_id for one in each if one.type not in NO_TAGS and not set(TAGS) <= set(tags_of(one))]
        assert bare == []

    def test_the_environment_is_in_its_tag(self, each: DeclaredStack) -> None:
        told = {tags_of(one)["Environment"] for one in each if one.type not in NO_TAGS}
        assert told == {each.parameters["EnvironmentName"]}

    def test_every_output_is_exported_with_the_suffix(self, each: DeclaredStack) -> None:
        assert len(each.outputs) >= 18
        assert len(each.exports) == len(each.outputs)
        assert all(name.startswith("staging-saas-staging-") for name in each.exports)

    def test_physical_names_have_the_suffix(self) -> None:
        renamed = stack("staging", EnvironmentSuffix="other")
        names = [
            (one.logical_id, value)
            for one in renamed
            for name, value in one.properties.items()
            if name in {f"{one.type.rsplit('::', 1)[1]}Name", "Name", "AliasName", "AlarmName", "RoleName"}
        ]
        assert len(names) > 30
        assert [
            name for name in names if "other" not in json.dumps(name[1]) and "staging-saas" in json.dumps(name[1])
        ] == []

    @pytest.mark.parametrize("region", ["us-east-1", "us-west-2"])
    def test_no_region_account_or_partition_is_written_down(self, region: str) -> None:
        text = (FOLDER / "template.yaml").read_text("utf-8")
        resources = text[text.index("\nResources:") : text.index("\nOutputs:")]
        assert region not in resources
        assert "arn:aws:" not in resources

    def test_every_parameter_is_constrained_and_described(self) -> None:
        text = (FOLDER / "template.yaml").read_text("utf-8")
        section = text[text.index("\nParameters:") : text.index("\nMappings:")]
        for name, parameter in yaml.safe_load(section)["Parameters"].items():
            assert parameter.get("Description"), name
            assert parameter.get("ConstraintDescription"), name
            assert {"AllowedValues", "AllowedPattern", "MinValue"} & set(parameter), name

    def test_parameter_files_name_parameters_of_the_template(self) -> None:
        parameters = load_template(FOLDER / "template.yaml").parameters
        for file in sorted((FOLDER / "parameters").glob("*.json")):
            given = {row["ParameterKey"]: row["ParameterValue"] for row in json.loads(file.read_text("utf-8"))}
            assert given["EnvironmentName"] == file.stem
            assert set(given) <= set(parameters)


class TestKeys:
    @pytest.mark.parametrize("key", ["DataKey", "LogKey", "BackupKey"])
    def test_keys_rotate_and_have_an_alias(self, each: DeclaredStack, key: str) -> None:
        assert each[key].properties["EnableKeyRotation"] is True
        assert each[f"{key}Alias"].properties["TargetKeyId"] == {"Ref": key}

    @pytest.mark.parametrize("key", ["DataKey", "LogKey", "BackupKey"])
    def test_no_key_policy_allows_everything(self, each: DeclaredStack, key: str) -> None:
        for statement in each.get(key, "Properties.KeyPolicy.Statement"):
            assert "kms:*" not in listed(statement["Action"])
            assert statement["Principal"] != "*"

    @pytest.mark.parametrize("key", ["DataKey", "LogKey", "BackupKey"])
    def test_using_a_key_is_limited_by_a_condition(self, each: DeclaredStack, key: str) -> None:
        for statement in each.get(key, "Properties.KeyPolicy.Statement"):
            if "kms:Decrypt" in listed(statement["Action"]):
                assert statement["Condition"], statement["Sid"]


class TestNetwork:
    @pytest.mark.parametrize("tier", ["Public", "Private", "Isolated"])
    def test_each_tier_is_in_two_zones(self, each: DeclaredStack, tier: str) -> None:
        zones = [each.get(f"{tier}Subnet{letter}", "Properties.AvailabilityZone") for letter in "AB"]
        assert zones[0] != zones[1]

    def test_subnets_do_not_overlap_and_give_out_no_addresses(self, each: DeclaredStack) -> None:
        subnets = each.of_type("AWS::EC2::Subnet").values()
        blocks = [json.dumps(subnet.properties["CidrBlock"]) for subnet in subnets]
        assert len(set(blocks)) == 6
        assert not any(subnet.properties["MapPublicIpOnLaunch"] for subnet in subnets)

    @pytest.mark.parametrize("letter", ["A", "B"])
    def test_each_private_subnet_leaves_by_the_nat_gateway_of_its_zone(self, each: DeclaredStack, letter: str) -> None:
        assert each.get(f"PrivateDefaultRoute{letter}", "Properties.NatGatewayId") == {"Ref": f"NatGateway{letter}"}
        assert each.get(f"NatGateway{letter}", "Properties.SubnetId") == {"Ref": f"PublicSubnet{letter}"}

    def test_isolated_subnets_lead_nowhere(self, each: DeclaredStack) -> None:
        routes = each.of_type("AWS::EC2::Route").values()
        assert {"Ref": "IsolatedRoutes"} not in [route.properties["RouteTableId"] for route in routes]

    def test_all_traffic_is_recorded(self, each: DeclaredStack) -> None:
        assert each.get("FlowLog", "Properties.TrafficType") == "ALL"
        assert each.get("FlowLog", "Properties.ResourceId") == {"Ref": "Vpc"}

    def test_nobody_comes_in_by_address(self, each: DeclaredStack) -> None:
        for group in each.of_type("AWS::EC2::SecurityGroup").values():
            for entry in group.properties.get("SecurityGroupIngress", []):
                assert "SourceSecurityGroupId" in entry
                assert not {"CidrIp", "CidrIpv6"} & set(entry)

    def test_nothing_goes_out_to_every_address(self, each: DeclaredStack) -> None:
        for group in each.of_type("AWS::EC2::SecurityGroup").values():
            assert group.properties["SecurityGroupEgress"], group.logical_id
            for entry in group.properties["SecurityGroupEgress"]:
                assert entry.get("CidrIp") in {None, "127.0.0.1/32"}

    def test_the_database_is_for_the_application_servers_only(self, each: DeclaredStack) -> None:
        (entry,) = each.get("DatabaseSecurityGroup", "Properties.SecurityGroupIngress")
        assert entry["SourceSecurityGroupId"] == {"Fn::GetAtt": ["ApplicationSecurityGroup", "GroupId"]}
        assert entry["FromPort"] == entry["ToPort"] == each.get("DatabaseCluster", "Properties.Port")

    def test_the_cache_is_for_the_application_servers_only(self, each: DeclaredStack) -> None:
        (entry,) = each.get("CacheSecurityGroup", "Properties.SecurityGroupIngress")
        assert entry["SourceSecurityGroupId"] == {"Fn::GetAtt": ["ApplicationSecurityGroup", "GroupId"]}
        assert entry["FromPort"] == each.get("Cache", "Properties.Port")

    def test_endpoints_let_the_masking_role_in_only(self, each: DeclaredStack) -> None:
        endpoints = each.of_type("AWS::EC2::VPCEndpoint").values()
        assert len(endpoints) == 4
        for endpoint in endpoints:
            (statement,) = endpoint.properties["PolicyDocument"]["Statement"]
            assert statement["Principal"] == {"AWS": {"Fn::GetAtt": ["MaskingRole", "Arn"]}}


class TestDatabase:
    def test_writer_and_reader_are_in_different_zones(self, each: DeclaredStack) -> None:
        zones = [each.get(name, "Properties.AvailabilityZone") for name in ("DatabaseWriter", "DatabaseReader")]
        assert zones[0] != zones[1]

    def test_storage_insights_and_secret_have_the_data_key(self, each: DeclaredStack) -> None:
        key = {"Fn::GetAtt": ["DataKey", "Arn"]}
        assert each["DatabaseCluster"].properties["StorageEncrypted"] is True
        assert each.get("DatabaseCluster", "Properties.KmsKeyId") == key
        assert each.get("DatabaseCluster", "Properties.MasterUserSecret.KmsKeyId") == key
        assert each.get("DatabaseReader", "Properties.PerformanceInsightsKMSKeyId") == key

    def test_no_password_is_anywhere(self, each: DeclaredStack) -> None:
        assert each["DatabaseCluster"].properties["ManageMasterUserPassword"] is True
        assert "MasterUserPassword" not in each["DatabaseCluster"].properties

    @pytest.mark.parametrize(("version", "major"), [("16.8", "16"), ("16.9", "16"), ("17.4", "17"), ("17.5", "17")])
    def test_the_parameter_group_is_of_the_version(self, version: str, major: str) -> None:
        declared = stack("staging", DatabaseEngineVersion=version)
        group = declared.get("DatabaseCluster", "Properties.DBClusterParameterGroupName")["Ref"]
        assert declared[group].properties["Family"] == f"aurora-postgresql{major}"
        assert declared[group].properties["Parameters"]["rds.force_ssl"] == "1"

    @pytest.mark.parametrize("environment", KEPT)
    def test_it_survives_the_stack_where_data_counts(self, environment: str) -> None:
        cluster = stack(environment)["DatabaseCluster"]
        assert (cluster.deletion_policy, cluster.update_replace_policy) == ("Snapshot", "Snapshot")
        assert cluster.properties["DeletionProtection"] is True
        assert cluster.properties["DeleteAutomatedBackups"] is False

    @pytest.mark.parametrize("environment", REMOVED)
    def test_it_goes_with_the_stack_elsewhere(self, environment: str) -> None:
        cluster = stack(environment)["DatabaseCluster"]
        assert cluster.deletion_policy == "Delete"
        assert cluster.properties["DeletionProtection"] is False

    @pytest.mark.parametrize(("environment", "days"), [("development", 1), ("staging", 14), ("production", 35)])
    def test_backups_are_kept_as_long_as_the_environment_asks(self, environment: str, days: int) -> None:
        assert stack(environment).get("DatabaseCluster", "Properties.BackupRetentionPeriod") == days

    def test_it_is_in_isolated_subnets(self, each: DeclaredStack) -> None:
        subnets = each.get("DatabaseSubnets", "Properties.SubnetIds")
        assert subnets == [{"Ref": "IsolatedSubnetA"}, {"Ref": "IsolatedSubnetB"}]

    def test_its_logs_are_exported_to_a_group_that_is_encrypted_and_ends(self, each: DeclaredStack) -> None:
        assert each["DatabaseCluster"].properties["EnableCloudwatchLogsExports"] == ["postgresql"]
        assert each.get("DatabaseLogGroup", "Properties.KmsKeyId") == {"Fn::GetAtt": ["LogKey", "Arn"]}


class TestCache:
    def test_it_is_encrypted_both_ways_and_asks_for_a_token(self, each: DeclaredStack) -> None:
        cache_ = each["Cache"].properties
        assert (cache_["AtRestEncryptionEnabled"], cache_["TransitEncryptionEnabled"]) == (True, True)
        assert cache_["TransitEncryptionMode"] == "required"
        assert "resolve:secretsmanager" in json.dumps(cache_["AuthToken"])

    def test_it_fails_over_to_another_zone(self, each: DeclaredStack) -> None:
        cache_ = each["Cache"].properties
        assert (cache_["AutomaticFailoverEnabled"], cache_["MultiAZEnabled"], cache_["NumCacheClusters"]) == (
            True,
            True,
            2,
        )

    @pytest.mark.parametrize(("environment", "days"), [("development", 1), ("staging", 7), ("production", 14)])
    def test_its_snapshots_are_kept(self, environment: str, days: int) -> None:
        assert stack(environment).get("Cache", "Properties.SnapshotRetentionLimit") == days


class TestBuckets:
    @pytest.mark.parametrize("name", ["DataBucket", "LogBucket"])
    def test_nothing_is_public_and_versions_are_kept(self, each: DeclaredStack, name: str) -> None:
        assert set(each.get(name, "Properties.PublicAccessBlockConfiguration").values()) == {True}
        assert each.get(name, "Properties.VersioningConfiguration.Status") == "Enabled"

    @pytest.mark.parametrize("name", ["DataBucket", "LogBucket"])
    def test_plain_http_is_denied(self, each: DeclaredStack, name: str) -> None:
        statement = each.get(f"{name}Policy", "Properties.PolicyDocument.Statement[0]")
        assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}

    def test_extracts_move_to_cheaper_storage_and_end(self, each: DeclaredStack) -> None:
        tier, end = each.get("DataBucket", "Properties.LifecycleConfiguration.Rules")
        assert tier["Transitions"][0]["StorageClass"] == "INTELLIGENT_TIERING"
        assert end["ExpirationInDays"] > 0
        assert end["AbortIncompleteMultipartUpload"]

    def test_extracts_are_encrypted_with_the_data_key(self, each: DeclaredStack) -> None:
        default = each.get("DataBucket", "Properties.BucketEncryption.ServerSideEncryptionConfiguration[0]")
        assert default["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] == {"Fn::GetAtt": ["DataKey", "Arn"]}

    @pytest.mark.parametrize("environment", ENVIRONMENTS)
    def test_data_is_kept_where_it_counts(self, environment: str) -> None:
        wanted = "Retain" if environment in KEPT else "Delete"
        assert stack(environment)["DataBucket"].deletion_policy == wanted


class TestMasking:
    def test_it_is_called_for_each_new_extract(self, each: DeclaredStack) -> None:
        pattern = each.get("ExtractArrived", "Properties.EventPattern")
        assert pattern["detail"] == {
            "bucket": {"name": [{"Ref": "DataBucket"}]},
            "object": {"key": [{"prefix": "incoming/"}]},
        }
        assert each.get("ExtractArrived", "Properties.Targets[0].Arn") == {"Fn::GetAtt": ["MaskingFunction", "Arn"]}
        assert each.get("MaskingPermission", "Properties.SourceArn") == {"Fn::GetAtt": ["ExtractArrived", "Arn"]}

    def test_what_fails_is_kept_and_told(self, each: DeclaredStack) -> None:
        queue = {"Fn::GetAtt": ["MaskingDeadLetters", "Arn"]}
        assert each.get("MaskingFunction", "Properties.DeadLetterConfig.TargetArn") == queue
        assert each.get("ExtractArrived", "Properties.Targets[0].DeadLetterConfig.Arn") == queue
        assert each.get("MaskingFunction", "Properties.Environment.Variables.FAILURE_TOPIC") == {"Ref": "Alarms"}

    def test_it_is_traced_limited_and_has_a_log_group_of_its_own(self, each: DeclaredStack) -> None:
        function = each["MaskingFunction"]
        assert function.properties["TracingConfig"] == {"Mode": "Active"}
        assert function.properties["ReservedConcurrentExecutions"] == "5"
        assert function.depends_on == ["MaskingLogGroup"]

    def test_its_variables_are_those_the_code_reads(self, each: DeclaredStack) -> None:
        code = "".join(file.read_text("utf-8") for file in (FOLDER / "functions/masking").glob("*.py"))
        for name in each.get("MaskingFunction", "Properties.Environment.Variables"):
            assert f'"{name}"' in code

    def test_its_role_names_what_it_touches(self, each: DeclaredStack) -> None:
        wide = [one["Sid"] for one in statements(each["MaskingRole"]) if "*" in listed(one["Resource"])]
        assert wide == ["Trace"]


class TestBackups:
    def test_database_and_extracts_are_selected_by_their_tag(self, each: DeclaredStack) -> None:
        (condition,) = each.get("BackupSelection", "Properties.BackupSelection.ListOfTags")
        for name in ("DatabaseCluster", "DataBucket"):
            assert tags_of(each[name])[condition["ConditionKey"]] == condition["ConditionValue"]

    def test_every_backup_is_copied_to_another_region(self, each: DeclaredStack) -> None:
        for one in each.get("BackupPlan", "Properties.BackupPlan.BackupPlanRule"):
            assert ":us-east-1:" in json.dumps(one["CopyActions"][0]["DestinationBackupVaultArn"])

    def test_cold_storage_lasts_the_ninety_days_that_aws_asks_for(self, each: DeclaredStack) -> None:
        for one in each.get("BackupPlan", "Properties.BackupPlan.BackupPlanRule"):
            for lifecycle in (one["Lifecycle"], one["CopyActions"][0]["Lifecycle"]):
                cold = lifecycle.get("MoveToColdStorageAfterDays")
                assert cold is None or lifecycle["DeleteAfterDays"] >= cold + 90

    def test_the_vault_has_a_key_of_its_own(self, each: DeclaredStack) -> None:
        assert each.get("BackupVault", "Properties.EncryptionKeyArn") == {"Fn::GetAtt": ["BackupKey", "Arn"]}

    def test_the_second_vault_has_the_name_that_the_plan_copies_to(self) -> None:
        copies = declared_stack(FOLDER / "copies.yaml", EnvironmentName="staging")
        plan = json.dumps(stack("staging").get("BackupPlan", "Properties.BackupPlan"))
        assert f"backup-vault:{copies.get('CopyVault', 'Properties.BackupVaultName')}" in plan


class TestConfig:
    def test_nothing_is_recorded_unless_asked_for(self, each: DeclaredStack) -> None:
        assert [one for one in each if one.type.startswith("AWS::Config::")] == []

    def test_recorder_and_rules_are_separate_choices(self) -> None:
        recording = stack("staging", EnableConfigRecorder="true").of_type("AWS::Config::ConfigurationRecorder")
        rules = stack("staging", EnableConfigRules="true").of_type("AWS::Config::ConfigRule")
        assert list(recording) == ["ConfigRecorder"]
        assert {rule.get("Properties.Source.SourceIdentifier") for rule in rules.values()} >= {
            "RDS_STORAGE_ENCRYPTED",
            "INCOMING_SSH_DISABLED",
        }


class TestAlarms:
    def test_each_has_an_action(self, each: DeclaredStack) -> None:
        for alarm in each.of_type("AWS::CloudWatch::Alarm").values():
            assert alarm.properties["AlarmActions"] == [{"Ref": "Alarms"}]

    def test_they_watch_database_cache_function_queue_and_backups(self, each: DeclaredStack) -> None:
        metrics = {alarm.properties["MetricName"] for alarm in each.of_type("AWS::CloudWatch::Alarm").values()}
        assert metrics >= {
            "AuroraReplicaLag",
            "CPUUtilization",
            "DatabaseConnections",
            "DatabaseMemoryUsagePercentage",
            "Errors",
            "NumberOfBackupJobsFailed",
            "ApproximateNumberOfMessagesVisible",
        }

    def test_the_dashboard_is_json(self, each: DeclaredStack) -> None:
        body = each.get("Dashboard", "Properties.DashboardBody")
        pieces = body["Fn::Join"][1]
        assert len(json.loads("".join(piece if isinstance(piece, str) else "x" for piece in pieces))["widgets"]) == 4

    def test_the_budget_tells_at_80_percent_and_of_what_is_foreseen(self, each: DeclaredStack) -> None:
        told = each.get("Budget", "Properties.NotificationsWithSubscribers")
        assert [(one["Notification"]["NotificationType"], one["Notification"]["Threshold"]) for one in told] == [
            ("ACTUAL", 80),
            ("FORECASTED", 100),
        ]


@pytest.mark.parametrize("role", ["DeveloperRole", "DevOpsRole", "AdminRole"])
class TestPeople:
    def test_a_second_factor_is_needed(self, each: DeclaredStack, role: str) -> None:
        (trust,) = each.get(role, "Properties.AssumeRolePolicyDocument.Statement")
        assert trust["Condition"]["Bool"] == {"aws:MultiFactorAuthPresent": "true"}

    def test_no_action_is_a_wildcard(self, each: DeclaredStack, role: str) -> None:
        actions = [action for one in statements(each[role]) for action in listed(one["Action"])]
        assert [action for action in actions if "*" in action] == []

    def test_only_actions_without_resources_are_for_all(self, each: DeclaredStack, role: str) -> None:
        wide = [one["Sid"] for one in statements(each[role]) if "*" in listed(one["Resource"])]
        assert wide == ["SeeHowItRuns"]


def test_each_tier_can_do_what_the_one_below_can(staging: DeclaredStack) -> None:
    tiers = [
        {action for one in statements(staging[role]) for action in listed(one["Action"])}
        for role in ("DeveloperRole", "DevOpsRole", "AdminRole")
    ]
    assert tiers[0] < tiers[1] < tiers[2]
    assert not [action for action in tiers[0] if action.split(":")[1].startswith(("Put", "Delete", "Create"))]
