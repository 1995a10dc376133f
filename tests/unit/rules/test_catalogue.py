"""What holds for every built-in rule: its texts, its cases, and that its passing cases pass for a reason."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from collections.abc import Mapping as MappingType
from functools import cache
from itertools import chain
from pathlib import Path
from typing import cast

import pytest

import infra_checks.rules
from infra_checks.core.finding import Family, Finding, Outcome, Severity
from infra_checks.core.resource import TEMPLATE
from infra_checks.core.rule import Rule
from infra_checks.packs.load import load_packs
from infra_checks.packs.select import choose
from infra_checks.rules import catalogue
from infra_checks.testing import Case, findings, outcome_of
from tests.mutations.data import (
    CASES,
    Data,
    Place,
    cases,
    data_of,
    properties,
    resources,
    walk,
    with_value,
    without,
)

MODULES = sorted(Path(infra_checks.rules.__file__).parent.glob("*.py"))

each_rule = pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in catalogue()])


@each_rule
def test_a_rule_says_what_it_wants_and_why_and_how_to_get_there(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", rule.id)
    assert rule.title[0].isupper()
    assert not rule.title.endswith(".")
    assert len(rule.rationale.split()) > 7, "the docstring says why it matters and what AWS does"
    assert rule.remedy.endswith((".", ")"))
    assert rule.source.startswith("https://docs.aws.amazon.com/")
    page, _, _ = rule.source.partition("#")
    # An index page is no source of anything in particular.
    assert re.fullmatch(r"https://docs\.aws\.amazon\.com(/[A-Za-z0-9_.-]+){3,}\.html", page), rule.source
    assert page.rpartition("/")[2].lower() not in {"index.html", "welcome.html", "introduction.html", "what-is.html"}


@each_rule
def test_a_rule_has_a_passing_a_failing_and_an_undecided_case(rule: Rule) -> None:
    outcomes = {case.outcome for case in cases(rule.id)}
    if TEMPLATE in rule.types:
        assert len(outcomes) > 1
        assert "pass" in outcomes
    else:
        assert outcomes == {"pass", "fail", "undecided"}


@each_rule
def test_the_names_of_cases_are_unique(rule: Rule) -> None:
    names = [case.name for case in cases(rule.id)]
    assert len(names) == len(set(names))


WITH_ALIASES = frozenset(
    {
        ("template-mapping-keys-exist", "not for each value"),
        ("template-passed-directly", "too large"),
        ("template-within-limits", "a loop over 501"),
    }
)
"""Cases whose templates are made with aliases of YAML: they stand nowhere as they are judged, and carry no marks."""


@each_rule
def test_a_case_marks_the_lines_of_its_findings(rule: Rule) -> None:
    told = {(rule.id, case.name) for case in cases(rule.id) if case.outcome != "pass" and not case.marks}
    assert told == {one for one in WITH_ALIASES if one[0] == rule.id}


@each_rule
def test_a_violation_continues_a_sentence_that_begins_with_the_resources_name(rule: Rule) -> None:
    for case in cases(rule.id):
        for found in _found(rule, case.template, case):
            if found.outcome is Outcome.FAIL and found.resource:
                assert re.match(r"[a-z]", found.message), found.message
                assert not found.message.endswith("."), found.message


def test_every_rule_runs_in_a_shipped_pack() -> None:
    pack = load_packs(("production",), catalogue=catalogue())
    assert {choice.rule.id for choice in choose(pack, catalogue())} == {rule.id for rule in catalogue()}


def test_the_default_pack_leaves_out_only_what_informs_and_how_templates_are_written() -> None:
    pack = load_packs(("baseline",), catalogue=catalogue())
    left_out = {rule.id for rule in catalogue()} - {choice.rule.id for choice in choose(pack, catalogue())}
    rules = {rule.id: rule for rule in catalogue()}
    assert left_out
    for name in left_out:
        assert rules[name].severity is Severity.INFO or rules[name].family is Family.PARAMETERISATION


def test_every_file_of_cases_belongs_to_a_rule() -> None:
    assert {file.stem for file in CASES.iterdir()} <= {rule.id for rule in catalogue()}


def _matches(module: Path) -> Iterator[ast.Match]:
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Match):
            yield node


def _names(pattern: ast.AST) -> set[str]:
    classes = (node.cls for node in ast.walk(pattern) if isinstance(node, ast.MatchClass))
    return {name.id for name in classes if isinstance(name, ast.Name)}


@pytest.mark.parametrize("module", [pytest.param(module, id=module.stem) for module in MODULES])
def test_no_match_on_a_value_has_a_catch_all(module: Path) -> None:
    """`case _` would hide a forgotten Unknown from the type checker."""
    for match in _matches(module):
        if any(_names(case.pattern) & {"Known", "Unknown", "Absent"} for case in match.cases):
            catch_all = [case for case in match.cases if _is_catch_all(case.pattern)]
            assert not catch_all, f"{module.name}:{catch_all[0].pattern.lineno}"


def _is_catch_all(pattern: ast.pattern) -> bool:
    return isinstance(pattern, ast.MatchAs) and pattern.pattern is None


# Mutations: a rule whose passing cases stay passing whatever is changed in them reads nothing of them.


def _found(rule: Rule, template: str | MappingType[str, object], case: Case) -> list[Finding]:
    return findings(
        rule, template, parameters=case.parameters, options=case.options, assume_any=case.assume_any, tags=case.tags
    )


def _property(path: Place) -> str:
    """The property a value belongs to: the last key that is no function's name."""
    keys = [key for key in path if isinstance(key, str) and key != "Ref" and not key.startswith("Fn::")]
    return keys[-1] if keys else ""


@cache
def _wrong_values(rule_id: str) -> dict[str, list[Data]]:
    """For each property the scalars it has in the rule's failing cases."""
    values: dict[str, list[Data]] = defaultdict(list)
    for case in cases(rule_id):
        if case.outcome == "fail":
            for path, value in walk(data_of(case)):
                if not isinstance(value, (dict, list)) and value not in values[_property(path)]:
                    values[_property(path)].append(value)
    return values


@cache
def _wrong_properties(rule_id: str) -> dict[str, list[tuple[str, Data]]]:
    """For each type the properties its resources have in the rule's failing cases."""
    found: dict[str, list[tuple[str, Data]]] = defaultdict(list)
    for case in cases(rule_id):
        if case.outcome == "fail":
            for _, declaration in resources(data_of(case)):
                found[str(declaration.get("Type"))].extend(properties(declaration).items())
    return found


def _with_additions(rule_id: str, data: Data) -> Iterator[Data]:
    """The template with a property more in one resource."""
    for name, declaration in resources(data):
        for key, value in _wrong_properties(rule_id).get(str(declaration.get("Type")), ()):
            more: Data = {**declaration, "Properties": {**properties(declaration), key: value}}
            yield with_value(data, ("Resources", name), more)


def _changes(rule_id: str, path: Place, value: Data) -> list[Data]:
    """Other scalars for a scalar: a boolean's opposite, nothing, anything, and what is wrong elsewhere."""
    if isinstance(value, (dict, list)):
        return []
    flipped = {"true": "false", "false": "true"}.get(str(value).lower(), 0)
    return [flipped, "mutated", *_wrong_values(rule_id).get(_property(path), ())]


def _mutants(rule_id: str, data: Data) -> Iterator[Data]:
    assert isinstance(data, dict)
    yield from _with_additions(rule_id, data)
    sections = (section for section in ("Resources", "Parameters", "Outputs") if section in data)
    for path, value in chain.from_iterable(walk(data[section], (section,)) for section in sections):
        if len(path) > 1:
            yield without(data, path)
            yield from (with_value(data, path, change) for change in _changes(rule_id, path, value) if change != value)


def _fails(rule: Rule, template: Data, case: Case) -> bool:
    try:
        return outcome_of(_found(rule, cast("dict[str, object]", template), case)) == "fail"
    except Exception:  # noqa: BLE001 - a mutant need not be a template
        return False


@each_rule
def test_a_single_change_to_a_passing_case_makes_the_rule_fail(rule: Rule) -> None:
    if not any(case.outcome == "fail" for case in cases(rule.id)):
        pytest.skip("the rule never fails, it only asks")
    passing = [case for case in cases(rule.id) if case.outcome == "pass"]
    assert any(_fails(rule, mutant, case) for case in passing for mutant in _mutants(rule.id, data_of(case)))
