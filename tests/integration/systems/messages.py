"""Queues and topics of a system, read as a subscriber would."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.integration.systems.system import System


@dataclass
class Inbox:
    """A queue of the tests' own that a topic delivers to."""

    system: System
    url: str
    _read: list[dict[str, Any]] = field(default_factory=list)

    def find(self, text: str) -> dict[str, Any] | None:
        """The message that holds a text, waited for where it takes time; None when none comes."""
        found: dict[str, Any] | None = self.system.eventually(lambda: self._look(text))
        return found

    def _look(self, text: str) -> dict[str, Any] | None:
        self._read += [json.loads(message["Body"]) for message in taken(self.system, self.url)]
        return next((each for each in self._read if text in each["Message"]), None)


def inbox_of(system: System, topic: str) -> Iterator[Inbox]:
    """Subscribe a queue to a topic for the time of the tests; a generator, as fixtures are."""
    sqs, sns = system.client("sqs"), system.client("sns")
    name = f"integration-tests-{uuid.uuid4().hex[:12]}"
    arn = f"{':'.join(topic.split(':')[:2])}:sqs:{':'.join(topic.split(':')[3:5])}:{name}"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    url = sqs.create_queue(QueueName=name, Attributes={"Policy": policy})["QueueUrl"]
    try:
        subscribed = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True)
        try:
            yield Inbox(system, url)
        finally:
            sns.unsubscribe(SubscriptionArn=subscribed["SubscriptionArn"])
    finally:
        sqs.delete_queue(QueueUrl=url)


def taken(system: System, url: str) -> list[dict[str, Any]]:
    """All messages that a queue of the tests' own holds now."""
    sqs, messages = system.client("sqs"), list[dict[str, Any]]()
    while found := _received(system, url):
        messages += found
        for each in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
    return messages


def take(system: System, url: str, text: str) -> dict[str, Any] | None:
    """Take the message that holds a text out of a queue; others stay. None when there is none in time."""
    return system.eventually(lambda: _take_now(system, url, text), seconds=400)  # type: ignore[no-any-return]


def _take_now(system: System, url: str, text: str) -> dict[str, Any] | None:
    seen = set[str]()
    while found := [each for each in _received(system, url, VisibilityTimeout=5) if each["MessageId"] not in seen]:
        for each in found:
            seen.add(each["MessageId"])
            if text in each["Body"]:
                system.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
                return each
    return None


def _received(system: System, url: str, **options: int) -> list[dict[str, Any]]:
    found = system.client("sqs").receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=10,
        MessageAttributeNames=["All"],
        WaitTimeSeconds=0 if system.is_local else 2,
        **options,
    )
    return list(found.get("Messages", ()))
