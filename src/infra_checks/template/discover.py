"""Paths to templates: folders are walked, and each file is read once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from infra_checks.errors import TemplateError
from infra_checks.template.decode import read_bytes, read_source
from infra_checks.template.load import load_template, parse, reason_against, template_of
from infra_checks.template.nodes import Mapping
from infra_checks.template.source import SourceFile
from infra_checks.template.walk import Candidate, Met, Skipped, candidates

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from infra_checks.template.model import Template

__all__ = ["Discovery", "Skipped", "find_templates", "load_all", "load_met"]

_VERSION: Final = "AWSTemplateFormatVersion"
_PROBE: Final = re.compile(rf"""(?:^|[{{,])[ \t]*["']?(?:Resources|{_VERSION})["']?\s*:""", re.MULTILINE)
"""Finds every template, and now and then a file that has such a key further in only."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """The files to check and those met on the way that are no templates, each sorted by name."""

    templates: tuple[str, ...]
    skipped: tuple[Skipped, ...]


def find_templates(paths: Iterable[str]) -> Discovery:
    """The templates among files and below folders, told by their text without parsing it.

    A file the user named is always among the templates; what cannot be read but may be a template is too,
    as reading it says what is wrong.
    """
    templates: list[str] = []
    skipped: list[Skipped] = []
    for met in candidates(paths):
        verdict = _verdict(met)
        if isinstance(verdict, Skipped):
            skipped.append(verdict)
        else:
            templates.append(verdict)
    return Discovery(tuple(templates), tuple(skipped))


def load_all(paths: Iterable[str]) -> Iterator[Template | TemplateError | Skipped]:
    """Each template among files and below folders, sorted by name, read once and only when it is asked for.

    In a template's place stands the error that keeps it from being read, or why a file met on a walk is
    no template. Nothing is raised.
    """
    for met in candidates(paths):
        yield _loaded(met) if isinstance(met, Candidate) else met


def load_met(name: str) -> Template | TemplateError | Skipped:
    """One file as `load_all` reads it when it meets it on a walk: what is plainly no template is skipped."""
    return _loaded(Candidate(name, named=False))


def _loaded(candidate: Candidate) -> Template | TemplateError | Skipped:
    try:
        return load_template(candidate.name) if candidate.named else _walked_template(candidate)
    except TemplateError as error:
        return error.with_traceback(None)  # The traceback would keep the file's text alive.


def _verdict(met: Met) -> str | Skipped:
    """The name of what is to be checked, or why it is not."""
    if isinstance(met, Skipped):
        return met
    if isinstance(met, TemplateError):
        return Skipped(met.file, met.message)
    try:
        likely = met if met.named else _likely_template(met)
    except TemplateError:
        return met.name
    return likely if isinstance(likely, Skipped) else likely.name


def _walked_template(candidate: Candidate) -> Template | Skipped:
    """A template met on a walk; raises TemplateError for a file that is meant to be one and is not."""
    source = _likely_template(candidate)
    if isinstance(source, Skipped):
        return source
    root = parse(source)
    reason = reason_against(root)
    if reason and not (isinstance(root, Mapping) and _VERSION in root.entries):
        return Skipped(source.name, reason)
    return template_of(source, root)


def _likely_template(candidate: Candidate) -> SourceFile | Skipped:
    """The text of a file with a template's mark; raises TemplateError when it has the mark and is no text."""
    name = candidate.name
    data = read_bytes(name)
    try:
        source = read_source(name, data)
    except TemplateError as error:
        # Without the NUL characters UTF-16 can be probed even if its byte order mark is missing.
        if _PROBE.search(data.replace(b"\0", b"").decode("latin-1")):
            raise
        return Skipped(name, error.message)
    return source if _PROBE.search(source.text) else Skipped(name, "has no Resources section")
