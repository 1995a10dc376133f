"""Whether one policy allows more than another: cases by hand, with the answer worked out by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra_checks.iam.answers import Certainty
from infra_checks.iam.decide import Outcome, decide
from infra_checks.iam.model import PolicyType
from infra_checks.iam.questions import new_access
from tests.unit.iam.policies import allow, deny, policy, when

if TYPE_CHECKING:
    from infra_checks.iam.document import Document

Statements = list["Document"]

WITHIN: list[tuple[str, Statements, Statements]] = [
    ("the same", [allow("s3:Get*")], [allow("s3:Get*")]),
    ("an action", [allow("s3:GetObject")], [allow("s3:*")]),
    ("another case", [allow("S3:GETOBJECT")], [allow("s3:Get*")]),
    ("a question mark", [allow("s3:GetObjec?")], [allow("s3:GetObjec*")]),
    ("two wildcards", [allow("s3:*Object*")], [allow("s3:*b*")]),
    ("a prefix of a prefix", [allow("s3:GetObject*")], [allow(["s3:Put*", "s3:Get*"])]),
    ("stars in a row", [allow("s3:**")], [allow("s3:*")]),
    ("a star and a question mark", [allow("s3:*?")], [allow("s3:?*")]),
    ("every service", [allow("*:*")], [allow("*")]),
    ("many statements", [allow("a:B"), allow("c:D")], [allow(["a:*", "c:*"])]),
    ("one statement for many", [allow(["a:B", "c:D"])], [allow("c:D"), allow("a:B")]),
    ("a resource", [allow("*", "arn:aws:s3:::b/x")], [allow("*", "arn:aws:s3:::b/*")]),
    ("a resource with a wildcard within", [allow("*", "arn:aws:s3:::b*t/x")], [allow("*", "arn:aws:s3:::b*")]),
    ("the same ambiguous wildcard", [allow("*", "arn:aws:s3:::b*t/x")], [allow("*", "arn:aws:s3:::b*t/*")]),
    (
        "NotAction",
        [{"Effect": "Allow", "NotAction": ["iam:*", "s3:*"], "Resource": "*"}],
        [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}],
    ),
    (
        "NotAction and what it leaves out",
        [allow()],
        [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, allow("iam:*")],
    ),
    (
        "NotResource",
        [allow("*", "arn:aws:s3:::c")],
        [{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::b"}],
    ),
    (
        "a deny that takes it away",
        [allow(), deny("iam:*")],
        [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}],
    ),
    ("a deny of everything", [allow(), deny()], [allow("a:B")]),
    ("a deny of what is not allowed", [allow("s3:*")], [allow("s3:*"), deny("iam:*")]),
    ("a deny on one side of the old", [allow("s3:Get*")], [allow("s3:*"), deny("s3:Put*")]),
    (
        "two halves of a region",
        [allow()],
        [allow(Condition=when("StringEquals", "k", "a")), allow(Condition=when("StringNotEquals", "k", "a"))],
    ),
    ("a condition added", [allow(Condition=when("StringEquals", "k", "a"))], [allow()]),
    (
        "fewer values",
        [allow(Condition=when("StringEquals", "k", "a"))],
        [allow(Condition=when("StringEquals", "k", "a", "b"))],
    ),
    (
        "equal within like",
        [allow(Condition=when("StringEquals", "k", "abc"))],
        [allow(Condition=when("StringLike", "k", "a*"))],
    ),
    (
        "a key in another case",
        [allow(Condition=when("StringEquals", "AWS:k", "a"))],
        [allow(Condition=when("StringEquals", "aws:K", "a"))],
    ),
    (
        "equal within equal ignoring case",
        [allow(Condition=when("StringEquals", "k", "aB"))],
        [allow(Condition=when("StringEqualsIgnoreCase", "k", "AB"))],
    ),
    (
        "more excluded",
        [allow(Condition=when("StringNotEquals", "k", "a", "b"))],
        [allow(Condition=when("StringNotEquals", "k", "b"))],
    ),
    (
        "not like within not equal",
        [allow(Condition=when("StringNotLike", "k", "a*"))],
        [allow(Condition=when("StringNotEquals", "k", "ab"))],
    ),
    (
        "one value within not another",
        [allow(Condition=when("StringEquals", "k", "a"))],
        [allow(Condition=when("StringNotEquals", "k", "b"))],
    ),
    (
        "ArnLike",
        [allow(Condition=when("ArnLike", "k", "arn:aws:s:r:1:x"))],
        [allow(Condition=when("ArnLike", "k", "arn:*:s:*:1:*"))],
    ),
    (
        "ArnEquals is ArnLike",
        [allow(Condition=when("ArnEquals", "k", "arn:aws:s:*:1:x"))],
        [allow(Condition=when("ArnLike", "k", "arn:aws:s:*:1:x"))],
    ),
    (
        "a block in a block",
        [allow(Condition=when("IpAddress", "k", "10.1.0.0/16"))],
        [allow(Condition=when("IpAddress", "k", "10.0.0.0/8"))],
    ),
    (
        "two halves of a block",
        [allow(Condition=when("IpAddress", "k", "10.0.0.0/8"))],
        [allow(Condition=when("IpAddress", "k", "10.0.0.0/9", "10.128.0.0/9"))],
    ),
    (
        "version 6",
        [allow(Condition=when("IpAddress", "k", "2001:db8:1::/48"))],
        [allow(Condition=when("IpAddress", "k", "2001:db8::/32"))],
    ),
    (
        "outside more",
        [allow(Condition=when("NotIpAddress", "k", "10.0.0.0/8"))],
        [allow(Condition=when("NotIpAddress", "k", "10.1.0.0/16"))],
    ),
    (
        "a smaller number",
        [allow(Condition=when("NumericLessThan", "k", "5"))],
        [allow(Condition=when("NumericLessThanEquals", "k", "5"))],
    ),
    (
        "between",
        [allow(Condition={"NumericLessThan": {"k": "5"}, "NumericGreaterThan": {"k": "3"}})],
        [allow(Condition=when("NumericNotEquals", "k", "5"))],
    ),
    (
        "no number between",
        [allow(Condition={"NumericLessThan": {"k": "3"}, "NumericGreaterThan": {"k": "3"}})],
        [allow("a:B")],
    ),
    (
        "an earlier date",
        [allow(Condition=when("DateLessThan", "k", "2020-01-01"))],
        [allow(Condition=when("DateLessThan", "k", "2020-01-01T01:00:00Z"))],
    ),
    (
        "the same moment",
        [allow(Condition=when("DateEquals", "k", "0"))],
        [allow(Condition=when("DateEquals", "k", "1970-01-01T00:00:00Z"))],
    ),
    (
        "both Booleans",
        [allow(Condition=when("Null", "k", "false"))],
        [allow(Condition={"Bool": {"k": ["true", "false"]}, "Null": {"k": "false"}})],
    ),
    (
        "IfExists takes the rest in",
        [allow(Condition=when("StringEquals", "k", "a"))],
        [allow(Condition=when("StringEqualsIfExists", "k", "a"))],
    ),
    (
        "absent within not equal",
        [allow(Condition=when("Null", "k", "true"))],
        [allow(Condition=when("StringNotEquals", "k", "a"))],
    ),
    (
        "a value is present",
        [allow(Condition=when("StringEquals", "k", "a"))],
        [allow(Condition=when("Null", "k", "false"))],
    ),
    (
        "present or absent",
        [allow()],
        [allow(Condition=when("Null", "k", "false")), allow(Condition=when("Null", "k", "true"))],
    ),
    (
        "all values",
        [allow(Condition=when("ForAllValues:StringEquals", "k", "a"))],
        [allow(Condition=when("ForAllValues:StringEquals", "k", "a", "b"))],
    ),
    (
        "any value",
        [allow(Condition=when("ForAnyValue:StringEquals", "k", "a"))],
        [allow(Condition=when("ForAnyValue:StringLike", "k", "a*"))],
    ),
    (
        "all and present within any",
        [allow(Condition={"ForAllValues:StringEquals": {"k": "a"}, "Null": {"k": "false"}})],
        [allow(Condition=when("ForAnyValue:StringEquals", "k", "a"))],
    ),
    (
        "all or not all",
        [allow()],
        [
            allow(Condition=when("ForAllValues:StringEquals", "k", "a")),
            allow(Condition=when("ForAnyValue:StringNotEquals", "k", "a")),
        ],
    ),
    (
        "a condition that cannot hold",
        [allow(Condition={"StringEquals": {"k": "a"}, "StringLike": {"k": "b*"}})],
        [allow("a:B")],
    ),
    ("no value", [allow(Condition=when("StringEquals", "k"))], [allow("a:B")]),
    (
        "binary values",
        [allow(Condition=when("BinaryEquals", "k", "YQ=="))],
        [allow(Condition=when("BinaryEquals", "k", "YQ==", "YWI="))],
    ),
    ("a blow-up", [allow("s:" + "*a" * 12)], [allow("s:" + "*a" * 11)]),
    ("a longer blow-up", [allow("*a" + "?" * 40)], [allow("*a" + "?" * 39 + "*")]),
]

BEYOND: list[tuple[str, Statements, Statements]] = [
    ("more actions", [allow("s3:*")], [allow("s3:Get*")]),
    ("another action", [allow("s3:GetObject")], [allow("s3:PutObject")]),
    ("a longer name", [allow("s3:GetObject*")], [allow("s3:GetObject")]),
    ("a question mark is one", [allow("s3:Get*")], [allow("s3:Get?")]),
    ("every service but one", [allow()], [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]),
    ("another resource", [allow("*", "arn:aws:s3:::b/*")], [allow("*", "arn:aws:s3:::b/x*")]),
    ("another case of a resource", [allow("*", "arn:aws:s3:::B")], [allow("*", "arn:aws:s3:::b")]),
    (
        "actions and resources crossed",
        [allow(["a:B", "c:D"], ["x", "y"])],
        [allow("a:B", "x"), allow("c:D", "y"), allow("a:B", "y")],
    ),
    ("a deny on the old", [allow("s3:*")], [allow("s3:*"), deny("s3:Put*")]),
    (
        "a deny under a condition",
        [allow(), deny("iam:*", Condition=when("StringEquals", "k", "a"))],
        [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}],
    ),
    ("a deny on one resource", [allow("iam:*"), deny("iam:*", "arn:aws:iam::1:role/x")], [allow("s3:*")]),
    ("a condition dropped", [allow()], [allow(Condition=when("StringEquals", "k", "a"))]),
    (
        "a wildcard under equals is a character",
        [allow(Condition=when("StringLike", "k", "a*"))],
        [allow(Condition=when("StringEquals", "k", "a*"))],
    ),
    (
        "IfExists",
        [allow(Condition=when("StringEqualsIfExists", "k", "a"))],
        [allow(Condition=when("StringEquals", "k", "a"))],
    ),
    (
        "not equal lets absent keys in",
        [allow(Condition=when("StringNotEquals", "k", "a"))],
        [allow(Condition=when("StringNotEqualsIfExists", "k", "a", "b"))],
    ),
    ("an absent key", [allow()], [allow(Condition=when("StringLike", "k", "*"))]),
    (
        "all values lets absent keys in",
        [allow(Condition=when("ForAllValues:StringEquals", "k", "a"))],
        [allow(Condition=when("StringEquals", "k", "a"))],
    ),
    (
        "any value lets others in",
        [allow(Condition=when("ForAnyValue:StringEquals", "k", "a"))],
        [allow(Condition=when("ForAllValues:StringEquals", "k", "a"))],
    ),
    (
        "ArnLike keeps to its parts",
        [allow(Condition=when("StringLike", "k", "arn:aws:s:*:1:x"))],
        [allow(Condition=when("ArnLike", "k", "arn:aws:s:*:1:x"))],
    ),
    (
        "a wider block",
        [allow(Condition=when("IpAddress", "k", "10.0.0.0/7"))],
        [allow(Condition=when("IpAddress", "k", "10.0.0.0/8"))],
    ),
    (
        "the other version",
        [allow(Condition=when("IpAddress", "k", "::/0"))],
        [allow(Condition=when("IpAddress", "k", "0.0.0.0/0"))],
    ),
    (
        "version 4 is not all",
        [allow(Condition=when("Null", "k", "false"))],
        [allow(Condition=when("IpAddress", "k", "0.0.0.0/0"))],
    ),
    (
        "the limit itself",
        [allow(Condition=when("NumericLessThanEquals", "k", "5"))],
        [allow(Condition=when("NumericLessThan", "k", "5"))],
    ),
    (
        "a later date",
        [allow(Condition=when("DateLessThan", "k", "2020-01-02"))],
        [allow(Condition=when("DateLessThan", "k", "2020-01-01"))],
    ),
    ("one Boolean", [allow(Condition=when("BoolIfExists", "k", "true"))], [allow(Condition=when("Bool", "k", "true"))]),
    ("nothing before", [allow("a:B")], []),
    ("a blow-up", [allow("s:" + "*a" * 11)], [allow("s:" + "*a" * 12)]),
    ("a longer blow-up", [allow("*a" + "?" * 40)], [allow("*ab" + "?" * 39)]),
]


@pytest.mark.parametrize(("new", "old"), [pytest.param(*case[1:], id=case[0]) for case in WITHIN])
def test_at_most_as_permissive(new: Statements, old: Statements) -> None:
    assert new_access([policy(*new)], [policy(*old)]).certainty is Certainty.NO


@pytest.mark.parametrize(("new", "old"), [pytest.param(*case[1:], id=case[0]) for case in BEYOND])
def test_more_permissive_with_a_witness_that_tells_them_apart(new: Statements, old: Statements) -> None:
    found = new_access([policy(*new)], [policy(*old)])
    assert found.certainty is Certainty.DEFINITE
    assert found.witness is not None
    assert decide(found.witness, [policy(*new)]).outcome is Outcome.ALLOWED
    assert decide(found.witness, [policy(*old)]).outcome is not Outcome.ALLOWED


def principals(written: Document, **elements: Document) -> Document:
    return allow(Principal=written, **elements)


ROOT = "arn:aws:iam::111122223333:root"
ROLE = "arn:aws:iam::111122223333:role/team/Admin"


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        (principals({"AWS": ROLE}), principals({"AWS": ROOT}), Certainty.NO),
        (principals({"AWS": ROOT}), principals({"AWS": "111122223333"}), Certainty.NO),
        (principals({"AWS": ROOT}), principals({"AWS": ROLE}), Certainty.DEFINITE),
        (principals({"AWS": ROOT}), principals("*"), Certainty.NO),
        (principals("*"), principals({"AWS": "*"}), Certainty.NO),
        (principals("*"), principals({"AWS": ROOT}), Certainty.DEFINITE),
        (principals({"Service": "a.amazonaws.com"}), principals({"AWS": ROOT}), Certainty.DEFINITE),
        (
            principals("*", Condition=when("StringEquals", "aws:PrincipalAccount", "111122223333")),
            principals({"AWS": ROOT}),
            Certainty.NO,
        ),
        (
            principals({"AWS": ROOT}),
            principals("*", Condition=when("StringEquals", "aws:PrincipalAccount", "111122223333")),
            Certainty.NO,
        ),
        (
            principals("*", Condition=when("ArnEquals", "aws:PrincipalArn", ROLE)),
            principals({"AWS": ROLE}),
            Certainty.NO,
        ),
        (
            principals("*", Condition=when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*")),
            principals({"AWS": ROOT}),
            Certainty.NO,
        ),
        (
            principals("*", Condition=when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/*")),
            principals({"AWS": ROOT}),
            Certainty.DEFINITE,
        ),
        (
            principals("*", Condition=when("StringNotEquals", "aws:PrincipalAccount", "1")),
            principals({"AWS": "*"}, Condition=when("Null", "aws:PrincipalArn", "false")),
            Certainty.DEFINITE,
        ),
        (
            principals({"AWS": "arn:aws:sts::111122223333:assumed-role/Admin/me"}),
            principals({"AWS": ROOT}),
            Certainty.NO,
        ),
        (
            {"Effect": "Allow", "NotPrincipal": {"AWS": ROOT}, "Action": "*", "Resource": "*"},
            principals({"AWS": "444455556666"}),
            Certainty.DEFINITE,
        ),
        (
            principals({"AWS": "444455556666"}),
            {"Effect": "Allow", "NotPrincipal": {"AWS": ROOT}, "Action": "*", "Resource": "*"},
            Certainty.NO,
        ),
    ],
)
def test_principals(new: Document, old: Document, expected: Certainty) -> None:
    found = new_access([policy(new, type=PolicyType.RESOURCE)], [policy(old, type=PolicyType.RESOURCE)])
    assert found.certainty is expected


def test_a_boundary_limits_and_an_scp_too() -> None:
    wide = policy(allow())
    for limit in (PolicyType.BOUNDARY, PolicyType.SCP):
        limits = policy(allow("s3:*"), type=limit)
        assert new_access([wide, limits], [policy(allow("s3:*"))]).certainty is Certainty.NO
        assert new_access([policy(allow("s3:*"))], [wide, limits]).certainty is Certainty.NO
        assert new_access([wide], [wide, limits]).certainty is Certainty.DEFINITE


def test_an_rcp_only_denies() -> None:
    guard = policy(deny("s3:*", Principal="*"), type=PolicyType.RCP)
    assert new_access([policy(allow("s3:*")), guard], [policy(allow("a:B"))]).certainty is Certainty.NO


def test_the_witness_names_the_statements_that_let_it_through() -> None:
    new = policy(allow("a:B"), allow("s3:PutObject"))
    found = new_access([new], [policy(allow("a:*"))])
    assert [one.statement.path for one in found.granting] == [("Statement", 1)]
    assert found.witness is not None
    assert found.witness.action == "s3:PutObject"


def test_an_answer_is_no_boolean() -> None:
    with pytest.raises(TypeError, match="certainty"):
        bool(new_access([], []))
