"""Which reports a run writes, and where to."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from infra_checks.cli.terminal import wants_color, write_error, write_output
from infra_checks.errors import ConfigError
from infra_checks.reporters import Style, render

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from infra_checks.config import Settings
    from infra_checks.core.report import Report

STDOUT: Final = "-"
OCCURRENCES: Final = "infra_checks.occurrences"
"""The key in a context's `meta` of what `destinations` takes."""
_STEP_SUMMARY_BYTES: Final = 1024 * 1024


class Destination(NamedTuple):
    """A format and the file it is written to, `-` for standard output."""

    format: str
    file: str = STDOUT


def remember_order(command: click.Command, ctx: click.Context, args: list[str]) -> None:
    """Keep the order of --format and --output, which click gathers by name, in the context."""
    values, _, order = command.make_parser(ctx).parse_args(list(args))
    queues = {name: iter(values.get(name, ())) for name in ("format", "output")}
    ctx.meta[OCCURRENCES] = [
        (parameter.name, next(queues[parameter.name])) for parameter in order if parameter.name in queues
    ]


def destinations(occurrences: Sequence[tuple[str, str]], settings: Settings) -> list[Destination]:
    """What to write where, from the `format` and `output` options in the order given, else from the settings.

    An --output belongs to the --format before it; if there is only one of each, their order does not matter.
    """
    if not occurrences:
        return _configured(settings)
    formats = [value for name, value in occurrences if name == "format"]
    outputs = [value for name, value in occurrences if name == "output"]
    if len(formats) <= 1 and len(outputs) == 1:
        default = settings.format[0] if len(settings.format) == 1 else "text"
        return [Destination(formats[0] if formats else default, outputs[0])]
    return _one_to_stdout(_paired(occurrences))


def _configured(settings: Settings) -> list[Destination]:
    formats = settings.format or ("text",)
    chosen = [Destination(name, settings.output.get(name, STDOUT)) for name in formats]
    chosen += [Destination(name, file) for name, file in settings.output.items() if name not in formats]
    return _one_to_stdout(chosen)


def _paired(occurrences: Iterable[tuple[str, str]]) -> Iterator[Destination]:
    waiting: str | None = None
    for name, value in occurrences:
        if name == "format":
            if waiting is not None:
                yield Destination(waiting)
            waiting = value
        elif waiting is None:
            raise click.UsageError(f"--output {value} has no --format before it; write --format FORMAT --output FILE")
        else:
            yield Destination(waiting, value)
            waiting = None
    if waiting is not None:
        yield Destination(waiting)


def _one_to_stdout(chosen: Iterable[Destination]) -> list[Destination]:
    reports = list(chosen)
    printed = [report.format for report in reports if report.file == STDOUT]
    if len(printed) > 1:
        raise click.UsageError(
            f"only one report can go to standard output, not {' and '.join(printed)}; "
            "write --output FILE after each --format but one"
        )
    files = [report.file for report in reports if report.file != STDOUT]
    twice = next((file for file in files if files.count(file) > 1), None)
    if twice is not None:
        raise click.UsageError(f"two reports would be written to {twice}")
    return reports


def check_writable(reports: Iterable[Destination]) -> None:
    """Complain before the work is done of files that cannot be written after it."""
    for report in reports:
        if report.file != STDOUT:
            check_file(report.file, f"the {report.format} report")


def check_file(name: str, content: str) -> None:
    """Complain of a file that cannot be made; `content` is what it is for."""
    file = Path(name)
    if file.is_dir():
        raise ConfigError(f"{name}: is a folder; name a file for {content}")
    if not file.parent.is_dir():
        raise ConfigError(f"{name}: the folder {file.parent} does not exist")


def write(report: Report, destination: Destination, style: Style, color: str) -> None:
    """Write one report; ConfigError when its file cannot be written."""
    if destination.file != STDOUT:
        plain = render(report, destination.format, _colored(style, on=color == "always"))
        _write_file(destination.file, plain)
    elif destination.format in {"text", "controls"}:
        write_output(render(report, destination.format, _colored(style, on=wants_color(color, sys.stdout))))
    else:
        # What programs read is UTF-8, whatever the terminal's encoding.
        click.echo(render(report, destination.format).encode(), nl=False)


def _colored(style: Style, *, on: bool) -> Style:
    return replace(style, color=on)


def _write_file(name: str, text: str) -> None:
    try:
        Path(name).write_bytes(text.encode())
    except OSError as error:
        raise ConfigError(f"{name}: cannot be written: {error.strerror}") from error


def append_step_summary(name: str, report: Report) -> None:
    """Append the Markdown report to a file; GitHub takes no more than 1 MiB of a step and shows nothing of more."""
    from infra_checks.reporters import markdown  # noqa: PLC0415 - only in GitHub Actions

    file = Path(name)
    try:
        room = _STEP_SUMMARY_BYTES - (file.stat().st_size if file.exists() else 0)
        text = markdown.render(report, limit=room)
        with file.open("ab") as summary:
            summary.write(text.encode())
    except OSError as error:
        write_error(f"warning: {name}: the step summary cannot be written: {error.strerror}")
