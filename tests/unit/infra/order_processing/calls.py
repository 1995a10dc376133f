"""The functions of the order API, and the table, queues and topic that the template declares for them, in moto."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import boto3
import pytest
from confirmation import handler as confirmation
from moto import mock_aws
from orders import handler as intake
from orders import store

from infra_checks.testing import DeclaredStack, declared_stack

TEMPLATE = "infra/order_processing/template.yaml"
_TABLE = ("TableName", "BillingMode", "AttributeDefinitions", "KeySchema")


@dataclass
class Backend:
    """What the functions talk to."""

    table: Any
    sqs: Any
    queue_url: str
    announced_url: str

    def rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.table.scan()["Items"]
        return rows

    def queued(self) -> list[dict[str, Any]]:
        return self._taken(self.queue_url)

    def announced(self) -> list[dict[str, Any]]:
        return [json.loads(json.loads(each["Body"])["Message"]) for each in self._taken(self.announced_url)]

    def _taken(self, url: str) -> list[dict[str, Any]]:
        """All messages of a queue, which are deleted."""
        taken: list[dict[str, Any]] = []
        while found := self.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            taken += found
            for each in found:
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
        return taken


@contextmanager
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Backend]:
    """What the template declares, as far as the functions need it."""
    stack = declared_stack(TEMPLATE, {"AWS::Region": "us-east-1"}, EnvironmentName="testing", EnvironmentSuffix="test")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        declared = stack["OrderTable"].properties
        indexes = [
            {name: index[name] for name in ("IndexName", "KeySchema", "Projection")}
            for index in declared["GlobalSecondaryIndexes"]
        ]
        table = boto3.resource("dynamodb").create_table(
            **{name: declared[name] for name in _TABLE}, GlobalSecondaryIndexes=indexes
        )
        sqs, sns = boto3.client("sqs"), boto3.client("sns")
        queue_url, announced_url = (
            sqs.create_queue(QueueName=name)["QueueUrl"]
            for name in (stack["OrderQueue"].properties["QueueName"], "announced")
        )
        topic = sns.create_topic(Name=stack["ConfirmedOrders"].properties["TopicName"])["TopicArn"]
        queue_arn = sqs.get_queue_attributes(QueueUrl=announced_url, AttributeNames=["QueueArn"])
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn["Attributes"]["QueueArn"])
        _set_variables(monkeypatch, stack, {"TABLE_NAME": table.name, "QUEUE_URL": queue_url, "TOPIC_ARN": topic})
        for client in (store.table, store.queue, confirmation.topic):
            client.cache_clear()
        yield Backend(table, sqs, queue_url, announced_url)


def _set_variables(monkeypatch: pytest.MonkeyPatch, stack: DeclaredStack, made: dict[str, str]) -> None:
    """The variables that the template gives the functions; those it takes from resources are of what moto made."""
    for function in ("IntakeFunction", "ConfirmationFunction"):
        for name, value in stack.get(function, "Properties.Environment.Variables").items():
            monkeypatch.setenv(name, made[name] if isinstance(value, dict) else str(value))


def order(**changes: object) -> dict[str, object]:
    """An order as a caller sends it."""
    item = {"sku": "MUG-1", "quantity": 3, "unitPrice": "19.99"}
    return {"customerId": "customer-1", "currency": "EUR", "items": [item], **changes}


def request(
    route: str = "POST /orders",
    body: object = None,
    *,
    key: str = "key-00000001",
    query: dict[str, str] | None = None,
    path: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    """An event as API Gateway sends it; a body that is no text is sent as JSON."""
    method, _, resource = route.partition(" ")
    return {
        "httpMethod": method,
        "resource": resource,
        "headers": {"Idempotency-Key": key, **(headers or {})},
        "queryStringParameters": query,
        "pathParameters": path,
        "body": body if isinstance(body, str) else json.dumps(body),
        "isBase64Encoded": False,
        "requestContext": {"requestId": "request-1"},
    }


def answer(event: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """The status and the body that the function answers with."""
    response = intake.handle(event, None)
    return response["statusCode"], json.loads(response["body"])


def delivery(*bodies: str) -> dict[str, Any]:
    """An event as Lambda makes it of messages of a queue."""
    return {
        "Records": [
            {"messageId": f"message-{number}", "body": body, "messageAttributes": {}}
            for number, body in enumerate(bodies)
        ]
    }


def lines(text: str) -> list[dict[str, Any]]:
    """What a function has printed, each line read as JSON."""
    return [json.loads(line) for line in text.splitlines()]


def cents(amount: str) -> int:
    """An amount that callers are shown, in cents."""
    return int(Decimal(amount) * 100)
