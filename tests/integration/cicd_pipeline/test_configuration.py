"""What the deployed pipeline is like: stages, approval, way back, environments, artifacts and roles."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.systems.system import System

STAGES = ["Source", "Build", "DeployToDev", "DeployToTest", "DeployToProd"]
ENVIRONMENTS = ("Development", "Testing", "Production")


def stages(system: System) -> list[dict[str, Any]]:
    found = system.client("codepipeline").get_pipeline(name=system.outputs["PipelineName"])["pipeline"]["stages"]
    return list(found)


def settings(system: System, environment: str) -> dict[tuple[str, str], str]:
    """An environment's settings by namespace and name."""
    name = system.outputs[f"{environment}Name"]
    if system.is_local:
        # moto keeps no settings; the sandbox answers for the template and for what the environment says itself.
        found = [
            *recorded(system, "ConfigurationTemplate", system.id("Common")),
            *recorded(system, "Environment", name),
        ]
    else:
        (described,) = system.client("elasticbeanstalk").describe_configuration_settings(
            ApplicationName=system.outputs["ApplicationName"], EnvironmentName=name
        )["ConfigurationSettings"]
        found = described["OptionSettings"]
    return {(each["Namespace"], each["OptionName"]): str(each["Value"]) for each in found if "Value" in each}


def recorded(system: System, kind: str, identifier: str) -> list[dict[str, Any]]:
    found = system.client("cloudcontrol").get_resource(
        TypeName=f"AWS::ElasticBeanstalk::{kind}", Identifier=identifier
    )["ResourceDescription"]
    options: list[dict[str, Any]] = json.loads(found["Properties"])["OptionSettings"]
    return options


def project(system: System) -> dict[str, Any]:
    (found,) = system.client("codebuild").batch_get_projects(names=[system.outputs["BuildProjectName"]])["projects"]
    return dict(found)


def statements(system: System, role: str, policy: str) -> dict[str, dict[str, Any]]:
    name = system.outputs[role].rpartition("/")[2]
    found = system.client("iam").get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
    return {each["Sid"]: each for each in found["Statement"]}


class TestStages:
    def test_a_change_goes_through_five_stages(self, system: System) -> None:
        assert [stage["name"] for stage in stages(system)] == STAGES

    def test_each_action_gets_what_one_before_it_has_made(self, system: System) -> None:
        made = set[str]()
        for stage in stages(system):
            for action in sorted(stage["actions"], key=lambda each: each["runOrder"]):
                assert {each["name"] for each in action["inputArtifacts"]} <= made
                made |= {each["name"] for each in action["outputArtifacts"]}
        assert len(made) == 2

    def test_a_person_approves_before_production(self, system: System) -> None:
        production = sorted(stages(system)[-1]["actions"], key=lambda each: each["runOrder"])
        assert [each["actionTypeId"]["category"] for each in production] == ["Approval", "Deploy"]
        assert production[0]["runOrder"] < production[1]["runOrder"]
        asked = production[0]["configuration"]
        assert asked["NotificationArn"] == system.outputs["NotificationsArn"]
        assert "#{Source.CommitId}" in asked["CustomData"]
        assert production[0]["timeoutInMinutes"] == int(system.parameters["ApprovalTimeoutMinutes"])

    def test_only_production_waits_for_a_person(self, system: System) -> None:
        others = [action for stage in stages(system)[:-1] for action in stage["actions"]]
        assert not [each for each in others if each["actionTypeId"]["category"] == "Approval"]

    @pytest.mark.parametrize("stage", STAGES[2:])
    def test_a_deployment_that_fails_goes_back(self, system: System, stage: str) -> None:
        (found,) = (each for each in stages(system) if each["name"] == stage)
        assert found["onFailure"]["result"] == "ROLLBACK"

    def test_the_pipeline_is_of_the_kind_that_can_go_back(self, system: System) -> None:
        found = system.client("codepipeline").get_pipeline(name=system.outputs["PipelineName"])["pipeline"]
        assert found["pipelineType"] == "V2"

    def test_each_deployment_is_to_its_own_environment(self, system: System) -> None:
        targets = [
            action["configuration"]
            for stage in stages(system)
            for action in stage["actions"]
            if action["actionTypeId"]["provider"] == "ElasticBeanstalk"
        ]
        assert [each["EnvironmentName"] for each in targets] == [system.outputs[f"{each}Name"] for each in ENVIRONMENTS]
        assert {each["ApplicationName"] for each in targets} == {system.outputs["ApplicationName"]}

    def test_the_source_is_the_branch_that_was_given(self, system: System) -> None:
        source = stages(system)[0]["actions"][0]["configuration"]
        assert source["FullRepositoryId"] == system.parameters["RepositoryId"]
        assert source["BranchName"] == system.parameters["BranchName"]
        assert source["ConnectionArn"] == system.parameters["ConnectionArn"]


class TestBuild:
    def test_it_is_encrypted_and_not_privileged(self, system: System) -> None:
        found = project(system)
        assert found["encryptionKey"] == system.outputs["ArtifactKeyArn"]
        assert found["environment"]["privilegedMode"] is False
        assert found["environment"]["computeType"] == system.parameters["BuildComputeType"]

    def test_the_repository_cannot_change_what_it_does(self, system: System) -> None:
        assert "npm test" in project(system)["source"]["buildspec"]

    def test_it_is_what_the_pipeline_builds_with(self, system: System) -> None:
        build = stages(system)[1]["actions"][0]["configuration"]
        assert build["ProjectName"] == system.outputs["BuildProjectName"]
        assert project(system)["serviceRole"] == system.outputs["BuildRoleArn"]

    def test_its_log_is_encrypted_and_ends(self, system: System) -> None:
        (group,) = system.log_groups()
        assert project(system)["logsConfig"]["cloudWatchLogs"]["groupName"] == group["logGroupName"]
        assert group["kmsKeyId"] == system.outputs["MessageKeyArn"]
        assert group["retentionInDays"] >= 7


class TestEnvironments:
    @pytest.mark.parametrize("environment", ENVIRONMENTS)
    def test_it_has_the_instances_that_were_asked_for(self, system: System, environment: str) -> None:
        found = settings(system, environment)
        assert found["aws:ec2:instances", "InstanceTypes"] == system.parameters[f"{environment}InstanceType"]

    @pytest.mark.parametrize("environment", ENVIRONMENTS)
    def test_it_listens_to_tls_only(self, system: System, environment: str) -> None:
        found = settings(system, environment)
        assert found["aws:elbv2:listener:default", "ListenerEnabled"] == "false"
        assert found["aws:elbv2:listener:443", "Protocol"] == "HTTPS"
        assert found["aws:elbv2:listener:443", "SSLCertificateArns"] == system.parameters["CertificateArn"]
        assert "TLS13" in found["aws:elbv2:listener:443", "SSLPolicy"]

    @pytest.mark.parametrize("environment", ENVIRONMENTS)
    def test_it_reports_its_health_and_is_kept_up_to_date(self, system: System, environment: str) -> None:
        found = settings(system, environment)
        assert found["aws:elasticbeanstalk:healthreporting:system", "SystemType"] == "enhanced"
        assert found["aws:elasticbeanstalk:managedactions", "ManagedActionsEnabled"] == "true"
        assert found["aws:elasticbeanstalk:cloudwatch:logs", "StreamLogs"] == "true"

    @pytest.mark.parametrize("environment", ENVIRONMENTS)
    def test_its_instances_are_in_private_subnets(self, system: System, environment: str) -> None:
        found = settings(system, environment)
        assert found["aws:ec2:vpc", "Subnets"] == system.parameters["PrivateSubnetIds"]
        assert found["aws:ec2:vpc", "ELBSubnets"] == system.parameters["PublicSubnetIds"]
        assert found["aws:ec2:vpc", "AssociatePublicIpAddress"] == "false"
        assert found["aws:autoscaling:launchconfiguration", "DisableIMDSv1"] == "true"

    @pytest.mark.parametrize(
        ("environment", "policy", "least"),
        [("Development", "AllAtOnce", 1), ("Testing", "Rolling", 2), ("Production", "Immutable", 2)],
    )
    def test_the_nearer_to_customers_the_more_careful_the_deployment(
        self, system: System, environment: str, policy: str, least: int
    ) -> None:
        found = settings(system, environment)
        assert found["aws:elasticbeanstalk:command", "DeploymentPolicy"] == policy
        assert int(found["aws:autoscaling:asg", "MinSize"]) == least

    def test_production_grows_as_far_as_was_asked_for(self, system: System) -> None:
        found = settings(system, "Production")["aws:autoscaling:asg", "MaxSize"]
        assert found == system.parameters["ProductionMaxSize"]


class TestArtifacts:
    def test_they_are_kept_in_the_stack_s_bucket_with_its_key(self, system: System) -> None:
        store = system.client("codepipeline").get_pipeline(name=system.outputs["PipelineName"])["pipeline"][
            "artifactStore"
        ]
        assert store["location"] == system.outputs["ArtifactBucketName"]
        assert store["encryptionKey"]["id"] == system.outputs["ArtifactKeyArn"]

    def test_the_bucket_is_encrypted_with_versions_and_closed(self, system: System) -> None:
        s3, name = system.client("s3"), system.outputs["ArtifactBucketName"]
        (rule,) = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
        assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == system.outputs["ArtifactKeyArn"]
        assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
        assert all(s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"].values())

    def test_old_artifacts_end(self, system: System) -> None:
        found = system.client("s3").get_bucket_lifecycle_configuration(Bucket=system.outputs["ArtifactBucketName"])
        (rule,) = found["Rules"]
        assert rule["Expiration"]["Days"] >= 1
        assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] == 7

    def test_the_bucket_takes_tls_and_its_own_key_only(self, system: System) -> None:
        found = system.client("s3").get_bucket_policy(Bucket=system.outputs["ArtifactBucketName"])
        policy = {each["Sid"]: each for each in json.loads(found["Policy"])["Statement"]}
        assert {each["Effect"] for each in policy.values()} == {"Deny"}
        assert policy.keys() == {"TlsOnly", "NoOtherKind", "NoOtherKey"}

    @pytest.mark.parametrize("key", ["ArtifactKeyArn", "MessageKeyArn"])
    def test_a_key_rotates(self, system: System, key: str) -> None:
        found = system.client("kms").get_key_rotation_status(KeyId=system.outputs[key])
        assert found["KeyRotationEnabled"] is True


class TestRoles:
    def test_the_pipeline_builds_and_deploys_what_is_its_own(self, system: System) -> None:
        found = statements(system, "PipelineRoleArn", "deliver")
        assert found["Build"]["Resource"] == project(system)["arn"]
        assert found["AskForApproval"]["Resource"] == system.outputs["NotificationsArn"]
        bucket = f"arn:aws:s3:::{system.outputs['ArtifactBucketName']}"
        assert found["FindArtifacts"]["Resource"] == bucket

    def test_the_pipeline_hands_its_work_to_elastic_beanstalk_only(self, system: System) -> None:
        found = statements(system, "PipelineRoleArn", "deliver")["LetElasticBeanstalkDeployByItsOwnRole"]
        assert found["Condition"] == {"StringEquals": {"iam:PassedToService": "elasticbeanstalk.amazonaws.com"}}
        assert found["Resource"].rpartition("/")[2] == system.id("OperationsRole")

    @pytest.mark.parametrize("role", ["PipelineRoleArn", "BuildRoleArn"])
    def test_a_role_serves_this_account_s_own_resource(self, system: System, role: str) -> None:
        name = system.outputs[role].rpartition("/")[2]
        found = system.client("iam").get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
        (statement,) = found["Statement"]
        assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": system.account}
        assert system.region in statement["Condition"]["ArnLike"]["aws:SourceArn"]
