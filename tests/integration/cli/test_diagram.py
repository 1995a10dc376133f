from __future__ import annotations

from pathlib import Path

import pytest

from infra_checks.cli import run

TEMPLATE = "Parameters: {On: {Type: String, Default: 'no'}}\nResources: {Queue: {Type: AWS::SQS::Queue}}\n"
PAGE = "before\n<!-- diagram of system/template.yaml -->\n<!-- end of diagram -->\nafter\n"


@pytest.fixture
def system(tmp_path: Path) -> Path:
    folder = tmp_path / "system"
    folder.mkdir()
    (folder / "template.yaml").write_text(TEMPLATE)
    (folder / "deploy.yaml").write_text("template: template.yaml\n")
    (tmp_path / "page.md").write_text(PAGE)
    return folder


def test_a_folder_is_drawn_as_its_settings_name_the_template(system: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diagram", str(system)]) == 0
    first = capsys.readouterr().out
    assert run(["diagram", str(system / "template.yaml"), "--all"]) == 0
    assert "flowchart LR" in first
    assert "Queue" in first


def test_a_page_is_stale_until_it_is_written_and_after_the_template_changed(
    system: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = str(system.parent / "page.md")
    assert run(["diagram", str(system), "--check", page]) == 1
    assert "page.md: has another diagram than that of" in capsys.readouterr().err
    assert run(["diagram", str(system), "--write", page]) == 0
    assert run(["diagram", str(system), "--check", page]) == 0
    text = (system.parent / "page.md").read_text()
    assert text.startswith("before\n<!-- diagram of system/template.yaml -->\n\n```mermaid\n")
    assert text.endswith("```\n\n<!-- end of diagram -->\nafter\n")
    (system / "template.yaml").write_text(TEMPLATE.replace("Queue:", "Orders:"))
    assert run(["diagram", str(system), "--check", page]) == 1


def test_a_page_without_a_place_for_it_is_left_alone(system: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = system.parent / "page.md"
    page.write_text("nothing\n")
    assert run(["diagram", str(system), "--write", str(page)]) == 2
    assert "put <!-- diagram of system/template.yaml --> and <!-- end of diagram -->" in capsys.readouterr().err
    assert page.read_text() == "nothing\n"


def test_what_cannot_be_written_is_said(system: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diagram", str(system), "-o", str(system / "none" / "x.mmd")]) == 2
    assert "cannot be written" in capsys.readouterr().err
