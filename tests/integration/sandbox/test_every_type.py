"""Every type is made once, and what moto might lose of the rest is read back."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra_checks.sandbox import kinds
from infra_checks.sandbox.server import Sandbox
from infra_checks.template.load import load_template

FOLDER = Path(__file__).parent / "templates"


class Others:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("index.py", "x = 1")
        sandbox.client("s3").create_bucket(Bucket="code")
        sandbox.client("s3").put_object(Bucket="code", Key="code.zip", Body=archive.getvalue())
        self.cloudformation = sandbox.client("cloudformation")
        self.cloudformation.create_stack(
            StackName="rest",
            TemplateBody=(FOLDER / "others.yaml").read_text("utf-8"),
            Capabilities=["CAPABILITY_IAM"],
        )
        self.stack = self.cloudformation.describe_stacks(StackName="rest")["Stacks"][0]
        found = self.cloudformation.describe_stack_resources(StackName="rest")["StackResources"]
        self.ids = {each["LogicalResourceId"]: each.get("PhysicalResourceId", "") for each in found}

    def ask(self, service: str, operation: str, **parameters: Any) -> Any:
        return getattr(self.sandbox.client(service), operation)(**parameters)


@pytest.fixture(scope="module")
def others(shared_sandbox: Sandbox) -> Iterator[Others]:
    shared_sandbox.reset()
    yield Others(shared_sandbox)
    shared_sandbox.reset()


def test_the_templates_of_these_tests_have_every_type_that_the_sandbox_makes() -> None:
    templates = [load_template(path) for path in sorted(FOLDER.glob("*.yaml"))]
    used = {declaration.type for template in templates for declaration in template.resources.values()}
    assert used == set(kinds.every())


def test_all_are_made(others: Others) -> None:
    assert others.stack["StackStatus"] == "CREATE_COMPLETE", others.stack.get("StackStatusReason")
    assert others.stack["Outputs"][0]["OutputValue"].startswith("arn:aws:secretsmanager:")


def test_an_instance_has_the_metadata_options_of_its_launch_template(others: Others) -> None:
    found = others.ask("ec2", "describe_instances", InstanceIds=[others.ids["Host"]])
    instance = found["Reservations"][0]["Instances"][0]
    assert instance["MetadataOptions"]["HttpTokens"] == "required"
    assert instance["SubnetId"] == others.ids["SubnetA"]
    assert instance["IamInstanceProfile"]["Arn"].endswith(others.ids["Profile"])
    assert {"Key": "Name", "Value": "bastion"} in instance["Tags"]
    assert instance["Monitoring"]["State"] == "enabled"


def test_functions_keep_their_failures_their_limit_and_their_callers(others: Others) -> None:
    found = others.ask("lambda", "get_function", FunctionName=others.ids["Function"])
    assert found["Configuration"]["DeadLetterConfig"]["TargetArn"].startswith("arn:aws:sqs:")
    assert found["Concurrency"] == {"ReservedConcurrentExecutions": 5}
    config = others.ask("lambda", "get_function_event_invoke_config", FunctionName=others.ids["Function"])
    assert config["MaximumRetryAttempts"] == 1
    url = others.ask("lambda", "get_function_url_config", FunctionName=others.ids["Function"])
    assert url["AuthType"] == "AWS_IAM"
    alias = others.ask("lambda", "get_alias", FunctionName=others.ids["Function"], Name="live")
    assert alias["FunctionVersion"] == "1"


def test_stages_and_methods(others: Others) -> None:
    stage = others.ask("apigateway", "get_stage", restApiId=others.ids["Api"], stageName="v1")
    assert stage["tracingEnabled"] is True
    assert stage["accessLogSettings"]["format"] == "$context.requestId"
    assert stage["methodSettings"]["*/*"]["throttlingRateLimit"] == 5
    assert stage["clientCertificateId"] == others.ids["Certificate"]
    by = {"restApiId": others.ids["Api"], "resourceId": others.ids["Orders"], "httpMethod": "POST"}
    method = others.ask("apigateway", "get_method", **by)
    assert (method["authorizationType"], method["authorizerId"]) == ("CUSTOM", others.ids["Authorizer"])
    assert method["requestModels"] == {"application/json": "Order"}


def test_databases_their_parameters_replicas_and_roles(others: Others) -> None:
    found = others.ask("rds", "describe_db_instances", DBInstanceIdentifier=others.ids["Primary"])["DBInstances"][0]
    assert (found["MultiAZ"], found["StorageEncrypted"], found["BackupRetentionPeriod"]) == (True, True, 7)
    assert found["MasterUserSecret"]["KmsKeyId"].endswith(others.ids["Key"])
    assert found["AssociatedRoles"][0]["FeatureName"] == "s3Import"
    assert found["DBParameterGroups"][0]["DBParameterGroupName"] == others.ids["Parameters"]
    replica = others.ask("rds", "describe_db_instances", DBInstanceIdentifier=others.ids["Replica"])["DBInstances"][0]
    assert replica["ReadReplicaSourceDBInstanceIdentifier"] == others.ids["Primary"]
    assert replica["AvailabilityZone"] == "us-east-1b"
    assert replica["MultiAZ"] is False
    told = others.ask("rds", "describe_db_parameters", DBParameterGroupName=others.ids["Parameters"])["Parameters"]
    assert {each["ParameterName"]: each["ParameterValue"] for each in told}["rds.force_ssl"] == "1"


def test_document_databases_and_big_data_clusters(others: Others) -> None:
    found = others.ask("docdb", "describe_db_clusters", DBClusterIdentifier=others.ids["Documents"])["DBClusters"][0]
    assert (found["Engine"], found["EngineVersion"], found["Port"]) == ("docdb", "5.0.0", 27018)
    assert found["EnabledCloudwatchLogsExports"] == ["audit"]
    groups = others.ask("emr", "list_instance_groups", ClusterId=others.ids["Jobs"])["InstanceGroups"]
    assert [(each["InstanceGroupType"], each["InstanceType"]) for each in groups] == [("MASTER", "m7g.xlarge")]
    cluster = others.ask("emr", "describe_cluster", ClusterId=others.ids["Jobs"])["Cluster"]
    assert cluster["Configurations"][0]["Properties"] == {"a": "b"}


def test_pipelines_and_builds(others: Others) -> None:
    pipeline = others.ask("codepipeline", "get_pipeline", name=others.ids["Pipeline"])["pipeline"]
    assert [stage["name"] for stage in pipeline["stages"]] == ["Source", "Build"]
    assert pipeline["stages"][1]["onFailure"] == {"result": "ROLLBACK"}
    assert pipeline["artifactStore"]["encryptionKey"]["type"] == "KMS"
    project = others.ask("codebuild", "batch_get_projects", names=[others.ids["Build"]])["projects"][0]
    assert project["environment"]["privilegedMode"] is False
    assert project["encryptionKey"].endswith(others.ids["Key"])
    assert project["logsConfig"]["cloudWatchLogs"]["status"] == "ENABLED"


def test_identities(others: Others) -> None:
    role = others.ask("iam", "get_role", RoleName=others.ids["Role"])["Role"]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == others.ids["Boundary"]
    assert others.ask("iam", "list_role_policies", RoleName=others.ids["Role"])["PolicyNames"] == ["inline"]
    groups = others.ask("iam", "list_groups_for_user", UserName=others.ids["Person"])["Groups"]
    assert [each["GroupName"] for each in groups] == [others.ids["People"]]


def test_events_budgets_and_subscriptions(others: Others) -> None:
    targets = others.ask("events", "list_targets_by_rule", Rule=others.ids["Rule"])["Targets"]
    assert targets[0]["InputTransformer"]["InputTemplate"] == '"<state>"'
    (budget,) = others.ask("budgets", "describe_budgets", AccountId="123456789012")["Budgets"]
    assert float(budget["BudgetLimit"]["Amount"]) == 100
    by = {"AccountId": "123456789012", "BudgetName": others.ids["Budget"]}
    alerts = others.ask("budgets", "describe_notifications_for_budget", **by)["Notifications"]
    assert alerts[0]["Threshold"] == 80
    told = others.ask("sns", "get_subscription_attributes", SubscriptionArn=others.ids["Subscription"])
    assert told["Attributes"]["RawMessageDelivery"] == "true"
    schedule = others.ask("scheduler", "get_schedule", Name=others.ids["Schedule"], GroupName="others")
    assert schedule["ScheduleExpression"] == "rate(1 day)"


def test_all_are_removed(others: Others) -> None:
    others.cloudformation.delete_stack(StackName="rest")
    stack = others.cloudformation.describe_stacks(StackName=others.stack["StackId"])["Stacks"][0]
    assert stack["StackStatus"] == "DELETE_COMPLETE", stack.get("StackStatusReason")
    assert others.ask("lambda", "list_functions")["Functions"] == []
    assert others.ask("iam", "list_users")["Users"] == []
    assert others.ask("rds", "describe_db_instances")["DBInstances"] == []
