"""`infra-checks diagram`."""

from __future__ import annotations

from pathlib import Path

import click

from infra_checks.cli.terminal import write_output
from infra_checks.errors import ConfigError


@click.command(short_help="Draw a template as a Mermaid flowchart.")
@click.argument("template", type=click.Path())
@click.option("--parameters", multiple=True, metavar="FILE|KEY=VALUE", help="Values of parameters; repeatable.")
@click.option("--all", "everything", is_flag=True, help="Draw every resource.  [default: the 25 most connected]")
@click.option("-o", "--output", type=click.Path(), metavar="FILE", help="Write to a file instead of standard output.")
def diagram(template: str, parameters: tuple[str, ...], output: str | None, *, everything: bool) -> None:
    """Draw a template as a Mermaid flowchart, by service.

    Parameters that are not given have their default, or the first value that is allowed.
    """
    from infra_checks.diagram import MOST, draw  # noqa: PLC0415 - --help needs none of it
    from infra_checks.evaluate.parameters import read_parameters  # noqa: PLC0415 - as above

    text = draw(template, read_parameters(parameters).values, most=None if everything else MOST)
    if output is None:
        write_output(text)
        return
    try:
        Path(output).write_text(text, "utf-8")
    except OSError as error:
        raise ConfigError(f"{output}: cannot be written: {error.strerror}") from error
