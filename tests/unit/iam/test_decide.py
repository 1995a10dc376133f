"""What AWS documents about the evaluation of policies, a row for each sentence.

The pages are below https://docs.aws.amazon.com/IAM/latest/UserGuide/: OPERATORS is
reference_policies_elements_condition_operators.html, SETS
reference_policies_condition-single-vs-multi-valued-context-keys.html, VARIABLES reference_policies_variables.html,
LOGIC reference_policies_evaluation-logic_policy-eval-denyallow.html, CROSS
reference_policies_evaluation-logic-cross-account.html, PRINCIPAL reference_policies_elements_principal.html, BOUNDARY
access_policies_boundaries.html; KMS is https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from infra_checks.iam.decide import Outcome, decide
from infra_checks.iam.matches import _wildcards, glob_in_parts
from infra_checks.iam.model import PolicyType, Principal, Request
from tests.unit.iam.policies import allow, deny, policy, when

if TYPE_CHECKING:
    from infra_checks.iam.document import Document
    from infra_checks.iam.model import Policy

ALLOWED, EXPLICIT, IMPLICIT = Outcome.ALLOWED, Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY
RESOURCE, TRUST, KEY = PolicyType.RESOURCE, PolicyType.TRUST, PolicyType.KEY
ARN = "arn:aws:sns:eu-west-1:111122223333:topic"


def request(action: str = "s3:GetObject", resource: str = "arn:aws:s3:::b/k", /, **context: tuple[str, ...]) -> Request:
    return Request(action, resource, None, {f"k:{key}": values for key, values in context.items()})


@pytest.mark.parametrize(
    ("pattern", "action", "matches"),
    [
        ("S3:getOBJECT", "s3:GetObject", True),  # reference_policies_elements_action.html: case does not count
        ("s3:Get*", "s3:GetObject", True),
        ("s3:Get?bject", "s3:GetObject", True),
        ("s3:GetObject?", "s3:GetObject", False),  # a question mark is exactly one character
        ("*", "s3:GetObject", True),
        ("s?:*", "s3:GetObject", True),
        ("s3:Get", "s3:GetObject", False),
    ],
)
def test_actions(pattern: str, action: str, matches: bool) -> None:
    assert (decide(request(action), [policy(allow(pattern))]).outcome is ALLOWED) is matches


@pytest.mark.parametrize(
    ("pattern", "resource", "matches"),
    [
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/a/b", True),  # reference_policies_elements_resource.html: across slashes
        ("arn:aws:s3:::B/*", "arn:aws:s3:::b/a", False),
        ("arn:aws:s3:::b/*/t/*", "arn:aws:s3:::b/1///t///o", True),
        ("arn:aws:s3:::b/*/t/*", "arn:aws:s3:::b/1-t/o", False),
        ("arn:aws:s3*", "arn:aws:s3:::b/a", True),  # a * at the end of a part goes on
        ("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/*", True),  # VARIABLES: the character itself
        ("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/a", False),
    ],
)
def test_resources(pattern: str, resource: str, matches: bool) -> None:
    found = decide(request("s3:GetObject", resource), [policy(allow("*", pattern))])
    assert (found.outcome is ALLOWED) is matches


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (["a", "*", "b"], "axb", True),
        (["a", "*", "b"], "a:b", False),
        (["a", "*", ":", "b"], "a:x:b", True),
        (["a", "*"], "a:x:b", True),
        (["?"], ":", False),
    ],
)
def test_wildcards_that_stay_between_colons(pattern: list[str], text: str, matches: bool) -> None:
    resource = "".join(pattern)
    found = decide(Request("a:b", text), [policy(allow("*", resource))])
    assert found.outcome is ALLOWED or not matches  # crossing colons takes more
    assert glob_in_parts([*_wildcards(resource)], text) is matches


NOT_ACTION: Document = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
NOT_RESOURCE: Document = {"Effect": "Allow", "Action": "*", "NotResource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}


@pytest.mark.parametrize(
    ("statement", "asked", "outcome"),
    [
        (NOT_ACTION, request("s3:GetObject"), ALLOWED),
        (NOT_ACTION, request("IAM:CreateUser"), IMPLICIT),
        (NOT_RESOURCE, request("s3:GetObject", "arn:aws:s3:::c/k"), ALLOWED),
        (NOT_RESOURCE, request("s3:GetObject", "arn:aws:s3:::b/k"), IMPLICIT),
    ],
)
def test_negated_elements_apply_to_what_no_entry_matches(statement: Document, asked: Request, outcome: Outcome) -> None:
    assert decide(asked, [policy(statement)]).outcome is outcome


# operator, values in the policy, values in the request (none: the key is absent), whether the condition holds
CONDITIONS: list[tuple[str, tuple[Document, ...], tuple[str, ...], bool]] = [
    # OPERATORS, "String condition operators"
    ("StringEquals", ("a", "b"), ("b",), True),
    ("StringEquals", ("a",), ("A",), False),
    ("StringEquals", ("a*",), ("ab",), False),
    ("StringNotEquals", ("a", "b"), ("b",), False),
    ("StringNotEquals", ("a", "b"), ("c",), True),
    ("StringEqualsIgnoreCase", ("aB",), ("Ab",), True),
    ("StringNotEqualsIgnoreCase", ("aB",), ("Ab",), False),
    ("StringLike", ("a*", "x"), ("abc",), True),
    ("StringLike", ("a?",), ("abc",), False),
    ("StringLike", ("A*",), ("abc",), False),
    ("StringNotLike", ("a*",), ("abc",), False),
    # OPERATORS: a missing key does not match, and satisfies what is negated
    ("StringEquals", ("a",), (), False),
    ("StringNotEquals", ("a",), (), True),
    ("StringLike", ("*",), (), False),
    ("StringNotLike", ("*",), (), True),
    ("ArnNotLike", (ARN,), (), True),
    ("NotIpAddress", ("10.0.0.0/8",), (), True),
    ("NumericNotEquals", ("1",), (), True),
    ("DateNotEquals", ("2020-01-01",), (), True),
    ("Bool", ("false",), (), False),
    ("IpAddress", ("10.0.0.0/8",), (), False),
    # OPERATORS, "...IfExists condition operators"
    ("StringEqualsIfExists", ("a",), (), True),
    ("StringEqualsIfExists", ("a",), ("b",), False),
    ("StringLikeIfExists", ("a*",), ("ab",), True),
    ("BoolIfExists", ("true",), (), True),
    ("StringNotEqualsIfExists", ("a",), ("a",), False),
    # OPERATORS, "Numeric condition operators"
    ("NumericEquals", ("10",), ("10.0",), True),
    ("NumericEquals", (10,), ("10",), True),
    ("NumericNotEquals", ("10",), ("10",), False),
    ("NumericLessThan", ("10",), ("9.99",), True),
    ("NumericLessThan", ("10",), ("10",), False),
    ("NumericLessThanEquals", ("10",), ("10",), True),
    ("NumericGreaterThan", ("10",), ("10",), False),
    ("NumericGreaterThanEquals", ("10",), ("1e1",), True),
    ("NumericEquals", ("ten",), ("10",), False),
    ("NumericEquals", ("10",), ("1" * 5000,), False),
    # OPERATORS, "Date condition operators": ISO 8601 or seconds
    ("DateLessThan", ("2020-07-01T00:00:00Z",), ("2020-06-30T23:59:59Z",), True),
    ("DateGreaterThan", ("2020-07-01T00:00:00Z",), ("2020-07-01T00:00:00Z",), False),
    ("DateEquals", ("2020-01-01T00:00:00Z",), ("1577836800",), True),
    ("DateEquals", ("2020-01-01",), ("2020-01-01T02:00:00+02:00",), True),
    ("DateGreaterThanEquals", ("2020-01",), ("2020-01-01",), True),
    ("DateLessThanEquals", ("yesterday",), ("2020-01-01",), False),
    # OPERATORS, "Boolean condition operators"
    ("Bool", ("true",), ("true",), True),
    ("Bool", (True,), ("true",), True),
    ("Bool", ("false",), ("true",), False),
    # OPERATORS, "Binary condition operators": byte for byte
    ("BinaryEquals", ("QmluYXJ5",), ("QmluYXJ5",), True),
    ("BinaryEquals", ("QmluYXJ5",), ("qmluYXJ5",), False),
    # OPERATORS, "IP address condition operators"
    ("IpAddress", ("203.0.113.0/24",), ("203.0.113.9",), True),
    ("IpAddress", ("203.0.113.0/24",), ("203.0.114.9",), False),
    ("IpAddress", ("203.0.113.9",), ("203.0.113.9",), True),
    ("IpAddress", ("2001:db8::/32",), ("2001:DB8::1",), True),
    ("IpAddress", ("0.0.0.0/0",), ("2001:db8::1",), False),
    ("NotIpAddress", ("203.0.113.0/24",), ("203.0.113.9",), False),
    ("NotIpAddress", ("203.0.113.0/24",), ("10.0.0.1",), True),
    # OPERATORS, "Amazon Resource Name (ARN) condition operators": six parts, each by itself
    ("ArnLike", ("arn:aws:sns:*:111122223333:*",), (ARN,), True),
    ("ArnEquals", ("arn:aws:sns:*:111122223333:*",), (ARN,), True),
    ("ArnLike", ("arn:aws:sns:*:topic",), (ARN,), False),
    ("ArnLike", ("arn:aws:sns:eu-west-1:111122223333:t*",), (ARN + ":sub",), True),
    ("ArnNotLike", ("arn:aws:sns:*:111122223333:*",), (ARN,), False),
    ("ArnNotEquals", ("arn:aws:sqs:*:*:*",), (ARN,), True),
    # OPERATORS, "Condition operator to check existence of condition keys"
    ("Null", ("true",), (), True),
    ("Null", ("true",), ("a",), False),
    ("Null", ("false",), ("a",), True),
    ("Null", ("false",), (), False),
    ("Null", (True,), (), True),
    # SETS
    ("ForAllValues:StringEquals", ("a", "b"), ("a", "b"), True),
    ("ForAllValues:StringEquals", ("a", "b"), ("a", "c"), False),
    ("ForAllValues:StringEquals", ("a",), (), True),
    ("ForAllValues:StringLike", ("a*",), ("",), True),
    ("Null", ("false",), ("",), False),
    ("ForAnyValue:StringEquals", ("a", "b"), ("c", "b"), True),
    ("ForAnyValue:StringEquals", ("a", "b"), ("c", "d"), False),
    ("ForAnyValue:StringEquals", ("a",), (), False),
    ("ForAnyValue:StringEqualsIfExists", ("a",), (), True),
    ("ForAllValues:StringNotEquals", ("a",), ("b", "c"), True),
    ("ForAllValues:StringNotEquals", ("a",), ("b", "a"), False),
    ("ForAnyValue:StringNotEquals", ("a",), ("b", "a"), True),
    ("ForAnyValue:StringNotEquals", ("a",), ("a",), False),
    ("ForAnyValue:IpAddress", ("10.0.0.0/8",), ("11.0.0.1", "10.0.0.1"), True),
]


@pytest.mark.parametrize(("operator", "written", "values", "holds"), CONDITIONS)
def test_conditions(operator: str, written: tuple[Document, ...], values: tuple[str, ...], holds: bool) -> None:
    asked = Request("a:b", "*", None, {"k:key": values} if values else {})
    found = decide(asked, [policy(allow(Condition=when(operator, "K:Key", *written)))])
    assert (found.outcome is ALLOWED) is holds


def test_all_conditions_of_a_statement_have_to_hold() -> None:
    both = policy(allow(Condition={"StringEquals": {"k:a": "1", "k:b": "2"}, "Bool": {"k:c": "true"}}))
    assert decide(request(a=("1",), b=("2",), c=("true",)), [both]).outcome is ALLOWED
    assert decide(request(a=("1",), b=("2",)), [both]).outcome is IMPLICIT
    assert decide(request(a=("1",), c=("true",)), [both]).outcome is IMPLICIT


HOME = policy(allow("s3:*", "arn:aws:s3:::home/${aws:username}/*"))


@pytest.mark.parametrize(
    ("name", "outcome"),
    [(("bob",), ALLOWED), (("eve",), IMPLICIT), ((), IMPLICIT), (("*",), IMPLICIT)],
)
def test_variables_have_the_value_of_their_key(name: tuple[str, ...], outcome: Outcome) -> None:
    # VARIABLES: what is not present fails to match
    asked = Request("s3:GetObject", "arn:aws:s3:::home/bob/x", None, {"aws:username": name})
    assert decide(asked, [HOME]).outcome is outcome


def test_the_default_of_a_variable_stands_in_for_an_absent_key() -> None:
    shared = policy(allow("s3:*", "arn:aws:s3:::b/${aws:PrincipalTag/team, 'company-wide'}/*"))
    assert decide(request("s3:GetObject", "arn:aws:s3:::b/company-wide/x"), [shared]).outcome is ALLOWED
    tagged = Request("s3:GetObject", "arn:aws:s3:::b/red/x", None, {"aws:principaltag/team": ("red",)})
    assert decide(tagged, [shared]).outcome is ALLOWED


ACCOUNT = "111122223333"
ROLE = Principal("AWS", f"arn:aws:iam::{ACCOUNT}:role/path/Admin")
SESSION = Principal("AWS", f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/me")
USER = Principal("AWS", f"arn:aws:iam::{ACCOUNT}:user/bob")
STRANGER = Principal("AWS", "arn:aws:iam::999999999999:user/eve")
SERVICE = Principal("Service", "sns.amazonaws.com")
ANYBODY = Principal("*", "*")


@pytest.mark.parametrize(
    ("written", "principal", "matches"),
    [
        # PRINCIPAL
        ("*", ANYBODY, True),
        ({"AWS": "*"}, ANYBODY, True),
        ({"AWS": "*"}, ROLE, True),
        ({"AWS": ROLE.name}, ROLE, True),
        ({"AWS": ROLE.name}, SESSION, True),
        ({"AWS": SESSION.name}, SESSION, True),
        ({"AWS": SESSION.name}, ROLE, False),
        ({"AWS": USER.name}, ROLE, False),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/*"}, ROLE, False),  # no wildcard in part of a name
        ({"Service": "sns.amazonaws.com"}, SERVICE, True),
        ({"Service": "sqs.amazonaws.com"}, SERVICE, False),
        ({"AWS": "sns.amazonaws.com"}, SERVICE, False),
    ],
)
def test_principals(written: Document, principal: Principal, matches: bool) -> None:
    found = decide(
        Request("s3:GetObject", "*", principal),
        [policy(allow(Principal=written), type=RESOURCE), policy(allow())][:1],
        cross_account=False,
    )
    assert (found.outcome is ALLOWED) is matches


def test_not_principal_is_everybody_else() -> None:
    statement: Document = {"Effect": "Deny", "NotPrincipal": {"AWS": USER.name}, "Action": "*", "Resource": "*"}
    policies = [policy(allow(Principal="*"), statement, type=RESOURCE)]
    assert decide(Request("a:b", "*", USER), policies).outcome is ALLOWED
    assert decide(Request("a:b", "*", ROLE), policies).outcome is EXPLICIT


GRANT = policy(allow("s3:*"))
NAMED = policy(allow("s3:*", Principal={"AWS": [USER.name, ROLE.name]}), type=RESOURCE)
DELEGATED = policy(allow("s3:*", Principal={"AWS": ACCOUNT}), type=RESOURCE)
NARROW = policy(allow("ec2:*"), type=PolicyType.BOUNDARY)
WIDE = policy(allow("s3:*"), type=PolicyType.BOUNDARY)
SCP = policy(allow("ec2:*"), type=PolicyType.SCP)
FOREIGN = policy(allow("s3:*", Principal={"AWS": STRANGER.name}), type=RESOURCE)


@pytest.mark.parametrize(
    ("principal", "policies", "across", "outcome"),
    [
        (USER, [], False, IMPLICIT),  # LOGIC: denied by default
        (USER, [GRANT], False, ALLOWED),
        (USER, [GRANT, policy(deny("s3:Get*"))], False, EXPLICIT),  # LOGIC: an explicit deny overrides
        (USER, [GRANT, policy(deny("s3:*", Principal="*"), type=RESOURCE)], False, EXPLICIT),
        (USER, [GRANT, WIDE], False, ALLOWED),  # BOUNDARY: both must allow
        (USER, [GRANT, NARROW], False, IMPLICIT),
        (USER, [WIDE], False, IMPLICIT),  # BOUNDARY: a boundary grants nothing
        (USER, [GRANT, SCP], False, IMPLICIT),  # LOGIC: no Allow in an SCP
        (USER, [GRANT, SCP, policy(allow(), type=PolicyType.SCP)], False, ALLOWED),
        (USER, [GRANT, policy(deny("ec2:*", Principal="*"), type=PolicyType.RCP)], False, ALLOWED),
        (USER, [GRANT, policy(deny("s3:*", Principal="*"), type=PolicyType.RCP)], False, EXPLICIT),
        (USER, [NAMED], False, ALLOWED),  # LOGIC: within an account either is enough
        (USER, [DELEGATED], False, IMPLICIT),  # PRINCIPAL: an account delegates
        (USER, [DELEGATED, GRANT], False, ALLOWED),
        (USER, [NAMED, NARROW], False, ALLOWED),  # BOUNDARY: not limited when the resource policy names the user
        (ROLE, [NAMED, NARROW], False, IMPLICIT),  # BOUNDARY: a role is
        (STRANGER, [FOREIGN], True, IMPLICIT),  # CROSS: both accounts must allow
        (STRANGER, [GRANT], True, ALLOWED),  # the policy of the resource is not part of the question
        (STRANGER, [FOREIGN, GRANT], True, ALLOWED),
        (STRANGER, [NAMED, GRANT], True, IMPLICIT),
        (SERVICE, [policy(allow(Principal={"Service": SERVICE.name}), type=RESOURCE), NARROW], None, ALLOWED),
        (SERVICE, [policy(allow(Principal={"AWS": ACCOUNT}), type=RESOURCE), GRANT], None, IMPLICIT),
        (ANYBODY, [policy(allow(Principal="*"), type=RESOURCE)], None, ALLOWED),
        # KMS: without the key policy nobody gets in; the account in it lets identity policies count
        (USER, [GRANT, policy(allow(Principal={"AWS": ROLE.name}), type=KEY)], False, IMPLICIT),
        (USER, [GRANT, policy(allow(Principal={"AWS": ACCOUNT}), type=KEY)], False, ALLOWED),
        (USER, [policy(allow(Principal={"AWS": USER.name}), type=KEY)], False, ALLOWED),
        (USER, [GRANT, policy(allow(Principal={"AWS": ROLE.name}), type=TRUST)], False, IMPLICIT),
        (USER, [policy(allow(Principal={"AWS": USER.name}), type=TRUST)], False, ALLOWED),
        (STRANGER, [policy(allow(Principal={"AWS": STRANGER.name}), type=TRUST)], True, IMPLICIT),
    ],
)
def test_policies_together(principal: Principal, policies: list[Policy], across: bool | None, outcome: Outcome) -> None:
    asked = Request("s3:GetObject", "arn:aws:s3:::b/k", principal)
    assert decide(asked, policies, cross_account=across).outcome is outcome


def test_accounts_in_the_arns_tell_whether_a_request_crosses_accounts() -> None:
    asked = Request("sns:Publish", "arn:aws:sns:eu-west-1:111122223333:t", STRANGER)
    topic = policy(allow(Principal={"AWS": STRANGER.name}), type=RESOURCE)
    assert decide(asked, [topic]).missing is PolicyType.IDENTITY
    assert decide(replace(asked, context={"aws:resourceaccount": ("999999999999",)}), [topic]).outcome is ALLOWED


def test_the_statements_that_decide_are_told() -> None:
    guard = policy(deny("s3:Delete*"), deny("s3:*Object"))
    found = decide(request("s3:DeleteObject"), [GRANT, guard])
    assert [one.statement.path for one in found.statements] == [("Statement", 0), ("Statement", 1)]
    assert decide(request(), [GRANT]).statements[0].policy is GRANT


def test_a_statement_that_was_not_read_completely_does_not_apply() -> None:
    assert decide(request(), [policy(allow(Condition={"StringIs": {"k": "v"}}))]).outcome is IMPLICIT
    assert decide(request(), [GRANT, policy(deny(Condition={"StringIs": {"k": "v"}}))]).outcome is ALLOWED


def test_hostile_patterns_are_matched_in_bounded_steps() -> None:
    found = decide(request("s3:GetObject", "a" * 3000), [policy(allow("*", "*a" * 200 + "b"))])
    assert found.outcome is IMPLICIT
