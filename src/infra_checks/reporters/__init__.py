"""Findings as text and as the formats that other tools read.

Each module of `FORMATS` has a function `render` that makes a text of a report and does nothing else.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from infra_checks.reporters.style import Style

if TYPE_CHECKING:
    from infra_checks.core.report import Report

__all__ = ["FORMATS", "Style", "render"]

FORMATS: Final = {
    "text": "text",
    "json": "json_format",
    "sarif": "sarif",
    "junit": "junit",
    "github": "github",
    "markdown": "markdown",
    "controls": "controls_text",
    "controls-json": "controls_json",
    "controls-markdown": "controls_markdown",
}
"""Names of formats and the modules that render them; a module is imported when its format is asked for."""

_STYLED: Final = frozenset({"text", "controls"})


def render(report: Report, format: str, style: Style | None = None) -> str:
    """The report in a format of FORMATS; `style` matters to the formats for people only."""
    module = import_module(f"infra_checks.reporters.{FORMATS[format]}")
    text: str = module.render(report, style or Style()) if format in _STYLED else module.render(report)
    return text
