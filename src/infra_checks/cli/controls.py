"""`infra-checks controls`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from infra_checks import api
from infra_checks.cli.catalogue import columns
from infra_checks.cli.terminal import write_output
from infra_checks.reporters.markdown import table

if TYPE_CHECKING:
    from infra_checks.core.framework import Control, Framework


@click.command(short_help="List standards, or the controls of one and the rules that test them.")
@click.argument("framework", required=False)
@click.option("--format", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
def controls(framework: str | None, format: str) -> None:
    """List the standards that come with infra-checks, or the controls of one: its name, or a file of controls.

    \b
    infra-checks controls
    infra-checks controls pci-dss-4 --format markdown
    infra-checks check templates/ --framework pci-dss-4 --format controls
    """  # noqa: D301 - click reads the control character
    if framework is None:
        write_output("".join(f"{line}\n" for line in columns(api.list_frameworks())))
        return
    found = api.find_framework(framework)
    rows = [(control.id, control.title, _tested(control)) for control in found.controls]
    match format:
        case "json":
            write_output(json.dumps(_data(found), indent=2) + "\n")
        case "markdown":
            write_output(f"# {found.title}\n\n{table(('Control', '', 'Rules'), rows)}")
        case _:
            write_output("".join(f"{line}\n" for line in columns(rows)))


def _tested(control: Control) -> str:
    return ", ".join(control.rules) or (
        f"not testable: {control.not_testable}" if control.not_testable else f"not covered: {control.not_covered}"
    )


def _data(framework: Framework) -> dict[str, Any]:
    return {
        "name": framework.name,
        "title": framework.title,
        "source": framework.source,
        "controls": [
            {
                "id": control.id,
                "title": control.title,
                "rules": list(control.rules),
                "types": list(control.types),
                "not_testable": control.not_testable or None,
                "not_covered": control.not_covered or None,
                "note": control.note or None,
            }
            for control in framework.controls
        ],
    }
