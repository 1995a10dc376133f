"""The commands, each imported only when it is called, so that none pays for the others."""

from __future__ import annotations

from importlib import import_module
from typing import Final

import click

from infra_checks.cli.terminal import silence_output

_COMMANDS: Final = {
    "access": "infra_checks.cli.access",
    "baseline": "infra_checks.cli.adoption",
    "check": "infra_checks.cli.check",
    "checkov-dir": "infra_checks.cli.tools",
    "completion": "infra_checks.cli.completion",
    "convert": "infra_checks.cli.convert",
    "controls": "infra_checks.cli.controls",
    "deploy": "infra_checks.cli.deploy",
    "diagram": "infra_checks.cli.diagram",
    "explain": "infra_checks.cli.catalogue",
    "live": "infra_checks.cli.live",
    "packs": "infra_checks.cli.catalogue",
    "rules": "infra_checks.cli.catalogue",
    "sandbox": "infra_checks.cli.sandbox",
    "schema": "infra_checks.cli.schema",
    "test-rules": "infra_checks.cli.test_rules",
    "waivers": "infra_checks.cli.adoption",
}

_BROKEN_PIPE: Final = 141
"""What a shell reports of a process that SIGPIPE ended."""


class CommandGroup(click.Group):
    """Finds commands by name in `_COMMANDS`."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """All names, sorted."""
        return list(_COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, or None."""
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(_COMMANDS[cmd_name]), cmd_name.replace("-", "_"))
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a reader that stops listening (`| head`) is no error."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            silence_output()
            ctx.exit(_BROKEN_PIPE)
