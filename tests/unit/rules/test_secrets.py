"""No finding tells the secret that it is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra_checks.core.rule import Rule
from infra_checks.rules import catalogue
from infra_checks.testing import findings, read_cases

CASES = Path(__file__).parents[2] / "cases"
SECRETS = ("correct-horse", "AKIAQWERTYUIOPASDFGH", "BEGIN RSA PRIVATE KEY")
RULES = {
    "database-user-name-not-in-plaintext",
    "metadata-no-secret-parameter",
    "output-no-secret",
    "parameter-secret-noecho",
    "resource-no-secret-tokens",
    "secret-property-not-in-plaintext",
}


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in catalogue() if rule.id in RULES])
def test_no_finding_quotes_a_secret(rule: Rule) -> None:
    for case in read_cases(CASES / f"{rule.id}.yaml"):
        for found in findings(rule, case.template, parameters=case.parameters, options=case.options):
            told = repr(found)
            assert not any(secret in told for secret in SECRETS), told
