"""Making and removing stacks through boto3."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra_checks.sandbox.server import Sandbox

Deploy = Callable[..., dict[str, Any]]
Reasons = Callable[..., dict[str, str]]

QUEUE = "Resources: {Queue: {Type: 'AWS::SQS::Queue', Properties: {QueueName: orders}}}"


def test_a_stack_is_complete_with_real_resources_and_outputs_when_create_stack_returns(
    sandbox: Sandbox, deploy: Deploy, outputs: Callable[..., dict[str, str]]
) -> None:
    stack = deploy("""
        Resources:
          Failed: {Type: AWS::SQS::Queue}
          Queue:
            Type: AWS::SQS::Queue
            Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt Failed.Arn, maxReceiveCount: 3}}
        Outputs:
          Url: {Value: !Ref Queue, Description: where}
          Text: {Value: !Sub "${Queue.QueueName} in ${AWS::Region} of ${!literal}"}
        """)
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    found = outputs()
    attributes = sandbox.client("sqs").get_queue_attributes(QueueUrl=found["Url"], AttributeNames=["RedrivePolicy"])
    target = json.loads(attributes["Attributes"]["RedrivePolicy"])["deadLetterTargetArn"]
    assert target.startswith("arn:aws:sqs:us-east-1:123456789012:shop-Failed-")
    assert found["Text"].startswith("shop-Queue-")
    assert found["Text"].endswith(" in us-east-1 of ${literal}")


def test_conditions_mappings_and_no_value_are_the_evaluators_own(sandbox: Sandbox, deploy: Deploy) -> None:
    template = """
        Parameters: {Environment: {Type: String, AllowedValues: [test, prod]}}
        Mappings: {Days: {test: {Keep: 1}, prod: {Keep: 30}}}
        Conditions: {IsProd: !Equals [!Ref Environment, prod]}
        Resources:
          Logs:
            Type: AWS::Logs::LogGroup
            Properties:
              LogGroupName: logs
              RetentionInDays: !FindInMap [Days, !Ref Environment, Keep]
              KmsKeyId: !If [IsProd, !GetAtt Key.Arn, !Ref AWS::NoValue]
          Key:
            Type: AWS::KMS::Key
            Condition: IsProd
            Properties: {KeyPolicy: {Version: "2012-10-17", Statement: []}}
        Outputs:
          Key: {Condition: IsProd, Value: !Ref Key}
        """
    stack = deploy(template, parameters={"Environment": "test"})
    group = sandbox.client("logs").describe_log_groups()["logGroups"][0]
    assert (group["retentionInDays"], group.get("kmsKeyId")) == (1, None)
    assert "Outputs" not in stack


def test_tags_of_the_stack_are_on_its_resources_and_a_resources_own_win(sandbox: Sandbox, deploy: Deploy) -> None:
    template = """
        Resources:
          Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16, Tags: [{Key: Owner, Value: net}]}}
          Topic: {Type: AWS::SNS::Topic}
          Setting: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: x, Tags: {Own: 1}}}
        Outputs: {Vpc: {Value: !Ref Vpc}, Topic: {Value: !Ref Topic}, Setting: {Value: !Ref Setting}}
        """
    stack = deploy(template, Tags=[{"Key": "Owner", "Value": "shop"}, {"Key": "Cost", "Value": "1"}])
    found = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    vpc = sandbox.client("ec2").describe_vpcs(VpcIds=[found["Vpc"]])["Vpcs"][0]
    assert {tag["Key"]: tag["Value"] for tag in vpc["Tags"]} == {"Owner": "net", "Cost": "1"}
    topic = sandbox.client("sns").list_tags_for_resource(ResourceArn=found["Topic"])["Tags"]
    assert {"Key": "Owner", "Value": "shop"} in topic
    own = sandbox.client("ssm").list_tags_for_resource(ResourceType="Parameter", ResourceId=found["Setting"])
    assert {"Key": "Own", "Value": "1"} in own["TagList"]


def test_dynamic_references_are_resolved_even_when_a_function_puts_them_together(
    sandbox: Sandbox, deploy: Deploy
) -> None:
    secrets = sandbox.client("secretsmanager")
    secrets.create_secret(Name="db", SecretString='{"password": "hunter2"}')
    sandbox.client("ssm").put_parameter(Name="/size", Type="String", Value="7")
    deploy("""
        Parameters: {Secret: {Type: String, Default: db}}
        Resources:
          Setting:
            Type: AWS::SSM::Parameter
            Properties:
              Name: /result
              Type: String
              Value: !Sub "{{resolve:ssm:/size}}-{{resolve:secretsmanager:${Secret}:SecretString:password}}"
        """)
    assert sandbox.client("ssm").get_parameter(Name="/result")["Parameter"]["Value"] == "7-hunter2"


def test_a_parameter_that_names_a_systems_manager_parameter_has_its_value(sandbox: Sandbox, deploy: Deploy) -> None:
    sandbox.client("ssm").put_parameter(Name="/days", Type="String", Value="14")
    stack = deploy("""
        Parameters: {Days: {Type: "AWS::SSM::Parameter::Value<String>", Default: /days}}
        Resources: {Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: a, RetentionInDays: !Ref Days}}}
        """)
    assert sandbox.client("logs").describe_log_groups()["logGroups"][0]["retentionInDays"] == 14
    assert stack["Parameters"] == [{"ParameterKey": "Days", "ParameterValue": "/days", "ResolvedValue": "14"}]


def test_hidden_parameters_reach_resources_and_are_not_shown(sandbox: Sandbox, deploy: Deploy) -> None:
    stack = deploy(
        """
        Parameters: {Password: {Type: String, NoEcho: true}}
        Resources: {Secret: {Type: AWS::SecretsManager::Secret, Properties: {Name: s, SecretString: !Ref Password}}}
        """,
        parameters={"Password": "hunter2"},
    )
    assert stack["Parameters"][0]["ParameterValue"] == "****"
    assert sandbox.client("secretsmanager").get_secret_value(SecretId="s")["SecretString"] == "hunter2"


def test_exports_are_listed_imported_and_kept_while_somebody_imports_them(
    cloudformation: Any, deploy: Deploy, outputs: Callable[..., dict[str, str]]
) -> None:
    deploy(QUEUE + "\nOutputs: {Name: {Value: !GetAtt Queue.QueueName, Export: {Name: queue-name}}}", "base")
    deploy(
        """
        Resources: {Topic: {Type: AWS::SNS::Topic}}
        Outputs: {Copy: {Value: !Join ["/", [a, !ImportValue queue-name]]}}
        """,
        "user",
    )
    assert outputs("user") == {"Copy": "a/orders"}
    assert [each["Name"] for each in cloudformation.list_exports()["Exports"]] == ["queue-name"]
    assert cloudformation.list_imports(ExportName="queue-name")["Imports"] == ["user"]
    with pytest.raises(ClientError, match="in use by user"):
        cloudformation.delete_stack(StackName="base")


@pytest.mark.parametrize(
    ("template", "options", "message"),
    [
        ("Resources: {A: {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref B}}}", {}, r"dependencies \[B\]"),
        ("Parameters: {P: {Type: String}}\n" + QUEUE, {}, r"Parameters: \[P\] must have values"),
        (QUEUE, {"parameters": {"P": "1"}}, r"Parameters: \[P\] do not exist"),
        ("Parameters: {P: {Type: String, AllowedValues: [a]}}\n" + QUEUE, {"parameters": {"P": "b"}}, "AllowedValues"),
        ("Parameters: {P: {Type: String, AllowedPattern: 'a+'}}\n" + QUEUE, {"parameters": {"P": "b"}}, "constraint"),
        ("Parameters: {}", {}, "Template format error"),
        ("Transform: Macro\n" + QUEUE, {}, "No transform named Macro found"),
        (QUEUE + "#" * 51_200, {}, "less than or equal to 51200"),
        (
            "Resources: {A: {Type: AWS::SNS::Topic, DependsOn: B}, B: {Type: AWS::SNS::Topic, DependsOn: A}}",
            {},
            "Circular dependency",
        ),
        (
            "Resources: {R: {Type: AWS::IAM::Group}}",
            {"Capabilities": []},
            r"Requires capabilities : \[CAPABILITY_IAM\]",
        ),
        (
            "Resources: {R: {Type: AWS::IAM::Group, Properties: {GroupName: g}}}",
            {"Capabilities": ["CAPABILITY_IAM"]},
            "CAPABILITY_NAMED_IAM",
        ),
    ],
)
def test_a_request_that_cloudformation_refuses_makes_no_stack(
    cloudformation: Any, deploy: Deploy, template: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError, match=message):
        deploy(template, **options)
    assert cloudformation.list_stacks()["StackSummaries"] == []


FAILING = """
    Resources:
      Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: orders}}
      Bad: {Type: %s, DependsOn: Queue, Properties: %s}
    """


@pytest.mark.parametrize(
    ("kind", "properties", "reason"),
    [
        ("AWS::SNS::Topic", "{Colour: red}", "the sandbox cannot give Colour"),
        (
            "AWS::S3::Bucket",
            "{VersioningConfiguration: {Status: Enabled, Colour: red}}",
            "VersioningConfiguration.Colour",
        ),
        ("AWS::Logs::LogGroup", "{RetentionInDays: soon}", "must be a value of type integer, not 'soon'"),
        ("AWS::Lambda::Alias", "{FunctionName: nobody, FunctionVersion: '1', Name: a}", "ResourceNotFound"),
        ("AWS::SNS::Topic", "{TopicName: !GetAtt Queue.Colour}", "no attribute Colour of AWS::SQS::Queue"),
    ],
)
def test_a_resource_that_cannot_be_made_whole_fails_the_stack_and_takes_the_others_back(
    sandbox: Sandbox, deploy: Deploy, reasons: Reasons, kind: str, properties: str, reason: str
) -> None:
    stack = deploy(FAILING % (kind, properties))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert reason in reasons()["Bad"]
    assert "QueueUrls" not in sandbox.client("sqs").list_queues()
    assert sandbox.client("s3").list_buckets()["Buckets"] == []
    assert sandbox.client("sns").list_topics()["Topics"] == []


def test_a_type_that_the_sandbox_does_not_know_fails_the_stack_before_anything_is_made(
    deploy: Deploy, reasons: Reasons, cloudformation: Any
) -> None:
    stack = deploy(FAILING % ("AWS::Braket::QuantumTask", "{}"))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "cannot make AWS::Braket::QuantumTask" in reasons()["Bad"]
    made = [each["LogicalResourceId"] for each in cloudformation.describe_stack_events(StackName="shop")["StackEvents"]]
    assert "Queue" not in made


def test_without_rollback_what_was_made_stays_and_the_failure_is_told(sandbox: Sandbox, deploy: Deploy) -> None:
    stack = deploy(FAILING % ("AWS::SNS::Topic", "{Colour: red}"), DisableRollback=True)
    assert stack["StackStatus"] == "CREATE_FAILED"
    assert len(sandbox.client("sqs").list_queues()["QueueUrls"]) == 1


def test_deletion_policies_retain_snapshot_and_delete(sandbox: Sandbox, deploy: Deploy, cloudformation: Any) -> None:
    database = (
        "{Engine: postgres, DBInstanceClass: db.t4g.micro, AllocatedStorage: 20, MasterUsername: app, "
        "MasterUserPassword: hunter2hunter2}"
    )
    deploy(f"""
        Resources:
          Kept: {{Type: AWS::SQS::Queue, DeletionPolicy: Retain, Properties: {{QueueName: kept}}}}
          Gone: {{Type: AWS::SQS::Queue, Properties: {{QueueName: gone}}}}
          Saved: {{Type: AWS::RDS::DBInstance, Properties: {database}}}
          Dropped: {{Type: AWS::RDS::DBInstance, DeletionPolicy: Delete, Properties: {database}}}
        """)
    cloudformation.delete_stack(StackName="shop")
    assert [url.rpartition("/")[2] for url in sandbox.client("sqs").list_queues()["QueueUrls"]] == ["kept"]
    rds = sandbox.client("rds")
    assert rds.describe_db_instances()["DBInstances"] == []
    snapshots = rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    assert ["saved" in each["DBSnapshotIdentifier"] for each in snapshots] == [True]


def test_language_extensions_let_a_deletion_policy_depend_on_a_parameter(
    sandbox: Sandbox, deploy: Deploy, cloudformation: Any
) -> None:
    deploy("""
        Transform: AWS::LanguageExtensions
        Parameters: {Policy: {Type: String, Default: Retain}}
        Resources:
          Fn::ForEach::Queues:
            - Name
            - [red, blue]
            - Queue${Name}:
                Type: AWS::SQS::Queue
                DeletionPolicy: !Ref Policy
                Properties: {QueueName: !Ref Name}
        """)
    cloudformation.delete_stack(StackName="shop")
    assert len(sandbox.client("sqs").list_queues()["QueueUrls"]) == 2


def test_a_stack_that_cannot_be_removed_says_so_and_keeps_what_is_needed(
    sandbox: Sandbox, deploy: Deploy, cloudformation: Any, reasons: Reasons
) -> None:
    deploy("Resources: {Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: full}}}")
    sandbox.client("s3").put_object(Bucket="full", Key="a", Body=b"1")
    cloudformation.delete_stack(StackName="shop")
    assert cloudformation.describe_stacks(StackName="shop")["Stacks"][0]["StackStatus"] == "DELETE_FAILED"
    assert "BucketNotEmpty" in reasons()["Bucket"]


def test_a_rule_of_a_security_group_without_a_protocol_fails_the_stack(
    deploy: Deploy, reasons: Callable[..., dict[str, str]]
) -> None:
    stack = deploy("""
        Resources:
          Group: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: g, SecurityGroupEgress: [{}]}}
        """)
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "required key [IpProtocol] not found" in reasons()["Group"]


def test_a_protected_stack_stays(deploy: Deploy, cloudformation: Any) -> None:
    deploy(QUEUE, EnableTerminationProtection=True)
    with pytest.raises(ClientError, match="TerminationProtection"):
        cloudformation.delete_stack(StackName="shop")
    cloudformation.update_termination_protection(StackName="shop", EnableTerminationProtection=False)
    cloudformation.delete_stack(StackName="shop")
    with pytest.raises(ClientError, match="does not exist"):
        cloudformation.describe_stacks(StackName="shop")


def test_a_template_comes_from_the_sandboxs_s3_too(sandbox: Sandbox, cloudformation: Any) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="a/queue.yaml", Body=QUEUE.encode())
    for number, url in enumerate(
        ("https://templates.s3.us-east-1.amazonaws.com/a/queue.yaml", f"{sandbox.endpoint}/templates/a/queue.yaml")
    ):
        cloudformation.create_stack(StackName=f"s{number}", TemplateURL=url)
        cloudformation.delete_stack(StackName=f"s{number}")
    assert cloudformation.get_template_summary(TemplateBody=QUEUE)["ResourceTypes"] == ["AWS::SQS::Queue"]


def test_regions_are_apart(sandbox: Sandbox, deploy: Deploy) -> None:
    deploy(QUEUE)
    west = sandbox.client("cloudformation", "us-west-2")
    assert west.list_stacks()["StackSummaries"] == []
    west.create_stack(StackName="shop", TemplateBody=QUEUE + "\nOutputs: {Zone: {Value: !Select [1, !GetAZs '']}}")
    assert west.describe_stacks()["Stacks"][0]["Outputs"][0]["OutputValue"] == "us-west-2b"


def test_records_are_read_by_cloud_control_and_what_has_an_api_is_not(
    sandbox: Sandbox, deploy: Deploy, cloudformation: Any
) -> None:
    deploy("Resources: {Group: {Type: AWS::XRay::Group, Properties: {GroupName: shop, FilterExpression: fault}}}")
    identity = cloudformation.describe_stack_resource(StackName="shop", LogicalResourceId="Group")
    reference = identity["StackResourceDetail"]["PhysicalResourceId"]
    control = sandbox.client("cloudcontrol")
    found = control.get_resource(TypeName="AWS::XRay::Group", Identifier=reference)["ResourceDescription"]
    assert json.loads(found["Properties"])["FilterExpression"] == "fault"
    with pytest.raises(ClientError, match="UnsupportedAction"):
        control.get_resource(TypeName="AWS::SQS::Queue", Identifier="x")
    cloudformation.delete_stack(StackName="shop")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        control.get_resource(TypeName="AWS::XRay::Group", Identifier=reference)
