"""As cases.py, of actions, resources and conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.iam.validate.cases import (
    BUCKET,
    DYNAMO,
    LIST,
    NO_PASS,
    NO_SLR,
    PASS,
    QUEUE,
    RESOURCE,
    ROLE,
    SLR,
    TAGGED,
    TLS,
    Case,
    allow,
    c,
    deny,
    doc,
    of_bucket,
    on,
    s,
    without,
)

if TYPE_CHECKING:
    from infra_checks.iam.document import Document

ACTIONS = (
    s("ACTION_WITHOUT_SERVICE", ("Action",), allow(Action="GetObject"), allow()),
    s("INVALID_ACTION", ("Action", 1), allow(Action=["s3:GetObject", "s3:HeadObject"]), allow()),
    s("INVALID_ACTION", ("Action",), allow(Action="s3:Fetch*"), allow(Action="s3:Get*")),
    s("INVALID_SERVICE_IN_ACTION", ("Action",), allow(Action="s33:GetObject"), allow()),
    s("RETIRED_SERVICE", ("Action",), allow(Action="deepracer:List*", Resource="*"), allow(Action="s3:List*")),
    s("WILDCARD_IN_SERVICE_NAME", ("Action",), allow(Action="s?:GetObject"), allow()),
    s(
        "UNSUPPORTED_ACTION_IN_POLICY",
        ("Action",),
        of_bucket(Action="kms:Decrypt", Resource="*"),
        of_bucket(),
        type=RESOURCE,
        resource_type=BUCKET,
    ),
    s(
        "MISSING_DEPENDENT_ACTION",
        ("Action",),
        allow(Action="sns:SetTopicAttributes", Resource="*"),
        allow(Action=["sns:SetTopicAttributes", "iam:Pass*"], Resource=[ROLE, "arn:aws:sns:*:111122223333:my-topic"]),
    ),
    s("REDUNDANT_ACTION", ("Action", 0), allow(Action=["s3:GetObject", "s3:Get*"]), allow(Action=["s3:Get*"])),
    s("REDUNDANT_ACTION", ("Action", 1), allow(Action=["s3:GetObject", "S3:getobject"]), allow()),
    s(
        "REDUNDANT_RESOURCE",
        ("Resource", 1),
        on(["arn:aws:s3:::my-bucket/*", "arn:aws:s3:::my-bucket/a/*"]),
        on(["arn:aws:s3:::my-bucket/b*", "arn:aws:s3:::my-bucket/a/*"]),
    ),
)


def lambdas(resource: str) -> dict[str, Document]:
    return {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": resource}


RIGHT = lambdas("arn:aws:lambda:eu-west-1:111122223333:function:app")
RESOURCES = (
    s("INVALID_ARN_PREFIX", ("Resource",), on("my-bucket/*"), allow()),
    s("MISSING_ARN_FIELD", ("Resource",), on("arn:aws:s3:my-bucket"), allow()),
    s("INVALID_PARTITION", ("Resource",), on("arn:amazon:s3:::my-bucket/*"), allow()),
    s(
        "INVALID_ARN_SERVICE_CASE",
        ("Resource",),
        on("arn:aws:S3:::my-bucket/*"),
        allow(),
    ),
    s("INVALID_ARN_REGION", ("Resource",), lambdas("arn:aws:lambda:eu-westt-1:111122223333:function:app"), RIGHT),
    s("INVALID_ARN_ACCOUNT", ("Resource",), lambdas("arn:aws:lambda:eu-west-1:11112222333:function:app"), RIGHT),
    s("MISSING_ARN_REGION", ("Resource",), lambdas("arn:aws:lambda::111122223333:function:app"), RIGHT),
    s("MISSING_ARN_ACCOUNT", ("Resource",), lambdas("arn:aws:lambda:eu-west-1::function:app"), RIGHT),
    s(
        "ARN_ACCOUNT_NOT_ALLOWED",
        ("Resource",),
        on("arn:aws:s3::111122223333:my-bucket/*"),
        allow(),
        also=("RESOURCE_DOES_NOT_FIT_ACTION",),
    ),
    s(
        "ARN_REGION_NOT_ALLOWED",
        ("Resource",),
        PASS | {"Resource": "arn:aws:iam:eu-west-1:111122223333:role/App"},
        PASS,
        also=("RESOURCE_DOES_NOT_FIT_ACTION",),
    ),
    s(
        "INVALID_ARN_RESOURCE",
        ("Resource",),
        allow(Action="states:StartExecution", Resource="arn:aws:states:*:111122223333:statemachine:app"),
        allow(Action="states:StartExecution", Resource="arn:aws:states:*:111122223333:stateMachine:app"),
    ),
    s("EFFECTIVELY_STAR_RESOURCE", ("Resource",), on("arn:aws:*"), allow()),
    s("ALL_RESOURCES_OF_SERVICE", ("Resource",), on("arn:aws:s3:::*"), allow()),
    s(
        "UNSUPPORTED_RESOURCE_ARN_IN_POLICY",
        ("Resource",),
        of_bucket(Action="sqs:SendMessage", Resource="arn:aws:sns:eu-west-1:111122223333:my-topic"),
        of_bucket(Action="sqs:SendMessage", Resource="arn:aws:sqs:eu-west-1:111122223333:my-queue"),
        type=RESOURCE,
        resource_type=QUEUE,
        also=("RESOURCE_DOES_NOT_FIT_ACTION",),
    ),
    s("RESOURCE_DOES_NOT_FIT_ACTION", ("Action",), on("arn:aws:s3:::my-bucket"), allow()),
    s(
        "ACTION_NEEDS_STAR_RESOURCE",
        ("Action", 0),
        allow(
            Action=["ecr:GetAuthorizationToken", "ecr:BatchGetImage"],
            Resource="arn:aws:ecr:*:111122223333:repository/app",
        ),
        allow(Action="ecr:GetAuthorizationToken", Resource="*"),
    ),
    s(
        "ACTION_NEEDS_STAR_RESOURCE",
        ("Action",),
        allow(Action="ec2:DescribeInstances", Resource="arn:aws:ec2:*:111122223333:instance/*"),
        allow(Action="ec2:DescribeInstances", Resource="*"),
    ),
)

STAR: dict[str, Document] = {"Resource": "*"}
BREADTH = (
    s("PASS_ROLE_WITH_STAR_IN_RESOURCE", ("Resource",), PASS | STAR, PASS),
    s(
        "PASS_ROLE_WITH_STAR_IN_RESOURCE",
        ("Resource", 0),
        PASS | {"Resource": ["arn:aws:iam::*:role/*"]},
        PASS | STAR | {"Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}},
    ),
    s("PASS_ROLE_WITH_NOT_RESOURCE", ("NotResource",), without(PASS, "Resource") | {"NotResource": ROLE}, PASS),
    Case(
        "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE",
        ("Statement", 0, "Resource"),
        doc(PASS | STAR | {"Action": "iam:Pass*"}),
        doc(PASS | STAR | {"Action": "iam:Pass*"}, NO_PASS),
    ),
    Case(
        "PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE",
        ("Statement", 0, "NotResource"),
        doc(without(PASS, "Resource") | {"NotResource": ROLE, "Action": "iam:Pass*"}),
        doc(without(PASS, "Resource") | {"NotResource": ROLE, "Action": "iam:Pass*"}, NO_PASS),
    ),
    Case(
        "PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION",
        ("Statement", 0, "Resource"),
        doc({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}, NO_SLR),
        doc({"Effect": "Allow", "NotAction": ["s3:*", "iam:PassRole"], "Resource": "*"}, NO_SLR),
    ),
    Case(
        "PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE",
        ("Statement", 0, "NotResource"),
        doc({"Effect": "Allow", "NotAction": "s3:*", "NotResource": ROLE}, NO_SLR),
        doc({"Effect": "Allow", "NotAction": ["s3:*", "iam:*"], "NotResource": ROLE}, NO_SLR),
    ),
    s("CREATE_SLR_WITH_STAR_IN_RESOURCE", ("Resource",), SLR | STAR, SLR),
    s("CREATE_SLR_WITH_NOT_RESOURCE", ("NotResource",), without(SLR, "Resource") | {"NotResource": ROLE}, SLR),
    s("CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE", ("Resource",), SLR | STAR | {"Action": "iam:CreateS*"}, SLR),
    s(
        "CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE",
        ("NotResource",),
        without(SLR, "Resource") | {"NotResource": ROLE, "Action": "iam:CreateS*"},
        SLR,
    ),
    Case(
        "CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION",
        ("Statement", 0, "Resource"),
        doc({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}, NO_PASS),
        doc({"Effect": "Allow", "NotAction": ["s3:*", "iam:*"], "Resource": "*"}, NO_PASS),
    ),
    Case(
        "CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE",
        ("Statement", 0, "NotResource"),
        doc({"Effect": "Allow", "NotAction": "s3:*", "NotResource": ROLE}, NO_PASS),
        doc({"Effect": "Allow", "NotAction": ["s3:*", "iam:*"], "NotResource": ROLE}, NO_PASS),
    ),
)

TAG_KEY = "aws:RequestTag/team"
CONDITIONS = (
    c("INVALID_CONDITION_OPERATOR", {"StringEqual": {"aws:username": "me"}}, TLS, "StringEqual"),
    c(
        "NULL_WITH_IF_EXISTS",
        {"NullIfExists": {"aws:username": "true"}},
        {"Null": {"aws:username": "true"}},
        "NullIfExists",
    ),
    c(
        "NULL_WITH_QUALIFIER",
        {"ForAnyValue:Null": {"aws:TagKeys": "true"}},
        {"Null": {"aws:TagKeys": "true"}},
        "ForAnyValue:Null",
    ),
    c("EMPTY_OBJECT_CONDITION", {}, TLS),
    c("EMPTY_OBJECT_CONDITION", {"Bool": {}}, TLS, "Bool"),
    c("EMPTY_ARRAY_CONDITION", {"StringEquals": {"aws:username": []}}, TLS, "StringEquals", "aws:username"),
    c(
        "EMPTY_ARRAY_CONDITION_IFEXISTS",
        {"StringEqualsIfExists": {"aws:username": []}},
        {"Null": {"aws:username": "true"}},
        *("StringEqualsIfExists", "aws:username"),
    ),
    c(
        "EMPTY_ARRAY_CONDITION_FORALLVALUES",
        {"ForAllValues:StringEquals": {"aws:TagKeys": []}},
        {"Null": {"aws:TagKeys": "true"}},
        *("ForAllValues:StringEquals", "aws:TagKeys"),
    ),
    c(
        "EMPTY_ARRAY_CONDITION_FORANYVALUE",
        {"ForAnyValue:StringEquals": {"aws:TagKeys": []}},
        TLS,
        *("ForAnyValue:StringEquals", "aws:TagKeys"),
    ),
    c(
        "DUPLICATE_KEYS_WITH_DIFFERENT_CASE",
        {"StringEquals": {"aws:username": "a", "aws:UserName": "b"}},
        {"StringEquals": {"aws:username": ["a", "b"]}},
        *("StringEquals", "aws:UserName"),
    ),
    c("DATA_TYPE_MISMATCH", {"Bool": {"aws:SecureTransport": None}}, TLS, "Bool", "aws:SecureTransport"),
    c("DATA_TYPE_MISMATCH", {"Bool": {"aws:SecureTransport": [{}]}}, TLS, "Bool", "aws:SecureTransport", 0),
    c(
        "INVALID_CONDITION_DATA_TYPE",
        {"StringEquals": {TAG_KEY: ["1", 2]}},
        {"StringEquals": {TAG_KEY: ["1", "2"]}},
        *("StringEquals", TAG_KEY),
    ),
    c("INVALID_CONDITION_KEY_FORMAT", {"StringEquals": {"username": "me"}}, TLS, "StringEquals", "username"),
    c(
        "MISSING_TAG_KEY_IN_CONDITION",
        {"StringEquals": {"aws:RequestTag": "a"}},
        {"StringEquals": {TAG_KEY: "a"}},
        "StringEquals",
        "aws:RequestTag",
    ),
    c("INVALID_GLOBAL_CONDITION_KEY", {"StringEquals": {"aws:usernam": "me"}}, TLS, "StringEquals", "aws:usernam"),
    c(
        "DEPRECATED_GLOBAL_CONDITION_KEY",
        {"ArnEquals": {"aws:ARN": ROLE}},
        {"ArnEquals": {"aws:PrincipalArn": ROLE}},
        "ArnEquals",
        "aws:ARN",
    ),
    c("INVALID_SERVICE", {"StringEquals": {"s33:prefix": "a"}}, TLS, "StringEquals", "s33:prefix"),
    c("INVALID_SERVICE_CONDITION_KEY", {"StringEquals": {"s3:prefixes": "a"}}, TLS, "StringEquals", "s3:prefixes"),
    c(
        "UNSUPPORTED_ACTION_FOR_CONDITION_KEY",
        {"NumericLessThan": {"s3:max-keys": "10"}},
        TLS,
        *("NumericLessThan", "s3:max-keys"),
    ),
    c(
        "IF_EXISTS_ON_UNSUPPORTED_KEY",
        {"NumericLessThanIfExists": {"s3:max-keys": "10"}},
        TLS,
        *("NumericLessThanIfExists", "s3:max-keys"),
    ),
    c("TYPE_MISMATCH", {"StringEquals": {"aws:SecureTransport": "true"}}, TLS, "StringEquals", "aws:SecureTransport"),
    c(
        "MISSING_QUALIFIER",
        {"StringEquals": {"aws:TagKeys": "a"}},
        {"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}},
        "StringEquals",
        "aws:TagKeys",
    ),
    c(
        "FORALLVALUES_WITH_SINGLE_VALUED_KEY",
        {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-1"}},
        {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
        *("ForAllValues:StringEquals", "aws:PrincipalOrgID"),
    ),
    c(
        "FORALLVALUES_WITHOUT_NULL_CHECK",
        {"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-1/*"}},
        {"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-1/*"}, "Null": {"aws:PrincipalOrgPaths": "false"}},
        *("ForAllValues:StringLike", "aws:PrincipalOrgPaths"),
    ),
    c(
        "FORANYVALUE_IN_DENY",
        {"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["a"]}},
        {"ForAnyValue:StringEquals": {"aws:TagKeys": ["a"]}},
        *("ForAnyValue:StringNotEquals", "aws:TagKeys"),
        base=deny(),
    ),
    c(
        "EQUIVALENT_TO_NULL_FALSE",
        {"StringLike": {TAG_KEY: "*"}},
        {"Null": {TAG_KEY: "false"}},
        *("StringLike", TAG_KEY),
    ),
    c(
        "EQUIVALENT_TO_NULL_TRUE",
        {"StringNotLike": {TAG_KEY: "*"}},
        {"Null": {TAG_KEY: "true"}},
        *("StringNotLike", TAG_KEY),
    ),
    c(
        "REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION",
        {"StringLikeIfExists": {TAG_KEY: "*"}},
        {"StringLikeIfExists": {TAG_KEY: "a*"}},
        *("StringLikeIfExists", TAG_KEY),
    ),
    c(
        "REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION",
        {"ForAnyValue:StringNotLike": {"aws:TagKeys": "*"}},
        {"ForAnyValue:StringNotLike": {"aws:TagKeys": "a*"}},
        *("ForAnyValue:StringNotLike", "aws:TagKeys"),
    ),
)

IP = "aws:SourceIp"
VALUES = (
    c("TYPE_MISMATCH_BOOLEAN", {"Bool": {"aws:SecureTransport": "yes"}}, TLS, "Bool", "aws:SecureTransport"),
    c(
        "TYPE_MISMATCH_NUMBER",
        {"NumericLessThan": {"aws:MultiFactorAuthAge": "1h"}},
        {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}},
        "NumericLessThan",
        "aws:MultiFactorAuthAge",
    ),
    c(
        "TYPE_MISMATCH_DATE",
        {"DateLessThan": {"aws:CurrentTime": "tomorrow"}},
        {"DateLessThan": {"aws:CurrentTime": "2030-01-31"}},
        "DateLessThan",
        "aws:CurrentTime",
    ),
    c(
        "INVALID_DATE_VALUE",
        {"DateLessThan": {"aws:CurrentTime": "1900000000"}},
        {"DateLessThan": {"aws:CurrentTime": "2030-01-31T12:00:00Z"}},
        "DateLessThan",
        "aws:CurrentTime",
    ),
    c(
        "TYPE_MISMATCH_IP_RANGE",
        {"IpAddress": {IP: ["203.0.113.1", "203.0.113.300"]}},
        {"IpAddress": {IP: "203.0.113.0/24"}},
        "IpAddress",
        IP,
        1,
    ),
    c(
        "IMPROVE_IP_RANGE",
        {"IpAddress": {IP: "203.0.113.5/24"}},
        {"IpAddress": {IP: "203.0.113.0/24"}},
        "IpAddress",
        IP,
    ),
    c("PRIVATE_IP_ADDRESS", {"IpAddress": {IP: "10.0.0.0/16"}}, {"IpAddress": {IP: "203.0.113.0/24"}}, "IpAddress", IP),
    c(
        "PRIVATE_NOT_IP_ADDRESS",
        {"NotIpAddress": {IP: "10.0.0.0/16"}},
        {"NotIpAddress": {IP: "203.0.113.0/24"}},
        "NotIpAddress",
        IP,
    ),
    c(
        "PRIVATE_IP_ADDRESS_SUBSET",
        {"IpAddress": {IP: ["10.0.0.0/16", "203.0.113.0/24"]}},
        {"IpAddress": {IP: "203.0.113.0/24"}},
        "IpAddress",
        IP,
    ),
    c(
        "PRIVATE_NOT_IP_ADDRESS_SUBSET",
        {"NotIpAddress": {IP: ["fd00::/8", "203.0.113.0/24"]}},
        {"NotIpAddress": {IP: "203.0.113.0/24"}},
        "NotIpAddress",
        IP,
    ),
    c(
        "TYPE_MISMATCH_STRING",
        {"BinaryEquals": {"kms:RecipientAttestation:ImageSha384": "%%"}},
        {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}},
        *("BinaryEquals", "kms:RecipientAttestation:ImageSha384"),
        base=allow(Action="kms:Decrypt", Resource="arn:aws:kms:*:111122223333:key/*"),
        also=("TYPE_MISMATCH",),
    ),
    c(
        "WILDCARD_WITHOUT_LIKE_OPERATOR",
        {"StringEquals": {TAG_KEY: "a*"}},
        {"StringLike": {TAG_KEY: "a*"}},
        "StringEquals",
        TAG_KEY,
    ),
    c(
        "WILDCARD_USAGE_TOO_PERMISSIVE",
        {"StringLike": {"aws:PrincipalAccount": "1111*"}},
        {"StringLike": {"aws:PrincipalAccount": "111122223333"}},
        *("StringLike", "aws:PrincipalAccount"),
    ),
    c(
        "INVALID_CONDITION_MULTIPLE_BOOLEAN",
        {"Bool": {"aws:SecureTransport": ["true", "false"]}},
        TLS,
        "Bool",
        "aws:SecureTransport",
    ),
    c(
        "REDUNDANT_CONDITION_VALUE_NUM",
        {"NumericLessThan": {"aws:MultiFactorAuthAge": ["300", "3600"]}},
        {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}},
        "NumericLessThan",
        "aws:MultiFactorAuthAge",
    ),
    c(
        "REDUNDANT_CONDITION_VALUE",
        {"StringEquals": {TAG_KEY: ["a", "b", "a"]}},
        {"StringEquals": {TAG_KEY: ["a", "b"]}},
        "StringEquals",
        TAG_KEY,
        2,
    ),
    c(
        "INVALID_VPC_FORMAT",
        {"StringEquals": {"aws:SourceVpc": "vpc-1"}},
        {"StringEquals": {"aws:SourceVpc": "vpc-12345678"}},
        "StringEquals",
        "aws:SourceVpc",
    ),
    c(
        "INVALID_VPCE_FORMAT",
        {"StringEquals": {"aws:SourceVpce": "vpc-12345678"}},
        {"StringEquals": {"aws:SourceVpce": "vpce-11223344556677889"}},
        "StringEquals",
        "aws:SourceVpce",
    ),
    c(
        "INVALID_REGION",
        {"StringEquals": {"aws:RequestedRegion": "europe"}},
        {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
        "StringEquals",
        "aws:RequestedRegion",
    ),
    c(
        "INVALID_KMS_KEY_VALUE",
        {"StringEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "alias/mine"}},
        {
            "StringEquals": {
                "s3:x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:eu-west-1:111122223333:key/1"
            }
        },
        *("StringEquals", "s3:x-amz-server-side-encryption-aws-kms-key-id"),
        base=allow(Action="s3:PutObject"),
    ),
    c(
        "INVALID_SERVICE_PRINCIPAL_FORMAT",
        {"StringEquals": {"iam:PassedToService": "ecs"}},
        {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        *("StringEquals", "iam:PassedToService"),
        base=PASS,
    ),
)

MFA, AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"
NO_MFA: dict[str, Document] = {"BoolIfExists": {MFA: "false"}}
PARTICULAR = (
    c("MFA_DENY_WITHOUT_IF_EXISTS", {"Bool": {MFA: "false"}}, NO_MFA, "Bool", MFA, base=deny()),
    c("MFA_ALLOW_IF_EXISTS", {"BoolIfExists": {MFA: "true"}}, {"Bool": {MFA: "true"}}, "BoolIfExists", MFA),
    c(
        "MFA_ALLOW_IF_EXISTS",
        {"NumericLessThanIfExists": {AGE: "3600"}},
        {"NumericLessThan": {AGE: "3600"}},
        "NumericLessThanIfExists",
        AGE,
    ),
    c("MFA_NULL_CHECK", {"Null": {MFA: "false"}}, {"Bool": {MFA: "true"}}, "Null", MFA),
    c("MFA_NULL_CHECK", {"Null": {MFA: "true"}}, NO_MFA, "Null", MFA, base=deny()),
    c("MFA_BACKWARDS", {"Bool": {MFA: "true"}}, NO_MFA, "Bool", MFA, base=deny()),
    c("MFA_BACKWARDS", {"Bool": {MFA: "false"}}, {"Bool": {MFA: "true"}}, "Bool", MFA),
    c(
        "MFA_NOT_BOOLEAN",
        {"StringEquals": {MFA: "true"}},
        {"Bool": {MFA: "true"}},
        "StringEquals",
        MFA,
        also=("TYPE_MISMATCH",),
    ),
    c(
        "MFA_AGE_DENY_WITHOUT_IF_EXISTS",
        {"NumericGreaterThan": {AGE: "3600"}},
        {"NumericGreaterThanIfExists": {AGE: "3600"}},
        "NumericGreaterThan",
        AGE,
        base=deny(),
    ),
    c(
        "MISSING_PAIRED_CONDITION_KEYS",
        {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/16"}},
        {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/16"}, "StringEquals": {"aws:SourceVpc": "vpc-12345678"}},
        *("IpAddress", "aws:VpcSourceIp"),
    ),
    c(
        "UNTRUSTWORTHY_CONDITION_KEY",
        {"StringLike": {"aws:Referer": "https://example.com/*"}},
        TLS,
        "StringLike",
        "aws:Referer",
    ),
    c(
        "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS",
        {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/App"}},
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/App"}},
        *("StringLike", "aws:PrincipalArn"),
    ),
    c(
        "S3_PREFIX_IN_NEGATIVE_CONTEXT",
        {"StringLike": {"s3:prefix": "private/*"}},
        {"StringNotLike": {"s3:prefix": "public/*"}},
        *("StringLike", "s3:prefix"),
        base=LIST | {"Effect": "Deny"},
    ),
    c(
        "DYNAMODB_ATTRIBUTES_WITHOUT_SELECT",
        {"ForAnyValue:StringEquals": {"dynamodb:Attributes": "id"}},
        {
            "ForAnyValue:StringEquals": {"dynamodb:Attributes": "id"},
            "StringEquals": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"},
        },
        *("ForAnyValue:StringEquals", "dynamodb:Attributes"),
        base=DYNAMO,
    ),
    c(
        "IRRELEVANT_CONDITION_KEY_IN_POLICY",
        {"StringEquals": {"s3:ResourceAccount": "111122223333"}},
        TLS,
        *("StringEquals", "s3:ResourceAccount"),
        base=of_bucket(),
        type=RESOURCE,
    ),
    c(
        "ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        TAGGED,
        TLS,
        *("StringEquals", "aws:ResourceTag/team"),
        base=allow(Action="health:DescribeEventTypes", Resource="*"),
    ),
    c(
        "DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        TAGGED,
        TLS,
        *("StringEquals", "aws:ResourceTag/team"),
        base=deny(Action="health:DescribeEventTypes", Resource="*"),
    ),
    c(
        "ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        TAGGED,
        TLS,
        *("StringEquals", "aws:ResourceTag/team"),
        base=without(allow(NotAction="iam:*"), "Action"),
    ),
    c(
        "DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        TAGGED,
        TLS,
        *("StringEquals", "aws:ResourceTag/team"),
        base=without(deny(NotAction="iam:*"), "Action"),
    ),
)
