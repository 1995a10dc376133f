"""What policies with parts that are known only later are answered with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra_checks.iam.answers import Certainty
from infra_checks.iam.model import PolicyType
from infra_checks.iam.questions import new_access
from infra_checks.iam.text import ACCOUNT, PARTITION, REGION, SEGMENT, Symbol
from tests.unit.iam.policies import allow, deny, policy, when

if TYPE_CHECKING:
    from infra_checks.iam.document import Document

DEFINITE, POSSIBLE, NO = Certainty.DEFINITE, Certainty.POSSIBLE, Certainty.NO
NAME = Symbol("Bucket", SEGMENT | {"/"})
OTHER = Symbol("Other", SEGMENT | {"/"})
FREE = Symbol("Parameter")


def bucket(*pieces: str | Symbol) -> Document:
    return ("arn:", PARTITION, ":s3:::", *pieces)


def on(*resource: str | Symbol) -> list[Document]:
    return [allow("s3:*", bucket(*resource))]


CASES: list[tuple[str, list[Document], list[Document], Certainty]] = [
    ("the same symbol", on(NAME, "/*"), on(NAME, "/*"), NO),
    ("below it", on(NAME, "/x/*"), on(NAME, "/*"), NO),
    ("a wildcard that takes it", on(NAME), on("*"), NO),
    (
        "any account and region",
        [allow("*", ("arn:aws:sqs:", REGION, ":", ACCOUNT, ":q"))],
        [allow("*", "arn:aws:sqs:*:*:q")],
        NO,
    ),
    ("every partition", on("b"), [allow("s3:*", "arn:*:s3:::b")], NO),
    ("one partition", on("b"), [allow("s3:*", "arn:aws:s3:::b")], POSSIBLE),
    ("another symbol", on(NAME), on(OTHER), POSSIBLE),
    ("a literal name", on(NAME), on("logs"), POSSIBLE),
    ("a literal within a symbol", on("logs"), on(NAME), POSSIBLE),
    ("a name is no path", on("a/b"), on(NAME), DEFINITE),
    ("a question mark is not a name", on(NAME), on("?"), POSSIBLE),
    ("a prefix", on("app-", NAME), on("app-*"), NO),
    ("another prefix", on("app-", NAME), on("log-*"), DEFINITE),
    ("a parameter", on(FREE), on(FREE), NO),
    ("a parameter within a wildcard", on(FREE), on("*"), NO),
    ("a parameter may be a wildcard", on(FREE), on("logs*"), POSSIBLE),
    ("a wildcard may be within a parameter", on("logs*"), on(FREE), POSSIBLE),
    ("a deny of the symbol", [*on("*"), deny("s3:*", bucket(NAME))], on("*"), NO),
    ("a deny of the symbol does not hold for all", on("*"), [*on("*"), deny("s3:*", bucket(NAME))], DEFINITE),
    (
        "a deny of the symbol on both sides",
        [*on("*"), deny("s3:*", bucket(NAME))],
        [*on("*"), deny("s3:*", bucket(NAME))],
        NO,
    ),
    ("a deny of a parameter", [*on("*"), deny("s3:*", bucket(FREE))], on("logs"), POSSIBLE),
    (
        "a value",
        [allow(Condition=when("StringEquals", "k", (NAME,)))],
        [allow(Condition=when("StringLike", "k", "*"))],
        NO,
    ),
    (
        "the same value",
        [allow(Condition=when("StringEquals", "k", (NAME,)))],
        [allow(Condition=when("StringEquals", "k", (NAME,)))],
        NO,
    ),
    (
        "another value",
        [allow(Condition=when("StringEquals", "k", (NAME,)))],
        [allow(Condition=when("StringEquals", "k", (OTHER,)))],
        POSSIBLE,
    ),
    (
        "a variable",
        [allow("s3:*", "arn:aws:s3:::b/${aws:username}/x")],
        [allow("s3:*", "arn:aws:s3:::b/${aws:username}/*")],
        NO,
    ),
    (
        "a variable within a wildcard",
        [allow("s3:*", "arn:aws:s3:::b/${aws:username}")],
        [allow("s3:*", "arn:aws:s3:::b/*")],
        NO,
    ),
    (
        "a variable and a name",
        [allow("s3:*", "arn:aws:s3:::b/*")],
        [allow("s3:*", "arn:aws:s3:::b/${aws:username}/*")],
        DEFINITE,
    ),
    ("an escape is the character", [allow("s3:*", "b/${*}")], [allow("s3:*", "b/?")], NO),
    ("a wildcard is more than an escape", [allow("s3:*", "b/*")], [allow("s3:*", "b/${*}")], DEFINITE),
]


@pytest.mark.parametrize(("new", "old", "expected"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_inclusion_with_symbols(new: list[Document], old: list[Document], expected: Certainty) -> None:
    assert new_access([policy(*new)], [policy(*old)]).certainty is expected


def test_a_witness_has_the_symbols_by_name() -> None:
    found = new_access([policy(*on(NAME, "/*"))], [])
    assert found.witness is not None
    assert found.witness.resource.startswith("arn:${AWS::Partition}:s3:::${Bucket}/")


def test_the_account_of_the_stack_as_principal() -> None:
    own: Document = allow(Principal={"AWS": ("arn:aws:iam::", ACCOUNT, ":root")})
    role: Document = allow(Principal={"AWS": ("arn:aws:iam::", ACCOUNT, ":role/", NAME)})
    by_key: Document = allow(Principal="*", Condition=when("StringEquals", "aws:PrincipalAccount", (ACCOUNT,)))
    resource = PolicyType.RESOURCE
    assert new_access([policy(role, type=resource)], [policy(own, type=resource)]).certainty is NO
    assert new_access([policy(by_key, type=resource)], [policy(own, type=resource)]).certainty is NO
    assert new_access([policy(own, type=resource)], [policy(by_key, type=resource)]).certainty is NO
    assert new_access([policy(own, type=resource)], [policy(role, type=resource)]).certainty is DEFINITE
