"""`infra-checks schema`."""

from __future__ import annotations

import click

from infra_checks.cli.terminal import write_output
from infra_checks.reporters import json_format


@click.command
def schema() -> None:
    """Print the JSON schema of `check --format json`."""
    write_output(json_format.schema())
