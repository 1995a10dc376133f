"""Writing to standard output and error, whatever their encodings."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

import click

from infra_checks.reporters.characters import visible

if TYPE_CHECKING:
    from collections.abc import Callable


def write_output(text: str) -> None:
    """Text for people to standard output; what its encoding lacks is written as an escape."""
    _write(text, err=False)


def write_error(text: str) -> None:
    """Lines for people to standard error, safe for a terminal."""
    _write("".join(f"{visible(line)}\n" for line in text.split("\n")), err=True)


def _write(text: str, *, err: bool) -> None:
    stream = sys.stderr if err else sys.stdout
    data = text.encode(stream.encoding or "utf-8", "backslashreplace")
    click.echo(data, nl=False, err=err)


def silence_output() -> None:
    """Let nothing more reach standard output, so that Python's own flush at exit does not fail."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # Standard output is not a file, as in tests.
        return


def wants_color(choice: str, stream: TextIO) -> bool:
    """Whether to colour what goes to a stream: as told, else by NO_COLOR and FORCE_COLOR, else if it is a terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


class ProgressLine:
    """One line on standard error that names what is at hand; nothing unless that is a terminal."""

    def __init__(self, doing: str = "checking") -> None:
        self._doing = doing
        self._shown = False

    @property
    def callback(self) -> Callable[[str], None] | None:
        """What to call with each file's name, or None when nobody would see it."""
        return self._show if sys.stderr.isatty() and os.environ.get("TERM") != "dumb" else None

    def _show(self, name: str) -> None:
        import shutil  # noqa: PLC0415 - only at a terminal

        width = shutil.get_terminal_size().columns - 1
        _write(f"\r\x1b[K{f'{self._doing} {visible(name)}'[:width]}", err=True)
        self._shown = True

    def erase(self) -> None:
        """Take the line away."""
        if self._shown:
            _write("\r\x1b[K", err=True)
            self._shown = False
