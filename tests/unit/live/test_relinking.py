from __future__ import annotations

from dataclasses import replace

import pytest

from infra_checks.core.declared import DeclaredResource
from infra_checks.live.names import names_of
from infra_checks.live.relinking import Links, Piece, Pseudo, Reference
from infra_checks.live.stacks import LiveResource, LiveStack, Place
from tests.unit.live.wire import STACK_ID

PARTITION, REGION, ACCOUNT = Pseudo("AWS::Partition"), Pseudo("AWS::Region"), Pseudo("AWS::AccountId")
HERE = "eu-west-1:123456789012"
BUCKET_ARN = Reference("Bucket", "Arn")


def resource(name: str, kind: str, physical: str, **properties: object) -> LiveResource:
    return LiveResource(logical_id=name, type=kind, physical_id=physical, stack_id=STACK_ID, properties=properties)


RESOURCES = (
    resource("Bucket", "AWS::S3::Bucket", "shop", BucketName="shop"),
    resource("Logs", "AWS::S3::Bucket", "shop-logs", BucketName="shop-logs"),
    resource("Subnet", "AWS::EC2::Subnet", "subnet-0a1b2c3d4e5f60718"),
    resource("Database", "AWS::RDS::DBInstance", "production", DBInstanceIdentifier="production"),
    resource("Queue", "AWS::SQS::Queue", "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs", QueueName="jobs"),
    resource("Role", "AWS::IAM::Role", "worker", RoleName="worker", Path="/"),
    resource("Key", "AWS::KMS::Key", "0a1b2c3d-1111-2222-3333-0a1b2c3d4e5f"),
    resource("Group", "AWS::Logs::LogGroup", "/app", LogGroupName="/app"),
    resource("Topic", "AWS::SNS::Topic", f"arn:aws:sns:{HERE}:news", TopicName="news"),
    resource("Alarm", "AWS::CloudWatch::Alarm", "alarm"),
)


def links(**said: dict[str, object]) -> Links:
    """With what the deployed template says of some resources."""
    declared = {name: DeclaredResource(name, "", properties, {}) for name, properties in said.items()}
    stack = LiveStack(
        name="shop",
        stack_id=STACK_ID,
        place=Place("aws", "eu-west-1", "123456789012"),
        status="CREATE_COMPLETE",
        resources={each.logical_id: replace(each, declared=declared.get(each.logical_id)) for each in RESOURCES},
    )
    return Links.of(stack)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("subnet-0a1b2c3d4e5f60718", (Reference("Subnet", "Ref"),)),
        ("https://sqs.eu-west-1.amazonaws.com/123456789012/jobs", (Reference("Queue", "Ref"),)),
        (f"arn:aws:sqs:{HERE}:jobs", (Reference("Queue", "Arn"),)),
        (f"arn:aws:sns:{HERE}:news", (Reference("Topic", "Ref"),)),
        (f"arn:aws:kms:{HERE}:key/0a1b2c3d-1111-2222-3333-0a1b2c3d4e5f", (Reference("Key", "Arn"),)),
        ("arn:aws:iam::123456789012:role/worker", (Reference("Role", "Arn"),)),
        (f"arn:aws:logs:{HERE}:log-group:/app:*", (Reference("Group", "Arn"),)),
        ("arn:aws:s3:::shop", (BUCKET_ARN,)),
        ("arn:aws:s3:::shop/*", (BUCKET_ARN, "/*")),
        ("arn:aws:s3:::shop*", (BUCKET_ARN, "*")),
        ("arn:aws:s3:::shop-logs/AWSLogs/*", (Reference("Logs", "Arn"), "/AWSLogs/*")),
        ("arn:aws:s3:::shop-other/*", ("arn:aws:s3:::shop-other/*",)),
        ("s3 of arn:aws:s3:::shop.", ("s3 of arn:aws:s3:::shop.",)),
        ("123456789012", (ACCOUNT,)),
        ("arn:aws:iam::123456789012:root", ("arn:", PARTITION, ":iam:", ":", ACCOUNT, ":root")),
        ("arn:aws:iam::999999999999:root", ("arn:aws:iam::999999999999:root",)),
        (f"arn:aws:ec2:{HERE}:vpc/*", ("arn:", PARTITION, ":ec2:", REGION, ":", ACCOUNT, ":vpc/*")),
        ("arn:aws:ec2:us-east-1:123456789012:v/*", ("arn:", PARTITION, ":ec2:", "us-east-1", ":", ACCOUNT, ":v/*")),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", ("arn:aws:iam::aws:policy/ReadOnlyAccess",)),
        ("production", ("production",)),
        ("shop", ("shop",)),
        ("", ("",)),
    ],
)
def test_what_names_a_resource_of_the_stack_is_a_reference(text: str, pieces: tuple[Piece, ...]) -> None:
    assert links().pieces(text, RESOURCES[-1]) == pieces


DATABASE = {"Ref": "Database"}
DIMENSION = ("Dimensions", "0", "Value")


def test_a_chosen_name_is_a_reference_where_the_template_has_one() -> None:
    said = {"Dimensions": [{"Name": "DBInstanceIdentifier", "Value": DATABASE}], "Tags": [{"Value": "production"}]}
    known = links(Alarm=said)
    assert known.pieces("production", RESOURCES[-1], DIMENSION) == (Reference("Database", "Ref"),)
    assert known.pieces("production", RESOURCES[-1], ("Tags", "0", "Value")) == ("production",)
    assert known.pieces("production", RESOURCES[0], DIMENSION) == ("production",)
    assert known.pieces("staging", RESOURCES[-1], DIMENSION) == ("staging",)


def test_a_chosen_name_within_a_text_is_one_where_the_template_joins_it() -> None:
    known = links(Alarm={"Dimensions": [{"Value": {"Fn::Join": ["", [DATABASE, "-001"]]}}]})
    assert known.pieces("production-001", RESOURCES[-1], DIMENSION) == (Reference("Database", "Ref"), "-001")
    assert known.pieces("production-002", RESOURCES[-1], DIMENSION) == ("production-002",)


def test_an_attribute_is_one_where_the_template_asks_for_it() -> None:
    known = links(Alarm={"Dimensions": [{"Value": {"Fn::GetAtt": ["Queue", "QueueName"]}}]})
    assert known.pieces("jobs", RESOURCES[-1], DIMENSION) == (Reference("Queue", "QueueName"),)


def test_a_name_in_an_arn_that_no_attribute_gives_is_one_where_the_template_joins_it() -> None:
    head = f"arn:aws:codepipeline:{HERE}:"
    known = links(Alarm={"Resource": {"Fn::Join": ["", [head, DATABASE]]}})
    pieces = ("arn:", PARTITION, ":codepipeline:", REGION, ":", ACCOUNT, ":", Reference("Database", "Ref"))
    assert known.pieces(f"{head}production", RESOURCES[-1], ("Resource",)) == pieces
    assert not any(isinstance(each, Reference) for each in known.pieces(f"{head}staging", RESOURCES[-1], ("Resource",)))


def test_an_arn_in_a_text_is_that_of_its_attribute_however_the_template_has_it() -> None:
    known = links(Alarm={"Resource": {"Fn::Join": ["", ["arn:aws:s3:::", {"Ref": "Bucket"}, "/*"]]}})
    assert known.pieces("arn:aws:s3:::shop/*", RESOURCES[-1], ("Resource",)) == (BUCKET_ARN, "/*")


def test_what_the_template_says_in_two_ways_stays_a_text() -> None:
    known = links(Alarm={"Dimensions": [{"Value": DATABASE}, {"Value": "production"}]})
    assert known.pieces("production", RESOURCES[-1], DIMENSION) == ("production",)


def test_other_functions_of_the_template_tell_nothing() -> None:
    known = links(Alarm={"Dimensions": [{"Value": {"Fn::Join": ["", [{"Fn::ImportValue": "x"}, "-1"]]}}]})
    assert known.pieces("production-1", RESOURCES[-1], DIMENSION) == ("production-1",)


def test_a_resource_never_refers_to_itself() -> None:
    assert BUCKET_ARN not in links().pieces("arn:aws:s3:::shop/*", RESOURCES[0])


def test_an_arn_is_of_the_secret_although_its_schedule_and_policy_have_it_as_their_id() -> None:
    arn = f"arn:aws:secretsmanager:{HERE}:secret:db-AbCdEf"
    function = resource("Worker", "AWS::Lambda::Function", "worker")
    kinds = {"Attached": "SecretTargetAttachment", "Rotated": "RotationSchedule", "Said": "ResourcePolicy"}
    parts = [resource(name, f"AWS::SecretsManager::{kind}", arn) for name, kind in kinds.items()]
    secret = resource("Secret", "AWS::SecretsManager::Secret", arn)
    stack = LiveStack(
        name="shop",
        stack_id=STACK_ID,
        place=Place("aws", "eu-west-1", "123456789012"),
        status="CREATE_COMPLETE",
        resources={each.logical_id: each for each in (function, *parts, secret)},
    )
    for asking in (function, *parts):
        assert Links.of(stack).pieces(arn, asking) == (Reference("Secret", "Ref"),)


def test_an_attribute_in_the_form_of_the_physical_id_is_that_id() -> None:
    arn = f"arn:aws:appsync:{HERE}:apis/abcdef"
    api = resource("Api", "AWS::AppSync::GraphQLApi", arn)
    names = names_of(api, Place("aws", "eu-west-1", "123456789012"))
    assert {name.attribute: name.text for name in names}["Arn"] == arn


def test_the_stream_of_a_table_is_known_by_what_was_read() -> None:
    stream = f"arn:aws:dynamodb:{HERE}:table/orders/stream/2026-01-01T00:00:00.000"
    table = resource("Table", "AWS::DynamoDB::Table", "orders", StreamArn=stream)
    stack = LiveStack(
        name="shop",
        stack_id=STACK_ID,
        place=Place("aws", "eu-west-1", "123456789012"),
        status="CREATE_COMPLETE",
        resources={each.logical_id: each for each in (table, RESOURCES[-1])},
    )
    assert Links.of(stack).pieces(stream, RESOURCES[-1]) == (Reference("Table", "StreamArn"),)
