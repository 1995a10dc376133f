"""The functions behind the command line, on real files in a folder of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra_checks.api import Request, check, find_rule, label_of, list_packs
from infra_checks.core.finding import Effect, Outcome
from infra_checks.core.report import ExitCode, Report
from infra_checks.errors import ConfigError, PackError, ParameterError

if TYPE_CHECKING:
    from pathlib import Path

PLAIN_BUCKET = """
Parameters:
  EnvironmentName:
    Type: String
    AllowedValues: [development, production]
Conditions:
  IsProduction: !Equals [!Ref EnvironmentName, production]
Resources:
  Files:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration:
        Status: !If [IsProduction, Enabled, Suspended]
"""

VERSIONING = "s3-bucket-versioning-enabled"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*paths: str, **options: object) -> Report:
    return check(Request(paths=paths, select=(VERSIONING,), **options))  # type: ignore[arg-type]


def test_a_finding_names_file_place_scenario_and_a_reproducing_assignment(here: Path) -> None:
    (here / "files.yaml").write_text(PLAIN_BUCKET, "utf-8")
    (finding,) = run("files.yaml").findings
    assert (finding.template, finding.span.line, finding.path_text) == (
        "files.yaml",
        13,
        "Properties.VersioningConfiguration.Status",
    )
    assert finding.when == "EnvironmentName is development"
    assert finding.assignment == {"EnvironmentName": "development"}


def test_standard_input_is_judged_under_its_own_name() -> None:
    report = check(Request(paths=("-",), select=(VERSIONING,)), stdin=PLAIN_BUCKET.encode())
    assert [finding.template for finding in report.findings] == ["<stdin>"]


def test_a_bad_file_is_an_error_and_the_others_are_still_judged(here: Path) -> None:
    (here / "bad.yaml").write_text("Resources: {A: [", "utf-8")
    (here / "files.yaml").write_text(PLAIN_BUCKET, "utf-8")
    report = run(".")
    assert [problem.file for problem in report.errors] == ["bad.yaml"]
    assert len(report.findings) == 1
    assert report.exit_code() is ExitCode.UNUSABLE_INPUT


def test_a_named_file_that_is_not_there_is_an_error() -> None:
    assert [problem.file for problem in run("missing.yaml").errors] == ["missing.yaml"]


@pytest.mark.parametrize("name", ["notes.txt", "values.yaml"])
def test_a_folder_without_templates_is_an_error_not_a_green_run(here: Path, name: str) -> None:
    (here / name).write_text("color: blue\n", "utf-8")
    report = run(".")
    assert "no CloudFormation template found" in report.errors[0].message
    assert report.exit_code() is ExitCode.UNUSABLE_INPUT


def test_files_that_are_no_templates_are_skipped_when_a_hook_names_any_file(here: Path) -> None:
    (here / "values.yaml").write_text("color: blue\n", "utf-8")
    report = run("values.yaml", only_templates=True)
    assert [skipped.name for skipped in report.skipped] == ["values.yaml"]
    assert report.exit_code() is ExitCode.CLEAN


def test_a_broken_template_is_an_error_even_when_a_hook_names_any_file(here: Path) -> None:
    (here / "bad.yaml").write_text("Resources: {A: [", "utf-8")
    assert run("bad.yaml", only_templates=True).exit_code() is ExitCode.UNUSABLE_INPUT


def test_a_pinned_parameter_leaves_only_its_scenarios(here: Path) -> None:
    (here / "files.yaml").write_text(PLAIN_BUCKET, "utf-8")
    assert run("files.yaml", parameters=("EnvironmentName=production",)).findings == ()
    (finding,) = run("files.yaml", parameters=("EnvironmentName=development",)).findings
    assert finding.when == ""


def test_a_value_that_the_template_does_not_allow_is_an_error(here: Path) -> None:
    (here / "files.yaml").write_text(PLAIN_BUCKET, "utf-8")
    report = run("files.yaml", parameters=("EnvironmentName=moon",))
    assert "EnvironmentName" in report.errors[0].message


def test_a_pinned_name_that_no_template_has_is_noticed(here: Path) -> None:
    (here / "files.yaml").write_text(PLAIN_BUCKET, "utf-8")
    assert any("Environmint" in notice for notice in run("files.yaml", parameters=("Environmint=x",)).notices)


def test_a_pack_judges_the_stack_it_pins(here: Path) -> None:
    (here / "files.yaml").write_text(PLAIN_BUCKET, "utf-8")
    assert run("files.yaml", pack=("production",)).findings == ()


def test_a_pin_of_a_pack_that_fits_no_allowed_value_is_noticed_and_all_values_are_judged(here: Path) -> None:
    text = PLAIN_BUCKET.replace("production]", "live1]").replace("development", "play")
    (here / "files.yaml").write_text(text, "utf-8")
    report = run("files.yaml", pack=("production",))
    assert any("all its values are judged" in notice for notice in report.notices)
    assert [finding.when for finding in report.findings] == ["EnvironmentName is play"]


def test_conditions_that_go_round_in_a_circle_are_an_error_with_a_place_and_the_rest_is_judged(here: Path) -> None:
    text = PLAIN_BUCKET.replace("Resources:", "  A: !Not [!Condition B]\n  B: !Not [!Condition A]\nResources:")
    looped = text + "  Loop: {Type: 'AWS::S3::Bucket', Condition: A}\n"
    (here / "files.yaml").write_text(looped, "utf-8")
    report = run("files.yaml")
    assert "circle" in report.errors[0].message
    assert report.errors[0].span is not None
    assert [finding.resource for finding in report.findings] == ["Files"]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"pack": ("no-such-pack",)}, PackError),
        ({"parameters": ("no-such-file.json",)}, ParameterError),
    ],
)
def test_a_set_up_that_cannot_be_used_stops_the_run(
    options: dict[str, tuple[str, ...]], error: type[Exception]
) -> None:
    with pytest.raises(error):
        run(".", **options)


def test_undecided_findings_follow_the_choice_of_their_effect(here: Path) -> None:
    text = PLAIN_BUCKET.replace("!If [IsProduction, Enabled, Suspended]", "!ImportValue Status")
    (here / "files.yaml").write_text(text, "utf-8")
    assert [finding.outcome for finding in run("files.yaml").findings] == [Outcome.UNDECIDED]
    assert run("files.yaml").exit_code() is ExitCode.CLEAN
    assert run("files.yaml", undecided=Effect.BLOCK).exit_code() is ExitCode.BLOCKED
    assert run("files.yaml", undecided=Effect.OFF).findings == ()


def test_findings_come_in_the_order_of_files_and_lines(here: Path) -> None:
    for name in ("b.yaml", "a.yaml"):
        (here / name).write_text(PLAIN_BUCKET, "utf-8")
    assert [finding.template for finding in run("b.yaml", "a.yaml").findings] == ["a.yaml", "b.yaml"]


def test_a_file_below_the_working_folder_has_the_same_label_however_it_is_named(here: Path) -> None:
    assert label_of(str(here / "deep" / "a.yaml")) == label_of("./deep/a.yaml") == "deep/a.yaml"


def test_a_rule_is_found_by_another_tools_id() -> None:
    assert [rule.id for rule in find_rule("ckv_aws_21")] == [VERSIONING]


def test_a_rule_that_does_not_exist_is_an_error_with_close_matches() -> None:
    with pytest.raises(ConfigError, match=VERSIONING):
        find_rule("s3-bucket-versioning-enable")


def test_the_shipped_packs_have_descriptions() -> None:
    packs = dict(list_packs())
    assert packs.keys() >= {"baseline", "production"}
    assert all(packs.values())


TAGGED = """
Resources:
  Files: {Type: AWS::S3::Bucket}
  Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/files, TargetKeyId: key}}
  Template: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateData: {ImageId: ami-1}}}
"""
TAG_PACK = "name: tags\nrules:\n  required-tags: {effect: block, options: {required: [Project]}}\n"


@pytest.mark.parametrize(
    ("parameters", "stack_tags", "expected"),
    [
        ((), (), {("Files", Outcome.FAIL), ("Template", Outcome.FAIL)}),
        ((), ("Project=orders",), {("Template", Outcome.UNDECIDED)}),
        ((), ("project=orders",), {("Files", Outcome.FAIL), ("Template", Outcome.FAIL)}),
        ((), ("Project=",), {("Files", Outcome.FAIL), ("Template", Outcome.UNDECIDED)}),
        (('{"Parameters": {}, "Tags": {"Project": "orders"}}',), (), {("Template", Outcome.UNDECIDED)}),
        (
            ('{"Parameters": {}, "Tags": {"Project": "orders"}}',),
            ("Project=",),
            {("Files", Outcome.FAIL), ("Template", Outcome.UNDECIDED)},
        ),
    ],
)
def test_tags_of_the_stack_reach_what_takes_tags(
    here: Path, parameters: tuple[str, ...], stack_tags: tuple[str, ...], expected: set[tuple[str, Outcome]]
) -> None:
    (here / "files.yaml").write_text(TAGGED, "utf-8")
    (here / "pack.yaml").write_text(TAG_PACK, "utf-8")
    report = check(Request(paths=("files.yaml",), pack=("pack.yaml",), parameters=parameters, stack_tags=stack_tags))
    assert {(finding.resource, finding.outcome) for finding in report.findings} == expected
