"""What changes of the stack do to artifacts and environments; and that both regions get the same."""

from __future__ import annotations

import pytest

from infra_checks.sandbox.server import Sandbox
from tests.integration.systems.changing import change
from tests.integration.systems.deploying import CICD_PIPELINE, REGIONS, deploy

pytestmark = pytest.mark.needs("disposable-stack")


def test_other_instances_and_another_branch_replace_nothing(account: Sandbox) -> None:
    system = deploy(account, CICD_PIPELINE, "production")
    s3, bucket = system.client("s3"), system.outputs["ArtifactBucketName"]
    s3.put_object(Bucket=bucket, Key="webshop/code.zip", Body=b"code")
    before = {name: each["PhysicalResourceId"] for name, each in system.resources.items()}
    changed = change(system, ProductionInstanceType="m7i.xlarge", BranchName="release", ApprovalTimeoutMinutes="1440")
    assert changed.changes.keys() == {"Pipeline", "Production"}
    assert {each["Replacement"] for each in changed.changes.values()} == {"False"}
    assert changed.physical_ids == before
    pipeline = system.client("codepipeline").get_pipeline(name=system.outputs["PipelineName"])["pipeline"]
    assert pipeline["stages"][0]["actions"][0]["configuration"]["BranchName"] == "release"
    assert s3.get_object(Bucket=bucket, Key="webshop/code.zip")["Body"].read() == b"code"


def test_builds_move_into_the_network_and_out_of_it_again(account: Sandbox) -> None:
    system = deploy(account, CICD_PIPELINE, "production")
    codebuild, names = system.client("codebuild"), [system.outputs["BuildProjectName"]]
    moved = change(system, BuildInVpc="true")
    assert {name for name, each in moved.changes.items() if each["Action"] == "Add"} == {"BuildSecurityGroup"}
    network = codebuild.batch_get_projects(names=names)["projects"][0]["vpcConfig"]
    assert network["vpcId"] == system.parameters["VpcId"]
    assert network["subnets"] == system.parameters["PrivateSubnetIds"].split(",")
    assert network["securityGroupIds"] == [system.id("BuildSecurityGroup")]
    back = change(system, BuildInVpc="false")
    assert {name for name, each in back.changes.items() if each["Action"] == "Remove"} == {"BuildSecurityGroup"}
    assert "BuildSecurityGroup" not in back.physical_ids


def test_both_regions_get_the_same_pipeline(account: Sandbox) -> None:
    first, second = (deploy(account, CICD_PIPELINE, "staging", region) for region in REGIONS)
    assert first.resources.keys() == second.resources.keys()
    assert first.outputs.keys() == second.outputs.keys()
    # IAM is one for all regions: the names have to differ.
    assert not set(first.ids("AWS::IAM::Role")) & set(second.ids("AWS::IAM::Role"))
