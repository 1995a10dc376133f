"""The report as JSON; `report.schema.json` beside this module is its schema."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from infra_checks.core.finding import Severity
from infra_checks.reporters.characters import well_formed
from infra_checks.reporters.product import installed_version
from infra_checks.reporters.tally import tally

if TYPE_CHECKING:
    from infra_checks.core.finding import Finding
    from infra_checks.core.report import Problem, Report
    from infra_checks.core.waiver import Waiver

SCHEMA_ID: Final = "urn:infra-checks:report:1"


def schema() -> str:
    """The text of the JSON schema that every report fits."""
    return files("infra_checks.reporters").joinpath("report.schema.json").read_text("utf-8")


def render(report: Report) -> str:
    """The report as indented ASCII JSON."""
    # Only the texts can hold surrogates, so cleaning the parts is cheaper than walking the result.
    return json.dumps(_document(report), indent=2) + "\n"


def _document(report: Report) -> dict[str, Any]:
    return {
        "$schema": SCHEMA_ID,
        "version": installed_version(),
        "summary": _summary(report),
        "findings": [_finding(finding) for finding in report.findings],
        "errors": [_error(problem) for problem in report.errors],
        "skipped": [{"file": well_formed(file.name), "reason": well_formed(file.reason)} for file in report.skipped],
        "notices": [well_formed(notice) for notice in report.notices],
    }


def _summary(report: Report) -> dict[str, Any]:
    counts = tally(report)
    return {
        "templates": counts.templates,
        "resources": counts.resources,
        "violations": counts.violations,
        "severities": {severity.label: counts.severities.get(severity, 0) for severity in reversed(Severity)},
        "undecided": counts.undecided,
        "waived": counts.waived,
        "rule_failures": counts.failures,
        "errors": counts.errors,
        "blocking": counts.blocking,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": well_formed(finding.rule),
        "family": finding.family.value,
        "severity": finding.severity.label,
        "outcome": finding.outcome.value,
        "effect": finding.effect.value,
        "template": well_formed(finding.template),
        "resource": well_formed(finding.resource),
        "type": well_formed(finding.type),
        "construct": well_formed(finding.construct) or None,
        "path": well_formed(finding.path_text),
        "line": finding.span.line or None,
        "column": finding.span.column or None,
        "end_line": finding.span.end_line or None,
        "end_column": finding.span.end_column or None,
        "arn": well_formed(finding.arn) or None,
        "console": well_formed(finding.console) or None,
        "when": well_formed(finding.when) or None,
        "assignment": {well_formed(name): well_formed(value) for name, value in finding.assignment.items()},
        "message": well_formed(finding.message),
        "remedy": well_formed(finding.remedy),
        "provenance": [well_formed(note) for note in finding.provenance],
        "fingerprint": finding.fingerprint,
        "evidence": finding.evidence,
        "statement": well_formed(finding.statement) or None,
        "waiver": _waiver(finding.waiver) if finding.waiver else None,
        "equivalents": [well_formed(name) for name in finding.equivalents],
    }


def _waiver(waiver: Waiver) -> dict[str, Any]:
    span = waiver.span
    return {
        "origin": waiver.origin,
        "reason": well_formed(waiver.reason),
        "owner": well_formed(waiver.owner) or None,
        "expires": waiver.expires.isoformat() if waiver.expires else None,
        "file": well_formed(waiver.file),
        "line": span.line if span else None,
        "column": span.column if span else None,
    }


def _error(problem: Problem) -> dict[str, Any]:
    span = problem.span
    return {
        "file": well_formed(problem.file),
        "line": span.line if span else None,
        "column": span.column if span else None,
        "end_line": span.end_line if span else None,
        "end_column": span.end_column if span else None,
        "message": well_formed(problem.message),
    }
