"""An extract of production becomes masked rows of staging's database.

EventBridge tells of an object `incoming/<table>/<name>.jsonl`, one JSON object a line. Each row is checked against what
the table may hold, its personal values are replaced, and rows are written in batches of one transaction each, by the
RDS Data API. A masked copy goes to `masked/`. What is not known to be harmless is masked or refused, never handed on.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import random
import re
import secrets
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, partial
from itertools import islice
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

Row = dict[str, Any]

BATCH: Final = 200
"""Rows in a transaction; the Data API takes 4 MiB in a request."""
ATTEMPTS: Final = 5
LARGEST: Final = 64 * 1024 * 1024
"""Bytes of an extract: it is masked in memory."""
LONGEST: Final = 4096
"""Characters of a text."""
NAMESPACE: Final = "StagingSaas/Masking"

TRANSIENT: Final = frozenset(
    {
        "DatabaseResumingException",
        "InternalServerErrorException",
        "ServiceUnavailableError",
        "StatementTimeoutException",
        "ThrottlingException",
        "TransactionNotFoundException",
    }
)
"""Errors of the Data API after which the same batch may succeed."""

TABLES: Final[Mapping[str, Mapping[str, str]]] = {
    "accounts": {"id": "uuid", "name": "name", "plan": "word", "created_at": "time"},
    "users": {
        "id": "uuid",
        "account_id": "uuid",
        "email": "email",
        "full_name": "name",
        "phone": "phone",
        "notes": "blank",
        "active": "flag",
        "created_at": "time",
    },
    "transactions": {
        "id": "uuid",
        "account_id": "uuid",
        "user_id": "uuid",
        "amount": "money",
        "currency": "word",
        "card_number": "card",
        "ip_address": "address",
        "created_at": "time",
    },
}
"""The columns of each table and what is done with their values. Statements are made of these names only."""

_KEY: Final = re.compile(r"incoming/(?P<table>[a-z_]{1,63})/(?P<name>[A-Za-z0-9._-]{1,200}\.jsonl)")
_WORD: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")


class InvalidEventError(ValueError):
    """The event names no extract that can be masked."""


class InvalidRowError(ValueError):
    """A row is not what its table holds. The message names columns, never values."""


class IncompleteError(RuntimeError):
    """Not all of an extract is in the database."""


@dataclass(frozen=True)
class Extract:
    """An object to mask."""

    bucket: str
    key: str
    table: str
    name: str


@dataclass
class Counts:
    """What became of an extract's rows; `reasons` holds the first few refusals, as `line 3: ...`."""

    masked: int = 0
    refused: int = 0
    batches: int = 0
    failed: int = 0
    reasons: list[str] = field(default_factory=list)


@cache
def client(service: str) -> Any:  # noqa: ANN401 - boto3 has no types
    """A client, made once in an execution environment. Batches are repeated by this module, not by the SDK."""
    tries = 1 if service == "rds-data" else 4
    return boto3.client(service, config=Config(retries={"mode": "standard", "total_max_attempts": tries}))


def handle(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Mask the extract that the event names.

    Raises InvalidEventError and IncompleteError, so that Lambda tries again and then keeps the event in the queue.
    """
    started = time.monotonic()
    request = str(getattr(context, "aws_request_id", ""))
    counts = Counts()
    try:
        extract = extract_of(event, bucket=os.environ["BUCKET"])
        log("INFO", "started", request=request, key=extract.key)
        mask(extract, counts)
    except Exception as error:
        log("ERROR", "failed", request=request, error=type(error).__name__, detail=told(error))
        tell_failure(event, error, counts)
        raise
    finally:
        measure(counts, milliseconds=int((time.monotonic() - started) * 1000))
    log("INFO", "masked", request=request, key=extract.key, rows=counts.masked, batches=counts.batches)
    return {"table": extract.table, "rows": counts.masked, "batches": counts.batches}


def extract_of(event: Mapping[str, Any], *, bucket: str) -> Extract:
    """The extract that an event of S3 names; InvalidEventError says what is wrong with it."""
    detail = event.get("detail")
    if event.get("detail-type") != "Object Created" or not isinstance(detail, Mapping):
        raise InvalidEventError("not an event of a created object")
    source, target = detail.get("bucket"), detail.get("object")
    if not isinstance(source, Mapping) or not isinstance(target, Mapping):
        raise InvalidEventError("the event names no bucket and object")
    if source.get("name") != bucket:
        raise InvalidEventError("the object is in another bucket")
    found = _KEY.fullmatch(str(target.get("key", "")))
    if found is None or found["table"] not in TABLES:
        raise InvalidEventError("the key is not incoming/<table>/<name>.jsonl of a known table")
    size = target.get("size", 0)
    if not isinstance(size, int) or size > LARGEST:
        raise InvalidEventError(f"the object has more than {LARGEST} bytes")
    return Extract(bucket, found[0], found["table"], found["name"])


def mask(extract: Extract, counts: Counts) -> None:
    """Write the masked rows of an extract to the database, and a copy to the bucket; IncompleteError if not all."""
    key = secrets.token_bytes(32)  # forgotten with the extract: nobody can try out whose row a masked one is
    body = client("s3").get_object(Bucket=extract.bucket, Key=extract.key)["Body"]
    written: list[str] = []
    for batch in batches(masked_rows(body.iter_lines(), extract.table, key, counts)):
        counts.batches += 1
        try:
            repeated(partial(write, extract.table, batch))
        except (BotoCoreError, ClientError) as error:
            counts.failed += 1
            log("ERROR", "batch rolled back", key=extract.key, batch=counts.batches, detail=told(error))
        else:
            counts.masked += len(batch)
            written += [json.dumps(row, default=str) for row in batch]
    if written:
        client("s3").put_object(
            Bucket=extract.bucket,
            Key=f"masked/{extract.table}/{extract.name}",
            Body="\n".join(written).encode(),
            ContentType="application/x-ndjson",
        )
    if counts.refused or counts.failed:
        raise IncompleteError(f"{counts.refused} rows refused, {counts.failed} of {counts.batches} batches rolled back")


def masked_rows(lines: Iterable[bytes], table: str, key: bytes, counts: Counts) -> Iterator[Row]:
    """The rows of an extract, masked; what is refused is counted."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield masked(read_row(line), table, key)
        except InvalidRowError as error:
            counts.refused += 1
            if len(counts.reasons) < 10:  # noqa: PLR2004 - enough to find the cause
                counts.reasons.append(f"line {number}: {error}")


def read_row(line: bytes) -> Row:
    """The JSON object in a line; numbers stay exact."""
    try:
        row = json.loads(line, parse_float=Decimal)
    except (RecursionError, ValueError):
        raise InvalidRowError("no JSON") from None
    if not isinstance(row, dict):
        raise InvalidRowError("no object")
    return row


def masked(row: Row, table: str, key: bytes) -> Row:
    """The row with its personal values replaced, in the order of the table's columns."""
    columns = TABLES[table]
    unknown = len(row.keys() - columns.keys())
    if unknown:
        raise InvalidRowError(f"{unknown} columns that {table} does not have")
    if row.get("id") is None:
        raise InvalidRowError("no id")
    return {column: _masked(row.get(column), kind, column, key) for column, kind in columns.items()}


def _masked(value: object, kind: str, column: str, key: bytes) -> object:
    if value is None:
        return None
    try:
        return _MASKS[kind](value, key)
    except (ArithmeticError, TypeError, ValueError):
        raise InvalidRowError(f"{column} is no {kind}") from None


def _token(value: object, key: bytes, size: int = 12) -> str:
    """A text of hexadecimal digits that is the same for the same value of this extract."""
    return hmac.new(key, _text(value).strip().lower().encode(), hashlib.sha256).hexdigest()[:size]


def _digits(value: object, key: bytes, count: int) -> str:
    return str(int(_token(value, key, 32), 16))[-count:].rjust(count, "0")


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST:
        raise ValueError("no text")
    return value


def _word(value: object, _: bytes) -> str:
    if not _WORD.fullmatch(_text(value)):
        raise ValueError("no word")
    return str(value)


def _email(value: object, key: bytes) -> str:
    if not _EMAIL.fullmatch(_text(value).strip()):
        raise ValueError("no address")
    return f"user-{_token(value, key)}@example.invalid"


def _card(value: object, key: bytes) -> str:
    """Sixteen digits that begin with 9999, which no issuer has."""
    if len(re.sub(r"[ -]", "", _text(value))) not in range(12, 20):
        raise ValueError("no number")
    return "9999" + _digits(value, key, 12)


def _money(value: object, _: bytes) -> str:
    if isinstance(value, bool) or not isinstance(value, (Decimal, int, str)) or not Decimal(value).is_finite():
        raise ValueError("no amount")
    return str(Decimal(value))


def _time(value: object, _: bytes) -> str:
    """A moment in UTC, which one without an offset is taken for."""
    moment = datetime.fromisoformat(_text(value))
    utc = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    return utc.replace(tzinfo=None).isoformat(" ", "microseconds")


def _flag(value: object, _: bytes) -> bool:
    if not isinstance(value, bool):
        raise TypeError("neither true nor false")
    return value


_MASKS: Final[Mapping[str, Callable[[object, bytes], object]]] = {
    "uuid": lambda value, _: str(uuid.UUID(_text(value))),
    "word": _word,
    "flag": _flag,
    "money": _money,
    "time": _time,
    "name": lambda value, key: f"Name {_token(value, key)}",
    "email": _email,
    "phone": lambda value, key: "+1555" + _digits(value, key, 7),
    "card": _card,
    # 192.0.2.0/24 is for documentation only (RFC 5737).
    "address": lambda value, key: f"192.0.2.{int(_token(value, key), 16) % 254 + 1}",
    "blank": lambda _value, _key: "",  # free text may say anything of anybody
}

_HINTS: Final[Mapping[str, str]] = {"uuid": "UUID", "time": "TIMESTAMP", "money": "DECIMAL"}


def batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """The rows in lists of at most BATCH."""
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def statement(table: str) -> str:
    """Inserts a row or replaces the one with its id, so that a repeated extract changes nothing."""
    columns = list(TABLES[table])
    values = ", ".join(f":{column}" for column in columns)
    changes = ", ".join(f"{column} = EXCLUDED.{column}" for column in columns if column != "id")
    # Names of tables and columns are this module's own; values are parameters.
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values}) ON CONFLICT (id) DO UPDATE SET {changes}"  # noqa: S608


def parameters(table: str, row: Row) -> list[dict[str, Any]]:
    """A row as the Data API takes it."""
    return [_parameter(column, row[column], _HINTS.get(kind)) for column, kind in TABLES[table].items()]


def _parameter(column: str, value: object, hint: str | None) -> dict[str, Any]:
    if value is None:
        return {"name": column, "value": {"isNull": True}}
    if isinstance(value, bool):
        return {"name": column, "value": {"booleanValue": value}}
    return {"name": column, "value": {"stringValue": str(value)}, **({"typeHint": hint} if hint else {})}


def write(table: str, batch: list[Row]) -> None:
    """Write rows in one transaction: all of them or none."""
    data = client("rds-data")
    where = {"resourceArn": os.environ["CLUSTER_ARN"], "secretArn": os.environ["CREDENTIALS_ARN"]}
    database = os.environ["DATABASE"]
    transaction = data.begin_transaction(**where, database=database)["transactionId"]
    try:
        data.batch_execute_statement(
            **where,
            database=database,
            transactionId=transaction,
            sql=statement(table),
            parameterSets=[parameters(table, row) for row in batch],
        )
        data.commit_transaction(**where, transactionId=transaction)
    except (BotoCoreError, ClientError):
        try:
            data.rollback_transaction(**where, transactionId=transaction)
        except (BotoCoreError, ClientError) as error:
            log("WARNING", "no rollback; the transaction ends by itself", detail=told(error))
        raise


def repeated(action: Callable[[], None], *, sleep: Callable[[float], None] | None = None) -> None:
    """Do it, again when AWS says that it may succeed, after 0 to 0.2, 0.4, 0.8 and 1.6 seconds."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return action()
        except (BotoCoreError, ClientError) as error:
            if attempt == ATTEMPTS or not may_succeed(error):
                raise
            log("WARNING", "trying again", attempt=attempt, detail=told(error))
            # Spread, so that functions that were refused together do not come back together.
            (sleep or time.sleep)(random.uniform(0, 0.1 * 2**attempt))  # noqa: S311 - no secret
    return None


def may_succeed(error: Exception) -> bool:
    """Whether the same request may succeed later."""
    return not isinstance(error, ClientError) or error.response["Error"]["Code"] in TRANSIENT


def told(error: Exception) -> str:
    """What may be logged of an error: messages of databases quote the values of rows."""
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else _own(error)


def _own(error: Exception) -> str:
    return str(error) if isinstance(error, (InvalidEventError, IncompleteError)) else type(error).__name__


def tell_failure(event: Mapping[str, Any], error: Exception, counts: Counts) -> None:
    """Send what failed to the topic; that this fails too is logged, so that the first error is the one raised."""
    message = {"event": event.get("id"), "error": type(error).__name__, "detail": told(error), "rows": counts.reasons}
    try:
        client("sns").publish(
            TopicArn=os.environ["FAILURE_TOPIC"],
            Subject=f"Masking failed ({os.environ['ENVIRONMENT']})",
            Message=json.dumps(message, indent=1),
        )
    except (BotoCoreError, ClientError) as unsent:
        log("ERROR", "nobody was told", detail=told(unsent))


def measure(counts: Counts, *, milliseconds: int) -> None:
    """Write metrics in CloudWatch's embedded metric format, which needs no call and no permission."""
    values = {
        "RowsMasked": counts.masked,
        "RowsRefused": counts.refused,
        "BatchesFailed": counts.failed,
        "Milliseconds": milliseconds,
    }
    metrics = [{"Name": name, "Unit": "Milliseconds" if name == "Milliseconds" else "Count"} for name in values]
    directive = {"Namespace": NAMESPACE, "Dimensions": [["Environment"]], "Metrics": metrics}
    emf = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}
    _line({"_aws": emf, "Environment": os.environ["ENVIRONMENT"], **values})


_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")


def log(level: str, message: str, **more: object) -> None:
    """Write a line of JSON, unless LOG_LEVEL asks for more important ones only."""
    if _LEVELS.index(level) >= _LEVELS.index(os.environ.get("LOG_LEVEL", "INFO")):
        _line({"level": level, "message": message, "trace": os.environ.get("_X_AMZN_TRACE_ID", ""), **more})


def _line(content: Mapping[str, object]) -> None:
    print(json.dumps(content, default=str), flush=True)  # noqa: T201 - Lambda logs what is printed
