from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from infra_checks.evaluate.choices import ANY_TEXT, TRUTH, Choices
from infra_checks.evaluate.scenario import Scenario, Source, Variable, explore

if TYPE_CHECKING:
    from collections.abc import Callable

ENV = Variable("Env", Source.PARAMETER, Choices(("dev", "test", "prod")))
OPEN = Variable("Open", Source.PARAMETER, ANY_TEXT)
ONE = Variable("One", Source.PARAMETER, Choices(("only",)))


def walk(judge: Callable[[Scenario], object], limit: int = 50) -> list[Any]:
    return [(dict(step[0].taken), step[1]) if step else None for step in explore(judge, limit=limit)]


def test_a_judgement_that_asks_nothing_has_one_scenario() -> None:
    assert walk(lambda _: "said") == [({}, "said")]


def test_equals_splits_a_closed_variable_in_two() -> None:
    assert walk(lambda scenario: scenario.equals(ENV, "prod")) == [
        ({"Env": Choices(("prod",))}, True),
        ({"Env": Choices(("dev", "test"))}, False),
    ]


def test_equals_splits_an_open_variable_in_two() -> None:
    assert walk(lambda scenario: scenario.equals(OPEN, "x")) == [
        ({"Open": Choices(("x",))}, True),
        ({"Open": Choices(("x",), others=True)}, False),
    ]


@pytest.mark.parametrize(("variable", "text", "truth"), [(ENV, "none", False), (ONE, "only", True), (ONE, "x", False)])
def test_equals_with_one_possible_answer_splits_nothing(variable: Variable, text: str, truth: bool) -> None:
    assert walk(lambda scenario: scenario.equals(variable, text)) == [({}, truth)]


def test_a_later_question_is_answered_within_the_choices_taken() -> None:
    def judge(scenario: Scenario) -> tuple[bool, bool, str | None]:
        return scenario.equals(ENV, "prod"), scenario.equals(ENV, "dev"), scenario.value(ENV)

    assert [said for _, said in walk(judge)] == [(True, False, "prod"), (False, True, "dev"), (False, False, "test")]


def test_a_question_asked_twice_has_one_answer() -> None:
    assert [said for _, said in walk(lambda s: (s.equals(OPEN, "x"), s.equals(OPEN, "x")))] == [
        (True, True),
        (False, False),
    ]


def test_value_splits_a_closed_variable_into_its_values() -> None:
    assert [said for _, said in walk(lambda scenario: scenario.value(ENV))] == ["dev", "test", "prod"]


def test_value_of_an_open_variable_is_open_and_splits_nothing() -> None:
    assert walk(lambda scenario: scenario.value(OPEN)) == [({}, None)]


def test_value_of_an_open_variable_is_known_where_a_condition_fixed_it() -> None:
    assert [said for _, said in walk(lambda s: (s.equals(OPEN, "x"), s.value(OPEN)))] == [(True, "x"), (False, None)]


GROUPS = (("dev", "test"), ("prod",))


@pytest.mark.parametrize(
    ("variable", "groups", "rest", "expected"),
    [
        (ENV, GROUPS, False, [({"Env": Choices(("dev", "test"))}, "dev"), ({"Env": Choices(("prod",))}, "prod")]),
        (ENV, GROUPS, True, [({"Env": Choices(("dev", "test"))}, "dev"), ({"Env": Choices(("prod",))}, "prod")]),
        (ENV, (("prod",),), False, [({"Env": Choices(("prod",))}, "prod"), ({"Env": Choices(("dev", "test"))}, None)]),
        (ENV, (("dev", "test", "prod"),), False, [({"Env": Choices(("dev", "test", "prod"))}, "dev")]),
        (ENV, (("none",),), False, [({}, None)]),
        (ENV, (), False, [({}, None)]),
        (OPEN, GROUPS, False, [({"Open": Choices(("dev", "test"))}, "dev"), ({"Open": Choices(("prod",))}, "prod")]),
        (OPEN, (("a",),), False, [({"Open": Choices(("a",))}, "a")]),
        (OPEN, (("a",),), True, [({"Open": Choices(("a",))}, "a"), ({"Open": Choices(("a",), others=True)}, None)]),
        (OPEN, (), True, [({}, None)]),
    ],
)
def test_group_splits_into_groups_and_what_is_in_none(
    variable: Variable, groups: tuple[tuple[str, ...], ...], rest: bool, expected: object
) -> None:
    assert walk(lambda scenario: scenario.group(variable, groups, rest=rest)) == expected


def test_group_answers_within_the_choices_taken() -> None:
    found = walk(lambda scenario: (scenario.equals(OPEN, "zzz"), scenario.group(OPEN, GROUPS)))
    assert [said for _, said in found] == [(True, None), (False, "dev"), (False, "prod")]


def test_the_walk_visits_every_combination_once() -> None:
    flags = [Variable(name, Source.PARAMETER, TRUTH) for name in "abcd"]
    said = [answer for _, answer in walk(lambda s: tuple(s.equals(flag, "true") for flag in flags))]

    assert len(said) == len(set(said)) == 16


def test_leaves_are_disjoint_and_cover_everything() -> None:
    def judge(scenario: Scenario) -> None:
        if scenario.equals(ENV, "prod"):
            scenario.equals(OPEN, "x")
        elif scenario.equals(OPEN, "y"):
            scenario.value(ENV)

    leaves = [leaf for leaf, _ in walk(judge)]
    for env in ENV.base.values:
        for text in ("x", "y", "z"):
            point = {"Env": env, "Open": text}
            assert sum(all(point[key] in choices for key, choices in leaf.items()) for leaf in leaves) == 1


@pytest.mark.parametrize(("limit", "steps"), [(0, 1), (1, 2), (2, 3), (3, 3), (4, 3)])
def test_the_walk_ends_with_nothing_only_where_the_limit_cut_it(limit: int, steps: int) -> None:
    found = walk(lambda scenario: scenario.value(ENV), limit)

    assert len(found) == steps
    assert (None in found) is (limit < 3)


def test_asked_counts_only_questions_that_can_have_several_answers() -> None:
    scenario = Scenario()
    assert scenario.asked == 0
    scenario.equals(ENV, "prod")
    assert scenario.asked == 1
