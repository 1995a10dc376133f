from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ParamValidationError, ReadTimeoutError

from infra_checks.live.account import Account, Asked, NotDeclaredError
from infra_checks.live.clients import Access, Clients
from infra_checks.live.reading import Unread
from tests.unit.live.wire import Answers, Refusal, Wire, response

LIST = "dynamodb:ListTables"


def asked(answers: dict[str, Answers], *operations: str, until: float | None = None) -> Asked:
    declared = operations or ("dynamodb:list_tables", "dynamodb:describe_table")
    account = Account(Wire(answers).clients, until=until)
    return Asked("AWS::DynamoDB::Table", "orders", "eu-west-1", "123456789012", "aws", {}, account, frozenset(declared))


def test_what_is_refused_is_unread_with_the_code_and_the_call() -> None:
    found = asked({LIST: Refusal("AccessDeniedException")}).ask("dynamodb", "list_tables")
    assert found == Unread("AccessDeniedException: dynamodb:ListTables")


def test_what_no_longer_exists_says_so() -> None:
    answers: dict[str, Answers] = {"dynamodb:DescribeTable": Refusal("ResourceNotFoundException")}
    found = asked(answers).ask("dynamodb", "describe_table", TableName="orders")
    assert found == Unread("ResourceNotFoundException: dynamodb:DescribeTable (deleted meanwhile?)")


def test_an_error_that_means_none_is_an_empty_answer() -> None:
    answers: dict[str, Answers] = {"dynamodb:DescribeTable": Refusal("ResourceNotFoundException")}
    found = asked(answers).ask("dynamodb", "describe_table", none=("ResourceNotFoundException",), TableName="orders")
    assert found == {}


def test_an_operation_that_is_not_declared_is_a_defect() -> None:
    with pytest.raises(NotDeclaredError, match="dynamodb:list_backups without declaring it"):
        asked({}).ask("dynamodb", "list_backups")


@pytest.mark.parametrize("operation", ["dynamodb:delete_table", "secretsmanager:get_secret_value"])
def test_an_operation_that_writes_or_reads_a_secret_is_a_defect_though_declared(operation: str) -> None:
    service, _, name = operation.partition(":")
    with pytest.raises(NotDeclaredError, match="does not only read"):
        asked({}, operation).ask(service, name)


def test_wrong_parameters_are_a_defect_of_the_reader() -> None:
    with pytest.raises(ParamValidationError):
        asked({}).ask("dynamodb", "describe_table", Name="orders")


def test_all_pages_are_read() -> None:
    def page(given: dict[str, Any]) -> dict[str, Any]:
        return {"TableNames": ["bills"]} if given else {"TableNames": ["acts"], "LastEvaluatedTableName": "acts"}

    assert asked({LIST: page}).pages("dynamodb", "list_tables", "TableNames") == ["acts", "bills"]


def test_a_page_that_cannot_be_read_makes_the_whole_unread() -> None:
    first: Answers = [{"TableNames": ["a"], "LastEvaluatedTableName": "acts"}, Refusal("AccessDeniedException")]
    found = asked({LIST: first}).pages("dynamodb", "list_tables", "TableNames")
    assert found == Unread("AccessDeniedException: dynamodb:ListTables")


def test_pages_that_go_round_in_a_circle_end_unread() -> None:
    answers: dict[str, Answers] = {LIST: {"TableNames": ["a"], "LastEvaluatedTableName": "acts"}}
    found = asked(answers).pages("dynamodb", "list_tables", "TableNames")
    assert found == Unread("dynamodb:list_tables says that there is more, but not where")


def test_a_page_that_is_cut_without_saying_where_it_goes_on_is_unread() -> None:
    answers: dict[str, Answers] = {"iam:ListRoles": {"Roles": [], "IsTruncated": True}}
    found = asked(answers, "iam:list_roles").pages("iam", "list_roles", "Roles")
    assert found == Unread("iam:list_roles says that there is more, but not where")


def test_the_same_question_is_asked_once_and_its_answers_are_independent() -> None:
    answers: dict[str, Answers] = {LIST: {"TableNames": ["a"]}}
    asking = asked(answers)
    first = asking.ask("dynamodb", "list_tables")
    assert isinstance(first, dict)
    first["TableNames"].append("mine")
    second = asking.ask("dynamodb", "list_tables")
    assert isinstance(second, dict)
    assert second["TableNames"] == ["a"]
    assert asking.apis.log.calls == {LIST: 1}


@pytest.mark.parametrize("refusal", [Refusal("ThrottlingException"), Refusal("InternalServerError", 500)])
def test_an_operation_that_keeps_failing_is_left_alone(refusal: Refusal) -> None:
    asking = asked({"dynamodb:DescribeTable": refusal})
    found = [asking.ask("dynamodb", "describe_table", TableName=f"table-{number}") for number in range(5)]
    silent = Unread("dynamodb keeps failing in spite of retries: dynamodb:DescribeTable was not asked again")
    assert found == [*[Unread(f"{refusal.code}: dynamodb:DescribeTable")] * 2, *[silent] * 3]
    assert asking.apis.log.calls.total() == 2


def test_an_operation_that_fails_leaves_the_others_to_be_asked() -> None:
    asking = asked({"dynamodb:DescribeTable": Refusal("InternalServerError", 500), LIST: {"TableNames": []}})
    for number in range(5):
        asking.ask("dynamodb", "describe_table", TableName=f"table-{number}")
    assert isinstance(asking.ask("dynamodb", "list_tables"), dict)


def test_denied_access_leaves_the_other_questions_to_be_asked() -> None:
    asking = asked({"dynamodb:DescribeTable": Refusal("AccessDeniedException"), LIST: {"TableNames": []}})
    for number in range(5):
        asking.ask("dynamodb", "describe_table", TableName=f"table-{number}")
    assert asking.ask("dynamodb", "list_tables") != Unread("")
    assert asking.apis.log.calls.total() == 6


def test_one_silence_is_enough() -> None:
    asking = asked({"dynamodb:DescribeTable": ReadTimeoutError(endpoint_url="x")})
    assert asking.ask("dynamodb", "describe_table", TableName="a") == Unread("ReadTimeoutError: dynamodb:DescribeTable")
    asking.ask("dynamodb", "describe_table", TableName="b")
    assert asking.apis.log.calls.total() == 1


def test_nothing_is_asked_when_the_time_is_over() -> None:
    found = asked({LIST: {"TableNames": []}}, until=time.monotonic() - 1).ask("dynamodb", "list_tables")
    assert found == Unread("the time for this run is over: dynamodb:ListTables was not asked")


def _over_the_line(*responses: AWSResponse, attempts: int) -> Account:
    clients = Clients(Access(region="eu-west-1", endpoint_url="http://127.0.0.1:9", attempts=attempts))
    waiting = list(responses)
    clients._session.events.register("before-send.*.*", lambda **_: waiting.pop(0))
    return Account(clients)


@pytest.fixture
def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")


@pytest.mark.usefixtures("_without_waiting")
def test_a_throttled_call_is_repeated_and_counted() -> None:
    throttled = {"__type": "ThrottlingException", "message": "slow down"}
    account = _over_the_line(
        response(400, throttled), response(500, "{}"), response(200, {"TableNames": ["a"]}), attempts=3
    )
    answer = account.call("dynamodb", "list_tables", {}, ())
    assert isinstance(answer, dict)
    assert answer["TableNames"] == ["a"]
    assert account.log.retries == 2


@pytest.mark.usefixtures("_without_waiting")
def test_a_call_is_given_up_after_its_attempts() -> None:
    throttled = response(400, {"__type": "ThrottlingException", "message": "slow down"})
    found = _over_the_line(throttled, throttled, attempts=2).call("dynamodb", "list_tables", {}, ())
    assert found == Unread("ThrottlingException: dynamodb:ListTables")


@pytest.mark.usefixtures("_without_waiting")
def test_an_answer_that_is_cut_off_is_unread() -> None:
    found = _over_the_line(response(200, '{"TableNames": ["a"'), attempts=1).call("dynamodb", "list_tables", {}, ())
    assert found == Unread("CutAnswerError: dynamodb:ListTables")
