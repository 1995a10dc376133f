"""`infra-checks baseline` and `infra-checks waivers`: what a project lives with, and for how long."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Unpack

import click

from infra_checks.cli.selection import Selection, configured, request_of, selecting, settings_of
from infra_checks.cli.terminal import ProgressLine, write_error, write_output
from infra_checks.reporters.characters import visible
from infra_checks.reporters.phrases import problem_place
from infra_checks.reporters.tally import plural

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from infra_checks.core.report import Report, Use

_FILE: Final = "infra-checks-baseline.json"


class _BaselineOptions(Selection):
    output: str | None
    prune: bool


@click.command(short_help="Write today's findings to a file that later runs compare with.")
@selecting
@click.option(
    "--output", type=click.Path(), metavar="FILE", help=f"The baseline.  [default: the settings', or {_FILE}]"
)
@click.option("--prune", is_flag=True, help="Add nothing; remove from the baseline what no longer occurs.")
@configured
@click.pass_context
def baseline(context: click.Context, /, **options: Unpack[_BaselineOptions]) -> None:
    """Write today's findings to a file, so that `check --baseline FILE` reports only new ones.

    A finding is known by its rule, file, resource, property, scenario, message and the value that it judges; lines may
    move. Failures of rules and what is waived are never part of a baseline.
    """
    from infra_checks import api  # noqa: PLC0415 - --help needs none of it

    settings = settings_of(options["config_file"], use_none=options["no_config"])
    file = options["output"] or settings.baseline or _FILE
    request = request_of(options, settings, baseline=file)
    if not options["prune"]:
        from dataclasses import replace  # noqa: PLC0415 - as above

        request = replace(request, baseline="")
    progress = ProgressLine()
    try:
        written, report = api.write_baseline(request, prune=options["prune"], progress=progress.callback)
    finally:
        progress.erase()
    if _tell_errors(report):
        write_error(f"{file} is not written, since not everything could be judged")
    else:
        Path(file).write_text(written.text(), "utf-8")
        write_output(f"{visible(file)}: {plural(len(written), 'finding')}\n")
    context.exit(report.exit_code(fail_on=None))


def _tell_errors(report: Report) -> bool:
    for problem in report.errors:
        write_error(f"{visible(problem_place(problem))}: {visible(problem.message)}")
    for finding in report.findings:
        if finding.outcome == "error":
            write_error(f"{visible(finding.template)}: {finding.rule}: {visible(finding.message)}")
    return bool(report.exit_code(fail_on=None))


class _WaiverOptions(Selection):
    within: int
    format: str


@click.command(short_help="List waivers: their age, what they hide, when they end.")
@selecting
@click.option(
    "--within",
    type=click.IntRange(min=0),
    default=30,
    show_default=True,
    metavar="DAYS",
    help="Warn of waivers that end within so many days.",
)
@click.option("--format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@configured
@click.pass_context
def waivers(context: click.Context, /, **options: Unpack[_WaiverOptions]) -> None:
    """List the waivers of packs and templates, and the suppressions for other tools that the pack honours.

    Each with its age, its last day and how many findings it hides. The age is counted from `since`, or from the commit
    that wrote the line. The exit code is 1 when a waiver has ended or hides nothing.
    """
    from infra_checks import api  # noqa: PLC0415 - --help needs none of it
    from infra_checks.waivers.clock import today  # noqa: PLC0415 - as above

    settings = settings_of(options["config_file"], use_none=options["no_config"])
    progress = ProgressLine()
    try:
        report = api.check(request_of(options, settings), progress=progress.callback)
    finally:
        progress.erase()
    listing = _Listing(report.waivers, today(), options["within"])
    write_output(listing.json() if options["format"] == "json" else listing.text())
    failed = _tell_errors(report) if any(not _is_waiver_problem(report, each) for each in report.errors) else False
    context.exit(report.exit_code(fail_on=None) if failed else int(listing.needs_care))


def _is_waiver_problem(report: Report, problem: object) -> bool:
    spans = {(use.waiver.file, use.waiver.span) for use in report.waivers}
    return (getattr(problem, "file", ""), getattr(problem, "span", None)) in spans


class _Listing:
    def __init__(self, uses: tuple[Use, ...], day: date, within: int) -> None:
        self._uses = uses
        self._day = day
        self._soon = day + timedelta(days=within)

    @property
    def needs_care(self) -> bool:
        """Whether a waiver has ended or hides nothing."""
        return any(use.state in {"ended", "unused"} for use in self._uses)

    def text(self) -> str:
        return "".join(f"{line}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        for use in self._uses:
            waiver = use.waiver
            where = f" on {waiver.resource}" if waiver.resource else ""
            met = f"{'hides' if use.state == 'active' else 'met'} {plural(use.findings, 'finding')}"
            yield visible(f"{waiver.place}: {', '.join(waiver.rules)}{where}")
            yield visible(f"  {self._state(use)}; {self._age(use)}; {met}")
            yield visible(f"  {waiver.owner or waiver.origin}: {waiver.reason or 'no reason given'}")
        soon = sum(self._ends_soon(use) for use in self._uses)
        yield f"{plural(len(self._uses), 'waiver')}{f', {soon} ending by {self._soon}' if soon else ''}"

    def _state(self, use: Use) -> str:
        return self._end(use) if use.state == "ended" else f"{use.state}, {self._end(use)}"

    def _end(self, use: Use) -> str:
        end = use.waiver.expires
        if end is None:
            return "without an end"
        left = (end - self._day).days
        if left < 0:
            return f"ended {plural(-left, 'day')} ago ({end})"
        return f"{'warning: ' if self._ends_soon(use) else ''}ends in {plural(left, 'day')} ({end})"

    def _ends_soon(self, use: Use) -> bool:
        end = use.waiver.expires
        return end is not None and self._day <= end <= self._soon

    def _age(self, use: Use) -> str:
        since = use.waiver.since or _committed(use)
        return f"{plural(max(0, (self._day - since).days), 'day')} old" if since else "of unknown age"

    def json(self) -> str:
        return json.dumps([self._row(use) for use in self._uses], indent=2) + "\n"

    def _row(self, use: Use) -> dict[str, Any]:
        waiver = use.waiver
        since = waiver.since or _committed(use)
        return {
            "rules": list(waiver.rules),
            "origin": waiver.origin,
            "state": use.state.value,
            "findings": use.findings,
            "reason": waiver.reason,
            "owner": waiver.owner or None,
            "since": since.isoformat() if since else None,
            "expires": waiver.expires.isoformat() if waiver.expires else None,
            "ends_soon": self._ends_soon(use),
            "resource": waiver.resource or None,
            "template": waiver.template or None,
            "path": waiver.path or None,
            "file": waiver.file,
            "line": waiver.span.line if waiver.span else None,
        }


def _committed(use: Use) -> date | None:
    from infra_checks.revisions import committed_on  # noqa: PLC0415 - only where no `since` is given

    return committed_on(use.waiver.file, use.waiver.span.line) if use.waiver.span else None
