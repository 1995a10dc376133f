"""What the shop's database asks for, in each environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from app import build, main
from tap_sizes import SIZES
from tap_stack import TapStack, TapStackProps

from infra_checks.api import Request, check
from infra_checks.core.finding import Outcome, Severity
from infra_checks.template.load import load_template
from infra_checks.testing import DeclaredResource, DeclaredStack, declared_stack

FOLDER = Path("infra/ecommerce_database")
TEMPLATE = FOLDER / "template.json"
KEPT = {"staging", "production"}
TAGS = {"Project", "Owner", "CostCenter", "Environment", "ManagedBy"}
STATEFUL = ("AWS::KMS::Key", "AWS::Logs::LogGroup", "AWS::S3::Bucket", "AWS::SecretsManager::Secret")
DATABASE = "AWS::RDS::DBInstance"


def primary_of(stack: DeclaredStack) -> DeclaredResource:
    (found,) = (
        each for each in stack.of_type(DATABASE).values() if "SourceDBInstanceIdentifier" not in each.properties
    )
    return found


def replicas_of(stack: DeclaredStack) -> list[DeclaredResource]:
    return [each for each in stack.of_type(DATABASE).values() if "SourceDBInstanceIdentifier" in each.properties]


def constructed(stack: DeclaredStack, path: str) -> DeclaredResource:
    """The resource that a construct made."""
    (found,) = (each for each in stack if each.metadata.get("aws:cdk:path") == f"EcommerceDatabase/{path}/Resource")
    return found


def zone_of(subnet: Any, stack: DeclaredStack) -> Any:  # noqa: ANN401 - a reference in its long form
    return stack.get(subnet["Ref"], "Properties.AvailabilityZone")


def zones_of(instance: DeclaredResource, stack: DeclaredStack) -> list[Any]:
    """The zones of an instance's subnet group."""
    group = stack[instance.properties["DBSubnetGroupName"]["Ref"]]
    return [zone_of(subnet, stack) for subnet in group.properties["SubnetIds"]]


class TestSynthesis:
    def test_it_reproduces_the_committed_template(self, tmp_path: Path) -> None:
        main(["production", str(tmp_path)])
        assert (tmp_path / "EcommerceDatabase.template.json").read_bytes() == TEMPLATE.read_bytes()

    def test_the_template_names_no_asset_no_bootstrap_and_no_place(self) -> None:
        text = TEMPLATE.read_text("utf-8")
        words = ("asset", "BootstrapVersion", "us-east-1", "us-west-2", "arn:aws:", str(Path.cwd()))
        assert [word for word in words if word in text] == []

    def test_the_context_of_the_cdk_decides_where_no_environment_is_given(self, tmp_path: Path) -> None:
        context = json.dumps({"environment": "testing", "suffix": "pr-17"})
        given = {**os.environ, "CDK_CONTEXT_JSON": context, "CDK_OUTDIR": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
        subprocess.run([sys.executable, "app.py"], cwd=FOLDER, env=given, check=True, capture_output=True)
        stack = declared_stack(tmp_path / "EcommerceDatabase.template.json")
        assert stack.parameters["EnvironmentSuffix"] == "pr-17"
        assert not primary_of(stack).properties["MultiAZ"]

    def test_without_any_it_is_production(self) -> None:
        (artifact,) = build().synth().stacks
        assert artifact.stack_name == "ecommerce-database-production"

    def test_every_environment_is_clean_under_its_own_pack(
        self, synthesised: dict[str, Path], environment: str
    ) -> None:
        report = check(Request(paths=(str(synthesised[environment]),), pack=(environment,), assume_any=True))
        said = {(each.rule, str(each.outcome)) for each in report.findings if each.severity > Severity.INFO}
        # What Secrets Manager's transform makes only the deployment knows.
        open_ = {("template-fully-evaluated", "undecided")}
        assert {each for each in said if each[1] != Outcome.WAIVED} <= open_

    def test_at_most_five_findings_are_waived(self) -> None:
        report = check(Request(paths=(str(TEMPLATE),), pack=("production",)))
        assert len([each for each in report.findings if each.outcome is Outcome.WAIVED]) <= 5


class TestProps:
    def test_an_environment_that_does_not_exist_is_refused(self) -> None:
        with pytest.raises(ValueError, match="environment 'prod' is none of development, testing, staging, production"):
            TapStackProps(environment_suffix="one", environment_name="prod")

    @pytest.mark.parametrize("suffix", ["", "ab", "Test", "1st", "a_b", "ends-", "x" * 17])
    def test_a_suffix_that_no_name_can_have_is_refused(self, suffix: str) -> None:
        with pytest.raises(ValueError, match="does not match"):
            TapStackProps(environment_suffix=suffix)

    def test_production_can_be_told_to_leave_nothing(self, tmp_path: Path) -> None:
        app = cdk.App(outdir=str(tmp_path), analytics_reporting=False)
        props = TapStackProps(
            environment_suffix="load", environment_name="production", removal=cdk.RemovalPolicy.DESTROY
        )
        TapStack(app, "Load", props=props)
        app.synth()
        stack = declared_stack(tmp_path / "Load.template.json")
        assert {each.deletion_policy for each in stack.of_type(DATABASE, *STATEFUL).values()} == {"Delete"}
        assert not primary_of(stack).properties["DeletionProtection"]

    def test_networks_of_environments_do_not_overlap(self) -> None:
        assert len({size.cidr for size in SIZES.values()}) == len(SIZES)


class TestParameters:
    def test_each_is_described_and_constrained(self) -> None:
        for parameter in load_template(str(TEMPLATE)).parameters.values():
            assert parameter.allowed_pattern
            assert {"Description", "ConstraintDescription"} <= set(parameter.node.entries)

    def test_each_environment_gives_every_parameter_a_value(self, environment: str) -> None:
        entries = json.loads((FOLDER / "parameters" / f"{environment}.json").read_text("utf-8"))
        assert {entry["ParameterKey"] for entry in entries} == set(load_template(str(TEMPLATE)).parameters)

    def test_the_suffix_is_in_every_export(self, production: DeclaredStack, synthesised: dict[str, Path]) -> None:
        other = declared_stack(synthesised["production"], EnvironmentSuffix="second")
        assert len(production.exports) == len(production.outputs)
        assert not set(production.exports) & set(other.exports)


class TestPrimary:
    def test_it_is_postgresql_17(self, stack: DeclaredStack) -> None:
        properties = primary_of(stack).properties
        assert (properties["Engine"], properties["EngineVersion"].split(".")[0]) == ("postgres", "17")

    def test_it_has_a_standby_where_data_is_kept(self, stack: DeclaredStack, environment: str) -> None:
        assert primary_of(stack).properties["MultiAZ"] is (environment in KEPT)

    def test_it_is_encrypted_with_a_key_that_rotates(self, stack: DeclaredStack) -> None:
        properties = primary_of(stack).properties
        key = properties["KmsKeyId"]["Fn::GetAtt"][0]
        assert properties["StorageEncrypted"] is True
        assert properties["PerformanceInsightsKMSKeyId"] == properties["KmsKeyId"]
        assert stack.get(key, "Properties.EnableKeyRotation") is True

    def test_backups_are_kept_as_long_as_the_environment_wants(self, stack: DeclaredStack, environment: str) -> None:
        days = {"development": 1, "testing": 1, "staging": 14, "production": 35}
        assert primary_of(stack).properties["BackupRetentionPeriod"] == days[environment]

    def test_its_password_is_in_a_secret_that_changes_every_month(self, stack: DeclaredStack) -> None:
        assert "resolve:secretsmanager" in json.dumps(primary_of(stack).properties["MasterUserPassword"])
        (rotation,) = stack.of_type("AWS::SecretsManager::RotationSchedule").values()
        assert rotation.properties["RotationRules"]["ScheduleExpression"] == "rate(30 days)"

    def test_memory_is_in_the_units_that_rds_expects(self, stack: DeclaredStack) -> None:
        (group,) = stack.of_type("AWS::RDS::DBParameterGroup").values()
        values = group.properties["Parameters"]
        assert values["shared_buffers"] == "{DBInstanceClassMemory/32768}"
        assert values["effective_cache_size"] == "{DBInstanceClassMemory*3/32768}"
        assert (values["maintenance_work_mem"], values["work_mem"]) == ("524288", "16384")

    def test_connections_need_tls(self, stack: DeclaredStack) -> None:
        (group,) = stack.of_type("AWS::RDS::DBParameterGroup").values()
        assert group.properties["Parameters"]["rds.force_ssl"] == "1"


class TestReplicas:
    def test_there_are_as_many_as_the_environment_wants(self, stack: DeclaredStack, environment: str) -> None:
        assert len(replicas_of(stack)) == SIZES[environment].replicas

    def test_each_has_a_zone_of_its_own_in_which_the_primary_never_is(self, stack: DeclaredStack) -> None:
        primary = primary_of(stack)
        own = primary.properties.get("AvailabilityZone")
        of_primary = [own] if own else zones_of(primary, stack)
        zones = [each.properties["AvailabilityZone"] for each in replicas_of(stack)]
        assert not [zone for zone in zones if zone in of_primary]
        assert len({json.dumps(zone) for zone in zones}) == len(zones)

    def test_each_is_pinned_to_a_zone_of_its_subnet_group(self, stack: DeclaredStack) -> None:
        for replica in replicas_of(stack):
            assert replica.properties["AvailabilityZone"] in zones_of(replica, stack)

    def test_none_is_kept_as_it_holds_nothing_of_its_own(self, stack: DeclaredStack) -> None:
        assert {each.deletion_policy for each in replicas_of(stack)} == {"Delete"}


class TestNetwork:
    def test_databases_are_reached_by_group_only(self, stack: DeclaredStack) -> None:
        database = {"Fn::GetAtt": [constructed(stack, "Network/Database").logical_id, "GroupId"]}
        rules = stack.of_type("AWS::EC2::SecurityGroupIngress").values()
        sources = [each.properties for each in rules if each.properties["GroupId"] == database]
        assert len(sources) == 3
        assert all("SourceSecurityGroupId" in each and "CidrIp" not in each for each in sources)

    def test_no_group_lets_in_addresses_or_ssh(self, stack: DeclaredStack) -> None:
        for group in stack.of_type("AWS::EC2::SecurityGroup").values():
            assert "SecurityGroupIngress" not in group.properties
        ports = {each.properties["FromPort"] for each in stack.of_type("AWS::EC2::SecurityGroupIngress").values()}
        assert ports == {443, 15432}

    def test_databases_are_in_isolated_subnets(self, stack: DeclaredStack) -> None:
        tables = {each.properties["RouteTableId"]["Ref"] for each in stack.of_type("AWS::EC2::Route").values()}
        for group in stack.of_type("AWS::RDS::DBSubnetGroup").values():
            names = [subnet["Ref"] for subnet in group.properties["SubnetIds"]]
            for link in stack.of_type("AWS::EC2::SubnetRouteTableAssociation").values():
                if link.properties["SubnetId"]["Ref"] in names:
                    assert link.properties["RouteTableId"]["Ref"] not in tables

    def test_no_subnets_share_addresses(self, stack: DeclaredStack) -> None:
        blocks = [each.properties["CidrBlock"] for each in stack.of_type("AWS::EC2::Subnet").values()]
        assert len(set(blocks)) == len(blocks)


class TestBastion:
    def test_it_has_no_key_pair_and_no_public_address(self, stack: DeclaredStack) -> None:
        bastion = constructed(stack, "Bastion")
        subnet = bastion.properties["SubnetId"]["Ref"]
        assert "KeyName" not in bastion.properties
        assert not stack.get(subnet, "Properties.MapPublicIpOnLaunch")

    def test_it_asks_for_session_tokens_and_encrypts_its_disk(self, stack: DeclaredStack) -> None:
        bastion = constructed(stack, "Bastion")
        assert bastion.get("Properties.MetadataOptions.HttpTokens") == "required"
        assert bastion.get("Properties.BlockDeviceMappings[0].Ebs.Encrypted") is True


class TestRoles:
    def test_monitoring_import_export_and_bastion_have_one_each(self, stack: DeclaredStack) -> None:
        primary = primary_of(stack).properties
        buckets = {each["FeatureName"]: each["RoleArn"]["Fn::GetAtt"][0] for each in primary["AssociatedRoles"]}
        monitoring = primary["MonitoringRoleArn"]["Fn::GetAtt"][0]
        bastion = constructed(stack, "BastionRole").logical_id
        assert set(buckets) == {"s3Import", "s3Export"}
        assert len({*buckets.values(), monitoring, bastion}) == 4

    def test_no_statement_allows_everything(self, stack: DeclaredStack) -> None:
        for policy in stack.of_type("AWS::IAM::Policy").values():
            for statement in policy.properties["PolicyDocument"]["Statement"]:
                assert statement["Resource"] != "*"
                assert "*" not in json.dumps(statement["Action"])


class TestKeeping:
    def test_data_outlives_the_stack_in_staging_and_production_only(
        self, stack: DeclaredStack, environment: str
    ) -> None:
        expected = "Retain" if environment in KEPT else "Delete"
        kept = stack.of_type(*STATEFUL).values()
        assert {each.deletion_policy for each in kept} == {expected}
        assert {each.update_replace_policy for each in kept} == {expected}

    def test_a_last_snapshot_is_what_stays_of_the_primary(self, stack: DeclaredStack, environment: str) -> None:
        assert primary_of(stack).deletion_policy == ("Snapshot" if environment in KEPT else "Delete")

    def test_databases_are_protected_where_data_is_kept(self, stack: DeclaredStack, environment: str) -> None:
        protected = {each.properties["DeletionProtection"] for each in stack.of_type(DATABASE).values()}
        assert protected == {environment in KEPT}

    def test_exported_logs_have_groups_with_an_end_that_are_there_first(self, stack: DeclaredStack) -> None:
        groups = stack.of_type("AWS::Logs::LogGroup")
        assert all(each.properties["RetentionInDays"] for each in groups.values())
        for instance in stack.of_type(DATABASE).values():
            before = set(instance.depends_on) & set(groups)
            assert len(before) == len(instance.properties["EnableCloudwatchLogsExports"])


class TestAlarms:
    @pytest.mark.parametrize("metric", ["CPUUtilization", "FreeStorageSpace", "DatabaseConnections"])
    def test_every_instance_is_watched(self, stack: DeclaredStack, metric: str) -> None:
        alarms = [each.properties for each in stack.of_type("AWS::CloudWatch::Alarm").values()]
        watched = {each["Dimensions"][0]["Value"]["Ref"] for each in alarms if each["MetricName"] == metric}
        assert watched == set(stack.of_type(DATABASE))

    def test_each_replica_is_watched_for_its_lag_by_its_own_name(self, stack: DeclaredStack) -> None:
        alarms = [each.properties for each in stack.of_type("AWS::CloudWatch::Alarm").values()]
        lagging = [each for each in alarms if each["MetricName"] == "ReplicaLag"]
        named = [(each["Dimensions"][0]["Name"], each["Dimensions"][0]["Value"]["Ref"]) for each in lagging]
        assert sorted(named) == sorted(("DBInstanceIdentifier", each.logical_id) for each in replicas_of(stack))
        assert {each["TreatMissingData"] for each in lagging} == {"breaching"}

    def test_every_alarm_tells_somebody(self, stack: DeclaredStack) -> None:
        (topic,) = stack.of_type("AWS::SNS::Topic")
        for alarm in stack.of_type("AWS::CloudWatch::Alarm").values():
            assert alarm.properties["AlarmActions"] == [{"Ref": topic}]


class TestOutputs:
    def test_they_name_what_integration_tests_need(self, production: DeclaredStack) -> None:
        assert set(production.outputs) == {
            "Endpoint", "Port", "Replica1Endpoint", "Replica2Endpoint", "SecretArn", "KmsKeyArn", "BucketName",
            "BastionInstanceId", "VpcId", "PublicSubnetIds", "PrivateSubnetIds", "IsolatedSubnetIds",
            "ApplicationSecurityGroupId", "DatabaseSecurityGroupId", "BastionSecurityGroupId", "AlarmTopicArn",
        }  # fmt: skip

    def test_isolated_subnets_are_all_there(self, production: DeclaredStack) -> None:
        assert len(production.outputs["IsolatedSubnetIds"]["Fn::Join"][1]) >= 4


def test_everything_that_takes_tags_has_them(stack: DeclaredStack, environment: str) -> None:
    tagged = [each for each in stack if isinstance(each.properties.get("Tags"), list)]
    assert len(tagged) > 40
    for each in tagged:
        tags = {tag["Key"]: tag["Value"] for tag in each.properties["Tags"]}
        assert set(tags) >= TAGS
        assert tags["Environment"] == environment


def test_the_region_file_names_a_region_that_the_stack_goes_to() -> None:
    assert Path("infra/AWS_REGION").read_text("utf-8").strip() in {"us-east-1", "us-west-2"}
