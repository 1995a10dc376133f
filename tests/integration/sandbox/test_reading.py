"""What the sandbox answers to operations that read."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra_checks.sandbox.server import Sandbox

TABLE = """
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: orders
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      ContributorInsightsSpecification: {Enabled: %s}
"""


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("sns", "list_origination_numbers", {}),
        ("dynamodb", "describe_global_table_settings", {"GlobalTableName": "abc"}),
    ],
)
def test_an_operation_that_moto_does_not_have_is_an_error_that_is_not_tried_again(
    sandbox: Sandbox, service: str, operation: str, parameters: dict[str, str]
) -> None:
    with pytest.raises(ClientError) as failure:
        getattr(sandbox.client(service), operation)(**parameters)
    assert failure.value.response["Error"]["Code"] == "NotImplemented"
    assert failure.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_contributor_insights_follow_the_template(
    sandbox: Sandbox, cloudformation: Any, deploy: Callable[[str], Any]
) -> None:
    deploy(TABLE % "true")
    client = sandbox.client("dynamodb")
    assert client.describe_contributor_insights(TableName="orders")["ContributorInsightsStatus"] == "ENABLED"
    cloudformation.update_stack(StackName="shop", TemplateBody=TABLE % "false")
    assert client.describe_contributor_insights(TableName="orders")["ContributorInsightsStatus"] == "DISABLED"


def test_user_data_is_what_the_template_encodes(sandbox: Sandbox, deploy: Callable[[str], Any]) -> None:
    properties = "{ImageId: ami-12c6146b, InstanceType: t3.micro, UserData: {Fn::Base64: echo hello}}"
    deploy(f"Resources: {{Host: {{Type: AWS::EC2::Instance, Properties: {properties}}}}}")
    client = sandbox.client("ec2")
    host = client.describe_instances()["Reservations"][0]["Instances"][0]["InstanceId"]
    told = client.describe_instance_attribute(InstanceId=host, Attribute="userData")["UserData"]["Value"]
    assert b64decode(told) == b"echo hello"
