from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra_checks.iam.document import Opaque
from infra_checks.iam.model import Effect, PolicyType, Principal
from infra_checks.iam.operators import spelled
from infra_checks.iam.parse import parse
from infra_checks.iam.text import ACCOUNT, Symbol, pieces, shown

if TYPE_CHECKING:
    from infra_checks.iam.document import Document
    from infra_checks.iam.model import Patterns, Principals, Statement

IDENTITY = PolicyType.IDENTITY


def statement(element: Document, type: PolicyType = IDENTITY, version: str = "2012-10-17") -> Statement:
    policy = parse({"Version": version, "Statement": element}, type)
    assert len(policy.statements) == 1
    return policy.statements[0]


def actions(found: Statement) -> Patterns:
    assert found.actions is not None
    return found.actions


def principals(written: Document, name: str = "Principal") -> Principals:
    found = statement(allow(**{name: written})).principals
    assert found is not None
    return found


def allow(**elements: Document) -> dict[str, Document]:
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"} | elements


def test_one_value_stands_for_a_list_of_one_everywhere() -> None:
    found = statement(allow(Condition={"Bool": {"aws:SecureTransport": True}}))
    assert found.path == ("Statement",)
    assert found.effect is Effect.ALLOW
    assert [(entry.text, entry.path) for entry in actions(found).listed] == [("s3:GetObject", ("Statement", "Action"))]
    (condition,) = found.conditions
    assert [value.text for value in condition.values] == ["true"]
    assert found.unread == ()


def test_paths_lead_into_lists() -> None:
    policy = parse({"Statement": [allow(Action=["a:B", "a:C"])]}, IDENTITY)
    assert actions(policy.statements[0]).listed[1].path == ("Statement", 0, "Action", 1)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("stringequals", ("StringEquals", "", False)),
        ("FORANYVALUE:stringlikeIFEXISTS", ("StringLike", "ForAnyValue", True)),
        ("ForAllValues:ArnNotEquals", ("ArnNotEquals", "ForAllValues", False)),
        ("NullIfExists", None),
        ("ForSomeValues:StringEquals", None),
        (":StringEquals", None),
        ("StringMatches", None),
        ("", None),
    ],
)
def test_operators_are_read_without_regard_to_case(written: str, expected: tuple[str, str, bool] | None) -> None:
    assert spelled(written) == expected


def test_an_unknown_operator_makes_the_statement_incomplete() -> None:
    found = statement(allow(Condition={"StringIs": {"k": "v"}, "Bool": {"l": "true"}}))
    assert found.incomplete
    assert [condition.key for condition in found.conditions] == ["l"]
    assert [entry.path for entry in found.unread] == [("Statement", "Condition", "StringIs")]


def test_an_opaque_entry_makes_its_list_partial_and_not_the_statement_incomplete() -> None:
    found = statement(allow(Action=["s3:*", Opaque("a transform")]))
    assert actions(found).partial
    assert not found.incomplete
    assert [entry.text for entry in actions(found).listed] == ["s3:*"]
    assert found.unread[0].path == ("Statement", "Action", 1)
    assert "a transform" in found.unread[0].reason


def test_an_opaque_statement_is_unread_by_the_policy() -> None:
    policy = parse({"Statement": [allow(), Opaque("Fn::Transform")]}, IDENTITY)
    assert len(policy.statements) == 1
    assert policy.unread[0].path == ("Statement", 1)


@pytest.mark.parametrize("document", [None, 3, [], "{}", Opaque("x"), ("a", ACCOUNT)])
def test_a_document_that_is_no_object_is_unread(document: Document) -> None:
    policy = parse(document, IDENTITY)
    assert policy.statements == ()
    assert policy.unread


def test_an_effect_that_is_not_known_is_none() -> None:
    assert statement(allow(Effect=(Symbol("P"),))).effect is None
    assert statement(allow(Effect="allow")).effect is None


@pytest.mark.parametrize(
    ("type", "element", "complete"),
    [
        (PolicyType.IDENTITY, {"Effect": "Allow", "Action": "*"}, False),
        (PolicyType.TRUST, {"Effect": "Allow", "Action": "*", "Principal": "*"}, True),
        (PolicyType.TRUST, {"Effect": "Allow", "Action": "*"}, False),
        (PolicyType.RESOURCE, {"Effect": "Allow", "Principal": "*", "Resource": "*"}, False),
        (PolicyType.IDENTITY, allow(NotAction="s3:*"), False),
        (PolicyType.IDENTITY, allow(Actions="s3:*"), False),
    ],
)
def test_missing_doubled_and_unknown_elements(type: PolicyType, element: Document, complete: bool) -> None:
    assert statement(element, type).incomplete is not complete


def test_principals() -> None:
    found = principals({"AWS": ["*", ("arn:aws:iam::", ACCOUNT, ":root")], "Service": "a.amazonaws.com"})
    assert [(one.kind, shown(one.name)) for one in found.listed] == [
        ("AWS", "*"),
        ("AWS", "arn:aws:iam::${AWS::AccountId}:root"),
        ("Service", "a.amazonaws.com"),
    ]
    assert principals("*").listed[0].kind == "*"
    assert principals({"AWS": "111122223333"}, "NotPrincipal").negated
    path = ("Statement", "Principal")
    assert principals("arn:aws:iam::1:root").listed == (Principal("AWS", "arn:aws:iam::1:root", path),)
    assert principals(1).partial
    assert principals({"Aws": "*"}).partial


def resource(text: Document, version: str = "2012-10-17") -> tuple[str | Symbol, ...]:
    found = statement(allow(Resource=text), version=version).resources
    assert found is not None
    return pieces(found.listed[0].text)


def symbol_of(text: Document, index: int = 1) -> Symbol:
    found = resource(text)[index]
    assert isinstance(found, Symbol)
    return found


def test_variables_become_symbols_in_the_current_version_only() -> None:
    text = resource("arn:aws:s3:::b/${AWS:username}/*")
    assert text[0] == "arn:aws:s3:::b/"
    symbol = symbol_of("arn:aws:s3:::b/${AWS:username}/*")
    assert symbol.name == "aws:username"
    assert symbol.variable
    assert "/" in symbol.excluded
    assert text[2] == "/*"
    assert resource("b/${aws:username}", version="2008-10-17") == ("b/${aws:username}",)


def test_escapes_become_literal_characters() -> None:
    star = symbol_of("a${*}b")
    assert (star.literal, star.variable) == ("*", False)
    assert resource("a${$}b") == ("a$b",)
    assert symbol_of("a${ ? }").literal == "?"


def test_a_default_of_a_variable_is_kept() -> None:
    symbol = symbol_of("x/${aws:PrincipalTag/team, 'company-wide'}")
    assert (symbol.name, symbol.default) == ("aws:principaltag/team", "company-wide")


def test_what_is_no_variable_stays_text() -> None:
    assert resource("a${}b${x}${aws:u") == ("a${}b${x}${aws:u",)


def test_a_variable_with_a_symbol_in_its_name_is_a_variable_of_which_nothing_is_known() -> None:
    text = resource(("b/${aws:PrincipalTag/", Symbol("Key"), "}/x"))
    assert [shown((piece,)) if isinstance(piece, Symbol) else piece for piece in text] == [
        "b/",
        "${aws:PrincipalTag/${Key}}",
        "/x",
    ]
    assert symbol_of(("b/${aws:PrincipalTag/", Symbol("Key"), "}/x")).variable


def test_variables_stand_in_string_and_arn_conditions_only() -> None:
    found = statement(
        allow(
            Condition={"StringLike": {"k": "${aws:userid}"}, "NumericEquals": {"n": ["${aws:userid}", (ACCOUNT,), 5]}}
        )
    )
    string, number = found.conditions
    assert isinstance(string.values[0].text, tuple)
    assert [value.text for value in number.values] == ["${aws:userid}", "5"]
    assert number.partial


def test_numbers_too_large_for_a_text_are_unread() -> None:
    found = statement(allow(Condition={"NumericEquals": {"n": 10**5000}}))
    assert found.conditions[0].partial


def test_texts_longer_than_any_policy_are_unread() -> None:
    found = statement(allow(Action=["s3:*", "a" * 100_000]))
    assert actions(found).partial
    assert "100000 characters" in found.unread[0].reason


def test_deep_documents_do_not_raise() -> None:
    deep: Document = []
    for _ in range(100_000):
        deep = [deep]
    assert parse({"Statement": [{"Action": deep, "Condition": {"Bool": {"k": deep}}}]}, IDENTITY).statements
