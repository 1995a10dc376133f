"""The rule that AWS adds to a security group is nobody's to describe, and lets out what it lets out."""

from __future__ import annotations

from typing import Any

import pytest

from infra_checks.core.declared import DeclaredResource
from infra_checks.core.finding import Outcome
from infra_checks.live.reading import Plain
from infra_checks.live.stacks import LiveResource, LiveStack, Place
from infra_checks.live_checks import LiveRequest, check_live

GROUP = "AWS::EC2::SecurityGroup"
EVERYTHING = {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}
HTTPS = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/8"}


def outcome(rule: str, egress: list[Plain], declared: dict[str, Any] | None) -> str:
    group = LiveResource(
        logical_id="Group",
        type=GROUP,
        physical_id="sg-1",
        stack_id="the stack",
        properties={"GroupDescription": "of tests", "SecurityGroupEgress": egress},
        declared=None if declared is None else DeclaredResource("Group", GROUP, declared, {}),
    )
    stack = LiveStack(
        name="shop",
        stack_id="the stack",
        place=Place("aws", "eu-west-1", "111122223333"),
        status="CREATE_COMPLETE",
        resources={"Group": group},
    )
    outcomes = {each.outcome for each in check_live(stack, LiveRequest(pack=("baseline",), select=(rule,))).findings}
    return "fail" if Outcome.FAIL in outcomes else "undecided" if Outcome.UNDECIDED in outcomes else "pass"


@pytest.mark.parametrize("declared", [{}, {"SecurityGroupEgress": []}, {"GroupDescription": "of tests"}])
def test_the_rule_that_aws_adds_need_not_be_described(declared: dict[str, Any]) -> None:
    assert outcome("security-group-rules-described", [EVERYTHING], declared) == "pass"


@pytest.mark.parametrize("rule", ["security-group-egress-not-open", "security-group-egress-protocol-limited"])
def test_rules_on_what_is_let_out_see_it(rule: str) -> None:
    assert outcome(rule, [EVERYTHING], {}) == "fail"


def test_the_same_rule_of_the_template_has_to_be_described() -> None:
    assert outcome("security-group-rules-described", [EVERYTHING], {"SecurityGroupEgress": [EVERYTHING]}) == "fail"


def test_another_rule_that_somebody_added_has_to_be_described() -> None:
    assert outcome("security-group-rules-described", [EVERYTHING, HTTPS], {}) == "fail"
    assert outcome("security-group-rules-described", [{**EVERYTHING, "CidrIp": "10.0.0.0/8"}], {}) == "fail"


def test_without_the_template_it_is_not_known_whose_rule_it_is() -> None:
    assert outcome("security-group-rules-described", [EVERYTHING], None) == "undecided"
    assert outcome("security-group-egress-not-open", [EVERYTHING], None) == "fail"
