"""SARIF as Microsoft's validator, whose rules GitHub's are among, sees it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from infra_checks.core.finding import Effect, Outcome, Severity
from infra_checks.core.report import Problem, Report, Skipped
from infra_checks.reporters import sarif
from infra_checks.template.source import Span
from tests.unit.reporters.samples import FINDING, report_of

_TOOL = ("--yes", "@microsoft/sarif-multitool@5.7.0", "validate")
_ACCEPTED = {
    "SARIF2005",  # informationUri: the project has no page of its own
}


def _report() -> Report:
    outcomes = [replace(FINDING, outcome=outcome, resource=outcome.value.title()) for outcome in Outcome]
    severities = [replace(FINDING, severity=severity, resource=severity.label.title()) for severity in Severity]
    others = (
        replace(FINDING, template="a dir/ü #1.yaml", effect=Effect.WARN),
        replace(FINDING, resource="", type="", path=(), when="", assignment={}, provenance=(), remedy=""),
        replace(FINDING, rule="own-rule", message="<b>*x*</b> {0} \x00\ud800", span=Span(1, 1, 1, 1)),
        replace(FINDING, message="x" * 3000, span=Span(2, 9, 5, 3)),
    )
    return replace(
        report_of(*outcomes, *severities, *others),
        errors=(Problem("b.yaml", "is empty"), Problem("c.yaml", "bad", Span(2, 3, 2, 4))),
        skipped=(Skipped("d.json", "it has no Resources section"),),
        notices=("no template has the parameter X",),
    )


@pytest.mark.parametrize("kind", ["Sarif", "Ghas"])
@pytest.mark.parametrize("report", [_report(), Report()], ids=["full", "empty"])
def test_the_validator_finds_nothing_to_complain_of(tmp_path: Path, report: Report, kind: str) -> None:
    node = shutil.which("npx")
    if node is None:
        if "CI" in os.environ:
            pytest.fail("npx is needed to validate SARIF; install Node.js")
        pytest.skip("npx is not installed")
    written, judged = tmp_path / "report.sarif", tmp_path / "judged.sarif"
    written.write_text(sarif.render(report), "utf-8")
    options = ("--rule-kind", kind, "--output", str(judged))
    result = subprocess.run(  # noqa: S603 - the arguments are our own
        [node, *_TOOL, str(written), *options], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert judged.exists(), result.stdout + result.stderr
    complaints = json.loads(judged.read_text("utf-8-sig"))["runs"][0]["results"]
    assert [each for each in complaints if each["ruleId"] not in _ACCEPTED] == []
