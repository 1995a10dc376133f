"""The report as JUnit XML: a suite for each template, a test for each finding.

What makes a run fail is a failure; what only warns, is waived or is open without blocking is a skipped test
with its message. A template without findings is one test that passes.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from infra_checks.core.finding import Outcome
from infra_checks.reporters.phrases import full_statement, place, problem_place, scenario, subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from infra_checks.core.finding import Finding
    from infra_checks.core.report import Problem, Report

_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even as a reference (section 2.2)."""


def render(report: Report) -> str:
    """The report as ASCII XML."""
    root = ET.Element("testsuites", name="infra-checks")
    findings = {template: list(group) for template, group in groupby(report.findings, lambda each: each.template)}
    problems: dict[str, list[Problem]] = {}
    for problem in report.errors:
        problems.setdefault(problem.file, []).append(problem)
    for template in sorted({*report.templates, *findings, *problems}):
        root.append(_suite(template, findings.get(template, ()), problems.get(template, ())))
    _count(root)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="us-ascii").decode("ascii")}\n'


def _suite(template: str, findings: Iterable[Finding], problems: Iterable[Problem]) -> ET.Element:
    suite = _element("testsuite", {"name": template, "file": template})
    for problem in problems:
        suite.append(_error_case(problem))
    for finding in findings:
        suite.append(_case(finding))
    if not len(suite):
        suite.append(
            _element("testcase", {"name": "no findings", "classname": template, "file": template, "time": "0"})
        )
    _count(suite)
    return suite


def _count(element: ET.Element) -> None:
    cases = list(element.iter("testcase"))
    outcomes = Counter(child.tag for case in cases for child in case)
    counts = {"failures": outcomes["failure"], "errors": outcomes["error"], "skipped": outcomes["skipped"]}
    for name, number in {"tests": len(cases), **counts, "time": 0}.items():
        element.set(name, str(number))


def _error_case(problem: Problem) -> ET.Element:
    line = str(problem.span.line) if problem.span else "1"
    case = _element(
        "testcase", {"name": "readable", "classname": problem.file, "file": problem.file, "line": line, "time": "0"}
    )
    case.append(
        _element("error", {"message": problem.message, "type": "error"}, f"{problem_place(problem)}: {problem.message}")
    )
    return case


def _case(finding: Finding) -> ET.Element:
    parts = (f"{finding.rule}: {subject(finding)}", finding.path_text, f"when {finding.when}" if finding.when else "")
    case = _element(
        "testcase",
        {
            "name": " ".join(part for part in parts if part),
            "classname": finding.template,
            "file": finding.template,
            **({"line": str(finding.span.line)} if finding.has_line else {}),
            "time": "0",
        },
    )
    case.append(_outcome(finding))
    return case


def _outcome(finding: Finding) -> ET.Element:
    message = full_statement(finding)
    if finding.outcome is Outcome.ERROR:
        return _element("error", {"message": message, "type": finding.rule}, _details(finding))
    if finding.blocks:
        return _element("failure", {"message": message, "type": finding.severity.label}, _details(finding))
    kind = finding.outcome.value if finding.outcome is not Outcome.FAIL else "warning"
    return _element("skipped", {"message": f"{kind} ({finding.severity.label}): {message}"})


def _details(finding: Finding) -> str:
    lines = [place(finding), finding.console, full_statement(finding), scenario(finding), *finding.provenance]
    return "\n".join(line for line in lines if line)


def _element(tag: str, attributes: Mapping[str, str], text: str | None = None) -> ET.Element:
    element = ET.Element(tag, {name: _legal(value) for name, value in attributes.items()})
    element.text = None if text is None else _legal(text)
    return element


def _legal(text: str) -> str:
    return _ILLEGAL.sub("", text)
