"""Events that other services send: each needs a permission, and something at the service that sends them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.template.nodes import NO_VALUE, Call, Mapping, Node, Scalar, Sequence
from infra_checks.template.serverless.event import INVOKE
from infra_checks.template.serverless.making import (
    Content,
    Entry,
    GetAtt,
    Ref,
    entry_of,
    made,
    mapping_of,
    substituted,
    text_of,
)
from infra_checks.template.serverless.roles import only_from
from infra_checks.template.serverless.schedules import starting_role

if TYPE_CHECKING:
    from infra_checks.template.serverless.event import Event
    from infra_checks.template.serverless.source import Renames


def add_subscription(event: Event) -> None:
    """A subscription to a topic, of the function or of a queue between them."""
    content = event.some("FilterPolicy", "FilterPolicyScope", "RedrivePolicy", "Region")
    content["TopicArn"] = event.get("Topic")
    queued = event.get("SqsSubscription")
    if queued is None or (text_of(queued) or "").lower() == "false":
        content |= {"Protocol": "lambda", "Endpoint": event.target.arn}
        event.permit("sns.amazonaws.com", {"SourceArn": event.get("Topic")})
    else:
        content |= {"Protocol": "sqs", "Endpoint": _queue_between(event, mapping_of(queued))}
    event.add("AWS::SNS::Subscription", content, TopicArn="Topic")


def _queue_between(event: Event, config: Mapping | None) -> Content:
    """The queue that takes a topic's messages and hands them to the function."""
    arn: Content = entry_of(config, "QueueArn") if config is not None else None
    url: Content = entry_of(config, "QueueUrl") if config is not None else None
    if arn is None:
        queue = event.add_whole("AWS::SQS::Queue", {}, "Queue", "SqsSubscription")
        arn, url = GetAtt(queue, "Arn"), Ref(queue)
    policy = only_from("*", arn, event.get("Topic"))
    document: dict[str, Content] = {"PolicyDocument": policy, "Queues": [url]}
    event.add_whole("AWS::SQS::QueuePolicy", document, "QueuePolicy", "SqsSubscription")
    mapping: dict[str, Content] = {"EventSourceArn": arn, "FunctionName": Ref(event.target.name)}
    for name, value in (("BatchSize", 10), ("Enabled", True)):
        mapping[name] = (entry_of(config, name) if config is not None else None) or value
    event.add_whole("AWS::Lambda::EventSourceMapping", mapping, "EventSourceMapping", "SqsSubscription")
    if event.role is not None:
        event.role.attach("service-role/AWSLambdaSQSQueueExecutionRole")
    return arn


def add_notification(event: Event) -> None:
    """Let a bucket of the template invoke the function, and have it do so."""
    content: dict[str, Content] = {"SourceAccount": Ref("AWS::AccountId")}
    event.permit("s3.amazonaws.com", content)
    bucket = _referred(event.get("Bucket"))
    given = event.get("Events")
    if bucket is None or given is None:
        return
    kinds = given.node.items if isinstance(given.node, Sequence) else (given.node,)
    rows = [_notified(event, kind) for kind in kinds]
    event.generated.amend(bucket, ("NotificationConfiguration", "LambdaConfigurations"), event.key, rows)


def _notified(event: Event, kind: Node) -> Node:
    """What a bucket reports to the function, if that exists."""
    key, condition = event.key, event.source.declaration.condition
    row = made({"Function": event.target.arn, "Event": kind, "Filter": event.get("Filter")}, key)
    if condition is None:
        return row
    items = (Scalar(condition, condition, key.start, key.end), row, made(Ref(NO_VALUE), key))
    return Call("Fn::If", Sequence(items, key.start, key.end), key.start, key.end)


def add_trigger(event: Event) -> None:
    """Let a user pool of the template invoke the function, and have it do so."""
    given = event.get("UserPool")
    pool = _referred(given)
    content: dict[str, Content] = {
        "Action": INVOKE,
        "FunctionName": Ref(event.target.name),
        "Principal": "cognito-idp.amazonaws.com",
        "SourceArn": GetAtt(pool, "Arn") if pool else given,
    }
    name = f"{event.target.name}CognitoPermission"
    wholes: Renames = {(): event.path[:-1]}
    kind = "AWS::Lambda::Permission"
    event.generated.add(event.source, kind, content, name=name, wholes=wholes, place=event.key)
    triggers = event.get("Trigger")
    if pool is None or triggers is None:
        return
    arn = made(event.target.arn, event.key)
    items = triggers.node.items if isinstance(triggers.node, Sequence) else (triggers.node,)
    for item in items:
        if isinstance(item, Scalar):
            event.generated.amend(pool, ("LambdaConfig", item.text), event.key, arn)


def _referred(given: Entry | None) -> str | None:
    """The name that a Ref refers to."""
    node = given.node if given is not None else None
    if isinstance(node, Call) and node.name == "Ref" and isinstance(node.argument, Scalar):
        return node.argument.text
    return None


def add_skill(event: Event) -> None:
    """Let Alexa invoke the function."""
    event.permit("alexa-appkit.amazon.com", {"EventSourceToken": event.get("SkillId")})


def add_log_filter(event: Event) -> None:
    """Have CloudWatch Logs send lines of a log group."""
    group = event.get("LogGroupName")
    text = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${LogGroup}:*"
    arn = substituted(text, {"LogGroup": group or "*"}, event.key)
    event.permit("logs.amazonaws.com", {"SourceArn": arn})
    content = event.some("LogGroupName", "FilterPattern")
    event.add("AWS::Logs::SubscriptionFilter", {**content, "DestinationArn": event.target.arn})


def add_topic_rule(event: Event) -> None:
    """A rule of IoT."""
    action: Content = {"Lambda": {"FunctionArn": event.target.arn}}
    payload: dict[str, Content] = {**event.some("Sql", "AwsIotSqlVersion"), "RuleDisabled": False, "Actions": [action]}
    name = event.add("AWS::IoT::TopicRule", {"TopicRulePayload": payload})
    event.generated.rename(name, ("TopicRulePayload",), event.path)
    arn = substituted(
        "arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:rule/${Rule}", {"Rule": Ref(name)}, event.key
    )
    event.permit("iot.amazonaws.com", {"SourceArn": arn, "SourceAccount": Ref("AWS::AccountId")})


_EXECUTE: Final = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*/${Method}${Path}"


def add_call(event: Event) -> None:
    """Let a REST API invoke the function; without RestApiId it is the one that all such events share."""
    given = event.get("RestApiId")
    if given is None:
        event.generated.share("ServerlessRestApi", event)
    else:
        event.generated.called(_referred(given), event)
    stage = "Prod" if given is None else "Stage"
    _permit_call(event, given or Ref("ServerlessRestApi"), f"Permission{stage}")


def add_http_call(event: Event) -> None:
    """Let an HTTP API invoke the function; without ApiId it is the one that all such events share."""
    given = event.get("ApiId")
    if given is None:
        event.generated.share("ServerlessHttpApi", event)
    _permit_call(event, given or Ref("ServerlessHttpApi"), "Permission")


def _permit_call(event: Event, api: Content, suffix: str) -> None:
    method, path = event.text("Method") or "*", event.text("Path") or ""
    values: dict[str, Content] = {
        "Api": api,
        "Method": "*" if method.lower() in {"any", "x-amazon-apigateway-any-method"} else method.upper(),
        "Path": _PARAMETER.sub("*", path),
    }
    event.permit("apigateway.amazonaws.com", {"SourceArn": substituted(_EXECUTE, values, event.key)}, suffix)


_PARAMETER: Final = re.compile(r"\{[^{}]*\}")


def add_call_of_machine(event: Event) -> None:
    """Let a REST API start the state machine."""
    given = event.get("RestApiId")
    if given is None:
        event.generated.share("ServerlessRestApi", event)
    else:
        event.generated.called(_referred(given), event)
    starting_role(event, "apigateway.amazonaws.com")
