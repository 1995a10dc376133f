"""The function behind the order API: POST /orders, GET /orders?customerId=..., GET /orders/{orderId}."""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from orders import store
from orders.telemetry import Telemetry, correlation_id
from orders.validation import (
    CENT,
    InvalidOrderError,
    before,
    customer_id,
    idempotency_key,
    order_id,
    read_order,
)

FUNCTION: Final = "intake"
_SHOWN: Final = ("orderId", "customerId", "placedAt", "status", "currency", "items", "total", "confirmedAt")


class Request(NamedTuple):
    """What of API Gateway's event the function looks at; header names are in lower case."""

    route: str
    headers: Mapping[str, Any]
    query: Mapping[str, Any]
    path: Mapping[str, Any]
    body: str
    telemetry: Telemetry


def handle(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer one request. What the caller did wrong is 4xx with the reasons; what AWS refused us is 503.

    Anything else is a mistake in this code: it is logged and raised, so that Lambda counts it and its alarm tells.
    """
    headers = {str(name).lower(): value for name, value in _mapping(event, "headers").items()}
    own = _mapping(event, "requestContext").get("requestId")
    telemetry = Telemetry(FUNCTION, correlation_id(headers.get("x-correlation-id"), own))
    try:
        status, body = _route(_request(event, headers, telemetry))
    except InvalidOrderError as error:
        telemetry.log("WARNING", "refused", reasons=error.reasons)
        telemetry.count("OrdersRefused")
        status, body = 400, {"error": "invalid_order", "details": error.reasons}
    except store.OtherOrderError:
        telemetry.log("WARNING", "key used for another order")
        telemetry.count("OrdersRefused")
        details = ["the Idempotency-Key was used for an order with other contents"]
        status, body = 422, {"error": "key_reused", "details": details}
    except (BotoCoreError, ClientError) as error:
        telemetry.failed("AWS did not take a call", error)
        telemetry.count("DependencyFailures")
        details = ["try again with the same Idempotency-Key"]
        status, body = 503, {"error": "temporarily_unavailable", "details": details}
    except Exception as error:
        telemetry.failed("unexpected", error)
        raise
    return _response(status, body, telemetry.correlation_id)


def _request(event: Mapping[str, Any], headers: Mapping[str, Any], telemetry: Telemetry) -> Request:
    return Request(
        route=f"{event.get('httpMethod')} {event.get('resource')}",
        headers=headers,
        query=_mapping(event, "queryStringParameters"),
        path=_mapping(event, "pathParameters"),
        body=_body(event),
        telemetry=telemetry,
    )


def _mapping(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """API Gateway says null for none."""
    value = event.get(name)
    return value if isinstance(value, Mapping) else {}


def _body(event: Mapping[str, Any]) -> str:
    body = event.get("body")
    if not isinstance(body, str):
        return ""
    if event.get("isBase64Encoded") is not True:
        return body
    try:
        return base64.b64decode(body, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise InvalidOrderError(["the body is no UTF-8 text in Base64"]) from None


def _route(request: Request) -> tuple[int, dict[str, Any]]:
    match request.route:
        case "POST /orders":
            return _place(request)
        case "GET /orders":
            rows, more = store.of_customer(
                customer_id(request.query.get("customerId")), before(request.query.get("before"))
            )
            return 200, {"orders": [_shown(row) for row in rows], "more": more}
        case "GET /orders/{orderId}":
            row = store.find(order_id(request.path.get("orderId")))
            return (404, {"error": "not_found", "details": []}) if row is None else (200, _shown(row))
        case _:
            return 404, {"error": "not_found", "details": []}


def _place(request: Request) -> tuple[int, dict[str, Any]]:
    key = idempotency_key(request.headers.get("idempotency-key"))
    order = read_order(request.body)
    telemetry = request.telemetry
    row, new = store.keep(store.row_of(order, key, telemetry.correlation_id))
    if row["status"] == "RECEIVED":  # also of a repeated request, because the first may have ended before this
        store.hand_over(row, telemetry.correlation_id)
    telemetry.log("INFO", "placed" if new else "repeated", orderId=row["orderId"], items=len(order.items))
    telemetry.count("OrdersPlaced" if new else "OrdersRepeated")
    return 201 if new else 200, _shown(row)


def _shown(row: store.Row) -> dict[str, Any]:
    """What callers see of a row: money as text with two decimals, because JSON readers make floats of numbers."""
    shown: dict[str, Any] = {name: row[name] for name in _SHOWN if name in row}
    shown["total"] = _cents(row["total"])
    shown["items"] = [
        {"sku": item["sku"], "quantity": int(item["quantity"]), "unitPrice": _cents(item["unitPrice"])}
        for item in row["items"]
    ]
    return shown


def _cents(amount: Decimal) -> str:
    return str(amount.quantize(CENT))


def _response(status: int, body: dict[str, Any], correlation: str) -> dict[str, Any]:
    headers = {
        "Access-Control-Allow-Origin": os.environ["ALLOWED_ORIGIN"],
        "Access-Control-Expose-Headers": "X-Correlation-Id",
        "Cache-Control": "no-store",
        "Content-Type": "application/json",
        "X-Correlation-Id": correlation,
    }
    if status == 503:  # noqa: PLR2004 - the status is its own name
        headers["Retry-After"] = "1"
    if status >= 400:  # noqa: PLR2004 - as above
        body = {**body, "correlationId": correlation}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body)}
