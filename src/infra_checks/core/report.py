"""Everything a run has found: what reporters print and what the exit code is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from infra_checks.core.finding import Finding, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra_checks.core.framework import Framework
    from infra_checks.core.rule import Rule
    from infra_checks.core.waiver import Waiver
    from infra_checks.template.source import SourceFile, Span


class ExitCode(IntEnum):
    """The process's exit codes; a higher one wins."""

    CLEAN = 0
    BLOCKED = 1
    UNUSABLE_INPUT = 2
    RULE_FAILED = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """A file, or a part of it, that could not be used; `span` is None when the file as a whole is meant."""

    file: str
    message: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that a folder's walk met and that is no template, with the reason."""

    name: str
    reason: str


class State(StrEnum):
    """What became of a waiver in a run."""

    ACTIVE = "active"
    ENDED = "ended"
    UNUSED = "unused"  # nothing that was judged fits it
    OUT_OF_SCOPE = "out of scope"  # its rule did not run, or what it names was not judged


@dataclass(frozen=True, slots=True)
class Use:
    """A waiver and how many findings it hides, or, when it has ended, would hide."""

    waiver: Waiver
    state: State
    findings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcome of a run, sorted: findings by place, files by name.

    `templates` are the files judged; `sources` their texts, for code frames; `rules` the rules that ran, by
    id; `notices` things the user should know that are no error (a pinned parameter that no template has);
    `waivers` what became of each. `judged` are the rules that had a resource of a type to judge, `unsaid` those with
    open questions on one that the pack ignores (the template as a whole has no type); `frameworks` the standards whose
    controls the report is about.
    """

    findings: tuple[Finding, ...] = ()
    errors: tuple[Problem, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    templates: tuple[str, ...] = ()
    resources: int = 0
    sources: Mapping[str, SourceFile] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    waivers: tuple[Use, ...] = ()
    judged: frozenset[tuple[str, str]] = frozenset()
    unsaid: frozenset[tuple[str, str]] = frozenset()
    frameworks: tuple[Framework, ...] = ()

    def exit_code(self, *, fail_on: Severity | None = Severity.INFO) -> ExitCode:
        """The exit code; blocking findings below the severity `fail_on` do not count, None: none do."""
        if any(finding.outcome is Outcome.ERROR for finding in self.findings):
            return ExitCode.RULE_FAILED
        if self.errors:
            return ExitCode.UNUSABLE_INPUT
        if fail_on is not None and any(f.blocks and f.severity >= fail_on for f in self.findings):
            return ExitCode.BLOCKED
        return ExitCode.CLEAN
