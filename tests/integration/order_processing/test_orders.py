"""Orders through the deployed system: row, message, metric, announcement; and what becomes of those that fail."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session

from tests.integration.systems.functions import FunctionError, Functions
from tests.integration.systems.messages import Inbox, inbox_of, take
from tests.integration.systems.system import System

Order = dict[str, Any]


@pytest.fixture(scope="module")
def announced(system: System) -> Iterator[Inbox]:
    """What the topic of confirmed orders announces while these tests run."""
    yield from inbox_of(system, system.outputs["ConfirmedOrdersArn"])


@pytest.fixture
def key() -> str:
    """A key of its own for each test, so that they may be repeated against the same stack."""
    return f"test-{uuid.uuid4()}"


def order(**changes: object) -> Order:
    item = {"sku": "MUG-1", "quantity": 3, "unitPrice": "19.99"}
    return {"customerId": "integration-tests", "currency": "EUR", "items": [item], **changes}


def place(functions: Functions, body: object, key: str, **headers: str) -> tuple[int, dict[str, Any]]:
    """The status and the body that answer POST /orders."""
    return call(
        functions,
        {
            "httpMethod": "POST",
            "resource": "/orders",
            "headers": {"Idempotency-Key": key, **headers},
            "body": body if isinstance(body, str) else json.dumps(body),
            "requestContext": {"requestId": f"request-{key}"},
        },
    )


def call(functions: Functions, event: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    response = functions.invoke(functions.system.outputs["IntakeFunctionName"], event)
    return response["statusCode"], json.loads(response["body"])


def showing(order_id: str) -> dict[str, Any]:
    """GET /orders/{orderId}."""
    return {"httpMethod": "GET", "resource": "/orders/{orderId}", "pathParameters": {"orderId": order_id}}


def row(system: System, order_id: str) -> dict[str, Any]:
    table = system.client("dynamodb")
    found = table.get_item(
        TableName=system.outputs["OrderTableName"], Key={"orderId": {"S": order_id}}, ConsistentRead=True
    )
    deserialize = boto3.dynamodb.types.TypeDeserializer().deserialize
    return {name: deserialize(value) for name, value in found.get("Item", {}).items()}


def confirmed(functions: Functions, order_id: str) -> dict[str, Any]:
    """The row of an order, once the queue has been worked off."""
    system = functions.system
    functions.work_off(system.outputs["ConfirmationFunctionName"])
    system.eventually(lambda: row(system, order_id).get("status") == "CONFIRMED")
    return row(system, order_id)


def read_log(system: System, function: str, text: str) -> list[dict[str, Any]]:
    """The lines of a function's log that hold a text."""
    found: list[dict[str, Any]] = system.eventually(lambda: _lines(system, function, text))
    return found


def _lines(system: System, function: str, text: str) -> list[dict[str, Any]]:
    since = int((time.time() - 600) * 1000)
    events = system.all(
        "logs",
        "filter_log_events",
        "events",
        logGroupName=f"/aws/lambda/{function}",
        filterPattern=f'"{text}"',
        startTime=since,
    )
    return [json.loads(event["message"]) for event in events if event["message"].startswith("{")]


def counted(system: System, metric: str, function: str) -> float:
    """How often a metric was counted in the last minutes."""
    now = datetime.now(UTC)
    points = system.client("cloudwatch").get_metric_statistics(
        Namespace="OrderProcessing",
        MetricName=metric,
        Dimensions=[{"Name": "Function", "Value": function}],
        StartTime=now - timedelta(minutes=10),
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum"],
    )["Datapoints"]
    return float(sum(point["Sum"] for point in points))


class TestPlacing:
    def test_an_order_is_kept_with_its_money_exact(self, functions: Functions, system: System, key: str) -> None:
        status, answered = place(functions, order(), key)
        assert (status, answered["total"]) == (201, "59.97")
        kept = row(system, answered["orderId"])
        assert kept["total"] == Decimal("59.97")
        assert kept["items"] == [{"sku": "MUG-1", "quantity": 3, "unitPrice": Decimal("19.99")}]
        assert kept["expiresAt"] > time.time()

    def test_an_order_is_counted_and_logged_with_its_correlation_id(
        self, functions: Functions, system: System, key: str
    ) -> None:
        before = counted(system, "OrdersPlaced", "intake")
        place(functions, order(), key, **{"X-Correlation-Id": key})
        assert system.eventually(lambda: counted(system, "OrdersPlaced", "intake") > before, seconds=180)
        lines = read_log(system, system.outputs["IntakeFunctionName"], key)
        assert "placed" in [line.get("message") for line in lines]

    def test_an_order_is_confirmed_and_announced(self, functions: Functions, announced: Inbox, key: str) -> None:
        _, answered = place(functions, order(), key, **{"X-Correlation-Id": key})
        assert confirmed(functions, answered["orderId"])["status"] == "CONFIRMED"
        message = announced.find(answered["orderId"])
        assert message is not None
        assert json.loads(message["Message"])["total"] == "59.97"
        assert message["MessageAttributes"]["correlationId"]["Value"] == key

    def test_an_order_is_shown_by_its_id_and_listed_by_its_customer(
        self, functions: Functions, system: System, key: str
    ) -> None:
        customer = f"customer-{key[-12:]}"
        ids = [place(functions, order(customerId=customer), f"{key}-{number}")[1]["orderId"] for number in range(2)]
        shown = call(
            functions, {"httpMethod": "GET", "resource": "/orders/{orderId}", "pathParameters": {"orderId": ids[0]}}
        )
        assert (shown[0], shown[1]["customerId"]) == (200, customer)
        listing = {"httpMethod": "GET", "resource": "/orders", "queryStringParameters": {"customerId": customer}}
        listed = system.eventually(lambda: _both(call(functions, listing)))  # the index is a moment behind
        assert [each["orderId"] for each in listed["orders"]] == ids[::-1]

    def test_an_order_that_is_not_there_is_told_so(self, functions: Functions) -> None:
        assert call(functions, showing(str(uuid.uuid4())))[0] == 404


def _both(answer: tuple[int, dict[str, Any]]) -> dict[str, Any] | None:
    return answer[1] if len(answer[1]["orders"]) == 2 else None


class TestRefusing:
    def test_a_bad_order_gets_400_with_every_reason_and_leaves_nothing(
        self, functions: Functions, system: System, key: str
    ) -> None:
        before = counted(system, "OrdersRefused", "intake")
        bad = order(currency="XXX", items=[{"sku": "MUG-1", "quantity": 0, "unitPrice": "19.999"}])
        status, answered = place(functions, bad, key)
        assert (status, answered["error"]) == (400, "invalid_order")
        assert [reason.split()[0] for reason in answered["details"]] == [
            "currency",
            "items[0].quantity",
            "items[0].unitPrice",
        ]
        assert system.eventually(lambda: counted(system, "OrdersRefused", "intake") > before, seconds=180)
        kept, _ = place(functions, order(), key)
        assert kept == 201  # the key was not used up

    def test_a_body_that_is_no_json_gets_400(self, functions: Functions, key: str) -> None:
        status, answered = place(functions, "{", key)
        assert (status, answered["details"]) == (400, ["the body is no valid JSON"])

    def test_an_order_without_a_key_gets_400(self, functions: Functions) -> None:
        status, answered = place(functions, order(), "")
        assert status == 400
        assert "Idempotency-Key" in answered["details"][0]


class TestRepeating:
    def test_a_repeated_request_gets_the_same_order(self, functions: Functions, key: str) -> None:
        first, again = place(functions, order(), key), place(functions, order(), key)
        assert (first[0], again[0]) == (201, 200)
        assert first[1]["orderId"] == again[1]["orderId"]

    def test_a_repeated_order_is_confirmed_once(self, functions: Functions, system: System, key: str) -> None:
        place(functions, order(), key)
        order_id = place(functions, order(), key)[1]["orderId"]
        at = confirmed(functions, order_id)["confirmedAt"]
        place(functions, order(), key)
        functions.work_off(system.outputs["ConfirmationFunctionName"])
        assert row(system, order_id)["confirmedAt"] == at

    def test_a_key_of_another_order_is_refused(self, functions: Functions, key: str) -> None:
        place(functions, order(), key)
        status, answered = place(functions, order(currency="USD"), key)
        assert (status, answered["error"]) == (422, "key_reused")


class TestFailing:
    def test_a_message_that_fails_five_times_waits_in_the_dead_letter_queue(
        self, functions: Functions, system: System, key: str
    ) -> None:
        _, answered = place(functions, order(), key)
        missing = str(uuid.uuid4())
        body = json.dumps({"orderId": missing})
        system.client("sqs").send_message(QueueUrl=system.outputs["OrderQueueUrl"], MessageBody=body)
        # The good order of the same batch is confirmed all the same.
        assert confirmed(functions, answered["orderId"])["status"] == "CONFIRMED"
        if system.is_local:
            found = take(system, system.outputs["OrderDeadLettersUrl"], missing)
            assert found is not None
            assert found["Body"] == body

    def test_a_failed_confirmation_is_counted_and_logged_with_its_trace(
        self, functions: Functions, system: System
    ) -> None:
        before = counted(system, "ConfirmationFailures", "confirmation")
        message = f"no order {uuid.uuid4()}"
        record = {"messageId": message, "body": json.dumps(message)}
        answer = functions.invoke(system.outputs["ConfirmationFunctionName"], {"Records": [record]})
        assert answer == {"batchItemFailures": [{"itemIdentifier": message}]}
        assert system.eventually(lambda: counted(system, "ConfirmationFailures", "confirmation") > before, seconds=180)
        (line,) = (
            line
            for line in read_log(system, system.outputs["ConfirmationFunctionName"], message)
            if line.get("level") == "ERROR"
        )
        assert line["errorType"] == "InvalidOrderError"

    def test_an_event_that_the_function_cannot_take_is_an_error_of_the_function(self, functions: Functions) -> None:
        with pytest.raises(FunctionError, match="AttributeError"):
            functions.invoke(functions.system.outputs["IntakeFunctionName"], ["no event"])  # type: ignore[arg-type]

    def test_an_event_that_was_given_up_waits_in_the_queue_of_failures(
        self, functions: Functions, system: System
    ) -> None:
        mark = str(uuid.uuid4())
        functions.send(system.outputs["IntakeFunctionName"], [mark])  # type: ignore[arg-type]
        found = take(system, system.outputs["FunctionFailuresUrl"], mark)
        assert found is not None
        assert json.loads(found["Body"]) == [mark]


@pytest.mark.needs("api-execution", "lambda-execution")
class TestCallingTheApi:
    """Over HTTPS, signed with the credentials of whoever runs the tests."""

    def test_a_signed_order_is_taken(self, system: System, key: str) -> None:
        status, answered = post(system, order(), key)
        assert status == 201
        assert row(system, answered["orderId"])["customerId"] == "integration-tests"

    def test_an_order_without_a_signature_is_refused(self, system: System, key: str) -> None:
        assert post(system, order(), key, is_signed=False)[0] == 403

    def test_what_is_plainly_no_order_is_refused_before_the_function(self, system: System, key: str) -> None:
        status, answered = post(system, {"customerId": "integration-tests"}, key)
        assert (status, answered["error"]) == (400, "invalid_order")
        assert "currency" in answered["details"][0]

    def test_a_script_of_the_website_may_call(self, system: System) -> None:
        request = AWSRequest("OPTIONS", f"{system.outputs['ApiUrl']}/orders")
        answer = URLLib3Session(timeout=10).send(request.prepare())
        assert answer.status_code == 204
        assert answer.headers["Access-Control-Allow-Origin"] == system.parameters["AllowedOrigin"]


def post(system: System, body: Order, key: str, *, is_signed: bool = True) -> tuple[int, dict[str, Any]]:
    """The status and the body that API Gateway answers with."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    request = AWSRequest("POST", f"{system.outputs['ApiUrl']}/orders", headers=headers, data=json.dumps(body))
    if is_signed:
        credentials = botocore.session.get_session().get_credentials()
        SigV4Auth(credentials, "execute-api", system.region).add_auth(request)
    answer = URLLib3Session(timeout=10).send(request.prepare())
    return answer.status_code, json.loads(answer.content)
