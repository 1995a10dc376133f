"""`infra-checks check`."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypedDict, Unpack

import click

from infra_checks import config
from infra_checks.cli.output import Destination, append_step_summary, check_writable, destinations, write
from infra_checks.cli.terminal import ProgressLine, write_error
from infra_checks.core.finding import Effect, Severity
from infra_checks.reporters import Style
from infra_checks.template.limits import MAX_BYTES

if TYPE_CHECKING:
    from infra_checks.api import Request
    from infra_checks.core.report import Report

_OCCURRENCES: Final = "infra_checks.occurrences"
_STDIN: Final = "-"


class _Options(TypedDict):
    """What click hands to the command."""

    paths: tuple[str, ...]
    pack: tuple[str, ...]
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    parameters: tuple[str, ...]
    stack_tags: tuple[str, ...]
    assume: str | None
    format: tuple[str, ...]
    output: tuple[str, ...]
    fail_on: str | None
    undecided: str | None
    max_scenarios: int | None
    only_templates: bool
    quiet: bool
    verbose: bool
    statistics: bool
    color: str
    config_file: str | None
    no_config: bool


class _OrderedCommand(click.Command):
    """Remembers the order of --format and --output, which click gathers by name."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        values, _, order = self.make_parser(ctx).parse_args(list(args))
        queues = {name: iter(values.get(name, ())) for name in ("format", "output")}
        ctx.meta[_OCCURRENCES] = [
            (parameter.name, next(queues[parameter.name])) for parameter in order if parameter.name in queues
        ]
        return super().parse_args(ctx, args)


def _split(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Values of an option that may be repeated or hold commas."""
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())


@click.command(cls=_OrderedCommand, short_help="Check templates.")
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH]...")
@click.option("-p", "--pack", multiple=True, metavar="NAME|FILE", help="Policy pack; repeatable.  [default: baseline]")
@click.option(
    "--select",
    multiple=True,
    callback=_split,
    metavar="RULES",
    help="Run only these: ids, prefixes of ids, families, severities; repeatable or with commas.",
)
@click.option("--ignore", multiple=True, callback=_split, metavar="RULES", help="Do not run these; as --select.")
@click.option("--parameters", multiple=True, metavar="FILE|KEY=VALUE", help="Values of parameters; repeatable.")
@click.option(
    "--stack-tags",
    multiple=True,
    metavar="FILE|KEY=VALUE",
    help="Tags that the stack gets and hands on to its resources; repeatable.",
)
@click.option(
    "--assume",
    type=click.Choice(config.ASSUMPTIONS),
    help="Judge parameters without a given value by their default, or in any value they can have.  [default: default]",
)
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
    "--max-scenarios",
    type=click.IntRange(min=1),
    metavar="N",
    help="Judge a rule on a resource in at most so many scenarios.  [default: 1000]",
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
@click.option("--config", "config_file", type=click.Path(), metavar="FILE", help="Read settings from this file.")
@click.option("--no-config", is_flag=True, help="Read no settings from files.")
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
    settings = _settings(options["config_file"], use_none=options["no_config"])
    reports = destinations(context.meta[_OCCURRENCES], settings)
    check_writable(reports)
    request = _request(options, settings)
    report = _run(request)
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


def _settings(file: str | None, *, use_none: bool) -> config.Settings:
    if file is not None and use_none:
        raise click.UsageError("--config and --no-config exclude each other")
    found = Path(file) if file else None if use_none else config.find_config(Path.cwd())
    return config.read_config(found) if found else config.Settings()


def _request(options: _Options, settings: config.Settings) -> Request:
    """The options, where they are not given the settings, where those are silent the defaults."""
    from infra_checks import api  # noqa: PLC0415 - --help needs none of it

    given: dict[str, Any] = {}
    for name in ("paths", "pack", "select", "ignore", "parameters", "stack_tags", "max_scenarios"):
        value = options.get(name) or getattr(settings, name)
        if value:
            given[name] = value
    if "paths" not in given:
        raise click.UsageError("name a PATH to check, or set `paths` in the configuration")
    undecided = options["undecided"] or settings.undecided
    if undecided is not None:
        given["undecided"] = Effect("off" if undecided == "ignore" else undecided)
    assume = options["assume"] or settings.assume
    return api.Request(**given, assume_any=assume == "any", only_templates=options["only_templates"])


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
