"""Runs the two compared readers that have no command of their own: `peers.py pyyaml|cfn-guard PATH`.

`pyyaml` only parses the files, which any tool that reads YAML has to do. `cfn-guard` parses them the same way and hands
each to the Rust engine with the rules of `rules.guard`. The verdicts are not read: the binding keeps only the end of a
report that is longer than its buffer.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIXES = (".json", ".template", ".yaml", ".yml")


class Loader(yaml.CSafeLoader):
    """The C loader of PyYAML that reads `!Tag value` as `{"Tag": value}`."""


def tagged(loader: Loader, tag: str, node: yaml.Node) -> dict[str, Any]:
    """The value of a node with an unknown tag."""
    match node:
        case yaml.MappingNode():
            return {tag: loader.construct_mapping(node, deep=True)}
        case yaml.SequenceNode():
            return {tag: loader.construct_sequence(node, deep=True)}
        case yaml.ScalarNode():
            return {tag: loader.construct_scalar(node)}
        case _:
            raise yaml.YAMLError(node)


Loader.add_multi_constructor("!", tagged)


def documents(path: Path) -> Iterator[Any]:
    """The content of the file, or of each template file in the folder."""
    files = sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES) if path.is_dir() else [path]
    for file in files:
        yield yaml.load(file.read_bytes(), Loader)  # noqa: S506 - a subclass of the safe loader


def guard(path: Path) -> int:
    """Check each document with cfn-guard and return how many there are."""
    from cfn_guard_rs.cfn_guard_rs import run_checks_rs  # noqa: PLC0415 - the other reader must not pay for it

    rules = Path(__file__).with_name("rules.guard").read_text(encoding="utf-8")
    reports = [run_checks_rs(json.dumps(document, default=str), rules, False) for document in documents(path)]
    return len(reports)


def main(reader: str, path: Path) -> None:
    """Read the path with the named reader and say what was seen."""
    match reader:
        case "pyyaml":
            print(sum(1 for _ in documents(path)), "documents")
        case "cfn-guard":
            print(guard(path), "documents")
        case _:
            sys.exit(f"{reader} is neither pyyaml nor cfn-guard")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
