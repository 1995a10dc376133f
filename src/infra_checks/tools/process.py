"""Finding and running another tool; a crash on one file does not lose what it says of the others."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.errors import ConfigError
from infra_checks.tools.told import Failure, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_TIMEOUT: Final = 1800  # seconds for one run over all files
_BATCH: Final = 200  # files for one process, so that the command line stays within every system's limit
_NOWHERE: Final = "http://127.0.0.1:9"
"""A proxy that answers nothing: the tools are not to use the network."""


class Ran(NamedTuple):
    """How a process ended, with what it wrote."""

    code: int
    out: str
    err: str


class Tool(NamedTuple):
    """A tool: its name and package, the command that runs it on files, and what its output says.

    `read` gets how the process ended and the files; it raises ValueError when the output is none of the tool's.
    """

    name: str
    package: str
    arguments: Callable[[Sequence[str]], list[str]]
    read: Callable[[Ran, Sequence[str]], Outcome]


def command_of(tool: Tool, configured: str = "") -> list[str]:
    """How to start a tool: as configured, from PATH, or through uvx or pipx; raises ConfigError."""
    variable = f"INFRA_CHECKS_{tool.name.upper().replace('-', '_')}"
    named = configured or os.environ.get(variable, "")
    if named:
        found = shutil.which(str(Path(named).expanduser()))
        if found is None:
            raise ConfigError(f"{tool.name}: there is no program {named}, which the settings or {variable} name")
        return [found]
    found = shutil.which(tool.name)
    if found:
        return [found]
    for runner, more in (("uvx", "--from"), ("pipx", "run --spec")):
        starter = shutil.which(runner)
        if starter:
            return [starter, *more.split(), tool.package, tool.name]
    raise ConfigError(
        f"{tool.name} is not installed: put it on PATH (pipx install {tool.package}), set {variable}, "
        f"or name it in the settings under tools"
    )


def run(tool: Tool, files: Sequence[str], *, configured: str = "") -> Outcome:
    """What a tool says of files, given as absolute paths."""
    command = command_of(tool, configured)
    outcome = Outcome()
    for start in range(0, len(files), _BATCH):
        outcome.add(_run(tool, command, files[start : start + _BATCH]))
    return outcome


def _run(tool: Tool, command: Sequence[str], files: Sequence[str]) -> Outcome:
    """Run on all files at once; where that fails, on each half, until the file that does it is alone."""
    ran = _process([*command, *tool.arguments(files)], tool)
    try:
        return tool.read(ran, files)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if len(files) == 1:
            return Outcome(failures=[Failure(files[0], f"{tool.name} failed on it: {_last_line(ran, error)}")])
    middle = len(files) // 2
    outcome = _run(tool, command, files[:middle])
    outcome.add(_run(tool, command, files[middle:]))
    return outcome


def _process(command: list[str], tool: Tool) -> Ran:
    """Run in an empty folder that is also its home, so that no configuration but ours is found."""
    with TemporaryDirectory(prefix="infra-checks-") as folder:
        direct = Path(command[0]).stem not in {"uvx", "pipx"}
        environment = {**os.environ, "PYTHONUTF8": "1", "LOG_LEVEL": "WARNING"}
        if direct:  # uvx and pipx may have to fetch the tool, and keep it in the user's home.
            proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), _NOWHERE)
            environment |= {"HOME": folder, "USERPROFILE": folder, **proxies}
        try:
            done = subprocess.run(  # noqa: S603 - the user asked for this tool
                command, capture_output=True, check=False, timeout=_TIMEOUT, cwd=folder, env=environment
            )
        except subprocess.TimeoutExpired:
            return Ran(-1, "", f"it did not end within {_TIMEOUT} seconds")
        except OSError as error:
            raise ConfigError(f"{tool.name} cannot be started: {error.strerror}") from None
    return Ran(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


def _last_line(ran: Ran, error: Exception) -> str:
    lines = [line.strip() for line in ran.err.splitlines() if line.strip()]
    return lines[-1][:300] if lines else f"exit code {ran.code}, and no result ({type(error).__name__})"
