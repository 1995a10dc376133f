from __future__ import annotations

from typing import Any

import pytest

from tests.unit.template.serverless.test_expansion import expanded, properties

RULES = [
    ("Timeout: 3", "Timeout: 5", "Timeout", 5),
    ("Timeout: 3", "Handler: a", "Timeout", 3),
    ("Environment: {Variables: {A: 1, B: 2}}", "Environment: {Variables: {B: 3}}", "Environment", {"A": 1, "B": 3}),
    ("Layers: [a]", "Layers: [b]", "Layers", ["a", "b"]),
    ("Architectures: [arm64]", "Architectures: [x86_64]", "Architectures", ["x86_64"]),
    ("Layers: [a]", "Layers: !Ref L", "Layers", {"Ref": "L"}),
]


@pytest.mark.parametrize(("common", "own", "name", "merged"), RULES)
def test_own_values_replace_maps_merge_and_lists_are_joined(common: str, own: str, name: str, merged: object) -> None:
    template = expanded(
        f"Fn: {{Type: AWS::Serverless::Function, Properties: {{{own}}}}}", f"Globals: {{Function: {{{common}}}}}"
    )

    found: Any = properties(template, "Fn")[name]
    assert (found["Variables"] if name == "Environment" else found) == merged


@pytest.mark.parametrize(
    ("ignored", "expected"),
    [("'*'", {}), ("[Timeout]", {"Handler": "a"}), ("[]", {"Handler": "a", "Timeout": 3})],
)
def test_a_resource_can_ignore_globals(ignored: str, expected: dict[str, object]) -> None:
    template = expanded(
        f"Fn: {{Type: AWS::Serverless::Function, IgnoreGlobals: {ignored}}}",
        "Globals: {Function: {Timeout: 3, Handler: a}}",
    )

    found = properties(template, "Fn")
    assert {name: found[name] for name in ("Handler", "Timeout") if name in found} == expected


@pytest.mark.parametrize("section", ["[]", "text", "{Function: text}", "{Function: }", "{Api: {Name: a}}"])
def test_globals_of_another_shape_or_type_add_nothing(section: str) -> None:
    template = expanded("Fn: {Type: AWS::Serverless::Function, Properties: {Timeout: 3}}", f"Globals: {section}")

    assert properties(template, "Fn")["Timeout"] == 3
