"""Folders to the files that may be templates."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.errors import TemplateError
from infra_checks.template.ignore import FILE_NAME, Ignored

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_EXTENSIONS: Final = (".cfn", ".cform", ".cft", ".json", ".template", ".yaml", ".yml")
# Beside these, folders whose name begins with a point and virtual environments under any name are passed over.
_FOREIGN_FOLDERS: Final = frozenset({"__pycache__", "bower_components", "node_modules", "site-packages"})
_ENVIRONMENT_MARK: Final = "pyvenv.cfg"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or folder met on a walk and not checked; `reason` completes the sentence that begins with its name."""

    name: str
    reason: str


class Candidate(NamedTuple):
    """A file that may be a template; `named` when the user gave its own name."""

    name: str
    named: bool


Met = Candidate | Skipped | TemplateError


def candidates(paths: Iterable[str]) -> list[Met]:
    """What the paths lead to, sorted by name, each file once."""
    met: dict[str, tuple[str, Met]] = {}
    for path in paths:
        if os.path.isdir(path):  # noqa: PTH112 - pathlib raises for a NUL in the name
            for name, item in _walked(path):
                met.setdefault(_identity(name), (name, item))
        else:
            met[_identity(path)] = (path, Candidate(path, named=True))
    return [item for _, item in sorted(met.values(), key=lambda pair: pair[0])]


def _identity(name: str) -> str:
    return os.path.abspath(name) if "\0" not in name else name  # noqa: PTH100 - links are different files here


def _walked(folder: str) -> Iterator[tuple[str, Met]]:
    """All below one folder, in no order."""
    root = Path(folder).as_posix()
    folders = [("" if root == "." else f"{root.removesuffix('/')}/", Ignored())]
    while folders:
        prefix, ignored = folders.pop()
        try:
            entries = _entries(prefix)
        except OSError as error:
            name = prefix.removesuffix("/")
            yield name, TemplateError(f"cannot be read: {error.strerror}", file=name)
            continue
        if _ENVIRONMENT_MARK in entries and prefix.removesuffix("/") != root:
            continue
        if FILE_NAME in entries:
            ignored = ignored.within(prefix)
        for entry in entries.values():
            name = prefix + entry.name
            if _is_folder(entry):
                if not _is_foreign(entry.name) and not ignored.covers(f"{name}/"):
                    folders.append((f"{name}/", ignored))
            elif (item := _met(entry, name)) and not ignored.covers(name):
                yield name, item


def _entries(prefix: str) -> dict[str, os.DirEntry[str]]:
    with os.scandir(prefix or ".") as entries:
        return {entry.name: entry for entry in entries}


def _is_folder(entry: os.DirEntry[str]) -> bool:
    # Links are not followed: one that leads upwards would make the walk endless.
    return entry.is_dir(follow_symlinks=False)


def _is_foreign(name: str) -> bool:
    return name.startswith(".") or name in _FOREIGN_FOLDERS


def _met(entry: os.DirEntry[str], name: str) -> Met | None:
    # The functions of os.path, not the entry's own, because those raise for a link that leads to itself.
    is_link = entry.is_symlink()
    if is_link and os.path.isdir(name):  # noqa: PTH112
        return None if _is_foreign(entry.name) else Skipped(name, "is a link to a folder; name it to have it checked")
    if not entry.name.lower().endswith(_EXTENSIONS):
        return None
    if not os.path.isfile(name):  # noqa: PTH113
        return Skipped(name, "is a broken link" if is_link else "is not a regular file")
    return Candidate(name, named=False)
