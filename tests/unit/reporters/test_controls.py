from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from infra_checks.core.finding import Outcome
from infra_checks.core.framework import Control, Framework
from infra_checks.core.report import Problem, Report
from infra_checks.reporters import Style, render
from infra_checks.reporters.controls_json import schema
from tests.unit.reporters.samples import FINDING, RULE

FRAMEWORK = Framework(
    name="own",
    title="Own standard",
    source="https://example.com",
    controls=(
        Control(id="1.1", title="Versions are kept", rules=(RULE.id,)),
        Control(id="1.2", title="Another", rules=("other-rule",)),
        Control(id="2.1", title="People", not_testable="A matter of people."),
        Control(id="2.2", title="People too", not_testable="A matter of people."),
        Control(id="3", title="Later | never", not_covered="No rule tests it yet."),
    ),
)
REPORT = Report(
    findings=(FINDING,),
    rules={RULE.id: RULE},
    judged=frozenset([(RULE.id, FINDING.type)]),
    frameworks=(FRAMEWORK,),
    templates=("app.yaml",),
)


def test_the_text_has_a_line_for_each_control_that_a_rule_tests_and_counts_the_others() -> None:
    assert render(REPORT, "controls").splitlines() == [
        "failed  1.1  Versions are kept  1 violation: s3-bucket-versioning-enabled",
        "",
        (
            "Own standard: 1 failed, 0 undecided, 0 noted, 0 waived, 0 passed, 0 not applicable, 2 not covered, "
            "2 not testable (of 5 controls)"
        ),
        "  not covered: 1: No rule tests it yet.",
        "  not covered: 1: The pack runs none of its rules.",
        "  not testable: 2: A matter of people.",
    ]


def test_verbose_text_lists_all_and_quiet_text_what_needs_attention() -> None:
    verbose = render(REPORT, "controls", Style(verbose=True))
    assert "not testable  2.1  People             A matter of people.\n" in verbose
    passed = replace(REPORT, findings=())
    assert "passed  1.1" in render(passed, "controls")
    assert "passed  1.1" not in render(passed, "controls", Style(quiet=True))


def test_colour_is_for_the_status_only_and_leaves_columns_as_they_are() -> None:
    plain, coloured = render(REPORT, "controls"), render(REPORT, "controls", Style(color=True))
    assert coloured.startswith("\x1b[1;31mfailed\x1b[0m  1.1")
    assert coloured.replace("\x1b[1;31m", "").replace("\x1b[0m", "") == plain


def test_files_that_could_not_be_read_are_told() -> None:
    report = replace(REPORT, errors=(Problem("a.yaml", "is broken"),))
    assert "1 file or part could not be read" in render(report, "controls")
    assert "could not be read" in render(report, "controls-markdown")
    assert json.loads(render(report, "controls-json"))["errors"] == 1


def test_the_json_keeps_its_schema() -> None:
    document = json.loads(render(REPORT, "controls-json"))
    jsonschema.Draft202012Validator(json.loads(schema())).validate(document)
    (framework,) = document["frameworks"]
    assert framework["summary"]["failed"] == 1
    assert sum(framework["summary"].values()) == len(framework["controls"]) == 5
    assert framework["controls"][0] == {
        "id": "1.1",
        "title": "Versions are kept",
        "status": "failed",
        "violations": 1,
        "noted": 0,
        "undecided": 0,
        "waived": 0,
        "rules": [RULE.id],
        "types": [],
        "rules_with_findings": [RULE.id],
        "rules_not_run": [],
        "reason": None,
        "note": None,
    }


def test_markdown_is_tables_without_broken_cells() -> None:
    text = render(REPORT, "controls-markdown")
    assert text.startswith("# Own standard\n")
    assert "| failed | 1.1 | Versions are kept | 1 violation: s3-bucket-versioning-enabled |\n" in text
    assert "## Not tested\n" in text
    assert all(line.count(" | ") == 3 for line in text.splitlines() if line.startswith(("| failed", "| passed")))


def run_of(report: Report) -> Any:  # noqa: ANN401 - a JSON document
    (run,) = json.loads(render(report, "sarif"))["runs"]
    return run


def test_sarif_has_standards_as_taxonomies_and_relates_rules_to_them() -> None:
    run = run_of(REPORT)
    (taxonomy,) = run["taxonomies"]
    assert (taxonomy["name"], taxonomy["informationUri"]) == ("own", "https://example.com")
    assert [taxon["id"] for taxon in taxonomy["taxa"]] == ["1.1", "1.2", "2.1", "2.2", "3"]
    (rule,) = run["tool"]["driver"]["rules"]
    (related,) = rule["relationships"]
    assert related["target"] == {"id": "1.1", "index": 0, "toolComponent": {"name": "own", "index": 0}}


def test_sarif_without_standards_says_nothing_of_them() -> None:
    run = run_of(replace(REPORT, frameworks=()))
    assert "taxonomies" not in run
    assert "relationships" not in run["tool"]["driver"]["rules"][0]


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_format_takes_every_outcome(outcome: Outcome) -> None:
    report = replace(REPORT, findings=(replace(FINDING, outcome=outcome),))
    for name in ("controls", "controls-json", "controls-markdown"):
        assert "1.1" in render(report, name)
