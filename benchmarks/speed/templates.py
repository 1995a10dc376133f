"""Writes the templates the comparison reads: one of about 850 lines, and a folder of many sizes.

The same parts give the same templates on every machine.
"""

from __future__ import annotations

import sys
from pathlib import Path

PARTS = Path(__file__).parent / "parts"
BLOCKS = ("bucket", "database", "function", "table")
NAMES = ("Orders", "Billing", "Customers")
PLACEHOLDER = "Acme"
FOLDER_SIZE = 60


def template(pieces: list[tuple[str, str]]) -> str:
    """A template with a network and these (block, name) pieces."""
    text = [part("head"), part("network")]
    text += [
        part(block).replace(PLACEHOLDER, name).replace(PLACEHOLDER.lower(), name.lower()) for block, name in pieces
    ]
    return "".join([*text, "Outputs:\n  VpcId:\n    Value: !Ref Vpc\n"])


def part(name: str) -> str:
    """The text of one part."""
    return (PARTS / f"{name}.yaml").read_text(encoding="utf-8")


def write(target: Path) -> None:
    """Write `single.yaml` and the folder `many` below the target."""
    pieces = [(block, name) for name in NAMES for block in BLOCKS]
    many = target / "many"
    many.mkdir(parents=True, exist_ok=True)
    (target / "single.yaml").write_text(template(pieces), encoding="utf-8")
    for number in range(FOLDER_SIZE):
        start = number % len(pieces)
        turned = pieces[start:] + pieces[:start]
        count = 1 + number * 5 % len(pieces)
        (many / f"template-{number:02}.yaml").write_text(template(turned[:count]), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
