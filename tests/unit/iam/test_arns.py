from __future__ import annotations

import pytest

from infra_checks.iam.answers import Certainty
from infra_checks.iam.arns import Arn, fits, names_type, narrowed, parse_arn, types_in_catalogue
from infra_checks.iam.catalogue import Action, find_action
from infra_checks.iam.text import ACCOUNT, PARTITION, REGION, SEGMENT, Symbol, Text, shown

BUCKET = "arn:${Partition}:s3:::${BucketName}"
OBJECT = "arn:${Partition}:s3:::${BucketName}/${ObjectName}"
QUEUE = "arn:${Partition}:sqs:${Region}:${Account}:${QueueName}"
ROLE = "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"
LOG_GROUP = "arn:${Partition}:logs:${Region}:${Account}:log-group:${LogGroupName}"
THING = "arn:${Partition}:iot:${Region}:${Account}:thing/${ThingName}"

NAME = Symbol("Bucket", SEGMENT | {"/"})
FREE = Symbol("Parameter")


def the(name: str) -> Action:
    action = find_action(name)
    assert action is not None
    return action


def test_the_resource_of_an_arn_is_all_behind_the_fifth_colon() -> None:
    assert parse_arn("arn:aws:rds:eu-west-1:123456789012:db:orders") == Arn(
        "aws", "rds", "eu-west-1", "123456789012", "db:orders"
    )


def test_symbols_stand_in_their_parts() -> None:
    text = ("arn:", PARTITION, ":sqs:", REGION, ":", ACCOUNT, ":q-", NAME)
    assert parse_arn(text) == Arn((PARTITION,), "sqs", (REGION,), (ACCOUNT,), ("q-", NAME))
    assert parse_arn(("arn:aws:s3:::", FREE)) == Arn("aws", "s3", "", "", (FREE,))


@pytest.mark.parametrize(
    "text", ["", "*", "arn:aws:s3", "arn:aws:s3::x", "urn:aws:s3:::x", (FREE,), ("arn:aws:", FREE, ":::x")]
)
def test_what_is_no_arn_for_sure_has_no_parts(text: Text) -> None:
    assert parse_arn(text) is None


@pytest.mark.parametrize(
    ("pattern", "template", "certainty"),
    [
        ("*", BUCKET, Certainty.DEFINITE),
        ("arn:aws:s3:::orders", BUCKET, Certainty.DEFINITE),
        ("arn:aws:s3:::orders*", BUCKET, Certainty.DEFINITE),
        ("arn:*:s3:*:*:*", BUCKET, Certainty.DEFINITE),
        ("arn:aws:s3:::orders/*", BUCKET, Certainty.NO),  # a bucket's name has no slash
        ("arn:aws:s3:::", BUCKET, Certainty.NO),
        ("arn:aws:s3:eu-west-1::orders", BUCKET, Certainty.NO),
        ("arn:aws:sns:::orders", BUCKET, Certainty.NO),
        ("arn:aws:s3*", BUCKET, Certainty.POSSIBLE),  # fewer than six parts
        ("arn:aws:s3:::orders", OBJECT, Certainty.NO),
        ("arn:aws:s3:::orders/a/b:c", OBJECT, Certainty.DEFINITE),
        ("arn:aws:sqs:*:*:orders", QUEUE, Certainty.DEFINITE),
        ("arn:aws:sqs:*:orders", QUEUE, Certainty.NO),
        ("arn:aws:iam::123456789012:role/a/b/c", ROLE, Certainty.DEFINITE),
        ("arn:aws:iam::*:user/*", ROLE, Certainty.NO),
        ("arn:aws:iam::*:ro*", ROLE, Certainty.DEFINITE),
        ("arn:aws:logs:*:*:log-group:/aws/lambda/*", LOG_GROUP, Certainty.DEFINITE),
        ("arn:aws:iot:*:*:thing/a", THING, Certainty.DEFINITE),
        ("arn:aws:iot:*:*:thing/a/b", THING, Certainty.POSSIBLE),  # what the name of a thing holds is not known here
        ("arn:aws:iot:*::thing/a", THING, Certainty.POSSIBLE),  # what AWS owns has no account
        (("arn:", PARTITION, ":sqs:", REGION, ":", ACCOUNT, ":", NAME), QUEUE, Certainty.DEFINITE),
        (("arn:aws:s3:::", NAME, "/*"), OBJECT, Certainty.DEFINITE),
        (("arn:aws:s3:::", NAME, "/*"), BUCKET, Certainty.NO),
        (("arn:aws:s3:::", NAME), OBJECT, Certainty.NO),
        (("arn:aws:s3:::", FREE), OBJECT, Certainty.POSSIBLE),
        (("arn:aws:", Symbol("Service", SEGMENT), ":::orders"), BUCKET, Certainty.POSSIBLE),
        ((FREE,), QUEUE, Certainty.POSSIBLE),
        ((FREE, ":x"), QUEUE, Certainty.POSSIBLE),
        (("urn:", FREE), QUEUE, Certainty.NO),
    ],
)
def test_a_pattern_names_a_type_of_resource(pattern: Text, template: str, certainty: Certainty) -> None:
    assert names_type(pattern, template) is certainty


@pytest.mark.parametrize(
    ("action", "pattern", "certainty"),
    [
        ("s3:ListBucket", "arn:aws:s3:::orders/*", Certainty.NO),
        ("s3:GetObject", "arn:aws:s3:::orders", Certainty.NO),
        ("s3:GetObject", "arn:aws:s3:::orders/*", Certainty.DEFINITE),
        ("iam:PassRole", ("arn:", PARTITION, ":iam::", ACCOUNT, ":role/app"), Certainty.DEFINITE),
        ("ec2:DescribeInstances", "arn:aws:ec2:*:*:instance/*", Certainty.NO),
        ("ec2:DescribeInstances", "*", Certainty.DEFINITE),
        ("ec2:DescribeInstances", (FREE,), Certainty.POSSIBLE),
        ("ec2:DescribeInstances", (NAME,), Certainty.NO),
        ("dynamodb:Query", "arn:aws:dynamodb:*:*:table/orders/index/*", Certainty.DEFINITE),
        ("kms:Decrypt", "arn:aws:kms:*:*:alias/orders", Certainty.NO),
    ],
)
def test_a_resource_fits_an_action(action: str, pattern: Text, certainty: Certainty) -> None:
    assert fits(the(action), pattern) is certainty


def test_the_types_that_an_arn_names_are_found_in_all_services() -> None:
    found = {(one.service, one.name): certainty for one, certainty in types_in_catalogue("arn:aws:s3:::orders/x")}
    assert found == {("s3", "object"): Certainty.DEFINITE}
    queues = {(one.service, one.name) for one, _ in types_in_catalogue("arn:aws:sqs:*:*:orders")}
    assert queues == {("sqs", "queue")}


def test_the_resources_of_an_action_are_narrowed_to_what_is_known() -> None:
    found = narrowed(the("dynamodb:Query"), names={"TableName": "Orders"})
    assert sorted(map(shown, found)) == [
        "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/Orders",
        "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/Orders/index/*",
    ]
    assert "arn:aws:s3:::*" in narrowed(the("s3:ListBucket"), partition="aws")
    assert narrowed(the("ec2:DescribeInstances")) == ()


def test_what_is_narrowed_fits_its_action() -> None:
    for name in ("dynamodb:Query", "lambda:InvokeFunction", "iam:PassRole", "s3:GetObject", "ec2:RunInstances"):
        assert all(fits(the(name), pattern) is Certainty.DEFINITE for pattern in narrowed(the(name))), name
