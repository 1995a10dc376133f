"""One document with each kind of problem, and the same document mended."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from infra_checks.iam.model import PolicyType

if TYPE_CHECKING:
    from infra_checks.iam.document import Document, Path

IDENTITY, RESOURCE, TRUST, KEY = PolicyType.IDENTITY, PolicyType.RESOURCE, PolicyType.TRUST, PolicyType.KEY
SCP, RCP = PolicyType.SCP, PolicyType.RCP
BUCKET, QUEUE = "AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy"
ROLE = "arn:aws:iam::111122223333:role/App"
GITHUB = "token.actions.githubusercontent.com"
GITHUB_ARN = f"arn:aws:iam::111122223333:oidc-provider/{GITHUB}"


class Case(NamedTuple):
    """`also` are codes that come with it."""

    code: str
    path: Path
    wrong: Document
    right: Document
    type: PolicyType = IDENTITY
    resource_type: str | None = None
    also: tuple[str, ...] = ()


def doc(*statements: Document, version: Document = "2012-10-17") -> dict[str, Document]:
    return {"Version": version, "Statement": list(statements)}


def allow(**elements: Document) -> dict[str, Document]:
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::my-bucket/*"} | elements


def deny(**elements: Document) -> dict[str, Document]:
    return allow(**elements) | {"Effect": "Deny"}


def of_bucket(**elements: Document) -> dict[str, Document]:
    return allow(Principal={"AWS": ROLE}) | elements


def trust(**elements: Document) -> dict[str, Document]:
    base: dict[str, Document] = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ROLE}}
    return base | elements


def web(**elements: Document) -> dict[str, Document]:
    return trust(Action="sts:AssumeRoleWithWebIdentity") | elements


def rcp(**elements: Document) -> dict[str, Document]:
    return deny(Principal="*", Resource="*") | elements


def without(statement: dict[str, Document], name: str) -> dict[str, Document]:
    return {key: value for key, value in statement.items() if key != name}


def statement_case(code: str, path: Path, wrong: Document, right: Document, **others: object) -> Case:
    return Case(code, ("Statement", 0, *path), doc(wrong), doc(right), **others)  # type: ignore[arg-type]


def condition_case(code: str, wrong: Document, right: Document, *path: str | int, **others: object) -> Case:
    """Of an Allow of s3:GetObject; the path goes on from Condition."""
    base = others.pop("base", allow())
    assert isinstance(base, dict)
    return statement_case(
        code, ("Condition", *path), base | {"Condition": wrong}, base | {"Condition": right}, **others
    )


s, c = statement_case, condition_case
TLS: Document = {"Bool": {"aws:SecureTransport": "true"}}
ORG: Document = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
LOGS = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/app:*"
DYNAMO: dict[str, Document] = {
    "Effect": "Allow",
    "Action": "dynamodb:GetItem",
    "Resource": "arn:aws:dynamodb:*:111122223333:table/Orders",
}
LIST: dict[str, Document] = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::my-bucket"}
SERVICE: dict[str, Document] = of_bucket(Principal={"Service": "cloudfront.amazonaws.com"})
SOURCE: Document = {"StringEquals": {"aws:SourceAccount": "111122223333"}}
PASS: dict[str, Document] = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": ROLE}
SLR_ROLE = "arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
SLR: dict[str, Document] = {"Effect": "Allow", "Action": "iam:CreateServiceLinkedRole", "Resource": SLR_ROLE}
NO_PASS: dict[str, Document] = deny(Action=["iam:PassRole"], Resource="*")
NO_SLR: dict[str, Document] = deny(Action=["iam:CreateServiceLinkedRole"], Resource="*")
TAGGED: Document = {"StringEquals": {"aws:ResourceTag/team": "a"}}
GITHUB_OK: Document = {
    "StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com", f"{GITHUB}:sub": "repo:org/app:ref:refs/heads/main"}
}

STRUCTURE = (
    Case("JSON_SYNTAX_ERROR", (), '{"Version":', doc(allow())),
    Case("DATA_TYPE_MISMATCH", (), [], doc(allow())),
    Case("DATA_TYPE_MISMATCH", ("Version",), doc(allow(), version=2012), doc(allow())),
    Case("DATA_TYPE_MISMATCH", ("Statement",), {"Version": "2012-10-17", "Statement": 3}, doc(allow())),
    s("DATA_TYPE_MISMATCH", ("Action", 1), allow(Action=["s3:GetObject", 3]), allow()),
    s("DATA_TYPE_MISMATCH", ("Sid",), allow(Sid=["a"]), allow(Sid="a")),
    s("DATA_TYPE_MISMATCH", ("Condition",), allow(Condition=[]), allow(Condition=TLS)),
    s("DATA_TYPE_MISMATCH", ("Principal", "AWS"), trust(Principal={"AWS": 11122223333}), trust(), type=TRUST),
    Case("INVALID_POLICY_ELEMENT", ("version",), doc(allow()) | {"version": "2012-10-17"}, doc(allow())),
    Case("INVALID_POLICY_ELEMENT", ("Id",), doc(allow()) | {"Id": "orders"}, doc(allow())),
    s("INVALID_POLICY_ELEMENT", ("Conditions",), allow(Conditions=TLS), allow(Condition=TLS)),
    Case("MISSING_VERSION", (), {"Statement": allow()}, doc(allow())),
    Case("OLD_VERSION", ("Version",), doc(allow(), version="2008-10-17"), doc(allow())),
    Case("INVALID_VERSION", ("Version",), doc(allow(), version="2024-01-01"), doc(allow())),
    Case("INVALID_VERSION", ("Version",), doc(allow(), version="2008-10-17"), doc(allow()), SCP),
    Case("MISSING_STATEMENT", (), {"Version": "2012-10-17"}, doc(allow())),
    Case("MISSING_STATEMENT", ("Statement",), doc(), doc(allow())),
    s("MISSING_EFFECT", (), without(allow(), "Effect"), allow()),
    s("INVALID_EFFECT", ("Effect",), allow(Effect="allow"), allow()),
    s("MISSING_ACTION", (), without(allow(), "Action"), allow()),
    s("MISSING_RESOURCE", (), without(allow(), "Resource"), allow()),
    s("MISSING_RESOURCE", (), without(of_bucket(), "Resource"), of_bucket(), type=RESOURCE, resource_type=BUCKET),
    s("MISSING_PRINCIPAL", (), allow(), of_bucket(), type=RESOURCE),
    s("UNSUPPORTED_ELEMENT_COMBINATION", ("NotAction",), allow(NotAction="s3:PutObject"), allow()),
    s("EMPTY_ARRAY_ACTION", ("Action",), allow(Action=[]), allow()),
    s("EMPTY_ARRAY_RESOURCE", ("Resource",), allow(Resource=[]), allow()),
    s("EMPTY_OBJECT_PRINCIPAL", ("Principal",), of_bucket(Principal={}), of_bucket(), type=RESOURCE),
    s("EMPTY_ARRAY_PRINCIPAL", ("Principal", "AWS"), of_bucket(Principal={"AWS": []}), of_bucket(), type=RESOURCE),
    s("EMPTY_SID_VALUE", ("Sid",), allow(Sid=""), allow(Sid="Read")),
    s("UNSUPPORTED_SID", ("Sid",), allow(Sid="read objects"), allow(Sid="ReadObjects")),
    Case(
        "UNIQUE_SIDS_REQUIRED",
        ("Statement", 1, "Sid"),
        doc(allow(Sid="A"), deny(Sid="A", Condition=TLS)),
        doc(allow(Sid="A"), deny(Sid="B", Condition=TLS)),
    ),
    Case(
        "UNIQUE_SIDS_RECOMMENDED",
        ("Statement", 1, "Sid"),
        doc(of_bucket(Sid="A"), of_bucket(Sid="A", Condition=TLS)),
        doc(of_bucket(Sid="A"), of_bucket(Sid="B", Condition=TLS)),
        RESOURCE,
    ),
    Case("REDUNDANT_STATEMENT", ("Statement", 1), doc(allow(Sid="A"), allow(Sid="B")), doc(allow(Sid="A"))),
)


def long(size: int, **elements: Document) -> Document:
    names = [f"arn:aws:s3:::my-bucket/{number:05}" for number in range(size // 31)]
    return doc(allow(Resource=[*names], **elements))


QUOTAS = (
    Case("POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", (), long(6600), long(5000)),
    Case(
        "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", (), long(11000), long(6600), resource_type="AWS::IAM::RolePolicy"
    ),
    Case("POLICY_SIZE_EXCEEDS_SCP_QUOTA", (), long(5600), long(4000), SCP),
    Case(
        "POLICY_SIZE_EXCEEDS_RCP_QUOTA",
        (),
        doc(rcp(Resource=[f"arn:aws:s3:::my-bucket/{number:05}" for number in range(200)])),
        doc(rcp(Resource=[f"arn:aws:s3:::my-bucket/{number:05}" for number in range(20)])),
        RCP,
    ),
    Case(
        "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA",
        (),
        doc(trust(Principal={"AWS": [f"arn:aws:iam::111122223333:role/{number:05}" for number in range(60)]})),
        doc(trust()),
        TRUST,
    ),
    Case(
        "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA",
        (),
        long(22000, Principal={"AWS": ROLE}),
        long(6600, Principal={"AWS": ROLE}),
        RESOURCE,
        BUCKET,
    ),
)


def on(resource: Document) -> Document:
    return allow(Resource=resource)


USER = "arn:aws:s3:::my-bucket/${aws:username}/*"
VARIABLES = (
    s("MISSING_BRACE_IN_VARIABLE", ("Resource",), on("arn:aws:s3:::my-bucket/${aws:username"), on(USER)),
    s("EMPTY_VARIABLE", ("Resource",), on("arn:aws:s3:::my-bucket/${}"), on(USER)),
    s("UNSUPPORTED_SPACE_IN_VARIABLE", ("Resource",), on("arn:aws:s3:::my-bucket/${aws: username}/*"), on(USER)),
    s(
        "MISSING_QUOTE_IN_VARIABLE",
        ("Resource",),
        on("arn:aws:s3:::my-bucket/${aws:username, nobody}/*"),
        on("arn:aws:s3:::my-bucket/${aws:username, 'no body'}/*"),
    ),
    s("UNKNOWN_VARIABLE", ("Resource",), on("arn:aws:s3:::my-bucket/${Folder}/*"), on(USER)),
    s(
        "VARIABLE_UNSUPPORTED_IN_ELEMENT",
        ("Principal", "AWS"),
        trust(Principal={"AWS": "arn:aws:iam::111122223333:role/${aws:username}"}),
        trust(),
        type=TRUST,
    ),
    Case(
        "VARIABLE_UNSUPPORTED_IN_VERSION",
        ("Statement", 0, "Resource"),
        doc(on(USER), version="2008-10-17"),
        doc(on(USER)),
        also=("OLD_VERSION",),
    ),
    c(
        "INVALID_VARIABLE_FOR_OPERATOR",
        {"Bool": {"aws:SecureTransport": "${aws:ViaAWSService}"}},
        TLS,
        *("Bool", "aws:SecureTransport"),
        also=("TYPE_MISMATCH_BOOLEAN",),
    ),
)

PRINCIPALS = (
    s("UNSUPPORTED_PRINCIPAL", ("Principal",), of_bucket(), allow()),
    s("SCP_SYNTAX_ERROR_PRINCIPAL", ("Principal",), allow(Principal="*"), allow(), type=SCP),
    s("INVALID_PRINCIPAL_FORMAT", ("Principal",), of_bucket(Principal=[ROLE]), of_bucket(), type=RESOURCE),
    s(
        "INVALID_PRINCIPAL_FORMAT",
        ("Principal", "AWS", 1),
        of_bucket(Principal={"AWS": ["111122223333", "arn:aws:iam::111122223333:group/Admins"]}),
        of_bucket(Principal={"AWS": ["111122223333", "arn:aws:iam::444455556666:user/me"]}),
        type=RESOURCE,
    ),
    s(
        "INVALID_PRINCIPAL_FORMAT",
        ("Principal", "AWS"),
        of_bucket(Principal={"AWS": "arn:aws:iam::1234:root"}),
        of_bucket(Principal={"AWS": "arn:aws:iam::111122223333:root"}),
        type=RESOURCE,
    ),
    s("INVALID_PRINCIPAL_KEY", ("Principal", "Aws"), of_bucket(Principal={"Aws": ROLE}), of_bucket(), type=RESOURCE),
    s(
        "UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
        ("Principal", "AWS"),
        of_bucket(Principal={"AWS": "arn:aws:iam::111122223333:role/*"}),
        of_bucket(),
        type=RESOURCE,
    ),
    s(
        "INVALID_ROLE_REFERENCE",
        ("Principal", "AWS"),
        trust(Principal={"AWS": "AROAEXAMPLEID1234567"}),
        trust(),
        type=TRUST,
    ),
    s(
        "INVALID_USER_REFERENCE",
        ("Principal", "AWS"),
        trust(Principal={"AWS": "AIDAEXAMPLEID1234567"}),
        trust(),
        type=TRUST,
    ),
    s(
        "INVALID_SERVICE_PRINCIPAL_FORMAT",
        ("Principal", "Service"),
        trust(Principal={"Service": "Lambda.amazonaws.com"}),
        trust(Principal={"Service": "lambda.amazonaws.com"}),
        type=TRUST,
    ),
    s("ALLOW_WITH_NOT_PRINCIPAL", ("NotPrincipal",), allow(NotPrincipal={"AWS": ROLE}), of_bucket(), type=RESOURCE),
    s(
        "FEDERATED_PRINCIPAL_NOT_SUPPORTED",
        ("Principal", "Federated"),
        of_bucket(Principal={"Federated": GITHUB_ARN}),
        of_bucket(),
        type=RESOURCE,
    ),
    s(
        "ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL",
        ("NotPrincipal",),
        without(trust(NotPrincipal={"AWS": ROLE}), "Principal"),
        trust(),
        type=TRUST,
    ),
    s(
        "ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
        ("Principal",),
        trust(Principal="*"),
        trust(Principal={"AWS": "*"}, Condition=ORG),
        type=TRUST,
    ),
    s(
        "REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY",
        ("Principal", "AWS", 1),
        trust(Principal={"AWS": [ROLE, "arn:aws:sts::111122223333:assumed-role/App/me"]}),
        trust(),
        type=TRUST,
    ),
)

TRUSTS = (
    s(
        "REDUNDANT_PRINCIPAL",
        ("Principal", "AWS", 1),
        trust(Principal={"AWS": [ROLE, ROLE]}),
        trust(),
        type=TRUST,
    ),
    s(
        "REDUNDANT_PRINCIPAL",
        ("Principal", "AWS", 0),
        of_bucket(Principal={"AWS": [ROLE, "*"]}),
        of_bucket(Principal={"AWS": "*"}),
        type=RESOURCE,
    ),
    s(
        "IF_EXISTS_IN_ALLOW",
        ("Condition", "StringEqualsIfExists", "aws:PrincipalOrgID"),
        of_bucket(Principal="*", Condition={"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}),
        of_bucket(Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
        type=RESOURCE,
    ),
    s(
        "IF_EXISTS_IN_ALLOW",
        ("Condition", "StringEqualsIfExists", "aws:SourceVpc"),
        allow(Condition={"StringEqualsIfExists": {"aws:SourceVpc": "vpc-12345678"}}),
        allow(
            Condition={
                "StringEqualsIfExists": {"aws:SourceVpc": "vpc-12345678"},
                "IpAddressIfExists": {"aws:SourceIp": "203.0.113.0/24"},
            }
        ),
    ),
    s("ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE", ("Resource",), trust(Resource="*"), trust(), type=TRUST),
    s(
        "INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY",
        ("Principal", "Federated"),
        trust(Action="sts:AssumeRoleWithSAML", Principal={"Federated": "arn:aws:iam::111122223333:role/x"}),
        trust(Action="sts:AssumeRoleWithSAML", Principal={"Federated": "arn:aws:iam::111122223333:saml-provider/x"}),
        type=TRUST,
    ),
    s(
        "MISMATCHED_ACTION_FOR_PRINCIPAL",
        ("Action",),
        trust(Principal={"Federated": GITHUB_ARN}, Condition=GITHUB_OK),
        web(Principal={"Federated": GITHUB_ARN}, Condition=GITHUB_OK),
        type=TRUST,
    ),
    s(
        "MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY",
        ("Action",),
        trust(Principal={"Service": "rolesanywhere.amazonaws.com"}),
        trust(
            Principal={"Service": "rolesanywhere.amazonaws.com"},
            Action=["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
        ),
        type=TRUST,
    ),
    s("UNSUPPORTED_ACTION_IN_POLICY", ("Action",), trust(Action="s3:GetObject"), trust(), type=TRUST),
    s(
        "MISSING_ACTION_FOR_CONDITION_KEY",
        ("Condition", "StringEquals", "sts:SourceIdentity"),
        trust(Condition={"StringEquals": {"sts:SourceIdentity": "me"}}),
        trust(
            Action=["sts:AssumeRole", "sts:SetSourceIdentity"], Condition={"StringEquals": {"sts:SourceIdentity": "me"}}
        ),
        type=TRUST,
    ),
    s(
        "MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL",
        ("Principal", "Federated"),
        web(Principal={"Federated": "accounts.google.com"}),
        web(
            Principal={"Federated": "accounts.google.com"},
            Condition={"StringEquals": {"accounts.google.com:aud": "app"}},
        ),
        type=TRUST,
    ),
    s(
        "OIDC_WITHOUT_SUBJECT",
        ("Principal", "Federated"),
        web(
            Principal={"Federated": "arn:aws:iam::111122223333:oidc-provider/gitlab.example.com"},
            Condition={"StringEquals": {"gitlab.example.com:aud": "sts.amazonaws.com"}},
        ),
        web(
            Principal={"Federated": "arn:aws:iam::111122223333:oidc-provider/gitlab.example.com"},
            Condition={"StringEquals": {"gitlab.example.com:sub": "project_path:me/app:ref_type:branch:ref:main"}},
        ),
        type=TRUST,
    ),
    s(
        "MISSING_GITHUB_REPO_CONDITION_KEY",
        ("Principal", "Federated"),
        web(
            Principal={"Federated": GITHUB_ARN},
            Condition={"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}},
        ),
        web(Principal={"Federated": GITHUB_ARN}, Condition=GITHUB_OK),
        type=TRUST,
    ),
    s(
        "SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED",
        ("Condition", "StringLike", f"{GITHUB}:sub"),
        web(Principal={"Federated": GITHUB_ARN}, Condition={"StringLike": {f"{GITHUB}:sub": "repo:org/*"}}),
        web(Principal={"Federated": GITHUB_ARN}, Condition=GITHUB_OK),
        type=TRUST,
    ),
    s(
        "FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE",
        ("Condition", "ForAnyValue:StringEquals", "accounts.google.com:aud"),
        web(
            Principal={"Federated": "accounts.google.com"},
            Condition={"ForAnyValue:StringEquals": {"accounts.google.com:aud": "app"}},
        ),
        web(
            Principal={"Federated": "accounts.google.com"},
            Condition={"StringEquals": {"accounts.google.com:aud": "app"}},
        ),
        type=TRUST,
    ),
    s(
        "CONFIRM_AUDIENCE_CLAIM_TYPE",
        ("Condition", "ForAllValues:StringEquals", "accounts.google.com:aud"),
        web(
            Principal={"Federated": "accounts.google.com"},
            Condition={"ForAllValues:StringEquals": {"accounts.google.com:aud": "app"}},
        ),
        web(
            Principal={"Federated": "accounts.google.com"},
            Condition={"StringEquals": {"accounts.google.com:aud": "app"}},
        ),
        type=TRUST,
        also=("FORALLVALUES_WITH_SINGLE_VALUED_KEY",),
    ),
)

DEPUTIES = (
    s(
        "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL",
        ("Principal", "Service"),
        SERVICE,
        SERVICE | {"Condition": SOURCE},
        type=RESOURCE,
    ),
    s(
        "RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL",
        ("Condition", "IpAddress", "aws:SourceIp"),
        SERVICE | {"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}},
        SERVICE | {"Condition": SOURCE},
        type=RESOURCE,
    ),
    s(
        "UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL",
        ("Condition", "StringEquals", "aws:PrincipalOrgID"),
        SERVICE | {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1", "aws:SourceAccount": "111122223333"}}},
        SERVICE | {"Condition": SOURCE},
        type=RESOURCE,
    ),
)

RCPS = (
    s("RCP_SYNTAX_ERROR_ALLOW", ("Effect",), rcp(Effect="Allow"), rcp(), type=RCP),
    s(
        "RCP_SYNTAX_ERROR_ALLOW",
        ("Condition",),
        rcp(Effect="Allow", Condition=TLS),
        rcp(Condition=TLS),
        type=RCP,
        also=("RCP_SYNTAX_ERROR_ALLOW",),
    ),
    s("RCP_SYNTAX_ERROR_NOTACTION", ("NotAction",), without(rcp(NotAction="s3:GetObject"), "Action"), rcp(), type=RCP),
    s("RCP_SYNTAX_ERROR_ACTION", ("Action",), rcp(Action="ec2:RunInstances"), rcp(), type=RCP),
    s("RCP_SYNTAX_ERROR_ACTION", ("Action",), rcp(Action="*"), rcp(Action="s3:*"), type=RCP),
    s("RCP_SYNTAX_ERROR_PRINCIPAL", ("Principal",), rcp(Principal={"AWS": ROLE}), rcp(), type=RCP),
    s(
        "RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY",
        ("Condition", "StringNotEqualsIfExists", "aws:PrincipalOrgID"),
        rcp(Condition={"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}),
        rcp(
            Condition={
                "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            }
        ),
        type=RCP,
    ),
    *(
        s(
            code,
            ("Condition", "StringNotEqualsIfExists", "aws:SourceOrgID"),
            rcp(Condition={"StringNotEqualsIfExists": {"aws:SourceOrgID": "o-1"}}),
            rcp(
                Condition={
                    "StringNotEqualsIfExists": {"aws:SourceOrgID": "o-1"},
                    "Null": {"aws:SourceAccount": "false"},
                    "Bool": {"aws:PrincipalIsAWSService": "true"},
                }
            ),
            type=RCP,
            also=(other,),
        )
        for code, other in (
            (
                "RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY",
                "RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK",
            ),
            (
                "RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK",
                "RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY",
            ),
        )
    ),
)
