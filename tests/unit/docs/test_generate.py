"""Writing the pages, and telling which are not up to date."""

from __future__ import annotations

from pathlib import Path

from docs.generate import files, stale, write
from infra_checks.rules import catalogue


def test_every_rule_has_a_page() -> None:
    made, _ = files(Path("docs"))

    names = ("controls", "coverage", "iam-codes", "policy-packs", "rules/README")
    expected = {Path(f"docs/{name}.md") for name in names}
    systems = {Path("infra/README.md")}
    assert made.keys() == expected | systems | {Path(f"docs/rules/{rule.id}.md") for rule in catalogue()}


def test_what_is_written_is_up_to_date_until_something_changes(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "gone-rule.md").write_text("Gone.\n", "utf-8")
    made = {tmp_path / "rules" / "README.md": "All.\n", tmp_path / "rules" / "a-rule.md": "Ä rule.\n"}

    assert list(stale(made, tmp_path)) == [
        "rules/README.md is missing",
        "rules/a-rule.md is missing",
        "rules/gone-rule.md belongs to no rule",
    ]
    write(made, tmp_path)
    assert list(stale(made, tmp_path)) == []
    assert list(stale({**made, tmp_path / "rules" / "a-rule.md": "B rule.\n"}, tmp_path)) == [
        "rules/a-rule.md is not up to date"
    ]
