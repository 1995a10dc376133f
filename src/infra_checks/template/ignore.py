"""What `.gitignore` files leave out."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

FILE_NAME = ".gitignore"


class Ignored:
    """The ignore files from the top of a walk down to one folder; those further down have the last word."""

    __slots__ = ("_levels",)

    def __init__(self, levels: tuple[tuple[int, GitIgnoreSpec], ...] = ()) -> None:
        # The length of each ignore file's folder, because its patterns speak of names from there; deepest first.
        self._levels = levels

    def within(self, prefix: str) -> Ignored:
        """The same with the ignore file of a folder below; `prefix` is empty or the folder's name and a slash."""
        return Ignored(((len(prefix), _read(Path(prefix, FILE_NAME))), *self._levels))

    def covers(self, name: str) -> bool:
        """Whether a file, or a folder whose name ends with a slash, is ignored."""
        for length, patterns in self._levels:
            verdict = patterns.check_file(name[length:]).include
            if verdict is not None:
                return verdict
        return False


def _read(path: Path) -> GitIgnoreSpec:
    # Most folders have no ignore file, and the import takes longer than reading a template.
    from pathspec import GitIgnoreSpec  # noqa: PLC0415

    try:
        lines = path.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        lines = []  # What cannot be read ignores nothing: rather a file too many than one too few.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python's regular expressions warn of some odd patterns.
        return GitIgnoreSpec.from_lines([line for line in lines if _is_pattern(line)])


def _is_pattern(line: str) -> bool:
    """Whether a line can be understood; git passes over the others too."""
    from pathspec import GitIgnoreSpec  # noqa: PLC0415

    try:
        GitIgnoreSpec.from_lines([line])
    except (ValueError, re.error):
        return False
    return True
