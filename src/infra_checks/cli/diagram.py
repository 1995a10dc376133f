"""`infra-checks diagram`."""

from __future__ import annotations

from pathlib import Path

import click

from infra_checks.cli.terminal import write_error, write_output
from infra_checks.errors import ConfigError


@click.command(short_help="Draw a template as a Mermaid flowchart.")
@click.argument("path", type=click.Path(exists=True, path_type=Path), metavar="FOLDER|TEMPLATE")
@click.option("--parameters", multiple=True, metavar="FILE|KEY=VALUE", help="Values of parameters; repeatable.")
@click.option("--all", "everything", is_flag=True, help="Draw each resource by itself.")
@click.option("-o", "--output", type=click.Path(), metavar="FILE", help="Write to a file instead of standard output.")
@click.option("--write", type=click.Path(), metavar="FILE", help="Write into the diagram's place in a Markdown file.")
@click.option("--check", type=click.Path(), metavar="FILE", help="Fail when a Markdown file has another diagram.")
@click.pass_context
def diagram(
    context: click.Context,
    /,
    path: Path,
    parameters: tuple[str, ...],
    output: str | None,
    write: str | None,
    check: str | None,
    *,
    everything: bool,
) -> None:
    """Draw a template as a Mermaid flowchart, or the template that a folder's deploy.yaml names.

    What belongs to another resource, such as its policy, is drawn with it; roles, keys, alarms and log groups are
    counted. Parameters that are not given have their default, or the first value that is allowed.

    In a Markdown file the diagram stands between `<!-- diagram of PATH -->` and `<!-- end of diagram -->`; PATH is that
    of the template from the Markdown file's folder.

    Exit codes: 0 drawn, 1 the file has another diagram, 2 unusable input.
    """
    from infra_checks.diagram import draw  # noqa: PLC0415 - --help needs none of it
    from infra_checks.diagram.pages import replaced  # noqa: PLC0415 - as above
    from infra_checks.evaluate.parameters import read_parameters  # noqa: PLC0415 - as above
    from infra_checks.live.settings import read_settings  # noqa: PLC0415 - as above

    template = read_settings(path).template
    text = draw(str(template), read_parameters(parameters).values, is_whole=everything)
    for page in filter(None, (check, write)):
        old = _read(Path(page))
        new = replaced(old, Path(page), template, text)
        if page == write:
            _write(Path(page), new)
        elif new != old:
            write_error(f"error: {page}: has another diagram than that of {template}; --write {page} writes it")
            context.exit(1)
    if output is not None:
        _write(Path(output), text)
    elif not write and not check:
        write_output(text)


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: is not UTF-8 text") from error


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise ConfigError(f"{file}: cannot be written: {error.strerror}") from error
