from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from infra_checks.core.finding import Effect, Family, Severity
from infra_checks.errors import PackError
from infra_checks.packs.load import load_packs
from infra_checks.packs.select import choose
from infra_checks.testing import findings, outcome_of, resource
from tests.unit.packs.catalogue import CATALOGUE

if TYPE_CHECKING:
    from infra_checks.core.rule import Rule
    from tests.unit.packs.conftest import Folder

IMPORT = {"Fn::ImportValue": "other-stack"}


def own_rule(folder: Folder, **declared: Any) -> Rule:  # noqa: ANN401 - whatever a pack may say
    whole = {"type": "A::B::C", "path": "Size", "message": "is wrong", **declared}
    if "attribute" in declared:
        del whole["path"]
    pack = {"name": "own", "own-rules": {"acme-size": whole}}
    (rule,) = folder.load(folder.write("own.json", json.dumps(pack))).rules
    return rule


def outcome(rule: Rule, **properties: Any) -> str:  # noqa: ANN401 - whatever a template may say
    return outcome_of(findings(rule, resource("A::B::C", **properties)))


class _Nothing:
    """Stands for a property that is not there; its name is the same in every run, as tests' names are to be."""

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING = _Nothing()


@pytest.mark.parametrize(
    ("must", "kept", "broken", "unknown"),
    [
        ({"exists": True}, ["a", 0, False, ["a"], {"A": "b"}, IMPORT], ["", [], {}, NOTHING], []),
        ({"exists": False}, ["", NOTHING], ["a", 0, IMPORT], []),
        ({"equals": "a"}, ["a"], ["b", "", 1, ["a"], {"a": "a"}, NOTHING], [IMPORT]),
        ({"equals": True}, [True, "true", "True"], [False, "false", "a", 1, NOTHING], [IMPORT]),
        ({"equals": 5}, [5, "5", 5.0], [6, "x", True, NOTHING], [IMPORT]),
        ({"equals": "5"}, [5, "5"], [6, "x", NOTHING], [IMPORT]),
        ({"is-not": True}, [False, "x", NOTHING], [True, "true"], [IMPORT]),
        ({"one-of": ["a", 5]}, ["a", 5, "5"], ["b", NOTHING], [IMPORT]),
        ({"none-of": ["a", "b"]}, ["c", NOTHING], ["a", "b"], [IMPORT]),
        ({"match": "a-[0-9]+"}, ["a-1"], ["xa-1", "a-1x", NOTHING], [IMPORT, ["a-1"]]),
        ({"not-match": "a.*"}, ["b", NOTHING], ["a"], [IMPORT]),
        ({"at-least": 7}, [7, "8", 7.5], [6, "6.9", NOTHING], [IMPORT, "x"]),
        ({"at-most": 7}, [7, "6", NOTHING], [8], [IMPORT, "x"]),
        ({"contains": "a"}, [["b", "a"], "a", [IMPORT, "a"]], [["b"], [], NOTHING], [IMPORT, [IMPORT, "b"]]),
        ({"lacks": "a"}, [["b"], [], NOTHING], [["a"], [IMPORT, "a"], "a"], [IMPORT, [IMPORT]]),
        ({"equals": True, "default": True}, [True, NOTHING], [False], [IMPORT]),
        ({"at-least": 7, "default": 1}, [7], [1, NOTHING], [IMPORT]),
        ({"at-least": 2, "at-most": 4}, [2, 4], [1, 5, NOTHING], [IMPORT]),
    ],
    ids=str,
)
def test_a_predicate_answers_each_value(
    folder: Folder, must: dict[str, object], kept: list[object], broken: list[object], unknown: list[object]
) -> None:
    rule = own_rule(folder, must=must)
    said = {
        word: [outcome(rule, **({} if value is NOTHING else {"Size": value})) for value in values]
        for word, values in (("pass", kept), ("fail", broken), ("undecided", unknown))
    }
    assert said == {
        "pass": ["pass"] * len(kept),
        "fail": ["fail"] * len(broken),
        "undecided": ["undecided"] * len(unknown),
    }


def test_a_path_goes_to_each_element_and_names_the_broken_one(folder: Folder) -> None:
    rule = own_rule(folder, path="Ports[].From", must={"at-least": 1024})
    template = resource("A::B::C", Ports=[{"From": 2000}, {"From": 80}, {}])
    assert [finding.path_text for finding in findings(rule, template)] == [
        "Properties.Ports[1].From",
        "Properties.Ports[2].From",
    ]


def test_an_attribute_stands_beside_the_properties(folder: Folder) -> None:
    rule = own_rule(folder, attribute="DeletionPolicy", must={"equals": "Retain"})
    kept = resource("A::B::C", attributes={"DeletionPolicy": "Retain"})
    assert findings(rule, kept) == []
    assert [finding.message for finding in findings(rule, resource("A::B::C"))] == ["is wrong"]


@pytest.mark.parametrize(
    ("engine", "size", "expected"),
    [("a", 1, "fail"), ("b", 1, "pass"), (IMPORT, 1, "undecided"), ("a", 9, "pass"), (IMPORT, 9, "pass")],
)
def test_a_rule_speaks_only_of_resources_of_which_when_holds(
    folder: Folder, engine: object, size: int, expected: str
) -> None:
    rule = own_rule(folder, must={"at-least": 5}, when={"Engine": {"equals": "a"}})
    assert outcome(rule, Engine=engine, Size=size) == expected


def test_a_condition_of_the_template_is_told(folder: Folder) -> None:
    rule = own_rule(folder, must={"at-least": 5})
    template = {
        "Parameters": {"Stage": {"Type": "String", "AllowedValues": ["dev", "prod"]}},
        "Conditions": {"Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Resources": {"Subject": {"Type": "A::B::C", "Properties": {"Size": {"Fn::If": ["Prod", 9, 1]}}}},
    }
    assert [finding.when for finding in findings(rule, template)] == ["Stage is dev"]


def test_what_is_not_said_has_a_default(folder: Folder) -> None:
    rule = own_rule(folder, must={"exists": True})
    assert (rule.severity, rule.family, rule.types) == (Severity.MEDIUM, Family.DEPLOYABILITY, ("A::B::C",))
    assert (rule.title, rule.location) == ("Size: is wrong", "own.json:1")


def test_all_can_be_said(folder: Folder) -> None:
    rule = own_rule(
        folder,
        type=["A::B::C", "A::B::D"],
        must={"exists": True},
        severity="critical",
        family="iam",
        title="T",
        why="W",
        fix="F",
        source="https://example.com",
    )
    assert (rule.severity, rule.family, rule.types) == (Severity.CRITICAL, Family.IAM, ("A::B::C", "A::B::D"))
    assert (rule.title, rule.rationale, rule.remedy, rule.source) == ("T", "W", "F", "https://example.com")


OWN = "own-rules:\n  acme-size: {type: A::B::C, path: Size, must: {exists: true}, message: has no size}\n"


def test_an_own_rule_blocks_unless_rules_say_otherwise(folder: Folder) -> None:
    folder.write("a.yaml", f"name: a\n{OWN}")
    folder.write("b.yaml", "name: b\nextends: a.yaml\nrules: {acme-size: warn}")
    effects = {}
    for name in ("a.yaml", "b.yaml"):
        pack = folder.load(name)
        effects[name] = [each.effect for each in choose(pack, (*CATALOGUE, *pack.rules))]
    assert effects == {"a.yaml": [Effect.BLOCK], "b.yaml": [Effect.WARN]}


def test_a_pack_knows_the_rules_of_what_it_extends_and_no_others(folder: Folder) -> None:
    folder.write("a.yaml", f"name: a\n{OWN}")
    folder.write("b.yaml", "name: b\nrules: {acme-size: warn}")
    with pytest.raises(PackError, match=r"^b.yaml:2:9: no rule, id prefix, family or severity is called 'acme-size'"):
        folder.load("a.yaml", "b.yaml")


def test_a_rule_with_a_name_that_is_taken_is_an_error(folder: Folder) -> None:
    folder.write("a.yaml", f"name: a\n{OWN}")
    folder.write("b.yaml", f"name: b\nextends: a.yaml\n{OWN}")
    with pytest.raises(PackError, match=r"^a.yaml: two rules are named acme-size: b.yaml:4 and a.yaml:3; rename one"):
        folder.load("b.yaml")
    taken = OWN.replace("acme-size", "rds-encrypted")
    with pytest.raises(PackError, match=r"two rules are named rds-encrypted"):
        folder.read(taken)


def test_an_own_rule_reaches_the_result_of_a_pack_named_twice_over(folder: Folder) -> None:
    folder.write("a.yaml", f"name: a\n{OWN}")
    folder.write("b.yaml", "name: b\nextends: a.yaml")
    folder.write("c.yaml", "name: c\nextends: a.yaml")
    pack = load_packs(("b.yaml", "c.yaml"), catalogue=CATALOGUE)
    assert [rule.id for rule in pack.rules] == ["acme-size"]
