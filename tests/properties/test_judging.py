"""What must hold of findings on any template."""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from infra_checks.core.finding import Outcome
from infra_checks.errors import InfraChecksError
from tests.properties.judging import judged, subject, unplaced
from tests.properties.templates import VALUES, any_templates, assignments, closed_templates

if TYPE_CHECKING:
    from infra_checks.core.finding import Finding

LIMIT = 60


def read(template: str | dict[str, Any], pins: dict[str, str] | None = None) -> list[Finding] | None:
    try:
        found, problems = judged(template, pins, limit=LIMIT)
    except InfraChecksError:
        return None
    for problem in problems:
        assert str(problem).startswith("template.yaml")
    return found


@given(any_templates())
def test_any_template_is_judged_or_refused_with_our_own_error(template: dict[str, Any]) -> None:
    for finding in read(template) or []:
        assert finding.outcome is not Outcome.ERROR, finding.message


@given(any_templates(), st.booleans())
def test_yaml_and_json_say_the_same(template: dict[str, Any], flow: bool) -> None:
    as_yaml = yaml.safe_dump(template, default_flow_style=flow, sort_keys=False)
    from_yaml, from_json = read(as_yaml), read(json.dumps(template))

    assert (from_yaml is None) is (from_json is None)
    assert sorted(map(unplaced, from_yaml or [])) == sorted(map(unplaced, from_json or []))


@given(closed_templates(), st.randoms(use_true_random=False))
def test_pinning_a_parameter_only_narrows_what_was_found(template: dict[str, Any], random: Any) -> None:  # noqa: ANN401
    name, parameter = random.choice(sorted(template["Parameters"].items()))
    pins = {name: random.choice(parameter["AllowedValues"])}
    anywhere, pinned = judged(template), judged(template, pins)

    assert not anywhere[1]
    assert not pinned[1]
    for outcome in Outcome:
        before = {subject(finding) for finding in anywhere[0] if finding.outcome is outcome}
        assert {subject(finding) for finding in pinned[0] if finding.outcome is outcome} <= before


@given(any_templates(), st.sampled_from(VALUES[:3]))
def test_pinning_never_leaves_open_what_was_decided(template: dict[str, Any], value: str) -> None:
    """Where a rule had nothing open on a resource, a pinned run has nothing open either."""
    anywhere = read(template)
    pins = {name: value for name in template["Parameters"] if _can_be(template["Parameters"][name], value)}
    pinned = read(template, pins)
    if anywhere is None or pinned is None or any("scenarios" in finding.message for finding in anywhere):
        return
    open_before = {subject(finding)[:2] for finding in anywhere if finding.outcome is Outcome.UNDECIDED}
    assert {subject(finding)[:2] for finding in pinned if finding.outcome is Outcome.UNDECIDED} <= open_before


def _can_be(parameter: dict[str, Any], value: str) -> bool:
    """Whether a value is among those that are judged when nothing is pinned."""
    if parameter["Type"] == "String" and parameter.get("AllowedValues"):
        return value in parameter["AllowedValues"]
    return parameter.get("Default") is None and "SSM" not in parameter["Type"]


@given(st.one_of(any_templates(), closed_templates()))
def test_the_assignment_of_a_violation_reproduces_it(template: dict[str, Any]) -> None:
    for finding in read(template) or []:
        if finding.outcome is Outcome.FAIL:
            again = read(template, dict(finding.assignment)) or []
            assert subject(finding) in {subject(other) for other in again if other.outcome is Outcome.FAIL}


@given(closed_templates())
def test_findings_hold_in_exactly_the_assignments_they_name(template: dict[str, Any]) -> None:
    """Each assignment is judged on its own; the violations there are those whose `when` it satisfies."""
    found, problems = judged(template)
    assert not problems
    possible = {"": 0}
    for assignment in assignments(template):
        alone, _ = judged(template, assignment)
        if not _keeps_the_rules(template, assignment):
            assert alone == []
            continue
        expected = {(subject(one), str(one.outcome), one.message) for one in found if _holds(one.when, assignment)}
        assert {(subject(one), str(one.outcome), one.message) for one in alone} == expected
        assert all(one.when == "" for one in alone)
        possible[""] += 1
    assert possible[""] or not found


def _holds(when: str, assignment: dict[str, str]) -> bool:
    """Whether an assignment is in the scenarios that a finding's words name; an independent reading of the words."""
    if not when:
        return True
    return any(all(_phrase_holds(phrase, assignment) for phrase in box.split(" and ")) for box in when.split("; or "))


def _phrase_holds(phrase: str, assignment: dict[str, str]) -> bool:
    name, _, rest = phrase.partition(" is ")
    negative = rest.startswith("not ")
    values = rest.removeprefix("not ").replace(" or ", ", ").split(", ")
    return (assignment[name] in values) is not negative


def _keeps_the_rules(template: dict[str, Any], assignment: dict[str, str]) -> bool:
    """An independent reading of the `Rules` section."""
    return all(
        ("RuleCondition" in rule and not _asserted(rule["RuleCondition"], assignment))
        or all(_asserted(each["Assert"], assignment) for each in rule["Assertions"])
        for rule in template.get("Rules", {}).values()
    )


def _asserted(expression: dict[str, Any], assignment: dict[str, str]) -> bool:
    ((name, items),) = expression.items()
    match name:
        case "Fn::Not":
            return not _asserted(items[0], assignment)
        case "Fn::Equals":
            return bool(assignment[items[0]["Ref"]] == items[1])
        case _:
            return assignment[items[1]["Ref"]] in items[0]


@given(closed_templates())
def test_what_only_the_deployment_knows_decides_nothing(template: dict[str, Any]) -> None:
    """A condition on an import is compared with the same condition on a parameter Q that can be anything."""
    values = [*VALUES, "something else"]
    asked = {"Parameters": {**template["Parameters"], "Q": {"Type": "String", "AllowedValues": values}}}
    with_parameter = template | asked | {"Conditions": _replaced(template["Conditions"], {"Ref": "Q"})}
    with_import = template | {"Conditions": _replaced(template["Conditions"], {"Fn::ImportValue": "Q"})}
    for assignment in assignments(template):
        failing = [_failing(with_parameter, {**assignment, "Q": value}) for value in values]
        found, _ = judged(with_import, assignment)
        always, sometimes = set[tuple[str, ...]].intersection(*failing), set[tuple[str, ...]]().union(*failing)
        assert {subject(one)[:2] for one in found if one.outcome is Outcome.FAIL} == always
        dependent = {
            subject(one)[:2]
            for one in found
            if one.outcome is Outcome.UNDECIDED and "only the deployment decides" in one.message
        }
        assert dependent == sometimes - always


def _failing(template: dict[str, Any], assignment: dict[str, str]) -> set[tuple[str, ...]]:
    return {subject(one)[:2] for one in judged(template, assignment)[0] if one.outcome is Outcome.FAIL}


def _replaced(node: Any, by: dict[str, str]) -> Any:  # noqa: ANN401 - any data
    """A copy in which what is compared is something else where it is a reference to P0."""
    match node:
        case {"Fn::Equals": [*operands]}:
            return {"Fn::Equals": [by if operand == {"Ref": "P0"} else operand for operand in operands]}
        case dict():
            return {key: _replaced(child, by) for key, child in node.items()}
        case list():
            return [_replaced(child, by) for child in node]
        case _:
            return node


@given(closed_templates())
def test_words_are_as_short_as_they_can_be(template: dict[str, Any]) -> None:
    """No phrase can be left out of a finding's words without naming an assignment that it does not hold in."""
    found, _ = judged(template)
    possible = [one for one in assignments(template) if _keeps_the_rules(template, one)]
    for finding in found:
        holding = [assignment for assignment in possible if _holds(finding.when, assignment)]
        assert holding
        for box in finding.when.split("; or ") if finding.when else []:
            phrases = box.split(" and ")
            for left_out in range(len(phrases)):
                rest = " and ".join(phrases[:left_out] + phrases[left_out + 1 :])
                assert (
                    len([one for one in possible if _holds(rest, one)])
                    > len([one for one in possible if _holds(box, one)])
                    or not rest
                )


@given(closed_templates())
def test_the_order_of_parameters_and_conditions_does_not_matter(template: dict[str, Any]) -> None:
    turned = {
        section: dict(reversed(entries.items())) if section in {"Parameters", "Conditions", "Rules"} else entries
        for section, entries in template.items()
    }
    said = [
        {(subject(one), one.message, frozenset(_boxes(one.when, template))) for one in judged(each)[0]}
        for each in (template, turned)
    ]
    assert said[0] == said[1]


def _boxes(when: str, template: dict[str, Any]) -> list[tuple[tuple[str, str], ...]]:
    return [tuple(sorted(one.items())) for one in assignments(template) if _holds(when, one)]


def test_the_readings_of_this_module_are_right() -> None:
    values = ["a", "b", "c"]
    table = {
        "P is a": [("a", x) for x in values],
        "P is not a or b": [("c", x) for x in values],
        "P is a, b or c and Q is c": [(p, "c") for p in values],
        "P is a and Q is b; or P is c and Q is c": [("a", "b"), ("c", "c")],
    }
    for words, expected in table.items():
        assert [
            pair for pair in product(values, values) if _holds(words, dict(zip("PQ", pair, strict=True)))
        ] == expected
