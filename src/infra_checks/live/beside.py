"""What belongs to a stack's resources without being of the stack: a bucket's policy that somebody put there by hand.

A rule that finds no AWS::S3::BucketPolicy in a template says that the bucket has none. Of what is deployed that would
be a guess, so the account is asked. What is found is judged like a resource of the stack, named after the one it
belongs to (`Logs.BucketPolicy`); where it cannot be read, or would take too much to look for, the rule finds one of
which nothing is known, and does not decide.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from infra_checks.live.reading import Asking, Plain, Read, Unread

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from infra_checks.live.stacks import LiveResource

Look = Callable[[Asking], "Read | None"]
"""The properties of what belongs to a resource, None when there is none."""

NOT_LOOKED_FOR: Final = "what is not of the stack is not looked for"
_DEFAULT_TOPIC_POLICY: Final = "__default_policy_ID"
"""The Id of the policy that SNS gives every topic ("GetTopicAttributes" answers with it)."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What may belong to a resource of one of the types `of`, and how it is looked for."""

    type: str
    of: tuple[str, ...]
    operations: tuple[str, ...]
    look: Look


def bucket_policy(asking: Asking) -> Read | None:
    """GetBucketPolicy of the Amazon S3 API reference."""
    none = ("NoSuchBucketPolicy",)
    answer = asking.ask("s3", "get_bucket_policy", none=none, Bucket=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    policy = answer.get("Policy")
    return {"Bucket": asking.physical_id, "PolicyDocument": json.loads(policy)} if policy else None


def queue_policy(asking: Asking) -> Read | None:
    """GetQueueAttributes of the Amazon SQS API reference."""
    url = asking.physical_id
    answer = asking.ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["Policy"])
    if isinstance(answer, Unread):
        return answer
    policy = answer.get("Attributes", {}).get("Policy")
    return {"Queues": [url], "PolicyDocument": json.loads(policy)} if policy else None


def topic_policy(asking: Asking) -> Read | None:
    """GetTopicAttributes of the Amazon SNS API reference."""
    arn = asking.physical_id
    answer = asking.ask("sns", "get_topic_attributes", TopicArn=arn)
    if isinstance(answer, Unread):
        return answer
    policy = json.loads(answer.get("Attributes", {}).get("Policy") or "{}")
    if not policy or policy.get("Id") == _DEFAULT_TOPIC_POLICY:
        return None
    return {"Topics": [arn], "PolicyDocument": policy}


def rotation(asking: Asking) -> Read | None:
    """DescribeSecret of the AWS Secrets Manager API reference."""
    answer = asking.ask("secretsmanager", "describe_secret", SecretId=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    if answer.get("RotationEnabled") is not True:
        return None
    found: dict[str, Plain] = {"SecretId": asking.physical_id, "RotationRules": answer.get("RotationRules") or {}}
    if answer.get("RotationLambdaARN"):
        found["RotationLambdaARN"] = answer["RotationLambdaARN"]
    return found


def flow_log(asking: Asking) -> Read | None:
    """DescribeFlowLogs of the Amazon EC2 API reference."""
    filters = [{"Name": "resource-id", "Values": [asking.physical_id]}]
    logs = asking.pages("ec2", "describe_flow_logs", "FlowLogs", Filters=filters)
    if isinstance(logs, Unread):
        return logs
    active = [log for log in logs if log.get("FlowLogStatus", "ACTIVE") == "ACTIVE"]
    if not active:
        return None
    kept = ("TrafficType", "LogDestinationType", "LogDestination", "LogGroupName", "DeliverLogsPermissionArn")
    # One that records everything says more than one of what was refused.
    log = max(active, key=lambda log: log.get("TrafficType") == "ALL")
    told = {name: log[name] for name in kept if log.get(name)}
    return {"ResourceId": asking.physical_id, "ResourceType": "VPC", **told}


def web_acl_association(asking: Asking) -> Read | None:
    """GetWebACLForResource of the AWS WAFV2 API reference."""
    arn = _waf_arn(asking)
    answer = asking.ask("wafv2", "get_web_acl_for_resource", none=("WAFNonexistentItemException",), ResourceArn=arn)
    if isinstance(answer, Unread):
        return answer
    acl = answer.get("WebACL")
    return {"ResourceArn": arn, "WebACLArn": acl["ARN"]} if acl else None


def _waf_arn(asking: Asking) -> str:
    if asking.type == "AWS::ApiGateway::Stage":
        api, stage = asking.declared.get("RestApiId"), asking.physical_id
        return f"arn:{asking.partition}:apigateway:{asking.region}::/restapis/{api}/stages/{stage}"
    return asking.physical_id


def scalable_target(asking: Asking) -> Read | None:
    """DescribeScalableTargets of the Application Auto Scaling API reference."""
    namespace, identity = "dynamodb", f"table/{asking.physical_id}"
    if asking.type == "AWS::ECS::Service":
        namespace, identity = "ecs", "service/" + asking.physical_id.partition("service/")[2]
    member = "ScalableTargets"
    found = asking.pages(
        "application-autoscaling",
        "describe_scalable_targets",
        member,
        ServiceNamespace=namespace,
        ResourceIds=[identity],
    )
    if isinstance(found, Unread):
        return found
    if not found:
        return None
    kept = ("MaxCapacity", "MinCapacity", "ResourceId", "RoleARN", "ScalableDimension", "ServiceNamespace")
    return {name: found[0][name] for name in kept if found[0].get(name) is not None}


def failure_destination(asking: Asking) -> Read | None:
    """GetFunctionEventInvokeConfig of the AWS Lambda API reference."""
    answer = asking.ask(
        "lambda",
        "get_function_event_invoke_config",
        none=("ResourceNotFoundException",),
        FunctionName=asking.physical_id,
    )
    if isinstance(answer, Unread) or not answer.get("FunctionArn"):
        return answer if isinstance(answer, Unread) else None
    kept = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")
    told = {name: answer[name] for name in kept if answer.get(name) is not None}
    return {"FunctionName": asking.physical_id, "Qualifier": "$LATEST", **told}


def nobody_looks(_asking: Asking) -> Read | None:
    """For what is not looked for."""
    return Unread(NOT_LOOKED_FOR)


BESIDE: Final = (
    Beside("AWS::S3::BucketPolicy", ("AWS::S3::Bucket",), ("s3:get_bucket_policy",), bucket_policy),
    Beside("AWS::SQS::QueuePolicy", ("AWS::SQS::Queue",), ("sqs:get_queue_attributes",), queue_policy),
    Beside("AWS::SNS::TopicPolicy", ("AWS::SNS::Topic",), ("sns:get_topic_attributes",), topic_policy),
    Beside(
        "AWS::SecretsManager::RotationSchedule",
        ("AWS::SecretsManager::Secret",),
        ("secretsmanager:describe_secret",),
        rotation,
    ),
    Beside("AWS::EC2::FlowLog", ("AWS::EC2::VPC",), ("ec2:describe_flow_logs",), flow_log),
    Beside(
        "AWS::WAFv2::WebACLAssociation",
        ("AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ApiGateway::Stage"),
        ("wafv2:get_web_acl_for_resource",),
        web_acl_association,
    ),
    Beside(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        ("AWS::DynamoDB::Table", "AWS::ECS::Service"),
        ("application-autoscaling:describe_scalable_targets",),
        scalable_target,
    ),
    Beside(
        "AWS::Lambda::EventInvokeConfig",
        ("AWS::Lambda::Function",),
        ("lambda:get_function_event_invoke_config",),
        failure_destination,
    ),
    # An alarm names what it watches by dimensions, of which there are too many to ask for each.
    Beside(
        "AWS::CloudWatch::Alarm",
        ("AWS::SQS::Queue", "AWS::RDS::DBInstance", "AWS::Lambda::Function"),
        (),
        nobody_looks,
    ),
)


def missing(resources: Mapping[str, LiveResource]) -> Iterator[tuple[LiveResource, Beside]]:
    """The resources, each with what may belong to it and is not of the stack."""
    for resource in resources.values():
        for beside in BESIDE:
            if resource.type in beside.of and not _has(resources, resource, beside.type):
                yield resource, beside


def _has(resources: Mapping[str, LiveResource], target: LiveResource, kind: str) -> bool:
    last = target.physical_id.rpartition("/")[2]  # of an ECS service, which scalable targets name by path
    names = {target.physical_id, last, target.arn, target.logical_id.rpartition("/")[2]} - {""}
    mentioning = (other for other in resources.values() if other.type == kind)
    return any(_mentions(other.properties, names) or _declares(other, names) for other in mentioning)


def _declares(resource: LiveResource, names: set[str]) -> bool:
    return resource.declared is not None and _mentions(resource.declared.properties, names)


def _mentions(value: Any, names: set[str]) -> bool:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        return value in names or value.rpartition("/")[2] in names
    if isinstance(value, dict):
        return any(_mentions(child, names) for child in value.values())
    return isinstance(value, list) and any(_mentions(child, names) for child in value)
