"""`infra-checks convert`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from infra_checks.cli.terminal import write_error, write_output
from infra_checks.conversion import FORMS
from infra_checks.reporters.characters import visible
from infra_checks.reporters.tally import plural

_STDIN = "-"


@click.command(short_help="Convert a template from YAML to JSON or back.")
@click.argument("file", type=click.Path(), metavar="FILE")
@click.option("--to", type=click.Choice(FORMS), help="The form to write.  [default: the other one]")
@click.option("--long-form", is_flag=True, help="In YAML, write Fn::Sub instead of !Sub.")
@click.option("--clean", is_flag=True, help="Also simplify functions, such as Fn::Join to Fn::Sub.")
@click.option("--output", type=click.Path(), metavar="FILE", help="Write to a file instead of standard output.")
def convert(file: str, to: str | None, output: str | None, *, long_form: bool, clean: bool) -> None:
    """Convert a template from YAML to JSON or back; FILE may be - for standard input.

    What would change the meaning is refused. Comments are lost, also from YAML to YAML; a warning names their
    lines. Needs infra-checks[convert].
    """
    from infra_checks import conversion  # noqa: PLC0415 - --help needs none of it

    data = sys.stdin.buffer.read() if file == _STDIN else None
    name = "<stdin>" if file == _STDIN else file
    converted = conversion.convert(name, data, to=to, long_form=long_form, clean=clean)
    if converted.comments:
        lines = ", ".join(map(str, converted.comments))
        are = "is" if len(converted.comments) == 1 else "are"
        write_error(
            f"warning: {visible(name)}: {plural(len(converted.comments), 'comment')} {are} lost, on line {lines}"
        )
    if output is None:
        write_output(converted.text)
    else:
        Path(output).write_text(converted.text, "utf-8")
