from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra_checks.live.comparing import Comparing, Difference, Kind
from infra_checks.live.reading import Plain, Unread

NAMES = {
    "Key": {"Ref": "1a2b", "Arn": "arn:aws:kms:eu-west-1:111122223333:key/1a2b"},
    "Logs": {"Ref": "/app", "Arn": "arn:aws:logs:eu-west-1:111122223333:log-group:/app:*"},
}
COMPARING = Comparing(NAMES)


def differences(declared: Plain, live: Plain) -> list[tuple[str, tuple[str | int, ...]]]:
    return [(each.kind.value, each.path) for each in COMPARING.differences(declared, live)]


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=4), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(min_size=1, max_size=4), PLAIN, max_size=4))
def test_a_value_does_not_differ_from_itself(value: dict[str, Any]) -> None:
    assert differences(value, value) == []


@given(st.lists(st.fixed_dictionaries({"Key": st.text(max_size=3), "Value": st.text(max_size=3)}), max_size=4))
def test_the_order_of_a_list_does_not_matter(tags: list[dict[str, str]]) -> None:
    assert differences({"Tags": tags}, {"Tags": tags[::-1]}) == []


@pytest.mark.parametrize(
    ("declared", "live"),
    [
        ("30", 30),
        (30, 30.0),
        ("true", True),
        (True, "True"),
        ({"Ref": "Key"}, "arn:aws:kms:eu-west-1:111122223333:key/1a2b"),
        ({"Fn::GetAtt": ["Key", "Arn"]}, "1a2b"),
        ({"Fn::GetAtt": ["Logs", "Arn"]}, "arn:aws:logs:eu-west-1:111122223333:log-group:/app"),
        ({"Fn::Join": ["", [{"Ref": "Logs"}, "/errors"]]}, "/app/errors"),
        ("tcp", ["tcp"]),
        (["tcp"], "tcp"),
        ({"a": 1}, '{"a": 1}'),
        ('{"a": [1]}', {"a": ["1"]}),
        ("name-{{resolve:ssm:/name}}", "name-of-it"),
    ],
)
def test_values_that_mean_the_same_do_not_differ(declared: Plain, live: Plain) -> None:
    assert differences({"P": declared}, {"P": live}) == []


@pytest.mark.parametrize(
    ("declared", "live"),
    [
        ({"Ref": "Password"}, "anything"),
        ("{{resolve:ssm:/name}}", "anything"),
        ({"Fn::GetAtt": ["Key", "Unheard"]}, "anything"),
        ({"Fn::ImportValue": "there"}, ["any", "thing"]),
    ],
)
def test_what_only_cloudformation_knows_is_not_told(declared: Plain, live: Plain) -> None:
    assert differences({"P": declared}, {"P": live}) == [("unread", ("P",))]


@pytest.mark.parametrize(
    ("declared", "live"),
    [
        (30, 31),
        ("a", "A"),
        (False, True),
        ({"Ref": "Key"}, "9z9z"),
        ({"Fn::GetAtt": ["Key", "Arn"]}, "arn:aws:kms:eu-west-1:111122223333:key/other"),
        ({"Fn::Join": ["", [{"Ref": "Logs"}, "/errors"]]}, "/other/errors"),
        ("prefix-{{resolve:ssm:/name}}", "else-where"),
        ("text", {"a": 1}),
    ],
)
def test_values_that_do_not_mean_the_same_are_changed(declared: Plain, live: Plain) -> None:
    assert differences({"P": declared}, {"P": live}) == [("changed", ("P",))]


def test_what_is_on_one_side_only_is_added_or_removed() -> None:
    assert differences({"A": 1, "B": 2}, {"B": 2, "C": 3}) == [("removed", ("A",)), ("added", ("C",))]


@pytest.mark.parametrize("nothing", [None, "", [], {}])
def test_nothing_is_neither_added_nor_removed(nothing: Plain) -> None:
    assert differences({"A": nothing}, {}) == []
    assert differences({}, {"A": nothing}) == []


def test_what_could_not_be_read_is_no_difference_but_told() -> None:
    found = list(COMPARING.differences({"A": 1}, {"A": Unread("AccessDenied: s3:GetBucketAcl"), "B": Unread("x")}))
    assert found == [
        Difference(("A",), Kind.UNREAD, 1, None, "AccessDenied: s3:GetBucketAcl"),
        Difference(("B",), Kind.UNREAD, reason="x"),
    ]


def test_entries_are_matched_by_what_identifies_them() -> None:
    declared = [{"Key": "Owner", "Value": "a"}, {"Key": "Project", "Value": "b"}]
    live = [{"Key": "Project", "Value": "c"}, {"Key": "Team", "Value": "d"}]
    assert differences({"Tags": declared}, {"Tags": live}) == [
        ("changed", ("Tags", 0, "Value")),
        ("removed", ("Tags",)),
        ("added", ("Tags", 1)),
    ]


STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Principal": {"AWS": "111122223333"}}


@pytest.mark.parametrize(
    "live",
    [
        {"Statement": STATEMENT},
        {"Statement": [{**STATEMENT, "Action": ["S3:getobject"], "Resource": ["*"]}]},
        {"Statement": [{**STATEMENT, "Principal": {"AWS": ["arn:aws:iam::111122223333:root"]}}]},
    ],
)
def test_a_policy_in_another_form_is_the_same(live: dict[str, Any]) -> None:
    assert differences({"PolicyDocument": {"Statement": [STATEMENT]}}, {"PolicyDocument": live}) == []


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        ([STATEMENT, {**STATEMENT, "Effect": "Deny"}], [("added", ("Statement", 1))]),
        ([{**STATEMENT, "Action": ["s3:GetObject", "s3:*"]}], [("added", ("Statement", 0, "Action", 1))]),
        ([{**STATEMENT, "Principal": "*"}], [("changed", ("Statement", 0, "Principal", "AWS", 0))]),
        ([], [("removed", ("Statement",))]),
    ],
)
def test_a_policy_that_grants_something_else_differs(live: list[Any], expected: list[Any]) -> None:
    assert differences({"Statement": [STATEMENT]}, {"Statement": live}) == expected
