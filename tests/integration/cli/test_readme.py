"""What the README shows is what the tool prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from infra_checks.cli import run

ROOT = Path(__file__).parents[3]


def test_the_finding_in_the_readme_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = re.search(r"```text\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert shown
    monkeypatch.chdir(ROOT)
    options = ["docs/examples/orders.yaml", "--select", "s3-bucket-versioning-enabled", "--no-config"]
    assert run(["check", *options]) == 1
    assert capsys.readouterr().out == shown[1]
