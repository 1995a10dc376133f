"""Rules as SARIF describes them, in the form that GitHub code scanning shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.reporters.characters import clipped, well_formed
from infra_checks.reporters.markdown import prose
from infra_checks.reporters.phrases import severity_level

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra_checks.core.finding import Finding
    from infra_checks.core.report import Report
    from infra_checks.core.rule import Rule

TEXT: Final = 1024
"""The most characters GitHub takes of a text."""

_NAME: Final = 255
_TAGS: Final = 20

_SCORES: Final = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
    Severity.INFO: "0.1",
}
"""A score within the range that GitHub gives each severity's name; there is no range for information."""

_PROBLEMS: Final = {"error": "error", "warning": "warning", "note": "recommendation"}


def descriptors(report: Report, findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """The rules that ran and those that findings name, sorted by id."""
    first: dict[str, Finding] = {}
    for finding in findings:
        known = first.setdefault(finding.rule, finding)
        if finding.severity > known.severity:
            first[finding.rule] = finding
    names = sorted({*report.rules, *first})
    return [_descriptor(name, report.rules.get(name), first.get(name)) for name in names]


def _descriptor(name: str, rule: Rule | None, finding: Finding | None) -> dict[str, Any]:
    title = rule.title if rule else name
    rationale = (rule.rationale if rule else "") or title
    remedy = (rule.remedy if rule else finding.remedy if finding else "") or "See the message of each result."
    # A pack may give another severity than the rule has, and GitHub knows one for each rule only.
    severity = finding.severity if finding else rule.severity if rule else Severity.INFO
    family = rule.family if rule else finding.family if finding else Family.DEPLOYABILITY
    descriptor: dict[str, Any] = {
        "id": text(name, _NAME),
        "name": text("".join(part.capitalize() for part in name.split("-")), _NAME),
        "shortDescription": {"text": text(title)},
        "fullDescription": {"text": text(rationale)},
        "help": {"text": text(f"{rationale} {remedy}"), "markdown": _help(rationale, remedy, rule)},
        "defaultConfiguration": {"level": severity_level(severity)},
        "properties": {
            "tags": _tags(family, rule),
            "precision": "high",
            "problem.severity": _PROBLEMS[severity_level(severity)],
            "security-severity": _SCORES[severity],
        },
    }
    if rule and rule.source.startswith("https://") and " " not in rule.source:
        descriptor["helpUri"] = rule.source
    return descriptor


def text(value: str, limit: int = TEXT) -> str:
    """A text as SARIF takes it: well formed, not empty, no longer than the limit."""
    return clipped(well_formed(value).strip(), limit) or "-"


def _help(rationale: str, remedy: str, rule: Rule | None) -> str:
    parts = [prose(rationale), f"**Fix:** {prose(remedy)}"]
    if rule and rule.source:
        parts.append(f"**Source:** {prose(rule.source)}")
    if rule and rule.equivalents:
        parts.append(f"**Equivalent checks:** {prose(', '.join(rule.equivalents))}")
    return well_formed("\n\n".join(parts))


def _tags(family: Family, rule: Rule | None) -> list[str]:
    types = rule.types if rule else ()
    services = dict.fromkeys(kind.split("::")[1].lower() for kind in types if kind.count("::") > 1)
    return ["security", *dict.fromkeys([family.value, *services])][:_TAGS]
