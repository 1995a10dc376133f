"""The masking function: an extract that arrived in the bucket is masked and written to the database.

EventBridge calls it for each new object below `incoming/`. What fails for good is told to the topic and raised, so that
Lambda tries once more and then keeps the event in the dead-letter queue. No log line and no message has a row's text.
"""

from __future__ import annotations

import io
import json
import logging
import os
import secrets
import time
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from masking.database import Database, code_of
from masking.rows import Masker, Rejected, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from masking.rows import Customer

PREFIX = "incoming/"
MAX_BYTES = 50 * 1024 * 1024
BATCH = 500  # rows; the Data API takes 4 MiB in a request
MAX_REJECTED_SHARE = 0.05
"""More bad rows than this, and the extract is taken for broken."""

log = logging.getLogger("masking")


class BadEventError(ValueError):
    """The event is not one of an extract."""


class BadExtractError(ValueError):
    """The extract is too large, or too much of it is no customer."""


@cache
def client(service: str) -> Any:
    """A boto3 client, made once for all calls of this process."""
    import boto3

    return boto3.client(service)


def handle(event: Any, context: Any) -> dict[str, int]:
    """Mask one extract; gives how many rows were masked and rejected."""
    log.setLevel(os.environ.get("LOG_LEVEL", "INFO"))
    started = time.monotonic()
    request = getattr(context, "aws_request_id", "")
    try:
        bucket, key = source_of(event)
        counts = mask(bucket, key)
    except Exception as error:
        tell_failure(error, event, request)
        raise
    tell(request=request, key=key, milliseconds=round((time.monotonic() - started) * 1000), **counts)
    return counts


def source_of(event: Any) -> tuple[str, str]:
    """Bucket and key of the extract. Raises BadEventError."""
    detail: Any = event.get("detail") if isinstance(event, dict) else None
    try:
        bucket, key, size = detail["bucket"]["name"], detail["object"]["key"], detail["object"].get("size", 0)
    except (TypeError, KeyError, AttributeError):
        raise BadEventError("the event names no object") from None
    if not isinstance(bucket, str) or not isinstance(key, str) or not key.startswith(PREFIX) or key == PREFIX:
        raise BadEventError(f"the event is not of an object below {PREFIX}")
    if not isinstance(size, int) or size > MAX_BYTES:
        raise BadExtractError(f"the extract is larger than {MAX_BYTES} bytes")
    return bucket, key


def mask(bucket: str, key: str) -> dict[str, int]:
    """Write an extract's rows, masked, in batches; nothing is written before all of it is read."""
    content = client("s3").get_object(Bucket=bucket, Key=key)["Body"].read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise BadExtractError(f"the extract is larger than {MAX_BYTES} bytes")
    customers: list[Customer] = []
    rejected: list[Rejected] = []
    masker = Masker(secrets.token_bytes(32))
    for one in read(io.StringIO(content.decode("utf-8", "replace")), masker):
        if isinstance(one, Rejected):
            rejected.append(one)
        else:
            customers.append(one)
    check_share(len(customers), rejected)
    database = Database(
        client("rds-data"), os.environ["CLUSTER_ARN"], os.environ["CREDENTIALS_ARN"], os.environ["DATABASE"]
    )
    for batch in batches(customers):
        database.write(batch)
    return {"masked": len(customers), "rejected": len(rejected)}


def check_share(good: int, rejected: list[Rejected]) -> None:
    """Raise BadExtractError when too many lines are bad; tell the others."""
    for one in rejected[:20]:
        log.warning(json.dumps({"line": one.line, "reason": one.reason}))
    if rejected and len(rejected) > MAX_REJECTED_SHARE * (good + len(rejected)):
        first = rejected[0]
        raise BadExtractError(
            f"{len(rejected)} of {good + len(rejected)} rows are bad; line {first.line}: {first.reason}"
        )


def batches(customers: list[Customer]) -> Iterator[list[Customer]]:
    """The rows in parts that one transaction takes."""
    rest = iter(customers)
    while batch := list(islice(rest, BATCH)):
        yield batch


def tell(**fields: Any) -> None:
    """A line with figures that CloudWatch makes metrics of (embedded metric format)."""
    line = {
        "_aws": {
            "Timestamp": int(time.time() * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": "StagingSaas",
                    "Dimensions": [["Environment"]],
                    "Metrics": [
                        {"Name": "RowsMasked", "Unit": "Count"},
                        {"Name": "RowsRejected", "Unit": "Count"},
                        {"Name": "MaskingTime", "Unit": "Milliseconds"},
                    ],
                }
            ],
        },
        "Environment": os.environ.get("ENVIRONMENT", "unknown"),
        "RowsMasked": fields["masked"],
        "RowsRejected": fields["rejected"],
        "MaskingTime": fields["milliseconds"],
        "requestId": fields["request"],
        "key": fields["key"],
    }
    print(json.dumps(line))


def tell_failure(error: Exception, event: Any, request: str) -> None:
    """Log a failure and publish it; what goes wrong with that is logged and no more."""
    ours = isinstance(error, (BadEventError, BadExtractError))
    detail = event.get("detail", {}) if isinstance(event, dict) else {}
    thing = detail.get("object", {}) if isinstance(detail, dict) else {}
    message = {
        "requestId": request,
        "key": thing.get("key", "") if isinstance(thing, dict) else "",
        "error": code_of(error),
        "reason": str(error) if ours else "see the function's log",
    }
    log.error(json.dumps(message), exc_info=not ours)
    try:
        client("sns").publish(
            TopicArn=os.environ["FAILURE_TOPIC"], Subject="Masking failed", Message=json.dumps(message)
        )
    except Exception:
        log.exception("the failure could not be published")
