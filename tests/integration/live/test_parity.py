"""The comparison of templates with what they deploy, on the cases of some rules; benchmarks/parity.py has them all."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from benchmarks import parity
from infra_checks.api import catalogue
from infra_checks.testing import read_cases

SAMPLE = (
    "codepipeline-failure-notified",  # by a name in an ARN that no attribute gives
    "docdb-cluster-encrypted",  # of a type that Cloud Control cannot read, and a reader does
    "ec2-client-vpn-connection-log-enabled",  # by a reader whose API the sandbox has not
    "elastic-beanstalk-in-vpc",  # by an option of a configuration template
    "kinesis-stream-encrypted",  # kept by its schema
    "opensearch-in-vpc-only",
    "security-group-egress-stated",  # with listed differences
    "sqs-queue-encrypted",
)


def test_what_a_template_says_is_what_its_stack_says_or_it_is_known_why_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert parity.main([word for rule in SAMPLE for word in ("--rule", rule)]) == 0
    lines = capsys.readouterr().out.splitlines()
    counted = re.fullmatch(r"(\d+) of (\d+) cases agree, .*; (\d+) of these are explained", lines[-1])
    assert counted is not None, lines
    agreeing, compared, explained = map(int, counted.groups())
    assert agreeing + explained == compared
    assert agreeing > 30
    assert any(line.endswith("(the sandbox has no API of AWS::EC2::ClientVpnEndpoint)") for line in lines)


def test_a_difference_without_a_reason_and_a_reason_without_a_difference_are_told() -> None:
    differing = parity.Compared("rule", "differs", "fail", "pass")
    agreeing = parity.Compared("rule", "agrees", "pass", "pass")
    silent = parity.Compared("rule", "silent", "pass", "undecided", silent="no API returns Password of AWS::X::Y")
    result = parity.Result([differing, agreeing, silent])
    assert result.unexplained == [differing]
    assert not result.outdated
    listed = parity.Result(result.cases, {("rule", "differs"): "why", ("rule", "agrees"): "why"})
    assert not listed.unexplained
    assert listed.outdated == [agreeing]


def test_each_listed_difference_is_of_a_case_that_there_is() -> None:
    known = parity.known_differences([rule.id for rule in catalogue()])
    cases = {(rule, one.name) for rule, _ in known for one in read_cases(parity.CASES / f"{rule}.yaml")}
    assert known.keys() <= cases


def test_the_written_comparison_has_each_rule_once() -> None:
    listed = (parity.HERE / "parity.md").read_text("utf-8").partition("## Differences")[2]
    sections = listed.split("\n## ")[1:]
    named = [name for section in sections for name in re.findall(r"(?:^|, |^- )`([a-z0-9-]+)`", section, re.MULTILINE)]
    repeated = [name for name, count in Counter(named).items() if count > 1]
    assert not repeated
    assert set(named) == {rule.id for rule in catalogue()}, "python benchmarks/parity.py --jobs 2 --write"
