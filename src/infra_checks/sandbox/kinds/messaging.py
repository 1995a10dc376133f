"""AWS::SNS and AWS::SQS."""

from __future__ import annotations

from typing import Any, Final

from infra_checks.sandbox.making import Kind, Made, Making
from infra_checks.sandbox.rows import retag
from infra_checks.sandbox.shapes import as_text

_QUEUE_NAME: Final = 80
_TOPIC_NAME: Final = 256

_QUEUE: Final = (
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "DelaySeconds",
    "FifoQueue",
    "FifoThroughputLimit",
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
    "VisibilityTimeout",
)


def _make_queue(making: Making) -> Made:
    name = making.name("QueueName", limit=_QUEUE_NAME)
    fifo = {"FifoQueue": "true"} if as_text(making.get("FifoQueue", default=False)) == "true" else {}
    url = making.api("sqs").create_queue(QueueName=name, Attributes=fifo)["QueueUrl"]
    arn = making.place.arn("sqs", name)
    return Made("AWS::SQS::Queue", url, {"Arn": arn, "QueueName": name, "QueueUrl": url})


def _configure_queue(making: Making, made: Made) -> None:
    client = making.api("sqs")
    wanted = {each: as_text(making.get(each)) for each in _QUEUE if making.changed(each) and each in making.properties}
    wanted.pop("FifoQueue", None)
    if wanted:
        client.set_queue_attributes(QueueUrl=made.ref, Attributes=wanted)
    if making.changed("Tags"):
        retag_queue(making, made)


def retag_queue(making: Making, made: Made) -> None:
    """Bring a queue's tags to what the property says."""
    client = making.api("sqs")
    tags = {tag["Key"]: tag["Value"] for tag in making.tags()}
    gone = {tag["Key"] for tag in (making.before or {}).get("Tags") or []} - tags.keys()
    if gone:
        client.untag_queue(QueueUrl=made.ref, TagKeys=sorted(gone))
    if tags:
        client.tag_queue(QueueUrl=made.ref, Tags=tags)


def _delete_queue(making: Making, made: Made) -> None:
    making.api("sqs").delete_queue(QueueUrl=made.ref)


def _make_queue_policy(making: Making) -> Made:
    return Made("AWS::SQS::QueuePolicy", making.name("", limit=_QUEUE_NAME), {})


def _configure_queue_policy(making: Making, made: Made) -> None:
    client = making.api("sqs")
    policy = as_text(making.need("PolicyDocument"))
    queues = making.need("Queues")
    for url in sorted(set((making.before or {}).get("Queues") or []) - set(queues)):
        client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    for url in queues:
        client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    made.attributes["Id"] = made.ref


def _delete_queue_policy(making: Making, _made: Made) -> None:
    for url in making.need("Queues"):
        making.remove("sqs", "set_queue_attributes", QueueUrl=url, Attributes={"Policy": ""})


_TOPIC: Final = {
    "ArchivePolicy": "ArchivePolicy",
    "ContentBasedDeduplication": "ContentBasedDeduplication",
    "DisplayName": "DisplayName",
    "FifoThroughputScope": "FifoThroughputScope",
    "KmsMasterKeyId": "KmsMasterKeyId",
    "SignatureVersion": "SignatureVersion",
    "TracingConfig": "TracingConfig",
}


def _make_topic(making: Making) -> Made:
    name = making.name("TopicName", limit=_TOPIC_NAME)
    given: dict[str, Any] = {"Attributes": {}}
    if as_text(making.get("FifoTopic", default=False)) == "true":
        given["Attributes"]["FifoTopic"] = "true"
    arn = making.api("sns").create_topic(Name=name, **given)["TopicArn"]
    return Made("AWS::SNS::Topic", arn, {"TopicArn": arn, "TopicName": name})


def _configure_topic(making: Making, made: Made) -> None:
    client = making.api("sns")
    for prop, attribute in _TOPIC.items():
        if making.changed(prop):
            value = as_text(making.get(prop, ""))
            client.set_topic_attributes(TopicArn=made.ref, AttributeName=attribute, AttributeValue=value)
    if making.changed("Subscription"):
        before = {(each["Protocol"], each["Endpoint"]) for each in (making.before or {}).get("Subscription") or []}
        for each in making.get("Subscription") or []:
            if (each["Protocol"], each["Endpoint"]) not in before:
                client.subscribe(TopicArn=made.ref, Protocol=each["Protocol"], Endpoint=each["Endpoint"])
    if making.changed("Tags"):
        retag(making, "sns", made.ref)


def _delete_topic(making: Making, made: Made) -> None:
    client = making.api("sns")
    for each in client.list_subscriptions_by_topic(TopicArn=made.ref)["Subscriptions"]:
        client.unsubscribe(SubscriptionArn=each["SubscriptionArn"])
    client.delete_topic(TopicArn=made.ref)


_SUBSCRIPTION: Final = (
    "DeliveryPolicy",
    "FilterPolicy",
    "FilterPolicyScope",
    "RawMessageDelivery",
    "RedrivePolicy",
    "ReplayPolicy",
    "SubscriptionRoleArn",
)


def _make_subscription(making: Making) -> Made:
    region = making.get("Region")
    answer = making.api("sns", region).subscribe(
        TopicArn=making.need("TopicArn"),
        Protocol=making.need("Protocol"),
        Endpoint=making.get("Endpoint", ""),
        ReturnSubscriptionArn=True,
    )
    return Made("AWS::SNS::Subscription", answer["SubscriptionArn"], {"Arn": answer["SubscriptionArn"]})


def _configure_subscription(making: Making, made: Made) -> None:
    client = making.api("sns", making.get("Region"))
    for prop in _SUBSCRIPTION:
        if making.changed(prop):
            value = as_text(making.get(prop, ""))
            client.set_subscription_attributes(SubscriptionArn=made.ref, AttributeName=prop, AttributeValue=value)


def _delete_subscription(making: Making, made: Made) -> None:
    making.api("sns", making.get("Region")).unsubscribe(SubscriptionArn=made.ref)


def _make_topic_policy(making: Making) -> Made:
    name = making.name("", limit=_QUEUE_NAME)
    return Made("AWS::SNS::TopicPolicy", name, {"Id": name})


def _configure_topic_policy(making: Making, _made: Made) -> None:
    policy = as_text(making.need("PolicyDocument"))
    for arn in making.need("Topics"):
        making.api("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)


def _delete_topic_policy(making: Making, _made: Made) -> None:
    """A topic without one has the default policy: only its owner may do anything."""
    for arn in making.need("Topics"):
        statement = {
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ["SNS:GetTopicAttributes", "SNS:Subscribe", "SNS:Publish"],
            "Resource": arn,
            "Condition": {"StringEquals": {"AWS:SourceOwner": making.place.account}},
        }
        policy = as_text({"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]})
        making.remove("sns", "set_topic_attributes", TopicArn=arn, AttributeName="Policy", AttributeValue=policy)


KINDS: Final = (
    Kind("AWS::SQS::Queue", _make_queue, _delete_queue, _configure_queue, frozenset({"QueueName", "FifoQueue"})),
    Kind("AWS::SQS::QueuePolicy", _make_queue_policy, _delete_queue_policy, _configure_queue_policy, tags=None),
    Kind("AWS::SNS::Topic", _make_topic, _delete_topic, _configure_topic, frozenset({"TopicName", "FifoTopic"})),
    Kind("AWS::SNS::TopicPolicy", _make_topic_policy, _delete_topic_policy, _configure_topic_policy, tags=None),
    Kind(
        "AWS::SNS::Subscription",
        _make_subscription,
        _delete_subscription,
        _configure_subscription,
        frozenset({"Endpoint", "Protocol", "TopicArn"}),
        None,
    ),
)
