"""The report as SARIF 2.1.0, within the limits of GitHub code scanning.

An open question is a result of the level note and not of the kind `open`: SARIF wants the level none with
that, and GitHub reads the level only.
"""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from infra_checks.core.finding import Outcome
from infra_checks.core.report import ExitCode
from infra_checks.reporters.characters import well_formed
from infra_checks.reporters.linehash import line_hashes
from infra_checks.reporters.phrases import full_statement, level, rank, waiver
from infra_checks.reporters.product import NAME, installed_version
from infra_checks.reporters.sarif_rules import descriptors, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from infra_checks.core.finding import Finding
    from infra_checks.core.report import Report
    from infra_checks.template.source import SourceFile, Span

MOST_RESULTS: Final = 25_000
"""GitHub refuses a run with more."""

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT: Final = "SRCROOT"
_WINDOWS: Final = re.compile(r"[A-Za-z]:[\\/]")


def render(report: Report) -> str:
    """The report as indented ASCII JSON."""
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(report)]}, indent=2) + "\n"


def _run(report: Report) -> dict[str, Any]:
    judged = [finding for finding in report.findings if finding.outcome is not Outcome.ERROR]
    kept = sorted(sorted(judged, key=rank)[:MOST_RESULTS], key=lambda finding: finding.sort_key)
    rules = descriptors(report, report.findings)
    version = installed_version()
    driver = {"name": NAME, "version": version, "semanticVersion": version, "rules": rules}
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"{NAME}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder that infra-checks ran in."}}},
        "invocations": [_invocation(report, len(judged) - len(kept))],
        "results": _results(kept, {rule["id"]: index for index, rule in enumerate(rules)}, report.sources),
    }
    if report.frameworks:
        from infra_checks.reporters.sarif_taxa import relate, taxonomies  # noqa: PLC0415 - few runs are about controls

        run["taxonomies"] = taxonomies(report.frameworks)
        relate(rules, report.frameworks)
    return run


def _results(
    findings: Sequence[Finding], indices: Mapping[str, int], sources: Mapping[str, SourceFile]
) -> list[dict[str, Any]]:
    hashes: dict[str, list[str]] = {}
    taken: set[tuple[str, str]] = set()
    results = []
    for finding in findings:
        if finding.template not in hashes:
            source = sources.get(finding.template)
            hashes[finding.template] = line_hashes(source.text) if source else []
        lines = hashes[finding.template]
        line = lines[finding.span.line - 1] if 0 < finding.span.line <= len(lines) else ""
        # GitHub makes one alert of results of a rule with equal hashes, so one line can have it once only.
        unique = line if line and (finding.rule, line) not in taken else f"{finding.fingerprint[:16]}:1"
        taken.add((finding.rule, line))
        results.append(_result(finding, indices[text(finding.rule, 255)], unique))
    return results


def _result(finding: Finding, index: int, line_hash: str) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": text(finding.rule, 255),
        "ruleIndex": index,
        "level": level(finding),
        "message": {"text": text(full_statement(finding))},
        "locations": [_location(finding)],
        "partialFingerprints": {"primaryLocationLineHash": line_hash, "infraChecks/v1": finding.fingerprint},
        "properties": _properties(finding),
    }
    if finding.outcome is Outcome.WAIVED:
        in_source = finding.waiver is not None and finding.waiver.origin != "pack"
        kind = "inSource" if in_source else "external"
        result["suppressions"] = [{"kind": kind, "justification": text(waiver(finding) or "waived")}]
    return result


def _properties(finding: Finding) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "severity": finding.severity.label,
        "outcome": finding.outcome.value,
        "effect": finding.effect.value,
    }
    if finding.when:
        properties["when"] = text(finding.when)
    if finding.arn:
        properties |= {"arn": text(finding.arn), "console": text(finding.console)}
    if finding.assignment:
        properties["assignment"] = text(", ".join(f"{key}={value}" for key, value in finding.assignment.items()))
    return properties


def _location(finding: Finding) -> dict[str, Any]:
    location: dict[str, Any] = {"physicalLocation": _physical(finding.template, _known(finding))}
    if finding.resource:
        full = f"{finding.resource}.{finding.path_text}" if finding.path else finding.resource
        logical = {"name": text(finding.resource), "fullyQualifiedName": text(full), "kind": "resource"}
        location["logicalLocations"] = [logical]
        if finding.construct:
            path = text(finding.construct)
            construct = {"name": path.rpartition("/")[2], "fullyQualifiedName": path, "kind": "construct"}
            location["logicalLocations"].append(construct)
        if finding.arn:
            deployed = {"name": text(finding.arn), "fullyQualifiedName": text(finding.arn), "kind": "deployed resource"}
            location["logicalLocations"].append(deployed)
    return location


def _known(finding: Finding) -> Span | None:
    return finding.span if finding.has_line else None


def _physical(file: str, span: Span | None) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(file)}
    if span is not None:
        physical["region"] = _region(span)
    return physical


def _region(span: Span) -> dict[str, int]:
    """The place, with numbers from 1 on and an end that is not before the start."""
    line, column = max(1, span.line), max(1, span.column)
    end_line = max(line, span.end_line)
    end_column = max(1, span.end_column) if end_line > line else max(column, span.end_column)
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def _artifact(file: str) -> dict[str, str]:
    """A file as URI: relative to the root, or absolute."""
    name = well_formed(file) or "-"
    if _WINDOWS.match(name):
        return {"uri": f"file:///{quote(PureWindowsPath(name).as_posix(), safe='/:')}"}
    if PurePosixPath(name).is_absolute():
        return {"uri": f"file://{quote(name)}"}
    return {"uri": quote(name), "uriBaseId": _ROOT}


def _invocation(report: Report, cut: int) -> dict[str, Any]:
    notifications = [_notification(problem.message, "error", problem.file, problem.span) for problem in report.errors]
    notifications += [
        _notification(f"{finding.rule} failed: {full_statement(finding)}", "error", finding.template, _known(finding))
        for finding in report.findings
        if finding.outcome is Outcome.ERROR
    ]
    notifications += [_notification(f"skipped: {file.reason}", "note", file.name) for file in report.skipped]
    notifications += [_notification(notice, "note") for notice in report.notices]
    if cut:
        notifications.append(_notification(f"{cut} results of the least severity are left out", "warning"))
    is_successful = report.exit_code() in {ExitCode.CLEAN, ExitCode.BLOCKED}
    return {"executionSuccessful": is_successful, "toolExecutionNotifications": notifications}


def _notification(message: str, degree: str, file: str | None = None, span: Span | None = None) -> dict[str, Any]:
    notification: dict[str, Any] = {"level": degree, "message": {"text": text(message)}}
    if file is not None:
        notification["locations"] = [{"physicalLocation": _physical(file, span)}]
    return notification
