from __future__ import annotations

import re
from pathlib import Path

import infra_checks.rules
from infra_checks.core.finding import Outcome
from infra_checks.rules.lambda_runtimes import DATE, lifecycles, supported
from infra_checks.testing import findings, resource

DATA = Path(infra_checks.rules.__file__).with_name("data") / "lambda_runtimes.txt"


def test_the_rule_judges_for_the_day_of_its_data_unless_told_otherwise() -> None:
    assert f"date {DATE}" in DATA.read_text("utf-8").splitlines()
    assert supported.options["today"] == DATE


def test_each_runtime_has_the_day_from_which_it_is_not_supported() -> None:
    assert len(lifecycles()) > 40
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", each.deprecated) for each in lifecycles().values())
    assert lifecycles()["python3.9"].deprecated == "2025-12-15"


def test_a_day_that_is_none_is_an_error_not_a_pass() -> None:
    [found] = findings(supported, resource("AWS::Lambda::Function", Runtime="python3.9"), options={"today": "now"})
    assert found.outcome is Outcome.ERROR
    assert found.message.startswith("the rule cannot run: option today")
