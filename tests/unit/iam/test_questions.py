"""Grants on fresh targets, public and cross-account access, dead statements: cases by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra_checks.iam.answers import Certainty
from infra_checks.iam.document import Opaque
from infra_checks.iam.model import PolicyType, Principal
from infra_checks.iam.questions import (
    always_true_conditions,
    confused_deputy,
    cross_account,
    dead_statements,
    fresh,
    granted,
    public,
)
from infra_checks.iam.text import ACCOUNT, PARTITION, SEGMENT, Symbol
from tests.unit.iam.policies import allow, deny, policy, when

if TYPE_CHECKING:
    from infra_checks.iam.document import Document
    from infra_checks.iam.text import Text

DEFINITE, POSSIBLE, NO, UNKNOWN = Certainty.DEFINITE, Certainty.POSSIBLE, Certainty.NO, Certainty.UNKNOWN

NAME = Symbol("Role", SEGMENT | {"/"})
FREE = Symbol("Parameter")
FRESH = fresh(("arn:", PARTITION, ":iam::", ACCOUNT, ":role/*"))


def arn(*pieces: str | Symbol) -> Document:
    return ("arn:", PARTITION, ":iam::", ACCOUNT, ":role/", *pieces)


def attach(*statements: Document) -> Certainty:
    return granted([policy(*statements)], ["iam:AttachRolePolicy"], [FRESH]).certainty


ATTACHING: list[tuple[str, list[Document], Certainty]] = [
    ("everything", [allow()], DEFINITE),
    ("stars", [allow("**", "**")], DEFINITE),
    ("a question mark", [allow("?*")], DEFINITE),
    ("a question mark in the service", [allow("ia?:*")], DEFINITE),
    ("the service", [allow("iam:*")], DEFINITE),
    ("another case", [allow("IAM:attach*")], DEFINITE),
    ("all but another service", [{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], DEFINITE),
    ("all but the service", [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], NO),
    ("all but one resource", [{"Effect": "Allow", "Action": "*", "NotResource": arn("x")}], DEFINITE),
    ("all but roles", [{"Effect": "Allow", "Action": "*", "NotResource": "arn:*:iam::*:role/*"}], NO),
    ("all roles", [allow("iam:*", arn("*"))], DEFINITE),
    ("roles of any account", [allow("iam:*", "arn:aws*:iam::*:role/*")], POSSIBLE),
    ("every ARN", [allow("*", "arn:*")], DEFINITE),
    ("one role", [allow("iam:*", arn(NAME))], NO),
    ("below one role", [allow("iam:*", arn(NAME, "/*"))], NO),
    ("a parameter", [allow("iam:*", (FREE,))], POSSIBLE),
    ("a parameter as the name", [allow("iam:*", arn(FREE))], POSSIBLE),
    ("users", [allow("iam:*", "arn:aws:iam::*:user/*")], NO),
    ("a deny of it", [allow(), deny("iam:*")], NO),
    ("a deny of one role", [allow("iam:*"), deny("iam:*", arn("x"))], DEFINITE),
    ("a deny of a named role", [allow("iam:*"), deny("iam:*", arn(NAME))], DEFINITE),
    ("a deny of a parameter", [allow("iam:*"), deny("iam:*", (FREE,))], POSSIBLE),
    ("a deny under a condition", [allow(), deny("iam:*", Condition=when("Bool", "k", "true"))], DEFINITE),
    (
        "a deny of all keys",
        [
            allow(),
            deny("iam:*", Condition=when("StringNotLike", "k", "a")),
            deny("iam:*", Condition=when("StringLike", "k", "*")),
        ],
        NO,
    ),
    ("a trivial condition", [allow(Condition=when("StringLike", "aws:RequestedRegion", "*"))], DEFINITE),
    ("a condition that cannot hold", [allow(Condition={"Bool": {"k": "true"}, "Null": {"k": "true"}})], NO),
    ("actions in two statements", [allow("s3:*"), allow("iam:*")], DEFINITE),
    ("a condition that is not known", [allow(Condition=Opaque("a macro"))], POSSIBLE),
    ("an action that is not known", [allow(["s3:*", Opaque("a macro")])], POSSIBLE),
    ("an action beside one that is not known", [allow(["iam:*", Opaque("a macro")])], DEFINITE),
    ("an effect that is not known", [{"Effect": (FREE,), "Action": "*", "Resource": "*"}], POSSIBLE),
    ("a deny whose condition is not known", [allow(), deny(Condition=Opaque("a macro"))], POSSIBLE),
    ("a deny whose actions are not known", [allow(), deny(Opaque("a macro"))], POSSIBLE),
    ("a statement that is not known", [Opaque("a macro")], UNKNOWN),
    ("everything beside a statement that is not known", [allow(), Opaque("a macro")], POSSIBLE),
    ("a statement that is not known, and a deny of everything", [Opaque("a macro"), deny()], NO),
]


@pytest.mark.parametrize(("statements", "expected"), [pytest.param(*case[1:], id=case[0]) for case in ATTACHING])
def test_attaching_a_policy_to_a_fresh_role(statements: list[Document], expected: Certainty) -> None:
    assert attach(*statements) is expected


def test_a_possible_answer_names_its_symbols_and_values_that_confirm_it() -> None:
    found = granted([policy(allow("iam:*", arn(FREE)))], ["iam:PassRole"], [FRESH])
    assert [symbol.name for symbol in found.symbols] == ["Parameter"]
    assert found.values["Parameter"] in ("*", "zz-fresh-7q4x")
    assert "Parameter" in found.reason


def test_what_was_not_read_is_told() -> None:
    found = granted([policy(allow(), Opaque("Fn::Transform"))], ["iam:PassRole"])
    assert [one.path for one in found.unread] == [("Statement", 1)]
    assert "Fn::Transform" in found.reason


def test_a_grant_may_be_spread_over_policies_and_is_limited_by_the_boundary() -> None:
    policies = [policy(allow("s3:*")), policy(allow("iam:PassRole"))]
    assert granted(policies, ["iam:PassRole"], [FRESH]).certainty is DEFINITE
    limit = policy(allow("s3:*"), type=PolicyType.BOUNDARY)
    assert granted([*policies, limit], ["iam:PassRole"], [FRESH]).certainty is NO
    guard = policy(deny("iam:*"), type=PolicyType.SCP)
    wide = policy(allow(), type=PolicyType.SCP)
    assert granted([*policies, guard, wide], ["iam:PassRole"], [FRESH]).certainty is NO


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({}, DEFINITE),
        ({"iam:PassedToService": ("lambda.amazonaws.com",)}, DEFINITE),
        ({"iam:PassedToService": ("ec2.amazonaws.com",)}, NO),
        ({"iam:passedtoservice": None}, NO),
    ],
)
def test_the_context_of_a_question(context: dict[str, tuple[Text, ...] | None], expected: Certainty) -> None:
    condition = when("StringEquals", "iam:PassedToService", "lambda.amazonaws.com")
    policies = [policy(allow("iam:PassRole", Condition=condition))]
    assert granted(policies, ["iam:PassRole"], context=context).certainty is expected


@pytest.mark.parametrize(
    ("operator", "written", "value", "expected"),
    [
        ("IpAddress", "10.0.0.0/8", "10.1.2.3", DEFINITE),
        ("IpAddress", "10.0.0.0/8", "11.1.2.3", NO),
        ("NumericLessThan", "5", "4", DEFINITE),
        ("NumericLessThan", "5", "5", NO),
        ("DateLessThan", "2020-01-01", "2019-12-31", DEFINITE),
        ("Bool", "true", "true", DEFINITE),
        ("Bool", "true", "false", NO),
        ("ForAnyValue:StringEquals", "a", "a", DEFINITE),
        ("ForAnyValue:StringEquals", "a", "b", NO),
        ("ForAllValues:StringEquals", "a", "b", NO),
        ("StringEquals", "", "", DEFINITE),
        ("ForAllValues:StringEquals", "a", "", DEFINITE),
    ],
)
def test_the_context_of_a_question_is_met_by_every_kind_of_operator(
    operator: str, written: str, value: str, expected: Certainty
) -> None:
    policies = [policy(allow(Condition=when(operator, "k", written)))]
    assert granted(policies, ["a:B"], context={"k": (value,)}).certainty is expected


@pytest.mark.parametrize(
    ("operator", "written", "expected"),
    [
        ("StringEquals", "", NO),
        ("StringLike", "*", NO),
        ("ArnLike", "*", NO),
        ("ForAnyValue:StringLike", "*", NO),
        ("Null", "false", NO),
        ("Null", "true", DEFINITE),
        ("StringNotEquals", "a", DEFINITE),
        ("StringEqualsIfExists", "a", DEFINITE),
        ("ForAllValues:StringEquals", "a", DEFINITE),
    ],
)
def test_an_absent_key_is_not_an_empty_one(operator: str, written: str, expected: Certainty) -> None:
    """AWS: a key that is not in the request matches nothing, unless the operator is negated, IfExists or ForAllValues.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    policies = [policy(allow(Condition=when(operator, "k", written)))]
    assert granted(policies, ["a:B"], context={"k": None}).certainty is expected


def test_several_values_of_a_key() -> None:
    policies = [policy(allow(Condition=when("ForAllValues:StringEquals", "k", "a", "b")))]
    assert granted(policies, ["a:B"], context={"k": ("a", "b")}).certainty is DEFINITE
    assert granted(policies, ["a:B"], context={"k": ("a", "c")}).certainty is NO


def test_the_principal_of_a_question() -> None:
    role = Principal("AWS", "arn:aws:iam::111122223333:role/Admin")
    other = Principal("AWS", "arn:aws:iam::111122223333:role/Other")
    policies = [policy(allow(Principal={"AWS": role.name}), type=PolicyType.RESOURCE)]
    assert granted(policies, None, principal=role).certainty is DEFINITE
    assert granted(policies, None, principal=other).certainty is NO


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({"aws:PrincipalAccount": ("111122223333",)}, DEFINITE),
        ({"aws:PrincipalAccount": ("444455556666",)}, NO),
        ({"aws:PrincipalArn": ("arn:aws:iam::111122223333:role/x",)}, DEFINITE),
        ({"aws:PrincipalArn": ("arn:aws:iam::444455556666:role/x",)}, NO),
        ({"aws:PrincipalArn": None}, NO),
    ],
)
def test_the_keys_of_the_principal_in_a_question(
    context: dict[str, tuple[Text, ...] | None], expected: Certainty
) -> None:
    account = allow(Principal={"AWS": "111122223333"})
    assert granted([policy(account, type=PolicyType.RESOURCE)], None, context=context).certainty is expected


def test_a_policy_variable_is_what_a_request_makes_it() -> None:
    policies = [policy(allow("s3:*", "arn:aws:s3:::home/${aws:username}/*"))]
    assert granted(policies, ["s3:GetObject"], ["arn:aws:s3:::home/bob/x"]).certainty is DEFINITE
    assert granted(policies, ["s3:GetObject"], ["arn:aws:s3:::work/bob/x"]).certainty is NO


OWN = ("arn:aws:iam::", ACCOUNT, ":root")
GITHUB = "token.actions.githubusercontent.com"
PROVIDER: Document = {"Federated": ("arn:aws:iam::", ACCOUNT, f":oidc-provider/{GITHUB}")}
SAML: Document = {"Federated": ("arn:aws:iam::", ACCOUNT, ":saml-provider/x")}
ANYBODY = "*"

PUBLIC: list[tuple[str, Document, Document, Certainty]] = [
    ("everybody", ANYBODY, {}, DEFINITE),
    ("every account", {"AWS": "*"}, {}, DEFINITE),
    ("the own account", {"AWS": OWN}, {}, NO),
    ("another account", {"AWS": "111122223333"}, {}, NO),
    ("a service", {"Service": "sns.amazonaws.com"}, {}, NO),
    ("an account that is a parameter", {"AWS": (FREE,)}, {}, POSSIBLE),
    ("one endpoint", ANYBODY, when("StringEquals", "aws:SourceVpce", "vpce-1"), NO),
    ("all but one endpoint", ANYBODY, when("StringNotEquals", "aws:SourceVpce", "vpce-1"), DEFINITE),
    ("any endpoint", ANYBODY, when("StringLike", "aws:SourceVpce", "vpce-*"), DEFINITE),
    ("an endpoint of the template", ANYBODY, when("StringEquals", "aws:SourceVpce", (NAME,)), NO),
    ("an endpoint that is a parameter", ANYBODY, when("StringLike", "aws:SourceVpce", (FREE,)), POSSIBLE),
    ("one organization", ANYBODY, when("StringEquals", "aws:PrincipalOrgID", "o-1"), NO),
    ("a path in one organization", ANYBODY, when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-1/r-1/*"), NO),
    ("an absent path", ANYBODY, when("ForAllValues:StringLike", "aws:PrincipalOrgPaths", "o-1/r-1/*"), DEFINITE),
    ("all addresses in halves", ANYBODY, when("IpAddress", "aws:SourceIp", "0.0.0.0/1", "128.0.0.0/1"), DEFINITE),
    ("a network", ANYBODY, when("IpAddress", "aws:SourceIp", "203.0.113.0/24"), NO),
    ("a network of version 6", ANYBODY, when("IpAddress", "aws:SourceIp", "2001:db8::/32"), NO),
    ("outside a network", ANYBODY, when("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"), DEFINITE),
    ("roles of a name", ANYBODY, when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/Admin"), DEFINITE),
    ("a role", ANYBODY, when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*"), NO),
    ("the own account by its key", ANYBODY, when("StringEquals", "aws:PrincipalAccount", (ACCOUNT,)), NO),
    ("a bucket", ANYBODY, when("ArnLike", "aws:SourceArn", "arn:aws:s3:::b"), NO),
    ("buckets of a name", ANYBODY, when("ArnLike", "aws:SourceArn", "arn:aws:s3:::b*"), DEFINITE),
    ("sources of an account", ANYBODY, when("ArnLike", "aws:SourceArn", "arn:aws:sns:*:111122223333:*"), NO),
    ("an unrelated key", ANYBODY, when("Bool", "aws:SecureTransport", "true"), DEFINITE),
    ("a condition that is not known", ANYBODY, Opaque("a macro"), POSSIBLE),
    ("any repository", PROVIDER, when("StringEquals", f"{GITHUB}:aud", "sts.amazonaws.com"), DEFINITE),
    ("repositories of one owner", PROVIDER, when("StringLike", f"{GITHUB}:sub", "repo:me/*:*"), NO),
    ("repositories of owners of a name", PROVIDER, when("StringLike", f"{GITHUB}:sub", "repo:me*/app:*"), DEFINITE),
    ("a SAML provider", SAML, {}, NO),
]


@pytest.mark.parametrize(
    ("principal", "condition", "expected"), [pytest.param(*case[1:], id=case[0]) for case in PUBLIC]
)
def test_public_access(principal: Document, condition: Document, expected: Certainty) -> None:
    statement = allow(Principal=principal, Condition=condition)
    assert public([policy(statement, type=PolicyType.RESOURCE)]).certainty is expected


def test_all_but_one_account_is_public() -> None:
    statement: Document = {"Effect": "Allow", "NotPrincipal": {"AWS": OWN}, "Action": "*", "Resource": "*"}
    assert public([policy(statement, type=PolicyType.RESOURCE)]).certainty is DEFINITE


def test_a_deny_of_everybody_else_makes_a_policy_private() -> None:
    everybody = allow(Principal="*")
    guard = deny(Principal="*", Condition=when("StringNotEquals", "aws:PrincipalOrgID", "o-1"))
    assert public([policy(everybody, guard, type=PolicyType.RESOURCE)]).certainty is NO


def test_what_is_trusted_is_not_a_stranger() -> None:
    statement = allow(Principal="*", Condition=when("StringLike", "aws:SourceVpce", "vpce-1*"))
    assert public([policy(statement, type=PolicyType.RESOURCE)]).certainty is DEFINITE
    foreign = allow(Principal={"AWS": "111122223333"})
    assert (
        cross_account([policy(foreign, type=PolicyType.RESOURCE)], trusted=["111122223333"]).certainty is not DEFINITE
    )


@pytest.mark.parametrize(
    ("principal", "own", "expected"),
    [
        ("*", (ACCOUNT,), DEFINITE),
        ({"AWS": OWN}, (ACCOUNT,), NO),
        ({"AWS": "111122223333"}, (ACCOUNT,), POSSIBLE),  # it may be the own one
        ({"AWS": "111122223333"}, "444455556666", DEFINITE),
        ({"AWS": "111122223333"}, "111122223333", NO),
        ({"AWS": "arn:aws:iam::111122223333:role/x"}, "111122223333", NO),
        ({"AWS": (FREE,)}, (ACCOUNT,), POSSIBLE),
        ({"Service": "sns.amazonaws.com"}, (ACCOUNT,), NO),
    ],
)
def test_cross_account_access(principal: Document, own: Text, expected: Certainty) -> None:
    found = cross_account([policy(allow(Principal=principal), type=PolicyType.RESOURCE)], own=own)
    assert found.certainty is expected


def test_a_service_that_acts_for_others() -> None:
    def asked(condition: Document) -> Certainty:
        statement = allow(Principal={"Service": "sns.amazonaws.com"}, Condition=condition)
        return confused_deputy([policy(statement, type=PolicyType.RESOURCE)]).certainty

    assert asked({}) is DEFINITE
    assert asked(when("StringEquals", "aws:SourceAccount", (ACCOUNT,))) is NO
    assert asked(when("ArnLike", "aws:SourceArn", ("arn:aws:sns:*:", ACCOUNT, ":*"))) is NO
    assert asked(when("ArnLike", "aws:SourceArn", "arn:aws:sns:*:*:*")) is DEFINITE
    assert asked(when("StringEqualsIfExists", "aws:SourceAccount", (ACCOUNT,))) is DEFINITE


def test_statements_that_change_nothing() -> None:
    one = policy(allow("s3:*"), allow("s3:Get*"), deny("iam:*"), deny("iam:PassRole"), allow("iam:List*"))
    two = policy(allow("s3:*"), allow("a:B", Condition={"Bool": {"k": "true"}, "Null": {"k": "true"}}))
    assert [statement.path[-1] for statement in dead_statements([one])] == [1, 3, 4]
    assert [statement.path[-1] for statement in dead_statements([one, two])] == [1, 3, 4, 0, 1]
    assert dead_statements([policy(allow("s3:*"), allow((FREE,)))]) == ()


def test_conditions_that_every_request_satisfies() -> None:
    written: dict[str, Document] = {
        "StringLike": {"a": "*", "b": "x*"},
        "IpAddress": {"c": ["0.0.0.0/1", "128.0.0.0/1", "::/0"], "d": "0.0.0.0/0"},
        "Bool": {"e": ["true", "false"]},
        "StringNotEquals": {"f": []},
        "ArnLike": {"g": (FREE,)},
    }
    found = always_true_conditions([policy(allow(Condition=written))])
    assert [condition.key for condition in found] == ["a", "c", "e", "f"]
