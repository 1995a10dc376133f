from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra_checks.iam.document import Opaque
from infra_checks.iam.model import PolicyType
from infra_checks.iam.text import ACCOUNT, PARTITION, REGION, Symbol, joined
from infra_checks.iam.validate import validate
from infra_checks.iam.validate.problems import catalogue
from tests.unit.iam.validate.cases import BUCKET, RESOURCE, TRUST, allow, doc, of_bucket, trust
from tests.unit.iam.validate.test_codes import CASES

if TYPE_CHECKING:
    from infra_checks.iam.document import Document, Path
    from tests.unit.iam.validate.cases import Case

ANY = Symbol("Parameter")
NAME = Symbol("Name", frozenset(":*?/"))
NOTHING = Opaque("another stack decides")


def codes(document: Document, type: PolicyType = PolicyType.IDENTITY) -> list[tuple[str, Path]]:
    return [(one.code, one.path) for one in validate(document, type)]


@pytest.mark.parametrize("unknown", [NOTHING, (ANY,), ("arn:", PARTITION, ":s3:::", NAME, "/*"), (ANY, "/*")])
def test_a_resource_that_is_not_known_gives_nothing(unknown: Document) -> None:
    assert codes(doc(allow(Resource=unknown))) == []


@pytest.mark.parametrize(
    ("name", "unknown"),
    [
        ("Action", NOTHING),
        ("Action", (ANY,)),
        ("Action", ("s3:", ANY)),
        ("Effect", (ANY,)),
        ("Effect", ("All", ANY)),
        ("Sid", (ANY,)),
        ("Sid", NOTHING),
        ("Condition", NOTHING),
        ("Condition", {"Bool": NOTHING}),
        ("Condition", {"Bool": {"aws:SecureTransport": (ANY,)}}),
        ("Condition", {"IpAddress": {"aws:SourceIp": [NOTHING, (ANY,)]}}),
        ("Condition", {"StringEquals": {"aws:SourceVpc": ("vpc-", ANY)}}),
        ("Condition", {"StringEquals": {"aws:RequestTag/a": [(ANY,), "a"]}}),
    ],
)
def test_an_element_that_is_not_known_gives_nothing(name: str, unknown: Document) -> None:
    assert codes(doc(allow(**{name: unknown}))) == []


@pytest.mark.parametrize("unknown", [NOTHING, (ANY,)])
def test_a_whole_that_is_not_known_gives_nothing(unknown: Document) -> None:
    assert codes(unknown) == []
    assert codes({"Version": "2012-10-17", "Statement": unknown}) == []
    assert codes(doc(unknown, allow())) == []
    assert codes({"Version": unknown, "Statement": allow()}) == []


ROOT = joined(("arn:", PARTITION, ":iam::", ACCOUNT, ":root"))


@pytest.mark.parametrize(
    "principal",
    [
        NOTHING,
        (ANY,),
        {"AWS": NOTHING},
        {"AWS": (ANY,)},
        {"AWS": ROOT},
        {"Service": ("logs.", REGION, ".", ANY)},
        {"Federated": (ANY,)},
        {"Federated": ("arn:aws:iam::", ACCOUNT, ":oidc-provider/", ANY)},
    ],
)
def test_a_principal_that_is_not_known_gives_nothing(principal: Document) -> None:
    federated = isinstance(principal, dict) and "Federated" in principal
    action = "sts:AssumeRoleWithWebIdentity" if federated else "sts:AssumeRole"
    assert codes(doc(trust(Principal=principal, Action=action)), TRUST) == []


@pytest.mark.parametrize(
    ("resource", "code"),
    [
        (("my-", NAME), "INVALID_ARN_PREFIX"),
        (("arn:", PARTITION, ":S3:::", NAME), "INVALID_ARN_SERVICE_CASE"),
        (("arn:amazon:s3:::", NAME), "INVALID_PARTITION"),
        (("arn:aws:s3:eu-west:", ANY), "INVALID_ARN_REGION"),
        (("arn:", PARTITION, ":s3::", ACCOUNT, ":my-", NAME, "/*"), "ARN_ACCOUNT_NOT_ALLOWED"),
        (("arn:", PARTITION, ":states:", REGION, ":", ACCOUNT, ":statemachine:", NAME), "INVALID_ARN_RESOURCE"),
    ],
)
def test_what_is_known_and_wrong_is_told_beside_what_is_not_known(resource: Document, code: str) -> None:
    assert code in [one for one, _ in codes(doc(allow(Resource=resource, Action="s3:*")))]


def test_a_condition_that_is_not_known_may_limit_what_a_service_or_a_role_gets() -> None:
    service: Document = {"Service": "cloudfront.amazonaws.com"}
    assert codes(doc(of_bucket(Principal=service, Condition=NOTHING)), RESOURCE) == []
    assert codes(doc(allow(Action="iam:PassRole", Resource="*", Condition={"StringEquals": NOTHING}))) == []


def test_a_statement_that_is_not_known_may_allow_what_another_needs() -> None:
    anywhere = trust(Principal={"Service": "rolesanywhere.amazonaws.com"})
    assert codes(doc(anywhere, NOTHING), TRUST) == []
    assert codes(doc(allow(Action="sns:SetTopicAttributes", Resource="*"), NOTHING)) == []


def test_the_size_of_what_is_not_known_is_not_counted() -> None:
    names: list[Document] = [joined(("arn:aws:s3:::my-bucket/", Symbol(f"P{number}"))) for number in range(190)]
    assert codes(doc(allow(Resource=names))) == []


def test_the_type_of_the_resource_decides_what_its_policy_is_about() -> None:
    found = [one.code for one in validate(doc(of_bucket(Action="sqs:*", Resource="*")), RESOURCE, resource_type=BUCKET)]
    assert found == ["UNSUPPORTED_ACTION_IN_POLICY"]
    assert codes(doc(of_bucket(Action="sqs:*", Resource="*")), RESOURCE) == []


def test_an_action_without_resource_types_may_have_a_star() -> None:
    assert codes(doc(allow(Action="ec2:DescribeInstances", Resource="*"))) == []


def test_aws_documents_without_an_account_are_right() -> None:
    document = "arn:aws:ssm:eu-west-1::document/AWS-RunShellScript"
    assert codes(doc(allow(Action="ssm:SendCommand", Resource=document))) == []


TEXTS = st.one_of(
    st.sampled_from(
        ["*", "", "${", "${}", "${${aws:username}}", "${aws:username", "arn:", "arn:aws:s3:::b/*", "s3:Get*", ":", "::"]
    ),
    st.sampled_from(
        ["Allow", "Deny", "2012-10-17", "sts:AssumeRole", "true", "10.0.0.0/8", "1e999", "\ud800", "0" * 99]
    ),
    st.text(max_size=8),
    st.lists(st.one_of(st.text(max_size=4), st.just(ANY), st.just(NAME)), min_size=1, max_size=3).map(tuple),
)
NAMES = st.one_of(
    st.sampled_from(
        [
            "Version",
            "Id",
            "Statement",
            "Sid",
            "Effect",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Principal",
            "NotPrincipal",
            "Condition",
            "AWS",
            "Service",
            "Federated",
            "StringEquals",
            "ForAllValues:StringLike",
            "IpAddress",
            "NumericLessThan",
            "DateEquals",
            "Bool",
            "Null",
            "BinaryEquals",
            "aws:SourceIp",
            "aws:TagKeys",
            "s3:prefix",
            "aws:MultiFactorAuthPresent",
        ]
    ),
    st.text(max_size=5),
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS, st.just(NOTHING))
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=5)),
    max_leaves=30,
)
STATEMENTS = st.fixed_dictionaries(
    {},
    optional={
        "Effect": st.one_of(st.sampled_from(["Allow", "Deny"]), DOCUMENTS),
        "Action": DOCUMENTS,
        "NotAction": DOCUMENTS,
        "Resource": DOCUMENTS,
        "NotResource": DOCUMENTS,
        "Principal": DOCUMENTS,
        "Condition": st.one_of(
            st.dictionaries(NAMES, st.dictionaries(NAMES, DOCUMENTS, max_size=3), max_size=3), DOCUMENTS
        ),
        "Sid": DOCUMENTS,
    },
)
POLICIES = st.one_of(
    DOCUMENTS, st.fixed_dictionaries({"Statement": st.one_of(STATEMENTS, st.lists(STATEMENTS, max_size=3), DOCUMENTS)})
)


@settings(max_examples=400, deadline=None)
@given(POLICIES, st.sampled_from(PolicyType), st.sampled_from([None, BUCKET, "AWS::KMS::Key", "AWS::IAM::Policy"]))
def test_no_document_whatever_raises(document: Document, type: PolicyType, resource_type: str | None) -> None:
    for one in validate(document, type, resource_type=resource_type):
        assert one.code in catalogue()
        _follow(document, one.path)


def _follow(document: Document, path: Path) -> None:
    """Fails when the path leads nowhere."""
    for step in path:
        assert isinstance(document, list | dict)
        document = document[step]  # type: ignore[index]


def test_a_deep_document_does_not_raise() -> None:
    deep: Document = "x"
    for _ in range(50_000):
        deep = [deep]
    list(validate(doc(allow(Condition=deep), allow(Resource=deep)), PolicyType.IDENTITY))
    list(validate("[" * 100_000, PolicyType.IDENTITY))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code)
def test_paths_of_problems_lead_somewhere(case: Case) -> None:
    for one in validate(case.wrong, case.type, resource_type=case.resource_type):
        _follow(case.wrong, one.path)


BUCKET_OF_STACK = Symbol("Bucket", frozenset(":*?/"))


@pytest.mark.parametrize(
    ("action", "resource", "remedy"),
    [
        ("s3:GetObject", ("arn:aws:s3:::", BUCKET_OF_STACK), "`arn:aws:s3:::${Bucket}/*`"),
        ("s3:ListBucket", ("arn:aws:s3:::", BUCKET_OF_STACK, "/*"), "`arn:aws:s3:::${Bucket}`"),
        ("s3:ListBucket", "arn:aws:s3:::logs/*", "`arn:aws:s3:::logs`"),
    ],
)
def test_a_bucket_and_its_objects_are_told_apart(action: str, resource: Document, remedy: str) -> None:
    (found,) = validate(doc(allow(Action=action, Resource=resource)), PolicyType.IDENTITY)
    assert found.code == "RESOURCE_DOES_NOT_FIT_ACTION"
    assert remedy in found.remedy


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", ("arn:aws:s3:::", NAME, "*")),
        ("s3:GetObject", ("arn:aws:s3:::", ANY)),
        ("s3:GetObject", ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"]),
        ("s3:ListBucket", ["arn:aws:s3:::logs/*", ("arn:aws:s3:::", NAME)]),
    ],
)
def test_what_may_be_an_object_is_one(action: str, resource: Document) -> None:
    assert codes(doc(allow(Action=action, Resource=resource))) == []
