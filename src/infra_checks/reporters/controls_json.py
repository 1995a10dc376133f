"""The controls of standards as JSON; `controls.schema.json` beside this module is its schema."""

from __future__ import annotations

import json
from collections import Counter
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from infra_checks.core.framework import Status, Verdicts, matrix
from infra_checks.reporters.characters import well_formed
from infra_checks.reporters.product import installed_version

if TYPE_CHECKING:
    from infra_checks.core.framework import Framework
    from infra_checks.core.report import Report

SCHEMA_ID: Final = "urn:infra-checks:controls:1"


def schema() -> str:
    """The text of the JSON schema that every such report fits."""
    return files("infra_checks.reporters").joinpath("controls.schema.json").read_text("utf-8")


def render(report: Report) -> str:
    """The matrix of each framework as indented ASCII JSON."""
    document = {
        "$schema": SCHEMA_ID,
        "version": installed_version(),
        "templates": len(report.templates),
        "errors": len(report.errors),
        "frameworks": [_framework(framework, report) for framework in report.frameworks],
    }
    return json.dumps(document, indent=2) + "\n"


def _framework(framework: Framework, report: Report) -> dict[str, Any]:
    rows = matrix(framework, report)
    counts = Counter(row.status for row in rows)
    return {
        "name": well_formed(framework.name),
        "title": well_formed(framework.title),
        "source": well_formed(framework.source),
        "summary": {_word(status): counts[status] for status in Status},
        "controls": [_control(row) for row in rows],
    }


def _word(status: Status) -> str:
    return status.value.replace(" ", "_")


def _control(row: Verdicts) -> dict[str, Any]:
    return {
        "id": well_formed(row.control.id),
        "title": well_formed(row.control.title),
        "status": _word(row.status),
        "violations": row.violations,
        "noted": row.noted,
        "undecided": row.undecided,
        "waived": row.waived,
        "rules": list(row.control.rules),
        "types": list(row.control.types),
        "rules_with_findings": list(row.rules),
        "rules_not_run": list(row.off),
        "reason": well_formed(row.reason) or None,
        "note": well_formed(row.control.note) or None,
    }
