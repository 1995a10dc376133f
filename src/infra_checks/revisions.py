"""Templates as a git revision has them, to compare findings with."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from infra_checks.errors import BaselineError

_TIMEOUT: Final = 60  # seconds; git answers at once unless something asks for a password


class Revision:
    """A revision of the repository that holds the working folder.

    Raises BaselineError where there is no repository, no git, or no such revision.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._root = Path(os.path.realpath(_git("rev-parse", "--show-toplevel", about=name).strip()))
        if name.startswith("-"):
            raise BaselineError("a revision's name does not begin with -", file=name)
        self._commit = _git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", about=name).strip()
        self._changed = self._changes()

    def is_changed(self, path: str) -> bool:
        """Whether a file differs from the revision, or is not in it."""
        return self._key(path) in self._changed

    def text(self, path: str) -> bytes | None:
        """What the revision has of a file, under its former name if it was renamed; None when it has nothing."""
        key = self._key(path)
        former = self._changed.get(key, key)
        if former is None:
            return None
        return _run("show", f"{self._commit}:{former}", about=self.name, folder=self._root)

    def _key(self, path: str) -> str:
        full = Path(os.path.realpath(path))
        return full.relative_to(self._root).as_posix() if full.is_relative_to(self._root) else ""

    def _changes(self) -> dict[str, str | None]:
        """Each changed or new file, with its name in the revision; "" stands for files outside the repository."""
        found: dict[str, str | None] = {"": None}
        fields = iter(
            _git("diff", "--name-status", "-z", "-M", "--no-ext-diff", self._commit, "--", about=self.name).split("\0")
        )
        for status in fields:
            if status.startswith(("R", "C")):
                former = next(fields)
                found[next(fields)] = former
            elif status:
                name = next(fields)
                found[name] = None if status == "A" else name
        untracked = _run("ls-files", "-z", "--others", "--full-name", ":/", about=self.name, folder=self._root)
        for name in os.fsdecode(untracked).split("\0"):
            if name:
                found[name] = None
        return found


def committed_on(file: str, line: int) -> date | None:
    """The day on which a line of a file was last committed; None when git cannot tell."""
    name = Path(file)
    try:
        told = _run("blame", "--porcelain", f"-L{line},{line}", "--", name.name, about=file, folder=name.parent)
    except (BaselineError, OSError):
        return None
    seconds = next((row[12:] for row in os.fsdecode(told).splitlines() if row.startswith("author-time ")), "")
    is_committed = not told.startswith(b"0" * 40)
    return datetime.fromtimestamp(int(seconds), tz=UTC).date() if seconds and is_committed else None


def _git(*arguments: str, about: str) -> str:
    return os.fsdecode(_run(*arguments, about=about, folder=Path()))


def _run(*arguments: str, about: str, folder: Path) -> bytes:
    command = ["git", "-c", "core.quotepath=off", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=_TIMEOUT, cwd=folder)  # noqa: S603
    except FileNotFoundError:
        raise BaselineError("git is not installed, so nothing can be compared with a revision", file=about) from None
    except subprocess.TimeoutExpired:
        raise BaselineError(f"git {arguments[0]} did not end within {_TIMEOUT} seconds", file=about) from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = said[-1] if said else "there is no such revision"
        raise BaselineError(f"git {arguments[0]} failed: {reason}", file=about)
    return done.stdout
