"""Findings in words, the same in every format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Effect, Outcome, Severity

if TYPE_CHECKING:
    from infra_checks.core.finding import Finding
    from infra_checks.core.report import Problem

_LEVELS: Final = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}


def severity_level(severity: Severity) -> str:
    """`error`, `warning` or `note`, the three degrees that SARIF and GitHub know."""
    return _LEVELS[severity]


def level(finding: Finding) -> str:
    """`error`, `warning` or `note`: by severity; what only warns is no error, what is open is a note."""
    if finding.outcome is Outcome.ERROR:
        return "error"
    if finding.outcome is Outcome.UNDECIDED:
        return "note"
    by_severity = _LEVELS[finding.severity]
    return "warning" if by_severity == "error" and finding.effect is not Effect.BLOCK else by_severity


def subject(finding: Finding) -> str:
    """The resource, or the template when the finding speaks of it as a whole."""
    return finding.resource or "template"


def statement(finding: Finding) -> str:
    """Whom the finding speaks of and what it says; an open question says that it is one."""
    message = finding.message or "breaks the rule"
    if finding.outcome is Outcome.UNDECIDED:
        message = f"undecided: {message}"
    if not finding.resource:
        return message
    # The message of a violation is the second half of a sentence, that of a question or a crash a clause.
    is_sentence = finding.outcome in {Outcome.FAIL, Outcome.WAIVED}
    return f"{finding.resource}{' ' if is_sentence else ': '}{message}"


def scenario(finding: Finding) -> str:
    """When it holds, with values that show it; empty when it always does."""
    example = ", ".join(f"{name}={value}" for name, value in finding.assignment.items())
    if not finding.when:
        return f"e.g. {example}" if example else ""
    return f"{finding.when} (e.g. {example})" if example else finding.when


def full_statement(finding: Finding) -> str:
    """The statement with its scenario and remedy, in sentences."""
    when = f" [when {scenario(finding)}]" if finding.when else ""
    return f"{statement(finding)}{when}.{f' {finding.remedy}' if finding.remedy else ''}"


def waiver(finding: Finding) -> str:
    """Who accepts the finding, why and until when; or that the waiver has ended."""
    given = finding.waiver
    if given is None:
        return ""
    until = f"until {given.expires}" if given.expires else "without an end"
    state = until if finding.outcome is Outcome.WAIVED else f"ended on {given.expires}"
    by = given.owner or given.origin
    return f"{state}, {by}: {given.reason or 'no reason given'} ({given.place})"


def place(finding: Finding) -> str:
    """`file:line:column`, or what a deployed resource is called whose template is not known."""
    if not finding.has_line:
        return finding.arn or finding.template
    return f"{finding.template}:{finding.span.line}:{finding.span.column}"


def problem_place(problem: Problem) -> str:
    """`file:line:column`, or the file alone."""
    return problem.file if problem.span is None else f"{problem.file}:{problem.span.line}:{problem.span.column}"


def rank(finding: Finding) -> tuple[object, ...]:
    """Sorts what matters most first, for formats that show only so many."""
    return (finding.outcome is not Outcome.ERROR, not finding.blocks, -finding.severity, finding.sort_key)
