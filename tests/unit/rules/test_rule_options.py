from __future__ import annotations

import pytest

from infra_checks.core.finding import Outcome
from infra_checks.core.rule import Option
from infra_checks.rules import catalogue
from infra_checks.rules.tag_shapes import Shape, shapes
from infra_checks.testing import findings, resource

RULES = {rule.id: rule for rule in catalogue()}


@pytest.mark.parametrize(
    ("rule", "options", "template"),
    [
        ("required-tags", {"patterns": ("Owner",)}, resource("AWS::S3::Bucket")),
        ("required-tags", {"patterns": ("Owner=[",)}, resource("AWS::S3::Bucket")),
        ("restricted-common-ports", {"ports": ("ssh",)}, resource("AWS::EC2::SecurityGroup")),
    ],
)
def test_an_option_that_cannot_be_used_is_an_error_not_a_pass(
    rule: str, options: dict[str, Option], template: dict[str, object]
) -> None:
    [found] = findings(RULES[rule], template, options=options)
    assert found.outcome is Outcome.ERROR
    assert found.message.startswith("the rule cannot run: option")


def test_the_types_that_take_tags_are_known_with_their_shapes() -> None:
    found = shapes()
    assert len(found) > 1200
    assert found["AWS::S3::Bucket"] == Shape(("Tags",), is_map=False)
    assert found["AWS::Cognito::UserPool"] == Shape(("UserPoolTags",), is_map=True)
    assert found["AWS::DynamoDB::GlobalTable"] == Shape(("Replicas", "*", "Tags"), is_map=False)
    assert "AWS::IAM::ManagedPolicy" not in found
