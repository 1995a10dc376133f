"""The reference of policy packs, of their JSON schema and of the packs that come with the package."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from infra_checks.reporters.markdown import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from infra_checks.packs.schema import Pack

GENERATED: Final = (
    "<!-- Written by docs/generate.py of policies/pack.schema.json and docs/policy-packs.in.md; do not edit. -->"
)
_TABLES: Final = (
    ("Keys of a pack", ("properties",)),
    ("Keys of an entry of `rules`", ("properties", "rules", "additionalProperties", "anyOf", "1", "properties")),
    ("Keys of `only` and `except`", ("$defs", "scope", "properties")),
    ("Keys of an entry of `own-rules`", ("$defs", "ownRule", "properties")),
    ("Predicates of `must` and `when`", ("$defs", "predicates", "properties")),
)


def page(policies: Path, packs: Mapping[str, Pack]) -> str:
    """The guide that people wrote, and below it the tables of the schema."""
    schema = json.loads((policies / "pack.schema.json").read_text("utf-8"))
    guide = (policies.parent / "docs" / "policy-packs.in.md").read_text("utf-8")
    title, _, text = guide.partition("\n")
    parts = [
        f"{title}\n\n{GENERATED}\n{text}",
        "## Packs that come with infra-checks\n",
        _packs(packs),
        "## Reference\n",
    ]
    parts += [f"### {name}\n\n{_table(_at(schema, path), schema)}" for name, path in _TABLES]
    return "\n".join(parts)


def _packs(packs: Mapping[str, Pack]) -> str:
    rows = "".join(f"| `{name}` | {escape(pack.description)} |\n" for name, pack in packs.items())
    return f"| Pack | |\n| --- | --- |\n{rows}"


def _at(schema: Mapping[str, Any], path: tuple[str, ...]) -> Mapping[str, Any]:
    found: Any = schema
    for step in path:
        found = found[int(step)] if isinstance(found, list) else found[step]
    if not isinstance(found, dict):
        raise TypeError(f"{'/'.join(path)} of the schema is no mapping")
    return found


def _table(properties: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    rows = "".join(_row(name, value, schema) for name, value in properties.items())
    return f"| Key | Value | |\n| --- | --- | --- |\n{rows}"


def _row(name: str, value: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    forms = " or ".join(dict.fromkeys(_forms(value, schema)))
    return f"| `{name}` | {escape(forms)} | {_told(value.get('description', ''))} |\n"


def _told(description: str) -> str:
    """A description for a cell; what it has in backticks stays code."""
    return escape(description).replace("\\`", "`")


def _forms(value: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    """What kinds of values a part of the schema takes, in words."""
    if "$ref" in value:
        yield from _forms(schema["$defs"][value["$ref"].rpartition("/")[2]], schema)
    elif "anyOf" in value:
        for each in value["anyOf"]:
            yield from _forms(each, schema)
    elif "enum" in value:
        yield ", ".join(map(str, value["enum"]))
    else:
        kinds = value.get("type", "")
        words = {"string": "text", "object": "mapping", "array": "list", "boolean": "true or false", "number": "number"}
        if value.get("format") == "regex":
            words["string"] = "regular expression"
        yield from (words[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds))
