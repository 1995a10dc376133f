"""The policy author's guide works as it is written."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from infra_checks import cli

ROOT = Path(__file__).parents[3]
GUIDE = ROOT / "docs" / "policy-authors-guide.md"
STEP = re.compile(r"<!-- (file|exit): (\S+) -->\n```(?:yaml|sh)\n(.*?)```", re.DOTALL)


def test_every_step_of_the_guide_ends_as_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INFRA_CHECKS_TODAY", "2026-11-21")
    done = 0
    for kind, what, text in STEP.findall(GUIDE.read_text("utf-8")):
        if kind == "file":
            Path(what).parent.mkdir(exist_ok=True)
            Path(what).write_text(text)
            continue
        for line in text.splitlines():
            words = shlex.split(line)
            assert words[0] == "infra-checks"
            if "--with" in words and not (shutil.which("cfn-lint") and shutil.which("checkov")):
                continue
            code = cli.run(words[1:])
            assert what in {"any", str(int(code))}, f"{line}: {code}\n{capsys.readouterr().out}"
            done += 1
    assert done >= 6
