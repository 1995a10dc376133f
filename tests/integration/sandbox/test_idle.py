"""Functions do not run in the sandbox; what waits for one stays where it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra_checks.sandbox.server import Sandbox

TEMPLATE = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handle
      Role: !GetAtt Role.Arn
      Code: {ZipFile: "def handle(event, context): ..."}
  Queue: {Type: AWS::SQS::Queue}
  Source:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !Ref Function, EventSourceArn: !GetAtt Queue.Arn, BatchSize: 5}
  Secret: {Type: AWS::SecretsManager::Secret, Properties: {SecretString: first}}
  Rotation:
    Type: AWS::SecretsManager::RotationSchedule
    Properties:
      SecretId: !Ref Secret
      RotationLambdaARN: !GetAtt Function.Arn
      RotateImmediatelyOnUpdate: false
      RotationRules: {ScheduleExpression: "cron(0 7 ? * MON *)", Duration: 2h}
Outputs:
  Function: {Value: !GetAtt Function.Arn}
  Queue: {Value: !Ref Queue}
  Secret: {Value: !Ref Secret}
"""


@pytest.fixture
def made(deploy: Callable[..., dict[str, Any]], outputs: Callable[[], dict[str, str]]) -> dict[str, str]:
    assert deploy(TEMPLATE)["StackStatus"] == "CREATE_COMPLETE"
    return outputs()


def test_a_message_for_a_function_stays_in_the_queue(sandbox: Sandbox, made: dict[str, str]) -> None:
    sqs = sandbox.client("sqs")
    sqs.send_message(QueueUrl=made["Queue"], MessageBody="an order")
    (message,) = sqs.receive_message(QueueUrl=made["Queue"])["Messages"]
    assert message["Body"] == "an order"
    (mapping,) = sandbox.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    assert mapping["BatchSize"] == 5


def test_a_schedule_is_shown_as_it_was_given_and_rotates_nothing_at_once(
    sandbox: Sandbox, made: dict[str, str]
) -> None:
    found = sandbox.client("secretsmanager").describe_secret(SecretId=made["Secret"])
    assert found["RotationEnabled"] is True
    assert found["RotationLambdaARN"] == made["Function"]
    assert found["RotationRules"] == {"ScheduleExpression": "cron(0 7 ? * MON *)", "Duration": "2h"}
    assert list(found["VersionIdsToStages"].values()) == [["AWSCURRENT"]]


def test_a_rotation_begins_with_a_pending_version_without_a_value(sandbox: Sandbox, made: dict[str, str]) -> None:
    secrets = sandbox.client("secretsmanager")
    version = secrets.rotate_secret(SecretId=made["Secret"])["VersionId"]
    found = secrets.describe_secret(SecretId=made["Secret"])
    assert found["VersionIdsToStages"][version] == ["AWSPENDING"]
    assert found["RotationLambdaARN"] == made["Function"]
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        secrets.get_secret_value(SecretId=made["Secret"], VersionId=version)
    secrets.put_secret_value(
        SecretId=made["Secret"], ClientRequestToken=version, SecretString="second", VersionStages=["AWSPENDING"]
    )
    assert secrets.get_secret_value(SecretId=made["Secret"], VersionId=version)["SecretString"] == "second"
    assert secrets.get_secret_value(SecretId=made["Secret"])["SecretString"] == "first"
    (current,) = (each for each, stages in found["VersionIdsToStages"].items() if stages == ["AWSCURRENT"])
    secrets.update_secret_version_stage(
        SecretId=made["Secret"], VersionStage="AWSCURRENT", MoveToVersionId=version, RemoveFromVersionId=current
    )
    assert secrets.get_secret_value(SecretId=made["Secret"])["SecretString"] == "second"


def test_a_rotation_that_has_not_ended_refuses_another(sandbox: Sandbox, made: dict[str, str]) -> None:
    secrets = sandbox.client("secretsmanager")
    secrets.rotate_secret(SecretId=made["Secret"])
    with pytest.raises(ClientError, match="previous rotation"):
        secrets.rotate_secret(SecretId=made["Secret"])


def test_a_secret_without_a_function_cannot_be_rotated(sandbox: Sandbox) -> None:
    secrets = sandbox.client("secretsmanager")
    name = secrets.create_secret(Name="alone", SecretString="first")["Name"]
    with pytest.raises(ClientError, match="No Lambda rotation function"):
        secrets.rotate_secret(SecretId=name)


def test_a_bucket_shows_that_it_tells_eventbridge(sandbox: Sandbox) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="telling")
    assert "EventBridgeConfiguration" not in s3.get_bucket_notification_configuration(Bucket="telling")
    s3.put_bucket_notification_configuration(
        Bucket="telling", NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    assert "EventBridgeConfiguration" in s3.get_bucket_notification_configuration(Bucket="telling")


def test_a_bucket_that_takes_tls_only_can_be_used(sandbox: Sandbox) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="closed")
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::closed/*"}
    tls_only = {**deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    s3.put_bucket_policy(Bucket="closed", Policy=json.dumps({"Version": "2012-10-17", "Statement": [tls_only]}))
    s3.put_object(Bucket="closed", Key="key", Body=b"text")
    s3.put_bucket_policy(Bucket="closed", Policy=json.dumps({"Version": "2012-10-17", "Statement": [tls_only, deny]}))
    with pytest.raises(ClientError, match=r"403|AccessDenied"):
        s3.put_object(Bucket="closed", Key="key", Body=b"text")
