"""`infra-checks drift`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Unpack

import click

from infra_checks import config
from infra_checks.cli.live import StackOptions, check_packs, live_settings, locating, read_stack
from infra_checks.cli.selection import configured
from infra_checks.cli.terminal import wants_color, write_error, write_output
from infra_checks.errors import ConfigError

if TYPE_CHECKING:
    from infra_checks.live.drift import Drift


class _Options(StackOptions):
    pack: tuple[str, ...]
    format: str
    undecided: str | None
    verbose: bool
    color: str


@click.command(short_help="Compare what is deployed with its template.")
@locating
@click.option("-p", "--pack", multiple=True, metavar="NAME|FILE", help="Tell which of its rules fail.  [default: live]")
@click.option("--format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--undecided",
    type=click.Choice(config.UNDECIDED),
    help="What to make of what could not be read: fail the run, note it, or do not list what cannot be told.  "
    "[default: warn]",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=1),
    default=600,
    show_default=True,
    help="Ask AWS nothing more after so long; what was not read then is not told.",
)
@click.option("-v", "--verbose", is_flag=True, help="Also list what AWS set and what cannot be told.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colour text; auto heeds NO_COLOR and FORCE_COLOR.",
)
@configured
@click.pass_context
def drift(context: click.Context, /, **options: Unpack[_Options]) -> None:
    """Compare a deployed stack with the template and parameters it was deployed with, property by property.

    Told apart are what somebody changed, what AWS sets where the template says nothing, and what cannot be told. What
    was changed names the rules that fail because of it. Nothing is changed in the account. Exit codes: 0 no change by
    hand is known, 1 there is one (with --undecided block also when something could not be read), 2 unusable input, 3 a
    reader failed. `pack` and `undecided` are also settings, in `live` of the file that check reads. Needs
    infra-checks[live].

    \b
    infra-checks drift --stack-name shop --region eu-west-1
    infra-checks drift --stack-outputs outputs.json --format json
    """  # noqa: D301 - click reads the control character
    settings = live_settings(options)
    packs = options["pack"] or settings.pack or ("live",)
    undecided = options["undecided"] or settings.undecided
    check_packs(packs)
    stack = read_stack(options)
    from infra_checks.cli import drift_text  # noqa: PLC0415 - --help needs none of it
    from infra_checks.drift_checks import check_drift  # noqa: PLC0415 - as above
    from infra_checks.live_checks import LiveRequest  # noqa: PLC0415 - as above

    if stack.resources and not any(resource.is_read for resource in stack):
        reasons = sorted({reason for resource in stack for reason in resource.unread.values()})
        raise ConfigError(f"nothing of {stack.label} could be read: {'; '.join(reasons[:3])}")
    found = check_drift(stack, LiveRequest(pack=packs))
    ignore_open = undecided == "ignore"
    if options["format"] == "json":
        write_output(drift_text.as_json(stack, found, ignore_open=ignore_open))
    else:
        color, verbose = wants_color(options["color"], sys.stdout), options["verbose"]
        write_output(drift_text.as_text(stack, found, verbose=verbose, color=color, ignore_open=ignore_open))
    blocks = undecided == "block" and not drift_text.is_known(stack)
    if blocks:
        write_error("what could not be read makes the run fail: --undecided block")
    context.exit(3 if any(resource.crash for resource in stack) else int(blocks or _is_changed(found)))


def _is_changed(found: tuple[Drift, ...]) -> bool:
    from infra_checks.live.drift import Origin  # noqa: PLC0415 - as above

    return any(each.origin is Origin.HAND for each in found)
