"""A folder for packs, which is the working folder."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from infra_checks.packs.load import load_packs
from tests.unit.packs.catalogue import CATALOGUE

if TYPE_CHECKING:
    from infra_checks.packs.schema import Pack


class Folder:
    """Writes packs and loads them by path."""

    def write(self, path: str, text: str) -> str:
        file = Path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return path

    def load(self, *names: str) -> Pack:
        return load_packs(names, catalogue=CATALOGUE)

    def read(self, text: str) -> Pack:
        """The one pack in a text, whose first line names it."""
        return self.load(self.write("own.yaml", f"name: own\n{dedent(text).lstrip()}"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.chdir(tmp_path)
    return Folder()
