"""The masking function: what it writes, what it refuses, how often it tries, whom it tells."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from masking import handler
from masking.database import ATTEMPTS, Database
from masking.rows import Customer, Masker, Rejected, read

GOOD = {
    "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "email": "Ada@example.com",
    "name": "Ada Lovelace",
    "phone": "+44 20 7946 0000",
    "plan": "team",
    "created_at": "2026-01-31T10:00:00+00:00",
}
PERSONAL = ("ada@example.com", "Ada", "Lovelace", "7946")
KEY = b"0" * 32


class AwsError(Exception):
    """As botocore raises it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.response = {"Error": {"Code": code}}


class Aws:
    """S3, the Data API and SNS, as far as the function calls them; `failures` are raised by writes in turn."""

    def __init__(self, body: bytes = b"", failures: tuple[Exception, ...] = ()) -> None:
        self.body = body
        self.failures = list(failures)
        self.calls: list[str] = []
        self.rows: list[list[dict[str, Any]]] = []
        self.committed: list[int] = []
        self.messages: list[dict[str, Any]] = []

    def get_object(self, **_asked: str) -> dict[str, Any]:
        return {"Body": BytesIO(self.body)}

    def begin_transaction(self, **_asked: object) -> dict[str, str]:
        self.calls.append("begin")
        return {"transactionId": "t"}

    def batch_execute_statement(self, **asked: Any) -> None:  # noqa: ANN401 - as boto3 takes them
        self.calls.append("write")
        if self.failures:
            raise self.failures.pop(0)
        self.rows += asked["parameterSets"]
        self.committed.append(len(asked["parameterSets"]))

    def commit_transaction(self, **_asked: object) -> None:
        self.calls.append("commit")

    def rollback_transaction(self, **_asked: object) -> None:
        self.calls.append("rollback")

    def publish(self, **asked: str) -> None:
        self.messages.append(json.loads(asked["Message"]))


Put = Callable[..., Aws]


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> Put:
    """Puts an extract of rows into the bucket; gives what the function calls."""
    for name in ("CLUSTER_ARN", "CREDENTIALS_ARN", "DATABASE", "FAILURE_TOPIC"):
        monkeypatch.setenv(name, name.lower())
    monkeypatch.setenv("ENVIRONMENT", "test")
    monkeypatch.setattr("masking.database.time.sleep", lambda _seconds: None)

    def make(*rows: object, failures: tuple[Exception, ...] = ()) -> Aws:
        lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
        aws = Aws("\n".join(lines).encode(), failures)
        monkeypatch.setattr(handler, "client", lambda _service: aws)
        return aws

    return make


def event(key: str = "incoming/customers.jsonl", size: int = 100) -> dict[str, Any]:
    return {"detail": {"bucket": {"name": "data"}, "object": {"key": key, "size": size}}}


def handle(what: object) -> dict[str, int]:
    return handler.handle(what, SimpleNamespace(aws_request_id="r-1"))


class TestRows:
    def test_nothing_personal_is_left(self) -> None:
        masked = Masker(KEY).customer(GOOD)
        assert (masked.id, masked.plan, masked.created_at) == (GOOD["id"], "team", GOOD["created_at"])
        assert not [text for text in PERSONAL if text.lower() in str(masked).lower()]

    def test_the_same_is_masked_the_same_with_one_key_and_differently_with_another(self) -> None:
        assert Masker(KEY).email("a@b.c") == Masker(KEY).email("A@B.C")
        assert Masker(KEY).email("a@b.c") != Masker(b"1" * 32).email("a@b.c")

    def test_addresses_and_numbers_cannot_exist(self) -> None:
        masked = Masker(KEY).customer(GOOD)
        assert masked.email.endswith("@example.invalid")
        assert masked.phone.startswith("+1-555-01")

    def test_who_has_no_phone_gets_none(self) -> None:
        assert Masker(KEY).customer({**GOOD, "phone": None}).phone == ""

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"id": "1"}, "id does not look like one"),
            ({"id": 1}, "id must be a text that is not empty"),
            ({"email": "nobody"}, "email does not look like one"),
            ({"name": " "}, "name must be a text that is not empty"),
            ({"phone": 5}, "phone must be a text that is not empty"),
            ({"plan": "gold"}, "plan must be one of business, enterprise, free, team"),
            ({"created_at": "yesterday"}, "created_at must be a date and time (ISO 8601)"),
            ({"created_at": "2026-01-31T10:00:00"}, "created_at must name its time zone"),
        ],
    )
    def test_a_bad_row_is_rejected_with_its_reason_and_without_its_text(
        self, change: dict[str, Any], reason: str
    ) -> None:
        assert list(read([json.dumps({**GOOD, **change})], Masker(KEY))) == [Rejected(1, reason)]

    @pytest.mark.parametrize(
        ("line", "reason"), [("{", "is not JSON"), ("[]", "is no JSON object"), ("[" * 70000, "is too long")]
    )
    def test_what_is_no_object_is_rejected(self, line: str, reason: str) -> None:
        assert list(read(["", line], Masker(KEY))) == [Rejected(2, reason)]

    @given(
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(),
            lambda some: st.lists(some) | st.dictionaries(st.text(), some),
            max_leaves=10,
        )
    )
    def test_any_json_is_a_customer_or_rejected(self, value: object) -> None:
        (one,) = read([json.dumps(value)], Masker(KEY))
        assert isinstance(one, Customer | Rejected)

    @given(st.text(min_size=1, max_size=40).filter(str.strip))
    def test_no_name_shines_through(self, name: str) -> None:
        masked = Masker(KEY).name(name)
        assert masked == Masker(KEY).name(name)
        assert masked.startswith("Customer ")
        assert len(masked) == len("Customer ") + 8


class TestDatabase:
    @pytest.mark.parametrize("code", ["ThrottlingException", "DatabaseResumingException", "StatementTimeoutException"])
    def test_what_goes_away_is_tried_again_with_longer_pauses(self, code: str) -> None:
        aws = Aws(failures=(AwsError(code), AwsError(code), AwsError(code)))
        pauses: list[float] = []
        Database(aws, "c", "s", "d", pauses.append).write([Masker(KEY).customer(GOOD)])
        assert aws.calls == [*["begin", "write", "rollback"] * 3, "begin", "write", "commit"]
        assert [0.1 <= pauses[0] <= 0.2, 0.2 <= pauses[1] <= 0.4, 0.4 <= pauses[2] <= 0.8] == [True] * 3

    def test_it_gives_up_after_some_attempts(self) -> None:
        aws = Aws(failures=tuple(AwsError("ThrottlingException") for _ in range(ATTEMPTS + 1)))
        with pytest.raises(AwsError):
            Database(aws, "c", "s", "d", lambda _seconds: None).write([])
        assert aws.calls.count("begin") == ATTEMPTS

    def test_what_does_not_go_away_is_not_tried_again(self) -> None:
        aws = Aws(failures=(AwsError("BadRequestException"),))
        with pytest.raises(AwsError):
            Database(aws, "c", "s", "d").write([])
        assert aws.calls == ["begin", "write", "rollback"]

    def test_a_failed_roll_back_hides_nothing(self) -> None:
        class Broken(Aws):
            def rollback_transaction(self, **_asked: object) -> None:
                raise AwsError("NotFoundException")

        with pytest.raises(AwsError, match="BadRequestException"):
            Database(Broken(failures=(AwsError("BadRequestException"),)), "c", "s", "d").write([])


class TestFunction:
    def test_an_extract_is_masked_and_written_in_one_transaction(self, put: Put) -> None:
        aws = put(GOOD, GOOD)
        assert handle(event()) == {"masked": 2, "rejected": 0}
        assert aws.calls == ["begin", "write", "commit"]
        assert not [text for text in PERSONAL if text.lower() in json.dumps(aws.rows).lower()]
        assert aws.messages == []

    def test_each_batch_has_a_transaction_of_its_own(self, put: Put) -> None:
        aws = put(*[GOOD] * 1001)
        handle(event())
        assert aws.committed == [500, 500, 1]

    def test_figures_become_metrics(self, put: Put, capsys: pytest.CaptureFixture[str]) -> None:
        put(GOOD)
        handle(event())
        line = json.loads(capsys.readouterr().out)
        assert (line["RowsMasked"], line["RowsRejected"], line["Environment"]) == (1, 0, "test")
        assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "StagingSaas"

    def test_a_few_bad_rows_are_left_out(self, put: Put) -> None:
        put(*[GOOD] * 30, "{")
        assert handle(event()) == {"masked": 30, "rejected": 1}

    def test_many_bad_rows_make_a_bad_extract_of_which_nothing_is_written(self, put: Put) -> None:
        aws = put(GOOD, "{")
        with pytest.raises(handler.BadExtractError, match="1 of 2 rows are bad; line 2: is not JSON"):
            handle(event())
        assert aws.calls == []
        assert aws.messages[0]["error"] == "BadExtractError"

    @pytest.mark.parametrize(
        "what",
        [
            None,
            [],
            {},
            {"detail": None},
            {"detail": {"bucket": {"name": "b"}}},
            event("outgoing/x"),
            event("incoming/"),
        ],
    )
    def test_an_event_of_no_extract_is_refused(self, put: Put, what: object) -> None:
        aws = put()
        with pytest.raises(handler.BadEventError):
            handle(what)
        assert aws.messages[0]["error"] == "BadEventError"

    def test_an_extract_that_is_too_large_is_not_even_fetched(self, put: Put) -> None:
        put()
        with pytest.raises(handler.BadExtractError, match="larger"):
            handle(event(size=handler.MAX_BYTES + 1))

    def test_a_failure_is_told_without_anything_personal(self, put: Put) -> None:
        aws = put(GOOD, failures=(AwsError("AccessDeniedException"),))
        with pytest.raises(AwsError):
            handle(event())
        (message,) = aws.messages
        assert message == {
            "requestId": "r-1",
            "key": "incoming/customers.jsonl",
            "error": "AccessDeniedException",
            "reason": "see the function's log",
        }

    def test_a_topic_that_is_away_hides_nothing(self, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
        aws = put("{")
        monkeypatch.setattr(aws, "publish", None)
        with pytest.raises(handler.BadExtractError):
            handle(event())
