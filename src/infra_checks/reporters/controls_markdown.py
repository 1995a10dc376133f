"""The controls of standards as Markdown tables, for a pull request or an audit's folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.core.framework import UNTESTED, matrix
from infra_checks.reporters.controls_text import NONE, by_reason, summary, told
from infra_checks.reporters.markdown import escape, table

if TYPE_CHECKING:
    from infra_checks.core.framework import Framework
    from infra_checks.core.report import Report


def render(report: Report) -> str:
    """The matrix of each framework of the report."""
    return "\n".join(_framework(framework, report) for framework in report.frameworks) or f"{NONE}\n"


def _framework(framework: Framework, report: Report) -> str:
    rows = matrix(framework, report)
    first, *_ = summary(framework, rows, report)
    judged = [
        (row.status.value, row.control.id, row.control.title, told(row)) for row in rows if row.status not in UNTESTED
    ]
    parts = [f"# {escape(framework.title)}\n", f"{escape(first)}\n"]
    if report.errors:
        parts.append("Some files could not be read; the others are what is told here.\n")
    if judged:
        parts.append(table(("Status", "Control", "", "Findings"), judged))
    reasons = [(str(number), status.value, reason) for status, reason, number in by_reason(rows)]
    if reasons:
        parts.append(f"## Not tested\n\n{table(('Controls', '', 'Why'), reasons)}")
    return "\n".join(parts)
