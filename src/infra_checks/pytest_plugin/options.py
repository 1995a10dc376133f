"""Options of the command line and keys of the ini file, and what they come to."""

from __future__ import annotations

from argparse import ArgumentError
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra_checks.config import Settings


@dataclass(frozen=True, slots=True)
class _Option:
    """One thing to say: as an option `--infra-...`, shortly where nobody else has the name, and as a key of the ini."""

    name: str
    metavar: str
    help: str
    short: str = ""

    @property
    def long(self) -> str:
        return f"--{self.name.replace('_', '-')}"


_OPTIONS: Final = (
    _Option("infra_pack", "NAME|FILE", "Policy pack for templates and assertions; repeatable."),
    _Option("infra_stack_outputs", "FILE", "Outputs of the deployed stack that is tested, JSON.", "--stack-outputs"),
    _Option("infra_stack_name", "NAME", "Name of the deployed stack that is tested.", "--stack-name"),
    _Option("infra_endpoint_url", "URL", "Of a server that stands in for AWS.", "--endpoint-url"),
    _Option(
        "infra_region", "NAME", "Region of the stack; else that of its ARN, of the file infra/AWS_REGION, or boto3's."
    ),
    _Option("infra_account", "ID", "Refuse to call AWS in any other account."),
)
_GROUP: Final = "infra-checks"
_MANY: Final = frozenset({"infra_pack"})


def add_options(parser: pytest.Parser) -> None:
    """Declare all options and keys."""
    group = parser.getgroup(_GROUP, "CloudFormation policy (infra-checks)")
    group.addoption("--infra-check", action="store_true", help="Make a test of each template and rule.")
    parser.addini("infra_templates", "Patterns of templates, such as infra/**/*.yaml, that are tests.", "linelist")
    for option in _OPTIONS:
        how: dict[str, Any] = {"action": "append"} if option.name in _MANY else {}
        how |= {"dest": option.name, "metavar": option.metavar, "default": None}
        group.addoption(option.long, help=option.help, **how)
        if option.short:
            _add_if_free(parser, option, how)
        if option.name in _MANY:
            parser.addini(option.name, option.help, "args")
        else:
            parser.addini(option.name, option.help)


def _add_if_free(parser: pytest.Parser, option: _Option, how: Mapping[str, Any]) -> None:
    if option.short in _names(parser):
        return  # Another plugin has it; the long one is ours alone.
    try:
        parser.getgroup(_GROUP).addoption(option.short, help=f"Same as {option.long}.", **how)
    except (ArgumentError, ValueError):
        return  # as above, where pytest does not show what it has


def _names(parser: pytest.Parser) -> set[str]:
    """The names of all options. pytest has no public means to ask for them; none are known where it has no list."""
    groups = [getattr(parser, "_anonymous", None), *getattr(parser, "_groups", ())]
    return {name for group in groups for option in getattr(group, "options", ()) for name in option.names()}


class ShortNames:
    """The short names give way to those that a conftest.py declares.

    Neither pytest nor argparse has public means for that: where they are not as expected, a clash is an error as
    between any two plugins.
    """

    def __init__(self, parser: pytest.Parser) -> None:
        shorts = {each.short for each in _OPTIONS if each.short}
        self._parser = parser
        self._listed: list[Any] = getattr(parser.getgroup(_GROUP), "options", [])
        self._options = [each for each in self._listed if shorts.issuperset(each.names())]
        # Up to pytest 8 argparse's parser is made of the lists when it is needed; later it is there from the start.
        self._known: dict[str, Any] = getattr(getattr(parser, "optparser", None), "_option_string_actions", {})
        ours = {name for each in self._options for name in each.names()}
        self._actions = {name: action for name, action in self._known.items() if name in ours}

    def withdraw(self) -> None:
        """Take them away while a conftest.py may declare its own."""
        for each in self._options:
            self._listed.remove(each)
        for name in self._actions:
            del self._known[name]

    def restore(self) -> None:
        """Put back those that are still free."""
        taken = _names(self._parser)
        self._listed += [each for each in self._options if taken.isdisjoint(each.names())]
        for name, action in self._actions.items():
            self._known.setdefault(name, action)


def option(config: pytest.Config, name: str) -> str:
    """What the option says, else the key of the ini file; empty when neither does."""
    return str(config.getoption(name) or config.getini(name) or "")


def file_option(config: pytest.Config, name: str) -> Path | None:
    """A file: an option's from the folder that pytest was started in, a key's from the root folder."""
    given = config.getoption(name)
    if given:
        return config.invocation_params.dir / str(given)
    written = config.getini(name)
    return config.rootpath / str(written) if written else None


def packs(config: pytest.Config) -> tuple[str, ...]:
    """The packs, those that are files as absolute paths."""
    given = config.getoption("infra_pack")
    folder = config.invocation_params.dir if given else config.rootpath
    return tuple(
        str(folder / each) if (folder / each).is_file() else each for each in given or config.getini("infra_pack")
    )


def settings(config: pytest.Config) -> Settings:
    """The settings of the root folder, with paths from there. Raises ConfigError."""
    from contextlib import chdir  # noqa: PLC0415 - most runs of pytest judge nothing

    from infra_checks.config import Settings, find_config, read_config  # noqa: PLC0415 - as above

    with chdir(config.rootpath):
        found = find_config(config.rootpath)
        return read_config(found) if found else Settings()


def request_fields(config: pytest.Config) -> dict[str, Any]:
    """The fields of `api.Request`: what the settings say, and the packs that the run asks for. Raises ConfigError."""
    fields = settings(config).request()
    if asked := packs(config):
        fields["pack"] = asked
    return fields
