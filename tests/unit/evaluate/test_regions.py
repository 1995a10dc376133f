from __future__ import annotations

import pytest

from infra_checks.evaluate.choices import ANY_TEXT, TRUTH, Choices
from infra_checks.evaluate.regions import Region, Walked, region, sample
from infra_checks.evaluate.scenario import Leaf, Source, Variable
from tests.unit.evaluate.stacks import region_where, scenarios, stack_of

LETTERS = Variable("Letter", Source.PARAMETER, Choices(tuple("abcdefg")))
ENV = Variable("Env", Source.PARAMETER, Choices(("dev", "test", "prod")))
OPEN = Variable("Open", Source.PARAMETER, ANY_TEXT)
FILLED = Variable("Filled", Source.PARAMETER, Choices(("",), others=True))
SECRET = Variable("Secret", Source.PARAMETER, Choices(("hunter2", "")), default="hunter2", secret=True)
FACT = Variable("the export X is there", Source.OPAQUE, TRUTH)
EXPORT = Variable("the export X of another stack", Source.OPAQUE, ANY_TEXT)


def words(*choices: tuple[Variable, Choices]) -> str:
    return Region(({variable.key: chosen for variable, chosen in choices},), {v.key: v for v, _ in choices}).words()


@pytest.mark.parametrize(
    ("variable", "choices", "expected"),
    [
        (ENV, Choices(("prod",)), "Env is prod"),
        (ENV, Choices(("prod", "dev")), "Env is dev or prod"),
        (LETTERS, Choices(tuple("dcba")), "Letter is a, b, c or d"),
        (LETTERS, Choices(tuple("edcba")), "Letter is not f or g"),
        (LETTERS, Choices(tuple("bcdefg")), "Letter is not a"),
        (OPEN, Choices(("x",)), "Open is x"),
        (OPEN, Choices(("",)), 'Open is ""'),
        (OPEN, Choices(("x",), others=True), "Open is not x"),
        (OPEN, Choices(("x", ""), others=True), 'Open is not x or ""'),
        (OPEN, Choices(tuple("abcdef")), "Open is a, b, c, d, e or f"),
        (FILLED, Choices(("", "x"), others=True), "Filled is not x"),
        (FILLED, Choices(("", "x", "y"), others=True), "Filled is not x or y"),
        (SECRET, Choices(("hunter2",)), "Secret has one of some hidden values"),
        (FACT, Choices(("true",)), "the export X is there"),
        (FACT, Choices(("false",)), "not (the export X is there)"),
        (EXPORT, Choices(("a",)), "the export X of another stack is a"),
    ],
)
def test_choices_are_told_in_as_few_words_as_possible(variable: Variable, choices: Choices, expected: str) -> None:
    assert words((variable, choices)) == expected


def test_boxes_are_joined_with_or_and_their_choices_with_and() -> None:
    boxes = ({"Env": Choices(("prod",)), "Open": Choices(("x",))}, {"Env": Choices(("dev",))})
    assert Region(boxes, {"Env": ENV, "Open": OPEN}).words() == "Env is prod and Open is x; or Env is dev"


def test_everything_needs_no_words() -> None:
    everything = Region(({},), {})
    assert everything.is_everything
    assert everything.words() == ""
    assert everything.assignment(concrete=True) == {}


TEMPLATE = """
Parameters:
  A: {Type: String, AllowedValues: [x, y, z]}
  B: {Type: String, AllowedValues: [x, y]}
  C: {Type: String}
Conditions:
  Ax: !Equals [!Ref A, x]
  Ay: !Equals [!Ref A, y]
  Bx: !Equals [!Ref B, x]
  Cx: !Equals [!Ref C, x]
Resources: {}
"""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("!Condition Ax", "A is x"),
        ("!Not [!Condition Ax]", "A is y or z"),
        ("!Or [!Condition Ax, !Condition Ay]", "A is x or y"),
        ("!And [!Condition Ax, !Condition Bx]", "A is x and B is x"),
        ("!Not [!And [!Condition Ax, !Condition Bx]]", "A is y or z; or B is y"),
        ("!Or [!Condition Ax, !Condition Bx]", "A is x; or B is x"),
        ("!Or [!And [!Condition Ax, !Condition Bx], !And [!Condition Ax, !Not [!Condition Bx]]]", "A is x"),
        ("!Or [!And [!Condition Bx, !Condition Cx], !And [!Condition Bx, !Not [!Condition Cx]]]", "B is x"),
        ("!Or [!Condition Bx, !Not [!Condition Bx]]", ""),
        ("!Not [!Condition Cx]", "C is not x"),
        (
            "!Or [!And [!Condition Ax, !Condition Bx], !And [!Not [!Condition Ax], !Not [!Condition Bx]]]",
            "A is x and B is x; or A is y or z and B is y",
        ),
    ],
)
def test_a_region_is_told_without_what_does_not_matter(expression: str, expected: str) -> None:
    stack = stack_of(TEMPLATE.replace("Conditions:", f"Conditions:\n  Asked: {expression}"))
    node = stack.template.conditions["Asked"]
    assert region_where(stack, lambda around: around.evaluator.condition("Asked", node)[0]).words() == expected


def leaf(**taken: Choices) -> Leaf:
    known = {"A": Variable("A", Source.PARAMETER, Choices(tuple("xyz"))), "B": Variable("B", Source.PARAMETER, TRUTH)}
    return Leaf(taken, {key: known[key] for key in taken})


def test_of_a_walk_that_was_cut_nothing_is_said_about_what_was_not_visited() -> None:
    visited = [leaf(A=Choices(("x",))), leaf(A=Choices(("y",)))]
    assert region(visited, Walked(visited)).words() == ""
    assert region(visited, Walked(visited, complete=False)).words() == "A is x or y"
    assert region(visited[:1], Walked(visited)).words() == "A is x"
    assert region(visited[:1], Walked(visited, complete=False)).words() == "A is x"


def test_what_no_scenario_has_is_not_mentioned() -> None:
    """Rules of the template may leave some values of a parameter out of all scenarios."""
    both = [leaf(A=Choices(("x",)), B=Choices(("true",))), leaf(A=Choices(("y",)), B=Choices(("true",)))]
    other = leaf(B=Choices(("false",)))
    assert region(both, Walked([*both, other])).words() == "B is true"


def test_many_scenarios_are_put_into_words_in_bounded_time() -> None:
    names = [f"P{number}" for number in range(10)]
    parameters = "".join(f"  {name}: {{Type: String, AllowedValues: [a, b]}}\n" for name in names)
    conditions = "".join(f"  C{name}: !Equals [!Ref {name}, a]\n" for name in names)
    stack = stack_of(f"Parameters:\n{parameters}Conditions:\n{conditions}Resources: {{}}\n")
    node = stack.template.conditions["CP0"]

    found = scenarios(
        stack, lambda a: sum(a.evaluator.condition(f"C{name}", node)[0] for name in names) % 2 == 0, limit=2000
    )
    even = region([one for one, answer in found if answer], Walked([one for one, _ in found]))

    assert len(even.boxes) == 512


@pytest.mark.parametrize(
    ("variable", "choices", "expected"),
    [
        (Variable("P", Source.PARAMETER, ANY_TEXT, default="d"), ANY_TEXT, "d"),
        (Variable("P", Source.PARAMETER, ANY_TEXT, default="d"), Choices(("d",), others=True), "any-other-value"),
        (ENV, Choices(("prod", "dev")), "dev"),
        (OPEN, Choices(("any-other-value",), others=True), "1"),
        (OPEN, Choices(("any-other-value", "1", "0", "other"), others=True), "any-other-value-0"),
        (Variable("AWS::Region", Source.PSEUDO, ANY_TEXT), Choices(("us-east-1",), others=True), "us-west-2"),
        (Variable("AWS::Partition", Source.PSEUDO, ANY_TEXT), Choices(("aws",), others=True), "aws-us-gov"),
        (Variable("AWS::AccountId", Source.PSEUDO, ANY_TEXT), ANY_TEXT, "111122223333"),
        (
            Variable("AWS::AccountId", Source.PSEUDO, ANY_TEXT),
            Choices(("111122223333", "444455556666"), others=True),
            "0",
        ),
        (Variable("N", Source.PARAMETER, ANY_TEXT, samples=("1", "0", "2")), Choices(("1",), others=True), "0"),
        (Variable("N", Source.PARAMETER, ANY_TEXT, samples=("1", "0", "2")), Choices(tuple("0123"), others=True), "4"),
    ],
)
def test_a_sample_is_one_of_the_choices_and_the_default_if_it_can_be(
    variable: Variable, choices: Choices, expected: str
) -> None:
    assert sample(variable, choices) == expected
    assert expected in choices


def test_an_assignment_is_sorted_and_leaves_out_what_cannot_or_must_not_be_given() -> None:
    chosen = (
        (OPEN, Choices(("x",), others=True)),
        (FACT, Choices(("true",))),
        (SECRET, Choices(("hunter2",))),
        (ENV, Choices(("prod",))),
    )
    found = Region(({variable.key: choices for variable, choices in chosen},), {v.key: v for v, _ in chosen})

    assert found.assignment(concrete=True) == {"Env": "prod", "Open": "any-other-value"}
    assert list(found.assignment(concrete=True)) == ["Env", "Open"]
    assert found.assignment(concrete=False) == {"Env": "prod"}
