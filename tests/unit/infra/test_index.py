"""The index of the reference systems is what they are, and its diagrams can be looked at."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.generator.systems import gate, page, systems
from infra_checks.cli import run

ROOT = Path(__file__).parents[3]
INFRA = ROOT / "infra"
FOLDERS = sorted(file.parent.name for file in INFRA.glob("*/deploy.yaml"))
MOST_NODES = 40


def test_it_is_up_to_date() -> None:
    assert (INFRA / "README.md").read_text("utf-8") == page(INFRA, ROOT / "tox.ini"), "run: python docs/generate.py"


def test_it_has_every_system() -> None:
    assert [each.name for each in systems(INFRA)] == FOLDERS
    text = (INFRA / "README.md").read_text("utf-8")
    assert all(f"\n## {name}\n" in text for name in FOLDERS)


@pytest.mark.parametrize("name", FOLDERS)
def test_a_diagram_is_the_one_that_the_command_draws(name: str) -> None:
    parameters = str(INFRA / name / "parameters" / "production.json")
    given = ["--parameters", parameters, "--check", str(INFRA / "README.md")]
    assert run(["diagram", str(INFRA / name), *given]) == 0


@pytest.mark.parametrize("name", FOLDERS)
def test_a_diagram_has_few_enough_nodes_to_be_read(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(["diagram", str(INFRA / name), "--parameters", str(INFRA / name / "parameters" / "production.json")])
    drawn = capsys.readouterr().out
    nodes = re.findall(r"^ +r_\w+(?:\[|\()", drawn, re.MULTILINE)
    assert 3 <= len(nodes) <= MOST_NODES


def test_every_relative_link_leads_somewhere() -> None:
    text = (INFRA / "README.md").read_text("utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert links
    assert [link for link in links if not (INFRA / link).exists()] == []


def test_a_check_of_the_gate_is_read_with_its_paths_its_pack_and_the_rest(tmp_path: Path) -> None:
    commands = ["infra-checks check infra --pack production --quiet --with checkov", "cfn-lint infra"]
    (tmp_path / "tox.ini").write_text("[testenv:gate]\ncommands =\n" + "".join(f"    {each}\n" for each in commands))
    assert gate(tmp_path / "tox.ini") == [(("infra",), "production", "--with checkov")]


def test_a_system_that_the_gate_does_not_ask_has_no_yes(tmp_path: Path) -> None:
    (tmp_path / "tox.ini").write_text(
        f"[testenv:gate]\ncommands =\n    infra-checks check infra/{FOLDERS[0]} --pack staging\n"
    )
    row = next(line for line in page(INFRA, tmp_path / "tox.ini").splitlines() if "`--pack staging`" in line)
    assert row.count("yes") == 1
