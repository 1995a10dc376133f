"""What the delivery pipeline's template asks for, in each environment and in both regions."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra_checks.template.load import load_template
from infra_checks.template.nodes import Mapping
from infra_checks.testing import DeclaredResource, DeclaredStack, declared_stack

FOLDER = Path("infra/cicd_pipeline")
TEMPLATE = FOLDER / "template.yaml"
ENVIRONMENTS = ("development", "testing", "staging", "production")
REGIONS = ("us-east-1", "us-west-2")
APPLICATION_ENVIRONMENTS = ("Development", "Testing", "Production")
DEPLOYING = ("DeployToDev", "DeployToTest", "DeployToProd")
TAGS = {"Project", "Owner", "CostCenter", "Environment", "ManagedBy"}


def stack_of(environment: str, region: str = "us-west-2", **more: str) -> DeclaredStack:
    """The stack that an environment's parameter file asks for."""
    entries = json.loads((FOLDER / "parameters" / f"{environment}.json").read_text("utf-8"))
    values = {entry["ParameterKey"]: entry["ParameterValue"] for entry in entries}
    return declared_stack(TEMPLATE, {"AWS::Region": region, **values, **more})


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


def stages(stack: DeclaredStack) -> dict[str, dict[str, Any]]:
    return {stage["Name"]: stage for stage in stack["Pipeline"].properties["Stages"]}


def actions(stack: DeclaredStack) -> list[dict[str, Any]]:
    return [action for stage in stages(stack).values() for action in stage["Actions"]]


def options(stack: DeclaredStack, environment: str) -> dict[tuple[str, str], Any]:
    """The options of an application environment: its own before the common ones."""
    found: dict[tuple[str, str], Any] = {}
    for resource in ("Common", environment):
        for setting in stack[resource].properties["OptionSettings"]:
            found[setting["Namespace"].removeprefix("aws:"), setting["OptionName"]] = setting["Value"]
    return found


def statements(stack: DeclaredStack, role: str) -> dict[str, dict[str, Any]]:
    (policy,) = stack.get(role, "Properties.Policies")
    return {statement["Sid"]: statement for statement in policy["PolicyDocument"]["Statement"]}


def listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


class TestParameters:
    def test_there_are_nine_at_least_and_each_is_constrained_and_explained(self) -> None:
        declared = load_template(TEMPLATE).root.get("Parameters")
        assert isinstance(declared, Mapping)
        assert len(declared.entries) >= 9
        constraints = {"AllowedPattern", "AllowedValues", "MinValue"}
        for name, node in declared.entries.items():
            assert isinstance(node, Mapping)
            assert {"Description", "ConstraintDescription"} <= node.entries.keys(), name
            assert constraints & node.entries.keys(), name

    def test_each_environment_gives_every_parameter_a_value(self, environment: str) -> None:
        entries = json.loads((FOLDER / "parameters" / f"{environment}.json").read_text("utf-8"))
        assert [entry["ParameterKey"] for entry in entries] == list(load_template(TEMPLATE).parameters)

    def test_a_file_is_for_the_environment_that_it_is_named_after(self, environment: str) -> None:
        assert stack_of(environment).parameters["EnvironmentName"] == environment


class TestStages:
    def test_there_are_five_in_this_order(self, stack: DeclaredStack) -> None:
        assert list(stages(stack)) == ["Source", "Build", *DEPLOYING]

    def test_a_person_approves_before_production_is_deployed(self, stack: DeclaredStack) -> None:
        first, second = stages(stack)["DeployToProd"]["Actions"]
        assert first["ActionTypeId"]["Category"] == "Approval"
        assert second["ActionTypeId"]["Category"] == "Deploy"
        assert first["RunOrder"] < second["RunOrder"]

    def test_who_approves_is_asked_by_mail_and_told_which_commit(self, stack: DeclaredStack) -> None:
        asked = stages(stack)["DeployToProd"]["Actions"][0]["Configuration"]
        assert asked["NotificationArn"] == {"Ref": "Notifications"}
        assert "#{Source.CommitId}" in asked["CustomData"]
        assert stages(stack)["Source"]["Actions"][0]["Namespace"] == "Source"

    def test_an_approval_does_not_wait_for_ever(self, production: DeclaredStack) -> None:
        assert stages(production)["DeployToProd"]["Actions"][0]["TimeoutInMinutes"] == "4320"

    @pytest.mark.parametrize("stage", DEPLOYING)
    def test_a_deployment_that_fails_goes_back(self, stack: DeclaredStack, stage: str) -> None:
        assert stages(stack)[stage]["OnFailure"] == {"Result": "ROLLBACK"}
        assert stack["Pipeline"].properties["PipelineType"] == "V2", "V1 cannot"

    def test_every_artifact_that_goes_in_came_out_of_an_earlier_action(self, stack: DeclaredStack) -> None:
        made: set[str] = set()
        for action in actions(stack):
            assert {each["Name"] for each in action.get("InputArtifacts", [])} <= made
            made |= {each["Name"] for each in action.get("OutputArtifacts", [])}
        assert made == {"Code", "Package"}

    def test_the_same_package_goes_to_all_three_environments(self, stack: DeclaredStack) -> None:
        deployments = [each for each in actions(stack) if each["ActionTypeId"]["Category"] == "Deploy"]
        assert [each["InputArtifacts"] for each in deployments] == [[{"Name": "Package"}]] * 3
        assert [each["Configuration"]["EnvironmentName"] for each in deployments] == [
            {"Ref": name} for name in APPLICATION_ENVIRONMENTS
        ]

    def test_the_source_is_fetched_by_a_connection_when_the_branch_changes(self, stack: DeclaredStack) -> None:
        (fetch,) = stages(stack)["Source"]["Actions"]
        assert fetch["ActionTypeId"]["Provider"] == "CodeStarSourceConnection"
        assert fetch["Configuration"]["BranchName"] == stack.parameters["BranchName"]
        assert fetch["Configuration"]["DetectChanges"] == "true"


class TestArtifacts:
    def test_artifacts_are_encrypted_with_their_own_key_everywhere(self, stack: DeclaredStack) -> None:
        key = {"Fn::GetAtt": ["ArtifactKey", "Arn"]}
        (rule,) = stack.get("ArtifactBucket", "Properties.BucketEncryption.ServerSideEncryptionConfiguration")
        assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
        assert stack.get("Pipeline", "Properties.ArtifactStore.EncryptionKey") == {"Type": "KMS", "Id": key}
        assert stack["BuildProject"].properties["EncryptionKey"] == key

    def test_the_bucket_is_closed_to_the_public(self, stack: DeclaredStack) -> None:
        block = stack["ArtifactBucket"].properties["PublicAccessBlockConfiguration"]
        assert len(block) == 4
        assert set(block.values()) == {True}

    def test_the_bucket_takes_requests_by_tls_only(self, stack: DeclaredStack) -> None:
        denied = {
            each["Sid"]: each for each in stack.get("ArtifactBucketPolicy", "Properties.PolicyDocument.Statement")
        }
        assert denied["TlsOnly"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}

    @pytest.mark.parametrize("sid", ["NoOtherKind", "NoOtherKey"])
    def test_an_artifact_with_other_encryption_is_refused_and_one_without_gets_the_bucket_s(
        self, stack: DeclaredStack, sid: str
    ) -> None:
        denied = {
            each["Sid"]: each for each in stack.get("ArtifactBucketPolicy", "Properties.PolicyDocument.Statement")
        }
        assert (denied[sid]["Effect"], denied[sid]["Action"]) == ("Deny", "s3:PutObject")
        assert list(denied[sid]["Condition"]) == ["StringNotEqualsIfExists"]

    def test_the_bucket_keeps_versions(self, stack: DeclaredStack) -> None:
        assert stack["ArtifactBucket"].properties["VersioningConfiguration"] == {"Status": "Enabled"}

    @pytest.mark.parametrize(
        ("name", "days"), [("development", 14), ("testing", 14), ("staging", 30), ("production", 90)]
    )
    def test_artifacts_and_what_is_left_of_them_end(self, name: str, days: int) -> None:
        (rule,) = stack_of(name).get("ArtifactBucket", "Properties.LifecycleConfiguration.Rules")
        assert rule["Status"] == "Enabled"
        assert rule["ExpirationInDays"] == days
        assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] == 7
        assert rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 1

    def test_a_rollback_finds_its_artifacts_longer_than_an_approval_may_wait(self, stack: DeclaredStack) -> None:
        (rule,) = stack.get("ArtifactBucket", "Properties.LifecycleConfiguration.Rules")
        assert rule["ExpirationInDays"] * 24 * 60 > int(stack.parameters["ApprovalTimeoutMinutes"])

    def test_staging_and_production_keep_their_data_and_others_leave_nothing(
        self, stack: DeclaredStack, environment: str
    ) -> None:
        expected = "Retain" if environment in {"staging", "production"} else "Delete"
        kept = stack.of_type("AWS::KMS::Key", "AWS::Logs::LogGroup", "AWS::S3::Bucket", "AWS::SQS::Queue")
        assert len(kept) == 5
        assert {each.deletion_policy for each in kept.values()} == {expected}
        assert {each.update_replace_policy for each in kept.values()} == {expected}


class TestBuild:
    def test_a_build_is_not_privileged(self, stack: DeclaredStack) -> None:
        assert stack.get("BuildProject", "Properties.Environment.PrivilegedMode") is False

    def test_what_a_build_does_is_told_here_and_can_be_read(self, stack: DeclaredStack) -> None:
        buildspec = yaml.safe_load(stack.get("BuildProject", "Properties.Source.BuildSpec"))
        assert buildspec["phases"]["install"]["commands"] == ["npm ci"]
        assert buildspec["phases"]["build"]["commands"][0] == "npm test", "what fails is not packaged"
        assert buildspec["artifacts"]["files"] == ["**/*"]

    def test_builds_and_instances_have_the_same_node(self, stack: DeclaredStack) -> None:
        buildspec = yaml.safe_load(stack.get("BuildProject", "Properties.Source.BuildSpec"))
        platform = stack.parameters["SolutionStackName"]
        assert platform.endswith(f"Node.js {buildspec['phases']['install']['runtime-versions']['nodejs']}")

    def test_a_build_logs_to_a_group_that_is_encrypted_and_ends(self, stack: DeclaredStack) -> None:
        logs = stack.get("BuildProject", "Properties.LogsConfig.CloudWatchLogs")
        assert logs == {"Status": "ENABLED", "GroupName": {"Ref": "BuildLogGroup"}}
        assert stack["BuildLogGroup"].properties["KmsKeyId"] == {"Fn::GetAtt": ["MessageKey", "Arn"]}
        assert stack["BuildLogGroup"].properties["RetentionInDays"] >= 7

    def test_builds_are_in_the_vpc_only_on_request(self) -> None:
        outside, inside = (stack_of("testing", BuildInVpc=answer) for answer in ("false", "true"))
        assert "VpcConfig" not in outside["BuildProject"].properties
        assert "BuildSecurityGroup" not in outside
        assert inside.get("BuildProject", "Properties.VpcConfig.VpcId") == inside.parameters["VpcId"]
        assert not any("ec2:" in action for action in allowed_actions(outside, "BuildRole"))
        assert "ec2:CreateNetworkInterface" in allowed_actions(inside, "BuildRole")


def allowed_actions(stack: DeclaredStack, role: str) -> set[str]:
    return {action for each in statements(stack, role).values() for action in listed(each["Action"])}


class TestEnvironments:
    def test_there_are_three_of_one_application(self, stack: DeclaredStack) -> None:
        found = stack.of_type("AWS::ElasticBeanstalk::Environment")
        assert tuple(found) == APPLICATION_ENVIRONMENTS
        assert {each.properties["ApplicationName"]["Ref"] for each in found.values()} == {"Application"}
        assert len({each.properties["EnvironmentName"] for each in found.values()}) == 3

    def test_names_are_within_beanstalk_s_40_characters_at_the_longest(self) -> None:
        declared = stack_of("testing", Project="a" * 12, EnvironmentSuffix="b" * 12)
        for each in declared.of_type("AWS::ElasticBeanstalk::Environment").values():
            assert 4 <= len(each.properties["EnvironmentName"]) <= 40

    @pytest.mark.parametrize("name", APPLICATION_ENVIRONMENTS)
    def test_each_takes_tls_only(self, stack: DeclaredStack, name: str) -> None:
        found = options(stack, name)
        assert found["elbv2:listener:default", "ListenerEnabled"] == "false"
        assert found["elbv2:listener:443", "Protocol"] == "HTTPS"
        assert "TLS13-1-2" in found["elbv2:listener:443", "SSLPolicy"]

    @pytest.mark.parametrize("name", APPLICATION_ENVIRONMENTS)
    def test_each_reports_health_in_detail_and_updates_itself(self, stack: DeclaredStack, name: str) -> None:
        found = options(stack, name)
        assert found["elasticbeanstalk:healthreporting:system", "SystemType"] == "enhanced"
        assert found["elasticbeanstalk:managedactions", "ManagedActionsEnabled"] == "true"
        assert re.fullmatch(r"[A-Z][a-z]{2}:\d\d:\d\d", found["elasticbeanstalk:managedactions", "PreferredStartTime"])
        assert found["elasticbeanstalk:managedactions:platformupdate", "UpdateLevel"] == "minor"

    @pytest.mark.parametrize("name", APPLICATION_ENVIRONMENTS)
    def test_instances_are_in_private_subnets_and_take_tokens_for_their_metadata(
        self, stack: DeclaredStack, name: str
    ) -> None:
        found = options(stack, name)
        assert found["ec2:vpc", "Subnets"] == stack.parameters["PrivateSubnetIds"]
        assert found["ec2:vpc", "ELBSubnets"] == stack.parameters["PublicSubnetIds"]
        assert found["ec2:vpc", "AssociatePublicIpAddress"] == "false"
        assert found["autoscaling:launchconfiguration", "DisableIMDSv1"] == "true"

    @pytest.mark.parametrize(
        ("name", "policy"), [("Development", "AllAtOnce"), ("Testing", "Rolling"), ("Production", "Immutable")]
    )
    def test_the_closer_to_customers_the_more_careful_a_deployment(
        self, stack: DeclaredStack, name: str, policy: str
    ) -> None:
        assert options(stack, name)["elasticbeanstalk:command", "DeploymentPolicy"] == policy

    def test_production_has_two_instances_at_least_and_room_to_grow(self, stack: DeclaredStack) -> None:
        found = options(stack, "Production")
        assert found["autoscaling:asg", "MinSize"] == "2"
        assert found["autoscaling:asg", "MaxSize"] == stack.parameters["ProductionMaxSize"]

    def test_each_has_the_instances_that_its_parameter_says(self, stack: DeclaredStack) -> None:
        for name in APPLICATION_ENVIRONMENTS:
            assert options(stack, name)["ec2:instances", "InstanceTypes"] == stack.parameters[f"{name}InstanceType"]

    def test_no_environment_repeats_what_is_common(self, stack: DeclaredStack) -> None:
        def named(resource: str) -> set[tuple[str, str]]:
            settings = stack[resource].properties["OptionSettings"]
            return {(each["Namespace"], each["OptionName"]) for each in settings}

        for name in APPLICATION_ENVIRONMENTS:
            assert not named(name) & named("Common")

    def test_old_versions_of_the_application_end(self, stack: DeclaredStack) -> None:
        lifecycle = stack.get("Application", "Properties.ResourceLifecycleConfig.VersionLifecycleConfig.MaxCountRule")
        assert lifecycle == {"Enabled": True, "MaxCount": 50, "DeleteSourceFromS3": True}


class TestRights:
    ROLES = ("PipelineRole", "BuildRole")

    @pytest.mark.parametrize("role", ROLES)
    def test_no_right_is_on_everything_or_to_everything(self, stack: DeclaredStack, role: str) -> None:
        for statement in statements(stack, role).values():
            assert "*" not in listed(statement["Resource"])
            assert not [action for action in listed(statement["Action"]) if "*" in action]

    def test_each_service_has_a_role_of_its_own(self, stack: DeclaredStack) -> None:
        trusted = {
            name: role.get("Properties.AssumeRolePolicyDocument.Statement[0].Principal.Service")
            for name, role in stack.of_type("AWS::IAM::Role").items()
        }
        assert trusted == {
            "BuildRole": "codebuild.amazonaws.com",
            "ServiceRole": "elasticbeanstalk.amazonaws.com",
            "OperationsRole": "elasticbeanstalk.amazonaws.com",
            "InstanceRole": "ec2.amazonaws.com",
            "PipelineRole": "codepipeline.amazonaws.com",
        }

    @pytest.mark.parametrize("role", ["PipelineRole", "BuildRole", "ServiceRole", "OperationsRole"])
    def test_a_service_assumes_its_role_for_this_account_only(self, stack: DeclaredStack, role: str) -> None:
        condition = stack.get(role, "Properties.AssumeRolePolicyDocument.Statement[0].Condition.StringEquals")
        assert condition["aws:SourceAccount"] == {"Ref": "AWS::AccountId"}

    def test_the_pipeline_hands_on_one_role_to_one_service(self, stack: DeclaredStack) -> None:
        passing = [
            each for each in statements(stack, "PipelineRole").values() if "iam:PassRole" in listed(each["Action"])
        ]
        assert [each["Resource"] for each in passing] == [{"Fn::GetAtt": ["OperationsRole", "Arn"]}]
        condition = passing[0]["Condition"]
        assert condition == {"StringEquals": {"iam:PassedToService": "elasticbeanstalk.amazonaws.com"}}

    def test_the_pipeline_may_neither_make_nor_end_environments_nor_touch_instances(self, stack: DeclaredStack) -> None:
        actions = allowed_actions(stack, "PipelineRole")
        assert not {"elasticbeanstalk:CreateEnvironment", "elasticbeanstalk:TerminateEnvironment"} & actions
        assert not [action for action in actions if action.startswith(("ec2:", "autoscaling:", "cloudformation:"))]


class TestNotifications:
    def patterns(self, stack: DeclaredStack) -> dict[str, dict[str, Any]]:
        return {name: each.properties["EventPattern"] for name, each in stack.of_type("AWS::Events::Rule").items()}

    def test_failures_of_pipeline_stages_and_builds_are_told(self, stack: DeclaredStack) -> None:
        found = self.patterns(stack)
        assert "FAILED" in found["PipelineStateRule"]["detail"]["state"]
        assert found["StageFailureRule"]["detail"]["state"] == ["FAILED"]
        assert "FAILED" in found["BuildStateRule"]["detail"]["build-status"]

    def test_an_approval_that_is_needed_is_told(self, stack: DeclaredStack) -> None:
        detail = self.patterns(stack)["ApprovalRule"]["detail"]
        assert detail["type"] == {"category": ["Approval"]}
        assert "STARTED" in detail["state"]

    def test_only_this_pipeline_and_this_project_are_told_of(self, stack: DeclaredStack) -> None:
        for pattern in self.patterns(stack).values():
            detail = pattern["detail"]
            assert detail.get("pipeline") == [{"Ref": "Pipeline"}] or detail["project-name"] == [
                {"Ref": "BuildProject"}
            ]

    def test_every_rule_is_on_and_tells_by_mail_or_keeps_what_it_could_not_tell(self, stack: DeclaredStack) -> None:
        for rule in stack.of_type("AWS::Events::Rule").values():
            (target,) = rule.properties["Targets"]
            assert rule.properties["State"] == "ENABLED"
            assert target["Arn"] == {"Ref": "Notifications"}
            assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["LostNotifications", "Arn"]}}

    def test_a_message_uses_what_it_takes_from_the_event(self, stack: DeclaredStack) -> None:
        for rule in stack.of_type("AWS::Events::Rule").values():
            transformer = rule.properties["Targets"][0]["InputTransformer"]
            used = set(re.findall(r"<([a-z]+)>", transformer["InputTemplate"]))
            assert used == transformer["InputPathsMap"].keys()
            assert json.loads(transformer["InputTemplate"])

    def test_the_topic_is_encrypted_and_goes_to_the_mail_address(self, stack: DeclaredStack) -> None:
        assert stack["Notifications"].properties["KmsMasterKeyId"] == {"Fn::GetAtt": ["MessageKey", "Arn"]}
        mail = stack["NotificationMail"].properties
        assert (mail["Protocol"], mail["Endpoint"]) == ("email", stack.parameters["NotificationEmail"])

    def test_events_may_use_the_key_without_a_condition_that_aws_does_not_fill(self, stack: DeclaredStack) -> None:
        policy = {each["Sid"]: each for each in stack.get("MessageKey", "Properties.KeyPolicy.Statement")}
        assert "Condition" not in policy["EventsReachTheEncryptedTopicAndQueue"]
        assert policy["EventsReachTheEncryptedTopicAndQueue"]["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]

    def test_a_degraded_production_is_told(self, stack: DeclaredStack) -> None:
        alarm = stack["ProductionHealthAlarm"].properties
        assert alarm["Dimensions"] == [{"Name": "EnvironmentName", "Value": {"Ref": "Production"}}]
        assert alarm["AlarmActions"] == [{"Ref": "Notifications"}]

    @pytest.mark.parametrize("key", ["ArtifactKey", "MessageKey"])
    def test_a_key_is_rotated_and_nobody_has_every_right_to_it(self, stack: DeclaredStack, key: str) -> None:
        assert stack[key].properties["EnableKeyRotation"] is True
        for statement in stack.get(key, "Properties.KeyPolicy.Statement"):
            assert not [action for action in listed(statement["Action"]) if "*" in action]


class TestRegions:
    @pytest.mark.parametrize("region", REGIONS)
    def test_the_stack_is_the_same_in_each_region_but_for_its_name(self, region: str) -> None:
        here = [(each.logical_id, each.type) for each in stack_of("production", region)]
        assert here == [(each.logical_id, each.type) for each in stack_of("production", "eu-central-1")]

    @pytest.mark.parametrize("region", REGIONS)
    def test_no_other_region_is_named(self, region: str) -> None:
        (other,) = set(REGIONS) - {region}
        connection = "arn:aws:codeconnections:anywhere:123456789012:connection/1"
        taken = {"ConnectionArn": connection, "CertificateArn": "certificate", "AccessLogBucket": "logs"}
        for each in stack_of("production", region, **taken):
            assert other not in json.dumps([each.properties, each.attributes])

    @pytest.mark.parametrize("region", REGIONS)
    def test_a_bucket_s_name_is_short_enough_at_the_longest(self, region: str) -> None:
        account = {"AWS::AccountId": "1" * 12, "Project": "a" * 12, "EnvironmentSuffix": "b" * 12}
        assert len(stack_of("production", region, **account)["ArtifactBucket"].properties["BucketName"]) <= 63


class TestNames:
    def test_every_export_has_the_suffix_and_every_output_is_exported(self) -> None:
        declared = stack_of("testing", EnvironmentSuffix="zz-suffix")
        assert len(declared.exports) == len(declared.outputs) == 18
        assert all(name.startswith("webshop-zz-suffix-") for name in declared.exports)

    def test_everything_that_takes_tags_has_all_of_them(self, stack: DeclaredStack, environment: str) -> None:
        tagged = [each for each in stack if "Tags" in each.properties]
        assert len(tagged) > 20
        for each in tagged:
            tags = {tag["Key"]: tag["Value"] for tag in each.properties["Tags"]}
            assert tags.keys() == TAGS
            assert tags["Environment"] == environment

    def test_four_findings_at_most_are_waived_each_with_an_end(self) -> None:
        def waived(each: DeclaredResource) -> list[dict[str, str]]:
            found: list[dict[str, str]] = each.metadata.get("infra-checks", {}).get("waivers", [])
            return found

        every = [waiver for each in stack_of("production", BuildInVpc="true") for waiver in waived(each)]
        assert sorted(waiver["rule"] for waiver in every) == [
            "elastic-beanstalk-several-instances",
            "s3-bucket-default-lock-enabled",
            "s3-bucket-replication-enabled",
            "security-group-egress-not-open",
        ]
        assert all(waiver["expires"] and waiver["owner"] for waiver in every)
