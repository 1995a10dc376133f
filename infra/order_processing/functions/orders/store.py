"""Orders in the table and on the queue.

An order's id is made of its customer and the request's Idempotency-Key, so that a repeated request comes to the same
row, whichever function instance handles it, and a conditional write decides who was first.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import boto3
from boto3.dynamodb.conditions import Key
from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from orders.validation import Order

Row = dict[str, Any]

PAGE: Final = 50
_ORDERS: Final = uuid.UUID("5f0c1b0e-54f6-4c53-9d5b-0f6a8a3f7c11")
_CONFIG: Final = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "max_attempts": 3})


class OtherOrderError(Exception):
    """The key was used for an order with other contents."""


@cache
def table() -> Any:  # noqa: ANN401 - boto3 makes its types when it runs
    """The table of orders."""
    return boto3.resource("dynamodb", config=_CONFIG).Table(os.environ["TABLE_NAME"])


@cache
def queue() -> Any:  # noqa: ANN401 - as above
    """The client of the queue of orders to confirm."""
    return boto3.client("sqs", config=_CONFIG)


def id_of(order: Order, key: str) -> str:
    """The id that every request with this customer and key comes to."""
    return str(uuid.uuid5(_ORDERS, f"{order.customer_id}\n{key}"))


def row_of(order: Order, key: str, correlation_id: str) -> Row:
    """What is kept of an order that is placed now."""
    now = datetime.now(UTC)
    items = [{"sku": item.sku, "quantity": item.quantity, "unitPrice": item.unit_price} for item in order.items]
    return {
        "orderId": id_of(order, key),
        "customerId": order.customer_id,
        "placedAt": time_text(now),
        "status": "RECEIVED",
        "currency": order.currency,
        "items": items,
        "total": order.total,
        "digest": _digest(order),
        "correlationId": correlation_id,
        "expiresAt": int((now + timedelta(days=int(os.environ["ORDER_DAYS"]))).timestamp()),
    }


def time_text(time: datetime) -> str:
    """A time as it sorts and is shown."""
    return time.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _digest(order: Order) -> str:
    items = [(item.sku, item.quantity, str(item.unit_price)) for item in order.items]
    return hashlib.sha256(json.dumps([order.customer_id, order.currency, items]).encode()).hexdigest()


def keep(row: Row) -> tuple[Row, bool]:
    """Keep an order unless it is there already; the row that is there now, and whether it is new.

    Raises OtherOrderError when another order is there.
    """
    try:
        table().put_item(Item=row, ConditionExpression="attribute_not_exists(orderId)")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
    else:
        return row, True
    there = find(row["orderId"])
    if there is None:  # it expired between the two calls
        return keep(row)
    if there["digest"] != row["digest"]:
        raise OtherOrderError
    return there, False


def find(order_id: str) -> Row | None:
    """The row of an order."""
    found: Row | None = table().get_item(Key={"orderId": order_id}, ConsistentRead=True).get("Item")
    return found


def of_customer(customer_id: str, before: str) -> tuple[list[Row], bool]:
    """The newest orders of a customer that were placed before a time, and whether there are more."""
    page = table().query(
        IndexName=os.environ["CUSTOMER_INDEX"],
        KeyConditionExpression=Key("customerId").eq(customer_id) & Key("placedAt").lt(before),
        ScanIndexForward=False,
        Limit=PAGE,
    )
    return page["Items"], "LastEvaluatedKey" in page


def hand_over(row: Row, correlation_id: str) -> None:
    """Send an order to the queue. It may come there twice; confirming it twice changes nothing."""
    queue().send_message(
        QueueUrl=os.environ["QUEUE_URL"],
        MessageBody=json.dumps({"orderId": row["orderId"]}),
        MessageAttributes={"correlationId": {"DataType": "String", "StringValue": correlation_id}},
    )
