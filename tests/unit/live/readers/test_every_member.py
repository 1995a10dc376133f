"""Readers are given answers in which every member of the API's model has a value.

So a member or an operation that is misspelt, a parameter that is not the API's, and a property that is forgotten show.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.model import ServiceModel, Shape
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from infra_checks.live.reading import Answer, Plain, Unread, reader_of
from tests.integration.live.asking_data import ACCOUNT, REGION, problems

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"
OWN_KEY = {"KeyManager": "CUSTOMER"}
POLICY = (
    '{"Statement": [{"Sid": "sid", "Principal": "*", "Action": "a", "Resource": "r", "Condition": {"StringEquals":'
    ' {"AWS:SourceAccount": "1", "AWS:SourceArn": "a", "aws:PrincipalOrgID": "o", "lambda:EventSourceToken": "t",'
    ' "lambda:FunctionUrlAuthType": "NONE", "lambda:InvokedViaFunctionUrl": "true"}}}]}'
)
DEPTH = 9


@dataclass(frozen=True)
class Case:
    """A type: its physical id and template, members with a value of their own, and what its answer has not."""

    id: str = "x-1"
    declared: Mapping[str, Plain] = field(default_factory=dict)
    members: Mapping[str, Any] = field(default_factory=dict)
    without: str = ""


API = {"RestApiId": "api"}
# Not here: web ACLs and pipelines, whose models have more members in their statements and conditions than properties.
CASES = {
    "AWS::ApiGateway::Account": Case(),
    "AWS::ApiGateway::ApiKey": Case(
        declared={"Name": "a"}, members={"stageKeys": ["a/b"]}, without="GenerateDistinctId"
    ),
    "AWS::ApiGateway::Authorizer": Case(declared=API),
    "AWS::ApiGateway::Deployment": Case(declared=API, without="DeploymentCanarySettings StageDescription StageName"),
    "AWS::ApiGateway::GatewayResponse": Case(declared=API | {"ResponseType": "DEFAULT_4XX"}),
    "AWS::ApiGateway::Method": Case(declared=API | {"ResourceId": "r", "HttpMethod": "GET"}),
    "AWS::ApiGateway::Model": Case(declared=API, members={"schema": '{"type": "object"}'}),
    "AWS::ApiGateway::RequestValidator": Case(declared=API),
    "AWS::ApiGateway::Resource": Case(declared=API),
    "AWS::ApiGateway::RestApi": Case(
        declared={"Name": "a"},
        members={"policy": POLICY},
        without="Body BodyS3Location CloneFrom FailOnWarnings Mode Parameters",
    ),
    "AWS::ApiGateway::Stage": Case(declared=API),
    "AWS::ApiGateway::UsagePlan": Case(),
    "AWS::ApiGateway::UsagePlanKey": Case("key:plan"),
    "AWS::ApplicationAutoScaling::ScalableTarget": Case("service/a/b|ecs:service:DesiredCount|ecs"),
    "AWS::ApplicationAutoScaling::ScalingPolicy": Case(
        "arn:resource/ecs/s", members={"PolicyARN": "arn:resource/ecs/s"}
    ),
    "AWS::AutoScaling::AutoScalingGroup": Case(without="AvailabilityZoneIds"),
    "AWS::CertificateManager::Certificate": Case(without="Id"),
    "AWS::CodeBuild::Project": Case(),
    "AWS::DAX::Cluster": Case(),
    "AWS::DMS::ReplicationInstance": Case(
        f"arn:aws:dms:{REGION}:{ACCOUNT}:rep:x", declared={"ResourceIdentifier": "x"}, members=OWN_KEY
    ),
    "AWS::DocDB::DBCluster": Case(
        declared={"RotateMasterUserPassword": True},
        members=OWN_KEY,
        without="""MasterUserPassword RestoreToTime RestoreType SnapshotIdentifier SourceDBClusterIdentifier
        UseLatestRestorableTime""",
    ),
    "AWS::EC2::ClientVpnEndpoint": Case(),
    "AWS::EC2::CustomerGateway": Case(members={"BgpAsn": "1", "BgpAsnExtended": "2"}),
    "AWS::EC2::EIP": Case(without="Address"),
    "AWS::EC2::FlowLog": Case(members={"ResourceId": "vpc-1"}),
    "AWS::EC2::Instance": Case(
        members={
            "Tags": [{"Key": "a", "Value": "b"}, {"Key": "aws:ec2launchtemplate:id", "Value": "lt-1"}],
        },
        without="""ElasticGpuSpecifications ElasticInferenceAccelerators HostResourceGroupArn Ipv6AddressCount
        Ipv6Addresses LicenseSpecifications SecurityGroups Volumes""",
    ),
    "AWS::EC2::InternetGateway": Case(),
    "AWS::EC2::LaunchTemplate": Case(),
    "AWS::EC2::NatGateway": Case(
        without="""AvailabilityZoneAddresses SecondaryAllocationIds SecondaryPrivateIpAddressCount
        SecondaryPrivateIpAddresses"""
    ),
    "AWS::EC2::NetworkAcl": Case(),
    "AWS::EC2::NetworkAclEntry": Case(
        declared={"NetworkAclId": "acl-1", "RuleNumber": 7, "Egress": True}, members={"Protocol": "6"}
    ),
    "AWS::EC2::PrefixList": Case(),
    "AWS::EC2::Route": Case("rtb-1|x-1", without="VpcEndpointId"),
    "AWS::EC2::RouteTable": Case(),
    "AWS::EC2::SecurityGroup": Case(),
    "AWS::EC2::SecurityGroupEgress": Case("sgr-1"),
    "AWS::EC2::SecurityGroupIngress": Case("sgr-1", without="GroupName SourceSecurityGroupName"),
    "AWS::EC2::Subnet": Case(
        members={"State": "associated"},
        without="AvailabilityZoneId Ipv4IpamPoolId Ipv4NetmaskLength Ipv6IpamPoolId Ipv6NetmaskLength",
    ),
    "AWS::EC2::SubnetNetworkAclAssociation": Case(),
    "AWS::EC2::SubnetRouteTableAssociation": Case(),
    "AWS::EC2::VPC": Case(without="Ipv4IpamPoolId Ipv4NetmaskLength"),
    "AWS::EC2::VPCEndpoint": Case(members={"PolicyDocument": POLICY}),
    "AWS::EC2::VPCGatewayAttachment": Case("IGW|vpc-1", without="VpnGatewayId"),
    "AWS::EC2::VPNConnection": Case(),
    "AWS::EC2::VPNGateway": Case(),
    "AWS::EC2::VPNGatewayRoutePropagation": Case(declared={"VpnGatewayId": "x-1", "RouteTableIds": ["rtb-1"]}),
    "AWS::EC2::Volume": Case(without="AvailabilityZoneId"),
    "AWS::ECR::Repository": Case(members={"policyText": POLICY}),
    "AWS::ECS::Cluster": Case(),
    "AWS::ECS::Service": Case(f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/c/s", members={"status": "PRIMARY"}),
    "AWS::ECS::TaskDefinition": Case(),
    "AWS::EMR::Cluster": Case(),
    "AWS::ElasticBeanstalk::Application": Case(),
    "AWS::ElasticBeanstalk::ApplicationVersion": Case(
        declared={"ApplicationName": "a"}, without="BuildConfiguration ImageConfiguration Process"
    ),
    "AWS::ElasticBeanstalk::ConfigurationTemplate": Case(
        declared={"ApplicationName": "a"}, without="EnvironmentId SourceConfiguration"
    ),
    "AWS::ElasticBeanstalk::Environment": Case(),
    "AWS::ElasticLoadBalancingV2::Listener": Case(),
    "AWS::ElasticLoadBalancingV2::ListenerRule": Case(
        f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:listener-rule/app/n/1/2/3", members={"Priority": "5"}
    ),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": Case(without="Subnets"),
    "AWS::ElasticLoadBalancingV2::TargetGroup": Case(),
    "AWS::Elasticsearch::Domain": Case(members=OWN_KEY | {"AccessPolicies": POLICY}),
    "AWS::Events::EventBus": Case(members={"Policy": POLICY}),
    "AWS::Events::Rule": Case(members={"EventPattern": '{"source": ["a"]}'}),
    "AWS::FSx::FileSystem": Case(
        declared={"OpenZFSConfiguration": {"Options": ["x"]}}, members=OWN_KEY, without="BackupId"
    ),
    "AWS::Glue::DevEndpoint": Case(),
    "AWS::IAM::AccessKey": Case(declared={"UserName": "x-1"}),
    "AWS::IAM::Group": Case(),
    "AWS::IAM::InstanceProfile": Case(),
    "AWS::IAM::ManagedPolicy": Case(),
    "AWS::IAM::Policy": Case(declared={"PolicyName": "p", "Roles": ["r"], "Users": ["u"], "Groups": ["g"]}),
    "AWS::IAM::Role": Case(),
    "AWS::IAM::ServiceLinkedRole": Case(members={"RoleName": "AWSServiceRoleForX_suffix"}),
    "AWS::IAM::User": Case(),
    "AWS::IAM::UserToGroupAddition": Case(declared={"GroupName": "g", "Users": ["x-1"]}),
    "AWS::KMS::Alias": Case("alias/a", members={"AliasName": "alias/a"}),
    "AWS::KMS::Key": Case(
        declared={"Description": "a"},
        members={"Policy": POLICY},
        without="BypassPolicyLockoutSafetyCheck PendingWindowInDays",
    ),
    "AWS::Lambda::Alias": Case(f"{FUNCTION}:live"),
    "AWS::Lambda::EventInvokeConfig": Case(
        declared={"FunctionName": "f"}, members={"FunctionArn": f"{FUNCTION}:$LATEST"}
    ),
    "AWS::Lambda::EventSourceMapping": Case(
        members={
            "State": "Enabled",
            "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["a:9092"]}},
        }
    ),
    "AWS::Lambda::Function": Case(members={"Error": None, "TagsError": None}),
    "AWS::Lambda::LayerVersion": Case(f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:l:1"),
    "AWS::Lambda::Permission": Case("sid", declared={"FunctionName": "f"}, members={"Policy": POLICY}),
    "AWS::Lambda::Url": Case(FUNCTION, members={"FunctionArn": f"{FUNCTION}:live"}),
    "AWS::Lambda::Version": Case(f"{FUNCTION}:1"),
    "AWS::S3::Bucket": Case(without="BucketNamePrefix BucketNamespace"),
    "AWS::S3::BucketPolicy": Case(members={"Policy": POLICY}),
    "AWS::Scheduler::Schedule": Case(),
    "AWS::Scheduler::ScheduleGroup": Case(),
}


@cache
def model_of(service: str) -> ServiceModel:
    found: ServiceModel = botocore.session.get_session().get_service_model(service)
    return found


@dataclass
class Full:
    """An Asking that checks what it is asked by the API's model, and answers with a value for all."""

    type: str
    case: Case
    region: str = REGION
    account: str = ACCOUNT
    partition: str = "aws"

    @property
    def physical_id(self) -> str:
        return self.case.id

    @property
    def declared(self) -> Mapping[str, Plain]:
        return self.case.declared

    def ask(self, service: str, operation: str, **parameters: Any) -> Answer | Unread:  # noqa: ANN401 - as boto3
        model = model_of(service)
        name = next(each for each in model.operation_names if xform_name(each) == operation)
        given = parameters.keys() - {"none"}
        taken = model.operation_model(name).input_shape
        assert given <= (taken.members.keys() if taken else set()), f"{name} does not take {given}"
        assert not taken or set(taken.required_members) <= given, f"{name} needs {taken.required_members}"
        answer: Answer = sample(model.operation_model(name).output_shape, "", self.case.members, 0)
        return answer

    def pages(self, service: str, operation: str, member: str, **parameters: Any) -> list[Any] | Unread:  # noqa: ANN401 - as above
        answer = self.ask(service, operation, **parameters)
        assert not isinstance(answer, Unread)
        entries: list[Any] = answer[member]
        return entries


def sample(shape: Shape, name: str, own: Mapping[str, Any], depth: int) -> Any:  # noqa: ANN401 - a value of any kind
    """A value of a shape; None below a depth that only shapes which contain themselves reach."""
    if name in own or depth > DEPTH:
        return own.get(name)
    match shape.type_name:
        case "structure":
            members = {key: sample(each, key, own, depth + 1) for key, each in shape.members.items()}
            return {key: value for key, value in members.items() if value is not None}
        case "list":
            value = sample(shape.member, name, own, depth + 1)
            return [] if value is None else [value]
        case "map":
            return {"key": sample(shape.value, name, own, depth + 1)}
        case "string":
            return shape.enum[0] if shape.enum else "x-1"
        case kind:
            plain = {"boolean": True, "blob": b"x", "timestamp": datetime(2030, 1, 1, tzinfo=UTC)}
            return plain.get(kind, 7.0 if kind in {"float", "double"} else 7)


@pytest.mark.parametrize("kind", CASES)
def test_all_that_an_api_tells_is_read_in_cloudformations_words(kind: str) -> None:
    case, found = CASES[kind], reader_of(kind)
    assert found is not None
    read = found(Full(kind, case))
    assert not isinstance(read, Unread), read
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
    attributes = {path.split("/")[2] for path in schema.get("readOnlyProperties", ()) if path.count("/") == 2}
    assert schema["properties"].keys() - attributes - read.keys() == set(case.without.split())
    assert sorted(set(wrong(read, schema))) == []


def wrong(read: dict[str, Plain], schema: dict[str, Any]) -> Iterator[str]:
    for problem in problems(read, schema, schema, ()):
        # Values are made up, and those of shapes that contain themselves end somewhere.
        if not problem.endswith(("says nothing", "which the schema does not have")):
            yield problem
