"""Writes the pages of the rules and of what they cover: `python docs/generate.py [--check]`.

With `--check` nothing is written; it ends with 1 when a page is not what it would write.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parent
sys.path.insert(0, str(ROOT))

from docs.generator import controls, coverage, iam_codes, packs, pages, systems  # noqa: E402 - found from any folder
from infra_checks.api import catalogue  # noqa: E402 - as above

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def files(folder: Path = HERE) -> tuple[dict[Path, str], list[str]]:
    """The text of each page, and what is wrong with what they are made of."""
    rules = catalogue()
    frameworks = controls.shipped(rules)
    by_rule = controls.by_rule(frameworks)
    sources = pages.Sources(rules, ROOT / "tests" / "cases", pages.shipped(rules), by_rule)
    made = {folder / "rules" / name: text for name, text in pages.pages(sources).items()}
    lines = coverage.read_lines(HERE / "coverage.yaml")
    made[folder / "policy-packs.md"] = packs.page(ROOT / "policies", sources.packs)
    made[folder / "controls.md"] = controls.page(frameworks)
    made[folder / "coverage.md"] = coverage.page(lines, rules)
    made[folder / "iam-codes.md"] = iam_codes.page()
    made[folder.parent / "infra" / "README.md"] = systems.page(ROOT / "infra", ROOT / "tox.ini")
    known = {name for rule in rules for name in (rule.id, *rule.aliases)}
    return made, [f"docs/coverage.yaml: {problem}" for problem in coverage.problems(lines, known)]


def stale(made: Mapping[Path, str], folder: Path) -> Iterator[str]:
    """The pages that are missing, differ or belong to nothing."""
    for file, text in made.items():
        if not file.exists():
            yield f"{_shown(file, folder)} is missing"
        elif file.read_bytes() != text.encode():
            yield f"{_shown(file, folder)} is not up to date"
    for file in sorted(folder.glob("rules/*.md")):
        if file not in made:
            yield f"{file.relative_to(folder)} belongs to no rule"


def _shown(file: Path, folder: Path) -> str:
    return os.path.relpath(file, folder).replace(os.sep, "/")


def write(made: Mapping[Path, str], folder: Path) -> None:
    """Write what differs, and remove the pages of rules that are gone."""
    for file, text in made.items():
        if not file.exists() or file.read_bytes() != text.encode():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode())
    for file in folder.glob("rules/*.md"):
        if file not in made:
            file.unlink()


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages, or check them; 1 when something is wrong."""
    parser = argparse.ArgumentParser(description="Writes the pages of the rules and of what they cover.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a page is not up to date")
    options = parser.parse_args(arguments)
    made, wrong = files()
    if options.check:
        wrong += list(stale(made, HERE))
    else:
        write(made, HERE)
    for problem in wrong:
        print(problem)
    if options.check and wrong:
        print("run: python docs/generate.py")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
