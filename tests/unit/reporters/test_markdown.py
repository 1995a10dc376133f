from __future__ import annotations

from dataclasses import replace

import pytest

from infra_checks.core.finding import Effect, Outcome, Severity
from infra_checks.core.report import Problem, Skipped
from infra_checks.reporters.markdown import escape, prose, render, table
from tests.unit.reporters.samples import FINDING, report_of


def test_a_report_is_counts_and_a_table_for_each_template() -> None:
    other = replace(
        FINDING, template="b.yaml", outcome=Outcome.UNDECIDED, severity=Severity.LOW, when="", assignment={}
    )
    assert render(report_of(FINDING, other)) == (
        "# infra-checks\n"
        "\n"
        "1 violation (1 high), 1 undecided, 0 errors in 1 template (1 resource)\n"
        "\n"
        "| Severity | Violations | Undecided |\n"
        "| --- | --- | --- |\n"
        "| high | 1 | 0 |\n"
        "| low | 0 | 1 |\n"
        "\n"
        "## app.yaml\n"
        "\n"
        "| Severity | Rule | Place | Finding | When | Fix |\n"
        "| --- | --- | --- | --- | --- | --- |\n"
        "| high | s3-bucket-versioning-enabled | app.yaml:5:41 | Logs suspends versioning |"
        " EnvironmentName is development or testing (e.g. EnvironmentName=development) |"
        " Set VersioningConfiguration.Status to \\`Enabled\\`. |\n"
        "\n"
        "## b.yaml\n"
        "\n"
        "| Severity | Rule | Place | Finding | When | Fix |\n"
        "| --- | --- | --- | --- | --- | --- |\n"
        "| undecided (low) | s3-bucket-versioning-enabled | b.yaml:5:41 |"
        " Logs: undecided: suspends versioning |  |"
        " Set VersioningConfiguration.Status to \\`Enabled\\`. |\n"
    )


def test_a_clean_report_has_no_tables() -> None:
    assert render(report_of()) == "# infra-checks\n\n0 violations, 0 undecided, 0 errors in 1 template (1 resource)\n"


def test_errors_notices_and_skipped_files_come_first() -> None:
    report = replace(
        report_of(FINDING), errors=(Problem("b.yaml", "bad"),), notices=("look",), skipped=(Skipped("c", "no"),)
    )
    shown = render(report)
    assert "\n## Errors\n\n| Place | Error |\n| --- | --- |\n| b.yaml | bad |\n" in shown
    assert "\nNote: look\n\nNote: 1 file skipped\n" in shown
    assert shown.index("## Errors") < shown.index("## app.yaml")


def test_labels_tell_warnings_failures_and_leave_out_what_is_waived() -> None:
    shown = render(
        report_of(
            replace(FINDING, effect=Effect.WARN),
            replace(FINDING, outcome=Outcome.ERROR),
            replace(FINDING, outcome=Outcome.WAIVED, resource="Waived"),
        )
    )
    assert "| high (warning) |" in shown
    assert "| rule failed |" in shown
    assert "Waived" not in shown


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
        ("a|b", "a\\|b"),
        ("`x` *y* _z_ ~u~", "\\`x\\` \\*y\\* \\_z\\_ \\~u\\~"),
        ("[a](b) #1 $x$", "\\[a\\](b) \\#1 \\$x\\$"),
        ("https://x www.x @me", "https\\://x www<!-- -->.x @<!-- -->me"),
        ("a\nb\x1b", "a\\\\nb\\\\x1b"),
    ],
)
def test_text_is_shown_as_it_is(text: str, escaped: str) -> None:
    assert escape(text) == escaped


def test_a_long_cell_is_cut() -> None:
    assert len(escape("x" * 9999)) == 500


def test_prose_keeps_its_code() -> None:
    assert prose("set `<name>` to <value>") == "set `<name>` to &lt;value>"


def test_a_table_escapes_its_cells() -> None:
    assert table(("A",), [("x|y",)]) == "| A |\n| --- |\n| x\\|y |\n"


def test_what_does_not_fit_is_counted_and_the_worst_is_kept() -> None:
    milder = [replace(FINDING, resource=f"R{number}", severity=Severity.LOW) for number in range(20)]
    worst = replace(FINDING, resource="Worst", severity=Severity.CRITICAL)
    report = report_of(*milder, worst)
    shown = render(report, limit=1500)
    assert len(shown.encode()) <= 1500
    assert "Worst" in shown
    assert "findings more, for which there is no room here.\n" in shown
    assert render(report, limit=100_000) == render(report)


def test_no_room_at_all_gives_nothing() -> None:
    assert render(report_of(FINDING), limit=10) == ""
