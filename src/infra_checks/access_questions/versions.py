"""Files as they were in a revision of a git repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

from infra_checks.errors import ConfigError


def text_at(revision: str, name: str) -> bytes | None:
    """The content of a file in a revision; None where the revision does not have it.

    Raises ConfigError when there is no repository, no git, or no such revision.
    """
    file = Path(name)
    tree = f"{revision}^{{commit}}:./{file.name}"
    for arguments in (
        ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"),
        ("show", tree),
    ):
        try:
            done = subprocess.run(  # noqa: S603 - no shell, and a revision never stands where an option may
                ["git", "-C", str(file.parent), "--no-pager", *arguments],  # noqa: S607 - the user's git
                capture_output=True,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except OSError as error:
            message = f"git cannot be run: {error.strerror}"
            raise ConfigError(message) from error
        if done.returncode and arguments[0] == "rev-parse":
            reason = done.stderr.decode(errors="replace").strip().splitlines()
            message = f"{revision} is no revision of the repository of {name}" + (f": {reason[-1]}" if reason else "")
            raise ConfigError(message)
    return None if done.returncode else done.stdout
