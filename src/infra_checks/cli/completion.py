"""`infra-checks completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from infra_checks.cli.terminal import write_output


@click.command
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a script that completes commands and options.

    \b
    bash: eval "$(infra-checks completion bash)"               in ~/.bashrc
    zsh:  eval "$(infra-checks completion zsh)"                in ~/.zshrc
    fish: infra-checks completion fish > ~/.config/fish/completions/infra-checks.fish
    """  # noqa: D301 - click reads the control character
    maker = get_completion_class(shell)
    if maker is None:  # pragma: no cover - click has all of the choices
        raise click.BadParameter(shell)
    write_output(maker(context.find_root().command, {}, "infra-checks", "_INFRA_CHECKS_COMPLETE").source() + "\n")
