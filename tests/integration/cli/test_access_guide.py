"""What docs/access.md shows is what the commands print."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from infra_checks.cli import run

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "access.md").read_text("utf-8")
SHOWN = re.findall(r"```sh\n(infra-checks access [^\n]*)\n```\n\n```text\n(.*?)```\n", GUIDE, re.DOTALL)


def test_the_guide_shows_every_command() -> None:
    commands = {shlex.split(command)[2] for command, _ in SHOWN}
    assert commands == {"new", "granted", "public", "explain", "validate", "expand"}


@pytest.mark.parametrize(("command", "printed"), SHOWN)
def test_a_command_of_the_guide_prints_what_is_shown(
    command: str, printed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    assert run(shlex.split(command)[1:]) in {0, 1}
    assert capsys.readouterr().out == printed


def test_the_python_of_the_guide_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    monkeypatch.chdir(ROOT)
    exec(compile(code, "docs/access.md", "exec"), {})  # noqa: S102 - our own guide
