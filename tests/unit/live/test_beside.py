from __future__ import annotations

import json
from typing import Any

import pytest

from infra_checks.live.account import Account, Asked
from infra_checks.live.beside import BESIDE, missing
from infra_checks.live.reading import Read, Unread
from infra_checks.live.stacks import LiveResource
from tests.unit.live.wire import STACK_ID, Answers, Refusal, Wire

ALB = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/1"
SERVICE = "arn:aws:ecs:eu-west-1:123456789012:service/shop/web"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:news"
POLICY = {"Version": "2012-10-17", "Statement": []}
TARGET = {"ResourceId": "table/orders", "ScalableDimension": "dynamodb:table:ReadCapacityUnits"}


def look(kind: str, of: str, physical: str, answer: Answers, operation: str) -> Read | None:
    beside = next(each for each in BESIDE if each.type == kind)
    account = Account(Wire({operation: answer}).clients)
    declared = {"RestApiId": "abc"}
    place = ("eu-west-1", "123456789012", "aws")
    return beside.look(Asked(of, physical, *place, declared, account, frozenset(beside.operations)))


CASES: list[Any] = [
    (
        ("AWS::S3::BucketPolicy", "AWS::S3::Bucket", "shop", "s3:GetBucketPolicy"),
        {"Policy": json.dumps(POLICY)},
        {"Bucket": "shop", "PolicyDocument": POLICY},
        Refusal("NoSuchBucketPolicy", 404),
    ),
    (
        ("AWS::SQS::QueuePolicy", "AWS::SQS::Queue", "https://queue", "sqs:GetQueueAttributes"),
        {"Attributes": {"Policy": json.dumps(POLICY)}},
        {"Queues": ["https://queue"], "PolicyDocument": POLICY},
        {},
    ),
    (
        ("AWS::SNS::TopicPolicy", "AWS::SNS::Topic", TOPIC, "sns:GetTopicAttributes"),
        {"Attributes": {"Policy": json.dumps(POLICY)}},
        {"Topics": [TOPIC], "PolicyDocument": POLICY},
        {"Attributes": {"Policy": json.dumps({"Id": "__default_policy_ID", **POLICY})}},
    ),
    (
        (
            "AWS::SecretsManager::RotationSchedule",
            "AWS::SecretsManager::Secret",
            "key",
            "secretsmanager:DescribeSecret",
        ),
        {"RotationEnabled": True, "RotationRules": {"AutomaticallyAfterDays": 30}},
        {"SecretId": "key", "RotationRules": {"AutomaticallyAfterDays": 30}},
        {"RotationRules": {"AutomaticallyAfterDays": 30}},
    ),
    (
        ("AWS::EC2::FlowLog", "AWS::EC2::VPC", "vpc-1", "ec2:DescribeFlowLogs"),
        {"FlowLogs": [{"TrafficType": "REJECT"}, {"TrafficType": "ALL", "FlowLogStatus": "ACTIVE"}]},
        {"ResourceId": "vpc-1", "ResourceType": "VPC", "TrafficType": "ALL"},
        {"FlowLogs": []},
    ),
    (
        (
            *("AWS::WAFv2::WebACLAssociation", "AWS::ElasticLoadBalancingV2::LoadBalancer", ALB),
            "wafv2:GetWebACLForResource",
        ),
        {"WebACL": {"ARN": "acl"}},
        {"ResourceArn": ALB, "WebACLArn": "acl"},
        {},
    ),
    (
        ("AWS::WAFv2::WebACLAssociation", "AWS::ApiGateway::Stage", "v1", "wafv2:GetWebACLForResource"),
        {"WebACL": {"ARN": "acl"}},
        {"ResourceArn": "arn:aws:apigateway:eu-west-1::/restapis/abc/stages/v1", "WebACLArn": "acl"},
        Refusal("WAFNonexistentItemException"),
    ),
    (
        (
            *("AWS::ApplicationAutoScaling::ScalableTarget", "AWS::DynamoDB::Table", "orders"),
            "applicationautoscaling:DescribeScalableTargets",
        ),
        {"ScalableTargets": [TARGET]},
        TARGET,
        {"ScalableTargets": []},
    ),
    (
        (
            *("AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ECS::Service", SERVICE),
            "applicationautoscaling:DescribeScalableTargets",
        ),
        lambda given: {"ScalableTargets": [{"ResourceId": each} for each in given["ResourceIds"]]},
        {"ResourceId": "service/shop/web"},
        {"ScalableTargets": []},
    ),
    (
        (
            *("AWS::Lambda::EventInvokeConfig", "AWS::Lambda::Function", "worker"),
            "lambda:GetFunctionEventInvokeConfig",
        ),
        {"FunctionArn": "arn", "MaximumRetryAttempts": 0},
        {"FunctionName": "worker", "Qualifier": "$LATEST", "MaximumRetryAttempts": 0},
        Refusal("ResourceNotFoundException", 404),
    ),
]


@pytest.mark.parametrize(("asked", "answer", "properties", "none"), CASES)
def test_what_belongs_to_a_resource_is_found(
    asked: tuple[str, str, str, str], answer: Answers, properties: Read, none: Answers
) -> None:
    kind, of, physical, operation = asked
    assert look(kind, of, physical, answer, operation) == properties
    assert look(kind, of, physical, none, operation) is None
    refused = look(kind, of, physical, Refusal("AccessDenied", 403), operation)
    assert isinstance(refused, Unread)
    assert refused.reason.startswith("AccessDenied: ")


def test_every_kind_that_is_looked_for_has_a_case() -> None:
    assert {kind for (kind, *_), *_ in CASES} == {each.type for each in BESIDE if each.operations}


def resource(name: str, kind: str, physical: str, **properties: object) -> LiveResource:
    return LiveResource(logical_id=name, type=kind, physical_id=physical, stack_id=STACK_ID, properties=properties)


def test_what_the_stack_has_itself_is_not_looked_for() -> None:
    bucket = resource("Data", "AWS::S3::Bucket", "shop")
    policy = resource("Policy", "AWS::S3::BucketPolicy", "policy", Bucket="shop")
    other = resource("Policy", "AWS::S3::BucketPolicy", "policy", Bucket="other")
    assert list(missing({"Data": bucket, "Policy": policy})) == []
    assert [each.type for _, each in missing({"Data": bucket, "Policy": other})] == ["AWS::S3::BucketPolicy"]
