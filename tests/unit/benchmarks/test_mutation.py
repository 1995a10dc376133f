"""What breaks and rewrites cases finds rules that are too weak, or that look at how a template is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Context, Rule, Verdict, rule
from infra_checks.evaluate.values import Known
from infra_checks.template.nodes import Scalar
from tests.mutations import breaking, survivors
from tests.mutations.breaking import breaks, looped
from tests.mutations.data import cases
from tests.mutations.preserving import rewritings
from tests.mutations.survivors import Excuse, Survivor, changed_verdicts, read, surviving_breaks, write

THING = "AWS::Test::Thing"
CASES = """
- {name: good, outcome: pass, resource: {Type: "AWS::Test::Thing", Properties: {Parts: [{On: "true"}, {On: "true"}]}}}
- {name: off, outcome: fail, resource: {Type: "AWS::Test::Thing", Properties: {Parts: [{On: "false"}]}}}
- {name: none, outcome: fail, resource: {Type: "AWS::Test::Thing", Properties: {Parts: [{}]}}}
"""


def parts_on(judge: Callable[[Resource, Context], Iterator[Verdict]]) -> Rule:
    judge.__doc__ = "All parts are on."
    return rule(THING, id="test-parts-on", title="T", family=Family.IAM, severity=Severity.LOW, remedy="None.")(judge)


@parts_on
def right(thing: Resource, ctx: Context) -> Iterator[Verdict]:
    for part in thing.values("Parts", "*", "On"):
        if not (isinstance(part, Known) and str(part.value).lower() == "true"):
            yield ctx.violation(part, "is off")


@parts_on
def first_only(thing: Resource, ctx: Context) -> Iterator[Verdict]:
    for part in thing.values("Parts", "*", "On")[:1]:
        if not (isinstance(part, Known) and str(part.value).lower() == "true"):
            yield ctx.violation(part, "is off")


@parts_on
def credulous(thing: Resource, ctx: Context) -> Iterator[Verdict]:
    for part in thing.values("Parts", "*", "On"):
        if isinstance(part, Known) and str(part.value).lower() == "false":
            yield ctx.violation(part, "is off")


@parts_on
def literal(thing: Resource, ctx: Context) -> Iterator[Verdict]:
    for part in thing.values("Parts", "*", "On"):
        if not isinstance(part.node, Scalar) or part.node.text != "true":
            yield ctx.violation(part, "is off")


@pytest.fixture(autouse=True)
def its_cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "test-parts-on.yaml").write_text(CASES, "utf-8")
    monkeypatch.setattr("tests.mutations.data.CASES", tmp_path)
    for module in (breaking, survivors):
        monkeypatch.setattr(module, "cases", cases.__wrapped__)


def test_a_rule_that_reports_everything_has_no_survivors() -> None:
    operators = {one.operator for one in breaks(right)}

    assert {"drop", "empty", "negate", "mistype", "negate, in a loop", "negate, in a parameter"} <= operators
    assert {"negate, in a mapping", "drop, behind a condition", "drop, behind a negated condition"} <= operators
    assert surviving_breaks(right) == set()
    assert changed_verdicts(right) == []


def test_a_rule_that_looks_at_the_first_element_only_is_found_out() -> None:
    assert Survivor("test-parts-on", "Parts[].On", "negate") in surviving_breaks(first_only)


def test_a_rule_that_passes_what_it_does_not_know_is_found_out() -> None:
    surviving = surviving_breaks(credulous)

    assert Survivor("test-parts-on", "Parts[].On", "drop") in surviving
    assert Survivor("test-parts-on", "Parts[].On", "negate") not in surviving


def test_a_rule_that_looks_at_how_a_value_is_written_is_found_out() -> None:
    changes = {one.change for one in changed_verdicts(literal)}

    assert {"parameter", "sub", "sub of parameter"} <= changes
    assert not changes & {"json in one line", "yaml blocks", "yaml quoted", "other order"}


def test_the_same_rewritings_are_sampled_each_time_and_those_with_an_excuse_always() -> None:
    sampled = [one.name for one in changed_verdicts(literal, one_of=7)]
    excuse = Excuse(("test-parts-on",), "why", changes=("sub",))

    assert sampled == [one.name for one in changed_verdicts(literal, one_of=7)]
    assert 0 < len(sampled) < len(changed_verdicts(literal))
    always = {one.name for one in changed_verdicts(literal, one_of=7, always=[excuse])}
    assert always == {*sampled, *(one.name for one in changed_verdicts(literal) if one.change == "sub")}


def test_a_loop_gives_the_resource_the_name_it_had() -> None:
    made = looped({"Resources": {"Thing": {"Type": THING}, "B": {"Type": THING}}, "Transform": "Macro"}, "Thing")

    assert made == {
        "Resources": {
            "B": {"Type": THING},
            "Fn::ForEach::MovedElement": ["MovedElement", ["g"], {"Thin${MovedElement}": {"Type": THING}}],
        },
        "Transform": ["AWS::LanguageExtensions", "Macro"],
    }


def test_values_are_moved_wherever_they_stand_in_properties() -> None:
    (case, *_) = cases.__wrapped__("test-parts-on")
    places = {".".join(map(str, one.place[3:])) for one in rewritings(case) if one.change == "sub"}

    assert places == {"Parts.0.On", "Parts.1.On"}
    assert {one.change for one in rewritings(case) if not one.place} >= {"short forms", "yaml flow", "other order"}


def test_the_file_keeps_its_comment_and_reasons(tmp_path: Path) -> None:
    file = tmp_path / "survivors.yaml"
    file.write_text("# A comment.\nbreaks: []\nrewritings: []\n", "utf-8")
    known = {Survivor("a-rule", "P", "drop"): "One reason.", Survivor("a-rule", "Q", "drop"): "One reason."}
    excuses = (
        Excuse(("a-rule",), "Another reason.", cases=("a case",)),
        Excuse(("b-rule", "c-rule"), "A third.", changes=("sub",)),
    )
    write(known, excuses, file)

    assert file.read_text("utf-8").startswith("# A comment.\nbreaks:\n")
    assert read(file) == (known, excuses)
