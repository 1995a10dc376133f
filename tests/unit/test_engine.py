from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from infra_checks.core.finding import Effect, Family, Finding, Outcome, Severity
from infra_checks.core.resource import TEMPLATE, Resource
from infra_checks.core.rule import ANY_TYPE, Context, Rule, Verdict, rule
from infra_checks.core.table import is_true, property_rule
from infra_checks.engine import Judgement, by_type, judge
from infra_checks.evaluate.values import Known, Unknown
from infra_checks.packs.select import Chosen
from tests.unit.evaluate.stacks import stack_of

if TYPE_CHECKING:
    from infra_checks.evaluate.stack import Stack

Judge = Callable[[Resource, Context], Iterator[Verdict]]

FLAG = property_rule(
    "T",
    id="test-flag",
    title="Flag",
    family=Family.IAM,
    severity=Severity.HIGH,
    path=("Flag",),
    holds=is_true,
    message="Flag is not true",
    rationale="Why.",
    remedy="Set it.",
    source="",
    equivalents=("CKV_1",),
)


def rule_of(judge: Judge, *types: str, id: str = "test-rule") -> Rule:
    judge.__doc__ = "Why."
    made = rule(*types or ("T",), id=id, title="", family=Family.IAM, severity=Severity.LOW, remedy="Do it.")
    return made(judge)


def chosen(made: Rule, effect: Effect = Effect.BLOCK, undecided: Effect = Effect.WARN, **options: Any) -> Chosen:  # noqa: ANN401
    return Chosen(rule=made, effect=effect, severity=made.severity, options=options, undecided=undecided)


def judged(stack: Stack | str, *choices: Chosen | Rule, **judgement: Any) -> list[Finding]:  # noqa: ANN401
    stack = stack_of(stack) if isinstance(stack, str) else stack
    rules = by_type([choice if isinstance(choice, Chosen) else chosen(choice) for choice in choices])
    return list(judge(stack, rules, Judgement(**{"label": "t.yaml", **judgement})))


def with_flag(flag: str, condition: str = "!Equals [!Ref Env, prod]", more: str = "") -> str:
    return f"""
Parameters:
  Env: {{Type: String, AllowedValues: [dev, test, prod]}}
  Open: {{Type: String}}
  Secret: {{Type: String, NoEcho: true, Default: hunter2, AllowedValues: [hunter2, other]}}
Conditions:
  Asked: {condition}
  Imported: !Equals [!ImportValue X, "yes"]
  Attribute: !Equals [!GetAtt Other.Arn, y]
Resources:
  Subject: {{Type: T, Properties: {{Flag: {flag}}}}}
  Other: {{Type: U}}
{more}"""


def told(*found: Finding) -> list[tuple[str, str]]:
    return [(str(one.outcome), one.when) for one in found]


@pytest.mark.parametrize(
    ("flag", "condition", "expected"),
    [
        ("true", "!Equals [a, a]", []),
        ("false", "!Equals [a, a]", [("fail", "")]),
        ("!If [Asked, true, false]", "!Equals [!Ref Env, prod]", [("fail", "Env is dev or test")]),
        (
            "!If [Asked, false, !Ref 'AWS::NoValue']",
            "!Equals [!Ref Env, prod]",
            [("fail", "Env is prod"), ("fail", "Env is dev or test")],
        ),
        ("!If [Asked, true, !ImportValue X]", "!Equals [!Ref Env, prod]", [("undecided", "Env is dev or test")]),
        (
            "!If [Asked, false, !ImportValue X]",
            "!Equals [!Ref Env, prod]",
            [("fail", "Env is prod"), ("undecided", "Env is dev or test")],
        ),
        ("!Ref Open", "!Equals [a, a]", [("undecided", "")]),
        ("!If [Asked, false, true]", "!Equals [!Ref Open, '']", [("fail", 'Open is ""')]),
        ("!If [Asked, false, true]", "!Equals [!Ref AWS::Region, us-east-1]", [("fail", "AWS::Region is us-east-1")]),
        (
            "!If [Asked, true, false]",
            "!Equals [!Ref AWS::Region, us-east-1]",
            [("fail", "AWS::Region is not us-east-1")],
        ),
        (
            "!If [Asked, true, false]",
            "!Equals [!Ref Secret, other]",
            [("fail", "Secret has one of some hidden values")],
        ),
    ],
)
def test_a_finding_says_when_it_holds(flag: str, condition: str, expected: list[tuple[str, str]]) -> None:
    assert told(*judged(with_flag(flag, condition), FLAG)) == expected


IMPORT = "the export X of another stack is yes"
NO_IMPORT = "the export X of another stack is not yes"


def flag_is_true(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    flag = resource.boolean("Flag")
    if not isinstance(flag, Known) or not flag.value:
        yield ctx.violation(resource, "Flag is not true")


AT_NAME = rule_of(flag_is_true)
"""Unlike FLAG it reports all scenarios at one place, so that they are one finding."""


@pytest.mark.parametrize(
    ("flag", "expected"),
    [
        ("!If [Imported, true, true]", []),
        ("!If [Imported, true, false]", [("undecided", NO_IMPORT)]),
        ("!If [Imported, false, true]", [("undecided", IMPORT)]),
        ("!If [Imported, false, false]", [("fail", "")]),
        ("!If [Attribute, false, true]", [("undecided", "Arn of the resource Other is y")]),
        (
            "!If [Asked, false, !If [Imported, false, true]]",
            [("fail", "Env is prod"), ("undecided", f"Env is dev or test and {IMPORT}")],
        ),
        ("!If [Imported, !If [Asked, true, false], true]", [("undecided", f"{IMPORT} and Env is dev or test")]),
        ("!If [Imported, !If [Asked, true, false], !If [Asked, true, false]]", [("fail", "Env is dev or test")]),
        (
            "!If [Imported, !If [Asked, true, false], false]",
            [("fail", f"{IMPORT} and Env is dev or test"), ("undecided", NO_IMPORT)],
        ),
    ],
)
def test_what_only_the_deployment_decides_is_undecided_unless_both_sides_fail(
    flag: str, expected: list[tuple[str, str]]
) -> None:
    """What the rule did not ask in a scenario is not split afterwards: without the import Env was not asked."""
    assert _simplified(told(*judged(with_flag(flag), AT_NAME))) == _simplified(expected)


def _simplified(found: list[tuple[str, str]]) -> set[tuple[str, frozenset[str]]]:
    return {(outcome, frozenset(when.split(" and "))) for outcome, when in found}


def test_two_violations_on_the_two_sides_of_an_import_are_both_violations() -> None:
    found = judged(with_flag("!If [Imported, false, !Ref 'AWS::NoValue']"), FLAG)
    assert told(*found) == [("fail", IMPORT), ("fail", NO_IMPORT)]


def test_an_undecided_violation_says_on_what_it_depends() -> None:
    (found,) = judged(with_flag("!If [Imported, false, true]"), FLAG)
    assert found.message == f"Flag is not true, if {IMPORT}, which only the deployment decides"
    assert found.effect is Effect.WARN
    assert found.assignment == {}


def test_a_finding_has_everything_a_report_needs() -> None:
    (found,) = judged(with_flag("!If [Asked, true, false]"), FLAG, label="dir/t.yaml")
    assert found.rule == "test-flag"
    assert (found.family, found.severity) == (Family.IAM, Severity.HIGH)
    assert (found.template, found.resource, found.type, found.path_text) == (
        "dir/t.yaml",
        "Subject",
        "T",
        "Properties.Flag",
    )
    assert (found.message, found.remedy, found.equivalents) == ("Flag is not true", "Set it.", ("CKV_1",))
    assert found.assignment == {"Env": "dev"}
    assert found.provenance == ("condition Asked is false",)
    assert found.span.line == 11


def test_an_assignment_never_shows_a_hidden_value() -> None:
    for flag in ("!If [Asked, true, false]", "!If [Asked, false, true]", "!Ref Secret", "!Sub '${Secret}'"):
        for finding in judged(with_flag(flag, "!Equals [!Ref Secret, other]"), FLAG):
            assert "hunter2" not in repr(finding)
            assert "Secret" not in finding.assignment


def crash(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    yield ctx.violation(resource, "said before")
    raise ZeroDivisionError(resource.logical_id)


def endless(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    yield from endless(resource, ctx)


def no_verdict(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    del ctx
    yield resource  # type: ignore[misc]


def no_generator(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    del resource, ctx
    return None  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("function", "error"),
    [
        (crash, "ZeroDivisionError"),
        (endless, "RecursionError"),
        (no_verdict, "AttributeError"),
        (no_generator, "TypeError"),
    ],
)
def test_a_rule_that_fails_becomes_an_error_never_a_pass(function: Judge, error: str) -> None:
    found = judged(with_flag("true"), rule_of(function), FLAG)
    assert [one.outcome for one in found] == [Outcome.ERROR]
    assert f"the rule failed with {error}" in found[0].message
    assert found[0].span.line == 11


def test_a_rule_that_fails_in_some_scenarios_says_in_which() -> None:
    def sometimes(resource: Resource, ctx: Context) -> Iterator[Verdict]:
        flag = resource.boolean("Flag")
        if isinstance(flag, Known) and flag.value:
            raise ValueError
        yield ctx.violation(resource, "Flag is not true")

    found = judged(with_flag("!If [Asked, true, false]"), rule_of(sometimes))
    assert sorted(told(*found)) == [("error", "Env is prod"), ("fail", "Env is dev or test")]


def many_ifs(count: int) -> str:
    names = [f"P{number}" for number in range(count)]
    parameters = "".join(f"  {name}: {{Type: String, AllowedValues: [a, b]}}\n" for name in names)
    conditions = "".join(f"  C{name}: !Equals [!Ref {name}, a]\n" for name in names)
    flags = ", ".join(f"!If [C{name}, true, false]" for name in names)
    return (
        f"Parameters:\n{parameters}Conditions:\n{conditions}"
        f"Resources:\n  Subject: {{Type: T, Properties: {{Flags: [{flags}], Flag: false}}}}\n"
    )


def all_flags(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    flags = [value == Known(True, value.node, value.path, value.notes) for value in resource.values("Flags", "*")]
    if not any(flags):
        yield ctx.violation(resource, "no flag is true")


@pytest.mark.parametrize(("limit", "cut"), [(7, True), (8, False), (9, False)])
def test_more_scenarios_than_the_limit_are_an_open_question(limit: int, cut: bool) -> None:
    found = judged(many_ifs(3), rule_of(all_flags), max_scenarios=limit)
    messages = [one.message for one in found if one.outcome is Outcome.UNDECIDED]
    assert (
        messages
        == [f"more than {limit} scenarios; those beyond are not judged (raise --max-scenarios or pin parameters)"] * cut
    )
    assert [one for one in found if one.outcome is Outcome.FAIL] == [] if cut else len(found) == 1


@pytest.mark.parametrize(
    ("undecided", "effect"), [(Effect.BLOCK, Effect.BLOCK), (Effect.WARN, Effect.WARN), (Effect.OFF, Effect.WARN)]
)
def test_that_a_walk_was_cut_short_is_always_said(undecided: Effect, effect: Effect) -> None:
    (found,) = judged(many_ifs(3), chosen(rule_of(all_flags), undecided=undecided), max_scenarios=2)
    assert (found.outcome, found.effect) == (Outcome.UNDECIDED, effect)


def test_of_a_walk_that_was_cut_short_always_is_not_said() -> None:
    def both(resource: Resource, ctx: Context) -> Iterator[Verdict]:
        list(all_flags(resource, ctx))
        yield ctx.violation(resource, "is wrong")

    found = judged(many_ifs(3), rule_of(both), max_scenarios=4)
    assert [(one.message, one.when) for one in found if one.outcome is Outcome.FAIL] == [("is wrong", "P0 is a")]


def test_of_a_walk_that_was_cut_short_what_an_import_decides_stays_open() -> None:
    found = judged(with_flag("!If [Imported, false, false]"), AT_NAME, max_scenarios=1)
    assert [one.outcome for one in found] == [Outcome.UNDECIDED, Outcome.UNDECIDED]


def test_many_independent_conditions_are_judged_in_bounded_time() -> None:
    start = time.perf_counter()
    found = judged(many_ifs(40), rule_of(all_flags))

    assert [one.outcome for one in found] == [Outcome.UNDECIDED]
    assert time.perf_counter() - start < 30


@pytest.mark.parametrize(
    ("effect", "undecided", "expected"),
    [
        (Effect.BLOCK, Effect.BLOCK, Effect.BLOCK),
        (Effect.BLOCK, Effect.WARN, Effect.WARN),
        (Effect.BLOCK, Effect.OFF, None),
        (Effect.WARN, Effect.WARN, Effect.WARN),
        (Effect.WARN, Effect.BLOCK, Effect.WARN),
        (Effect.OFF, Effect.BLOCK, None),
    ],
)
def test_open_questions_have_an_effect_of_their_own(effect: Effect, undecided: Effect, expected: Effect | None) -> None:
    found = judged(with_flag("!Ref Open"), chosen(FLAG, effect, undecided))
    assert [one.effect for one in found] == [expected] * (expected is not None)


@pytest.mark.parametrize(("effect", "expected"), [(Effect.BLOCK, True), (Effect.WARN, False)])
def test_a_violation_has_the_rule_s_effect(effect: Effect, expected: bool) -> None:
    (found,) = judged(with_flag("false"), chosen(FLAG, effect, Effect.OFF))
    assert found.effect is effect
    assert found.blocks is expected


def test_rules_are_indexed_by_type_and_those_that_are_off_are_left_out() -> None:
    one, two, any_type = (
        rule_of(crash, "A", "B", id="a-one"),
        rule_of(crash, "B", id="a-two"),
        rule_of(crash, ANY_TYPE, id="a-any"),
    )
    off = chosen(rule_of(crash, "A", id="a-off"), Effect.OFF)
    index = by_type([chosen(one), chosen(two), chosen(any_type), off])

    assert {kind: [choice.rule.id for choice in choices] for kind, choices in index.items()} == {
        "A": ["a-one"],
        "B": ["a-one", "a-two"],
        "*": ["a-any"],
    }


def always(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    yield ctx.violation(resource, f"{resource.type} is seen")


def test_a_rule_for_any_type_sees_every_resource_and_one_for_the_template_sees_it_once() -> None:
    found = judged(with_flag("true"), rule_of(always, ANY_TYPE, id="a-any"), rule_of(always, TEMPLATE, id="a-template"))
    assert [(one.rule, one.resource, one.message) for one in found] == [
        ("a-template", "", "Template is seen"),
        ("a-any", "Subject", "T is seen"),
        ("a-any", "Other", "U is seen"),
    ]


def test_a_resource_is_judged_only_where_it_exists() -> None:
    more = "  Conditional: {Type: V, Condition: Asked}"
    found = judged(with_flag("true", more=more), rule_of(always, "V"))
    assert told(*found) == [("fail", "Env is prod")]


def test_a_template_rule_s_finding_is_one_even_if_it_makes_its_own_places() -> None:
    def placed(template: Resource, ctx: Context) -> Iterator[Verdict]:
        template.stack.parameter_is(("Env",), ("prod",))
        yield ctx.violation(template, "is wrong")
        for problem in template.stack.problems:
            yield ctx.violation(problem, problem.reason)

    found = judged(with_flag("true", more="  Bad: text"), rule_of(placed, TEMPLATE))
    assert [(one.message, one.when) for one in found] == [("is wrong", ""), ("Resources.Bad must be a mapping", "")]


def test_combinations_that_the_template_s_rules_refuse_are_not_judged() -> None:
    more = """
Rules:
  R:
    RuleCondition: !Equals [!Ref Env, prod]
    Assertions: [{Assert: !Equals [!Ref Open, safe]}]
"""
    text = with_flag("!If [Asked, !If [Unsafe, false, true], true]", more=more)
    unsafe = "Conditions:\n  Unsafe: !Not [!Equals [!Ref Open, safe]]\n"
    assert judged(text.replace("Conditions:\n", unsafe), FLAG) == []

    text = text.replace("RuleCondition: !Equals [!Ref Env, prod]", "RuleCondition: !Equals [!Ref Env, test]")
    assert told(*judged(text.replace("Conditions:\n", unsafe), FLAG)) == [("fail", "Env is prod and Open is not safe")]


def test_an_assignment_is_one_that_the_template_s_rules_allow() -> None:
    more = "Rules: {R: {Assertions: [{Assert: !Not [!Equals [!Ref Env, dev]]}]}}"
    (found,) = judged(with_flag("!If [Asked, true, false]", more=more), FLAG)
    assert (found.when, found.assignment) == ("Env is test", {"Env": "test"})


def test_too_many_refused_combinations_drop_nothing_unproven() -> None:
    names = [f"P{number}" for number in range(14)]
    parameters = "".join(f"  {name}: {{Type: String, AllowedValues: [a, b]}}\n" for name in names)
    refused = ", ".join(f"!EachMemberIn [[!Ref {name}], [a, b]]" for name in names)
    text = f"""
Parameters:
{parameters}Rules: {{R: {{Assertions: [{{Assert: !And [{refused}, !Equals [a, b]]}}]}}}}
Resources: {{Subject: {{Type: T, Properties: {{Flag: false}}}}}}
"""
    assert told(*judged(text, FLAG)) == [("fail", "")]


def test_what_has_no_meaning_is_a_problem_of_the_stack_and_the_rest_is_judged() -> None:
    more = "  Odd: {Type: T, Condition: Nobody}\n  Round: {Type: T, Properties: {Flag: !If [A, true, false]}}"
    text = with_flag("false", more=more).replace("Conditions:\n", "Conditions:\n  A: !Not [!Condition A]\n")
    stack = stack_of(text)
    found = judged(stack, FLAG, AT_NAME)

    assert [(one.rule, one.resource) for one in found] == [("test-flag", "Subject"), ("test-rule", "Subject")]
    assert [problem.message for problem in stack.problems] == [
        "condition Nobody is not declared; declare it under Conditions",
        "conditions go round in a circle: A → A; break it at one of them",
    ]


def test_options_and_tags_reach_the_rule() -> None:
    def tagged(resource: Resource, ctx: Context) -> Iterator[Verdict]:
        yield ctx.violation(resource, f"{ctx.option('days')} {resource.stack.tags}")

    (found,) = judged(with_flag("true"), chosen(rule_of(tagged), days=3), tags={"a": "b"})
    assert found.message == "3 {'a': 'b'}"


def test_the_same_verdict_said_twice_is_one_finding() -> None:
    def twice(resource: Resource, ctx: Context) -> Iterator[Verdict]:
        yield from (*always(resource, ctx), *always(resource, ctx))

    assert len(judged(with_flag("true"), rule_of(twice))) == 1


def test_verdicts_come_in_the_order_in_which_they_were_said() -> None:
    def several(resource: Resource, ctx: Context) -> Iterator[Verdict]:
        for letter in "cab":
            yield ctx.violation(resource, letter)

    assert [one.message for one in judged(with_flag("true"), rule_of(several))] == ["c", "a", "b"]


def test_an_unknown_value_keeps_its_reason_in_the_finding() -> None:
    def reasons(resource: Resource, ctx: Context) -> Iterator[Verdict]:
        value = resource.value("Flag")
        if isinstance(value, Unknown):
            yield ctx.undecided(value, value.reason)

    (found,) = judged(with_flag("!GetAtt Other.Arn"), rule_of(reasons))
    assert (found.outcome, found.message) == (Outcome.UNDECIDED, "it depends on Arn of the resource Other")
