from __future__ import annotations

import json
import re
from importlib.metadata import version
from pathlib import Path

import pytest

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
    undated = {name for name, each in lifecycles().items() if not re.fullmatch(r"\d{4}-\d\d-\d\d", each.deprecated)}
    assert undated == {"nodejs26.x", "python3.15"}  # public previews
    assert lifecycles()["python3.9"].deprecated == "2025-12-15"


def test_a_day_that_is_none_is_an_error_not_a_pass() -> None:
    [found] = findings(supported, resource("AWS::Lambda::Function", Runtime="python3.9"), options={"today": "now"})
    assert found.outcome is Outcome.ERROR
    assert found.message.startswith("the rule cannot run: option today")


def test_a_preview_is_neither_the_newest_of_its_language_nor_older_than_it() -> None:
    function = "AWS::Lambda::Function"
    assert findings(supported, resource(function, Runtime="nodejs24.x"), options={"latest": True}) == []
    assert findings(supported, resource(function, Runtime="nodejs26.x"), options={"latest": True}) == []
    assert findings(supported, resource(function, Runtime="nodejs22.x"), options={"latest": True}) != []


def test_the_list_is_what_its_own_command_prints() -> None:
    cfnlint = pytest.importorskip("cfnlint")
    text = DATA.read_text("utf-8")
    if f"cfn-lint {version('cfn-lint')} " not in text:
        pytest.skip("another version of cfn-lint is installed")
    file = Path(cfnlint.__file__).parent / "data/AdditionalSpecs/LmbdRuntimeLifecycle.json"
    names = ("deprecated", "create-block", "update-block")
    printed = [
        " ".join((name, *(dates[each] or "-" for each in names)))
        for name, dates in sorted(json.loads(file.read_text("utf-8")).items())
    ]
    written = text.partition(f"date {DATE}\n")[2].partition("# beside")[0].splitlines()
    assert written == printed
