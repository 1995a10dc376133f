from __future__ import annotations

from infra_checks.live.reading import Unread
from infra_checks.live.renaming import (
    capitalized,
    document,
    from_answer,
    only,
    pruned,
    renamed,
    tag_list,
    tag_map,
    tags_of_map,
)


def test_what_says_nothing_is_left_out_and_zero_and_false_are_kept() -> None:
    answer: dict[str, object] = {"A": None, "B": "", "C": [], "D": {}, "E": 0, "F": False, "Other": "x"}
    assert renamed(answer, "A", "B", "C", "D", "E", "F", Own="Other") == {"E": 0, "F": False, "Own": "x"}


def test_what_is_empty_below_is_left_out_too() -> None:
    assert pruned({"A": {"B": [], "C": {"D": None}}, "E": [{"F": ""}], "G": 0}) == {"E": [{}], "G": 0}


def test_the_first_letter_of_keys_is_capitalized_at_every_depth() -> None:
    assert capitalized({"s3BucketName": "b", "inner": [{"useOnly": 1, "none": []}]}) == {
        "S3BucketName": "b",
        "Inner": [{"UseOnly": 1}],
    }


def test_tags_of_aws_itself_are_no_tags_of_a_template() -> None:
    own, other = "aws:cloudformation:stack-name", "Team"
    assert tag_list([{"Key": own, "Value": "shop"}, {"Key": other}]) == [{"Key": "Team", "Value": ""}]
    assert tags_of_map({own: "shop", other: "a"}) == [{"Key": "Team", "Value": "a"}]
    assert tag_map({own: "shop", other: "a"}) == {"Team": "a"}


def test_a_text_that_is_no_json_stays_a_text() -> None:
    assert document('{"a": 1}') == {"a": 1}
    assert document("ERROR") == "ERROR"


def test_a_failed_call_makes_its_properties_unread() -> None:
    refused = Unread("AccessDenied: a:b")
    assert from_answer(refused, ("A", "B"), dict) == {"A": refused, "B": refused}
    assert from_answer({"A": [], "B": 1}, ("A", "B"), dict) == {"B": 1}
    assert only(refused, "shop") is refused
    assert only([], "shop") == Unread("shop was not found")
    assert only([1], "shop") == 1
