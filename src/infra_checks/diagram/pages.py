"""Diagrams in Markdown files, between two comments."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from infra_checks.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

_END: Final = "<!-- end of diagram -->"


def place(template: Path, file: Path, flowchart: str) -> str:
    """The flowchart of a template between the comments that mark its place in a page."""
    return f"{_begin(template, file)}\n\n```mermaid\n{flowchart}```\n\n{_END}"


def replaced(page: str, file: Path, template: Path, flowchart: str) -> str:
    """A page with the diagram of a template in its place. Raises ConfigError when it has no place for it."""
    begin = _begin(template, file)
    before, found, rest = page.partition(begin)
    _, ended, after = rest.partition(_END)
    if not found or not ended:
        raise ConfigError(f"{file}: has no place for the diagram; put {begin} and {_END} where it belongs")
    return f"{before}{place(template, file, flowchart)}{after}"


def _begin(template: Path, file: Path) -> str:
    path = os.path.relpath(template, file.parent).replace(os.sep, "/")
    return f"<!-- diagram of {path} -->"
