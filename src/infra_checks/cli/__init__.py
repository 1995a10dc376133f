"""The command line; `main` is what the console script calls."""

from __future__ import annotations

import gc
import sys
from typing import NoReturn

import click

from infra_checks.cli.group import CommandGroup
from infra_checks.errors import InfraChecksError

__all__ = ["commands", "main"]

_INTERRUPTED = 130
_FAILED = 3
_UNUSABLE = 2


def _print_version(context: click.Context, _parameter: click.Parameter, value: object) -> None:
    if not value or context.resilient_parsing:
        return
    from infra_checks.reporters.product import NAME, installed_version  # noqa: PLC0415 - only for --version

    click.echo(f"{NAME} {installed_version()}")
    context.exit()


commands = CommandGroup(
    "infra-checks",
    help="Check CloudFormation templates against a policy, in every scenario their conditions allow.",
    epilog="Exit codes: 0 nothing blocks, 1 blocking findings, 2 unusable input or configuration, 3 a rule failed.",
    no_args_is_help=False,  # A missing command is an error, which click's versions treat in two ways otherwise.
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_print_version,
            help="Print the version.",
        )
    ],
)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and end the process with its exit code."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """Run the command line; whatever happens, a message for people on standard error and an exit code."""
    # Modules, templates and findings hold hardly any cycles: looking for some after every few hundred objects is
    # time lost.
    gc.set_threshold(100_000, 50, 100)
    try:
        code = commands.main(arguments, prog_name="infra-checks", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return _UNUSABLE
    except click.Abort:
        click.echo("interrupted", err=True)
        return _INTERRUPTED
    except InfraChecksError as error:
        _complain(f"error: {error}")
        return _UNUSABLE
    except Exception as error:  # noqa: BLE001 - whatever goes wrong, people get a message and no traceback
        _report_defect(error, verbose=bool({"-v", "--verbose"} & set(arguments)))
        return _FAILED
    return code if isinstance(code, int) else 0


def _complain(text: str) -> None:
    from infra_checks.cli.terminal import write_error  # noqa: PLC0415 - only for an error

    write_error(text)


def _report_defect(error: Exception, *, verbose: bool) -> None:
    if verbose:
        import traceback  # noqa: PLC0415 - only for an error

        _complain("".join(traceback.format_exception(error)).rstrip())
    _complain(f"internal error: {type(error).__name__}: {error}")
    _complain(
        "This is a defect of infra-checks. Please report it with the command, `infra-checks --version`"
        f"{'' if verbose else ', what --verbose prints'} and, if you can, the template."
    )
