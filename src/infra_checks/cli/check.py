"""`infra-checks check`."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Final, Unpack

import click

from infra_checks import config
from infra_checks.cli.output import (
    OCCURRENCES,
    Destination,
    append_step_summary,
    check_writable,
    destinations,
    remember_order,
    write,
)
from infra_checks.cli.selection import Selection, configured, request_of, selecting, settings_of
from infra_checks.cli.terminal import ProgressLine, write_error
from infra_checks.core.finding import Severity
from infra_checks.reporters import Style
from infra_checks.template.limits import MAX_BYTES

if TYPE_CHECKING:
    from infra_checks.api import Request
    from infra_checks.core.report import Report

_STDIN: Final = "-"


class _Options(Selection):
    """What click hands to the command."""

    format: tuple[str, ...]
    output: tuple[str, ...]
    fail_on: str | None
    undecided: str | None
    framework: tuple[str, ...]
    max_scenarios: int | None
    baseline: str | None
    diff: str | None
    beside: tuple[str, ...]
    only_templates: bool
    quiet: bool
    verbose: bool
    statistics: bool
    color: str


class _OrderedCommand(click.Command):
    """Remembers the order of --format and --output, which click gathers by name."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        remember_order(self, ctx, args)
        return super().parse_args(ctx, args)


@click.command(cls=_OrderedCommand, short_help="Check templates.")
@selecting
@click.option(
    "--format",
    multiple=True,
    type=click.Choice(config.FORMATS),
    help="Format of the report; repeatable.  [default: text]",
)
@click.option(
    "--output",
    multiple=True,
    type=click.Path(),
    metavar="FILE",
    help="Where the --format before it is written to; - is standard output, as is no --output.",
)
@click.option(
    "--fail-on",
    type=click.Choice(config.FAIL_ON),
    help="The least severity of a blocking finding that makes the exit code 1.  [default: info]",
)
@click.option(
    "--undecided",
    type=click.Choice(config.UNDECIDED),
    help="What to make of what cannot be decided before deployment.  [default: as the pack says]",
)
@click.option(
    "--framework",
    multiple=True,
    metavar="NAME|FILE",
    help="Also report by the controls of this standard; repeatable, see `infra-checks controls`.",
)
@click.option(
    "--max-scenarios",
    type=click.IntRange(min=1),
    metavar="N",
    help="Judge a rule on a resource in at most so many scenarios.  [default: 1000]",
)
@click.option("--baseline", type=click.Path(), metavar="FILE", help="Do not report the findings in this baseline.")
@click.option(
    "--diff", metavar="REF", help="Report only what was not found in this git revision, in files changed since."
)
@click.option(
    "--with",
    "beside",
    multiple=True,
    type=click.Choice(config.TOOLS),
    help="Also run this tool, as installed, and add what our rules do not cover; repeatable.",
)
@click.option(
    "--only-templates",
    is_flag=True,
    help="Skip named files that are no templates, as pre-commit names all that were changed.",
)
@click.option("-q", "--quiet", is_flag=True, help="One line for each finding.")
@click.option(
    "-v", "--verbose", is_flag=True, help="Also list what is waived or skipped, and say more of internal errors."
)
@click.option("--statistics", is_flag=True, help="Add counts by severity, family and rule.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colour text; auto heeds NO_COLOR and FORCE_COLOR.",
)
@configured
@click.pass_context
def check(context: click.Context, /, **options: Unpack[_Options]) -> None:
    """Check templates: files, folders to search for templates, or - for standard input.

    Without PATH, the `paths` of the settings are checked. Settings come from the nearest
    infra-checks.yaml, .infra-checks.yaml or pyproject.toml ([tool.infra-checks]) upward from the
    working folder; an option goes before the setting of its name.

    \b
    infra-checks check templates/ --pack production --parameters Environment=production
    infra-checks check . --format sarif --output results.sarif --format text
    """  # noqa: D301 - click reads the control character
    started = time.monotonic()
    settings = settings_of(options["config_file"], use_none=options["no_config"])
    reports = destinations(context.meta[OCCURRENCES], settings)
    check_writable(reports)
    request = request_of(options, settings, diff=options["diff"], only_templates=options["only_templates"])
    report = _run(request)
    if not report.frameworks and any(destination.format.startswith("controls") for destination in reports):
        raise click.UsageError(
            "which controls? name a --framework, or a --pack that is one; see `infra-checks controls`"
        )
    style = Style(
        quiet=options["quiet"],
        verbose=options["verbose"],
        statistics=options["statistics"],
        seconds=time.monotonic() - started,
    )
    for destination in reports:
        write(report, destination, style, options["color"])
    _add_statistics(report, reports, style)
    _add_step_summary(report, reports)
    context.exit(report.exit_code(fail_on=_severity(options["fail_on"] or settings.fail_on)))


def _run(request: Request) -> Report:
    from infra_checks import api  # noqa: PLC0415 - as above

    stdin = _read_stdin() if _STDIN in request.paths else None
    progress = ProgressLine()
    try:
        return api.check(request, progress=progress.callback, stdin=stdin)
    finally:
        progress.erase()


def _read_stdin() -> bytes:
    """Standard input, or as much of it as is enough to see that it is too large."""
    # Python has None in the place of a closed stream.
    return sys.stdin.buffer.read(MAX_BYTES + 1) if sys.stdin else b""


def _severity(fail_on: str | None) -> Severity | None:
    return None if fail_on == "never" else Severity[(fail_on or "info").upper()]


def _add_statistics(report: Report, reports: list[Destination], style: Style) -> None:
    """Statistics to standard error when no text report has them."""
    if style.statistics and all(destination.format != "text" for destination in reports):
        from infra_checks.reporters.counts import statistics  # noqa: PLC0415 - rarely asked for

        write_error("\n".join(statistics(report, style.seconds)))


def _add_step_summary(report: Report, reports: list[Destination]) -> None:
    """The Markdown report as the summary of the GitHub Actions step that shows the annotations."""
    file = os.environ.get("GITHUB_STEP_SUMMARY")
    if file and any(destination.format == "github" for destination in reports):
        append_step_summary(file, report)
