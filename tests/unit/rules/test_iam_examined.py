"""Shortcuts of the rules on policies: what they leave out is never anything to say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra_checks.core.finding import Finding
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Rule
from infra_checks.rules import catalogue, iam_dead_statements, iam_examined
from infra_checks.rules.iam_problem_codes import CODES
from infra_checks.testing import Case, findings
from tests.mutations.data import cases

RULES = {rule.id: rule for rule in catalogue()}
EFFECTIVE = RULES["iam-policy-statements-effective"]

each_rule = pytest.mark.parametrize("rule", [pytest.param(RULES[name], id=name) for name in sorted(CODES)])


def found(rule: Rule, case: Case) -> list[Finding]:
    return findings(rule, case.template, parameters=case.parameters, options=case.options)


@each_rule
def test_a_rule_says_the_same_without_the_summary(rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    before = [found(rule, case) for case in cases(rule.id)]
    assert any(before)

    monkeypatch.setattr(iam_examined, "_SCENARIOS", 0)

    assert [found(rule, case) for case in cases(rule.id)] == before


def test_no_statement_is_taken_for_alive_that_others_make_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    several = [case for name in (*CODES, EFFECTIVE.id) for case in cases(name)]
    before = [by_others(case) for case in several]
    assert any(before)

    monkeypatch.setattr(iam_dead_statements, "_may_be_dead", lambda *_, **_named: True)

    assert [by_others(case) for case in several] == before


def by_others(case: Case) -> list[Finding]:
    """Of a statement that is dead by itself, for a value that cannot be met, the rules on values speak."""
    return [one for one in found(EFFECTIVE, case) if "no request meets" not in one.message]


def test_a_rule_without_anything_to_say_walks_through_no_scenarios(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Resource] = []
    examined = iam_examined.examined

    def counted(resource: Resource) -> Iterator[iam_examined.Examined]:
        asked.append(resource)
        return examined(resource)

    monkeypatch.setattr(iam_examined, "examined", counted)
    template = """
Parameters:
  Stage: {Type: String, AllowedValues: [a, b, c]}
Conditions:
  IsA: !Equals [!Ref Stage, a]
Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Action: !If [IsA, "s3:GetObject", "s3:PutObject"], Resource: "arn:aws:s3:::b/*"}
"""
    assert findings(RULES["iam-policy-actions-exist"], template) == []
    assert len(asked) == 2  # for the summary, once for each answer to the one question
