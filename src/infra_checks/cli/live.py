"""`infra-checks live`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypedDict, Unpack

import click

from infra_checks import config
from infra_checks.cli.output import OCCURRENCES, check_writable, destinations, remember_order, write
from infra_checks.cli.terminal import ProgressLine
from infra_checks.core.finding import Effect, Severity
from infra_checks.reporters import Style

if TYPE_CHECKING:
    from infra_checks.core.report import Report
    from infra_checks.live.clients import Access, Clients
    from infra_checks.live.stacks import LiveStack

_NAMING: Final = ("stack_name", "stack_outputs", "stack_tag")


class _Options(TypedDict):
    stack_name: str | None
    stack_outputs: str | None
    stack_tag: str | None
    region: str | None
    profile: str | None
    role_arn: str | None
    external_id: str | None
    endpoint_url: str | None
    pack: tuple[str, ...]
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    template: str | None
    format: tuple[str, ...]
    output: tuple[str, ...]
    fail_on: str
    undecided: str | None
    framework: tuple[str, ...]
    baseline: str | None
    seconds: float
    quiet: bool
    verbose: bool
    statistics: bool
    color: str


class _OrderedGroup(click.Group):
    """Remembers the order of --format and --output, which click gathers by name."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        remember_order(self, ctx, args)
        return super().parse_args(ctx, args)


def _split(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())


@click.group(cls=_OrderedGroup, invoke_without_command=True, short_help="Check what is deployed.")
@click.option("--stack-name", metavar="NAME|ARN", help="The stack, by its name or ARN.")
@click.option("--stack-outputs", type=click.Path(), metavar="FILE", help="The stack whose outputs are in this file.")
@click.option("--stack-tag", metavar="KEY=VALUE", help="The stack that has this tag.")
@click.option("--region", metavar="NAME")
@click.option("--profile", metavar="NAME")
@click.option("--role-arn", metavar="ARN", help="Assume this role to read.")
@click.option("--external-id", metavar="ID", help="What the role's trust policy asks for.")
@click.option("--endpoint-url", metavar="URL", help="Of a server that stands in for AWS.")
@click.option("-p", "--pack", multiple=True, metavar="NAME|FILE", help="Policy pack; repeatable.  [default: live]")
@click.option("--select", multiple=True, callback=_split, metavar="RULES", help="Run only these; as of check.")
@click.option("--ignore", multiple=True, callback=_split, metavar="RULES", help="Do not run these.")
@click.option("--template", type=click.Path(), metavar="FILE", help="The stack's template, for its lines in findings.")
@click.option("--format", multiple=True, type=click.Choice(config.FORMATS), help="Format of the report; repeatable.")
@click.option("--output", multiple=True, type=click.Path(), metavar="FILE", help="Where the --format before it goes.")
@click.option("--fail-on", type=click.Choice(config.FAIL_ON), default="info", show_default=True, help="As of check.")
@click.option("--undecided", type=click.Choice(config.UNDECIDED), help="What to make of what could not be read.")
@click.option("--framework", multiple=True, metavar="NAME|FILE", help="Also report by the controls of this standard.")
@click.option("--baseline", type=click.Path(), metavar="FILE", help="Do not report the findings in this baseline.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=1),
    default=600,
    show_default=True,
    help="Ask AWS nothing more after so long; what was not read then is undecided.",
)
@click.option("-q", "--quiet", is_flag=True, help="One line for each finding.")
@click.option("-v", "--verbose", is_flag=True, help="Also list what is waived.")
@click.option("--statistics", is_flag=True, help="Add counts by severity, family and rule.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colour text; auto heeds NO_COLOR and FORCE_COLOR.",
)
@click.pass_context
def live(context: click.Context, /, **options: Unpack[_Options]) -> None:
    """Check a deployed stack: read its resources from AWS and judge them as templates are.

    Nothing is changed: only operations that read are called; `infra-checks live permissions` prints the policy that
    they need. What cannot be read is undecided, with the reason. Exit codes are those of check. Needs
    infra-checks[live].

    \b
    infra-checks live --stack-name shop --region eu-west-1
    infra-checks live --stack-outputs outputs.json --template template.yaml --format sarif
    """  # noqa: D301 - click reads the control character
    if context.invoked_subcommand is not None:
        context.obj = options
        return
    reports = destinations(context.meta[OCCURRENCES], config.Settings())
    check_writable(reports)
    report = _report(read_stack(options), options)
    style = Style(quiet=options["quiet"], verbose=options["verbose"], statistics=options["statistics"])
    for destination in reports:
        write(report, destination, style, options["color"])
    fail_on = options["fail_on"]
    context.exit(report.exit_code(fail_on=None if fail_on == "never" else Severity[fail_on.upper()]))


def read_stack(options: _Options) -> LiveStack:
    """The stack that the options name."""
    from infra_checks.live.clients import Clients  # noqa: PLC0415 - --help needs none of it

    given = [name for name in _NAMING if options[name]]
    if len(given) != 1:
        raise click.UsageError("name the stack with one of --stack-name, --stack-outputs and --stack-tag")
    access = _access(options)
    clients = Clients(access)
    from infra_checks.live.finding_stacks import region_in, stack_of_outputs, stack_of_tag  # noqa: PLC0415 - as above
    from infra_checks.live.read_stack import live_stack  # noqa: PLC0415 - imports boto3, whose absence is told above

    name = _named(options, clients, stack_of_outputs, stack_of_tag)
    region = region_in(name)
    if region is not None and options["region"] is None:
        clients = Clients(replace(access, region=region))
    progress = ProgressLine("reading")
    try:
        return live_stack(name, clients=clients, seconds=options["seconds"], progress=progress.callback)
    finally:
        progress.erase()


def _named(options: _Options, clients: Clients, of_outputs: Any, of_tag: Any) -> str:  # noqa: ANN401 - functions
    if options["stack_outputs"]:
        return str(of_outputs(options["stack_outputs"], clients))
    return str(of_tag(options["stack_tag"], clients)) if options["stack_tag"] else str(options["stack_name"])


def _access(options: _Options) -> Access:
    from infra_checks.live.clients import PATIENT  # noqa: PLC0415 - --help needs none of it

    return replace(
        PATIENT,
        region=options["region"],
        profile=options["profile"],
        endpoint_url=options["endpoint_url"],
        role_arn=options["role_arn"],
        external_id=options["external_id"],
    )


def _report(stack: LiveStack, options: _Options) -> Report:
    from infra_checks.live_checks import LiveRequest, check_live  # noqa: PLC0415 - --help needs none of it

    undecided = options["undecided"]
    request = LiveRequest(
        pack=options["pack"] or ("live",),
        select=options["select"],
        ignore=options["ignore"],
        undecided=Effect("off" if undecided == "ignore" else undecided) if undecided else None,
        frameworks=options["framework"],
        baseline=options["baseline"] or "",
        template=options["template"] or "",
    )
    return check_live(stack, request)
