"""The first draft of each reference system has the defects that it is known for, and the system has none of them.

`tests/fixtures/drafts/<system>.defects.yaml` lists them: what is wrong in words, the rule that says so, and where.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from infra_checks.api import Request, check
from infra_checks.core.finding import Finding, Outcome

DRAFTS = Path("tests/fixtures/drafts")
SYSTEMS = Path("infra")
PACK = "tests/unit/infra/production_with_schemas.yaml"


class Defect(NamedTuple):
    """A row of the table."""

    system: str
    defect: str
    rule: str
    resource: str
    path: str


def _defects() -> list[Defect]:
    return [
        Defect(file.name.removesuffix(".defects.yaml"), row["defect"], row["rule"], row["resource"], row["path"])
        for file in sorted(DRAFTS.glob("*.defects.yaml"))
        for row in yaml.safe_load(file.read_text("utf-8"))
    ]


def _name(value: object) -> str:
    return f"{value.system}: {value.rule} {value.resource} {value.path}" if isinstance(value, Defect) else str(value)


def draft_of(system: str) -> Path:
    """The draft's template."""
    (file,) = (file for file in DRAFTS.glob(f"{system}.*") if not file.name.endswith(".defects.yaml"))
    return file


@cache
def found(path: str) -> tuple[Finding, ...]:
    """What the production pack says of a template or a folder of them, all of which it could judge."""
    report = check(Request(paths=(path,), pack=(PACK,)))
    assert report.templates
    assert not report.errors
    return report.findings


@pytest.mark.parametrize("defect", _defects(), ids=_name)
class TestDefects:
    def test_the_draft_has_it_there(self, defect: Defect) -> None:
        findings = [each for each in found(str(draft_of(defect.system))) if each.rule == defect.rule]
        places = [(each.resource, each.path_text) for each in findings if each.outcome is Outcome.FAIL]
        assert (defect.resource, defect.path) in places

    def test_the_system_has_it_nowhere(self, defect: Defect) -> None:
        findings = [each for each in found(str(SYSTEMS / defect.system)) if each.rule == defect.rule]
        assert [(each.template, each.resource, each.path_text, str(each.outcome)) for each in findings] == []


@pytest.mark.parametrize("system", sorted(path.name for path in SYSTEMS.glob("*/") if path.is_dir()))
def test_each_system_has_a_draft(system: str) -> None:
    assert [each for each in _defects() if each.system == system]
