"""What the packs that come with the package make of the rules."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import pytest

from infra_checks.api import Request, check
from infra_checks.core.finding import Effect, Family, Finding
from infra_checks.packs.load import load_packs
from infra_checks.packs.schema import Pack
from infra_checks.packs.select import Chosen, choose
from infra_checks.rules import catalogue
from infra_checks.testing import assert_cases, rules_of_pack

ENVIRONMENTS: Final = ["development", "testing", "staging", "production"]
CASES: Final = Path(__file__).parents[2] / "cases_of_packs"


@cache
def pack(name: str) -> Pack:
    return load_packs((name,), catalogue=catalogue())


@cache
def chosen(name: str) -> dict[str, Chosen]:
    return {each.rule.id: each for each in choose(pack(name), (*catalogue(), *pack(name).rules))}


def families(name: str) -> set[Family]:
    return {each.rule.family for each in chosen(name).values()}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_pack_of_an_environment_pins_the_same_parameters_to_its_own_values(name: str) -> None:
    assert pack(name).environment == name
    assert pack(name).pins.keys() == pack("production").pins.keys()
    assert all(values[0] == name for values in pack(name).pins.values())


def test_no_value_is_of_two_environments() -> None:
    values = [value for name in ENVIRONMENTS for value in set(pack(name).pins["EnvironmentName"])]
    assert len(values) == len(set(values))


def test_every_pack_asks_for_safety() -> None:
    for name in [*ENVIRONMENTS, "live"]:
        for rule in ("rds-storage-encrypted", "restricted-ssh", "iam-no-administrator-access-policy"):
            assert chosen(name)[rule].effect is Effect.BLOCK, (name, rule)


def test_development_and_testing_need_no_second_zone_and_keep_no_data() -> None:
    for name in ("development", "testing"):
        assert Family.MULTI_AZ not in families(name)
        kept = {rule_id for rule_id, each in chosen(name).items() if each.rule.family is Family.DELETION}
        assert not {"rds-instance-deletion-protection-enabled", "stateful-resource-kept-in-production"} & kept
        assert {"stateful-resource-removable-in-development", "short-lived-database-removable"} <= kept


def test_what_a_test_stack_writes_of_its_operation_blocks_only_in_testing() -> None:
    effects = [chosen(name)["lambda-errors-alarm"].effect for name in ("development", "testing")]
    assert effects == [Effect.WARN, Effect.BLOCK]


def test_staging_runs_all_that_production_runs_and_only_warns_of_lost_data() -> None:
    assert chosen("staging").keys() == chosen("production").keys()
    differing = {
        each.rule.family
        for rule_id, each in chosen("staging").items()
        if each.effect is not chosen("production")[rule_id].effect
    }
    assert differing == {Family.DELETION}


def test_live_leaves_out_what_only_a_template_can_tell() -> None:
    assert Family.PARAMETERISATION not in families("live")
    assert not {
        rule_id
        for rule_id in chosen("live")
        if rule_id.startswith(("template-", "parameter-", "output-", "deletion-polic"))
    }
    assert "lambda-runtime-supported" in chosen("live")
    assert pack("live").pins == {}


def test_live_does_not_put_rules_on_that_baseline_leaves_out() -> None:
    assert chosen("live").keys() <= chosen("baseline").keys()
    for rule_id, each in chosen("live").items():
        assert (each.effect, each.severity) == (
            chosen("baseline")[rule_id].effect,
            chosen("baseline")[rule_id].severity,
        ), rule_id


@pytest.mark.parametrize("rule_id", [path.stem for path in sorted(CASES.glob("*.yaml"))])
def test_a_packs_own_rule_says_what_its_cases_expect(rule_id: str) -> None:
    (rule,) = (rule for rule in rules_of_pack("development") if rule.id == rule_id)
    assert_cases(rule, CASES / f"{rule_id}.yaml")


def test_every_own_rule_of_a_shipped_pack_has_cases() -> None:
    own = {rule.id for name in ENVIRONMENTS for rule in pack(name).rules}
    assert own == {path.stem for path in CASES.glob("*.yaml")}


TABLE: Final = """
Parameters:
  Stage: {Type: String, AllowedValues: [dev, test, stage, prod]}
Conditions:
  Prod: !Equals [!Ref Stage, prod]
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: !If [Prod, Retain, Delete]
    UpdateReplacePolicy: !If [Prod, Retain, Delete]
    Properties:
      DeletionProtectionEnabled: !If [Prod, true, false]
      Tags:
        - {Key: Environment, Value: !Ref Stage}
"""


def findings(name: str, text: str, folder: Path) -> set[tuple[str, str]]:
    file = folder / "t.yaml"
    file.write_text(text)
    report = check(Request(paths=(str(file),), pack=(name,)))
    return {(finding.rule, told(finding)) for finding in report.findings}


def told(finding: Finding) -> str:
    return f"{finding.outcome} {finding.when}".strip()


DELETION: Final = {
    "dynamodb-table-deletion-protection-enabled",
    "short-lived-table-removable",
    "stateful-resource-kept-in-production",
    "stateful-resource-removable-in-development",
}


@pytest.mark.parametrize("name", ["development", "testing", "production"])
def test_a_template_for_all_environments_is_right_in_each(name: str, tmp_path: Path) -> None:
    assert not {rule for rule, _ in findings(name, TABLE, tmp_path)} & DELETION


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("development", {"short-lived-table-removable", "stateful-resource-removable-in-development"}),
        ("testing", {"short-lived-table-removable", "stateful-resource-removable-in-development"}),
        ("production", set()),
    ],
)
def test_a_table_that_is_always_kept_is_wrong_where_nothing_may_stay(
    name: str, expected: set[str], tmp_path: Path
) -> None:
    always = TABLE.replace("!If [Prod, Retain, Delete]", "Retain").replace("!If [Prod, true, false]", "true")
    assert {rule for rule, _ in findings(name, always, tmp_path)} & DELETION == expected


def test_a_development_stack_without_such_a_parameter_is_judged_all_the_same(tmp_path: Path) -> None:
    table = "Resources: {T: {Type: 'AWS::DynamoDB::Table', DeletionPolicy: Retain, UpdateReplacePolicy: Retain}}"
    rule = "stateful-resource-removable-in-development"
    assert rule in {each for each, _ in findings("development", table, tmp_path)}
    assert rule not in {each for each, _ in findings("baseline", table, tmp_path)}


def test_the_tag_of_the_environment_must_name_the_environment(tmp_path: Path) -> None:
    fixed = TABLE.replace("Value: !Ref Stage", "Value: dev")
    tags = "{Key: Project, Value: p}\n        - {Key: Owner, Value: o}\n        - {Key: Environment"
    tags = fixed.replace("{Key: Environment", tags)
    assert "required-tags" not in {rule for rule, _ in findings("development", tags, tmp_path)}
    assert "required-tags" in {rule for rule, _ in findings("testing", tags, tmp_path)}
