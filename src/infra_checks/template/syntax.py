"""What the YAML parser and the nodes' builders complain of, as errors with places."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import yaml

from infra_checks.errors import TemplateError
from infra_checks.template.offsets import span_at

if TYPE_CHECKING:
    from infra_checks.template.nodes import Scalar
    from infra_checks.template.source import SourceFile

_NOT_PRINTABLE: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""YAML 1.1, section 5.1: the characters that no YAML text may hold."""


def syntax_error(source: SourceFile, error: Exception) -> TemplateError:
    """What the parser raised, with the place it speaks of if it names one."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        # libyaml puts the end of a text without a last line end on a line of its own; the offset is right.
        at = min(error.problem_mark.index, len(source.text))
        return TemplateError(_marked(source.text, error, at), file=source.name, span=span_at(source.text, at))
    found = _NOT_PRINTABLE.search(source.text)
    if found is None:
        return TemplateError(f"is not valid YAML: {error}", file=source.name)
    message = f"is not valid YAML: character U+{ord(found[0]):04X} is not allowed; write it as an escape"
    return TemplateError(message, file=source.name, span=span_at(source.text, found.start()))


def duplicate_key(source: SourceFile, key: Scalar, first: Scalar) -> TemplateError:
    """The error of a key that stands twice in one mapping."""
    line, column = first.span[:2]
    message = f"key {key.text!r} is given twice; it is first given at line {line}, column {column}"
    return TemplateError(message, file=source.name, span=key.span)


def _marked(text: str, error: yaml.MarkedYAMLError, at: int) -> str:
    if text[at : at + 1] == "\t":
        return "is not valid YAML: a tab stands where only spaces may indent"
    parts = (error.context, error.problem)
    return f"is not valid YAML: {': '.join(part for part in parts if part)}"
