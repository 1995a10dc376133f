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


BUCKETS = """
Resources:
  Site:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: site
      AccessControl: %s
      WebsiteConfiguration: {IndexDocument: index.html, ErrorDocument: error.html}
      VersioningConfiguration: {Status: Enabled}
      ReplicationConfiguration:
        Role: arn:aws:iam::123456789012:role/copies
        Rules: [{Id: all, Status: Enabled, Destination: {Bucket: !GetAtt Copies.Arn}}]
  Copies: {Type: AWS::S3::Bucket, Properties: {BucketName: copies}}
"""


def test_a_bucket_has_its_acl_its_website_and_its_copies(
    sandbox: Sandbox, cloudformation: Any, deploy: Callable[[str], Any]
) -> None:
    deploy(BUCKETS % "LogDeliveryWrite")
    client = sandbox.client("s3")
    assert sorted(_rights(client)) == ["READ_ACP", "WRITE"]
    assert client.get_bucket_website(Bucket="site")["ErrorDocument"] == {"Key": "error.html"}
    replication = client.get_bucket_replication(Bucket="site")["ReplicationConfiguration"]
    assert replication["Rules"][0]["Destination"]["Bucket"] == "arn:aws:s3:::copies"
    cloudformation.update_stack(StackName="shop", TemplateBody=BUCKETS % "PublicRead")
    assert _rights(client) == ["READ"]
    plain = "Resources: {Site: {Type: AWS::S3::Bucket, Properties: {BucketName: site}}}"
    cloudformation.update_stack(StackName="shop", TemplateBody=plain)
    assert not _rights(client)
    with pytest.raises(ClientError, match="NoSuchWebsiteConfiguration"):
        client.get_bucket_website(Bucket="site")


def _rights(client: Any) -> list[str]:
    """What others than the owner may do with a bucket."""
    grants = client.get_bucket_acl(Bucket="site")["Grants"]
    return [each["Permission"] for each in grants if "URI" in each["Grantee"]]


def test_a_user_gets_a_password_and_loses_it(
    sandbox: Sandbox, cloudformation: Any, deploy: Callable[[str], Any]
) -> None:
    user = "Resources: {Person: {Type: AWS::IAM::User, Properties: {UserName: ada%s}}}"
    deploy(user % ", LoginProfile: {Password: Initial-1, PasswordResetRequired: true}")
    client = sandbox.client("iam")
    assert client.get_login_profile(UserName="ada")["LoginProfile"]["PasswordResetRequired"] is True
    cloudformation.update_stack(
        StackName="shop",
        TemplateBody=user % ", Tags: [{Key: team, Value: shop}]",
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    with pytest.raises(ClientError, match="NoSuchEntity"):
        client.get_login_profile(UserName="ada")


def test_where_moto_fails_the_event_names_the_place(
    deploy: Callable[[str], Any], reasons: Callable[[], dict[str, str]]
) -> None:
    deploy("Resources: {Site: {Type: AWS::S3::Bucket, Properties: {AccessControl: Nonsense}}}")
    assert "moto failed: AssertionError: Unknown canned acl: nonsense (s3/models.py" in reasons()["Site"]


def test_a_property_of_another_form_fails_its_resource_with_an_event(
    deploy: Callable[[str], Any], reasons: Callable[[], dict[str, str]]
) -> None:
    group = "{GroupDescription: x, SecurityGroupIngress: [{IpProtocol: tcp, FromPort: first, ToPort: 2}]}"
    stack = deploy(f"Resources: {{Group: {{Type: AWS::EC2::SecurityGroup, Properties: {group}}}}}")
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "a property is not what the sandbox expects" in reasons()["Group"]
