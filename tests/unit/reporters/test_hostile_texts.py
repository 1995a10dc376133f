"""Whatever stands in a template, every format stays valid and harmless."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import given

from infra_checks.core.report import Report
from infra_checks.reporters import FORMATS, Style, json_format, render
from infra_checks.reporters.markdown import escape
from tests.unit.reporters.samples import hostile, hostile_reports

_SCHEMA = json.loads(json_format.schema())
_COMMAND = re.compile(r"::(error|warning|notice|group|endgroup)( [^:]*)?::")


@given(hostile_reports())
def test_json_fits_its_schema(report: Report) -> None:
    document = json.loads(render(report, "json"))
    jsonschema.Draft202012Validator(_SCHEMA).validate(document)
    assert len(document["findings"]) == len(report.findings)


@given(hostile_reports())
def test_sarif_has_a_place_and_a_text_for_each_result(report: Report) -> None:
    document = json.loads(render(report, "sarif"))
    (run,) = document["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        region = result["locations"][0]["physicalLocation"]["region"]
        assert min(region.values()) >= 1
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert 0 < len(result["message"]["text"]) <= 1024
    assert "" not in _texts(document)


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []


@given(hostile_reports())
def test_junit_is_xml_whose_counts_are_right(report: Report) -> None:
    root = ET.fromstring(render(report, "junit"))  # noqa: S314 - it is our own
    cases = list(root.iter("testcase"))
    assert root.get("tests") == str(len(cases))
    assert sum(int(suite.get("tests", "")) for suite in root) == len(cases)
    assert len(cases) >= len(report.findings) + len(report.errors)


@given(hostile_reports())
def test_every_line_for_github_is_one_command_or_plain_text(report: Report) -> None:
    lines = render(report, "github").split("\n")
    for line in lines:
        assert line.isprintable()
        assert not line.lstrip().startswith("::") or _COMMAND.match(line)
        assert line.startswith("::") or "##[" not in line
    commands = [line for line in lines if line.startswith(("::error", "::warning", "::notice"))]
    waived = sum(finding.outcome.value == "waived" for finding in report.findings)
    assert len(commands) == len(report.errors) + len(report.findings) - waived


@pytest.mark.parametrize("style", [Style(), Style(quiet=True), Style(verbose=True, statistics=True, seconds=1.0)])
@given(hostile_reports())
def test_text_holds_nothing_that_a_terminal_or_a_build_server_obeys(style: Style, report: Report) -> None:
    shown = render(report, "text", style)
    assert all(line.isprintable() for line in shown.split("\n"))
    assert not any(line.lstrip().startswith("::") for line in shown.split("\n"))
    assert not re.search(r"##(vso)?\[", shown, re.IGNORECASE)


@given(hostile_reports())
def test_colours_are_the_only_escapes_in_coloured_text(report: Report) -> None:
    colored = render(report, "text", Style(color=True))
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == render(report, "text")


@given(hostile_reports())
def test_markdown_tables_keep_their_columns(report: Report) -> None:
    for line in render(report, "markdown").split("\n"):
        assert line.isprintable()
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) in {3, 4, 7}


@given(hostile)
def test_escaped_markdown_holds_no_markup(text: str) -> None:
    left = re.sub(r"\\.|&(lt|gt|amp);|<!-- -->", "", escape(text))
    assert not re.search(r"[\\`*_\[\]<>#|~$&]|://", left)


@given(hostile_reports())
def test_every_format_can_be_encoded_and_is_the_same_again(report: Report) -> None:
    for name in FORMATS:
        assert render(report, name).encode() == render(report, name).encode()
