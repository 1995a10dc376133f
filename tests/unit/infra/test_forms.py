"""A template of the reference systems says the same in YAML and in JSON."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra_checks.api import Request, check
from infra_checks.conversion import convert
from infra_checks.template.discover import find_templates

FOLDERS = ("infra", "tests/fixtures/drafts")
FILES = find_templates(FOLDERS).templates


def told(file: str) -> list[tuple[str, str, str, str, str]]:
    """The findings in any order and without their lines."""
    findings = check(Request(paths=(file,), pack=("production",))).findings
    return sorted((each.rule, each.resource, each.path_text, each.when, str(each.outcome)) for each in findings)


@pytest.mark.parametrize("file", FILES)
def test_it_has_the_same_findings_in_both_forms(file: str, tmp_path: Path) -> None:
    converted = convert(file)
    other = tmp_path / f"other.{converted.form}"
    other.write_text(converted.text, "utf-8")
    assert told(str(other)) == told(file)
