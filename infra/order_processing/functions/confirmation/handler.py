"""The function behind the queue of orders: confirms each and announces it.

SQS delivers at least once, and a message comes back until it is confirmed. An order that is confirmed already is
passed over; one that fails five times goes to the dead-letter queue, without the others of its batch.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from orders import store
from orders.telemetry import Telemetry, correlation_id
from orders.validation import CENT, InvalidOrderError, order_id, read_json

FUNCTION: Final = "confirmation"
_CONFIG: Final = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "max_attempts": 3})


@cache
def topic() -> Any:  # noqa: ANN401 - boto3 makes its types when it runs
    """The client of the topic that announces orders."""
    return boto3.client("sns", config=_CONFIG)


def handle(event: Mapping[str, Any], _context: object) -> dict[str, list[dict[str, str]]]:
    """Confirm each message's order; the answer names the messages that failed, and only they come back."""
    failed = [record["messageId"] for record in event["Records"] if not _is_done(record)]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _is_done(record: Mapping[str, Any]) -> bool:
    offered = record.get("messageAttributes", {}).get("correlationId", {}).get("stringValue")
    telemetry = Telemetry(FUNCTION, correlation_id(offered, record["messageId"]))
    try:
        _confirm(_order_id(record["body"]), telemetry)
    except Exception as error:  # noqa: BLE001 - whatever it is, the other messages go on and this one comes back
        telemetry.failed("not confirmed", error, messageId=record["messageId"])
        telemetry.count("ConfirmationFailures")
        return False
    return True


def _order_id(body: str) -> str:
    message = read_json(body)
    if not isinstance(message, dict):
        raise InvalidOrderError(["the message must be a JSON object"])
    return order_id(message.get("orderId"))


def _confirm(identifier: str, telemetry: Telemetry) -> None:
    row = store.find(identifier)
    if row is None:
        raise LookupError(f"there is no order {identifier}")
    if row["status"] != "RECEIVED":
        telemetry.log("INFO", "was confirmed before", orderId=identifier)
        return
    # Announced first: were it confirmed first, an announcement that fails would never be made up for.
    _announce(row, telemetry.correlation_id)
    if _mark(identifier):
        telemetry.log("INFO", "confirmed", orderId=identifier)
        telemetry.count("OrdersConfirmed")


def _announce(row: store.Row, correlation: str) -> None:
    message = {
        "orderId": row["orderId"],
        "customerId": row["customerId"],
        "currency": row["currency"],
        "total": str(row["total"].quantize(CENT)),
    }
    topic().publish(
        TopicArn=os.environ["TOPIC_ARN"],
        Message=json.dumps(message),
        MessageAttributes={"correlationId": {"DataType": "String", "StringValue": correlation}},
    )


def _mark(identifier: str) -> bool:
    """Whether it was this call that confirmed the order, and no other one at the same time."""
    try:
        store.table().update_item(
            Key={"orderId": identifier},
            UpdateExpression="SET #status = :confirmed, confirmedAt = :now",
            ConditionExpression="#status = :received",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={
                ":confirmed": "CONFIRMED",
                ":received": "RECEIVED",
                ":now": store.time_text(datetime.now(UTC)),
            },
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
    return True
