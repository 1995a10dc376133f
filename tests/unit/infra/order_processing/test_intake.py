"""Orders in: the row in the table, the message on the queue, the metric in the log; and what is refused, why."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from orders import handler, store

from tests.unit.infra.order_processing.calls import Backend, answer, lines, order, request

pytestmark = pytest.mark.usefixtures("backend")


def refusals(body: object, **more: Any) -> list[str]:  # noqa: ANN401 - handed on
    status, answered = answer(request(body=body, **more))
    assert status == 400
    assert answered["error"] == "invalid_order"
    details: list[str] = answered["details"]
    return details


class TestPlacing:
    def test_an_order_comes_to_the_table_with_its_money_exact(self, backend: Backend) -> None:
        status, answered = answer(request(body=order()))
        assert status == 201
        assert answered["total"] == "59.97"
        (row,) = backend.rows()
        assert row["orderId"] == answered["orderId"] == str(uuid.UUID(answered["orderId"]))
        assert row["total"] == Decimal("59.97")
        assert row["items"] == [{"sku": "MUG-1", "quantity": 3, "unitPrice": Decimal("19.99")}]
        assert row["status"] == "RECEIVED"

    def test_an_order_comes_to_the_queue_with_its_correlation_id(self, backend: Backend) -> None:
        _, answered = answer(request(body=order(), headers={"X-Correlation-Id": "checkout-7"}))
        (message,) = backend.queued()
        assert json.loads(message["Body"]) == {"orderId": answered["orderId"]}
        assert message["MessageAttributes"]["correlationId"]["StringValue"] == "checkout-7"

    def test_an_order_expires_after_the_days_that_the_template_says(self, backend: Backend) -> None:
        answer(request(body=order()))
        days = (int(backend.rows()[0]["expiresAt"]) - datetime.now(UTC).timestamp()) / 86400
        assert 29.99 < days <= 30

    def test_an_order_is_counted_as_a_metric_and_logged(self, capsys: pytest.CaptureFixture[str]) -> None:
        _, answered = answer(request(body=order()))
        line, metric = lines(capsys.readouterr().out)
        assert line["orderId"] == answered["orderId"]
        assert (line["level"], line["message"], line["correlationId"]) == ("INFO", "placed", "request-1")
        directive = metric["_aws"]["CloudWatchMetrics"][0]
        assert directive["Namespace"] == "OrderProcessing"
        assert directive["Metrics"] == [{"Name": "OrdersPlaced", "Unit": "Count"}]
        assert metric["OrdersPlaced"] == 1
        assert {name for names in directive["Dimensions"] for name in names} <= metric.keys()

    def test_a_body_in_base64_is_read(self) -> None:
        event = {**request(), "body": base64.b64encode(json.dumps(order()).encode()).decode(), "isBase64Encoded": True}
        assert answer(event)[0] == 201

    @pytest.mark.parametrize("price", ["0.10", 0.1, "0.1"])
    def test_a_price_may_be_text_or_number(self, price: object) -> None:
        item = {"sku": "PIN", "quantity": 3, "unitPrice": price}
        assert answer(request(body=order(items=[item])))[1]["total"] == "0.30"

    def test_headers_are_found_in_any_case(self) -> None:
        event = request(body=order())
        event["headers"] = {"idempotency-key": "key-00000001", "x-correlation-ID": "checkout-8"}
        assert handler.handle(event, None)["headers"]["X-Correlation-Id"] == "checkout-8"

    def test_an_unsafe_correlation_id_is_not_handed_on(self) -> None:
        response = handler.handle(request(body=order(), headers={"X-Correlation-Id": "a\r\nSet-Cookie: b"}), None)
        assert response["headers"]["X-Correlation-Id"] == "request-1"

    def test_answers_may_be_read_by_the_website_only(self) -> None:
        headers = handler.handle(request(body=order()), None)["headers"]
        assert headers["Access-Control-Allow-Origin"] == "https://shop.example.com"
        assert headers["Cache-Control"] == "no-store"


class TestRepeating:
    def test_a_repeated_request_gets_the_same_order_and_makes_no_second_one(self, backend: Backend) -> None:
        first = answer(request(body=order()))
        again = answer(request(body=order()))
        assert (first[0], again[0]) == (201, 200)
        assert first[1] == again[1]
        assert len(backend.rows()) == 1

    def test_a_repeated_request_may_write_its_price_differently(self) -> None:
        item = {"sku": "MUG-1", "quantity": 3, "unitPrice": 19.99}
        answer(request(body=order()))
        assert answer(request(body=order(items=[item])))[0] == 200

    def test_a_repetition_makes_up_for_a_message_that_was_not_sent(
        self, backend: Backend, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as broken:
            broken.setattr(store, "hand_over", _refused)
            assert answer(request(body=order()))[0] == 503
        assert backend.queued() == []
        assert answer(request(body=order()))[0] == 200
        assert len(backend.queued()) == 1

    def test_a_confirmed_order_is_not_sent_to_the_queue_again(self, backend: Backend) -> None:
        _, answered = answer(request(body=order()))
        backend.queued()
        backend.table.update_item(
            Key={"orderId": answered["orderId"]},
            UpdateExpression="SET #s = :c",
            ExpressionAttributeNames={"#s": "status"},
            ExpressionAttributeValues={":c": "CONFIRMED"},
        )
        status, again = answer(request(body=order()))
        assert (status, again["status"]) == (200, "CONFIRMED")
        assert backend.queued() == []

    def test_another_order_with_the_same_key_is_refused(self, backend: Backend) -> None:
        answer(request(body=order()))
        status, answered = answer(request(body=order(currency="USD")))
        assert (status, answered["error"]) == (422, "key_reused")
        assert [row["currency"] for row in backend.rows()] == ["EUR"]

    def test_two_customers_may_have_the_same_key(self, backend: Backend) -> None:
        answer(request(body=order()))
        assert answer(request(body=order(customerId="customer-2")))[0] == 201
        assert len(backend.rows()) == 2

    def test_a_key_whose_order_has_just_expired_is_free_again(
        self, backend: Backend, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _, first = answer(request(body=order()))

        def expired(order_id: str) -> None:
            backend.table.delete_item(Key={"orderId": order_id})

        monkeypatch.setattr(store, "find", expired)
        status, again = answer(request(body=order(currency="USD")))
        assert status == 201
        assert again["orderId"] == first["orderId"]
        assert [row["currency"] for row in backend.rows()] == ["USD"]


class TestRefusing:
    def test_no_body_is_told_as_no_json(self) -> None:
        status, answered = answer({**request(), "body": None})
        assert (status, answered["details"]) == (400, ["the body is no valid JSON"])

    def test_a_request_without_any_id_has_an_unknown_one(self) -> None:
        assert answer({**request(body={}), "requestContext": None})[1]["correlationId"] == "unknown"

    @pytest.mark.parametrize("body", ["", "{", "null x", "[1,]", '{"a": NaN}', "1e99999999999999999999", "[" * 100_000])
    def test_what_is_no_json_is_told_so(self, body: str) -> None:
        details = refusals(body)
        assert details in (["the body is no valid JSON"], ["the order must be a JSON object"])

    @pytest.mark.parametrize("body", [None, [], "text", 1, True])
    def test_what_is_no_object_is_told_so(self, body: object) -> None:
        assert refusals(json.dumps(body)) == ["the order must be a JSON object"]

    def test_a_body_that_is_no_base64_is_told_so(self) -> None:
        status, answered = answer({**request(), "body": "%", "isBase64Encoded": True})
        assert (status, answered["details"]) == (400, ["the body is no UTF-8 text in Base64"])

    def test_everything_that_is_wrong_is_told_at_once_with_its_place(self) -> None:
        items = [{"sku": "mug", "quantity": 0, "unitPrice": "1.005"}, "no item"]
        assert refusals({"customerId": "a", "currency": "XXX", "items": items, "coupon": 1}) == [
            "the order has fields other than customerId, currency, items",
            "customerId must be 3 to 64 letters, digits, hyphens and underscores",
            "currency must be one of CAD, CHF, EUR, GBP, USD",
            "items[0].sku must be 1 to 40 capital letters, digits and hyphens",
            "items[0].quantity must be a whole number from 1 to 999",
            "items[0].unitPrice must be an amount from 0.01 to 999999.99 with at most two decimals",
            "items[1] must be a JSON object",
        ]

    @pytest.mark.parametrize("quantity", [0, -1, 1000, 1.5, 1.0, "1", True, None, [], 10**40])
    def test_a_quantity_is_a_whole_number_within_limits(self, quantity: object) -> None:
        items = [{"sku": "MUG-1", "quantity": quantity, "unitPrice": "1.00"}]
        assert refusals(order(items=items)) == ["items[0].quantity must be a whole number from 1 to 999"]

    @pytest.mark.parametrize(
        "price",
        ["0", "0.00", "-1", "1.001", "1,00", "1e2", " 1", "\u0661", "1000000", 0, -1, 1.001, True, None, {}, 10**40],
    )
    def test_a_price_is_a_positive_amount_of_whole_cents(self, price: object) -> None:
        items = [{"sku": "MUG-1", "quantity": 1, "unitPrice": price}]
        (detail,) = refusals(order(items=items))
        assert detail.startswith("items[0].unitPrice must be")

    @pytest.mark.parametrize("number", ["1e-400", "1E+999999999", "0.1000000000000000055511151231257827"])
    def test_a_price_beyond_any_float_is_refused_and_not_rounded(self, number: str) -> None:
        body = json.dumps(order()).replace('"19.99"', number)
        (detail,) = refusals(body)
        assert detail.startswith("items[0].unitPrice must be")

    @pytest.mark.parametrize("items", [None, [], {}, "MUG", [{"sku": "A", "quantity": 1, "unitPrice": "1"}] * 51])
    def test_items_are_a_list_within_limits(self, items: object) -> None:
        assert refusals(order(items=items)) == ["items must be a list of 1 to 50 items"]

    def test_an_article_is_there_once(self) -> None:
        item = {"sku": "MUG-1", "quantity": 1, "unitPrice": "1.00"}
        assert refusals(order(items=[item, item])) == ["items: MUG-1 is there more than once"]

    @pytest.mark.parametrize("key", ["", "short", "with a space", "x" * 129, "ключ-ключ"])
    def test_a_key_that_is_none_is_told_so(self, key: str) -> None:
        (detail,) = refusals(order(), key=key)
        assert detail.startswith("the header Idempotency-Key must be")

    def test_what_is_refused_leaves_nothing_behind(self, backend: Backend, capsys: pytest.CaptureFixture[str]) -> None:
        refusals({})
        assert backend.rows() == []
        assert backend.queued() == []
        line, metric = lines(capsys.readouterr().out)
        assert line["level"] == "WARNING"
        assert metric["OrdersRefused"] == 1

    def test_a_refusal_bears_the_correlation_id(self) -> None:
        assert answer(request(body={}, headers={"X-Correlation-Id": "checkout-9"}))[1]["correlationId"] == "checkout-9"


class TestShowing:
    def test_an_order_is_shown_without_what_is_ours(self) -> None:
        _, placed = answer(request(body=order()))
        status, shown = answer(request("GET /orders/{orderId}", path={"orderId": placed["orderId"]}))
        assert status == 200
        assert shown == placed
        assert shown.keys() == {"orderId", "customerId", "placedAt", "status", "currency", "items", "total"}

    def test_an_order_that_is_not_there_is_not_found(self) -> None:
        path = {"orderId": str(uuid.uuid4())}
        assert answer(request("GET /orders/{orderId}", path=path))[0] == 404

    @pytest.mark.parametrize("identifier", ["1", "", "F" * 36])
    def test_what_is_no_order_id_is_refused(self, identifier: str) -> None:
        assert answer(request("GET /orders/{orderId}", path={"orderId": identifier}))[0] == 400

    def test_orders_of_a_customer_are_listed_newest_first(self) -> None:
        placed = [answer(request(body=order(), key=f"key-{number:08}"))[1]["orderId"] for number in range(3)]
        answer(request(body=order(customerId="customer-2")))
        status, listed = answer(request("GET /orders", query={"customerId": "customer-1"}))
        assert status == 200
        assert [each["orderId"] for each in listed["orders"]] == placed[::-1]
        assert listed["more"] is False

    def test_a_list_goes_on_before_the_last_time_that_it_had(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(store, "PAGE", 2)
        placed = [answer(request(body=order(), key=f"key-{number:08}"))[1]["orderId"] for number in range(3)]
        _, first = answer(request("GET /orders", query={"customerId": "customer-1"}))
        query = {"customerId": "customer-1", "before": first["orders"][-1]["placedAt"]}
        _, rest = answer(request("GET /orders", query=query))
        assert [each["orderId"] for each in first["orders"] + rest["orders"]] == placed[::-1]
        assert (first["more"], rest["more"]) == (True, False)

    @pytest.mark.parametrize(
        "query", [None, {}, {"customerId": "a b"}, {"customerId": "customer-1", "before": "yesterday"}]
    )
    def test_a_query_that_is_none_is_refused(self, query: dict[str, str] | None) -> None:
        assert answer(request("GET /orders", query=query))[0] == 400

    @pytest.mark.parametrize("route", ["DELETE /orders", "GET /", "None None"])
    def test_another_route_is_not_found(self, route: str) -> None:
        assert answer(request(route))[0] == 404


class TestFailing:
    def test_a_table_that_is_gone_is_no_order_in_the_way(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(store, "table", lambda: boto3.resource("dynamodb").Table("gone"))
        assert answer(request(body=order()))[0] == 503

    def test_when_aws_refuses_the_caller_is_told_to_try_again(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(store, "keep", _refused)
        response = handler.handle(request(body=order()), None)
        assert response["statusCode"] == 503
        assert response["headers"]["Retry-After"] == "1"
        line, metric = lines(capsys.readouterr().out)
        assert line["errorType"] == "ClientError"
        assert "Traceback" in line["trace"]
        assert metric["DependencyFailures"] == 1

    def test_a_mistake_in_the_code_is_logged_and_raised_for_lambda_to_count(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def mistaken(_row: Mapping[str, Any]) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(store, "keep", mistaken)
        with pytest.raises(ZeroDivisionError):
            handler.handle(request(body=order()), None)
        (line,) = lines(capsys.readouterr().out)
        assert (line["level"], line["errorType"]) == ("ERROR", "ZeroDivisionError")

    def test_lines_below_the_level_are_not_logged(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("LOG_LEVEL", "ERROR")
        answer(request(body=order()))
        (metric,) = lines(capsys.readouterr().out)
        assert "OrdersPlaced" in metric


def _refused(*_: object) -> None:
    raise ClientError({"Error": {"Code": "ProvisionedThroughputExceededException", "Message": "slow down"}}, "PutItem")
