from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from infra_checks import api
from infra_checks.core.finding import Effect
from infra_checks.core.report import Report
from infra_checks.reporters import json_format
from tests.integration.cli.conftest import Run

_SUMMARY = "1 violation (1 high), 0 undecided, 0 errors in 2 templates (1 resource)"


def test_a_template_that_keeps_the_rules_is_clean(run: Run) -> None:
    assert run("check", "good.yaml") == (0, "0 violations, 0 undecided, 0 errors in 1 template (1 resource)\n", "")


def test_a_violation_is_shown_and_fails_the_run(run: Run) -> None:
    result = run("check", ".")
    assert result.code == 1
    assert result.out.startswith("high  template-structure-valid  template\n --> bad.yaml:2:3\n")
    assert result.out.endswith(f"\n{_SUMMARY}\n")
    assert result.err == ""


@pytest.mark.parametrize(("fail_on", "code"), [("info", 1), ("high", 1), ("critical", 0), ("never", 0)])
def test_fail_on_sets_what_fails_the_run(run: Run, fail_on: str, code: int) -> None:
    assert run("check", "bad.yaml", "--fail-on", fail_on).code == code


def test_quiet_and_verbose_say_less_and_more(run: Run, project: Path) -> None:
    assert len(run("check", "-q", "bad.yaml").out.splitlines()) == 2
    (project / "other.json").write_text("{}")
    assert "note: 1 file skipped" in run("check", ".").out
    assert "skipped: other.json: " in run("check", ".", "-v").out


def test_json_fits_the_published_schema(run: Run) -> None:
    document = json.loads(run("check", "bad.yaml", "--format", "json").out)
    jsonschema.Draft202012Validator(json.loads(run("schema").out)).validate(document)
    assert [finding["rule"] for finding in document["findings"]] == ["template-structure-valid"]


def test_several_reports_are_written_at_once(run: Run, project: Path) -> None:
    result = run(
        "check", "bad.yaml", "--format", "sarif", "--output", "out.sarif", "--format", "text", "--format", "junit",
        "--output", "out.xml", "-q",
    )  # fmt: skip
    assert result.out.startswith("bad.yaml:2:3: high")
    assert json.loads((project / "out.sarif").read_text())["version"] == "2.1.0"
    assert ET.parse(project / "out.xml").getroot().get("failures") == "1"  # noqa: S314 - it is our own


@pytest.mark.parametrize("options", [("--output", "o", "--format", "json"), ("--format", "json", "--output", "o")])
def test_one_format_and_one_output_stand_in_any_order(run: Run, project: Path, options: tuple[str, ...]) -> None:
    assert run("check", "good.yaml", *options).out == ""
    assert json.loads((project / "o").read_text())["findings"] == []


def test_an_output_alone_is_for_text(run: Run, project: Path) -> None:
    assert run("check", "good.yaml", "--output", "o").out == ""
    assert (project / "o").read_text().startswith("0 violations")


def test_a_dash_is_standard_output(run: Run) -> None:
    assert json.loads(run("check", "good.yaml", "--format", "json", "--output", "-").out)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ("--format", "json", "--format", "text"),
            "only one report can go to standard output, not json and text; write --output FILE after each",
        ),
        (("--output", "a", "--format", "json", "--output", "b"), "--output a has no --format before it"),
        (("--format", "json", "--output", "a", "--output", "b"), "--output b has no --format before it"),
        (
            ("--format", "json", "--output", "a", "--format", "text", "--output", "a"),
            "two reports would be written to a",
        ),
        (("--format", "yaml"), "'yaml' is not one of 'text', 'json'"),
        (("--output", "none/a"), "none/a: the folder none does not exist"),
        (("--output", "."), ".: is a folder; name a file for the text report"),
        (("--config", "c.yaml", "--no-config"), "--config and --no-config exclude each other"),
        (("--config", "c.yaml"), "c.yaml: does not exist"),
        (("--pack", "no-such-pack"), "no-such-pack"),
        (("--ignore", "no-such-rule"), "no-such-rule"),
        (("--max-scenarios", "0"), "0 is not in the range"),
    ],
)
def test_an_unusable_setup_is_told_on_standard_error(run: Run, options: tuple[str, ...], message: str) -> None:
    result = run("check", "good.yaml", *options)
    assert result.code == 2
    assert result.out == ""
    assert message in " ".join(result.err.split())
    assert "Traceback" not in result.err


def test_an_output_that_cannot_be_written_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_file: Path, _data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    result = run("check", "good.yaml", "--output", "o")
    assert (result.code, result.err) == (2, "error: o: cannot be written: No space left on device\n")


def test_an_unreadable_template_is_reported_and_the_rest_is_checked(run: Run) -> None:
    result = run("check", "bad.yaml", "none.yaml")
    assert result.code == 2
    assert "error  does not exist\n --> none.yaml\n" in result.out
    assert "1 violation (1 high), 0 undecided, 1 error in 1 template" in result.out


def test_named_files_that_are_no_templates_can_be_skipped(run: Run, project: Path) -> None:
    (project / "other.yaml").write_text("a: 1\n")
    assert run("check", "good.yaml", "other.yaml").code == 2
    result = run("check", "good.yaml", "other.yaml", "--only-templates")
    assert result.code == 0
    assert "note: 1 file skipped" in result.out


def test_standard_input_is_checked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Resources: {A: {}}")))
    result = run("check", "-", "-q")
    assert result.code == 1
    assert result.out.startswith("<stdin>:1:13: high template-structure-valid")


def test_a_closed_standard_input_is_an_empty_one(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    result = run("check", "-", "-q")
    assert result.code == 2
    assert result.out.startswith("<stdin>: error is empty")


def test_without_a_path_there_is_nothing_to_check(run: Run) -> None:
    result = run("check")
    assert result.code == 2
    assert "name a PATH to check, or set `paths` in the configuration" in result.err


def test_settings_come_from_the_nearest_file(run: Run, project: Path) -> None:
    (project / "infra-checks.yaml").write_text("paths: bad.yaml\nformat: json\nfail-on: never\n")
    result = run("check")
    assert result.code == 0
    assert json.loads(result.out)["summary"]["violations"] == 1


def test_an_option_goes_before_the_setting(run: Run, project: Path) -> None:
    (project / "infra-checks.yaml").write_text("paths: good.yaml\nformat: json\nfail-on: never\n")
    result = run("check", "bad.yaml", "--format", "text", "--fail-on", "low")
    assert result.code == 1
    assert result.out.startswith("high")


def test_settings_can_be_named_or_left_alone(run: Run, project: Path) -> None:
    (project / "infra-checks.yaml").write_text("format: json\n")
    (project / "other.yaml").write_text("format: markdown\n")
    assert run("check", "good.yaml", "--config", "other.yaml").out.startswith("# infra-checks")
    assert run("check", "good.yaml", "--no-config").out.startswith("0 violations")


def test_settings_can_name_several_reports(run: Run, project: Path) -> None:
    (project / "infra-checks.yaml").write_text("output: {json: out.json}\n")
    assert run("check", "good.yaml").out.startswith("0 violations")
    assert json.loads((project / "out.json").read_text())["summary"]["templates"] == 1
    (project / "infra-checks.yaml").write_text("format: [json, text]\noutput: {json: 2.json, junit: 3.xml}\n")
    assert run("check", "good.yaml").out.startswith("0 violations")
    assert (project / "2.json").exists()
    assert (project / "3.xml").exists()
    (project / "infra-checks.yaml").write_text("format: json\n")
    assert run("check", "good.yaml", "--output", "4.json").out == ""
    assert json.loads((project / "4.json").read_text())["findings"] == []


def test_a_wrong_setting_is_told_with_its_place(run: Run, project: Path) -> None:
    (project / "infra-checks.yaml").write_text("selekt: x\n")
    result = run("check", "good.yaml")
    assert result.code == 2
    assert result.err == "error: infra-checks.yaml:1:1: selekt: unknown setting; did you mean select?\n"


def test_options_and_settings_become_a_request(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[api.Request] = []

    def check(request: api.Request, **_more: object) -> Report:
        made.append(request)
        return Report()

    monkeypatch.setattr(api, "check", check)
    (project / "infra-checks.yaml").write_text("ignore: low\nassume: any\nmax-scenarios: 7\n")
    run(
        "check", "good.yaml", "-p", "a", "-p", "b", "--select", "x, y", "--parameters", "A=1", "--parameters", "B=2",
        "--undecided", "ignore", "--only-templates",
    )  # fmt: skip
    run("check", "good.yaml", "--assume", "default", "--no-config", "--undecided", "block")
    first, second = made
    assert first == api.Request(
        paths=("good.yaml",),
        pack=("a", "b"),
        select=("x", "y", "template-structure-valid"),
        ignore=("low",),
        parameters=("A=1", "B=2"),
        assume_any=True,
        only_templates=True,
        undecided=Effect.OFF,
        max_scenarios=7,
    )
    assert second == api.Request(paths=("good.yaml",), select=("template-structure-valid",), undecided=Effect.BLOCK)


def test_statistics_stand_in_text_and_beside_other_formats(run: Run) -> None:
    assert "by severity" in run("check", "bad.yaml", "--statistics").out
    result = run("check", "bad.yaml", "--statistics", "--format", "json")
    assert json.loads(result.out)
    assert "by severity\n" in result.err


def test_the_step_summary_of_github_is_written(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = project / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    assert run("check", "bad.yaml", "--format", "github").out.startswith("::error file=bad.yaml,")
    once = file.read_text()
    assert once.startswith("# infra-checks\n")
    run("check", "bad.yaml", "--format", "github")
    assert file.read_text() == once * 2
    run("check", "bad.yaml", "--format", "text")
    assert file.read_text() == once * 2


def test_a_step_summary_that_cannot_be_written_is_a_warning(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(project))
    result = run("check", "good.yaml", "--format", "github")
    assert result.code == 0
    assert result.err.startswith("warning: ")


def test_the_schema_is_that_of_the_reporter(run: Run) -> None:
    assert run("schema") == (0, json_format.schema(), "")


def test_tags_of_the_stack_are_given_on_the_command_line_and_in_the_settings(run: Run, project: Path) -> None:
    (project / "tagged.yaml").write_text("Resources: {Files: {Type: AWS::S3::Bucket}}\n")
    (project / "pack.yaml").write_text(
        "name: tags\nrules:\n  required-tags: {effect: block, options: {required: [Project]}}\n"
    )
    asked = ("check", "tagged.yaml", "--pack", "pack.yaml", "--select", "required-tags")
    assert run(*asked).code == 1
    assert run(*asked, "--stack-tags", "Project=orders").code == 0
    (project / "tags.json").write_text('[{"Key": "Project", "Value": "orders"}]')
    assert run(*asked, "--stack-tags", "tags.json").code == 0
    (project / "infra-checks.yaml").write_text("stack-tags: tags.json\n")
    assert run(*asked).code == 0
    wrong = run(*asked, "--stack-tags", "tags.txt")
    assert (wrong.code, wrong.out) == (2, "")
    assert "tags.txt" in wrong.err
