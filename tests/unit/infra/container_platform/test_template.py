"""What the container platform's template asks for, in each environment and phase."""

from __future__ import annotations

import json
import re
from datetime import date
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from infra_checks.api import Request, check
from infra_checks.core.finding import Effect, Outcome, Severity
from infra_checks.template.load import load_template
from infra_checks.testing import DeclaredStack
from tests.unit.infra.container_platform.stacks import (
    COPIES,
    ENVIRONMENTS,
    FOLDER,
    KEEPING,
    TEMPLATE,
    arn_of,
    shown,
    stack_of,
    statements,
    values_of,
)

if TYPE_CHECKING:
    pass

TAGS = {"Project", "Owner", "CostCenter", "Environment", "ManagedBy"}
TAGS_ELSEWHERE = {"AWS::Backup::BackupPlan": "BackupPlanTags", "AWS::Backup::BackupVault": "BackupVaultTags"}
TAGLESS = {
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::Backup::BackupSelection",
    "AWS::Config::ConfigRule",
    "AWS::Config::ConfigurationRecorder",
    "AWS::Config::DeliveryChannel",
    "AWS::EC2::Route",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::EC2::VPNGatewayRoutePropagation",
    "AWS::KMS::Alias",
    "AWS::Lambda::Permission",
    "AWS::Logs::MetricFilter",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::SecretsManager::RotationSchedule",
    "AWS::WAFv2::LoggingConfiguration",
    "AWS::WAFv2::WebACLAssociation",
}
"""Types that AWS gives no tags, or CloudFormation sets none of."""


def containers(stack: DeclaredStack) -> dict[str, dict[str, Any]]:
    return {each["Name"]: each for each in stack.get("TaskDefinition", "Properties.ContainerDefinitions")}


class TestExtent:
    @pytest.mark.parametrize(("number", "least"), [("1", 70), ("2", 100), ("3", 125)])
    def test_each_phase_brings_more(self, environment: str, number: str, least: int) -> None:
        assert len(stack_of(environment, number).resources) >= least

    def test_every_output_is_exported_under_a_name_with_the_suffix(self, stack: DeclaredStack) -> None:
        assert len(stack.exports) == len(stack.outputs) >= 17
        suffix = stack.parameters["EnvironmentSuffix"]
        assert all(name.startswith(f"container-platform-{suffix}-") for name in stack.exports)

    def test_every_taggable_resource_has_the_five_tags(self, stack: DeclaredStack, environment: str) -> None:
        for each in stack:
            if each.type in TAGLESS:
                continue
            tags = each.properties.get(TAGS_ELSEWHERE.get(each.type, "Tags"))
            assert tags, each.logical_id
            found = tags if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}
            assert found.keys() >= TAGS, each.logical_id
            assert found["Environment"] == environment

    def test_two_stacks_of_an_account_share_no_name(self, phase: str) -> None:
        one, other = (
            [
                json.dumps(value)
                for each in stack_of("staging", phase, EnvironmentSuffix=suffix)
                for name, value in each.properties.items()
                if re.fullmatch(r".*(Name|Identifier|GroupId|UserId|AliasName)", name)
                if "container-platform" in json.dumps(value)
            ]
            for suffix in ("one-1", "two-2")
        )
        assert len(one) >= 25
        assert not set(one) & set(other)


class TestParameters:
    def test_each_environment_gives_every_parameter_a_value(self, environment: str) -> None:
        assert values_of(environment).keys() == load_template(TEMPLATE).parameters.keys()

    def test_values_keep_the_constraints(self, environment: str) -> None:
        for name, parameter in load_template(TEMPLATE).parameters.items():
            value = values_of(environment)[name]
            assert value in (parameter.allowed or [value])
            assert re.fullmatch(parameter.allowed_pattern or ".*", value), name

    def test_environments_have_networks_that_do_not_overlap(self) -> None:
        networks = [ip_network(values_of(each)["VpcCidr"]) for each in ENVIRONMENTS]
        assert not [1 for one in networks for other in networks if one is not other and one.overlaps(other)]

    def test_the_longest_suffix_still_fits_into_the_shortest_names(self) -> None:
        pattern = load_template(TEMPLATE).parameters["EnvironmentSuffix"].allowed_pattern or ""
        longest = next(length for length in range(64, 0, -1) if re.fullmatch(pattern, "a" * length))
        names = stack_of("production", "3", EnvironmentSuffix="a" * longest, Phase3Generation="99")
        assert len(names["Balancer"].properties["Name"]) <= 32
        assert len(names["Targets"].properties["Name"]) <= 32
        assert len(names.get("SamplingRule", "Properties.SamplingRule.RuleName")) <= 32
        assert len(names["Cache"].properties["ReplicationGroupId"]) <= 40
        assert len(names["TrailBucket"].properties["BucketName"]) <= 63

    def test_copies_have_to_go_to_another_region_once_there_are_backups(self) -> None:
        rule = json.loads(TEMPLATE.read_text("utf-8"))["Rules"]["CopiesGoToAnotherRegion"]
        assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "DeploymentPhase"}, "3"]}
        assert rule["Assertions"][0]["Assert"] == {
            "Fn::Not": [{"Fn::Equals": [{"Ref": "AWS::Region"}, {"Ref": "BackupCopyRegion"}]}]
        }

    def test_what_is_packaged_is_there_and_its_parameters_are_the_templates(self) -> None:
        told = yaml.safe_load((FOLDER / "deploy.yaml").read_text("utf-8"))
        parameters = load_template(FOLDER / told["template"]).parameters
        for code in told["code"]:
            assert (FOLDER / code["folder"] / "handler.py").is_file()
            assert {code["parameter"], code["bucket-parameter"]} <= parameters.keys()


class TestNetwork:
    @pytest.mark.parametrize("tier", ["Public", "Private", "Isolated"])
    def test_each_tier_has_a_subnet_in_each_of_two_zones(self, stack: DeclaredStack, tier: str) -> None:
        zones = [stack[f"{tier}Subnet{letter}"].properties["AvailabilityZone"] for letter in "AB"]
        assert [zone["Fn::Select"][0] for zone in zones] == [0, 1]

    def test_subnets_do_not_overlap_and_give_no_public_addresses(self, stack: DeclaredStack) -> None:
        subnets = stack.of_type("AWS::EC2::Subnet").values()
        assert len({json.dumps(each.properties["CidrBlock"]) for each in subnets}) == len(subnets) == 6
        assert {each.properties["MapPublicIpOnLaunch"] for each in subnets} == {False}

    @pytest.mark.parametrize("zone", ["A", "B"])
    def test_a_private_subnet_goes_out_through_the_nat_gateway_of_its_zone(
        self, stack: DeclaredStack, zone: str
    ) -> None:
        assert stack[f"RoutesOfPrivateSubnet{zone}"].properties["RouteTableId"] == {"Ref": f"PrivateRoutes{zone}"}
        assert stack[f"PrivateDefaultRoute{zone}"].properties["NatGatewayId"] == {"Ref": f"NatGateway{zone}"}
        assert stack[f"NatGateway{zone}"].properties["SubnetId"] == {"Ref": f"PublicSubnet{zone}"}

    def test_the_isolated_tier_has_no_way_to_the_internet(self, stack: DeclaredStack) -> None:
        routes = stack.of_type("AWS::EC2::Route").values()
        assert {"Ref": "IsolatedRoutes"} not in [each.properties["RouteTableId"] for each in routes]

    def test_no_group_lets_in_more_than_one_address_of_an_outside_network(self, stack: DeclaredStack) -> None:
        groups = json.dumps([each.properties for each in stack if each.type.startswith("AWS::EC2::SecurityGroup")])
        host = f"{stack.parameters['ReportingHost']}/32"
        assert set(re.findall(r'"CidrIp": "([^"]*)"', groups)) <= {"127.0.0.1/32", host}

    def test_the_tasks_are_reached_by_the_load_balancer_only(self, stack: DeclaredStack) -> None:
        assert "SecurityGroupIngress" not in stack["TaskSecurityGroup"].properties
        rules = stack.of_type("AWS::EC2::SecurityGroupIngress").values()
        (found,) = (
            each.properties for each in rules if each.properties["GroupId"] == arn_of("TaskSecurityGroup", "GroupId")
        )
        assert found["SourceSecurityGroupId"] == arn_of("BalancerSecurityGroup", "GroupId")

    def test_every_endpoint_has_a_policy_without_wildcards_of_actions(self, stack: DeclaredStack) -> None:
        endpoints = stack.of_type("AWS::EC2::VPCEndpoint")
        assert len(endpoints) >= 6
        for each in endpoints.values():
            for statement in each.get("Properties.PolicyDocument.Statement"):
                assert "*" not in json.dumps(statement["Action"]), each.logical_id
                assert statement["Resource"] != "*" or statement["Condition"], each.logical_id

    def test_traffic_is_recorded_completely(self, stack: DeclaredStack) -> None:
        assert stack["FlowLog"].properties["TrafficType"] == "ALL"


class TestLoadBalancer:
    def attributes(self, stack: DeclaredStack) -> dict[str, Any]:
        return {each["Key"]: each["Value"] for each in stack["Balancer"].properties["LoadBalancerAttributes"]}

    def test_it_is_protected_from_deletion_where_data_is_kept(self, stack: DeclaredStack, environment: str) -> None:
        assert self.attributes(stack)["deletion_protection.enabled"] == str(environment in KEEPING).lower()

    def test_it_drops_invalid_headers_and_writes_access_logs(self, stack: DeclaredStack) -> None:
        found = self.attributes(stack)
        assert found["routing.http.drop_invalid_header_fields.enabled"] == "true"
        assert found["access_logs.s3.enabled"] == "true"
        assert found["access_logs.s3.bucket"] == stack.parameters["LogArchiveBucketName"]

    def test_https_is_1_2_or_newer_and_the_certificate_is_the_accounts_own(self, stack: DeclaredStack) -> None:
        listener = stack["HttpsListener"].properties
        assert (listener["Protocol"], listener["Port"]) == ("HTTPS", 443)
        assert listener["SslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-2-")
        (certificate,) = listener["Certificates"]
        assert certificate["CertificateArn"].startswith("arn:aws:acm:us-east-1:111122223333:certificate/")

    def test_http_does_nothing_but_redirect(self, stack: DeclaredStack) -> None:
        (action,) = stack["HttpListener"].properties["DefaultActions"]
        assert action["Type"] == "redirect"
        assert action["RedirectConfig"] == {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}

    def test_the_targets_are_reached_over_tls(self, stack: DeclaredStack) -> None:
        targets = stack["Targets"].properties
        assert (targets["Protocol"], targets["HealthCheckProtocol"], targets["TargetType"]) == ("HTTPS", "HTTPS", "ip")


class TestContainers:
    def test_none_writes_to_its_root_file_system_or_is_root(self, stack: DeclaredStack) -> None:
        for each in containers(stack).values():
            assert each["ReadonlyRootFilesystem"] is True
            assert each["Privileged"] is False
            assert int(each["User"].split(":")[0]) > 0
            assert each["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}

    def test_images_are_named_by_digest_and_come_from_the_accounts_registry(self, stack: DeclaredStack) -> None:
        for each in containers(stack).values():
            assert each["Image"].startswith("111122223333.dkr.ecr.us-east-1.amazonaws.com/")
            assert re.search(r"@sha256:[0-9a-f]{64}$", each["Image"])

    def test_the_secret_comes_from_secrets_manager_and_no_variable_looks_like_one(self, stack: DeclaredStack) -> None:
        application = containers(stack)["application"]
        assert [each["ValueFrom"] for each in application["Secrets"]] == [stack.parameters["ApplicationSecretArn"]]
        assert not re.search("SECRET|PASSWORD|TOKEN", json.dumps(application["Environment"]))

    def test_a_deployment_that_fails_is_taken_back(self, stack: DeclaredStack) -> None:
        found = stack["Service"].properties["DeploymentConfiguration"]
        assert found["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}
        assert found["MinimumHealthyPercent"] == 100

    def test_tasks_run_in_both_zones_without_public_addresses(self, stack: DeclaredStack) -> None:
        found = stack.get("Service", "Properties.NetworkConfiguration.AwsvpcConfiguration")
        assert found["Subnets"] == [{"Ref": "PrivateSubnetA"}, {"Ref": "PrivateSubnetB"}]
        assert found["AssignPublicIp"] == "DISABLED"

    @pytest.mark.parametrize(
        ("name", "least", "most"), [("development", 2, 4), ("staging", 2, 6), ("production", 4, 20)]
    )
    def test_the_number_of_tasks_is_the_environments(self, name: str, least: int, most: int) -> None:
        stack = stack_of(name, "1")
        assert stack["Service"].properties["DesiredCount"] == stack["TaskCount"].properties["MinCapacity"] == least
        assert stack["TaskCount"].properties["MaxCapacity"] == most

    def test_the_scaled_service_is_this_one(self, stack: DeclaredStack) -> None:
        cluster, service = stack["Cluster"].properties["ClusterName"], stack["Service"].properties["ServiceName"]
        assert stack["TaskCount"].properties["ResourceId"] == f"service/{cluster}/{service}"
        assert stack["TaskCount"].depends_on == ["Service"]

    def test_the_daemon_and_what_it_is_for_come_with_the_second_phase(self, environment: str) -> None:
        assert containers(stack_of(environment, "1")).keys() == {"application"}
        for number in "23":
            found = containers(stack_of(environment, number))
            assert found["xray-daemon"]["PortMappings"] == [{"ContainerPort": 2000, "Protocol": "udp"}]
            assert {"Name": "AWS_XRAY_DAEMON_ADDRESS", "Value": "127.0.0.1:2000"} in found["application"]["Environment"]

    def test_the_application_may_use_its_table_and_nothing_else_in_the_first_phase(self, environment: str) -> None:
        assert statements(stack_of(environment, "1"), "TaskRole").keys() == {"UseTheTable", "UseTheKeyThroughTheTable"}

    def test_the_application_signs_in_as_one_user_of_database_and_cache(self, second: DeclaredStack) -> None:
        found = statements(second, "TaskRole")
        assert shown(found["SignInToTheDatabase"]["Resource"]).endswith("dbuser:${Database.DBClusterResourceId}/app")
        assert len(found["SignInToTheCache"]["Resource"]) == 2


class TestTable:
    def test_it_is_encrypted_restorable_and_protected(self, stack: DeclaredStack, environment: str) -> None:
        table = stack["Table"].properties
        assert table["SSESpecification"]["KMSMasterKeyId"] == arn_of("DataKey")
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert table["DeletionProtectionEnabled"] is (environment in KEEPING)


class TestKeeping:
    def test_staging_and_production_keep_their_data_and_others_leave_nothing(
        self, stack: DeclaredStack, environment: str
    ) -> None:
        kept = "Retain" if environment in KEEPING else "Delete"
        types = ("AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::Logs::LogGroup", "AWS::S3::Bucket", "AWS::SQS::Queue")
        found = stack.of_type(*types, "AWS::SecretsManager::Secret").values()
        assert {(each.deletion_policy, each.update_replace_policy) for each in found} == {(kept, kept)}

    def test_database_and_cache_leave_a_snapshot_where_data_is_kept(
        self, second: DeclaredStack, environment: str
    ) -> None:
        left = "Snapshot" if environment in KEEPING else "Delete"
        for name in ("Database", "Cache"):
            assert second[name].deletion_policy == second[name].update_replace_policy == left
        assert second["Database"].properties["DeletionProtection"] is (environment in KEEPING)

    @pytest.mark.parametrize(
        ("name", "days"), [("development", 7), ("testing", 7), ("staging", 90), ("production", 365)]
    )
    def test_every_log_group_ends_its_lines_after_the_days_of_its_environment(self, name: str, days: int) -> None:
        groups = stack_of(name, "3").of_type("AWS::Logs::LogGroup").values()
        assert len(groups) >= 9
        assert {int(each.properties["RetentionInDays"]) for each in groups} == {days}


class TestEncrypting:
    @pytest.mark.parametrize(
        ("resource", "path"),
        [
            ("Database", "Properties.KmsKeyId"),
            ("Database", "Properties.MasterUserSecret.KmsKeyId"),
            ("DatabaseInstanceA", "Properties.PerformanceInsightsKMSKeyId"),
            ("DatabaseInstanceB", "Properties.PerformanceInsightsKMSKeyId"),
            ("Cache", "Properties.KmsKeyId"),
            ("ReportingLogin", "Properties.KmsKeyId"),
            ("RotationFunction", "Properties.KmsKeyArn"),
            ("RotationDeadLetters", "Properties.KmsMasterKeyId"),
            ("Alarms", "Properties.KmsMasterKeyId"),
        ],
    )
    def test_data_is_encrypted_with_the_key_of_data(self, third: DeclaredStack, resource: str, path: str) -> None:
        assert third.get(resource, path) == arn_of("DataKey")

    def test_logs_are_encrypted_with_the_key_of_logs_whose_policy_names_them(self, third: DeclaredStack) -> None:
        (use,) = (
            each for each in third.get("LogKey", "Properties.KeyPolicy.Statement") if each["Sid"] == "LogsAreEncrypted"
        )
        patterns = use["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
        told = [re.escape(each.split("log-group:")[1]).replace(r"\*", ".*") for each in patterns]
        for each in third.of_type("AWS::Logs::LogGroup").values():
            assert each.properties["KmsKeyId"] == arn_of("LogKey")
            name = each.properties["LogGroupName"]
            assert [one for one in told if re.fullmatch(one, name)], name

    def test_administering_a_key_includes_no_use_and_using_it_has_a_condition(self, third: DeclaredStack) -> None:
        for key in third.of_type("AWS::KMS::Key").values():
            administration, *use = key.get("Properties.KeyPolicy.Statement")
            assert not {"kms:Decrypt", "kms:Encrypt", "kms:CreateGrant"} & set(administration["Action"])
            assert all(statement["Condition"] for statement in use)
            assert key.properties["EnableKeyRotation"] is True

    def test_every_key_has_an_alias(self, third: DeclaredStack) -> None:
        aliases = [each.properties["TargetKeyId"]["Ref"] for each in third.of_type("AWS::KMS::Alias").values()]
        assert sorted(aliases) == sorted(third.of_type("AWS::KMS::Key"))


class TestAlarms:
    def test_every_alarm_tells_the_topic_when_it_goes_off_and_when_it_ends(self, stack: DeclaredStack) -> None:
        alarms = stack.of_type("AWS::CloudWatch::Alarm").values()
        assert alarms
        for each in alarms:
            assert each.properties["AlarmActions"] == each.properties["OKActions"] == [{"Ref": "Alarms"}]
            assert each.properties["TreatMissingData"] in {"breaching", "notBreaching"}

    @pytest.mark.parametrize(("number", "least"), [("1", 9), ("2", 19), ("3", 22)])
    def test_each_phase_is_watched(self, environment: str, number: str, least: int) -> None:
        assert len(stack_of(environment, number).of_type("AWS::CloudWatch::Alarm")) >= least


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
    def test_no_region_account_or_zone_is_spelt_out_in_a_resource(self, file: Any) -> None:  # noqa: ANN401
        resources = json.dumps(json.loads(file.read_text("utf-8"))["Resources"])
        assert not re.findall(r"\b(?:us|eu)-(?:east|west|central)-\d|\b\d{12}\b|arn:aws:", resources)

    def test_five_findings_are_waived_and_nothing_is_hidden_from_other_tools(self) -> None:
        waived = [
            waiver["rule"]
            for each in stack_of("production", "3")
            for waiver in each.metadata.get("infra-checks", {}).get("waivers", [])
        ]
        assert sorted(waived) == [
            "lambda-code-signing-enabled",
            "load-balancer-scheme-internal",
            "s3-bucket-replication-enabled",
            "vpc-default-security-group-closed",
            "waf-web-acl-associated",
        ]
        assert not re.search(r'"(checkov|cfn-lint)":', TEMPLATE.read_text("utf-8"))
