"""`infra-checks checkov-dir`."""

from __future__ import annotations

import click

from infra_checks.cli.terminal import write_output
from infra_checks.errors import ConfigError


@click.command(short_help="Print the folder by which checkov loads our rules.")
@click.option("--policies", "own", is_flag=True, help="The folder of our organisation's own checkov policies instead.")
def checkov_dir(*, own: bool) -> None:
    """Print the folder to give to checkov as --external-checks-dir, so that it runs our rules as checks of its own.

    \b
    pipx inject checkov infra-checks
    checkov -d templates --external-checks-dir "$(infra-checks checkov-dir)"
    """  # noqa: D301 - click reads the control character
    from infra_checks.tools.checkov import POLICIES, RULES, shipped  # noqa: PLC0415 - --help needs none of it

    folder = shipped(POLICIES if own else RULES)
    if folder is None:
        raise ConfigError("this installation has no folder of checks for checkov; install infra-checks again")
    write_output(f"{folder}\n")
