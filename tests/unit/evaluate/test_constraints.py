from __future__ import annotations

import pytest

from infra_checks.evaluate.parameters import check_pins
from infra_checks.template.load import load_template

HIDDEN = "not-for-your-eyes"


def problems(declaration: str, value: str) -> list[str]:
    text = f"Parameters:\n  A: {{{declaration}}}\nResources: {{}}\n"
    template = load_template("stack.yaml", text.encode())
    errors = check_pins(template, {"A": value, "Elsewhere": "x", "AWS::Region": "x", "A.ResolvedValue": "x"})
    assert all((error.file, error.span and error.span[:2]) == ("stack.yaml", (2, 6)) for error in errors)
    return [error.message.removeprefix("the value given for parameter A ") for error in errors]


LETTERS = ", ".join("abcdefghijkl")


@pytest.mark.parametrize(
    ("declaration", "value", "expected"),
    [
        ("Type: String", "", []),
        ("Type: String, AllowedValues: [a, 'true', 1]", "true", []),
        ("Type: String, AllowedValues: [a, b]", "c", ["is not one of its AllowedValues (a, b)"]),
        ("Type: String, NoEcho: true, AllowedValues: [a]", "c", ["is not one of its AllowedValues"]),
        (f"Type: String, AllowedValues: [{LETTERS}]", "x", [f"is not one of its AllowedValues ({LETTERS[:28]}, ...)"]),
        ("Type: CommaDelimitedList, AllowedValues: [a, b]", "b, a", []),
        ("Type: CommaDelimitedList, AllowedValues: [a, b]", "", []),
        ("Type: CommaDelimitedList, AllowedValues: [a, b]", "a,c", ["is not one of its AllowedValues (a, b)"]),
        ("Type: 'AWS::SSM::Parameter::Value<List<String>>', AllowedValues: ['/a,b']", "/a,b", []),
        ("Type: String, MinLength: 3", "ab", ["is shorter than its MinLength 3"]),
        ("Type: String, MinLength: 3, MaxLength: 4", "abcd", []),
        ("Type: String, MaxLength: '4'", "abcde", ["is longer than its MaxLength 4"]),
        ("Type: CommaDelimitedList, MaxLength: 1", "ab", []),
        ("Type: Number, MaxLength: 1", "12", []),
        ("Type: Number", "-1.5e3", []),
        ("Type: Number", ".5", []),
        ("Type: Number", "", ["is not a number"]),
        ("Type: Number", "1,2", ["is not a number"]),
        ("Type: Number", "nan", ["is not a number"]),
        ("Type: Number", "1_000", ["is not a number"]),
        ("Type: List<Number>", "1, 2", []),
        ("Type: List<Number>", "1,b", ["is not a number"]),
        ("Type: Number, MinValue: 2, MaxValue: '4.5'", "3", []),
        ("Type: Number, MinValue: 2", "1", ["is less than its MinValue 2"]),
        ("Type: List<Number>, MaxValue: 4.5", "1,5", ["is more than its MaxValue 4.5"]),
        ("Type: Number, MaxValue: !Ref B, MinValue: x", "5", []),
        ("Type: String, AllowedPattern: '(a+)+$'", "a" * 60 + "b", []),
    ],
)
def test_a_value_must_keep_the_constraints_that_can_be_checked(
    declaration: str, value: str, expected: list[str]
) -> None:
    assert problems(declaration, value) == expected


@pytest.mark.parametrize("kind", ["AllowedValues: [a]", "MaxLength: 1", "MinLength: 100", "Type: Number"])
def test_an_error_never_shows_the_value(kind: str) -> None:
    (problem,) = problems(f"Type: String, {kind}".replace("Type: String, Type", "Type"), HIDDEN)
    assert HIDDEN not in problem


def test_a_template_whose_parameters_are_not_given_is_in_order() -> None:
    template = load_template("a", b"Parameters: {A: {Type: Number}}\nResources: {}")
    assert check_pins(template, {}) == ()
