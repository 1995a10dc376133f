"""What a stack of many types asks for is what the services say of it afterwards."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra_checks.sandbox.server import Sandbox

TEMPLATE = Path(__file__).parent / "templates" / "container.yaml"


class Platform:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.cloudformation = sandbox.client("cloudformation")
        begun = time.monotonic()
        self.cloudformation.create_stack(
            StackName="shop", TemplateBody=TEMPLATE.read_text("utf-8"), Capabilities=["CAPABILITY_IAM"]
        )
        self.seconds = time.monotonic() - begun
        self.stack = self.cloudformation.describe_stacks(StackName="shop")["Stacks"][0]
        found = self.cloudformation.describe_stack_resources(StackName="shop")["StackResources"]
        self.ids = {each["LogicalResourceId"]: each.get("PhysicalResourceId", "") for each in found}
        self.outputs = {each["OutputKey"]: each["OutputValue"] for each in self.stack.get("Outputs", [])}

    def ask(self, service: str, operation: str, **parameters: Any) -> Any:
        return getattr(self.sandbox.client(service), operation)(**parameters)


@pytest.fixture(scope="module")
def platform(shared_sandbox: Sandbox) -> Iterator[Platform]:
    shared_sandbox.reset()
    yield Platform(shared_sandbox)
    shared_sandbox.reset()


def test_seventy_resources_are_made_in_seconds(platform: Platform) -> None:
    assert platform.stack["StackStatus"] == "CREATE_COMPLETE"
    assert len(platform.ids) == 69
    assert platform.seconds < 20


def test_networks(platform: Platform) -> None:
    names = platform.ask("ec2", "describe_vpc_attribute", VpcId=platform.ids["Vpc"], Attribute="enableDnsHostnames")
    assert names["EnableDnsHostnames"]["Value"] is True
    subnet = platform.ask("ec2", "describe_subnets", SubnetIds=[platform.ids["SubnetA"]])["Subnets"][0]
    assert (subnet["CidrBlock"], subnet["MapPublicIpOnLaunch"]) == ("10.0.0.0/24", True)
    nat = platform.ask("ec2", "describe_nat_gateways", NatGatewayIds=[platform.ids["Nat"]])["NatGateways"][0]
    assert nat["Tags"] == [{"Key": "Name", "Value": "nat"}]
    acl = platform.ask("ec2", "describe_network_acls", NetworkAclIds=[platform.ids["Acl"]])["NetworkAcls"][0]
    assert acl["Associations"][0]["SubnetId"] == platform.ids["SubnetB"]
    assert acl["Entries"][0]["PortRange"] == {"From": 443, "To": 443}
    routes = platform.ask("ec2", "describe_route_tables", RouteTableIds=[platform.ids["Routes"]])["RouteTables"][0]
    assert {each["GatewayId"] for each in routes["Routes"]} == {"local", platform.ids["Gateway"]}
    vpn = platform.ask("ec2", "describe_vpn_connections", VpnConnectionIds=[platform.ids["Vpn"]])["VpnConnections"][0]
    assert vpn["Options"]["StaticRoutesOnly"] is True


def test_security_groups_keep_both_directions_and_descriptions(platform: Platform) -> None:
    found = platform.ask("ec2", "describe_security_groups", GroupIds=[platform.ids["BalancerGroup"]])
    group = found["SecurityGroups"][0]
    assert group["IpPermissions"][0]["IpRanges"] == [{"Description": "HTTPS", "CidrIp": "0.0.0.0/0"}]
    ports = {each["FromPort"]: each for each in group["IpPermissionsEgress"]}
    assert set(ports) == {8080, 9090}
    assert ports[9090]["UserIdGroupPairs"][0]["GroupId"] == platform.ids["TaskGroup"]
    open_group = platform.ask("ec2", "describe_security_groups", GroupIds=[platform.ids["TaskGroup"]])
    assert open_group["SecurityGroups"][0]["IpPermissionsEgress"][0]["IpProtocol"] == "-1"


def test_containers(platform: Platform) -> None:
    task = platform.ask("ecs", "describe_task_definition", taskDefinition=platform.ids["Task"])["taskDefinition"]
    (container,) = task["containerDefinitions"]
    assert container["readonlyRootFilesystem"] is True
    assert container["secrets"] == [{"name": "PASSWORD", "valueFrom": platform.ids["Secret"]}]
    assert container["environment"] == [{"name": "A", "value": "5"}]
    assert (task["cpu"], task["memory"], task["networkMode"]) == ("256", "512", "awsvpc")
    services = platform.ask(
        "ecs", "describe_services", cluster=platform.ids["Cluster"], services=[platform.ids["Service"]]
    )
    service = services["services"][0]
    assert service["deploymentConfiguration"]["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    assert service["enableECSManagedTags"] is True
    assert service["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"] == "DISABLED"
    include = ["SETTINGS", "CONFIGURATIONS", "TAGS"]
    cluster = platform.ask("ecs", "describe_clusters", clusters=[platform.ids["Cluster"]], include=include)
    assert cluster["clusters"][0]["settings"] == [{"name": "containerInsights", "value": "enhanced"}]
    assert cluster["clusters"][0]["configuration"]["executeCommandConfiguration"]["logging"] == "OVERRIDE"


def test_load_balancers_and_web_acls(platform: Platform) -> None:
    arn = platform.ids["Balancer"]
    told = platform.ask("elbv2", "describe_load_balancer_attributes", LoadBalancerArn=arn)["Attributes"]
    attributes = {each["Key"]: each["Value"] for each in told}
    assert attributes["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert attributes["deletion_protection.enabled"] == "false"
    listeners = platform.ask("elbv2", "describe_listeners", LoadBalancerArn=arn)["Listeners"]
    assert {each["Port"]: each["SslPolicy"] for each in listeners}[443] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    acl = platform.ask("wafv2", "get_web_acl_for_resource", ResourceArn=arn)["WebACL"]
    assert [rule["Name"] for rule in acl["Rules"]] == ["rate", "common"]
    logging = platform.ask("wafv2", "get_logging_configuration", ResourceArn=acl["ARN"])["LoggingConfiguration"]
    assert logging["RedactedFields"] == [{"SingleHeader": {"Name": "authorization"}}]


def test_databases(platform: Platform) -> None:
    cluster = platform.ask("rds", "describe_db_clusters", DBClusterIdentifier=platform.ids["Database"])["DBClusters"][0]
    wanted = {
        "BackupRetentionPeriod": 14,
        "CopyTagsToSnapshot": True,
        "DeletionProtection": False,
        "EnabledCloudwatchLogsExports": ["postgresql"],
        "IAMDatabaseAuthenticationEnabled": True,
        "MasterUsername": "app",
        "ServerlessV2ScalingConfiguration": {"MinCapacity": 0.5, "MaxCapacity": 2.0},
        "StorageEncrypted": True,
    }
    assert {name: cluster[name] for name in wanted} == wanted
    assert cluster["KmsKeyId"].endswith(platform.ids["Key"])
    assert platform.outputs["Endpoint"] == cluster["Endpoint"]
    found = platform.ask("rds", "describe_db_instances", DBInstanceIdentifier=platform.ids["Writer"])
    instance = found["DBInstances"][0]
    assert instance["PerformanceInsightsEnabled"] is True
    assert instance["PerformanceInsightsKMSKeyId"].endswith(platform.ids["Key"])
    assert (instance["MonitoringInterval"], instance["DBClusterIdentifier"]) == (60, platform.ids["Database"])


def test_secrets_are_generated_attached_and_rotated(platform: Platform) -> None:
    secret = platform.ids["Secret"]
    text = json.loads(platform.ask("secretsmanager", "get_secret_value", SecretId=secret)["SecretString"])
    assert (text["username"], len(text["password"]), text["engine"]) == ("app", 40, "aurora-postgresql")
    assert text["host"] == platform.outputs["Endpoint"]
    told = platform.ask("secretsmanager", "describe_secret", SecretId=secret)
    assert (told["RotationEnabled"], told["RotationRules"]) == (True, {"AutomaticallyAfterDays": 30})


def test_functions_keep_what_moto_drops(platform: Platform) -> None:
    told = platform.ask("lambda", "get_function_configuration", FunctionName=platform.ids["Rotator"])
    assert told["LoggingConfig"] == {"LogFormat": "JSON", "LogGroup": platform.ids["Logs"]}


def test_caches_and_tables(platform: Platform) -> None:
    found = platform.ask("elasticache", "describe_replication_groups", ReplicationGroupId=platform.ids["Cache"])
    group = found["ReplicationGroups"][0]
    told = [group[name] for name in ("AtRestEncryptionEnabled", "TransitEncryptionEnabled", "AutomaticFailover")]
    assert told == [True, True, "enabled"]
    assert len(group["MemberClusters"]) == 2
    table = platform.ask("dynamodb", "describe_table", TableName=platform.ids["Table"])["Table"]
    assert table["SSEDescription"]["SSEType"] == "KMS"


def test_trails_recorders_and_backups(platform: Platform) -> None:
    (trail,) = platform.ask("cloudtrail", "describe_trails")["trailList"]
    assert (trail["LogFileValidationEnabled"], trail["IsMultiRegionTrail"]) == (True, True)
    assert platform.ask("cloudtrail", "get_trail_status", Name=platform.ids["Trail"])["IsLogging"] is True
    (status,) = platform.ask("config", "describe_configuration_recorder_status")["ConfigurationRecordersStatus"]
    assert status["recording"] is True
    plan = platform.ask("backup", "get_backup_plan", BackupPlanId=platform.ids["Plan"])["BackupPlan"]
    assert plan["Rules"][0]["Lifecycle"] == {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 120}
    told = platform.ask("backup", "get_backup_vault_notifications", BackupVaultName="shop")
    assert told["BackupVaultEvents"] == ["BACKUP_JOB_FAILED"]


def test_what_moto_has_no_api_of_is_recorded(platform: Platform) -> None:
    name = {"TypeName": "AWS::Backup::BackupSelection", "Identifier": platform.ids["Selection"]}
    told = platform.ask("cloudcontrol", "get_resource", **name)["ResourceDescription"]
    selection = json.loads(told["Properties"])["BackupSelection"]
    assert selection["ListOfTags"][0]["ConditionValue"] == "daily"


def test_everything_goes_with_the_stack(platform: Platform) -> None:
    platform.cloudformation.delete_stack(StackName="shop")
    stack = platform.cloudformation.describe_stacks(StackName=platform.stack["StackId"])["Stacks"][0]
    assert stack["StackStatus"] == "DELETE_COMPLETE", stack.get("StackStatusReason")
    assert platform.ask("rds", "describe_db_clusters")["DBClusters"] == []
    vpcs = platform.ask("ec2", "describe_vpcs", Filters=[{"Name": "is-default", "Values": ["false"]}])
    assert vpcs["Vpcs"] == []
    assert platform.ask("s3", "list_buckets")["Buckets"] == []
