from __future__ import annotations

from dataclasses import replace

from infra_checks.core.finding import NOWHERE, Effect, Outcome, Severity
from infra_checks.core.report import Problem
from infra_checks.reporters.github import render
from infra_checks.template.source import Span
from tests.unit.reporters.samples import FINDING, report_of

_PLAIN = replace(FINDING, when="", assignment={}, remedy="")


def test_a_violation_is_a_command_at_its_place() -> None:
    assert render(report_of(_PLAIN)) == (
        "::error file=app.yaml,title=s3-bucket-versioning-enabled (high),line=5,endLine=5,col=41,endColumn=50"
        "::Logs suspends versioning.\n"
        "1 violation (1 high), 0 undecided, 0 errors in 1 template (1 resource)\n"
    )


def test_levels_are_error_warning_and_notice() -> None:
    findings = (
        replace(_PLAIN, resource="A"),
        replace(_PLAIN, resource="B", effect=Effect.WARN),
        replace(_PLAIN, resource="C", outcome=Outcome.UNDECIDED),
        replace(_PLAIN, resource="D", outcome=Outcome.WAIVED),
        replace(_PLAIN, resource="E", outcome=Outcome.ERROR, severity=Severity.LOW),
    )
    lines = render(report_of(*findings)).splitlines()
    assert [line.split()[0] for line in lines[:-1]] == ["::error", "::error", "::notice", "::warning"]
    assert "title=s3-bucket-versioning-enabled (rule failed)" in lines[0]


def test_a_deployed_resource_without_a_template_is_named_in_the_message() -> None:
    (command, _) = render(report_of(replace(_PLAIN, span=NOWHERE, arn="arn:aws:s3:::logs"))).splitlines()
    assert "file=" not in command
    assert command.endswith("(arn:aws:s3:::logs)")


def test_a_place_of_several_lines_has_no_columns() -> None:
    (command, _) = render(report_of(replace(_PLAIN, span=Span(5, 3, 7, 2)))).splitlines()
    assert "line=5,endLine=7::" in command


def test_an_unreadable_file_is_an_error() -> None:
    report = replace(report_of(), errors=(Problem("b.yaml", "is empty"),))
    assert render(report).startswith("::error file=b.yaml,title=unusable input::is empty\n")


def test_texts_are_escaped_as_the_runner_wants() -> None:
    finding = replace(_PLAIN, template="a,b:c%.yaml", message="50%\r\n::error::x, y: z")
    (command, _) = render(report_of(finding)).splitlines()
    assert command.startswith("::error file=a%2Cb%3Ac%25.yaml,")
    assert command.endswith("::Logs 50%25%0D%0A::error::x, y: z.")


def test_only_as_many_are_annotated_as_github_shows_the_worst_first() -> None:
    errors = [replace(_PLAIN, resource=f"E{number:02}", severity=Severity.HIGH) for number in range(11)]
    notices = [replace(_PLAIN, resource=f"N{number:02}", severity=Severity.LOW) for number in range(11)]
    worst = replace(_PLAIN, resource="Z", severity=Severity.CRITICAL)
    lines = render(report_of(*errors, *notices, worst)).splitlines()
    commands = [line.split()[0] for line in lines if line.startswith("::")]
    assert commands.count("::error") == 10
    assert commands.count("::notice") == 10
    assert "(critical)" in lines[0]
    begin = lines.index("::group::Not annotated")
    assert lines[begin - 1] == "::notice title=infra-checks::2 errors, 2 notices more; see the log of this step"
    assert lines[begin + 1] == ("  app.yaml:5:41: error s3-bucket-versioning-enabled (high) E09 suspends versioning.")
    assert lines[begin + 5] == "::endgroup::"


def test_what_is_not_annotated_cannot_be_read_as_a_command() -> None:
    findings = [replace(_PLAIN, template="::error::x", message=f"{number:02} ##[error]") for number in range(12)]
    lines = render(report_of(*findings)).splitlines()
    assert lines[-3] == (r"  \x3a:error::x:5:41: error s3-bucket-versioning-enabled (high) Logs 11 #\x23[error].")
