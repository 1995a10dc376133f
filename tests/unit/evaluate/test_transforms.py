from __future__ import annotations

import pytest

from infra_checks.core.resource import Resource, Surroundings
from infra_checks.evaluate.scenario import Scenario
from infra_checks.evaluate.stack import NO_PINS, Pins, Stack
from infra_checks.evaluate.transforms import expand
from infra_checks.evaluate.values import Symbol, Unknown
from infra_checks.template.load import load_template
from infra_checks.template.model import Template
from tests.unit.evaluate.stacks import stack_of


def after(text: str, pins: Pins = NO_PINS) -> Template:
    return expand(load_template("t.yaml", text.encode()), pins)[0]


def test_a_template_without_serverless_resources_stays_the_same_object() -> None:
    template = load_template(
        "t.yaml", b"Transform: AWS::Serverless-2016-10-31\nResources: {B: {Type: AWS::S3::Bucket}}"
    )

    assert expand(template, NO_PINS)[0] is template


def test_loops_are_unrolled_before_serverless_resources_are_replaced() -> None:
    template = after(
        """
Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Resources:
  Fn::ForEach::Tables: [Name, [A, B], {"Table${Name}": {Type: AWS::Serverless::SimpleTable}}]
"""
    )

    assert {name: each.type for name, each in template.resources.items()} == dict.fromkeys(
        ("TableA", "TableB"), "AWS::DynamoDB::Table"
    )


@pytest.mark.parametrize(("pins", "alias"), [(NO_PINS, "FnAliaslive"), (Pins({"Alias": ("next",)}), "FnAliasnext")])
def test_a_pinned_parameter_gives_the_name_of_an_alias(pins: Pins, alias: str) -> None:
    template = after(
        """
Parameters: {Alias: {Type: String, Default: live}}
Resources: {Fn: {Type: AWS::Serverless::Function, Properties: {AutoPublishAlias: !Ref Alias}}}
""",
        pins,
    )

    assert alias in template.resources


TEXT = """
Resources:
  Fn: {Type: AWS::Serverless::Function, Properties: {AutoPublishAlias: live, DeadLetterQueue: !Ref Odd}}
  Subject:
    Type: AWS::SNS::Topic
    Properties: {Alias: !Ref Fn.Alias, Role: !GetAtt FnRole.Arn}
"""


def resource_of(stack: Stack, name: str) -> Resource:
    resource = Surroundings(stack, Scenario()).get(name)
    assert resource is not None
    return resource


def test_references_to_what_sam_makes_lead_there() -> None:
    resource = resource_of(stack_of(TEXT), "Subject")

    for name, expected in (("Alias", ("FnAliaslive", "Ref")), ("Role", ("FnRole", "Arn"))):
        value = resource.value(name)
        assert isinstance(value, Unknown)
        assert value.symbol == Symbol("reference", expected)


def test_what_is_generated_is_mentioned_by_its_other_name_too() -> None:
    stack: Stack = stack_of(TEXT)

    assert stack.mentions["FnAliaslive"] == ("Subject",)


def test_a_value_that_is_not_expanded_says_why() -> None:
    value = resource_of(stack_of(TEXT), "Fn").value("DeadLetterConfig")

    assert isinstance(value, Unknown)
    assert value.reason == "DeadLetterQueue is not written as a mapping"
