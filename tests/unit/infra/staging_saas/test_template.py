"""What the staging environment's template asks for, in each environment."""

from __future__ import annotations

import ast
import json
import re
from datetime import date
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from masking import handler as masking

from infra_checks.api import Request, check
from infra_checks.core.finding import Effect, Outcome, Severity
from infra_checks.template.load import load_template
from infra_checks.testing import DeclaredStack, declared_stack

FOLDER = Path("infra/staging_saas")
TEMPLATE = FOLDER / "template.yaml"
COPIES = FOLDER / "copies.yaml"
ENVIRONMENTS = ("development", "testing", "staging", "production")
KEPT = ("AWS::KMS::Key", "AWS::Logs::LogGroup", "AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SecretsManager::Secret")
PEOPLE = ("DeveloperRole", "DevOpsRole", "AdminRole")
TAGS = {"Project", "Owner", "CostCenter", "Environment", "ManagedBy"}
TAGLESS = {
    "AWS::Backup::BackupSelection",
    "AWS::Config::ConfigRule",
    "AWS::Config::ConfigurationRecorder",
    "AWS::Config::DeliveryChannel",
    "AWS::EC2::Route",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::KMS::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Permission",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::SecretsManager::RotationSchedule",
}
"""Types that AWS gives no tags, or CloudFormation sets none of."""


def values_of(environment: str) -> dict[str, str]:
    entries = json.loads((FOLDER / "parameters" / f"{environment}.json").read_text("utf-8"))
    return {entry["ParameterKey"]: entry["ParameterValue"] for entry in entries}


@cache
def stack_of(environment: str, **more: str) -> DeclaredStack:
    """The stack that an environment's parameter file asks for."""
    return declared_stack(TEMPLATE, {"AWS::Region": "us-west-2", **values_of(environment), **more})


@pytest.fixture(params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def stack(environment: str) -> DeclaredStack:
    return stack_of(environment)


@pytest.fixture(scope="module")
def production() -> DeclaredStack:
    return stack_of("production")


def listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(stack: DeclaredStack, role: str) -> dict[str, dict[str, Any]]:
    """The statements of a role's own policy, by Sid."""
    (policy,) = stack.get(role, "Properties.Policies")
    return {each["Sid"]: each for each in policy["PolicyDocument"]["Statement"] if each}


def allowed(stack: DeclaredStack, role: str) -> set[str]:
    """The actions that a role's own policy allows."""
    found = statements(stack, role).values()
    return {action for each in found if each["Effect"] == "Allow" for action in listed(each["Action"])}


class TestExtent:
    def test_there_are_48_resources_of_14_services_at_least(self, stack: DeclaredStack) -> None:
        assert len(stack.resources) >= 48
        assert len({each.type.split("::")[1] for each in stack}) >= 14

    def test_there_are_18_outputs_at_least_each_exported_under_a_name_with_the_suffix(
        self, stack: DeclaredStack
    ) -> None:
        assert len(stack.outputs) >= 18
        assert len(stack.exports) == len(stack.outputs)
        suffix = stack.parameters["EnvironmentSuffix"]
        assert all(name.startswith(f"staging-saas-{suffix}-") for name in stack.exports)

    def test_every_taggable_resource_has_the_five_tags(self, stack: DeclaredStack) -> None:
        for each in stack:
            names = {"AWS::Backup::BackupPlan": "BackupPlanTags", "AWS::Backup::BackupVault": "BackupVaultTags"}
            names["AWS::Budgets::Budget"] = "ResourceTags"
            tags = each.properties.get(names.get(each.type, "Tags"))
            if each.type not in TAGLESS:
                assert tags, each.logical_id
                keys = set(tags) if isinstance(tags, dict) else {tag["Key"] for tag in tags}
                assert keys >= TAGS, each.logical_id

    def test_two_stacks_of_an_account_share_no_name(self) -> None:
        one, other = (json.dumps(names(stack_of("staging", EnvironmentSuffix=suffix))) for suffix in ("one-1", "two-2"))
        assert one.replace("one-1", "two-2") == other
        assert not set(json.loads(one).values()) & set(json.loads(other).values())


def names(stack: DeclaredStack) -> dict[str, str]:
    """The physical names that the template gives, by resource."""
    found = {}
    for each in stack:
        for name, value in each.properties.items():
            if re.fullmatch(r".*(Name|Identifier|GroupId|AliasName)", name) and "staging-saas" in json.dumps(value):
                found[f"{each.logical_id}.{name}"] = json.dumps(value)
    return found


class TestParameters:
    def test_each_environment_gives_every_parameter_a_value(self, environment: str) -> None:
        assert list(values_of(environment)) == list(load_template(TEMPLATE).parameters)

    def test_values_keep_the_constraints(self, environment: str) -> None:
        for name, parameter in load_template(TEMPLATE).parameters.items():
            value = values_of(environment)[name]
            assert value in (parameter.allowed or [value])
            assert re.fullmatch(parameter.allowed_pattern or ".*", value), name

    def test_environments_have_networks_that_do_not_overlap(self) -> None:
        networks = [ip_network(values_of(each)["VpcCidr"]) for each in ENVIRONMENTS]
        assert not [1 for one in networks for other in networks if one is not other and one.overlaps(other)]

    def test_nothing_but_copies_is_expected_of_another_region(self) -> None:
        copies = declared_stack(COPIES, EnvironmentName="staging", EnvironmentSuffix="one-1")
        assert {each.type for each in copies} == {
            "AWS::Backup::BackupVault",
            "AWS::IAM::ManagedPolicy",
            "AWS::KMS::Alias",
            "AWS::KMS::Key",
        }


class TestKeeping:
    def test_staging_and_production_keep_their_data_and_others_leave_nothing(
        self, stack: DeclaredStack, environment: str
    ) -> None:
        expected = "Retain" if environment in {"staging", "production"} else "Delete"
        kept = stack.of_type(*KEPT).values()
        assert {each.deletion_policy for each in kept} == {each.update_replace_policy for each in kept} == {expected}

    @pytest.mark.parametrize("store", ["DatabaseCluster", "Cache"])
    def test_databases_leave_a_snapshot_where_data_is_kept(
        self, stack: DeclaredStack, environment: str, store: str
    ) -> None:
        expected = "Snapshot" if environment in {"staging", "production"} else "Delete"
        assert (stack[store].deletion_policy, stack[store].update_replace_policy) == (expected, expected)

    def test_the_cluster_is_protected_where_data_is_kept(self, stack: DeclaredStack, environment: str) -> None:
        kept = environment in {"staging", "production"}
        cluster = stack["DatabaseCluster"].properties
        assert (cluster["DeletionProtection"], cluster["DeleteAutomatedBackups"]) == (kept, not kept)

    @pytest.mark.parametrize(
        ("name", "days"), [("development", 7), ("testing", 7), ("staging", 90), ("production", 365)]
    )
    def test_every_log_group_ends_its_lines_after_the_days_of_its_environment(self, name: str, days: int) -> None:
        groups = stack_of(name).of_type("AWS::Logs::LogGroup")
        assert {int(group.properties["RetentionInDays"]) for group in groups.values()} == {days}

    def test_what_is_not_masked_ends_within_a_week_everywhere(self, stack: DeclaredStack) -> None:
        rules = {rule["Id"]: rule for rule in stack.get("DataBucket", "Properties.LifecycleConfiguration.Rules")}
        raw = rules["end-what-is-not-masked"]
        assert raw["Prefix"] == "incoming/"
        assert int(raw["ExpirationInDays"]) <= 7
        assert raw["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}

    def test_what_is_masked_is_tiered_and_ends_too(self, stack: DeclaredStack) -> None:
        rules = {rule["Id"]: rule for rule in stack.get("DataBucket", "Properties.LifecycleConfiguration.Rules")}
        tiered = rules["tier-and-end-what-is-masked"]
        assert tiered["Transitions"] == [{"StorageClass": "INTELLIGENT_TIERING", "TransitionInDays": 0}]
        assert int(tiered["ExpirationInDays"]) > 0
        assert stack.get("DataBucket", "Properties.IntelligentTieringConfigurations[0].Status") == "Enabled"


class TestNetwork:
    @pytest.mark.parametrize("tier", ["Public", "Private", "Isolated"])
    def test_each_tier_has_a_subnet_in_each_of_two_zones(self, stack: DeclaredStack, tier: str) -> None:
        zones = [stack[f"{tier}Subnet{letter}"].properties["AvailabilityZone"] for letter in "AB"]
        assert [zone["Fn::Select"][0] for zone in zones] == [0, 1]
        assert all("Fn::GetAZs" in zone["Fn::Select"][1] for zone in zones)

    def test_subnets_do_not_overlap_and_lie_in_the_network(self, stack: DeclaredStack) -> None:
        blocks = [each.properties["CidrBlock"] for each in stack.of_type("AWS::EC2::Subnet").values()]
        assert len(blocks) == len({json.dumps(block) for block in blocks}) == 6

    def test_no_subnet_gives_public_addresses(self, stack: DeclaredStack) -> None:
        subnets = stack.of_type("AWS::EC2::Subnet").values()
        assert {each.properties["MapPublicIpOnLaunch"] for each in subnets} == {False}

    def test_the_isolated_tier_has_no_way_out(self, stack: DeclaredStack) -> None:
        routes = stack.of_type("AWS::EC2::Route").values()
        assert {"Ref": "IsolatedRoutes"} not in [each.properties["RouteTableId"] for each in routes]

    @pytest.mark.parametrize("zone", ["A", "B"])
    def test_a_private_subnet_goes_out_through_the_nat_gateway_of_its_zone(
        self, stack: DeclaredStack, zone: str
    ) -> None:
        assert stack[f"RoutesOfPrivateSubnet{zone}"].properties["RouteTableId"] == {"Ref": f"PrivateRoutes{zone}"}
        assert stack[f"PrivateDefaultRoute{zone}"].properties["NatGatewayId"] == {"Ref": f"NatGateway{zone}"}
        assert stack[f"NatGateway{zone}"].properties["SubnetId"] == {"Ref": f"PublicSubnet{zone}"}

    def test_no_security_group_knows_an_address_of_the_internet(self, stack: DeclaredStack) -> None:
        groups = json.dumps([each.properties for each in stack if each.type.startswith("AWS::EC2::SecurityGroup")])
        assert set(re.findall(r'"CidrIp": "([^"]*)"', groups)) == {"127.0.0.1/32"}

    def test_only_application_servers_reach_the_database(self, stack: DeclaredStack) -> None:
        (rule,) = stack["DatabaseSecurityGroup"].properties["SecurityGroupIngress"]
        assert rule["SourceSecurityGroupId"] == {"Fn::GetAtt": ["ApplicationSecurityGroup", "GroupId"]}
        extra = stack.of_type("AWS::EC2::SecurityGroupIngress").values()
        assert {"Fn::GetAtt": ["DatabaseSecurityGroup", "GroupId"]} not in [x.properties["GroupId"] for x in extra]

    def test_every_endpoint_says_who_may_do_what_through_it(self, stack: DeclaredStack) -> None:
        endpoints = stack.of_type("AWS::EC2::VPCEndpoint")
        assert len(endpoints) == 5
        for each in endpoints.values():
            for statement in each.get("Properties.PolicyDocument.Statement"):
                assert statement["Condition"], each.logical_id
                assert "*" not in json.dumps(statement["Action"]), each.logical_id

    def test_traffic_is_recorded_completely(self, stack: DeclaredStack) -> None:
        assert stack["FlowLog"].properties["TrafficType"] == "ALL"


class TestEncrypting:
    @pytest.mark.parametrize(
        ("resource", "path"),
        [
            ("DatabaseCluster", "Properties.KmsKeyId"),
            ("DatabaseCluster", "Properties.MasterUserSecret.KmsKeyId"),
            ("DatabaseWriter", "Properties.PerformanceInsightsKMSKeyId"),
            ("DatabaseReader", "Properties.PerformanceInsightsKMSKeyId"),
            ("Cache", "Properties.KmsKeyId"),
            ("CacheToken", "Properties.KmsKeyId"),
            ("MaskingFunction", "Properties.KmsKeyArn"),
            ("RotationFunction", "Properties.KmsKeyArn"),
            ("MaskingDeadLetters", "Properties.KmsMasterKeyId"),
            ("RotationDeadLetters", "Properties.KmsMasterKeyId"),
            ("Alarms", "Properties.KmsMasterKeyId"),
        ],
    )
    def test_data_is_encrypted_with_the_key_of_data(self, stack: DeclaredStack, resource: str, path: str) -> None:
        assert stack.get(resource, path) == {"Fn::GetAtt": ["DataKey", "Arn"]}

    def test_logs_are_encrypted_with_the_key_of_logs(self, stack: DeclaredStack) -> None:
        groups = stack.of_type("AWS::Logs::LogGroup").values()
        assert {json.dumps(each.properties["KmsKeyId"]) for each in groups} == {'{"Fn::GetAtt": ["LogKey", "Arn"]}'}

    def test_keys_are_rotated_and_have_aliases(self, stack: DeclaredStack) -> None:
        keys = stack.of_type("AWS::KMS::Key")
        aliases = [each.properties["TargetKeyId"]["Ref"] for each in stack.of_type("AWS::KMS::Alias").values()]
        assert sorted(aliases) == sorted(keys)
        assert {key.properties["EnableKeyRotation"] for key in keys.values()} == {True}

    def test_administering_a_key_includes_no_use_and_using_it_has_a_condition(self, stack: DeclaredStack) -> None:
        for key in stack.of_type("AWS::KMS::Key").values():
            administration, *use = key.get("Properties.KeyPolicy.Statement")
            assert not {"kms:Decrypt", "kms:Encrypt", "kms:CreateGrant"} & set(administration["Action"])
            assert all(statement["Condition"] for statement in use)
            assert "kms:*" not in json.dumps(key.properties)

    @pytest.mark.parametrize("policy", ["DataBucketPolicy", "MaskingDeadLettersPolicy", "AlarmsPolicy"])
    def test_nothing_is_taken_without_tls(self, stack: DeclaredStack, policy: str) -> None:
        first = stack.get(policy, "Properties.PolicyDocument.Statement[0]")
        assert (first["Effect"], first["Principal"]) == ("Deny", "*")
        assert first["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}

    def test_the_bucket_is_closed_to_the_public(self, stack: DeclaredStack) -> None:
        assert set(stack["DataBucket"].properties["PublicAccessBlockConfiguration"].values()) == {True}


class TestDatabase:
    def test_writer_and_reader_are_in_different_zones(self, stack: DeclaredStack) -> None:
        zones = [stack[name].properties["AvailabilityZone"] for name in ("DatabaseWriter", "DatabaseReader")]
        assert zones[0] != zones[1]

    def test_the_parameter_group_is_of_the_engines_major_version(self, stack: DeclaredStack) -> None:
        group = stack.get("DatabaseCluster", "Properties.DBClusterParameterGroupName")["Ref"]
        major = stack.parameters["DatabaseEngineVersion"].split(".")[0]
        assert stack[group].properties["Family"] == f"aurora-postgresql{major}"
        assert stack[group].properties["Parameters"]["rds.force_ssl"] == "1"

    @pytest.mark.parametrize(("version", "group"), [("16.8", "DatabaseParameters16"), ("17.5", "DatabaseParameters17")])
    def test_another_major_version_takes_another_parameter_group(self, version: str, group: str) -> None:
        stack = stack_of("staging", DatabaseEngineVersion=version)
        assert stack.get("DatabaseCluster", "Properties.DBClusterParameterGroupName") == {"Ref": group}

    def test_no_password_is_in_the_template(self, stack: DeclaredStack) -> None:
        cluster = stack["DatabaseCluster"].properties
        assert cluster["ManageMasterUserPassword"] is True
        assert "MasterUserPassword" not in cluster

    def test_the_log_group_is_there_before_the_cluster_writes_to_it(self, stack: DeclaredStack) -> None:
        assert "DatabaseLogGroup" in stack["DatabaseCluster"].depends_on
        assert stack["DatabaseCluster"].properties["EnableCloudwatchLogsExports"] == ["postgresql"]
        name = stack["DatabaseLogGroup"].properties["LogGroupName"]
        assert name == f"/aws/rds/cluster/{stack['DatabaseCluster'].properties['DBClusterIdentifier']}/postgresql"

    @pytest.mark.parametrize("instance", ["DatabaseWriter", "DatabaseReader"])
    def test_an_instance_is_watched_and_not_public(self, stack: DeclaredStack, instance: str) -> None:
        found = stack[instance].properties
        assert (found["EnablePerformanceInsights"], found["PubliclyAccessible"]) == (True, False)
        assert found["MonitoringInterval"] == 60


class TestCache:
    def test_a_lost_zone_costs_no_cache(self, stack: DeclaredStack) -> None:
        cache = stack["Cache"].properties
        assert (cache["NumCacheClusters"], cache["AutomaticFailoverEnabled"], cache["MultiAZEnabled"]) == (
            2,
            True,
            True,
        )

    def test_the_cache_is_encrypted_both_ways_and_asks_for_a_token(self, stack: DeclaredStack) -> None:
        cache = stack["Cache"].properties
        assert (cache["AtRestEncryptionEnabled"], cache["TransitEncryptionEnabled"]) == (True, True)
        assert cache["TransitEncryptionMode"] == "required"
        assert "resolve:secretsmanager" in json.dumps(cache["AuthToken"])

    def test_the_token_is_changed_every_week_by_the_function(self, stack: DeclaredStack) -> None:
        rotation = stack["CacheTokenRotation"].properties
        assert rotation["RotationLambdaARN"] == {"Fn::GetAtt": ["RotationFunction", "Arn"]}
        assert rotation["RotationRules"]["ScheduleExpression"] == "cron(0 7 ? * MON *)"
        assert rotation["RotateImmediatelyOnUpdate"] is False


class TestFunctions:
    @pytest.mark.parametrize("name", ["MaskingFunction", "RotationFunction"])
    def test_a_function_is_traced_limited_and_loses_nothing(self, stack: DeclaredStack, name: str) -> None:
        function = stack[name].properties
        assert function["TracingConfig"] == {"Mode": "Active"}
        assert int(function["ReservedConcurrentExecutions"]) >= 1
        assert function["DeadLetterConfig"]["TargetArn"]["Fn::GetAtt"][1] == "Arn"

    @pytest.mark.parametrize(
        ("name", "folder"), [("MaskingFunction", "functions/masking"), ("RotationFunction", "functions/rotation")]
    )
    def test_the_handler_is_in_the_folder_that_is_packaged(self, stack: DeclaredStack, name: str, folder: str) -> None:
        module, function = stack[name].properties["Handler"].split(".")
        tree = ast.parse((FOLDER / folder / f"{module}.py").read_text("utf-8"))
        assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}

    @pytest.mark.parametrize(
        ("name", "folder"), [("MaskingFunction", "functions/masking"), ("RotationFunction", "functions/rotation")]
    )
    def test_every_variable_that_the_code_reads_is_set(self, stack: DeclaredStack, name: str, folder: str) -> None:
        code = (FOLDER / folder / "handler.py").read_text("utf-8")
        read = set(re.findall(r'os\.environ\["(\w+)"\]', code))
        assert read <= stack.get(name, "Properties.Environment.Variables").keys()
        assert read

    def test_extracts_that_arrive_start_the_masking(self, stack: DeclaredStack) -> None:
        detail = stack.get("ExtractArrived", "Properties.EventPattern.detail")
        assert detail == {"bucket": {"name": [{"Ref": "DataBucket"}]}, "object": {"key": [{"prefix": "incoming/"}]}}
        assert masking._KEY.pattern.startswith("incoming/")

    def test_masking_can_do_what_it_does_and_no_more(self, production: DeclaredStack) -> None:
        own = {action for action in allowed(production, "MaskingRole") if not action.startswith(("ec2:", "xray:"))}
        assert own == {
            "kms:Decrypt",
            "kms:GenerateDataKey",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
            "rds-data:BatchExecuteStatement",
            "rds-data:BeginTransaction",
            "rds-data:CommitTransaction",
            "rds-data:RollbackTransaction",
            "s3:GetObject",
            "s3:PutObject",
            "secretsmanager:GetSecretValue",
            "sns:Publish",
            "sqs:SendMessage",
        }

    def test_masking_reads_what_came_and_writes_what_is_masked(self, production: DeclaredStack) -> None:
        found = statements(production, "MaskingRole")
        assert json.dumps(found["ReadExtracts"]["Resource"]).endswith('"/incoming/*"]]}')
        assert json.dumps(found["WriteMaskedExtracts"]["Resource"]).endswith('"/masked/*"]]}')

    def test_the_metric_of_the_alarm_is_the_one_that_the_code_writes(self, stack: DeclaredStack) -> None:
        alarm = stack["MaskingBatchesFailedAlarm"].properties
        assert alarm["Namespace"] == masking.NAMESPACE
        assert alarm["Dimensions"] == [{"Name": "Environment", "Value": stack.parameters["EnvironmentSuffix"]}]


class TestBackups:
    @pytest.mark.parametrize("name", ["staging", "production"])
    def test_the_cluster_is_backed_up_every_day_and_copied_to_another_region(self, name: str) -> None:
        stack = stack_of(name)
        daily, monthly = stack.get("BackupPlan", "Properties.BackupPlan.BackupPlanRule")
        assert daily["ScheduleExpression"] == "cron(0 5 * * ? *)"
        for rule in (daily, monthly):
            (copy,) = rule["CopyActions"]
            assert ":us-east-1:" in json.dumps(copy["DestinationBackupVaultArn"])

    def test_copies_go_to_the_vault_that_the_other_template_makes(self) -> None:
        suffix = values_of("staging")["EnvironmentSuffix"]
        vault = declared_stack(COPIES, EnvironmentName="staging", EnvironmentSuffix=suffix)["CopyVault"]
        rules = stack_of("staging").get("BackupPlan", "Properties.BackupPlan.BackupPlanRule")
        wanted = json.dumps(rules[0]["CopyActions"][0]["DestinationBackupVaultArn"])
        assert f':backup-vault:{vault.properties["BackupVaultName"]}"' in wanted

    def test_the_role_of_backups_has_the_policy_that_the_other_template_makes(self) -> None:
        suffix = values_of("staging")["EnvironmentSuffix"]
        policy = declared_stack(COPIES, EnvironmentName="staging", EnvironmentSuffix=suffix)["CopyKeyUse"]
        (attached,) = stack_of("staging")["BackupRole"].properties["ManagedPolicyArns"]
        assert f':policy/{policy.properties["ManagedPolicyName"]}"' in json.dumps(attached)

    def test_the_selection_finds_the_cluster_by_its_tag(self, production: DeclaredStack) -> None:
        (tag,) = production.get("BackupSelection", "Properties.BackupSelection.ListOfTags")
        tags = {each["Key"]: each["Value"] for each in production["DatabaseCluster"].properties["Tags"]}
        assert tags[tag["ConditionKey"]] == tag["ConditionValue"]

    def test_extracts_are_in_no_backup(self, production: DeclaredStack) -> None:
        assert "Backup" not in {each["Key"] for each in production["DataBucket"].properties["Tags"]}

    def test_a_lifecycle_is_one_that_aws_and_the_vault_accept(self, production: DeclaredStack) -> None:
        lock = production["BackupVault"].properties["LockConfiguration"]
        for rule in production.get("BackupPlan", "Properties.BackupPlan.BackupPlanRule"):
            for lifecycle in (rule["Lifecycle"], rule["CopyActions"][0]["Lifecycle"]):
                assert lock["MinRetentionDays"] <= lifecycle["DeleteAfterDays"] <= lock["MaxRetentionDays"]
                assert "MoveToColdStorageAfterDays" not in lifecycle, "Aurora has no cold storage"

    @pytest.mark.parametrize("name", ["development", "testing"])
    def test_what_must_be_removable_has_no_vault(self, name: str) -> None:
        assert not [each for each in stack_of(name) if each.type.startswith("AWS::Backup::")]

    def test_the_role_of_backups_reaches_this_cluster_and_its_snapshots_only(self, production: DeclaredStack) -> None:
        for sid, statement in statements(production, "BackupRole").items():
            if sid != "FindWhatIsTagged":
                assert "*" not in listed(statement["Resource"]), sid


class TestConfig:
    def test_nothing_of_aws_config_is_made_unless_asked_for(self, stack: DeclaredStack) -> None:
        assert not [each for each in stack if each.type.startswith("AWS::Config::")]

    def test_the_recorder_is_made_with_its_channel_when_asked_for(self) -> None:
        stack = stack_of("staging", EnableConfigRecorder="true")
        assert stack["ConfigRecorder"].properties["RecordingGroup"]["AllSupported"] is True
        assert stack["ConfigDelivery"].properties["S3KmsKeyArn"] == {"Fn::GetAtt": ["LogKey", "Arn"]}

    def test_rules_judge_encryption_and_security_groups_without_a_recorder_of_this_stack(self) -> None:
        stack = stack_of("staging", EnableConfigRules="true")
        rules = stack.of_type("AWS::Config::ConfigRule").values()
        judged = {each.get("Properties.Source.SourceIdentifier") for each in rules}
        assert judged >= {"RDS_STORAGE_ENCRYPTED", "ENCRYPTED_VOLUMES", "INCOMING_SSH_DISABLED"}
        assert "ConfigRecorder" not in stack


class TestWatching:
    def test_every_alarm_tells_the_topic_when_it_goes_off_and_when_it_ends(self, stack: DeclaredStack) -> None:
        for alarm in stack.of_type("AWS::CloudWatch::Alarm").values():
            assert alarm.properties["AlarmActions"] == alarm.properties["OKActions"] == [{"Ref": "Alarms"}]

    def test_there_are_six_kinds_of_alarm_at_least(self, stack: DeclaredStack) -> None:
        kinds = {
            (found.get("Namespace"), found.get("MetricName"))
            for alarm in stack.of_type("AWS::CloudWatch::Alarm").values()
            for found in (
                alarm.properties,
                *(x["MetricStat"]["Metric"] for x in alarm.get("Properties.Metrics", [])[1:]),
            )
            if found.get("MetricName")
        }
        assert len(kinds) >= 6
        assert {space for space, _ in kinds} >= {"AWS/RDS", "AWS/ElastiCache", "AWS/Lambda", "AWS/SQS"}

    @pytest.mark.parametrize("alarm", ["CacheCpuAlarm", "CacheMemoryAlarm", "CacheEvictionsAlarm"])
    def test_an_alarm_on_the_cache_watches_both_nodes(self, stack: DeclaredStack, alarm: str) -> None:
        worse, *nodes = stack[alarm].properties["Metrics"]
        assert worse["Expression"] == "MAX([first, second])"
        values = [json.dumps(each["MetricStat"]["Metric"]["Dimensions"][0]) for each in nodes]
        assert ['"-001"' in values[0], '"-002"' in values[1]] == [True, True]

    def test_a_function_is_told_of_before_it_is_cut_off(self, stack: DeclaredStack) -> None:
        threshold = stack["MaskingDurationAlarm"].properties["Threshold"]
        assert threshold < stack["MaskingFunction"].properties["Timeout"] * 1000

    def test_the_budget_tells_the_topic_before_and_after(self, stack: DeclaredStack) -> None:
        budget = stack["Budget"].properties
        assert budget["Budget"]["BudgetLimit"]["Amount"] == stack.parameters["MonthlyBudget"]
        told = [
            (each["Notification"]["NotificationType"], each["Notification"]["Threshold"])
            for each in budget["NotificationsWithSubscribers"]
        ]
        assert told == [("ACTUAL", 80), ("FORECASTED", 100)]

    def test_the_dashboard_is_json_with_widgets_on_all_parts(self) -> None:
        body = stack_of("staging")["Dashboard"].properties["DashboardBody"]
        text = "".join(part if isinstance(part, str) else "x" for part in body["Fn::Join"][1])
        titles = " ".join(widget["properties"]["title"] for widget in json.loads(text)["widgets"])
        assert all(part in titles for part in ("Database", "Cache", "Masking"))


class TestPeople:
    @pytest.mark.parametrize("role", PEOPLE)
    def test_a_person_needs_a_fresh_second_factor_and_the_tag_of_the_role(
        self, stack: DeclaredStack, role: str
    ) -> None:
        (statement,) = stack.get(role, "Properties.AssumeRolePolicyDocument.Statement")
        condition = statement["Condition"]
        assert condition["Bool"] == {"aws:MultiFactorAuthPresent": "true"}
        assert condition["NumericLessThan"] == {
            "aws:MultiFactorAuthAge": str(stack[role].properties["MaxSessionDuration"])
        }
        assert condition["StringEquals"].keys() == {"aws:PrincipalTag/staging-saas"}

    @pytest.mark.parametrize("role", PEOPLE)
    def test_nobody_has_all_actions_of_a_service(self, stack: DeclaredStack, role: str) -> None:
        assert not [action for action in allowed(stack, role) if "*" in action]

    def test_each_tier_may_do_what_the_one_below_may_and_more(self, production: DeclaredStack) -> None:
        developer, devops, admin = (allowed(production, role) for role in PEOPLE)
        assert developer < devops < admin

    def test_the_more_a_role_may_do_the_shorter_its_sessions_are(self, production: DeclaredStack) -> None:
        hours = [production[role].properties["MaxSessionDuration"] // 3600 for role in PEOPLE]
        assert hours == sorted(hours, reverse=True)
        assert hours[-1] == 1

    def test_a_developer_changes_nothing(self, production: DeclaredStack) -> None:
        verbs = {action.split(":")[1] for action in allowed(production, "DeveloperRole")}
        assert all(verb.startswith(("BatchGet", "Describe", "Filter", "Get", "List")) for verb in verbs)

    @pytest.mark.parametrize("role", PEOPLE)
    def test_nobody_reads_extracts_or_secrets(self, production: DeclaredStack, role: str) -> None:
        assert not {"s3:GetObject", "secretsmanager:GetSecretValue"} & allowed(production, role)

    @pytest.mark.parametrize("role", PEOPLE)
    def test_nobody_changes_permissions_and_a_role_is_passed_to_backups_only(
        self, production: DeclaredStack, role: str
    ) -> None:
        iam = {action for action in allowed(production, role) if action.startswith("iam:")}
        assert iam <= ({"iam:PassRole"} if role == "AdminRole" else set())
        if iam:
            passing = statements(production, role)["BackupsAreMadeByTheirRole"]
            assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "backup.amazonaws.com"}}


class TestGate:
    @pytest.mark.parametrize("assume_any", [False, True])
    def test_in_no_scenario_is_there_anything_that_blocks_or_cannot_be_told(
        self, environment: str, *, assume_any: bool
    ) -> None:
        request = Request(paths=(str(FOLDER),), pack=(environment,), assume_any=assume_any, today=date(2026, 11, 21))
        report = check(request)
        assert not report.errors
        assert [
            (each.rule, each.resource, each.path_text)
            for each in report.findings
            if each.outcome is not Outcome.WAIVED
            and (each.effect is Effect.BLOCK or each.outcome is not Outcome.FAIL or each.severity > Severity.INFO)
        ] == []

    @pytest.mark.parametrize("file", [TEMPLATE, COPIES])
    def test_no_region_account_or_zone_is_spelt_out_in_a_resource(self, file: Path) -> None:
        resources = file.read_text("utf-8").split("\nResources:\n")[1]
        assert not re.findall(r"\b(?:us|eu)-(?:east|west|central)-\d|\b\d{12}\b|arn:aws:", resources)

    def test_there_are_five_waivers_at_most_and_none_is_for_encryption_iam_public_access_or_backups(self) -> None:
        stack = stack_of("production", EnableConfigRecorder="true", EnableConfigRules="true")
        waived = [
            waiver["rule"] for each in stack for waiver in each.metadata.get("infra-checks", {}).get("waivers", [])
        ]
        assert sorted(waived) == [
            "lambda-code-signing-enabled",
            "lambda-code-signing-enabled",
            "s3-bucket-replication-enabled",
            "vpc-default-security-group-closed",
        ]
        assert not re.search(r"^ *(checkov|cfn-lint):", TEMPLATE.read_text("utf-8"), re.MULTILINE)
