from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from infra_checks import cli

GOOD = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n"
BAD = "Resources:\n  Topic:\n    Typo: AWS::SNS::Topic\n"


class Result(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: a repository with a template that keeps, and one that breaks, the rule on structure."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "bad.yaml").write_text(BAD)
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def run(project: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command line in the project; `check` runs the rule on structure only."""
    assert project.is_dir()

    def call(*arguments: str) -> Result:
        extra = ("--select", "template-structure-valid") if arguments[:1] == ("check",) else ()
        code = cli.run([*arguments, *extra])
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return call
