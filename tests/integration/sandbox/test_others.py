"""Types without a kind, in a sandbox that is asked to keep them by their provider schemas."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra_checks.live.clients import Access, Clients
from infra_checks.live.read_stack import live_stack
from infra_checks.live.reading import Unread
from infra_checks.live.stacks import LiveStack
from infra_checks.sandbox.server import Sandbox
from infra_checks.sandbox.testing import running_sandbox

TEMPLATE = """
Resources:
  Search:
    Type: AWS::OpenSearchService::Domain
    Properties:
      NodeToNodeEncryptionOptions: {Enabled: "true"}
      ClusterConfig: {InstanceCount: "3"}
      AdvancedSecurityOptions: {Enabled: true, MasterUserOptions: {MasterUserName: admin}}
  Network: {Type: AWS::DocDB::DBInstance, Properties: {DBClusterIdentifier: docs, DBInstanceClass: db.r6g.large}}
  Pages: {Type: AWS::CloudFront::Distribution, Properties: {DistributionConfig: {Enabled: true}}}
  Inline: {Type: AWS::IAM::RolePolicy, Properties: {PolicyName: read, RoleName: !GetAtt Answer.Role}}
  Answer: {Type: Custom::Answer, Properties: {ServiceToken: arn}}
  Stream: {Type: AWS::Kinesis::Stream}
  Queue: {Type: AWS::SQS::Queue}
Outputs:
  Endpoint: {Value: !GetAtt Search.DomainEndpoint}
  Search: {Value: !GetAtt Search.Arn}
  Stream: {Value: !GetAtt Stream.Arn}
"""


@pytest.fixture(scope="module")
def account() -> Iterator[Sandbox]:
    for sandbox in running_sandbox(keeps_others=True):
        cloudformation = sandbox.client("cloudformation")
        tags = [{"Key": "team", "Value": "shop"}]
        cloudformation.create_stack(StackName="shop", TemplateBody=TEMPLATE, Tags=tags)
        assert cloudformation.describe_stacks(StackName="shop")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
        yield sandbox


@pytest.fixture(scope="module")
def ids(account: Sandbox) -> dict[str, str]:
    found = account.client("cloudformation").describe_stack_resources(StackName="shop")["StackResources"]
    return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found}


@pytest.fixture(scope="module")
def stack(account: Sandbox) -> LiveStack:
    return live_stack("shop", clients=Clients(Access(region="us-east-1", endpoint_url=account.endpoint, attempts=1)))


def shown(account: Sandbox, kind: str, identifier: str) -> dict[str, Any]:
    answer = account.client("cloudcontrol").get_resource(TypeName=kind, Identifier=identifier)
    properties: dict[str, Any] = json.loads(answer["ResourceDescription"]["Properties"])
    return properties


def test_a_record_has_the_types_of_its_schema_and_what_the_service_sets(account: Sandbox, ids: dict[str, str]) -> None:
    found = shown(account, "AWS::OpenSearchService::Domain", ids["Search"])
    assert found["NodeToNodeEncryptionOptions"] == {"Enabled": True}
    assert found["ClusterConfig"]["InstanceCount"] == 3
    assert found["DomainName"] == ids["Search"]
    assert found["Arn"] == f"arn:aws:es:us-east-1:123456789012:domain/{ids['Search']}"
    assert found["Tags"] == [{"Key": "team", "Value": "shop"}]


def test_what_the_schema_calls_write_only_is_not_shown(account: Sandbox, ids: dict[str, str]) -> None:
    found = shown(account, "AWS::OpenSearchService::Domain", ids["Search"])
    assert "MasterUserOptions" not in found["AdvancedSecurityOptions"]


def test_a_default_of_the_schema_holds_where_the_template_says_nothing(account: Sandbox, ids: dict[str, str]) -> None:
    found = shown(account, "AWS::CloudFront::Distribution", ids["Pages"])
    assert found["DistributionConfig"]["HttpVersion"] == "http1.1"


def test_a_type_without_handlers_is_not_answered_for(account: Sandbox, ids: dict[str, str]) -> None:
    with pytest.raises(ClientError, match=r"UnsupportedActionException.*DocDB"):
        shown(account, "AWS::DocDB::DBInstance", ids["Network"])


def test_several_identifiers_are_joined(account: Sandbox, ids: dict[str, str]) -> None:
    assert ids["Inline"] == "read|answered-Role"
    assert shown(account, "AWS::IAM::RolePolicy", "read|answered-Role")["RoleName"] == "answered-Role"


def test_an_arn_has_the_form_of_its_type(account: Sandbox, ids: dict[str, str]) -> None:
    outputs = account.client("cloudformation").describe_stacks(StackName="shop")["Stacks"][0]["Outputs"]
    found = {each["OutputKey"]: each["OutputValue"] for each in outputs}
    assert found["Stream"] == f"arn:aws:kinesis:us-east-1:123456789012:stream/{ids['Stream']}"


def test_the_live_reader_takes_a_record_for_what_cloud_control_says_on_aws(stack: LiveStack) -> None:
    properties = stack["Search"].properties
    assert isinstance(properties, dict)
    silent = Unread("Cloud Control does not return it")
    assert properties["AdvancedSecurityOptions"] == {"Enabled": True, "MasterUserOptions": silent}
    assert not {"Arn", "DomainEndpoint", "DomainEndpoints"} & properties.keys()
    assert stack["Network"].properties == Unread("UnsupportedActionException: cloudcontrol:GetResource")
    assert stack["Answer"].properties == {"ServiceToken": "arn"}


def test_a_type_that_aws_does_not_have_fails_the_stack(account: Sandbox) -> None:
    cloudformation = account.client("cloudformation")
    cloudformation.create_stack(StackName="other", TemplateBody="Resources: {Thing: {Type: 'AWS::New::Thing'}}")
    events = cloudformation.describe_stack_events(StackName="other")["StackEvents"]
    assert any(each.get("ResourceStatusReason") == "the sandbox cannot make AWS::New::Thing" for each in events)


def test_without_being_asked_a_sandbox_fails_on_a_type_that_it_cannot_make(
    deploy: Callable[..., dict[str, Any]], reasons: Callable[..., dict[str, str]]
) -> None:
    deploy("Resources: {Stream: {Type: 'AWS::Kinesis::Stream'}}")
    assert reasons()["Stream"] == "the sandbox cannot make AWS::Kinesis::Stream"
