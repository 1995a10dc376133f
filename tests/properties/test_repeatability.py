"""The same template gives the same findings in the same order, in any process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hypothesis import Phase, given, settings

from infra_checks.errors import InfraChecksError
from tests.properties.judging import judged, unplaced
from tests.properties.templates import any_templates, closed_templates

ROOT = Path(__file__).parents[2]
SEEDS = ("0", "1", "20", "4711")


def drawn(count: int) -> list[dict[str, Any]]:
    templates: list[dict[str, Any]] = []

    @settings(max_examples=count, phases=[Phase.generate], database=None, derandomize=True)
    @given(any_templates() | closed_templates())
    def draw(template: dict[str, Any]) -> None:
        templates.append(template)

    draw()
    return templates


def told(template: dict[str, Any]) -> str:
    try:
        found, problems = judged(template, limit=60)
    except InfraChecksError as error:
        return json.dumps(str(error))
    return json.dumps([[*map(unplaced, found)], [*map(str, problems)], [each.fingerprint for each in found]])


def test_findings_do_not_depend_on_the_hash_seed(tmp_path: Path) -> None:
    file = tmp_path / "templates.json"
    file.write_text(json.dumps(drawn(60)), "ascii")
    script = "from tests.properties.test_repeatability import print_all; print_all()"
    outputs = {
        subprocess.run(  # noqa: S603 - our own interpreter and script
            [sys.executable, "-c", script, str(file)],
            cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True,
        ).stdout
        for seed in SEEDS
    }  # fmt: skip

    assert len(outputs) == 1
    assert len(outputs.pop().splitlines()) == 60


def print_all() -> None:
    """What the other processes run."""
    for template in json.loads(Path(sys.argv[1]).read_text("ascii")):
        print(told(template))  # noqa: T201 - read by the test


def test_judging_twice_in_one_process_says_the_same() -> None:
    for template in drawn(40):
        assert told(template) == told(template)
