"""Links between files lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
_LINK = re.compile(r"\]\((?!https?:|mailto:|<|#)([^)\s#]+)")
_CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("infra/**/*.md"), *ROOT.glob("benchmarks/**/*.md")]


@pytest.mark.parametrize("folder", sorted({page.parent for page in PAGES}), ids=lambda each: each.relative_to(ROOT))
def test_every_link_to_a_file_leads_to_one(folder: Path) -> None:
    lost = [
        f"{page.name}: {target}"
        for page in PAGES
        if page.parent == folder
        for target in _LINK.findall(_CODE.sub("", page.read_text("utf-8")))
        if not (folder / target).exists()
    ]
    assert lost == []
