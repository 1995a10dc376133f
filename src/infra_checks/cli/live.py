"""`infra-checks live`."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypedDict, Unpack

import click
from click.core import ParameterSource

from infra_checks import config
from infra_checks.cli.output import OCCURRENCES, check_writable, destinations, remember_order, write
from infra_checks.cli.selection import configured, settings_of
from infra_checks.cli.terminal import ProgressLine, write_error, write_output
from infra_checks.core.finding import Effect, Severity
from infra_checks.reporters import Style

if TYPE_CHECKING:
    from infra_checks.core.report import Report
    from infra_checks.live.clients import Access, Clients
    from infra_checks.live.stacks import LiveStack

_LOCATING: Final = (
    click.option("--stack-name", metavar="NAME|ARN", help="The stack, by its name or ARN."),
    click.option(
        "--stack-outputs", type=click.Path(), metavar="FILE", help="The stack whose outputs are in this file."
    ),
    click.option("--stack-tag", metavar="KEY=VALUE", help="The stack that has this tag."),
    click.option("--region", metavar="NAME"),
    click.option("--profile", metavar="NAME"),
    click.option("--role-arn", metavar="ARN", help="Assume this role to read."),
    click.option("--external-id", metavar="ID", help="What the role's trust policy asks for."),
    click.option("--endpoint-url", metavar="URL", help="Of a server that stands in for AWS."),
)


_TYPE: Final = re.compile(r"\w+(::\w+)+")


class Locating(TypedDict):
    """What names a stack, and the way to it."""

    stack_name: str | None
    stack_outputs: str | None
    stack_tag: str | None
    region: str | None
    profile: str | None
    role_arn: str | None
    external_id: str | None
    endpoint_url: str | None


class StackOptions(Locating):
    """What names a stack, the way to it, how long it may take and where settings are."""

    seconds: float
    config_file: str | None
    no_config: bool


class _Options(StackOptions):
    pack: tuple[str, ...]
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    template: str | None
    format: tuple[str, ...]
    output: tuple[str, ...]
    fail_on: str | None
    undecided: str | None
    framework: tuple[str, ...]
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


def _types(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if _TYPE.fullmatch(value) is None:
            raise click.BadParameter(f"{value!r} is no type of resources; write it as in a template: AWS::S3::Bucket")
    return values


def locating(command: Any) -> Any:  # noqa: ANN401 - as click's decorators
    """Give a command the options that say which stack is meant and how AWS is reached."""
    for option in reversed(_LOCATING):
        command = option(command)
    return command


@click.group(cls=_OrderedGroup, invoke_without_command=True, short_help="Check what is deployed.")
@locating
@click.option("-p", "--pack", multiple=True, metavar="NAME|FILE", help="Policy pack; repeatable.  [default: live]")
@click.option("--select", multiple=True, callback=_split, metavar="RULES", help="Run only these; as of check.")
@click.option("--ignore", multiple=True, callback=_split, metavar="RULES", help="Do not run these.")
@click.option("--template", type=click.Path(), metavar="FILE", help="The stack's template, for its lines in findings.")
@click.option("--format", multiple=True, type=click.Choice(config.FORMATS), help="Format of the report; repeatable.")
@click.option("--output", multiple=True, type=click.Path(), metavar="FILE", help="Where the --format before it goes.")
@click.option("--fail-on", type=click.Choice(config.FAIL_ON), help="As of check.  [default: info]")
@click.option("--undecided", type=click.Choice(config.UNDECIDED), help="What to make of what could not be read.")
@click.option("--framework", multiple=True, metavar="NAME|FILE", help="Also report by the controls of this standard.")
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
@configured
@click.pass_context
def live(context: click.Context, /, **options: Unpack[_Options]) -> None:
    """Check a deployed stack: read its resources from AWS and judge them as templates are.

    Nothing is changed: only operations that read are called; `infra-checks live permissions` prints the policy that
    they need. What cannot be read is undecided, with the reason. Exit codes are those of check. Settings are those in
    `live` of the file that check reads. Needs infra-checks[live].

    \b
    infra-checks live --stack-name shop --region eu-west-1
    infra-checks live --stack-outputs outputs.json --template template.yaml --format sarif
    """  # noqa: D301 - click reads the control character
    if context.invoked_subcommand is not None:
        _refuse_before(context.invoked_subcommand, context)
        return
    settings = live_settings(options)
    reports = destinations(context.meta[OCCURRENCES], settings)
    check_writable(reports)
    check_packs(options["pack"] or settings.pack)
    report = _report(read_stack(options), options, settings)
    style = Style(quiet=options["quiet"], verbose=options["verbose"], statistics=options["statistics"])
    for destination in reports:
        write(report, destination, style, options["color"])
    fail_on = options["fail_on"] or settings.fail_on or "info"
    context.exit(report.exit_code(fail_on=None if fail_on == "never" else Severity[fail_on.upper()]))


def _refuse_before(command: str, context: click.Context) -> None:
    """Complain of options that stand before a command, which would not heed them."""
    for name in context.params:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = f"--{name.replace('_', '-')}"
            raise click.UsageError(f"{option} stands before {command}, which does not heed it there; write it behind")


@live.command
@locating
@click.option(
    "--type", "types", multiple=True, metavar="TYPE", callback=_types, help="Of these types only; repeatable."
)
def permissions(types: tuple[str, ...], **options: Unpack[Locating]) -> None:
    """Print the IAM policy that reading needs, as JSON: of a stack, of some types, or of all.

    It is made of what the readers declare, and a reader can call nothing else. Types without a reader are read by Cloud
    Control, which needs more: for a stack that is asked for, in the types' schemas.
    """
    from infra_checks.live.clients import Clients  # noqa: PLC0415 - --help needs none of it

    clients = Clients(_access(options))  # also where no stack is named: it tells that boto3 is missing
    from infra_checks.live.permissions import (  # noqa: PLC0415 - imports boto3
        needed_by_cloud_control,
        policy_of,
        without_reader,
    )
    from infra_checks.live.read_stack import types_in  # noqa: PLC0415 - as above

    also: set[str] = set()
    wanted = list(types) or None
    if _given(options):
        name, clients = _located(options, clients)
        wanted = sorted({*types, *types_in(name, clients)})
        also, unknown = needed_by_cloud_control(wanted, clients)
        if unknown:
            write_error(f"note: what Cloud Control needs to read {', '.join(unknown)} is not known")
    elif left := without_reader(types):
        write_error(
            f"note: {', '.join(left)}: there is no reader; Cloud Control reads it as the caller, with more permissions "
            "than these, which are looked up where a stack is named"
        )
    write_output(json.dumps(policy_of(wanted, also=also), indent=2) + "\n")


def read_stack(options: StackOptions) -> LiveStack:
    """The stack that the options name."""
    from infra_checks.live.clients import Clients  # noqa: PLC0415 - --help needs none of it

    if not _given(options):
        raise click.UsageError("name the stack with one of --stack-name, --stack-outputs and --stack-tag")
    name, clients = _located(options, Clients(_access(options)))
    from infra_checks.live.read_stack import live_stack  # noqa: PLC0415 - imports boto3, whose absence is told above

    progress = ProgressLine("reading")
    try:
        return live_stack(name, clients=clients, seconds=options["seconds"], progress=progress.callback)
    finally:
        progress.erase()


def live_settings(options: StackOptions) -> config.Settings:
    """What the configuration says of what is deployed."""
    return settings_of(options["config_file"], use_none=options["no_config"]).live or config.Settings()


def check_packs(names: tuple[str, ...]) -> None:
    """Complain of packs that cannot be used before a stack is read, which takes long."""
    if names:
        from infra_checks import api  # noqa: PLC0415 - --help needs none of it

        api.chosen_of(*names)


def _given(options: Locating) -> bool:
    """Whether a stack is named; one way is enough."""
    given = [each for each in (options["stack_name"], options["stack_outputs"], options["stack_tag"]) if each]
    if len(given) > 1:
        raise click.UsageError("name the stack with only one of --stack-name, --stack-outputs and --stack-tag")
    return bool(given)


def _located(options: Locating, clients: Clients) -> tuple[str, Clients]:
    """The stack's name or ARN, and clients of the Region it is in."""
    from infra_checks.live.clients import Clients  # noqa: PLC0415 - --help needs none of it
    from infra_checks.live.finding_stacks import region_in, stack_of_outputs, stack_of_tag  # noqa: PLC0415 - as above

    if options["stack_outputs"]:
        name = stack_of_outputs(options["stack_outputs"], clients)
    elif options["stack_tag"]:
        name = stack_of_tag(options["stack_tag"], clients)
    else:
        name = str(options["stack_name"])
    region = region_in(name)
    if region is not None and options["region"] is None:
        clients = Clients(replace(_access(options), region=region))
    return name, clients


def _access(options: Locating) -> Access:
    from infra_checks.live.clients import PATIENT  # noqa: PLC0415 - --help needs none of it

    return replace(
        PATIENT,
        region=options["region"],
        profile=options["profile"],
        endpoint_url=options["endpoint_url"],
        role_arn=options["role_arn"],
        external_id=options["external_id"],
    )


def _report(stack: LiveStack, options: _Options, settings: config.Settings) -> Report:
    from infra_checks.live_checks import LiveRequest, check_live  # noqa: PLC0415 - --help needs none of it

    undecided = options["undecided"] or settings.undecided
    request = LiveRequest(
        pack=options["pack"] or settings.pack or ("live",),
        select=options["select"] or settings.select,
        ignore=options["ignore"] or settings.ignore,
        undecided=Effect("off" if undecided == "ignore" else undecided) if undecided else None,
        frameworks=options["framework"] or settings.framework,
        template=options["template"] or "",
    )
    return check_live(stack, request)
