"""AWS::SQS, by the Amazon SQS API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.live.policies_of import attached_policy
from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, document, from_answer, renamed, tags_of_map

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_NUMBERS: Final = (
    "DelaySeconds",
    "KmsDataKeyReusePeriodSeconds",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "VisibilityTimeout",
)
_TRUTHS: Final = ("ContentBasedDeduplication", "FifoQueue", "SqsManagedSseEnabled")
_TEXTS: Final = ("DeduplicationScope", "FifoThroughputLimit", "KmsMasterKeyId")
_DOCUMENTS: Final = ("RedriveAllowPolicy", "RedrivePolicy")


@reader("AWS::SQS::Queue", "sqs:get_queue_attributes", "sqs:list_queue_tags")
def queue(asking: Asking) -> Read:
    """AWS: API_GetQueueAttributes.html."""
    answer = asking.ask("sqs", "get_queue_attributes", QueueUrl=asking.physical_id, AttributeNames=["All"])
    if isinstance(answer, Unread):
        return answer
    tags = asking.ask("sqs", "list_queue_tags", QueueUrl=asking.physical_id)
    return {
        **_attributes(answer["Attributes"]),
        **from_answer(tags, ("Tags",), lambda found: {"Tags": tags_of_map(found.get("Tags") or {})}),
        "QueueUrl": asking.physical_id,
    }


def _attributes(found: Answer) -> Properties:
    """Attributes are texts."""
    read = renamed(found, *_TEXTS, Arn="QueueArn")
    read["QueueName"] = found["QueueArn"].rsplit(":", 1)[-1]
    read |= {name: int(value) for name, value in renamed(found, *_NUMBERS).items()}
    read |= {name: value == "true" for name, value in renamed(found, *_TRUTHS).items()}
    read |= {name: document(value) for name, value in renamed(found, *_DOCUMENTS).items()}
    if isinstance(redrive := read.get("RedrivePolicy"), dict) and "maxReceiveCount" in redrive:
        redrive["maxReceiveCount"] = int(redrive["maxReceiveCount"])  # a text where a text was given
    return read


@reader("AWS::SQS::QueuePolicy", "sqs:get_queue_attributes")
def queue_policy(asking: Asking) -> Read:
    """AWS: the attribute Policy of API_GetQueueAttributes.html, of each queue that the template names."""
    return attached_policy(asking, "Queues", _policy_of)


def _policy_of(asking: Asking, url: str) -> str | Unread | None:
    answer = asking.ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["Policy"])
    return answer if isinstance(answer, Unread) else (answer.get("Attributes") or {}).get("Policy")
