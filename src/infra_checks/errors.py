"""Every exception that leaves the package.

InfraChecksError
├── TemplateError      a template, or a file that should hold one, cannot be read (has a place)
├── EvaluationError    an intrinsic or condition that can never be evaluated, such as a cycle (has a place)
├── ParameterError     a parameter file or a pinned value that does not fit
├── PackError          a policy pack is wrong (has a place)
├── WaiverError        a waiver is wrong (has a place)
├── ConversionError    a template would get another meaning in another form (has a place)
├── BaselineError      a baseline cannot be used
├── ConfigError        a configuration file or command-line option is wrong
├── RuleError          a rule is declared wrongly or raised
└── ReaderError        a live resource could not be read
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra_checks.template.source import Span


class InfraChecksError(Exception):
    """Root of the tree; its text says what is wrong, where, and what to do."""


class PlacedError(InfraChecksError):
    """An error that knows the file, line and column it speaks of.

    `file` is the path as the user gave it, `span` the place (1-based lines and columns) or None
    when the file as a whole is meant.
    """

    def __init__(self, message: str, *, file: str, span: Span | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.span = span

    def __str__(self) -> str:
        if self.span is None:
            return f"{self.file}: {self.message}"
        return f"{self.file}:{self.span.line}:{self.span.column}: {self.message}"


class TemplateError(PlacedError):
    """The file cannot be read as a CloudFormation template.

    `is_other` is true when it is well-formed but plainly something else (no Resources section, a list, ...).
    """

    def __init__(self, message: str, *, file: str, span: Span | None = None, is_other: bool = False) -> None:
        super().__init__(message, file=file, span=span)
        self.is_other = is_other


class EvaluationError(PlacedError):
    """The template can be read but a part of it has no meaning, such as a cycle of references."""


class ParameterError(PlacedError):
    """A parameter file, or a value given for a parameter, does not fit the template."""


class PackError(PlacedError):
    """A policy pack, or a part of it, is not valid."""


class WaiverError(PlacedError):
    """A waiver, in a pack or in a resource's metadata, is not valid."""


class ConversionError(PlacedError):
    """A template cannot be written in another form without getting another meaning."""


class BaselineError(PlacedError):
    """A baseline cannot be read, or a git revision that findings are compared with."""


class ConfigError(InfraChecksError):
    """A configuration file or an option is not valid."""


class RuleError(InfraChecksError):
    """A rule is declared wrongly, or raised while it judged a resource."""


class ReaderError(InfraChecksError):
    """A live resource could not be read; names the API call and the resource."""

    def __init__(self, message: str, *, action: str, resource: str) -> None:
        super().__init__(f"{action} on {resource}: {message}")
        self.action = action
        self.resource = resource
