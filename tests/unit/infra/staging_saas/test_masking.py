"""What the masking function does with an extract: what comes to the database, and what never does."""

from __future__ import annotations

import io
import json
import re
import time
import uuid
from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from masking import handler

BUCKET = "extracts"
KEY = b"key of the tests"
USER = {
    "id": "2d1c7f3e-8a54-4a40-9f3a-0b8f0e9a6d11",
    "account_id": "7b0f4a52-3c1f-4f0f-9d6a-5a1f6f1f2c33",
    "email": "Ada.Lovelace@example.com",
    "full_name": "Ada Lovelace",
    "phone": "+44 20 7946 0958",
    "notes": "asked about her invoice on Monday",
    "active": True,
    "created_at": "2026-01-02T03:04:05+01:00",
}
PERSONAL = ("Ada", "Lovelace", "7946", "invoice")


def refused(code: str, operation: str = "BatchExecuteStatement") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "value Ada Lovelace is too long"}}, operation)


class Body:
    """What get_object gives."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def iter_lines(self) -> Iterator[bytes]:
        return iter(io.BytesIO(self.content).read().splitlines())


class Database:
    """The RDS Data API: transactions, and errors in the order in which they are to come."""

    def __init__(self) -> None:
        self.errors: list[Exception | None] = []
        self.unsaved: dict[str, list[list[dict[str, Any]]]] = {}
        self.saved: list[list[list[dict[str, Any]]]] = []
        self.rolled_back: list[str] = []
        self.statements: list[str] = []
        self.begun = 0

    def begin_transaction(self, **_: object) -> dict[str, str]:
        self.begun += 1
        return {"transactionId": f"t{self.begun}"}

    def batch_execute_statement(
        self,
        *,
        sql: str,
        transactionId: str,  # noqa: N803
        parameterSets: list[list[dict[str, Any]]],  # noqa: N803
        **_: object,
    ) -> None:
        error = self.errors.pop(0) if self.errors else None
        if error:
            raise error
        self.statements.append(sql)
        self.unsaved[transactionId] = parameterSets

    def commit_transaction(self, *, transactionId: str, **_: object) -> None:  # noqa: N803
        self.saved.append(self.unsaved.pop(transactionId))

    def rollback_transaction(self, *, transactionId: str, **_: object) -> None:  # noqa: N803
        self.rolled_back.append(transactionId)

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [{each["name"]: value_of(each["value"]) for each in row} for batch in self.saved for row in batch]


def value_of(value: Mapping[str, Any]) -> Any:  # noqa: ANN401 - whatever it is
    ((kind, content),) = value.items()
    return None if kind == "isNull" else content


class World:
    """All that the function talks to."""

    def __init__(self) -> None:
        self.database = Database()
        self.extract = b""
        self.written: list[dict[str, Any]] = []
        self.told: list[dict[str, Any]] = []
        self.topic_error: Exception | None = None

    def client(self, service: str) -> object:
        return {
            "rds-data": self.database,
            "s3": SimpleNamespace(get_object=self.get_object, put_object=lambda **put: self.written.append(put)),
            "sns": SimpleNamespace(publish=self.publish),
        }[service]

    def get_object(self, **_: str) -> dict[str, Body]:
        return {"Body": Body(self.extract)}

    def publish(self, **message: str) -> None:
        if self.topic_error:
            raise self.topic_error
        self.told.append({**message, "Message": json.loads(message["Message"])})

    def bring(self, *rows: object) -> None:
        self.extract = b"\n".join(json.dumps(row, default=str).encode() for row in rows)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(handler, "client", made.client)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    for name, value in {
        "BUCKET": BUCKET,
        "CLUSTER_ARN": "arn:aws:rds:us-west-2:123456789012:cluster:staging-saas-test",
        "CREDENTIALS_ARN": "arn:aws:secretsmanager:us-west-2:123456789012:secret:rds",
        "DATABASE": "saas",
        "ENVIRONMENT": "test",
        "FAILURE_TOPIC": "arn:aws:sns:us-west-2:123456789012:staging-saas-test-alarms",
    }.items():
        monkeypatch.setenv(name, value)
    return made


def event(key: str = "incoming/users/monday.jsonl", *, bucket: str = BUCKET, size: int = 1000) -> dict[str, Any]:
    detail = {"bucket": {"name": bucket}, "object": {"key": key, "size": size}}
    return {"id": "event-1", "detail-type": "Object Created", "detail": detail}


def run(called: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return handler.handle(called or event(), SimpleNamespace(aws_request_id="request-1"))


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def users(count: int) -> list[dict[str, Any]]:
    return [{**USER, "id": str(uuid.UUID(int=number))} for number in range(count)]


class TestEvents:
    @pytest.mark.parametrize(
        ("called", "said"),
        [
            ({}, "not an event"),
            ({**event(), "detail-type": "Object Deleted"}, "not an event"),
            ({**event(), "detail": {"bucket": "x"}}, "no bucket and object"),
            (event(bucket="others"), "another bucket"),
            (event("users.jsonl"), "incoming/<table>"),
            (event("incoming/passwords/monday.jsonl"), "known table"),
            (event("incoming/users/../accounts/monday.jsonl"), "incoming/<table>"),
            (event("incoming/users/monday.csv"), "incoming/<table>"),
            (event(size=handler.LARGEST + 1), "more than"),
        ],
    )
    def test_an_event_that_names_no_extract_is_refused_with_the_reason(
        self, world: World, called: Mapping[str, Any], said: str
    ) -> None:
        with pytest.raises(handler.InvalidEventError, match=said):
            run(called or {"id": "x"})
        assert world.database.begun == 0
        assert said in world.told[0]["Message"]["detail"]


class TestMasking:
    def test_nothing_personal_comes_to_the_database_the_bucket_or_the_log(
        self, world: World, capsys: pytest.CaptureFixture[str]
    ) -> None:
        world.bring(USER)
        assert run() == {"table": "users", "rows": 1, "batches": 1}
        everywhere = json.dumps([world.database.saved, str(world.written)]) + capsys.readouterr().out
        assert not [word for word in PERSONAL if word in everywhere]

    def test_a_row_keeps_its_keys_and_its_shape(self, world: World) -> None:
        world.bring(USER)
        run()
        (row,) = world.database.rows
        assert (row["id"], row["account_id"], row["active"]) == (USER["id"], USER["account_id"], True)
        assert re.fullmatch(r"user-[0-9a-f]{12}@example\.invalid", row["email"])
        assert re.fullmatch(r"\+1555\d{7}", row["phone"])
        assert row["notes"] == ""
        assert row["created_at"] == "2026-01-02 02:04:05.000000"

    def test_the_same_value_is_masked_alike_in_an_extract_and_otherwise_in_the_next(self, world: World) -> None:
        world.bring(USER, {**USER, "id": str(uuid.UUID(int=2)), "email": "ada.lovelace@EXAMPLE.com "})
        run()
        run()
        one, two, other, _ = (row["email"] for row in world.database.rows)
        assert one == two != other

    def test_a_card_number_becomes_one_that_no_issuer_has(self) -> None:
        row = {"id": USER["id"], "card_number": "4111 1111 1111 1111", "ip_address": "203.0.113.7", "amount": 12}
        made = handler.masked(row, "transactions", KEY)
        assert re.fullmatch(r"9999\d{12}", str(made["card_number"]))
        assert re.fullmatch(r"192\.0\.2\.\d{1,3}", str(made["ip_address"]))

    @pytest.mark.parametrize("amount", ["0.10", "12345678901234567890.01", "-3"])
    def test_money_stays_exact(self, amount: str) -> None:
        line = f'{{"id": "{USER["id"]}", "amount": {amount}}}'.encode()
        assert Decimal(str(handler.masked(handler.read_row(line), "transactions", KEY)["amount"])) == Decimal(amount)

    @pytest.mark.parametrize("column", sorted(USER.keys() - {"id"}))
    def test_a_missing_value_stays_missing(self, column: str) -> None:
        assert handler.masked({**USER, column: None}, "users", KEY)[column] is None

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"id": None}, "no id"),
            ({"id": "1"}, "id is no uuid"),
            ({"email": "Ada"}, "email is no email"),
            ({"email": 1}, "email is no email"),
            ({"active": "yes"}, "active is no flag"),
            ({"created_at": "Monday"}, "created_at is no time"),
            ({"full_name": "A" * 5000}, "full_name is no name"),
            ({"password": "Ada"}, "1 columns that users does not have"),
        ],
    )
    def test_a_row_that_is_not_what_its_table_holds_is_refused_without_a_value_in_the_message(
        self, change: dict[str, object], said: str
    ) -> None:
        with pytest.raises(handler.InvalidRowError) as raised:
            handler.masked({**USER, **change}, "users", KEY)
        assert str(raised.value) == said

    @pytest.mark.parametrize("amount", ["NaN", "Infinity", "many", True])
    def test_an_amount_is_a_finite_number(self, amount: object) -> None:
        with pytest.raises(handler.InvalidRowError, match="amount is no money"):
            handler.masked({"id": USER["id"], "amount": amount}, "transactions", KEY)

    def test_a_moment_without_an_offset_is_taken_for_utc(self) -> None:
        row = handler.masked({**USER, "created_at": "2026-01-02T03:04:05"}, "users", KEY)
        assert row["created_at"] == "2026-01-02 03:04:05.000000"

    @pytest.mark.parametrize("line", [b"{", b"[1]", b'"text"', b"[" * 100_000])
    def test_a_line_that_is_no_object_is_refused(self, line: bytes) -> None:
        with pytest.raises(handler.InvalidRowError):
            handler.read_row(line)

    def test_every_kind_of_column_has_a_mask(self) -> None:
        assert {kind for columns in handler.TABLES.values() for kind in columns.values()} <= handler._MASKS.keys()


class TestWriting:
    def test_each_batch_is_a_transaction_of_its_own(self, world: World) -> None:
        world.bring(*users(2 * handler.BATCH + 1))
        assert run()["batches"] == 3
        assert [len(batch) for batch in world.database.saved] == [handler.BATCH, handler.BATCH, 1]
        assert world.database.begun == 3

    def test_a_repeated_extract_replaces_its_rows(self) -> None:
        assert "ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name" in handler.statement("accounts")

    def test_values_are_parameters_and_never_part_of_the_statement(self, world: World) -> None:
        world.bring({**USER, "full_name": "'); DROP TABLE users; --"})
        run()
        assert world.database.statements == [handler.statement("users")]

    def test_types_that_the_database_checks_are_told(self) -> None:
        row = handler.masked(USER, "users", KEY)
        hints = {each["name"]: each.get("typeHint") for each in handler.parameters("users", row)}
        assert (hints["id"], hints["created_at"], hints["email"]) == ("UUID", "TIMESTAMP", None)

    @pytest.mark.parametrize("code", sorted(handler.TRANSIENT))
    def test_a_batch_is_rolled_back_and_tried_again_when_it_may_succeed(self, world: World, code: str) -> None:
        world.database.errors = [refused(code), refused(code)]
        world.bring(USER)
        run()
        assert world.database.rolled_back == ["t1", "t2"]
        assert len(world.database.saved) == 1

    def test_a_lost_connection_is_tried_again(self, world: World) -> None:
        world.database.errors = [EndpointConnectionError(endpoint_url="https://rds-data")]
        world.bring(USER)
        assert run()["rows"] == 1

    def test_a_batch_is_tried_five_times_at_most(self, world: World) -> None:
        world.database.errors = [refused("ThrottlingException")] * 9
        world.bring(USER)
        with pytest.raises(handler.IncompleteError, match="1 of 1 batches rolled back"):
            run()
        assert world.database.begun == handler.ATTEMPTS

    def test_what_cannot_succeed_is_not_tried_again(self, world: World) -> None:
        world.database.errors = [refused("BadRequestException")]
        world.bring(USER)
        with pytest.raises(handler.IncompleteError):
            run()
        assert world.database.begun == 1

    def test_waits_grow_and_are_spread(self, world: World) -> None:
        waits: list[float] = []
        world.database.errors = [refused("ThrottlingException")] * 4
        handler.repeated(lambda: handler.write("users", [handler.masked(USER, "users", KEY)]), sleep=waits.append)
        assert len(waits) == 4
        assert all(0 <= wait <= 0.2 * 2**attempt for attempt, wait in enumerate(waits))

    def test_a_batch_that_fails_does_not_keep_others_from_the_database(self, world: World) -> None:
        world.database.errors = [refused("BadRequestException")]
        world.bring(*users(handler.BATCH + 5))
        with pytest.raises(handler.IncompleteError, match="0 rows refused, 1 of 2 batches"):
            run()
        assert [len(batch) for batch in world.database.saved] == [5]

    def test_the_masked_copy_holds_what_the_database_holds(self, world: World) -> None:
        world.bring(*users(3), {"id": "no"})
        with pytest.raises(handler.IncompleteError):
            run()
        (put,) = world.written
        assert put["Key"] == "masked/users/monday.jsonl"
        copied = [json.loads(line)["email"] for line in put["Body"].decode().splitlines()]
        assert copied == [row["email"] for row in world.database.rows]

    def test_empty_lines_are_no_rows(self, world: World) -> None:
        world.extract = b"\n\n" + json.dumps(USER).encode() + b"\n \n"
        assert run()["rows"] == 1

    def test_an_empty_extract_writes_nothing(self, world: World) -> None:
        assert run() == {"table": "users", "rows": 0, "batches": 0}
        assert world.written == []


class TestTelling:
    def test_a_failure_is_told_with_lines_and_columns_but_no_values(self, world: World) -> None:
        world.bring(USER, {**USER, "email": "Ada"}, {**USER, "id": None})
        with pytest.raises(handler.IncompleteError):
            run()
        (told,) = world.told
        assert told["Subject"] == "Masking failed (test)"
        assert told["Message"]["rows"] == ["line 2: email is no email", "line 3: no id"]
        assert "Ada" not in json.dumps(told)

    def test_the_first_error_is_raised_also_when_nobody_can_be_told(
        self, world: World, capsys: pytest.CaptureFixture[str]
    ) -> None:
        world.topic_error = refused("KMSDisabled", "Publish")
        with pytest.raises(handler.InvalidEventError):
            run(event(bucket="others"))
        assert "nobody was told" in {line.get("message") for line in lines(capsys.readouterr().out)}

    def test_messages_of_the_database_are_in_no_log(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        world.database.errors = [refused("BadRequestException")]
        world.bring(USER)
        with pytest.raises(handler.IncompleteError):
            run()
        assert "Lovelace" not in capsys.readouterr().out + json.dumps(world.told)

    def test_metrics_count_rows_and_batches_in_the_embedded_format(
        self, world: World, capsys: pytest.CaptureFixture[str]
    ) -> None:
        world.database.errors = [refused("BadRequestException")]
        world.bring(*users(handler.BATCH + 2), {"id": "no"})
        with pytest.raises(handler.IncompleteError):
            run()
        (metric,) = [line for line in lines(capsys.readouterr().out) if "_aws" in line]
        directive = metric["_aws"]["CloudWatchMetrics"][0]
        assert (metric["RowsMasked"], metric["RowsRefused"], metric["BatchesFailed"]) == (2, 1, 1)
        assert directive["Namespace"] == "StagingSaas/Masking"
        assert {each["Name"] for each in directive["Metrics"]} | set(directive["Dimensions"][0]) <= metric.keys()

    def test_every_line_of_the_log_is_json_and_names_the_request(
        self, world: World, capsys: pytest.CaptureFixture[str]
    ) -> None:
        world.bring(USER)
        run()
        said = [line for line in lines(capsys.readouterr().out) if "_aws" not in line]
        assert [line["message"] for line in said] == ["started", "masked"]
        assert {line["request"] for line in said} == {"request-1"}

    def test_only_as_much_is_logged_as_asked_for(
        self, world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("LOG_LEVEL", "ERROR")
        world.bring(USER)
        run()
        assert [line for line in lines(capsys.readouterr().out) if "_aws" not in line] == []
