from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra_checks.core.resource import PHYSICAL_NAMES, TEMPLATE, Resource, Surroundings
from infra_checks.errors import EvaluationError
from infra_checks.evaluate.scenario import Scenario
from infra_checks.evaluate.values import Absent, Unknown
from tests.unit.evaluate.stacks import answers, plain, stack_of, subject

if TYPE_CHECKING:
    from collections.abc import Callable

TEMPLATE_TEXT = """
Parameters:
  Env: {Type: String, AllowedValues: [dev, prod]}
  Open: {Type: String}
  Stage: {Type: "AWS::SSM::Parameter::Value<String>", Default: prod}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
Resources:
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: data}}
  Named: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref Env}}
  Nameless: {Type: AWS::S3::Bucket}
  Conditional: {Type: AWS::S3::Bucket, Condition: IsProd}
  Role: {Type: AWS::IAM::Role, Properties: {RoleName: role}}
  Policy:
    Type: AWS::S3::BucketPolicy
    Condition: IsProd
    Properties: {Bucket: !Ref Bucket}
  Subject:
    Type: AWS::Test::Thing
    DependsOn: Role
    Properties:
      Ref: !Ref Bucket
      Arn: !GetAtt Bucket.Arn
      Sub: !Sub "${Bucket.Arn}/*"
      Join: !Join ["", ["arn:", !Ref AWS::Partition, ":s3:::", !Ref Bucket]]
      Name: data
      RoleName: role
      Nobody: nobody
      Prod: prod
      Both: !Sub "${Bucket}-${Role}"
      Open: !Ref Open
      Import: !ImportValue X
      Conditional: !Ref Conditional
      Chosen: !If [IsProd, !Ref Conditional, !Ref Bucket]
      List: [!Ref Bucket]
      Number: 1
"""

STACK = stack_of(TEMPLATE_TEXT)


def asked(question: Callable[[Surroundings], object]) -> dict[str, object]:
    return answers(STACK, question)


def told(found: Resource | Unknown | Absent | None) -> object:
    return found.logical_id if isinstance(found, Resource) else plain(found) if found is not None else "nobody"


NOT_CREATED = "? Conditional is not created in this scenario, so the deployment fails"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Ref", {"": "Bucket"}),
        ("Arn", {"": "Bucket"}),
        ("Sub", {"": "Bucket"}),
        ("Join", {"": "Bucket"}),
        ("Name", {"": "Bucket"}),
        ("RoleName", {"Env is dev": "Role", "Env is prod": "Role"}),
        ("Nobody", {"Env is dev": "nobody", "Env is prod": "nobody"}),
        ("Prod", {"Env is dev": "nobody", "Env is prod": "Named"}),
        ("Both", {"": "? it depends on the resource Bucket and the resource Role"}),
        ("Open", {"": "? it depends on the parameter Open, which has no default"}),
        ("Import", {"": "? it depends on the export X of another stack"}),
        ("Conditional", {"Env is prod": "Conditional", "Env is dev": NOT_CREATED}),
        ("Chosen", {"Env is prod": "Conditional", "Env is dev": "Bucket"}),
        ("Missing", {"": None}),
        ("List", {"": "nobody"}),
        ("Number", {"": "nobody"}),
    ],
)
def test_a_target_is_the_resource_that_a_value_names(path: str, expected: dict[str, object]) -> None:
    assert asked(lambda around: told(subject(STACK)(around).target(path))) == expected


def names(resources: object) -> list[str]:
    return [resource.logical_id for resource in resources]  # type: ignore[attr-defined]


def test_referrers_are_those_that_exist_and_have_the_type() -> None:
    def referrers(around: Surroundings) -> tuple[list[str], list[str], list[str]]:
        bucket = subject(STACK, "Bucket")(around)
        return (
            names(bucket.referrers()),
            names(bucket.referrers("AWS::S3::BucketPolicy")),
            names(bucket.referrers("AWS::Test::Thing", "AWS::S3::BucketPolicy")),
        )

    assert asked(referrers) == {
        "Env is prod": (["Policy", "Subject"], ["Policy"], ["Policy", "Subject"]),
        "Env is dev": (["Subject"], [], ["Subject"]),
    }


def test_a_dependency_is_a_referrer_too() -> None:
    assert asked(lambda around: names(subject(STACK, "Role")(around).referrers())) == {"": ["Subject"]}


def test_resources_of_a_type_are_those_that_exist_in_the_template_s_order() -> None:
    assert asked(lambda around: names(around.of_type("AWS::S3::Bucket"))) == {
        "Env is prod": ["Bucket", "Named", "Nameless", "Conditional"],
        "Env is dev": ["Bucket", "Named", "Nameless"],
    }
    assert asked(lambda around: names(around.of_type("AWS::IAM::Role", "AWS::Test::Thing"))) == {
        "": ["Role", "Subject"]
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Bucket", {"": True}), ("Nobody", {"": False}), ("Conditional", {"Env is prod": True, "Env is dev": False})],
)
def test_a_resource_is_there_if_its_condition_holds(name: str, expected: dict[str, bool]) -> None:
    assert asked(lambda around: around.get(name) is not None) == expected


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("Nobody", "condition Nobody is not declared; declare it under Conditions"),
        ("[IsProd]", "Condition needs the name of a condition"),
        ("!Equals [a, a]", "Condition needs the name of a condition"),
        ("", "condition  is not declared; declare it under Conditions"),
    ],
)
def test_a_resource_with_an_undeclared_condition_is_an_error_not_a_resource(condition: str, message: str) -> None:
    stack = stack_of(f"Resources:\n  Subject:\n    Type: T\n    Condition: {condition}\n")
    with pytest.raises(EvaluationError) as caught:
        answers(stack, lambda around: around.get("Subject"))
    assert caught.value.message == message
    assert caught.value.span is not None
    assert caught.value.span.line == 4


@pytest.mark.parametrize(
    ("asked_names", "values", "expected"),
    [
        (("Env", "Environment"), ("prod", "production"), {"Env is prod": True, "Env is dev": False}),
        ({"Env"}, {"prod", "dev"}, {"Env is dev": True, "Env is prod": True}),
        (("Env",), ("staging",), {"": False}),
        (("Open",), ("x",), {"Open is x": True, "Open is not x": False}),
        (("Nobody",), ("x",), {"": None}),
        (("Stage",), ("prod",), {"Stage.ResolvedValue is prod": True, "Stage.ResolvedValue is not prod": False}),
    ],
)
def test_whether_a_parameter_has_a_value_splits_where_both_are_possible(
    asked_names: tuple[str, ...], values: tuple[str, ...], expected: dict[str, object]
) -> None:
    assert asked(lambda around: around.parameter_is(asked_names, values)) == expected


def test_scenarios_come_in_the_same_order_whatever_the_order_of_a_set_of_values() -> None:
    for values in (("prod", "dev"), ("dev", "prod")):
        found = asked(lambda around, values=values: around.parameter_is(("Env",), values))  # type: ignore[misc]
        assert list(found) == ["Env is dev", "Env is prod"]


def test_the_template_itself_is_read_from_its_root() -> None:
    def read(around: Surroundings) -> object:
        template = around.template()
        return template.type, template.logical_id, plain(template.value("Parameters", "Env", "Type")), template.path

    assert asked(read) == {"": (TEMPLATE, "", "String", ())}


def test_resources_are_equal_by_name_and_shown_with_their_type() -> None:
    def compare(around: Surroundings) -> tuple[bool, bool, int, str]:
        one, same, other = (subject(STACK, name)(around) for name in ("Bucket", "Bucket", "Role"))
        return one == same, one == other, len({one, same, other}), repr(one)

    assert asked(compare) == {"": (True, False, 2, "Resource(Bucket: AWS::S3::Bucket)")}


def test_what_is_around_a_resource_is_told() -> None:
    stack = stack_of("Transform: [A, B]\nResources:\n  Fn::ForEach::L: [X, !Ref Y, {}]\n  S: {Type: T}\n")

    def read(around: Surroundings) -> tuple[tuple[str, ...], list[str], tuple[str, ...]]:
        return around.transforms, [loop.name for loop in around.unexpanded], around.mentioning("S")

    assert answers(stack, read) == {"": (("A", "B"), ["Fn::ForEach::L"], ())}


def test_stack_tags_are_none_unless_given() -> None:
    assert Surroundings(STACK, Scenario()).tags == {}
    assert Surroundings(STACK, Scenario(), tags={"a": "b"}).tags == {"a": "b"}


@pytest.mark.parametrize("kind", sorted(PHYSICAL_NAMES))
def test_a_resource_is_found_by_its_physical_name(kind: str) -> None:
    naming = PHYSICAL_NAMES[kind]
    stack = stack_of(
        f"Resources:\n  Named: {{Type: '{kind}', Properties: {{{naming}: mine}}}}\n"
        "  Subject: {Type: T, Properties: {P: mine}}\n"
    )
    assert answers(stack, lambda around: told(subject(stack)(around).target("P"))) == {"": "Named"}
