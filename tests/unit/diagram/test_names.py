from __future__ import annotations

import pytest

from infra_checks.diagram.names import distinct, type_words, words


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("OrderDeadLetters", "Order dead letters"),
        ("Bucket83908E77", "Bucket"),
        ("WebAcl", "Web ACL"),
        ("NetworkVpcS3", "Network VPC S3"),
        ("Api5XXAlarm", "API 5 XX alarm"),
        ("DEADBEEF", "DEADBEEF"),
    ],
)
def test_a_logical_id_is_read_as_words(name: str, said: str) -> None:
    assert words(name) == said


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("AWS::SQS::Queue", "SQS queue"),
        ("AWS::RDS::DBCluster", "RDS DB cluster"),
        ("AWS::Budgets::Budget", "Budget"),
        ("AWS::EC2::NatGateway", "NAT gateway"),
        ("AWS::EC2::Instance", "EC2 instance"),
        ("AWS::Events::Rule", "EventBridge rule"),
        ("Custom::Thing", "Custom thing"),
    ],
)
def test_a_type_has_its_services_name_where_that_says_more(kind: str, said: str) -> None:
    assert type_words(kind) == said


def test_names_are_told_by_what_differs_and_are_never_empty() -> None:
    assert distinct(["NAT gateway A", "NAT gateway B"]) == ("NAT gateway", ["A", "B"])
    assert distinct(["Replica", "Replica two"]) == ("", ["Replica", "Replica two"])
    assert distinct(["Alone"]) == ("", ["Alone"])
    assert distinct([]) == ("", [])
