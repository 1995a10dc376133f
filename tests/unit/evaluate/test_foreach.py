from __future__ import annotations

import time
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from infra_checks.errors import TemplateError
from infra_checks.evaluate.foreach import expand
from infra_checks.evaluate.stack import NO_PINS
from infra_checks.template.load import load_template
from tests.unit.evaluate.stacks import answers, plain, stack_of, subject

if TYPE_CHECKING:
    from infra_checks.evaluate.stack import Stack

HEAD = """
Transform: AWS::LanguageExtensions
Parameters:
  Names: {Type: CommaDelimitedList, Default: "A, B"}
  OpenNames: {Type: CommaDelimitedList}
  Env: {Type: String, AllowedValues: [dev, prod]}
  Fixed: {Type: String, Default: dev}
  Count: {Type: Number, Default: 7}
Mappings:
  M:
    dev: {names: [A, B], other: x}
    prod: {names: [A, B], other: y}
    mixed: {names: [A]}
Conditions:
  Always: !Equals [a, a]
"""


def stack_with(resources: str, pins: dict[str, str] | None = None) -> Stack:
    return stack_of(
        HEAD + "Resources:\n" + "\n".join("  " + line for line in dedent(resources).strip().splitlines()), pins
    )


def loop(collection: str, identifier: str = "Name", key: str = "Thing${Name}") -> str:
    return f"Fn::ForEach::L: [{identifier}, {collection}, {{'{key}': {{Type: T}}}}]"


COLLECTIONS = [
    ("[A, B]", ["ThingA", "ThingB"]),
    ("[]", []),
    ("[A, A]", ["ThingA"]),
    ("[1, true, 1.10]", ["Thing1", "Thingtrue", "Thing1.10"]),
    ("!Ref Names", ["ThingA", "ThingB"]),
    ("[!Ref Fixed, x]", ["Thingdev", "Thingx"]),
    ("[!Ref Count]", ["Thing7"]),
    ("[!Ref Names, C]", ["ThingA", "ThingB", "ThingC"]),
    ("!FindInMap [M, dev, names]", ["ThingA", "ThingB"]),
    ("!FindInMap [M, !Ref Fixed, names]", ["ThingA", "ThingB"]),
    ("!Split [',', 'A,B']", ["ThingA", "ThingB"]),
    ("!If [Always, [A], [B]]", ["ThingA"]),
    ("[A, !If [Always, !Ref 'AWS::NoValue', B]]", ["ThingA"]),
]


@pytest.mark.parametrize(("collection", "expected"), COLLECTIONS, ids=[text for text, _ in COLLECTIONS])
def test_a_loop_over_a_known_list_makes_a_resource_of_each_element(collection: str, expected: list[str]) -> None:
    stack = stack_with(loop(collection))
    assert list(stack.template.resources) == expected
    assert stack.unexpanded == ()


OPEN = [
    ("!Ref OpenNames", "it depends on the parameter OpenNames, which has no default"),
    ("[!Ref Env]", "the collection differs between scenarios; pin the parameters it depends on"),
    ("!FindInMap [M, !Ref Env, names]", "the collection differs between scenarios; pin the parameters it depends on"),
    ("!Ref Nobody", "Nobody is neither a parameter nor a resource of this template"),
    ("[A, !Ref AWS::Region]", "it depends on AWS::Region"),
    ("[[A]]", "an element is not a text"),
    ("[{A: B}]", "an element is not a text"),
    ("text", "the collection is not a list"),
    ("{A: B}", "the collection is not a list"),
]


@pytest.mark.parametrize(("collection", "reason"), OPEN, ids=[text for text, _ in OPEN])
def test_a_loop_over_an_unknown_list_stays_and_says_why(collection: str, reason: str) -> None:
    stack = stack_with(loop(collection))
    assert [(one.name, one.reason) for one in stack.unexpanded] == [("Fn::ForEach::L", reason)]
    assert not stack.template.resources


@pytest.mark.parametrize("body", ["text", "[Name]", "[Name, [A]]", "[Name, [A], text]", "[[Name], [A], {}]", "{A: B}"])
def test_a_malformed_loop_stays_and_says_why(body: str) -> None:
    stack = stack_with(f"Fn::ForEach::L: {body}")
    assert [one.reason for one in stack.unexpanded] == ["it needs an identifier, a collection and a mapping"]


def test_pins_decide_an_open_collection() -> None:
    assert list(stack_with(loop("!Ref OpenNames"), {"OpenNames": "X,Y"}).template.resources) == ["ThingX", "ThingY"]
    assert list(stack_with(loop("[!Ref Env]"), {"Env": "prod"}).template.resources) == ["Thingprod"]


def test_the_element_replaces_the_identifier_in_keys_texts_and_references() -> None:
    stack = stack_with(
        """
        Fn::ForEach::L:
          - Name
          - ["a-b"]
          - "Thing&{Name}":
              Type: "T::${Name}"
              Properties:
                P:
                  [!Ref Name, !Sub "x-${Name}-${AWS::Region}", "&{Name}", !GetAtt "Thing&{Name}.A", "${!Name}", "${N}"]
                "Key${Name}": !Sub ["${Local}", {Local: !Ref Name}]
        """,
        {"AWS::Region": "r"},
    )
    assert stack.template.resources["Thingab"].type == "T::a-b"
    assert answers(stack, lambda around: plain(subject(stack, "Thingab")(around).value())) == {
        "": {
            "P": ["a-b", "x-a-b-r", "ab", "? it depends on A of the resource Thingab", "${!Name}", "${N}"],
            "Keya-b": "a-b",
        }
    }


def test_an_element_that_looks_like_an_identifier_is_not_replaced_again() -> None:
    stack = stack_with(
        """
        Fn::ForEach::Outer:
          - A
          - ["${B}"]
          - Fn::ForEach::Inner: [B, [x], {"T": {Type: "${A}-${B}"}}]
        """
    )
    assert stack.template.resources["T"].type == "${B}-x"


def test_loops_nest() -> None:
    stack = stack_with(
        """
        Fn::ForEach::Outer:
          - A
          - [x, y]
          - Fn::ForEach::Inner:
              - B
              - !FindInMap [M, !Ref Kind, names]
              - "T${A}${B}": {Type: "${A}${B}"}
            "Only${A}": {Type: T}
        """.replace("!Ref Kind", "dev")
    )
    assert list(stack.template.resources) == ["TxA", "TxB", "Onlyx", "TyA", "TyB", "Onlyy"]


def test_an_inner_collection_may_depend_on_the_outer_element() -> None:
    stack = stack_with(
        """
        Fn::ForEach::Outer:
          - A
          - [mixed, dev]
          - Fn::ForEach::Inner: [B, !FindInMap [M, !Ref A, names], {"T${A}${B}": {Type: T}}]
        """
    )
    assert list(stack.template.resources) == ["TmixedA", "TdevA", "TdevB"]


def test_an_inner_loop_that_stays_is_reported_once() -> None:
    stack = stack_with(
        """
        Fn::ForEach::Outer:
          - A
          - [x, y]
          - Fn::ForEach::Inner: [B, !Ref OpenNames, {"T${A}${B}": {Type: T}}]
            "Only${A}": {Type: T}
        """
    )
    assert [one.name for one in stack.unexpanded] == ["Fn::ForEach::Inner"]
    assert list(stack.template.resources) == ["Onlyx", "Onlyy"]


def test_loops_stand_in_conditions_outputs_and_properties_too() -> None:
    stack = stack_of(
        """
        Conditions:
          Fn::ForEach::C: [N, [A, B], {"Is${N}": !Equals [!Ref N, A]}]
        Resources:
          Subject:
            Type: T
            Properties:
              Tags:
                Fn::ForEach::P: [N, [A, B], {"Key${N}": !If [IsB, x, !Ref N]}]
        Outputs:
          Fn::ForEach::O: [N, [A], {"Out${N}": {Value: !Ref N}}]
        """
    )
    assert list(stack.template.conditions) == ["IsA", "IsB"]
    assert list(stack.template.outputs) == ["OutA"]
    assert answers(stack, lambda around: plain(subject(stack)(around).value("Tags"))) == {
        "": {"KeyA": "A", "KeyB": "B"}
    }


@pytest.mark.parametrize(
    "resources",
    [
        "Fn::ForEach::L: [N, [a-b, ab], {'T&{N}': {Type: T}}]",
        "Fn::ForEach::L: [N, [a, b], {'T': {Type: T}}]",
        "TA: {Type: T}\nFn::ForEach::L: [N, [A], {'T${N}': {Type: T}}]",
        "Fn::ForEach::L: [N, [A], {'T${N}': {Type: T}}]\nTA: {Type: T}",
    ],
)
def test_two_resources_of_one_name_are_an_error(resources: str) -> None:
    with pytest.raises(TemplateError, match=r"Fn::ForEach makes the key T\w* twice"):
        stack_with(resources)


def test_a_template_without_loops_is_left_as_it_is() -> None:
    template = load_template("t.yaml", b"Resources: {A: {Type: T, Properties: {P: '\\u0041'}}}")
    assert expand(template, NO_PINS) == (template, ())


@pytest.mark.parametrize("key", ['"Fn\\u003a:ForEach::L"', '"\\x46n::ForEach::L"', '"\\U00000046n::ForEach::L"'])
def test_a_loop_whose_key_is_written_with_escapes_is_expanded(key: str) -> None:
    stack = stack_of(f"Resources:\n  {key}: [N, [A], {{'T${{N}}': {{Type: T}}}}]\n")
    assert list(stack.template.resources) == ["TA"]


@pytest.mark.parametrize("body", ["{}", "{'T${N6}-${N5}-${N4}-${N3}-${N2}-${N1}': {Type: T}}"])
def test_an_expansion_beyond_measure_is_refused(body: str) -> None:
    numbers = ", ".join(map(str, range(60)))
    text = body
    for number in range(1, 7):
        text = f"{{'Fn::ForEach::L{number}': [N{number}, [{numbers}], {text}]}}"
    with pytest.raises(TemplateError, match="expands to more than 200000 nodes"):
        stack_of(f"Resources: {text}\n")


def test_loops_that_make_nothing_end_too() -> None:
    names = ",".join(map(str, range(2000)))
    text = "{}"
    for number in range(3):
        text = f"{{'Fn::ForEach::L{number}': [N{number}, !Ref P, {text}]}}"
    start = time.perf_counter()
    with pytest.raises(TemplateError, match="expands to more than 200000 nodes"):
        stack_of(f"Parameters: {{P: {{Type: CommaDelimitedList, Default: '{names}'}}}}\nResources: {text}\n")
    assert time.perf_counter() - start < 10


def test_collections_of_many_loops_are_each_their_own() -> None:
    """Collections are evaluated from nodes that live only as long as their loop."""
    resources = "\n".join(
        f"Fn::ForEach::L{n}: [N, !Split [',', 'a{n},b{n}'], {{'T${{N}}': {{Type: T}}}}]" for n in range(200)
    )
    assert list(stack_with(resources).template.resources) == [f"T{letter}{n}" for n in range(200) for letter in "ab"]


def test_what_a_loop_makes_stands_where_the_loop_s_body_stands() -> None:
    stack = stack_with(loop("[A, B]"))
    spans = {declaration.key.span for declaration in stack.template.resources.values()}
    assert len(spans) == 1
