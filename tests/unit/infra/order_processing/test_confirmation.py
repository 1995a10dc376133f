"""Orders from the queue: confirmed and announced once, and bad messages left for the dead-letter queue."""

from __future__ import annotations

import json
import uuid

import pytest
from botocore.exceptions import ClientError
from confirmation import handler
from orders import store

from infra_checks.testing import declared_stack
from tests.unit.infra.order_processing.calls import TEMPLATE, Backend, answer, delivery, lines, order, request


@pytest.fixture
def placed(backend: Backend, capsys: pytest.CaptureFixture[str]) -> str:
    answer(request(body=order()))
    (message,) = backend.queued()
    capsys.readouterr()
    body: str = message["Body"]
    return body


def failures(*bodies: str) -> list[str]:
    answered = handler.handle(delivery(*bodies), None)
    return [each["itemIdentifier"] for each in answered["batchItemFailures"]]


def test_an_order_is_confirmed_and_announced(backend: Backend, placed: str) -> None:
    assert failures(placed) == []
    (row,) = backend.rows()
    assert row["status"] == "CONFIRMED"
    assert row["confirmedAt"] >= row["placedAt"]
    assert backend.announced() == [
        {"orderId": row["orderId"], "customerId": "customer-1", "currency": "EUR", "total": "59.97"}
    ]


def test_a_confirmed_order_shows_when_it_was_confirmed(placed: str) -> None:
    failures(placed)
    _, shown = answer(request("GET /orders/{orderId}", path={"orderId": json.loads(placed)["orderId"]}))
    assert shown["status"] == "CONFIRMED"
    assert shown["confirmedAt"]


def test_a_message_that_comes_twice_announces_once(backend: Backend, placed: str) -> None:
    assert failures(placed, placed) == []
    assert len(backend.announced()) == 1


def test_an_order_is_counted_as_a_metric(placed: str, capsys: pytest.CaptureFixture[str]) -> None:
    failures(placed)
    line, metric = lines(capsys.readouterr().out)
    assert (line["message"], line["correlationId"]) == ("confirmed", "message-0")
    assert metric["OrdersConfirmed"] == 1


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "{}", '{"orderId": 1}', json.dumps({"orderId": str(uuid.UUID(int=1))})]
)
def test_a_bad_message_comes_back_alone(
    backend: Backend, placed: str, body: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failures(body, placed) == ["message-0"]
    assert [row["status"] for row in backend.rows()] == ["CONFIRMED"]
    assert lines(capsys.readouterr().out)[1]["ConfirmationFailures"] == 1


def test_an_order_that_could_not_be_announced_is_announced_at_the_next_attempt(
    backend: Backend, placed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setenv("TOPIC_ARN", "arn:aws:sns:us-east-1:123456789012:gone")
        assert failures(placed) == ["message-0"]
    assert [row["status"] for row in backend.rows()] == ["RECEIVED"]
    assert failures(placed) == []
    assert len(backend.announced()) == 1


def test_an_order_that_another_instance_confirmed_meanwhile_is_not_counted_twice(
    backend: Backend, placed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (before,) = backend.rows()
    failures(placed)
    capsys.readouterr()
    monkeypatch.setattr(store, "find", lambda _: before)
    assert failures(placed) == []
    assert capsys.readouterr().out == ""


def test_other_refusals_of_the_table_bring_the_message_back(placed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Throttled:
        def update_item(self, **_: object) -> None:
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "UpdateItem")

    row = store.find(json.loads(placed)["orderId"])
    monkeypatch.setattr(store, "find", lambda _: row)
    monkeypatch.setattr(store, "table", Throttled)
    assert failures(placed) == ["message-0"]


def test_a_message_that_fails_as_often_as_the_template_allows_is_in_the_dead_letter_queue(backend: Backend) -> None:
    stack = declared_stack(TEMPLATE, {"AWS::Region": "us-east-1"}, EnvironmentSuffix="test")
    redrive = stack["OrderQueue"].properties["RedrivePolicy"]
    dead_url = backend.sqs.create_queue(QueueName=stack["OrderDeadLetters"].properties["QueueName"])["QueueUrl"]
    dead_arn = backend.sqs.get_queue_attributes(QueueUrl=dead_url, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    policy = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": redrive["maxReceiveCount"]})
    backend.sqs.set_queue_attributes(
        QueueUrl=backend.queue_url, Attributes={"RedrivePolicy": policy, "VisibilityTimeout": "0"}
    )
    backend.sqs.send_message(QueueUrl=backend.queue_url, MessageBody="no order")
    for _ in range(redrive["maxReceiveCount"]):
        (message,) = backend.sqs.receive_message(QueueUrl=backend.queue_url)["Messages"]
        assert failures(message["Body"]) == ["message-0"]
    assert "Messages" not in backend.sqs.receive_message(QueueUrl=backend.queue_url)
    (dead,) = backend.sqs.receive_message(QueueUrl=dead_url)["Messages"]
    assert dead["Body"] == "no order"
