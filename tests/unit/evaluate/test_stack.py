from __future__ import annotations

import pytest

from infra_checks.errors import EvaluationError
from infra_checks.evaluate.choices import ANY_TEXT, Choices
from infra_checks.evaluate.stack import PSEUDO_PARAMETERS, Pins, Stack, must_be_filled
from infra_checks.template.load import load_template
from tests.unit.evaluate.stacks import stack_of

FILLED = Choices(("",), others=True)


def stack_with(
    parameter: str, pins: dict[str, str | tuple[str, ...]] | None = None, *, assume_any: bool = False
) -> Stack:
    return stack_of(f"Parameters:\n  P: {parameter}\nResources: {{}}\n", pins, assume_any=assume_any)


DOMAINS = [
    ("{Type: String}", ANY_TEXT),
    ("{}", ANY_TEXT),
    ("{Type: String, Default: x}", Choices(("x",))),
    ("{Type: String, Default: ''}", Choices(("",))),
    ("{Type: String, Default: true}", Choices(("true",))),
    ("{Type: String, Default: 1.10}", Choices(("1.10",))),
    ("{Type: String, AllowedValues: [a, b]}", Choices(("a", "b"))),
    ("{Type: String, AllowedValues: [a, b], Default: a}", Choices(("a", "b"))),
    ("{Type: String, AllowedValues: [a, b], Default: c}", Choices(("a", "b"))),
    ("{Type: String, AllowedValues: [a, a, b]}", Choices(("a", "b"))),
    ("{Type: String, AllowedValues: [1, '1', true, 'true', 1.0]}", Choices(("1", "true", "1.0"))),
    ("{Type: String, AllowedValues: []}", ANY_TEXT),
    ("{Type: String, AllowedValues: [], Default: x}", Choices(("x",))),
    ("{Type: String, AllowedValues: text}", ANY_TEXT),
    ("{Type: Number, AllowedValues: [1, 2]}", Choices(("1", "2"))),
    ("{Type: Number}", FILLED),
    ("{Type: String, MinLength: 1}", FILLED),
    ("{Type: String, MinLength: 0}", ANY_TEXT),
    ("{Type: String, MinLength: x}", ANY_TEXT),
    ("{Type: String, AllowedPattern: '.+'}", FILLED),
    ("{Type: String, AllowedPattern: '.*'}", ANY_TEXT),
    ("{Type: 'AWS::EC2::VPC::Id'}", FILLED),
    ("{Type: 'List<AWS::EC2::Subnet::Id>'}", FILLED),
    ("{Type: CommaDelimitedList}", ANY_TEXT),
    ("{Type: CommaDelimitedList, AllowedValues: [a, b]}", ANY_TEXT),
    ("{Type: CommaDelimitedList, AllowedValues: [a, b], Default: 'a,b'}", Choices(("a,b",))),
    ("{Type: 'AWS::SSM::Parameter::Value<String>', Default: /a}", Choices(("/a",))),
]


@pytest.mark.parametrize(("parameter", "expected"), DOMAINS, ids=[text for text, _ in DOMAINS])
def test_a_parameter_can_be_what_its_definition_says(parameter: str, expected: Choices) -> None:
    assert stack_with(parameter).domains["P"].variable.base == expected


@pytest.mark.parametrize(
    ("parameter", "pinned", "expected", "note"),
    [
        ("{Type: String}", "x", Choices(("x",)), "P is pinned to 'x'"),
        ("{Type: String, Default: y}", "x", Choices(("x",)), "P is pinned to 'x'"),
        ("{Type: String, AllowedValues: [a, b]}", "b", Choices(("b",)), "P is pinned to 'b'"),
        ("{Type: String, AllowedValues: [a, b]}", "c", Choices(("a", "b")), ""),
        ("{Type: String, AllowedValues: [a, b, c]}", ("c", "b", "x"), Choices(("c", "b")), "P is pinned to 'c' or 'b'"),
        ("{Type: String, AllowedValues: [1, 2]}", "1", Choices(("1",)), "P is pinned to '1'"),
        ("{Type: String, NoEcho: true}", "hunter2", Choices(("hunter2",)), "P is pinned to a hidden value"),
        ("{Type: CommaDelimitedList, AllowedValues: [a, b]}", "a,b", Choices(("a,b",)), "P is pinned to 'a,b'"),
    ],
)
def test_a_pin_narrows_a_parameter_to_what_it_allows(
    parameter: str, pinned: str | tuple[str, ...], expected: Choices, note: str
) -> None:
    domain = stack_with(parameter, {"P": pinned}).domains["P"]

    assert domain.variable.base == expected
    assert domain.notes == ((note,) if note else ())


SPELLINGS = ("production", "prod", "live")


@pytest.mark.parametrize(
    ("parameter", "more", "expected"),
    [
        ("{Type: String, Default: prod}", "", ("prod",)),
        ("{Type: String, Default: dev}", "", ("production",)),
        ("{Type: String}", "", ("production",)),
        ("{Type: String}", "Conditions: {C: !Equals [!Ref P, live]}", ("live",)),
        ("{Type: String}", "Mappings: {M: {prod: {a: b}, live: {a: b}}}", ("prod", "live")),
        ("{Type: String}", "Rules: {R: {Assertions: [{Assert: !Contains [[live, dev], !Ref P]}]}}", ("live",)),
        ("{Type: String, AllowedValues: [dev, live]}", "Conditions: {C: !Equals [!Ref P, prod]}", ("live",)),
    ],
)
def test_of_several_spellings_the_template_s_own_are_meant(
    parameter: str, more: str, expected: tuple[str, ...]
) -> None:
    stack = stack_of(f"Parameters:\n  P: {parameter}\nResources: {{}}\n{more}\n", {"P": SPELLINGS})
    assert stack.domains["P"].variable.base == Choices(expected)


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ("{Type: String, Default: x}", ANY_TEXT),
        ("{Type: String, Default: x, MinLength: 1}", FILLED),
        ("{Type: String, Default: a, AllowedValues: [a, b]}", Choices(("a", "b"))),
        ("{Type: 'AWS::SSM::Parameter::Value<String>', Default: /a}", Choices(("/a",))),
    ],
)
def test_with_assume_any_a_mere_default_is_one_value_of_many(parameter: str, expected: Choices) -> None:
    assert stack_with(parameter, assume_any=True).domains["P"].variable.base == expected


@pytest.mark.parametrize(
    ("parameter", "note"),
    [
        ("{Type: String, Default: x}", "P has its default 'x'"),
        ("{Type: String, Default: hunter2, NoEcho: true}", "P has its default a hidden value"),
        ("{Type: String, Default: hunter2, NoEcho: 'TRUE'}", "P has its default a hidden value"),
    ],
)
def test_a_default_is_noted_unless_it_is_hidden(parameter: str, note: str) -> None:
    domain = stack_with(parameter).domains["P"]
    assert domain.notes == (note,)
    assert domain.variable.secret is ("hidden" in note)


@pytest.mark.parametrize(
    ("pattern", "filled"),
    [
        ("'[a-z]+'", True), ("'[a-z]*'", False), ("'^$'", False), ("'^$|x'", False), ("'['", False),
        ("'a{99999999999}'", False), ("'[[a]+'", True), ("'[a-z&&[^b]]+'", True), ("'" + "(" * 5000 + "'", False),
        ("'(?<name>x)'", False),
    ],
)  # fmt: skip
def test_a_pattern_is_tried_on_the_empty_text_only_and_never_fails(pattern: str, filled: bool) -> None:
    template = load_template(
        "t.yaml", f"Parameters:\n  P: {{Type: String, AllowedPattern: {pattern}}}\nResources: {{}}\n".encode()
    )
    assert must_be_filled(template.parameters["P"]) is filled


@pytest.mark.parametrize("name", sorted(PSEUDO_PARAMETERS))
def test_a_pseudo_parameter_is_anything_but_empty_unless_pinned(name: str) -> None:
    assert stack_of("Resources: {}").domains[name].variable.base == FILLED
    pinned = stack_of("Resources: {}", {name: "x"}).domains[name]
    assert pinned.variable.base == Choices(("x",))
    assert pinned.notes == (f"{name} is pinned to 'x'",)


def test_the_value_behind_a_systems_manager_parameter_has_a_variable_of_its_own() -> None:
    text = "{Type: 'AWS::SSM::Parameter::Value<String>', Default: /a}"
    for pins, expected in (({}, ANY_TEXT), ({"P.ResolvedValue": "v"}, Choices(("v",)))):
        stack = stack_with(text, pins)  # type: ignore[arg-type]
        variable = stack.resolved(stack.template.parameters["P"])
        assert (variable.key, variable.base) == ("P.ResolvedValue", expected)


@pytest.mark.parametrize(
    ("parameter", "sample"),
    [
        ("{Type: String}", "any-other-value"),
        ("{Type: Number}", "1"),
        ("{Type: Number, MinValue: 40}", "40"),
        ("{Type: 'List<Number>'}", "1"),
        ("{Type: String, MinLength: 20}", "any-other-value-----"),
        ("{Type: String, MaxLength: 5}", "any-o"),
    ],
)
def test_a_sample_is_one_that_the_parameter_s_own_constraints_take(parameter: str, sample: str) -> None:
    assert stack_with(parameter).domains["P"].variable.samples[0] == sample


MENTIONS = """
Resources:
  A: {Type: T}
  Ref: {Type: T, Properties: {P: [{Q: !Ref A}]}}
  Att: {Type: T, Properties: {P: !GetAtt A.Arn}}
  Sub: {Type: T, Properties: {P: !Sub "x${A.Arn}"}}
  SubList: {Type: T, Properties: {P: !Sub ["${A}", {}]}}
  SubLocal: {Type: T, Properties: {P: !Sub ["${X}", {X: !Ref A}]}}
  Depends: {Type: T, DependsOn: A}
  DependsList: {Type: T, DependsOn: [B, A]}
  If: {Type: T, Condition: C, Properties: {P: !If [C, !Ref A, x]}}
  Literal: {Type: T, Properties: {P: A, Q: !Sub "${!A}", R: "${A}"}}
  B: {Type: T, Metadata: {M: !Join ["", [!Ref A]]}}
  Odd: {Type: T, Properties: {P: !Ref [A], Q: !GetAtt [], R: !Sub {A: A}, S: !Sub [], T: !Sub [[A]]}}
"""


def test_resources_that_mention_another_are_indexed_in_the_template_s_order() -> None:
    mentions = stack_of(MENTIONS).mentions
    assert mentions["A"] == ("Ref", "Att", "Sub", "SubList", "SubLocal", "Depends", "DependsList", "If", "B")
    assert mentions["B"] == ("DependsList",)
    assert set(mentions) == {"A", "B"}


def test_a_problem_is_kept_once() -> None:
    stack = stack_of("Resources: {}")
    for message in ("one", "two", "one"):
        stack.note(EvaluationError(message, file="t.yaml"))
    assert [problem.message for problem in stack.problems] == ["one", "two"]


def test_pins_default_to_none() -> None:
    assert Pins().values == {}
    assert Pins().assume_any is False


def test_keys_with_equal_entries_are_grouped() -> None:
    text = """
Mappings:
  M:
    a: {x: 1}
    b: {x: "1"}
    c: {x: [1, b]}
    d: {x: ["1", b]}
    e: {x: "[1, b]"}
    f: {x: '["1", "b"]'}
    g: {x: 2}
    h: {x: null}
    i: {x: "null"}
Resources: {}
"""
    stack = stack_of(text)
    table = stack.template.mappings["M"]
    assert stack.groups(table) == (("a", "b"), ("c", "d"), ("e",), ("f",), ("g",), ("h",), ("i",))
    assert stack.groups(table) is stack.groups(table)
