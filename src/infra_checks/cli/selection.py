"""The options that say what is judged and by which rules, the same for every command that judges."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import click

from infra_checks import config
from infra_checks.core.finding import Effect

if TYPE_CHECKING:
    from infra_checks.api import Request


Command = Callable[..., Any]


class Selection(TypedDict):
    """What click hands to a command of these options."""

    paths: tuple[str, ...]
    pack: tuple[str, ...]
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    parameters: tuple[str, ...]
    stack_tags: tuple[str, ...]
    assume: str | None
    config_file: str | None
    no_config: bool


def _split(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Values of an option that may be repeated or hold commas."""
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())


_OPTIONS = (
    click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH]..."),
    click.option(
        "-p", "--pack", multiple=True, metavar="NAME|FILE", help="Policy pack; repeatable.  [default: baseline]"
    ),
    click.option(
        "--select",
        multiple=True,
        callback=_split,
        metavar="RULES",
        help="Run only these: ids, prefixes of ids, families, severities; repeatable or with commas.",
    ),
    click.option("--ignore", multiple=True, callback=_split, metavar="RULES", help="Do not run these; as --select."),
    click.option("--parameters", multiple=True, metavar="FILE|KEY=VALUE", help="Values of parameters; repeatable."),
    click.option(
        "--stack-tags",
        multiple=True,
        metavar="FILE|KEY=VALUE",
        help="Tags that the stack gets and hands on to its resources; repeatable.",
    ),
    click.option(
        "--assume",
        type=click.Choice(config.ASSUMPTIONS),
        help="Judge parameters without a value by their default, or in any value they can have.  [default: default]",
    ),
)

_CONFIG = (
    click.option("--config", "config_file", type=click.Path(), metavar="FILE", help="Read settings from this file."),
    click.option("--no-config", is_flag=True, help="Read no settings from files."),
)


def selecting(command: Command) -> Command:
    """Give a command the paths and the options that choose rules and parameter values."""
    return _decorated(command, _OPTIONS)


def configured(command: Command) -> Command:
    """Give a command --config and --no-config."""
    return _decorated(command, _CONFIG)


def _decorated(command: Command, options: tuple[Callable[[Command], Command], ...]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


def settings_of(file: str | None, *, use_none: bool) -> config.Settings:
    """The settings that a command is to use."""
    if file is not None and use_none:
        raise click.UsageError("--config and --no-config exclude each other")
    found = Path(file) if file else None if use_none else config.find_config(Path.cwd())
    return config.read_config(found) if found else config.Settings()


def request_of(options: Selection, settings: config.Settings, **more: str | bool | None) -> Request:
    """The options, where they are not given the settings, where those are silent the defaults."""
    from infra_checks import api  # noqa: PLC0415 - --help needs none of it

    given = settings.request()
    given |= {name: value for name in config.OF_REQUESTS if (value := options.get(name))}
    if framework := options.get("framework"):
        given["frameworks"] = framework
    undecided = options.get("undecided")
    if isinstance(undecided, str):
        given["undecided"] = Effect("off" if undecided == "ignore" else undecided)
    if options["assume"]:
        given["assume_any"] = options["assume"] == "any"
    given |= {name: value for name, value in more.items() if value}
    if "paths" not in given:
        raise click.UsageError("name a PATH to check, or set `paths` in the configuration")
    return api.Request(**given)
