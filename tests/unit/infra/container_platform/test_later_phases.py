"""What the second and the third phase of the container platform bring."""

from __future__ import annotations

import importlib.util
import json
import re
from typing import TYPE_CHECKING

import pytest

from infra_checks.template.load import load_template
from infra_checks.testing import DeclaredStack, declared_stack
from tests.unit.infra.container_platform.stacks import (
    COPIES,
    FOLDER,
    KEEPING,
    TEMPLATE,
    arn_of,
    listed,
    shown,
    stack_of,
    statements,
)

if TYPE_CHECKING:
    from types import ModuleType


class TestSecondPhase:
    def test_nothing_of_it_is_there_before(self, environment: str) -> None:
        first = stack_of(environment, "1")
        assert not first.of_type("AWS::RDS::DBCluster", "AWS::ElastiCache::ReplicationGroup", "AWS::WAFv2::WebACL")
        assert not [each for each in first if "VPN" in each.type or "XRay" in each.type or "Config" in each.type]

    def test_the_database_is_serverless_of_the_second_version(self, second: DeclaredStack) -> None:
        cluster = second["Database"].properties
        assert (cluster["Engine"], cluster["EngineMode"]) == ("aurora-postgresql", "provisioned")
        assert cluster["ServerlessV2ScalingConfiguration"] == {"MinCapacity": 0.5, "MaxCapacity": 2}
        assert cluster["BackupRetentionPeriod"] == 14
        instances = [second[f"DatabaseInstance{letter}"].properties for letter in "AB"]
        assert {each["DBInstanceClass"] for each in instances} == {"db.serverless"}
        assert instances[0]["AvailabilityZone"] != instances[1]["AvailabilityZone"]

    def test_nobody_chooses_the_owners_password(self, second: DeclaredStack) -> None:
        cluster = second["Database"].properties
        assert cluster["ManageMasterUserPassword"] is True
        assert "MasterUserPassword" not in cluster
        assert cluster["MasterUsername"] not in {"admin", "postgres", "rdsadmin"}

    def test_the_cache_is_encrypted_both_ways_asks_who_comes_and_survives_a_zone(self, second: DeclaredStack) -> None:
        cache = second["Cache"].properties
        assert cache["AtRestEncryptionEnabled"] is cache["TransitEncryptionEnabled"] is True
        assert cache["AutomaticFailoverEnabled"] is cache["MultiAZEnabled"] is True
        assert cache["NumCacheClusters"] == 2
        assert cache["UserGroupIds"] == [{"Ref": "CacheUsers"}]

    def test_the_caches_user_signs_in_by_iam_and_the_nameless_one_is_off(self, second: DeclaredStack) -> None:
        user = second["CacheUser"].properties
        assert user["AuthenticationMode"] == {"Type": "iam"}
        assert user["UserId"] == user["UserName"]
        assert second["CacheDefaultUser"].properties["AccessString"].split()[0] == "off"

    def test_the_vpn_has_both_ends_and_its_routes_reach_the_database(self, second: DeclaredStack) -> None:
        connection = second["VpnConnection"].properties
        assert connection["VpnGatewayId"] == second["VpnGatewayAttachment"].properties["VpnGatewayId"]
        assert connection["CustomerGatewayId"] == {"Ref": "CustomerGateway"}
        assert second["VpnRoutes"].properties["RouteTableIds"] == [{"Ref": "IsolatedRoutes"}]
        tunnels = connection["VpnTunnelOptionsSpecifications"]
        assert [tunnel["IKEVersions"] for tunnel in tunnels] == [[{"Value": "ikev2"}]] * 2
        assert not [tunnel for tunnel in tunnels if "PreSharedKey" in tunnel]

    def test_the_web_acl_limits_rates_and_has_the_three_groups_of_aws(self, second: DeclaredStack) -> None:
        rate, *groups = second["WebAcl"].properties["Rules"]
        assert int(rate["Statement"]["RateBasedStatement"]["Limit"]) == 2000
        assert {each["Statement"]["ManagedRuleGroupStatement"]["Name"] for each in groups} == {
            "AWSManagedRulesCommonRuleSet",
            "AWSManagedRulesKnownBadInputsRuleSet",
            "AWSManagedRulesSQLiRuleSet",
        }
        assert second["WebAclAssociation"].properties["ResourceArn"] == {"Ref": "Balancer"}
        assert second["WebAclLogGroup"].properties["LogGroupName"].startswith("aws-waf-logs-")

    def test_sampling_and_group_are_of_the_service_that_the_tasks_trace(self, second: DeclaredStack) -> None:
        service = second.get("SamplingRule", "Properties.SamplingRule.ServiceName")
        assert second["TraceGroup"].properties["FilterExpression"] == f'service("{service}")'

    def test_no_group_opens_the_port_of_the_daemon(self, second: DeclaredStack) -> None:
        groups = [each.properties for each in second if each.type.startswith("AWS::EC2::SecurityGroup")]
        assert "2000" not in re.findall(r'"(?:From|To)Port": "?(\d+)', json.dumps(groups))

    def test_nothing_of_aws_config_is_made_unless_asked_for(self, environment: str) -> None:
        off = stack_of(environment, "2", EnableConfigRecorder="false", EnableConfigRules="false")
        assert not [each for each in off if each.type.startswith("AWS::Config::")]
        parameters = load_template(TEMPLATE).parameters
        assert all(parameters[name].default == "false" for name in ("EnableConfigRecorder", "EnableConfigRules"))

    def test_recorder_and_rules_come_one_by_one(self, environment: str) -> None:
        rules = stack_of(environment, "2", EnableConfigRecorder="false", EnableConfigRules="true")
        assert len(rules.of_type("AWS::Config::ConfigRule")) == 5
        assert "ConfigRecorder" not in rules
        recorder = stack_of(environment, "2", EnableConfigRecorder="true", EnableConfigRules="false")
        assert {each.logical_id for each in recorder if "::Config::" in each.type} == {
            "ConfigRecorder",
            "ConfigDelivery",
        }


class TestRotation:
    def test_the_secret_has_what_the_handler_reads_and_a_password_nobody_chose(self, third: DeclaredStack) -> None:
        generated = third["ReportingLogin"].properties["GenerateSecretString"]
        text = shown(generated["SecretStringTemplate"]).replace("${Database.Endpoint.Port}", "5439")
        assert set(handler().FIELDS) == {*json.loads(text), generated["GenerateStringKey"]} - {"engine"}

    def test_it_changes_every_week_by_the_function_that_may_be_called(self, third: DeclaredStack) -> None:
        schedule = third["ReportingRotation"].properties
        assert schedule["SecretId"] == third["RotationPermission"].properties["SourceArn"] == {"Ref": "ReportingLogin"}
        assert schedule["RotationLambdaARN"] == arn_of("RotationFunction")
        assert schedule["RotationRules"]["ScheduleExpression"] == "cron(0 7 ? * MON *)"
        assert third["ReportingRotation"].depends_on == ["RotationPermission"]

    def test_every_variable_that_the_code_reads_is_set(self, third: DeclaredStack) -> None:
        code = (FOLDER / "functions/rotation/handler.py").read_text("utf-8")
        read = set(re.findall(r'os\.environ\["(\w+)"\]', code))
        assert read == third["RotationFunction"].properties["Environment"]["Variables"].keys()

    def test_the_function_may_do_what_the_code_asks_of_secrets_manager(self, third: DeclaredStack) -> None:
        code = (FOLDER / "functions/rotation/handler.py").read_text("utf-8")
        calls = set(re.findall(r"client\(\)\.([a-z_]+)\(", code))
        asked = {"secretsmanager:" + "".join(word.title() for word in call.split("_")) for call in calls}
        given = {
            action
            for each in statements(third, "RotationRole").values()
            for action in listed(each["Action"])
            if each["Effect"] == "Allow"
        }
        assert len(asked) == 5
        assert asked <= given
        endpoint = third.get("SecretEndpoint", "Properties.PolicyDocument.Statement")[1]
        assert asked == set(endpoint["Action"])

    def test_the_function_reaches_database_and_endpoints_only(self, third: DeclaredStack) -> None:
        (rule,) = third["RotationSecurityGroup"].properties["SecurityGroupEgress"]
        assert rule["DestinationSecurityGroupId"] == arn_of("DatabaseSecurityGroup", "GroupId")
        assert third["RotationToEndpoints"].properties["DestinationSecurityGroupId"] == arn_of(
            "EndpointSecurityGroup", "GroupId"
        )


class TestAudit:
    def test_the_trail_has_all_regions_is_validated_encrypted_and_in_logs(self, third: DeclaredStack) -> None:
        trail = third["Trail"].properties
        assert trail["IsMultiRegionTrail"] is trail["EnableLogFileValidation"] is trail["IsLogging"] is True
        assert trail["KMSKeyId"] == arn_of("TrailKey")
        assert trail["CloudWatchLogsLogGroupArn"] == arn_of("TrailLogGroup")
        assert third["Trail"].depends_on == ["TrailBucketPolicy"]

    def test_the_trails_bucket_is_locked_down(self, third: DeclaredStack) -> None:
        bucket = third["TrailBucket"].properties
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] == arn_of("TrailKey")
        policy = third.get("TrailBucketPolicy", "Properties.PolicyDocument.Statement")
        assert [each["Sid"] for each in policy if each["Effect"] == "Deny"] == [
            "TlsOnly",
            "NobodyWritesOrDeletesByHand",
        ]
        allowed = [each for each in policy if each["Effect"] == "Allow"]
        assert {each["Principal"]["Service"] for each in allowed} == {"cloudtrail.amazonaws.com"}
        assert all("aws:SourceArn" in each["Condition"]["StringEquals"] for each in allowed)

    def test_application_insights_watches_what_the_stack_made(self, third: DeclaredStack) -> None:
        group = third["ApplicationGroup"].properties
        assert group["ResourceQuery"]["Type"] == "CLOUDFORMATION_STACK_1_0"
        assert third["ApplicationInsights"].properties["ResourceGroupName"] == group["Name"]


class TestBackup:
    @pytest.mark.parametrize("name", KEEPING)
    def test_table_and_database_are_what_the_plan_selects(self, name: str) -> None:
        stack = stack_of(name, "3")
        (tag,) = stack.get("BackupSelection", "Properties.BackupSelection.ListOfTags")
        chosen = {"Key": tag["ConditionKey"], "Value": tag["ConditionValue"]}
        assert {each.logical_id for each in stack if chosen in listed(each.properties.get("Tags", []))} == {
            "Database",
            "Table",
        }

    @pytest.mark.parametrize("name", KEEPING)
    def test_every_lifecycle_is_one_that_aws_and_the_vault_accept(self, name: str) -> None:
        stack = stack_of(name, "3")
        lock = stack["BackupVault"].properties["LockConfiguration"]
        for rule in stack.get("BackupPlan", "Properties.BackupPlan.BackupPlanRule"):
            for lifecycle in (rule["Lifecycle"], *(copy["Lifecycle"] for copy in rule["CopyActions"])):
                assert lock["MinRetentionDays"] <= lifecycle["DeleteAfterDays"] <= lock["MaxRetentionDays"]
                assert lifecycle["DeleteAfterDays"] - lifecycle.get("MoveToColdStorageAfterDays", -90) >= 90

    @pytest.mark.parametrize("name", ["development", "testing"])
    def test_what_must_be_removable_has_no_vault(self, name: str) -> None:
        assert not [each for each in stack_of(name, "3") if each.type.startswith("AWS::Backup::")]

    def test_copies_go_to_the_vault_and_by_the_policy_that_the_other_template_makes(self) -> None:
        stack = stack_of("production", "3")
        suffix = stack.parameters["EnvironmentSuffix"]
        copies = declared_stack(COPIES, EnvironmentName="production", EnvironmentSuffix=suffix)
        vault = copies["CopyVault"].properties["BackupVaultName"]
        for rule in stack.get("BackupPlan", "Properties.BackupPlan.BackupPlanRule"):
            (copy,) = rule["CopyActions"]
            assert copy["DestinationBackupVaultArn"] == f"arn:aws:backup:us-west-2:111122223333:backup-vault:{vault}"
        (attached,) = stack["BackupRole"].properties["ManagedPolicyArns"]
        assert attached.endswith(f":policy/{copies['CopyKeyUse'].properties['ManagedPolicyName']}")


def handler() -> ModuleType:
    """The rotation function's code, which is packaged by itself."""
    spec = importlib.util.spec_from_file_location("rotation", FOLDER / "functions/rotation/handler.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
