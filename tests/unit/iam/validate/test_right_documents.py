"""Documents of the kinds that AWS's guides recommend: none of them has an error or a security warning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra_checks.iam.model import PolicyType
from infra_checks.iam.validate import Level, validate
from tests.unit.iam.validate.cases import BUCKET, QUEUE, ROLE, allow, deny, doc, of_bucket, trust, web, without

if TYPE_CHECKING:
    from infra_checks.iam.document import Document

IDENTITY, RESOURCE, TRUST, KEY = PolicyType.IDENTITY, PolicyType.RESOURCE, PolicyType.TRUST, PolicyType.KEY
EKS = "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
ACCOUNT = "111122223333"
EVERYTHING: list[Document] = ["arn:aws:s3:::my-bucket", "arn:aws:s3:::my-bucket/*"]

RIGHT: dict[str, tuple[PolicyType, str | None, Document]] = {
    "events to a topic, which have no source": (
        RESOURCE,
        "AWS::SNS::TopicPolicy",
        doc(
            of_bucket(
                Principal={"Service": "events.amazonaws.com"},
                Action="sns:Publish",
                Resource=f"arn:aws:sns:eu-west-1:{ACCOUNT}:alarms",
            )
        ),
    ),
    "logs of a function": (
        IDENTITY,
        None,
        doc(
            allow(
                Action=["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
                Resource=f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/aws/lambda/app:*",
            )
        ),
    ),
    "mfa for everything but the setting up of mfa": (
        IDENTITY,
        None,
        doc(
            without(
                deny(
                    NotAction=["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "sts:GetSessionToken"],
                    Resource="*",
                    Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
                ),
                "Action",
            )
        ),
    ),
    "mfa in two denials": (
        IDENTITY,
        None,
        doc(
            deny(Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
            deny(Condition={"Null": {"aws:MultiFactorAuthPresent": "true"}}),
        ),
    ),
    "resources of the own account": (
        IDENTITY,
        None,
        doc(
            deny(
                Action="s3:PutObject",
                Resource="*",
                Condition={"StringNotEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}},
            )
        ),
    ),
    "tags as attributes": (
        IDENTITY,
        None,
        doc(
            allow(
                Action=["ec2:StartInstances", "ec2:StopInstances"],
                Resource="arn:aws:ec2:*:*:instance/*",
                Condition={"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
            )
        ),
    ),
    "rows of the caller": (
        IDENTITY,
        None,
        doc(
            allow(
                Action=["dynamodb:GetItem", "dynamodb:Query"],
                Resource=f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/Scores",
                Condition={
                    "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${cognito-identity.amazonaws.com:sub}"]},
                    "Null": {"dynamodb:LeadingKeys": "false"},
                },
            )
        ),
    ),
    "home folder": (
        IDENTITY,
        None,
        doc(
            allow(
                Action="s3:ListBucket",
                Resource="arn:aws:s3:::my-bucket",
                Condition={"StringLike": {"s3:prefix": ["", "home/", "home/${aws:username}/*"]}},
            ),
            allow(Action="s3:*", Resource="arn:aws:s3:::my-bucket/home/${aws:username}/*"),
        ),
    ),
    "tags at creation": (
        IDENTITY,
        None,
        doc(
            allow(
                Action="ec2:CreateTags",
                Resource="arn:aws:ec2:*:*:instance/*",
                Condition={
                    "StringEquals": {"ec2:CreateAction": "RunInstances"},
                    "ForAllValues:StringEquals": {"aws:TagKeys": ["team", "app"]},
                },
            )
        ),
    ),
    "roles for one service": (
        IDENTITY,
        None,
        doc(
            allow(
                Action="iam:PassRole",
                Resource="*",
                Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
            )
        ),
    ),
    "documents and parameters of aws": (
        IDENTITY,
        None,
        doc(
            allow(
                Action=["ssm:GetParameter", "ssm:SendCommand"],
                Resource=["arn:aws:ssm:*::parameter/aws/service/*", "arn:aws:ssm:*::document/AWS-RunShellScript"],
            )
        ),
    ),
    "images and snapshots": (
        IDENTITY,
        None,
        doc(
            allow(
                Action="ec2:RunInstances",
                Resource=[
                    "arn:aws:ec2:*::image/ami-*",
                    "arn:aws:ec2:*::snapshot/*",
                    f"arn:aws:ec2:*:{ACCOUNT}:subnet/*",
                ],
            )
        ),
    ),
    "global services": (
        IDENTITY,
        None,
        doc(
            allow(
                Action=["cloudfront:CreateInvalidation", "route53:ChangeResourceRecordSets"],
                Resource=[f"arn:aws:cloudfront::{ACCOUNT}:distribution/*", "arn:aws:route53:::hostedzone/Z123"],
            )
        ),
    ),
    "instances of an app": (
        TRUST,
        "AWS::IAM::Role",
        doc(trust(Principal={"Service": ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"]})),
    ),
    "a partner with an external id": (
        TRUST,
        None,
        doc(trust(Principal={"AWS": ACCOUNT}, Condition={"StringEquals": {"sts:ExternalId": "12345"}})),
    ),
    "sessions with tags": (
        TRUST,
        None,
        doc(
            trust(
                Action=["sts:AssumeRole", "sts:TagSession"],
                Condition={"StringLike": {"aws:RequestTag/project": "*-a"}, "Null": {"sts:TransitiveTagKeys": "true"}},
            )
        ),
    ),
    "a service account of a cluster": (
        TRUST,
        None,
        doc(
            web(
                Principal={"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{EKS}"},
                Condition={
                    "StringEquals": {
                        f"{EKS}:aud": "sts.amazonaws.com",
                        f"{EKS}:sub": "system:serviceaccount:default:app",
                    }
                },
            )
        ),
    ),
    "an identity pool": (
        TRUST,
        None,
        doc(
            web(
                Principal={"Federated": "cognito-identity.amazonaws.com"},
                Condition={
                    "StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:12345678-dead-beef"},
                    "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"},
                },
            )
        ),
    ),
    "saml": (
        TRUST,
        None,
        doc(
            trust(
                Action=["sts:AssumeRoleWithSAML", "sts:TagSession"],
                Principal={"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/Okta"},
                Condition={"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
            )
        ),
    ),
    "pods": (
        TRUST,
        None,
        doc(trust(Action=["sts:AssumeRole", "sts:TagSession"], Principal={"Service": "pods.eks.amazonaws.com"})),
    ),
    "no plain requests": (
        RESOURCE,
        BUCKET,
        doc(
            of_bucket(
                Effect="Deny",
                Principal="*",
                Action="s3:*",
                Resource=EVERYTHING,
                Condition={"Bool": {"aws:SecureTransport": "false"}},
            )
        ),
    ),
    "one distribution": (
        RESOURCE,
        BUCKET,
        doc(
            of_bucket(
                Principal={"Service": "cloudfront.amazonaws.com"},
                Condition={"StringEquals": {"AWS:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"}},
            )
        ),
    ),
    "an origin access identity": (
        RESOURCE,
        BUCKET,
        doc(of_bucket(Principal={"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"})),
    ),
    "one network": (
        RESOURCE,
        BUCKET,
        doc(
            of_bucket(
                Effect="Deny",
                Principal="*",
                Action="s3:*",
                Resource=EVERYTHING,
                Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}},
            )
        ),
    ),
    "encryption with one key": (
        RESOURCE,
        BUCKET,
        doc(
            of_bucket(
                Effect="Deny",
                Principal="*",
                Action="s3:PutObject",
                Condition={"StringNotEqualsIfExists": {"s3:x-amz-server-side-encryption": "aws:kms"}},
            )
        ),
    ),
    "notifications of a bucket": (
        RESOURCE,
        QUEUE,
        doc(
            {
                "Effect": "Allow",
                "Principal": {"Service": "s3.amazonaws.com"},
                "Action": "SQS:SendMessage",
                "Resource": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:queue",
                "Condition": {
                    "ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:my-bucket"},
                    "StringEquals": {"aws:SourceAccount": ACCOUNT},
                },
            }
        ),
    ),
    "an api for a network": (
        RESOURCE,
        "AWS::ApiGateway::RestApi",
        doc(
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "execute-api:Invoke",
                "Resource": "execute-api:/*",
                "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1a2b3c4d"}},
            }
        ),
    ),
    "a repository for another account": (
        RESOURCE,
        "AWS::ECR::Repository",
        doc(
            {
                "Sid": "Allow pull",
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
                "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            }
        ),
    ),
    "the default policy of a key": (
        KEY,
        "AWS::KMS::Key",
        doc(
            {
                "Sid": "Enable IAM User Permissions",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ),
    ),
    "a key for logs": (
        KEY,
        "AWS::KMS::Key",
        doc(
            {
                "Effect": "Allow",
                "Principal": {"Service": "logs.eu-west-1.amazonaws.com"},
                "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:GenerateDataKey*"],
                "Resource": "*",
                "Condition": {
                    "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:*"}
                },
            }
        ),
    ),
    "a key through a service": (
        KEY,
        "AWS::KMS::Key",
        doc(
            {
                "Effect": "Allow",
                "Principal": {"AWS": ROLE},
                "Action": "kms:CreateGrant",
                "Resource": "*",
                "Condition": {
                    "Bool": {"kms:GrantIsForAWSResource": True},
                    "StringEquals": {"kms:ViaService": "ec2.eu-west-1.amazonaws.com"},
                },
            }
        ),
    ),
    "regions of an organization": (
        PolicyType.SCP,
        None,
        doc(
            without(
                deny(
                    NotAction=["iam:*", "sts:*", "route53:*"],
                    Resource="*",
                    Condition={
                        "StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1"]},
                        "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Breakglass"},
                    },
                ),
                "Action",
            )
        ),
    ),
    "the whole language in a service control policy": (
        PolicyType.SCP,
        None,
        doc(
            without(
                allow(
                    Action="s3:*Object",
                    NotResource="arn:aws:s3:::secret/*",
                    Condition={"Bool": {"aws:ViaAWSService": "true"}},
                ),
                "Resource",
            )
        ),
    ),
    "a perimeter of resources": (
        PolicyType.RCP,
        None,
        doc(
            deny(
                Principal="*",
                Action=["s3:*", "sqs:*", "kms:*", "secretsmanager:*", "sts:*"],
                Resource="*",
                Condition={
                    "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
                    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                },
            )
        ),
    ),
    "an endpoint": (
        PolicyType.ENDPOINT,
        "AWS::EC2::VPCEndpoint",
        doc(allow(Principal="*", Condition={"StringEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}})),
    ),
    "a boundary": (
        PolicyType.BOUNDARY,
        None,
        doc(allow(Action=["s3:*", "dynamodb:*"], Resource="*"), deny(Action="iam:*", Resource="*")),
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_document_of_the_guides_has_no_error_and_no_warning(name: str) -> None:
    kind, resource_type, document = RIGHT[name]
    found = [one for one in validate(document, kind, resource_type=resource_type) if one.level is not Level.SUGGESTION]
    assert found == []
