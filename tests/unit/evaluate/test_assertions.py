from __future__ import annotations

import pytest

from infra_checks.evaluate.assertions import Restriction, allowed
from infra_checks.evaluate.choices import Choices
from infra_checks.evaluate.scenario import Leaf
from tests.unit.evaluate.stacks import region_where, stack_of

HEAD = """
Parameters:
  Env: {Type: String, AllowedValues: [dev, test, prod]}
  Size: {Type: String, AllowedValues: [s, l]}
  Open: {Type: String}
  Fixed: {Type: String, Default: x}
  Names: {Type: CommaDelimitedList, Default: "a, b"}
  OpenNames: {Type: CommaDelimitedList}
  Vpc: {Type: "AWS::EC2::VPC::Id"}
  Image: {Type: "AWS::SSM::Parameter::Value<String>", Default: /x}
Mappings: {M: {a: {list: [dev, test]}}}
Resources: {}
"""

KEPT = [
    ("!Equals [!Ref Env, prod]", "Env is prod"),
    ("!Not [!Equals [!Ref Env, prod]]", "Env is dev or test"),
    ("!Contains [[dev, prod], !Ref Env]", "Env is dev or prod"),
    ("!Contains [[none], !Ref Env]", None),
    ("!Contains [[a, x], !Ref Fixed]", ""),
    ("!Contains [[a], !Ref Fixed]", None),
    ("!Contains [[a, b], !Ref Open]", "Open is a or b"),
    ("!Not [!Contains [[a, b], !Ref Open]]", "Open is not a or b"),
    ("!Contains [!Ref Names, b]", ""),
    ("!Contains [!Ref Names, c]", None),
    ("!EachMemberIn [!Ref Names, [a, b, c]]", ""),
    ("!EachMemberIn [!Ref Names, [a]]", None),
    ("!EachMemberIn [[!Ref Env, dev], [dev, test]]", "Env is dev or test"),
    ("!EachMemberIn [[], [a]]", ""),
    ("!EachMemberEquals [[!Ref Env, !Ref Env], test]", "Env is test"),
    ("!EachMemberEquals [[a, b], a]", None),
    ("!EachMemberIn [!Ref OpenNames, [a]]", ""),
    ("!Contains [!FindInMap [M, a, list], !Ref Env]", "Env is dev or test"),
    ("!And [!Equals [!Ref Env, prod], !Equals [!Ref Size, l]]", "Env is prod and Size is l"),
    ("!Or [!Equals [!Ref Env, prod], !Equals [!Ref Size, l]]", "Env is prod; or Size is l"),
    ("!Equals [!Ref Env, !Ref Size]", None),
    (
        "!Equals [!Ref Open, !Ref Env]",
        "Env is dev and Open is dev; or Env is test and Open is test; or Env is prod and Open is prod",
    ),
    ("!Equals [!Ref AWS::Region, eu-west-1]", "AWS::Region is eu-west-1"),
    ("!Equals [!Ref Image, ami-1]", "Image.ResolvedValue is ami-1"),
    # What parameters alone do not decide forbids nothing.
    ("!Contains [!RefAll 'AWS::EC2::VPC::Id', !Ref Vpc]", ""),
    ("!EachMemberEquals [!ValueOfAll ['AWS::EC2::VPC::Id', Tags.X], y]", ""),
    ("!Equals [!ValueOf [Vpc, Tags.X], y]", ""),
    ("!Not [!Equals [!ValueOf [Vpc, Tags.X], y]]", ""),
    ("!And [!Equals [!ValueOf [Vpc, Tags.X], y], !Equals [!Ref Env, prod]]", "Env is prod"),
    ("!Or [!Equals [!ValueOf [Vpc, Tags.X], y], !Equals [!Ref Env, prod]]", ""),
    ("!Equals [!ImportValue X, y]", ""),
    ("!Contains [[!ImportValue X], y]", ""),
    ("!Nobody x", ""),
    ("!Not [a, b]", ""),
    ("!Equals [a]", ""),
    ("text", ""),
    ("", ""),
]


@pytest.mark.parametrize(("assertion", "expected"), KEPT, ids=[text or "nothing" for text, _ in KEPT])
def test_an_assertion_leaves_the_scenarios_that_keep_it(assertion: str, expected: str | None) -> None:
    stack = stack_of(HEAD + f"Rules:\n  R:\n    Assertions:\n      - Assert: {assertion}\n")
    found = region_where(stack, lambda around: allowed(around.evaluator))

    assert (found.words() if found.boxes else None) == expected


def test_a_rule_with_a_condition_asserts_only_where_it_holds() -> None:
    stack = stack_of(
        HEAD
        + """
Rules:
  R:
    RuleCondition: !Equals [!Ref Env, prod]
    Assertions:
      - {Assert: !Equals [!Ref Size, l], AssertDescription: Big in production}
"""
    )
    assert region_where(stack, lambda around: allowed(around.evaluator)).words() == "Env is dev or test; or Size is l"


@pytest.mark.parametrize(
    "rule",
    ["{}", "{Assertions: []}", "{Assertions: text}", "{Assertions: [text]}", "{Assertions: [{AssertDescription: x}]}",
     "{RuleCondition: !Equals [a, b], Assertions: [{Assert: !Equals [a, b]}]}",
     "{RuleCondition: !Equals [!ValueOf [Vpc, X], b], Assertions: [{Assert: !Equals [a, b]}]}"],
)  # fmt: skip
def test_a_rule_without_a_valid_assertion_forbids_nothing(rule: str) -> None:
    stack = stack_of(HEAD + f"Rules:\n  R: {rule}\n")
    assert region_where(stack, lambda around: allowed(around.evaluator)).is_everything


def test_all_scenarios_of_a_walk_share_a_limit_and_none_is_dropped_unproven() -> None:
    names = [f"P{number}" for number in range(9)]
    parameters = "".join(f"  {name}: {{Type: String, AllowedValues: [a, b]}}\n" for name in names)
    kept = ", ".join(f"!EachMemberIn [[!Ref {name}], [a, b]]" for name in names)
    text = f"Parameters:\n{parameters}Rules: {{R: {{Assertions: [{{Assert: !And [{kept}]}}]}}}}\nResources: {{}}\n"
    restriction = Restriction(stack_of(text))
    leaves = [Leaf({"Other": Choices((str(number),))}, {}) for number in range(5)]

    assert [len(restriction.allowed_parts(leaf)) for leaf in leaves] == [512, 512, 512, 1, 1]
    assert restriction.allowed_parts(leaves[4]) == [leaves[4]]
    restriction.renew()
    assert len(restriction.allowed_parts(leaves[4])) == 512


def test_what_the_rules_leave_of_a_scenario_is_found_out_once() -> None:
    restriction = Restriction(stack_of(HEAD + "Rules: {R: {Assertions: [{Assert: !Equals [!Ref Env, prod]}]}}\n"))
    first = restriction.allowed_parts(Leaf({}, {}))
    assert restriction.allowed_parts(Leaf({}, {})) is first


def test_several_rules_and_assertions_must_all_be_kept() -> None:
    stack = stack_of(
        HEAD
        + """
Rules:
  R: {Assertions: [{Assert: !Not [!Equals [!Ref Env, dev]]}, {Assert: !Not [!Equals [!Ref Env, test]]}]}
  S: {Assertions: [{Assert: !Equals [!Ref Size, l]}]}
"""
    )
    assert region_where(stack, lambda around: allowed(around.evaluator)).words() == "Env is prod and Size is l"
