from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra_checks.core.finding import Effect
from infra_checks.packs.load import load_packs
from infra_checks.packs.select import choose
from infra_checks.rules import catalogue
from infra_checks.testing import findings

if TYPE_CHECKING:
    from infra_checks.packs.select import Chosen
    from tests.unit.packs.conftest import Folder


def chosen_by(folder: Folder, *texts: str) -> Chosen:
    """The rule on required tags as packs with these texts make it, each extending the one before it."""
    before = "extends: []"
    for number, text in enumerate(texts):
        folder.write(f"p{number}.yaml", f"name: p{number}\n{before}\n{text}\n")
        before = f"extends: [p{number}.yaml]"
    pack = load_packs((f"p{len(texts) - 1}.yaml",), catalogue=catalogue())
    (chosen,) = choose(pack, catalogue(), select=("required-tags",))
    return chosen


def test_tags_alone_put_the_rule_on(folder: Folder) -> None:
    folder.write("own.yaml", "name: own\ntags: {Owner: true}")
    pack = load_packs(("own.yaml",), catalogue=catalogue())
    (chosen,) = choose(pack, catalogue())
    assert (chosen.rule.id, chosen.effect) == ("required-tags", Effect.BLOCK)
    assert chosen.options["required"] == ("Owner",)


def test_a_less_exact_setting_decides_what_tags_do(folder: Folder) -> None:
    folder.write("own.yaml", "name: own\ntags: {Owner: true}\nrules: {family:tagging: warn}")
    chosen = choose(load_packs(("own.yaml",), catalogue=catalogue()), catalogue(), ignore=("tags-valid",))
    assert {each.effect for each in chosen} == {Effect.WARN}


def test_tags_of_extended_packs_add_up_and_false_takes_one_back(folder: Folder) -> None:
    options = chosen_by(folder, "tags: {Owner: true, Team: x.*}", "tags: {Owner: false, Cost: [a, b.c]}").options
    assert options["required"] == ("Team", "Cost")
    assert options["patterns"] == ("Team=x.*", r"Cost=a|b\.c")


@pytest.mark.parametrize(
    ("environment", "patterns"),
    [
        ("environment: production", ("Stage=prod",)),
        ("environment: development", ("Stage=dev|d",)),
        ("environment: staging", ()),
        ("description: of no environment", ("Stage=(?:prod)|(?:dev|d)",)),
    ],
)
def test_the_pattern_is_that_of_the_environment(folder: Folder, environment: str, patterns: tuple[str, ...]) -> None:
    text = f"{environment}\ntags: {{Stage: {{production: prod, development: [dev, d]}}}}"
    options = chosen_by(folder, text).options
    assert (options["required"], options["patterns"]) == (("Stage",), patterns)


def test_an_extending_pack_chooses_the_environment(folder: Folder) -> None:
    text = "environment: production\ntags: {Stage: {production: prod, development: dev}}"
    assert chosen_by(folder, text, "environment: development").options["patterns"] == ("Stage=dev",)


def test_tags_go_before_the_option_of_the_rule(folder: Folder) -> None:
    text = "rules: {required-tags: {options: {required: [A, B], patterns: [A=1, B=2]}}}\ntags: {A: x}"
    options = chosen_by(folder, text).options
    assert (options["required"], options["patterns"]) == (("B", "A"), ("B=2", "A=x"))


def test_a_value_that_does_not_match_is_found(folder: Folder) -> None:
    chosen = chosen_by(folder, "tags: {Cost: '[0-9]{4}'}")
    template = {
        "Resources": {
            name: {"Type": "AWS::SNS::Topic", "Properties": {"Tags": [{"Key": "Cost", "Value": value}]}}
            for name, value in {"Good": "1234", "Bad": "12345"}.items()
        }
    }
    found = findings(chosen.rule, template, options=chosen.options)
    assert [finding.resource for finding in found] == ["Bad"]
