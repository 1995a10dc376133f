from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from infra_checks.errors import EvaluationError
from tests.unit.evaluate.stacks import PREAMBLE, answers, scenarios, stack_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra_checks.evaluate.stack import Stack


def stack_with(expression: str, pins: Mapping[str, str] | None = None, more: str = "") -> Stack:
    text = PREAMBLE.replace("Conditions:\n", f"Conditions:\n  Asked: {expression}\n{more}")
    return stack_of(text, pins)


def truths(expression: str, pins: Mapping[str, str] | None = None, more: str = "") -> dict[str, bool]:
    stack = stack_with(expression, pins, more)
    node = stack.template.conditions["Asked"]
    return answers(stack, lambda around: around.evaluator.condition("Asked", node)[0])


CONSTANT = [
    ("!Equals [a, a]", True),
    ("!Equals [a, b]", False),
    ("!Equals [1, '1']", True),
    ("!Equals [true, 'true']", True),
    ("!Equals [True, 'true']", True),
    ("!Equals ['True', 'true']", False),
    ("!Equals [1.0, 1]", False),
    ("!Equals [!Ref Name, app]", True),
    ("!Equals [!Sub '${Name}-x', app-x]", True),
    ("!Equals [!FindInMap [Sizes, prod, size], large]", True),
    ("!Equals [!Join ['', !Ref Names], ab]", True),
    ("!Equals [!Select [1, !Ref Names], b]", True),
    ("!Equals [!Ref Names, 'a, b']", True),
    ("!Equals [!Split [',', 'a,b'], [a, b]]", True),
    ("!Equals [!FindInMap [Sizes, prod, zones], [a]]", False),
    ("!Equals [{a: b, c: d}, {c: d, a: b}]", True),
    ("!Equals [!Ref 'AWS::NoValue', '']", False),
    ("!Equals [!Ref 'AWS::NoValue', !Ref 'AWS::NoValue']", True),
    ("!Not [!Equals [a, b]]", True),
    ("!And [!Equals [a, a], !Equals [b, b]]", True),
    ("!And [!Equals [a, a], !Equals [a, b]]", False),
    ("!Or [!Equals [a, b], !Equals [b, b]]", True),
    ("!Or [!Equals [a, b], !Equals [b, a]]", False),
    ("!Condition Always", True),
    ("{Condition: Always}", True),
    ("!Not [{Condition: Always}]", False),
    ("!Not [!Condition Always]", False),
    ("!FindInMap [Flags, prod, 'on']", True),
    ("true", True),
    ("'false'", False),
    ("!Equals [!If [Always, a, b], a]", True),
    ("!Equals [!Ref Secret, hunter2]", True),
    ("!Equals [!Ref Secret, '']", False),
    ("!Equals [!Sub '${Secret}', hunter2]", True),
    ("!Equals [!Ref AWS::Region, '']", False),
    ("!Equals [!Ref AWS::Region, !Ref AWS::Region]", True),
    ("!Equals [!Ref Filled, '']", False),
    ("!Equals [!Ref OpenNames, '']", False),
]


@pytest.mark.parametrize(("expression", "expected"), CONSTANT, ids=[text for text, _ in CONSTANT])
def test_a_condition_that_no_parameter_decides_is_the_same_everywhere(expression: str, expected: bool) -> None:
    more = ""
    text = PREAMBLE.replace("Mappings:\n", "Mappings:\n  Flags: {prod: {'on': 'true'}}\n")
    stack = stack_of(text.replace("Conditions:\n", f"Conditions:\n  Asked: {expression}\n{more}"))
    node = stack.template.conditions["Asked"]
    assert answers(stack, lambda around: around.evaluator.condition("Asked", node)[0]) == {"": expected}


SPLITTING = [
    ("!Equals [!Ref Env, prod]", {"Env is prod": True, "Env is dev or test": False}),
    ("!Equals [prod, !Ref Env]", {"Env is prod": True, "Env is dev or test": False}),
    ("!Equals [!Ref Env, staging]", {"": False}),
    ("!Not [!Condition IsProd]", {"Env is prod": False, "Env is dev or test": True}),
    ("!Equals [!Ref Open, x]", {"Open is x": True, "Open is not x": False}),
    ("!Equals [!Sub '${Open}', x]", {"Open is x": True, "Open is not x": False}),
    ("!Equals [!Ref Filled, x]", {"Filled is x": True, "Filled is not x": False}),
    (
        "!Equals [!Ref AWS::Region, eu-west-1]",
        {"AWS::Region is eu-west-1": True, "AWS::Region is not eu-west-1": False},
    ),
    (
        "!Or [!Equals [!Ref Env, dev], !Equals [!Ref Env, test]]",
        {"Env is dev": True, "Env is test": True, "Env is prod": False},
    ),
    ("!And [!Equals [!Ref Env, dev], !Equals [!Ref Env, test]]", {"Env is dev": False, "Env is test or prod": False}),
    (
        "!And [!Condition IsProd, !Equals [!Ref Open, x]]",
        {"Env is prod and Open is x": True, "Env is prod and Open is not x": False, "Env is dev or test": False},
    ),
    (
        "!Equals [!Ref Env, !Ref Open]",
        {
            "Env is dev and Open is dev": True,
            "Env is dev and Open is not dev": False,
            "Env is test and Open is test": True,
            "Env is test and Open is not test": False,
            "Env is prod and Open is prod": True,
            "Env is prod and Open is not prod": False,
        },
    ),
    (
        "!Equals [!FindInMap [Sizes, !Ref Env, size], large]",
        {"Env is dev or test": False, "Env is prod": True},
    ),
    (
        "!Equals [!Ref Image, ami-1]",
        {"Image.ResolvedValue is ami-1": True, "Image.ResolvedValue is not ami-1": False},
    ),
    (
        "!Equals [!Sub '${Image}', ami-1]",
        {"Image.ResolvedValue is ami-1": True, "Image.ResolvedValue is not ami-1": False},
    ),
    (
        "!Equals [!ImportValue Net, x]",
        {"the export Net of another stack is x": True, "the export Net of another stack is not x": False},
    ),
    (
        "!Equals [!GetAtt Other.Arn, x]",
        {"Arn of the resource Other is x": True, "Arn of the resource Other is not x": False},
    ),
    (
        "!Equals [!Sub '${Open}-x', a-x]",
        {"Fn::Sub ${Open}-x is a-x": True, "Fn::Sub ${Open}-x is not a-x": False},
    ),
    ("!Equals [!Ref Open, !Ref Filled]", {"Filled equals Open": True, "not (Filled equals Open)": False}),
    ("!Equals [[!Ref Open], [a]]", {'[Ref Open] is ["a"]': True, '[Ref Open] is not ["a"]': False}),
    ("!Nobody x", {"!Nobody x": True, "not (!Nobody x)": False}),
    ("!ImportValue Net", {"Fn::ImportValue Net": True, "not (Fn::ImportValue Net)": False}),
]


@pytest.mark.parametrize(("expression", "expected"), SPLITTING, ids=[text for text, _ in SPLITTING])
def test_a_condition_splits_as_coarsely_as_it_asks(expression: str, expected: dict[str, bool]) -> None:
    assert truths(expression) == expected


def test_correlated_conditions_never_give_an_impossible_combination() -> None:
    more = "  IsDev: !Equals [!Ref Env, dev]\n  NotProd: !Not [!Condition IsProd]\n"
    stack = stack_with("!Equals [a, a]", more=more)
    node = stack.template.conditions["Asked"]
    names = ("IsProd", "IsDev", "NotProd")
    found = answers(stack, lambda around: tuple(around.evaluator.condition(name, node)[0] for name in names))
    assert found == {
        "Env is prod": (True, False, False),
        "Env is dev": (False, True, True),
        "Env is test": (False, False, True),
    }


@pytest.mark.parametrize(
    ("pins", "expected"),
    [
        ({"Env": "prod"}, {"": True}),
        ({"Env": "dev"}, {"": False}),
        ({"Env": "nothing"}, {"Env is prod": True, "Env is dev or test": False}),
    ],
)
def test_a_pin_decides_unless_the_parameter_cannot_have_it(pins: dict[str, str], expected: dict[str, bool]) -> None:
    assert truths("!Equals [!Ref Env, prod]", pins) == expected


MALFORMED = [
    ("!Equals [a]", "Fn::Equals needs a list of two values"),
    ("!Equals a", "Fn::Equals needs a list of two values"),
    ("!Not [!Equals [a, a], !Equals [a, a]]", "Fn::Not needs a list of one condition"),
    ("!And []", "Fn::And needs a list of conditions"),
    ("!Or {a: b}", "Fn::Or needs a list of conditions"),
    ("!Condition Nobody", "condition Nobody is not declared; declare it under Conditions"),
    ("{Condition: Nobody}", "condition Nobody is not declared; declare it under Conditions"),
    ("{Condition: [Always]}", "Condition needs the name of a condition"),
    ("!Not [Always]", "not a condition; use Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition"),
    ("{Condition: Always, Other: b}", "not a condition; use Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition"),
    ("[a]", "not a condition; use Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition"),
    ("", "not a condition; use Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition"),
    ("!Condition Asked", "conditions go round in a circle: Asked → Asked; break it at one of them"),
]


@pytest.mark.parametrize(("expression", "message"), MALFORMED, ids=[text or "null" for text, _ in MALFORMED])
def test_a_condition_without_meaning_is_an_error_with_its_place(expression: str, message: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        truths(expression)

    assert caught.value.message == message
    assert caught.value.span is not None
    assert str(caught.value).startswith("t.yaml:")


def test_a_cycle_is_told_from_where_it_begins() -> None:
    more = "  A: !Not [!Condition B]\n  B: !Or [!Condition C, !Condition A]\n  C: !Equals [a, b]\n"
    with pytest.raises(EvaluationError, match="in a circle: A → B → A; break it at one of them"):
        truths("!Not [!Condition A]", more=more)


@pytest.mark.parametrize("source", ["Transform: Mine", "Transform: [AWS::LanguageExtensions, Mine]"])
def test_a_condition_that_a_macro_may_declare_can_be_either(source: str) -> None:
    text = PREAMBLE.replace("Transform: AWS::LanguageExtensions", source)
    stack = stack_of(text.replace("Conditions:\n", "Conditions:\n  Asked: !Condition Nobody\n"))
    node = stack.template.conditions["Asked"]
    assert answers(stack, lambda around: around.evaluator.condition("Asked", node)[0]) == {
        "condition Nobody": True,
        "not (condition Nobody)": False,
    }


def test_notes_name_each_condition_and_default_once() -> None:
    more = "  A: !Equals [!Ref Name, app]\n  B: !And [!Condition A, !Condition A, !Condition IsProd]\n"
    stack = stack_with("!And [!Condition B, !Condition A]", {"Env": "prod"}, more)
    node = stack.template.conditions["Asked"]
    ((truth, notes),) = answers(stack, lambda around: around.evaluator.condition("Asked", node)).values()

    assert truth
    assert notes == (
        "Name has its default 'app'",
        "condition A is true",
        "Env is pinned to 'prod'",
        "condition IsProd is true",
        "condition B is true",
        "condition Asked is true",
    )


def test_what_was_decided_earlier_in_a_scenario_is_not_taken_for_a_constant() -> None:
    """The second condition asks nothing new, yet it differs between scenarios and must not be kept for all."""
    stack = stack_with("!Not [!Condition IsProd]")
    node = stack.template.conditions["Asked"]
    names = ("IsProd", "Asked")
    found = answers(stack, lambda around: tuple(around.evaluator.condition(name, node)[0] for name in names))

    assert found == {"Env is prod": (True, False), "Env is dev or test": (False, True)}
    assert "Asked" not in stack.constant_conditions


@pytest.mark.parametrize("first", ["!Equals [!Ref Env, prod]", "!Equals [a, a]"])
def test_conditions_that_share_others_cost_no_more_than_their_number(first: str) -> None:
    more = "".join(f"  A{n}: !And [!Condition A{n - 1}, !Condition A{n - 1}]\n" for n in range(1, 90))
    start = time.perf_counter()
    found = truths("!Condition A89", more=f"  A0: {first}\n{more}")

    assert True in found.values()
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("count", [500, 3000])
def test_a_long_chain_of_conditions_is_an_evaluation_error_not_a_crash(count: int) -> None:
    more = "".join(f"  A{n}: !Not [!Condition A{n - 1}]\n" for n in range(1, count))
    with pytest.raises(EvaluationError, match="nested too deeply"):
        truths(f"!Condition A{count - 1}", more=f"  A0: !Equals [a, a]\n{more}")


def test_a_chain_of_a_hundred_conditions_is_evaluated() -> None:
    more = "".join(f"  A{n}: !Not [!Condition A{n - 1}]\n" for n in range(1, 100))
    assert truths("!Condition A99", more=f"  A0: !Equals [a, a]\n{more}") == {"": False}


def test_and_of_two_hundred_conditions_has_one_scenario_more_than_conditions() -> None:
    names = [f"P{number}" for number in range(200)]
    parameters = "".join(f"  {name}: {{Type: String, AllowedValues: [a, b]}}\n" for name in names)
    operands = ", ".join(f"!Equals [!Ref {name}, a]" for name in names)
    stack = stack_of(f"Parameters:\n{parameters}Conditions:\n  Asked: !And [{operands}]\nResources: {{}}\n")
    node = stack.template.conditions["Asked"]
    found = scenarios(stack, lambda around: around.evaluator.condition("Asked", node)[0], limit=300)

    assert len(found) == 201
    assert sum(truth for _, truth in found) == 1
