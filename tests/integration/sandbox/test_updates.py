"""Changing stacks: in place, by replacement, through change sets, and back again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra_checks.sandbox.server import Sandbox

Deploy = Callable[..., dict[str, Any]]

FIRST = """
    Parameters: {Timeout: {Type: Number, Default: 30}}
    Resources:
      Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: orders, VisibilityTimeout: !Ref Timeout}}
      Old: {Type: AWS::SQS::Queue, Properties: {QueueName: old}}
      Setting: {Type: AWS::SSM::Parameter, Properties: {Name: /queue, Type: String, Value: !Ref Queue}}
    """
RENAMED = FIRST.replace("orders", "renamed")


def names(sandbox: Sandbox) -> set[str]:
    return {url.rpartition("/")[2] for url in sandbox.client("sqs").list_queues().get("QueueUrls", [])}


def timeout_of(sandbox: Sandbox, name: str) -> str:
    client = sandbox.client("sqs")
    url = client.get_queue_url(QueueName=name)["QueueUrl"]
    attributes: dict[str, str] = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return attributes["VisibilityTimeout"]


def state(cloudformation: Any) -> str:
    return str(cloudformation.describe_stacks(StackName="shop")["Stacks"][0]["StackStatus"])


def test_an_update_changes_a_property_in_place_and_nothing_else(
    sandbox: Sandbox, deploy: Deploy, cloudformation: Any
) -> None:
    deploy(FIRST)
    before = len(cloudformation.describe_stack_events(StackName="shop")["StackEvents"])
    cloudformation.update_stack(
        StackName="shop", UsePreviousTemplate=True, Parameters=[{"ParameterKey": "Timeout", "ParameterValue": "40"}]
    )
    assert state(cloudformation) == "UPDATE_COMPLETE"
    assert timeout_of(sandbox, "orders") == "40"
    events = cloudformation.describe_stack_events(StackName="shop")["StackEvents"]
    touched = {each["LogicalResourceId"] for each in events[: len(events) - before]}
    assert touched == {"shop", "Queue"}


def test_a_changed_name_replaces_the_resource_and_what_refers_to_it_follows(
    sandbox: Sandbox, deploy: Deploy, cloudformation: Any
) -> None:
    deploy(FIRST)
    cloudformation.update_stack(StackName="shop", TemplateBody=RENAMED)
    assert names(sandbox) == {"renamed", "old"}
    assert sandbox.client("ssm").get_parameter(Name="/queue")["Parameter"]["Value"].endswith("/renamed")


def test_a_resource_with_a_name_of_its_own_is_not_replaced_under_that_name(
    sandbox: Sandbox, deploy: Deploy, cloudformation: Any, reasons: Callable[..., dict[str, str]]
) -> None:
    template = "Resources: {Queue: {Type: 'AWS::SQS::Queue', Properties: {QueueName: orders.fifo%s}}}"
    deploy(template % ", FifoQueue: true")
    cloudformation.update_stack(StackName="shop", TemplateBody=template % ", FifoQueue: false")
    assert state(cloudformation) == "UPDATE_ROLLBACK_COMPLETE"
    assert "custom-named resource requires replacing" in reasons()["Queue"]
    assert names(sandbox) == {"orders.fifo"}


def test_a_reference_to_what_a_condition_takes_away_fails_the_update(deploy: Deploy, cloudformation: Any) -> None:
    template = """
        Parameters: {Make: {Type: String, Default: "yes"}}
        Conditions: {Makes: !Equals [!Ref Make, "yes"]}
        Resources:
          Topic: {Type: AWS::SNS::Topic, Condition: Makes}
          Setting: {Type: AWS::SSM::Parameter, Properties: {Name: /t, Type: String, Value: !Ref Topic}}
        """
    deploy(template)
    given = [{"ParameterKey": "Make", "ParameterValue": "no"}]
    with pytest.raises(ClientError, match="its condition is false"):
        cloudformation.update_stack(StackName="shop", UsePreviousTemplate=True, Parameters=given)
    assert state(cloudformation) == "CREATE_COMPLETE"


def test_what_is_no_longer_in_the_template_is_removed_or_kept_by_its_policy(
    sandbox: Sandbox, deploy: Deploy, cloudformation: Any
) -> None:
    deploy(FIRST.replace("old}}", "old}, DeletionPolicy: Retain}"))
    only = "Resources: {New: {Type: AWS::SQS::Queue, Properties: {QueueName: new}}}"
    cloudformation.update_stack(StackName="shop", TemplateBody=only)
    assert names(sandbox) == {"new", "old"}
    resources = cloudformation.describe_stack_resources(StackName="shop")["StackResources"]
    assert [each["LogicalResourceId"] for each in resources] == ["New"]


def test_a_failed_update_puts_back_what_was_changed_made_and_replaced(
    sandbox: Sandbox, deploy: Deploy, cloudformation: Any
) -> None:
    deploy(FIRST)
    broken = RENAMED.replace("Default: 30", "Default: 50") + (
        "  New: {Type: AWS::SQS::Queue, Properties: {QueueName: new}}\n"
        "      Bad: {Type: AWS::SNS::Topic, DependsOn: [New, Setting], Properties: {Colour: red}}"
    )
    cloudformation.update_stack(StackName="shop", TemplateBody=broken)
    assert state(cloudformation) == "UPDATE_ROLLBACK_COMPLETE"
    assert names(sandbox) == {"orders", "old"}
    assert timeout_of(sandbox, "orders") == "30"
    assert sandbox.client("ssm").get_parameter(Name="/queue")["Parameter"]["Value"].endswith("/orders")
    assert "renamed" not in cloudformation.get_template(StackName="shop")["TemplateBody"]
    cloudformation.update_stack(StackName="shop", TemplateBody=RENAMED)
    assert names(sandbox) == {"renamed", "old"}


TIERING = (
    "IntelligentTieringConfigurations: [{Id: a, Status: Enabled, Tierings: [{AccessTier: ARCHIVE_ACCESS, Days: 90}]}]"
)


def test_a_property_that_the_sandbox_cannot_change_fails_the_update(
    deploy: Deploy, cloudformation: Any, reasons: Callable[..., dict[str, str]]
) -> None:
    template = "Resources: {Bucket: {Type: AWS::S3::Bucket, Properties: {%s}}}"
    deploy(template % TIERING)
    cloudformation.update_stack(StackName="shop", TemplateBody=template % "")
    assert state(cloudformation) == "UPDATE_ROLLBACK_COMPLETE"
    assert "cannot take IntelligentTieringConfigurations away" in reasons()["Bucket"]


def test_an_update_without_a_change_is_refused(deploy: Deploy, cloudformation: Any) -> None:
    deploy(FIRST)
    with pytest.raises(ClientError, match="No updates are to be performed"):
        cloudformation.update_stack(StackName="shop", TemplateBody=FIRST)


def test_outputs_alone_can_change(deploy: Deploy, cloudformation: Any, outputs: Callable[..., dict[str, str]]) -> None:
    deploy(FIRST)
    cloudformation.update_stack(StackName="shop", TemplateBody=FIRST + "Outputs: {A: {Value: 1}}")
    assert outputs() == {"A": "1"}


def test_tags_of_the_stack_can_change(sandbox: Sandbox, deploy: Deploy, cloudformation: Any) -> None:
    deploy(FIRST, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "1"}])
    cloudformation.update_stack(StackName="shop", UsePreviousTemplate=True, Tags=[{"Key": "b", "Value": "2"}])
    url = sandbox.client("sqs").get_queue_url(QueueName="orders")["QueueUrl"]
    assert sandbox.client("sqs").list_queue_tags(QueueUrl=url)["Tags"] == {"b": "2"}
    told = sandbox.client("ssm").list_tags_for_resource(ResourceType="Parameter", ResourceId="/queue")
    assert told["TagList"] == [{"Key": "b", "Value": "2"}]


def test_a_change_set_tells_what_an_update_would_do_and_does_nothing(
    sandbox: Sandbox, deploy: Deploy, cloudformation: Any
) -> None:
    deploy(FIRST)
    changed = RENAMED.replace("Old:", "New:").replace("name: old", "name: new")
    cloudformation.create_change_set(StackName="shop", ChangeSetName="next", TemplateBody=changed)
    told = cloudformation.describe_change_set(StackName="shop", ChangeSetName="next")
    changes = {each["ResourceChange"]["LogicalResourceId"]: each["ResourceChange"] for each in told["Changes"]}
    assert {name: (each["Action"], each.get("Replacement")) for name, each in changes.items()} == {
        "Queue": ("Modify", "True"),
        "Setting": ("Modify", "False"),
        "New": ("Add", None),
        "Old": ("Remove", None),
    }
    (detail,) = changes["Setting"]["Details"]
    assert (detail["Target"]["Name"], detail["Evaluation"]) == ("Value", "Dynamic")
    assert (told["Status"], told["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    assert names(sandbox) == {"orders", "old"}


def test_an_executed_change_set_is_an_update(sandbox: Sandbox, deploy: Deploy, cloudformation: Any) -> None:
    deploy(FIRST)
    cloudformation.create_change_set(StackName="shop", ChangeSetName="next", TemplateBody=RENAMED)
    cloudformation.execute_change_set(StackName="shop", ChangeSetName="next")
    assert (state(cloudformation), names(sandbox)) == ("UPDATE_COMPLETE", {"renamed", "old"})
    assert cloudformation.list_change_sets(StackName="shop")["Summaries"] == []


def test_a_change_set_can_make_a_stack_with_its_outputs(
    cloudformation: Any, outputs: Callable[..., dict[str, str]]
) -> None:
    template = FIRST + "  Other: {Type: AWS::SNS::Topic}\n    Outputs: {Name: {Value: !GetAtt Queue.QueueName}}"
    options = {"StackName": "shop", "ChangeSetName": "first", "ChangeSetType": "CREATE", "TemplateBody": template}
    cloudformation.create_change_set(**options)
    assert state(cloudformation) == "REVIEW_IN_PROGRESS"
    cloudformation.get_waiter("change_set_create_complete").wait(StackName="shop", ChangeSetName="first")
    cloudformation.execute_change_set(StackName="shop", ChangeSetName="first")
    cloudformation.get_waiter("stack_create_complete").wait(StackName="shop")
    assert outputs() == {"Name": "orders"}


def test_a_change_set_without_changes_says_so_in_the_words_that_tools_look_for(
    deploy: Deploy, cloudformation: Any
) -> None:
    deploy(FIRST)
    cloudformation.create_change_set(StackName="shop", ChangeSetName="none", TemplateBody=FIRST)
    told = cloudformation.describe_change_set(StackName="shop", ChangeSetName="none")
    assert told["Status"] == "FAILED"
    assert told["StatusReason"].startswith("The submitted information didn't contain changes.")
    with pytest.raises(ClientError, match="cannot be executed"):
        cloudformation.execute_change_set(StackName="shop", ChangeSetName="none")
    cloudformation.delete_change_set(StackName="shop", ChangeSetName="none")


POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("AWS::KMS::Key", {"KeyPolicy": POLICY}, {"KeyPolicy": POLICY, "EnableKeyRotation": True, "Description": "d"}),
        ("AWS::EC2::VPC", {"CidrBlock": "10.0.0.0/16"}, {"CidrBlock": "10.0.0.0/16", "EnableDnsHostnames": True}),
        (
            "AWS::IAM::Role",
            {"AssumeRolePolicyDocument": TRUST, "Policies": [{"PolicyName": "a", "PolicyDocument": POLICY}]},
            {
                "AssumeRolePolicyDocument": TRUST,
                "Policies": [{"PolicyName": "b", "PolicyDocument": POLICY}],
                "ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
            },
        ),
        (
            "AWS::EC2::SecurityGroup",
            {"GroupDescription": "g", "SecurityGroupIngress": [{"IpProtocol": "-1", "CidrIp": "10.0.0.0/8"}]},
            {
                "GroupDescription": "g",
                "SecurityGroupIngress": [{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "CidrIp": "10.0.0.0/8"}],
                "Tags": [{"Key": "a", "Value": "b"}],
            },
        ),
        ("AWS::SNS::Topic", {"DisplayName": "a"}, {"DisplayName": "b", "KmsMasterKeyId": "alias/aws/sns"}),
        ("AWS::Logs::LogGroup", {"RetentionInDays": 7}, {"RetentionInDays": 30, "Tags": [{"Key": "a", "Value": "b"}]}),
        (
            "AWS::DynamoDB::Table",
            {
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            },
            {
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                "DeletionProtectionEnabled": False,
                "SSESpecification": {"SSEEnabled": True},
            },
        ),
        (
            "AWS::CloudWatch::Alarm",
            {"MetricName": "m", "Namespace": "n", "EvaluationPeriods": 1, "ComparisonOperator": "LessThanThreshold"}
            | {"Threshold": 1, "Period": 60, "Statistic": "Sum"},
            {"MetricName": "m", "Namespace": "n", "EvaluationPeriods": 2, "ComparisonOperator": "LessThanThreshold"}
            | {"Threshold": 2, "Period": 60, "Statistic": "Sum", "AlarmDescription": "d"},
        ),
        (
            "AWS::RDS::DBInstance",
            {"Engine": "postgres", "DBInstanceClass": "db.t4g.micro", "AllocatedStorage": "20"}
            | {"MasterUsername": "app", "MasterUserPassword": "hunter2hunter2"},
            {"Engine": "postgres", "DBInstanceClass": "db.t4g.small", "AllocatedStorage": "20"}
            | {"MasterUsername": "app", "MasterUserPassword": "hunter2hunter2", "BackupRetentionPeriod": 7}
            | {"EnablePerformanceInsights": True, "Tags": [{"Key": "a", "Value": "b"}]},
        ),
        ("AWS::ECS::Cluster", {}, {"ClusterSettings": [{"Name": "containerInsights", "Value": "enabled"}]}),
        (
            "AWS::SecretsManager::Secret",
            {"GenerateSecretString": {"PasswordLength": 20}},
            {"GenerateSecretString": {"PasswordLength": 20}, "Description": "d", "Tags": [{"Key": "a", "Value": "b"}]},
        ),
        (
            "AWS::Events::Rule",
            {"ScheduleExpression": "rate(1 day)"},
            {"ScheduleExpression": "rate(2 days)", "State": "DISABLED", "Description": "d"},
        ),
    ],
)
def test_common_types_change_in_place_and_back(
    deploy: Deploy, cloudformation: Any, kind: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    def template(properties: dict[str, Any]) -> str:
        return json.dumps({"Resources": {"It": {"Type": kind, "DeletionPolicy": "Delete", "Properties": properties}}})

    def identity() -> str:
        found = cloudformation.describe_stack_resources(StackName="shop")["StackResources"][0]
        return str(found["PhysicalResourceId"])

    capabilities = ["CAPABILITY_IAM"]
    assert deploy(template(before))["StackStatus"] == "CREATE_COMPLETE"
    made = identity()
    cloudformation.update_stack(StackName="shop", TemplateBody=template(before | after), Capabilities=capabilities)
    events = cloudformation.describe_stack_events(StackName="shop")["StackEvents"]
    assert state(cloudformation) == "UPDATE_COMPLETE", [each.get("ResourceStatusReason") for each in events]
    assert identity() == made
    cloudformation.delete_stack(StackName="shop")
    assert cloudformation.list_stacks()["StackSummaries"][0]["StackStatus"] == "DELETE_COMPLETE"


BUDGET = """
Parameters: {Limit: {Type: Number, Default: 100}, Name: {Type: String, Default: shop}}
Resources:
  Budget:
    Type: AWS::Budgets::Budget
    Properties:
      Budget:
        {BudgetName: !Ref Name, BudgetType: COST, TimeUnit: MONTHLY, BudgetLimit: {Amount: !Ref Limit, Unit: USD}}
      NotificationsWithSubscribers:
        - Notification: {NotificationType: ACTUAL, ComparisonOperator: GREATER_THAN, Threshold: 80}
          Subscribers: [{SubscriptionType: EMAIL, Address: a@example.com}]
"""


def test_a_budget_changes_in_place_and_keeps_its_alerts(sandbox: Sandbox, deploy: Deploy, cloudformation: Any) -> None:
    deploy(BUDGET)
    parameters = [{"ParameterKey": "Limit", "ParameterValue": "200"}]
    cloudformation.update_stack(StackName="shop", UsePreviousTemplate=True, Parameters=parameters)
    assert state(cloudformation) == "UPDATE_COMPLETE"
    budgets, by = sandbox.client("budgets"), {"AccountId": "123456789012", "BudgetName": "shop"}
    assert float(budgets.describe_budget(**by)["Budget"]["BudgetLimit"]["Amount"]) == 200
    assert len(budgets.describe_notifications_for_budget(**by)["Notifications"]) == 1


def test_a_budget_is_not_renamed(deploy: Deploy, cloudformation: Any) -> None:
    deploy(BUDGET)
    parameters = [{"ParameterKey": "Name", "ParameterValue": "other"}]
    cloudformation.update_stack(StackName="shop", UsePreviousTemplate=True, Parameters=parameters)
    assert state(cloudformation) == "UPDATE_ROLLBACK_COMPLETE"


KEYS = """
    Resources:
      Ada: {Type: AWS::IAM::User}
      Bob: {Type: AWS::IAM::User}
      Readers: {Type: AWS::IAM::Group}
      Writers: {Type: AWS::IAM::Group}
      Key: {Type: AWS::IAM::AccessKey, Properties: {UserName: !Ref Ada, Serial: 1}}
      Added: {Type: AWS::IAM::UserToGroupAddition, Properties: {GroupName: !Ref Readers, Users: [!Ref Ada, !Ref Bob]}}
    """


def test_keys_and_additions_to_groups_change_in_place_and_a_new_serial_is_a_new_key(
    sandbox: Sandbox, deploy: Deploy, cloudformation: Any
) -> None:
    def ids() -> dict[str, str]:
        found = cloudformation.describe_stack_resources(StackName="shop")["StackResources"]
        return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found}

    def update(template: str) -> None:
        named = ["CAPABILITY_IAM"]
        cloudformation.update_stack(StackName="shop", TemplateBody=template, Capabilities=named)
        assert state(cloudformation) == "UPDATE_COMPLETE"

    deploy(KEYS, Capabilities=["CAPABILITY_IAM"])
    first, iam = ids(), sandbox.client("iam")
    changed = KEYS.replace("Serial: 1", "Serial: 1, Status: Inactive")
    update(
        changed.replace(
            "GroupName: !Ref Readers, Users: [!Ref Ada, !Ref Bob]", "GroupName: !Ref Writers, Users: [!Ref Bob]"
        )
    )
    keys = iam.list_access_keys(UserName=first["Ada"])["AccessKeyMetadata"]
    assert [(key["AccessKeyId"], key["Status"]) for key in keys] == [(first["Key"], "Inactive")]
    assert ids()["Added"] == first["Added"]
    members = {
        name: [user["UserName"] for user in iam.get_group(GroupName=first[name])["Users"]]
        for name in ("Readers", "Writers")
    }
    assert members == {"Readers": [], "Writers": [first["Bob"]]}
    update(changed.replace("Serial: 1", "Serial: 2"))
    keys = iam.list_access_keys(UserName=first["Ada"])["AccessKeyMetadata"]
    assert [key["AccessKeyId"] for key in keys] == [ids()["Key"]] != [first["Key"]]
    cloudformation.delete_stack(StackName="shop")
    assert iam.list_users()["Users"] == []
