from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from infra_checks.core.finding import Family, Outcome, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Context
from infra_checks.core.table import (
    at_least,
    below,
    given,
    in_days,
    is_customer_key,
    is_false,
    is_not_false,
    is_not_true,
    is_set,
    is_true,
    one_of,
    property_rule,
    stated,
)
from infra_checks.evaluate.values import Absent, Known, Symbol, Unknown
from infra_checks.evaluate.view import EACH
from infra_checks.testing import findings, resource
from tests.unit.evaluate.stacks import answers, stack_of, subject

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra_checks.core.rule import Rule
    from infra_checks.evaluate.values import Value

CONTEXT = Context({"days": 7})

TRUE, FALSE, TEXT = Known(True), Known(False), Known("good")
OPEN, SURE = Unknown("it is open"), Unknown("it is there", present=True)
PARTLY = Unknown("x", parts=("alias/aws/", Symbol("parameter", ("X",))), present=True)


@pytest.mark.parametrize(
    ("predicate", "value", "expected"),
    [
        (is_true, TRUE, True), (is_true, FALSE, False), (is_true, Known("true"), True), (is_true, Absent(), False),
        (is_true, OPEN, None), (is_true, TEXT, None), (is_true, Known(1), None),
        (is_not_true, TRUE, False), (is_not_true, FALSE, True), (is_not_true, Absent(), True),
        (is_not_true, OPEN, None),
        (is_not_false, TRUE, True), (is_not_false, FALSE, False), (is_not_false, Absent(), True),
        (is_not_false, OPEN, None), (is_not_false, TEXT, None),
        (is_false, FALSE, True), (is_false, TRUE, False), (is_false, Absent(), False), (is_false, OPEN, None),
        (is_set, TEXT, True), (is_set, Known(""), False), (is_set, Known(()), False), (is_set, Known((1,)), True),
        (is_set, FALSE, True), (is_set, Known(0), True), (is_set, Absent(), False), (is_set, OPEN, None),
        (is_set, SURE, True),
        (one_of("good", "1"), TEXT, True), (one_of("good", "1"), Known(1), True), (one_of("good"), Known("bad"), False),
        (one_of("good"), Absent(), False), (one_of("good"), OPEN, None), (one_of("good"), Known(()), None),
        (at_least("days"), Known(7), True), (at_least("days"), Known("7"), True), (at_least("days"), Known(6.9), False),
        (at_least("days"), Absent(), False), (at_least("days"), OPEN, None), (at_least("days"), TEXT, None),
        (at_least("days", default=7), Absent(), True), (at_least("days", default=1), Absent(), False),
        (at_least("days", default=9), Known(1), False),
        (is_customer_key, Known("alias/mine"), True), (is_customer_key, Known("alias/aws/s3"), False),
        (is_customer_key, Known(""), False), (is_customer_key, Absent(), False), (is_customer_key, OPEN, None),
        (is_customer_key, SURE, True), (is_customer_key, PARTLY, False),
    ],
)  # fmt: skip
def test_a_predicate_answers_yes_no_or_that_it_cannot_tell(
    predicate: Callable[[Value[object], Context], bool | None], value: Value[object], expected: bool | None
) -> None:
    assert predicate(value, CONTEXT) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("{}", False), ("{A: 1}", True), ("{A: !Ref 'AWS::NoValue'}", False), ("[]", False),
     ("[!Ref 'AWS::NoValue']", False), ("[a]", True), ("{'Fn::Transform': {Name: X}}", None), ("' '", False),
     ("['']", False), ("['', a]", True), ("[{}]", False), ("[{A: ''}]", False), ("[{A: {}}]", True),
     ("['', !ImportValue X]", True), ("{A: '', B: []}", False), ("{A: '', B: false}", True), ("{A: {}}", True)],
)  # fmt: skip
def test_what_holds_nothing_is_not_set(text: str, expected: bool | None) -> None:
    stack = stack_of(f"Resources: {{Subject: {{Type: T, Properties: {{P: {text}}}}}}}")
    (found,) = answers(stack, lambda around: is_set(subject(stack)(around).value("P"), CONTEXT)).values()
    assert found is expected
    (found,) = answers(stack, lambda around: given("P")(subject(stack)(around))).values()
    assert found is expected


def test_what_holds_nothing_counts_as_not_stated() -> None:
    stack = stack_of("Resources: {Subject: {Type: T, Properties: {A: [''], B: x, C: !ImportValue X}}}")
    at = subject(stack)

    def told(name: str) -> Value[object]:
        (found,) = answers(stack, lambda around: stated(at(around).value(name))).values()
        return found

    empty, text, opened = told("A"), told("B"), told("C")
    assert isinstance(empty, Absent)
    assert (empty.path, empty.node is not None) == (("Properties", "A"), True)
    assert isinstance(text, Known)
    assert text.value == "x"
    assert isinstance(opened, Unknown)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(Known(1), "keeps 1 day; at least 7 are required"), (Known("3"), "keeps 3 days; at least 7 are required"),
     (Absent(), "keeps 5 days by default; at least 7 are required")],
)  # fmt: skip
def test_a_message_tells_how_many_there_are_and_how_many_it_takes(value: Value[object], expected: str) -> None:
    assert below("days", "keeps", default=5)(value, CONTEXT) == expected


def test_days_are_counted_in_words() -> None:
    assert (in_days(1), in_days(2), in_days(1.5)) == ("1 day", "2 days", "1.5 days")


def row(**changes: Any) -> Rule:  # noqa: ANN401 - any column
    columns: dict[str, Any] = {
        "id": "test-flag",
        "title": "Flag is set",
        "family": Family.ENCRYPTION,
        "severity": Severity.HIGH,
        "path": ("Flag",),
        "holds": is_true,
        "message": "has no flag",
        "rationale": "Because   it\n matters.",
        "remedy": "Set it.",
        "source": "https://example.org",
    }
    return property_rule("T", **(columns | changes))


def test_a_row_is_a_rule_with_what_its_columns_say() -> None:
    made = row(equivalents=("CKV_1",), aliases=("old-name",), options={"days": 1})
    assert (made.id, made.types, made.rationale) == ("test-flag", ("T",), "Because it matters.")
    assert (made.equivalents, made.aliases, made.options) == (("CKV_1",), ("old-name",), {"days": 1})


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"Flag": True}, []),
        ({"Flag": False}, [(Outcome.FAIL, "has no flag", "Properties.Flag")]),
        ({}, [(Outcome.FAIL, "has no flag", "Properties.Flag")]),
        (
            {"Flag": {"Ref": "AWS::Region"}},
            [(Outcome.UNDECIDED, "Flag cannot be told: it depends on AWS::Region", "Properties.Flag")],
        ),
        (
            {"Flag": "maybe"},
            [(Outcome.UNDECIDED, "Flag cannot be told: 'maybe' is neither true nor false", "Properties.Flag")],
        ),
    ],
)
def test_a_row_tells_what_is_broken_and_what_cannot_be_told(properties: dict[str, Any], expected: object) -> None:
    found = findings(row(), resource("T", **properties))
    assert [(one.outcome, one.message, one.path_text) for one in found] == expected


def test_each_element_is_told_on_its_own() -> None:
    made = row(path=("List", EACH, "Flag"))
    items = [{"Flag": True}, {}, {"Flag": {"Ref": "AWS::Region"}}]
    assert [(one.outcome, one.path_text) for one in findings(made, resource("T", List=items))] == [
        (Outcome.FAIL, "Properties.List[1].Flag"),
        (Outcome.UNDECIDED, "Properties.List[2].Flag"),
    ]


@pytest.mark.parametrize(
    ("properties", "places"),
    [
        ({}, ["Properties.List"]),
        ({"List": []}, ["Properties.List"]),
        ({"List": {}}, ["Properties.List"]),
        ({"List": [{"Ref": "AWS::NoValue"}]}, ["Properties.List"]),
        ({"List": [{"Inner": []}, {"Inner": [{"Flag": True}]}]}, ["Properties.List[0].Inner"]),
        ({"List": {"Name": {"Inner": [{"Flag": False}]}}}, ["Properties.List.Name.Inner[0].Flag"]),
    ],
)
def test_an_empty_list_on_the_way_is_as_good_as_none(properties: dict[str, Any], places: list[str]) -> None:
    made = row(path=("List", EACH, "Inner", EACH, "Flag"))
    assert [one.path_text for one in findings(made, resource("T", **properties))] == places


def test_an_empty_list_is_right_where_none_is() -> None:
    assert findings(row(path=("List", EACH, "Flag"), holds=is_not_true), resource("T", List=[])) == []


@pytest.mark.parametrize(
    ("exempt", "flag", "expected"),
    [
        (True, False, []),
        (False, False, ["fail"]),
        (None, False, ["undecided"]),
        (None, True, []),
        (True, {"Ref": "AWS::Region"}, []),
    ],
)
def test_unless_takes_a_resource_out(exempt: bool | None, flag: object, expected: list[str]) -> None:
    assert [str(one.outcome) for one in findings(row(unless=(lambda _: exempt,)), resource("T", Flag=flag))] == expected


def test_unless_is_asked_only_when_something_is_broken() -> None:
    def never(_: Resource) -> bool:
        raise AssertionError

    assert findings(row(unless=(never,)), resource("T", Flag=True)) == []


def test_a_message_may_be_made_from_the_value() -> None:
    made = row(holds=at_least("days"), path=("Days",), message=below("days", "keeps", default=0), options={"days": 3})
    (found,) = findings(made, resource("T", Days=2))
    assert found.message == "keeps 2 days; at least 3 are required"
