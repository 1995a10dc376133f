"""AWS::SNS, by the Amazon SNS API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra_checks.live.policies_of import attached_policy
from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, document, from_answer, renamed, stated, tag_list

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_LOGGING: Final = {
    "Application": "application",
    "Firehose": "firehose",
    "HTTP": "http/s",
    "Lambda": "lambda",
    "SQS": "sqs",
}
"""The protocol by the first word of the attributes that say where the status of deliveries is logged."""
_LOGGED: Final = ("SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn")


@reader(
    "AWS::SNS::Topic",
    "sns:get_topic_attributes",
    "sns:list_subscriptions_by_topic",
    "sns:get_data_protection_policy",
    "sns:list_tags_for_resource",
)
def topic(asking: Asking) -> Read:
    """AWS: API_GetTopicAttributes.html; Subscription has all of the topic's, whoever made them."""
    by: dict[str, Any] = {"TopicArn": asking.physical_id}
    answer = asking.ask("sns", "get_topic_attributes", **by)
    if isinstance(answer, Unread):
        return answer
    subscribed = asking.pages("sns", "list_subscriptions_by_topic", "Subscriptions", **by)
    tags = asking.ask("sns", "list_tags_for_resource", ResourceArn=asking.physical_id)
    attributes = _attributes(answer["Attributes"])
    protection = {} if attributes.get("FifoTopic") else _data_protection(asking)
    return {
        **attributes,
        **protection,
        **from_answer(subscribed, ("Subscription",), _subscribed),
        **from_answer(tags, ("Tags",), lambda found: {"Tags": tag_list(found.get("Tags") or [])}),
    }


def _attributes(found: Answer) -> Properties:
    """Attributes are texts."""
    names = ("DisplayName", "FifoThroughputScope", "KmsMasterKeyId", "SignatureVersion", "TopicArn", "TracingConfig")
    read = renamed(found, *names)
    read["TopicName"] = found["TopicArn"].rsplit(":", 1)[-1]
    truths = renamed(found, "ContentBasedDeduplication", "FifoTopic")
    read |= {name: value == "true" for name, value in truths.items()}
    if "MaximumMessageSize" in found:
        read["MaximumMessageSize"] = int(found["MaximumMessageSize"])
    archive = found.get("ArchivePolicy")
    return read | stated(
        ArchivePolicy=document(archive) if archive else None,
        DeliveryStatusLogging=[
            {"Protocol": protocol, **logged}
            for word, protocol in _LOGGING.items()
            if (logged := renamed(found, **{name: word + name for name in _LOGGED}))
        ],
    )


def _subscribed(entries: list[Answer]) -> Properties:
    return {"Subscription": [renamed(each, "Endpoint", "Protocol") for each in entries]}


def _data_protection(asking: Asking) -> Properties:
    """AWS: API_GetDataProtectionPolicy.html; standard topics only."""
    answer = asking.ask("sns", "get_data_protection_policy", none=("NotFound",), ResourceArn=asking.physical_id)
    return from_answer(answer, ("DataProtectionPolicy",), _protection)


def _protection(answer: Answer) -> Properties:
    policy = answer.get("DataProtectionPolicy")
    return {"DataProtectionPolicy": document(policy)} if policy else {}


@reader("AWS::SNS::TopicPolicy", "sns:get_topic_attributes")
def topic_policy(asking: Asking) -> Read:
    """AWS: the attribute Policy of API_GetTopicAttributes.html, of each topic that the template names."""
    return attached_policy(asking, "Topics", _policy_of)


def _policy_of(asking: Asking, arn: str) -> str | Unread | None:
    answer = asking.ask("sns", "get_topic_attributes", TopicArn=arn)
    return answer if isinstance(answer, Unread) else answer["Attributes"].get("Policy")


@reader("AWS::SNS::Subscription", "sns:get_subscription_attributes")
def subscription(asking: Asking) -> Read:
    """AWS: API_GetSubscriptionAttributes.html; one of a topic in another region is not asked of that region."""
    fields = asking.physical_id.split(":")
    if len(fields) > 3 and fields[3] != asking.region:  # noqa: PLR2004 - arn:partition:service:region
        return Unread(f"it is in {fields[3]}, and this run reads {asking.region}")
    answer = asking.ask("sns", "get_subscription_attributes", SubscriptionArn=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    found = answer["Attributes"]
    read = renamed(
        found, "Endpoint", "FilterPolicyScope", "Protocol", "SubscriptionRoleArn", "TopicArn", Arn="SubscriptionArn"
    )
    policies = renamed(found, "DeliveryPolicy", "FilterPolicy", "RedrivePolicy", "ReplayPolicy")
    read |= {name: document(value) for name, value in policies.items()}
    if "RawMessageDelivery" in found:
        read["RawMessageDelivery"] = found["RawMessageDelivery"] == "true"
    return read
