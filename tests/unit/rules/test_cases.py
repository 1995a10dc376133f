"""Every rule says of every case in tests/cases what the case expects."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra_checks.core.rule import Rule
from infra_checks.rules import catalogue
from infra_checks.testing import Case, assert_case, read_cases

CASES = Path(__file__).parents[2] / "cases"


def _cases() -> list[object]:
    return [
        pytest.param(rule, case, id=f"{rule.id} {'passes' if case.outcome == 'pass' else case.outcome}: {case.name}")
        for rule in catalogue()
        if (file := CASES / f"{rule.id}.yaml").exists()
        for case in read_cases(file)
    ]


@pytest.mark.parametrize(("rule", "case"), _cases())
def test_a_rule_says_what_the_case_expects(rule: Rule, case: Case) -> None:
    assert_case(rule, case)
