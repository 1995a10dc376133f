"""`infra-checks schema`."""

from __future__ import annotations

from typing import Final

import click

from infra_checks.cli.terminal import write_output

_REPORTS: Final = {
    "report": "reporters.json_format",
    "controls-report": "reporters.controls_json",
    "drift-report": "cli.drift_text",
}
_FILES: Final = ("pack", "controls")


@click.command
@click.argument("what", type=click.Choice([*_REPORTS, *_FILES]), default="report")
def schema(what: str) -> None:
    """Print a JSON schema: of `check --format json` (report) or controls-json (controls-report), of `drift --format
    json` (drift-report), of policy packs (pack) or of files of controls (controls).
    """
    if what in _FILES:
        from infra_checks.packs.load import schema_of  # noqa: PLC0415 - reports need none of it

        write_output(schema_of(what))
        return
    from importlib import import_module  # noqa: PLC0415 - as above

    write_output(import_module(f"infra_checks.{_REPORTS[what]}").schema())
