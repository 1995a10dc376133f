from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra_checks.access.documents import placed
from infra_checks.evaluate.scenario import Scenario, explore
from infra_checks.evaluate.values import Known
from infra_checks.iam.document import Opaque
from infra_checks.iam.text import ACCOUNT, Symbol
from tests.unit.access.conftest import surroundings

if TYPE_CHECKING:
    from infra_checks.access.documents import Placed
    from tests.unit.access.conftest import Reader


def document(read: Reader, text: str, **pins: str) -> Placed:
    subject = read(text, **pins)
    return placed(subject, subject.value("PolicyDocument"))


POLICY = """
Parameters: {Free: {Type: String}, Actions: {Type: CommaDelimitedList}, Whole: {Type: String}}
Resources:
  Subject:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: """


def test_known_texts_stay_texts_and_unknown_ones_keep_their_pieces(read: Reader) -> None:
    found = document(
        read, POLICY + "{Statement: {Action: 's3:*', Resource: [a, !Sub 'x${Free}', !Ref AWS::AccountId]}}"
    )
    assert found.document == {
        "Statement": {"Action": "s3:*", "Resource": ["a", ("x", Symbol("Free", least=0)), (ACCOUNT,)]}
    }


def test_policy_variables_are_left_as_they_are(read: Reader) -> None:
    found = document(read, POLICY + "{a: '${aws:username}', b: !Sub '${!aws:username}/x'}")
    assert found.document == {"a": "${aws:username}", "b": "${aws:username}/x"}


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("!Ref Actions", "it depends on the parameter Actions"),
        ("!Split [',', !Ref Free]", "it depends on the parameter Free"),
        ("{Fn::Transform: {Name: AWS::Include}}", "AWS::Include"),
        ("{Effect: Allow, Fn::Nothing: {a: b}}", "Fn::Nothing may add to it"),
    ],
)
def test_what_is_not_known_to_be_a_text_is_opaque_with_its_reason(read: Reader, expression: str, reason: str) -> None:
    found = document(read, POLICY + f"{{Statement: [{expression}]}}").document
    assert isinstance(found, dict)
    statements = found["Statement"]
    assert isinstance(statements, list)
    (entry,) = statements
    assert isinstance(entry, Opaque)
    assert reason in entry.reason


@pytest.mark.parametrize("expression", ["!Ref Whole", "!ImportValue policy", "{Fn::Transform: {Name: M}}"])
def test_a_whole_document_that_is_not_known_is_opaque(read: Reader, expression: str) -> None:
    assert isinstance(document(read, POLICY + expression).document, Opaque)


def test_a_json_text_is_read_with_the_symbols_in_it(read: Reader) -> None:
    found = document(
        read, POLICY + """!Sub '{"Statement": {"Resource": "a${Free}b", "Condition": {"${Free}:sub": 1}}}'"""
    )
    assert found.document == {
        "Statement": {"Resource": ("a", Symbol("Free", least=0), "b"), "Condition": {"${Free}:sub": 1}}
    }


def test_what_is_turned_into_json_is_read_as_it_stands(read: Reader) -> None:
    found = document(read, POLICY + "{Fn::ToJsonString: {Statement: {Sid: a, Resource: !Sub 'x${Free}'}}}")
    assert found.document == {"Statement": {"Sid": "a", "Resource": ("x", Symbol("Free", least=0))}}
    assert found.at(("Statement", "Sid")).node != found.at(("Statement", "Resource")).node


@pytest.mark.parametrize("text", ["'{'", "'x'", "'\"x\"'", '\'{"a": "\\ue0000\\ue001"}\'', "!Sub '{\"a\": ${Free}}'"])
def test_a_text_that_is_no_json_document_is_opaque_or_no_mapping(read: Reader, text: str) -> None:
    assert not isinstance(document(read, POLICY + text).document, dict)


def test_what_is_taken_away_is_not_there(read: Reader) -> None:
    found = document(read, POLICY + "{Statement: [!Ref AWS::NoValue, {Sid: a, Condition: !Ref AWS::NoValue}]}")
    assert found.document == {"Statement": [{"Sid": "a"}]}


def test_numbers_and_truths_keep_their_kind_but_no_notation_is_lost(read: Reader) -> None:
    found = document(read, POLICY + "{a: 5, b: true, c: 012345678901, d: 2012-10-17}")
    assert found.document == {"a": 5, "b": True, "c": "012345678901", "d": "2012-10-17"}


def test_a_part_of_the_document_is_found_where_it_stands(read: Reader) -> None:
    found = document(
        read,
        """
        Resources:
          Subject:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              PolicyDocument:
                Statement:
                  - !Ref AWS::NoValue
                  - Action: s3:*
                    Resource:
                      - a
                      - b
        """,
    )
    value = found.at(("Statement", 0, "Resource", 1))
    assert isinstance(value, Known)
    assert value.value == "b"
    assert value.path == ("Properties", "PolicyDocument", "Statement", 1, "Resource", 1)
    assert value.node is not None
    assert value.node.span.line == 12


@pytest.mark.parametrize(
    "path", [("Statement", 0, "Condition"), ("Statement", 7), ("Statement", 0, "Action", 0), ("Nothing", "x")]
)
def test_a_path_that_leads_nowhere_is_answered_by_what_is_nearest(read: Reader, path: tuple[str | int, ...]) -> None:
    found = document(read, POLICY + "{Statement: [{Action: a}]}")
    assert found.at(path).node is not None


def test_a_document_that_is_nested_without_end_is_cut_and_says_so(read: Reader) -> None:
    found = document(read, POLICY + "[" * 60 + "]" * 60).document
    while isinstance(found, list):
        (found,) = found
    assert found == Opaque("it is nested too deeply")


def test_correlated_branches_are_never_mixed() -> None:
    text = POLICY.replace("Resources:", "Conditions: {Wide: !Equals [!Ref Free, wide]}\nResources:") + (
        "{Statement: {Action: !If [Wide, 's3:*', 's3:Get*'], Resource: !If [Wide, only-wide, only-narrow]}}"
    )

    def read_in(scenario: Scenario) -> object:
        subject = surroundings(text, scenario=scenario).get("Subject")
        assert subject is not None
        return placed(subject, subject.value("PolicyDocument")).document

    found = [step[1] for step in explore(read_in, limit=10) if step]
    assert found == [
        {"Statement": {"Action": "s3:*", "Resource": "only-wide"}},
        {"Statement": {"Action": "s3:Get*", "Resource": "only-narrow"}},
    ]
