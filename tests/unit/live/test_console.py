from __future__ import annotations

import pytest

from infra_checks.live.console import console_link, stack_link
from infra_checks.live.stacks import Place
from tests.unit.live.wire import STACK_ID

HERE = Place("aws", "eu-west-1", "123456789012")


@pytest.mark.parametrize(
    ("kind", "physical", "link"),
    [
        ("AWS::S3::Bucket", "logs", "https://eu-west-1.console.aws.amazon.com/s3/buckets/logs?region=eu-west-1"),
        (
            "AWS::SQS::Queue",
            "https://sqs/1/jobs",
            "https://eu-west-1.console.aws.amazon.com/sqs/v3/home?region=eu-west-1#/queues/https%3A%2F%2Fsqs%2F1%2Fjobs",
        ),
        (
            "AWS::CodeBuild::Project",
            "b",
            "https://eu-west-1.console.aws.amazon.com/codesuite/codebuild/123456789012/projects/b/details?region=eu-west-1",
        ),
    ],
)
def test_a_resource_has_a_link(kind: str, physical: str, link: str) -> None:
    assert console_link(kind, physical, STACK_ID, HERE) == link


def test_a_type_without_an_address_leads_to_the_resources_of_its_stack() -> None:
    link = console_link("AWS::Some::Thing", "x", STACK_ID, HERE)
    assert link.startswith("https://eu-west-1.console.aws.amazon.com/cloudformation/home?region=eu-west-1#/stacks/")
    assert "resources?stackId=arn%3Aaws%3Acloudformation" in link


def test_other_partitions_have_other_domains() -> None:
    china = Place("aws-cn", "cn-north-1", "123456789012")
    assert stack_link(STACK_ID, china).startswith("https://cn-north-1.console.amazonaws.cn/cloudformation/")
    assert console_link("AWS::S3::Bucket", "x", STACK_ID, Place("aws-iso", "us-iso-east-1", "1")) == ""
