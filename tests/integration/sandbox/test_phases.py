"""The container platform's stack goes through its phases and back, in every environment and both regions."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any, Final

import pytest

from infra_checks.sandbox.server import Sandbox
from tests.unit.infra.container_platform.stacks import COPIES, ENVIRONMENTS, KEEPING, TEMPLATE, values_of

CAPABILITIES: Final = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
REGIONS: Final = {"us-east-1": "us-west-2", "us-west-2": "us-east-1"}
"""Where the stack is, and where its second backups are."""


def listed(values: dict[str, str]) -> list[dict[str, str]]:
    return [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()]


class Platform:
    """The platform in a region, and what it needs there before."""

    def __init__(self, sandbox: Sandbox, environment: str, region: str) -> None:
        self.sandbox, self.region = sandbox, region
        self.values = values_of(environment) | {"BackupCopyRegion": REGIONS[region]}
        self.cloudformation = self.client("cloudformation")
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("handler.py", "")
        self.bucket(self.values["CodeBucket"], self.values["RotationCodeKey"], archive.getvalue())
        self.bucket("templates", "template.json", TEMPLATE.read_bytes())
        self.bucket(self.values["LogArchiveBucketName"])
        certificate = self.client("acm").request_certificate(DomainName="app.example.com")["CertificateArn"]
        self.values["CertificateId"] = certificate.rpartition("/")[2]
        own = {name: self.values[name] for name in ("EnvironmentName", "EnvironmentSuffix")}
        self.client("cloudformation", REGIONS[region]).create_stack(
            StackName="copies", TemplateBody=COPIES.read_text(), Capabilities=CAPABILITIES, Parameters=listed(own)
        )

    def client(self, service: str, region: str | None = None) -> Any:
        return self.sandbox.client(service, region or self.region)

    def bucket(self, name: str, key: str = "", body: bytes = b"") -> None:
        where = {"CreateBucketConfiguration": {"LocationConstraint": self.region}}
        self.client("s3").create_bucket(Bucket=name, **({} if self.region == "us-east-1" else where))
        service = {"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject"}
        policy = {"Version": "2012-10-17", "Statement": [service | {"Resource": f"arn:aws:s3:::{name}/*"}]}
        self.client("s3").put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
        if key:
            self.client("s3").put_object(Bucket=name, Key=key, Body=body)

    def bring_to(self, phase: str, generation: str = "1") -> tuple[str, list[str]]:
        """The state that the stack gets to, and why it fails."""
        asked = {"DeploymentPhase": phase, "Phase2Generation": generation, "Phase3Generation": generation}
        stacks = self.cloudformation.list_stacks()["StackSummaries"]
        operation = "update_stack" if stacks else "create_stack"
        getattr(self.cloudformation, operation)(
            StackName="platform",
            TemplateURL=f"https://templates.s3.{self.region}.amazonaws.com/template.json",
            Capabilities=CAPABILITIES,
            Parameters=listed(self.values | asked),
        )
        events = self.cloudformation.describe_stack_events(StackName="platform")["StackEvents"]
        failed = [
            f"{each['LogicalResourceId']}: {each.get('ResourceStatusReason')}"
            for each in events
            if each["ResourceStatus"].endswith("_FAILED")
        ]
        return self.cloudformation.describe_stacks(StackName="platform")["Stacks"][0]["StackStatus"], failed

    def resources(self) -> dict[str, str]:
        pages = self.cloudformation.get_paginator("list_stack_resources").paginate(StackName="platform")
        return {
            each["LogicalResourceId"]: each["PhysicalResourceId"]
            for page in pages
            for each in page["StackResourceSummaries"]
            if not each["ResourceStatus"].startswith("DELETE")
        }

    def unprotect(self) -> None:
        """What the runbook asks for before the second phase is taken away."""
        client = self.client("rds")
        for each in client.describe_db_clusters()["DBClusters"]:
            client.modify_db_cluster(DBClusterIdentifier=each["DBClusterIdentifier"], DeletionProtection=False)


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_stack_goes_through_all_phases_back_and_up_again(sandbox: Sandbox, environment: str, region: str) -> None:
    platform = Platform(sandbox, environment, region)
    assert platform.bring_to("1") == ("CREATE_COMPLETE", [])
    first = platform.resources()
    assert platform.bring_to("2") == ("UPDATE_COMPLETE", [])
    second = platform.resources()
    assert platform.bring_to("3") == ("UPDATE_COMPLETE", [])
    assert platform.bring_to("2") == ("UPDATE_COMPLETE", [])
    # Nothing was made anew but the revision of the task.
    assert {name for name, made in platform.resources().items() if made != second[name]} <= {"TaskDefinition"}
    platform.unprotect()
    assert platform.bring_to("1") == ("UPDATE_COMPLETE", [])
    assert {name for name, made in platform.resources().items() if made != first[name]} <= {"TaskDefinition"}
    assert platform.bring_to("3", generation="2") == ("UPDATE_COMPLETE", [])


@pytest.mark.parametrize("environment", ["testing", "production"])
def test_what_has_data_is_left_when_phases_are_taken_away_or_nothing_is(sandbox: Sandbox, environment: str) -> None:
    platform = Platform(sandbox, environment, "us-east-1")
    platform.bring_to("3")
    suffix = platform.values["EnvironmentSuffix"]
    platform.unprotect()
    platform.bring_to("2")
    platform.bring_to("1")
    kept = environment in KEEPING
    secrets = [each["Name"] for each in platform.client("secretsmanager").list_secrets()["SecretList"]]
    assert (f"container-platform/{suffix}/reporting-1" in secrets) is kept
    buckets = [each["Name"] for each in platform.client("s3").list_buckets()["Buckets"]]
    assert bool([name for name in buckets if "-trail-1-" in name]) is kept
    snapshots = platform.client("rds").describe_db_cluster_snapshots(SnapshotType="manual")["DBClusterSnapshots"]
    assert bool(snapshots) is kept
    groups = platform.client("logs").describe_log_groups(logGroupNamePrefix="aws-waf-logs-")["logGroups"]
    assert bool(groups) is kept
    assert platform.client("rds").describe_db_clusters()["DBClusters"] == []


def test_a_protected_database_outlives_a_phase_that_is_taken_away_too_soon(sandbox: Sandbox) -> None:
    platform = Platform(sandbox, "production", "us-east-1")
    platform.bring_to("2")
    state, failed = platform.bring_to("1")
    assert state == "UPDATE_COMPLETE"
    assert failed
    assert all(each.startswith("Database: ") for each in failed)
    assert len(platform.client("rds").describe_db_clusters()["DBClusters"]) == 1


def test_the_running_service_gets_what_the_phase_brings(sandbox: Sandbox) -> None:
    platform = Platform(sandbox, "testing", "us-west-2")

    def containers() -> set[str]:
        made = platform.resources()
        (service,) = platform.client("ecs").describe_services(cluster=made["Cluster"], services=[made["Service"]])[
            "services"
        ]
        task = platform.client("ecs").describe_task_definition(taskDefinition=service["taskDefinition"])
        return {each["name"] for each in task["taskDefinition"]["containerDefinitions"]}

    platform.bring_to("1")
    assert containers() == {"application"}
    platform.bring_to("2")
    assert containers() == {"application", "xray-daemon"}
    platform.bring_to("1")
    assert containers() == {"application"}


def test_both_tunnels_of_the_vpn_write_logs(sandbox: Sandbox) -> None:
    platform = Platform(sandbox, "testing", "us-east-1")
    platform.bring_to("2")
    (connection,) = platform.client("ec2").describe_vpn_connections()["VpnConnections"]
    tunnels = connection["Options"]["TunnelOptions"]
    assert [each["LogOptions"]["CloudWatchLogOptions"]["LogEnabled"] for each in tunnels] == [True, True]


def test_a_user_of_the_cache_is_there_with_its_phase_only(sandbox: Sandbox) -> None:
    platform = Platform(sandbox, "testing", "us-east-1")

    def users() -> dict[str, str]:
        found = platform.client("elasticache").describe_users()["Users"]
        own = [
            each for each in found if each["UserId"].startswith("container-platform-")
        ]  # there is one in any account
        return {each["UserName"]: each["Authentication"]["Type"] for each in own}

    platform.bring_to("2")
    assert users() == {"default": "no-password-required", "container-platform-test-app": "iam"}
    platform.bring_to("1")
    assert users() == {}
