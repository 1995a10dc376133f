from __future__ import annotations

from dataclasses import replace

import pytest

from infra_checks.core.finding import NOWHERE, Effect, Outcome, Severity
from infra_checks.core.report import Problem, Skipped
from infra_checks.reporters import Style
from infra_checks.reporters.text import render
from infra_checks.template.source import Span
from tests.unit.reporters.samples import FINDING, report_of


def test_a_violation_is_shown_with_its_lines_scenario_reason_and_remedy() -> None:
    assert render(report_of(FINDING)) == (
        "high  s3-bucket-versioning-enabled  Logs (AWS::S3::Bucket)\n"
        " --> app.yaml:5:41\n"
        "4 |     Properties:\n"
        "5 |       VersioningConfiguration: {Status: Suspended}\n"
        "  |                                         ^^^^^^^^^\n"
        "  Logs suspends versioning\n"
        "  when: EnvironmentName is development or testing (e.g. EnvironmentName=development)\n"
        "  from: default of parameter Status\n"
        "  why: An overwritten object cannot be recovered without versions. They are off by default.\n"
        "  fix: Set VersioningConfiguration.Status to `Enabled`.\n"
        "\n"
        "1 violation (1 high), 0 undecided, 0 errors in 1 template (1 resource)\n"
    )


def test_what_is_not_known_is_left_out() -> None:
    bare = replace(FINDING, rule="own-rule", template="gone.yaml", resource="", type="", path=(), when="", remedy="")
    shown = render(report_of(replace(bare, assignment={}, provenance=())))
    assert shown.startswith("high  own-rule  template\n --> gone.yaml:5:41\n  suspends versioning\n\n")


def test_a_deployed_resource_is_shown_by_its_arn_with_a_link() -> None:
    shown = render(report_of(replace(FINDING, span=NOWHERE, arn="arn:aws:s3:::logs", console="https://console/logs")))
    assert "\n --> arn:aws:s3:::logs\n  Logs suspends" in shown
    assert "\n  console: https://console/logs\n" in shown


def test_a_deployed_resource_of_a_known_template_has_its_line_too() -> None:
    shown = render(report_of(replace(FINDING, arn="arn:aws:s3:::logs")))
    assert "\n --> app.yaml:5:41\n" in shown
    assert "\n  deployed: arn:aws:s3:::logs\n" in shown


def test_an_open_question_says_that_it_is_one() -> None:
    shown = render(report_of(replace(FINDING, outcome=Outcome.UNDECIDED)))
    assert shown.startswith("undecided (high)  s3-")
    assert "\n  Logs: undecided: suspends versioning\n" in shown
    assert shown.endswith("\n0 violations, 1 undecided, 0 errors in 1 template (1 resource)\n")


def test_an_assignment_is_shown_even_when_no_scenario_is_named() -> None:
    assert "\n  when: e.g. EnvironmentName=development\n" in render(report_of(replace(FINDING, when="")))


@pytest.mark.parametrize(
    ("outcome", "effect", "label"),
    [
        (Outcome.FAIL, Effect.WARN, "low (warning)"),
        (Outcome.FAIL, Effect.BLOCK, "low"),
        (Outcome.ERROR, Effect.BLOCK, "rule failed"),
    ],
)
def test_the_label_tells_what_becomes_of_a_finding(outcome: Outcome, effect: Effect, label: str) -> None:
    finding = replace(FINDING, outcome=outcome, effect=effect, severity=Severity.LOW)
    assert render(report_of(finding)).startswith(f"{label}  s3-")


def test_what_is_waived_is_counted_and_listed_only_on_demand() -> None:
    report = report_of(replace(FINDING, outcome=Outcome.WAIVED))
    assert render(report) == "0 violations, 0 undecided, 1 waived, 0 errors in 1 template (1 resource)\n"
    assert render(report, Style(verbose=True)).startswith("waived (high)  s3-")


def test_a_crash_of_a_rule_is_counted() -> None:
    shown = render(report_of(replace(FINDING, outcome=Outcome.ERROR)))
    assert shown.endswith("0 violations, 0 undecided, 1 rule failure, 0 errors in 1 template (1 resource)\n")


def test_quiet_text_has_one_line_for_each_finding_and_error() -> None:
    problems = (Problem("a.yaml", "is empty"), Problem("b.yaml", "bad", Span(2, 3, 2, 4)))
    report = replace(report_of(FINDING), errors=problems, skipped=(Skipped("c", "no template"),), notices=("n",))
    assert render(report, Style(quiet=True)).splitlines() == [
        (
            "app.yaml:5:41: high s3-bucket-versioning-enabled Logs suspends versioning"
            " [when EnvironmentName is development or testing]"
        ),
        "a.yaml: error is empty",
        "b.yaml:2:3: error bad",
        "1 violation (1 high), 0 undecided, 2 errors in 1 template (1 resource)",
    ]


def test_errors_notices_and_skipped_files_have_their_lines() -> None:
    report = replace(
        report_of(),
        errors=(Problem("b.yaml", "bad", Span(2, 3, 2, 4)),),
        notices=("look",),
        skipped=(Skipped("c", "no"),),
    )
    assert render(report).splitlines() == [
        "error  bad",
        " --> b.yaml:2:3",
        "",
        "note: look",
        "note: 1 file skipped; --verbose lists them",
        "0 violations, 0 undecided, 1 error in 1 template (1 resource)",
    ]
    assert "skipped: c: no\n" in render(report, Style(verbose=True))


def test_colours_mark_the_parts() -> None:
    shown = render(report_of(FINDING), Style(color=True))
    assert shown.startswith("\x1b[31mhigh\x1b[0m  \x1b[1ms3-")
    assert "\x1b[1;33m                                        ^^^^^^^^^\x1b[0m\n" in shown
    assert render(report_of(), Style(color=True)).startswith("\x1b[32m0 violations")


def test_statistics_count_by_severity_family_and_rule_the_largest_first() -> None:
    other = replace(FINDING, rule="a-rule", message="x")
    report = report_of(FINDING, replace(FINDING, message="y"), other, replace(FINDING, outcome=Outcome.WAIVED))
    lines = render(report, Style(quiet=True, statistics=True, seconds=1.234)).splitlines()
    assert lines[lines.index("by rule") :] == [
        "by rule",
        "       2  s3-bucket-versioning-enabled",
        "       1  a-rule",
        "files",
        "       1  templates",
        "       1  resources",
        "       0  skipped",
        "       1  rules run",
        "took 1.23 s",
    ]
    assert lines[lines.index("by severity") + 1 :][:2] == ["       0  critical", "       3  high"]
    assert "took" not in render(report, Style(statistics=True))


def test_a_long_rationale_is_cut_after_a_sentence() -> None:
    rule = replace(report_of().rules[FINDING.rule], rationale=f"It matters. {'Much is said. ' * 40}")
    shown = render(replace(report_of(FINDING), rules={rule.id: rule}))
    why = next(line for line in shown.splitlines() if line.startswith("  why:"))
    assert why.endswith("said.")
    assert len(why) < 260
