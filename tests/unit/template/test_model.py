from __future__ import annotations

import pytest

from infra_checks.template.load import load_template
from infra_checks.template.model import Parameter, Template

BUCKET = "\nResources:\n  Bucket: {Type: AWS::S3::Bucket}\n"


def template(text: str) -> Template:
    return load_template("t.yaml", text.encode())


def parameter(text: str) -> Parameter:
    return template(f"Parameters: {{P: {text}}}{BUCKET}").parameters["P"]


def problems(text: str) -> list[tuple[int, str]]:
    """Lines and messages of what is malformed."""
    return [(error.span.line, error.message) for error in template(text).problems if error.span]


def test_a_parameter_holds_text_whatever_its_default_is() -> None:
    found = parameter("{Type: Number, Default: 08, AllowedValues: [1.10, 2, 2, [3]], MinLength: 1, NoEcho: true}")

    assert (found.type, found.default, found.allowed, found.min_length, found.no_echo) == (
        "Number",
        "08",
        ("1.10", "2"),
        1,
        True,
    )


def test_a_parameter_may_say_nothing_but_its_name() -> None:
    found = parameter("{Default: null}")

    assert (found.type, found.default, found.allowed, found.no_echo) == ("String", None, (), False)


@pytest.mark.parametrize(
    ("kind", "is_list", "is_ssm"),
    [
        ("String", False, False),
        ("CommaDelimitedList", True, False),
        ("List<Number>", True, False),
        ("AWS::SSM::Parameter::Value<String>", False, True),
        ("AWS::SSM::Parameter::Value<List<String>>", True, True),
    ],
)
def test_a_parameters_type_tells_lists_and_stored_values(kind: str, is_list: bool, is_ssm: bool) -> None:
    found = parameter(f"{{Type: '{kind}'}}")

    assert (found.is_list, found.is_ssm) == (is_list, is_ssm)


def test_a_resource_knows_its_properties_and_its_condition() -> None:
    found = template("Resources: {A: {Type: B, Condition: C, Properties: {D: e}}, F: {Type: B}}").resources

    assert (found["A"].condition, repr(found["A"].properties)) == ("C", "Mapping({'D': Scalar('e')})")
    assert (found["F"].condition, found["F"].properties) == (None, None)


@pytest.mark.parametrize(
    ("written", "transforms"),
    [
        ("AWS::Serverless-2016-10-31", ("AWS::Serverless-2016-10-31",)),
        ("[A, {Name: B, Parameters: {}}, {C: d}]", ("A", "B")),
        ("{Fn::Transform: {Name: A}}", ("A",)),
    ],
)
def test_transforms_are_named_in_order(written: str, transforms: tuple[str, ...]) -> None:
    assert template(f"Transform: {written}{BUCKET}").transforms == transforms


def test_what_is_malformed_is_a_problem_with_its_place_and_the_rest_is_read() -> None:
    text = "Parameters: []\nMappings: {A: b}\nConditions:\nResources:\n  A: {}\n  B: {Type: C}\n  D: 1\n"

    assert problems(text) == [
        (2, "Mappings.A must be a mapping"),
        (1, "Parameters must be a mapping of names to definitions"),
        (5, "resource A has no Type; give it one, such as AWS::S3::Bucket"),
        (7, "Resources.D must be a mapping"),
    ]
    assert list(template(text).resources) == ["B"]


def test_a_function_among_resources_is_no_problem() -> None:
    found = template("Resources:\n  A: {Type: B}\n  Fn::Transform: [{Name: AWS::Include}]\n")

    assert (list(found.resources), found.problems) == (["A"], [])


def test_a_section_is_given_when_it_is_a_mapping() -> None:
    found = template(f"Metadata: {{A: b}}\nConditions: {{C: !Equals [a, b]}}\nHooks: []{BUCKET}")

    assert repr(found.section("Metadata")) == "Mapping({'A': Scalar('b')})"
    assert found.section("Hooks") is None
    assert list(found.conditions) == ["C"]
