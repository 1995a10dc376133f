from __future__ import annotations

from pathlib import Path

import pytest

from infra_checks.errors import ConfigError
from infra_checks.live.settings import read_settings


@pytest.mark.parametrize("text", ["template: [", "template: a.yaml\n b: : c", "template: \x00"])
def test_broken_yaml_is_told_in_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "deploy.yaml").write_text(text)
    with pytest.raises(ConfigError, match="is no YAML") as told:
        read_settings(tmp_path)
    assert "\n" not in str(told.value)


def test_broken_yaml_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "deploy.yaml").write_text("template: [\n")
    with pytest.raises(ConfigError, match=r"deploy\.yaml:2:1: is no YAML: expected the node content"):
        read_settings(tmp_path)
