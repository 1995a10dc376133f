"""What the standards' controls say of the reference systems."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra_checks.api import Request, check, list_frameworks
from infra_checks.core.framework import Framework, Status, matrix
from infra_checks.core.report import Report

SYSTEMS = sorted(path for path in Path("infra").iterdir() if path.is_dir())
STANDARDS = tuple(name for name, _ in list_frameworks())


@pytest.fixture(scope="module", params=SYSTEMS, ids=lambda path: path.name)
def report(request: pytest.FixtureRequest) -> Report:
    return check(Request(paths=(str(request.param),), pack=("production",), frameworks=STANDARDS))


def named(report: Report, name: str) -> Framework:
    return next(each for each in report.frameworks if each.name == name)


@pytest.mark.parametrize("standard", STANDARDS)
class TestStandards:
    def test_no_control_is_failed_or_open(self, report: Report, standard: str) -> None:
        rows = matrix(named(report, standard), report)
        assert [(row.control.id, row.rules) for row in rows if row.status in {Status.FAILED, Status.UNDECIDED}] == []

    def test_some_controls_pass_by_rules_that_judged_something(self, report: Report, standard: str) -> None:
        assert any(row.status is Status.PASSED for row in matrix(named(report, standard), report))

    def test_every_control_has_rules_or_says_why_not(self, report: Report, standard: str) -> None:
        controls = named(report, standard).controls
        assert [each.id for each in controls if not (each.rules or each.not_testable or each.not_covered)] == []
