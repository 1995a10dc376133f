"""Templates as tests: each rule that judges something in one."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from infra_checks import api
from infra_checks.core.report import Report
from infra_checks.errors import TemplateError
from infra_checks.template.model import Template
from tests.integration.plugin.conftest import ORDERS, QUEUE, Run

RULES = ("usable", "dynamodb-pitr-enabled", "dynamodb-table-deletion-protection-enabled")

CRASHING = """\
from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule


@rule(
    "AWS::DynamoDB::Table",
    id="company-crashes",
    title="It crashes",
    family=Family.OTHER,
    severity=Severity.LOW,
    remedy="None.",
)
def crashes(table, ctx):
    \"\"\"It has a mistake.\"\"\"
    yield 1 / 0
"""


def ids(result: pytest.RunResult) -> list[str]:
    return [line for line in result.outlines if "::" in line and " " not in line]


def test_a_template_is_one_test_for_each_rule_that_judges_something_in_it(project: pytest.Pytester, run: Run) -> None:
    assert project.path.is_dir()
    assert ids(run("--collect-only", "-q")) == [f"infra/orders.yaml::{rule}" for rule in RULES]


def test_a_violation_fails_with_the_lines_of_the_template(project: pytest.Pytester, run: Run) -> None:
    assert project.path.is_dir()
    result = run()
    result.assert_outcomes(passed=2, failed=1, warnings=1)
    result.stdout.fnmatch_lines(
        [
            "*_ dynamodb-pitr-enabled _*",
            "medium  dynamodb-pitr-enabled  Orders (AWS::DynamoDB::Table)",
            "  --> infra/orders.yaml:14:62",
            "14 |         PointInTimeRecoveryEnabled: !If [[]IsProduction, true, false]",
            "   |                                                              ^^^^^",
            "  Orders has no point-in-time recovery",
            "  when: Environment is development (e.g. Environment=development)",
            "*infra/orders.yaml:6: ComplianceWarning: dynamodb-table-deletion-protection-enabled: Orders can *",
            "FAILED infra/orders.yaml::dynamodb-pitr-enabled*",
        ]
    )
    assert "Traceback" not in result.stdout.str()


@pytest.mark.parametrize(
    "arguments",
    [("infra/orders.yaml::dynamodb-pitr-enabled",), ("-k", "pitr"), ("infra/orders.yaml", "-k", "orders and pitr")],
)
def test_a_rule_is_chosen_as_any_test_is(project: pytest.Pytester, run: Run, arguments: tuple[str, ...]) -> None:
    assert project.path.is_dir()
    outcomes = run(*arguments).parseoutcomes()
    assert outcomes.pop("failed") == 1
    assert "passed" not in outcomes


def test_a_rule_is_chosen_by_its_family_and_severity(project: pytest.Pytester, run: Run) -> None:
    assert project.path.is_dir()
    assert run("-k", "deletion and medium").parseoutcomes().get("failed") == 1


def test_nothing_is_collected_unless_it_is_asked_for(project: pytest.Pytester, run: Run) -> None:
    project.makeini("[pytest]\n")
    assert run().ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert ids(run("--infra-check", "--collect-only", "-q")) == [f"infra/orders.yaml::{rule}" for rule in RULES]
    assert not ids(run("--infra-check", "infra/parameters.yaml", "--collect-only", "-q"))


def test_tests_in_python_are_left_to_pytest(project: pytest.Pytester, run: Run) -> None:
    project.makepyfile(test_own="def test_it(): pass")
    run("--infra-check", "test_own.py").assert_outcomes(passed=1)


def test_a_template_is_judged_once_and_only_by_the_rules_that_are_asked_for(
    project: pytest.Pytester, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert project.path.is_dir()
    asked: list[list[str]] = []
    judge = api.check_loaded

    def counted(setup: api.Setup, templates: Iterable[Template | TemplateError]) -> Report:
        given = list(templates)
        if given:
            asked.append([choice.rule.id for choice in setup.chosen])
        return judge(setup, given)

    monkeypatch.setattr(api, "check_loaded", counted)
    run()
    run("infra/orders.yaml::dynamodb-pitr-enabled")
    assert asked == [list(RULES[1:]), ["dynamodb-pitr-enabled"]]


def test_a_template_that_cannot_be_read_is_one_failing_test(project: pytest.Pytester, run: Run) -> None:
    (project.path / "infra" / "orders.yaml").write_text("AWSTemplateFormatVersion: '2010-09-09'\nResources: [\n")
    result = run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["error  *", " --> infra/orders.yaml:*", "FAILED infra/orders.yaml::usable*"])


def test_no_rule_passes_where_a_part_of_the_template_has_no_meaning(project: pytest.Pytester, run: Run) -> None:
    circular = ORDERS.replace("!Equals [!Ref Environment, production]", "!Not [!Condition IsProduction]")
    (project.path / "infra" / "orders.yaml").write_text(circular)
    result = run("-rs")
    result.assert_outcomes(failed=1, skipped=2)
    result.stdout.fnmatch_lines(["SKIPPED*see infra/orders.yaml::usable"])
    run("infra/orders.yaml::dynamodb-pitr-enabled").assert_outcomes(failed=1)


def test_what_is_undecided_warns_or_fails_as_the_pack_says(project: pytest.Pytester, run: Run) -> None:
    (project.path / "infra" / "orders.yaml").write_text(QUEUE.replace("PLACEHOLDER", "!ImportValue encryption"))
    result = run()
    result.assert_outcomes(passed=2, warnings=1)
    result.stdout.fnmatch_lines(["*ComplianceWarning: sqs-queue-encrypted: Orders: undecided: *"])
    with (project.path / "company.yaml").open("a") as pack:
        pack.write("undecided: {encryption: block}\n")
    result = run()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["undecided (*)  sqs-queue-encrypted  Orders (AWS::SQS::Queue)"])


def test_a_warning_fails_where_warnings_are_errors(project: pytest.Pytester, run: Run) -> None:
    assert project.path.is_dir()
    error = "error::infra_checks.testing.ComplianceWarning"
    run("-W", error, "-k", "deletion-protection").assert_outcomes(failed=1, deselected=2)


def test_a_waived_finding_passes(project: pytest.Pytester, run: Run) -> None:
    waiver = "{rule: dynamodb-pitr-enabled, reason: Made-up orders., owner: us, expires: 2999-01-01}"
    waiving = f"    Metadata: {{infra-checks: {{waivers: [{waiver}]}}}}\n    Properties:"
    (project.path / "infra" / "orders.yaml").write_text(ORDERS.replace("    Properties:", waiving, 1))
    run("-k", "pitr").assert_outcomes(passed=1, deselected=2)


def test_a_rule_that_crashes_fails(project: pytest.Pytester, run: Run) -> None:
    (project.path / "crashing.py").write_text(CRASHING)
    with (project.path / "company.yaml").open("a") as pack:
        pack.write("  company-crashes: warn\nrule-files: [crashing.py]\n")
    result = run("-k", "crashes")
    result.assert_outcomes(failed=1, deselected=3)
    result.stdout.fnmatch_lines(["rule failed  company-crashes  Orders (AWS::DynamoDB::Table)"])


def test_a_template_whose_resources_cannot_be_told_is_one_failing_test(project: pytest.Pytester, run: Run) -> None:
    queues = (
        "Queue: {Type: AWS::SQS::Queue}, Fn::ForEach::Queues: [Name, [Queue], {'${Name}': {Type: AWS::SQS::Queue}}]"
    )
    loop = f"Transform: AWS::LanguageExtensions\nResources: {{{queues}}}\n"
    (project.path / "infra" / "orders.yaml").write_text(loop)
    run().assert_outcomes(failed=1)


@pytest.mark.parametrize(
    ("setting", "passes"),
    [
        ("parameters: [Environment=production]", True),
        ("parameters: [Environment=development]", False),
        ("fail-on: high", True),
        ("ignore: [dynamodb-pitr-enabled]", None),
    ],
)
def test_templates_are_judged_with_the_settings_of_check(
    project: pytest.Pytester, run: Run, setting: str, passes: bool | None
) -> None:
    (project.path / "infra-checks.yaml").write_text(f"pack: company.yaml\n{setting}\n")
    outcomes = run("-k", "pitr").parseoutcomes()
    assert (outcomes.get("passed"), outcomes.get("failed")) == {True: (1, None), False: (None, 1), None: (None, None)}[
        passes
    ]


def test_the_pack_of_the_option_goes_before_that_of_the_ini_file_and_of_the_settings(
    project: pytest.Pytester, run: Run
) -> None:
    (project.path / "other.yaml").write_text("name: other\nrules: {dynamodb-table-encrypted-kms: block}\n")
    (project.path / "third.yaml").write_text("name: third\nrules: {dynamodb-autoscaling-enabled: block}\n")
    project.makeini("[pytest]\ninfra_templates = infra/**/*.yaml\ninfra_pack = other.yaml\n")
    collected = [each.partition("::")[2] for each in ids(run("--collect-only", "-q"))]
    assert collected == ["usable", "dynamodb-table-encrypted-kms"]
    collected = [each.partition("::")[2] for each in ids(run("--collect-only", "-q", "--infra-pack", "third.yaml"))]
    assert collected == ["usable", "dynamodb-autoscaling-enabled"]


def test_files_are_named_from_the_root_folder_wherever_pytest_is_started(
    project: pytest.Pytester, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.path / "infra")
    result = run("orders.yaml", "--infra-pack", "../company.yaml")
    result.assert_outcomes(passed=2, failed=1, warnings=1)
    result.stdout.fnmatch_lines(["  --> infra/orders.yaml:14:62"])


@pytest.mark.parametrize(
    ("ini", "arguments", "complaint"),
    [
        ("infra_templates = infra/*.yml", (), "*infra_templates: there is no file infra/[*].yml below *"),
        ("infra_templates = /infra/*.yml", (), "*infra_templates: /infra/[*].yml: *"),
        ("infra_templates = infra/*.yaml", ("--infra-pack", "baselin"), "*baselin*"),
    ],
)
def test_what_cannot_be_used_ends_the_run_with_a_reason(
    project: pytest.Pytester, run: Run, ini: str, arguments: tuple[str, ...], complaint: str
) -> None:
    project.makeini(f"[pytest]\n{ini}\n")
    result = run(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {complaint}"])


def test_a_baseline_that_is_not_there_ends_the_run(project: pytest.Pytester, run: Run) -> None:
    (project.path / "infra-checks.yaml").write_text("baseline: none.json\n")
    result = run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: none.json*"])


def test_the_report_of_junit_has_the_lines_of_the_template(project: pytest.Pytester, run: Run) -> None:
    run("--junitxml", "junit.xml")
    report = (project.path / "junit.xml").read_text()
    assert 'name="dynamodb-pitr-enabled"' in report
    assert "Orders has no point-in-time recovery" in report


def test_workers_of_xdist_collect_the_same_and_find_the_same(project: pytest.Pytester, run_apart: Run) -> None:
    pytest.importorskip("xdist")
    (project.path / "infra" / "queue.yaml").write_text(QUEUE.replace("PLACEHOLDER", "false"))
    result = run_apart("-n", "2", "-v")
    result.assert_outcomes(passed=3, failed=2, warnings=1)
    tests = {f"infra/orders.yaml::{rule}" for rule in RULES}
    tests |= {"infra/queue.yaml::usable", "infra/queue.yaml::sqs-queue-encrypted"}
    reported = re.findall(r"^\[gw\d\].* (infra/\S+) $", result.stdout.str(), re.MULTILINE)
    assert sorted(reported) == sorted(tests)
    result.stdout.fnmatch_lines_random(["  --> infra/orders.yaml:14:62", " --> infra/queue.yaml:4:40"])
