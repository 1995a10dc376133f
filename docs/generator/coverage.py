"""What other tools check, line by line: the rule that covers it, or why there is none.

`docs/coverage.yaml` maps sections to lines. A line has `type`, `property`, `peers` (ids of other tools' checks) and
either `rules`, or `check` (what is asked, in short) with a `reason` and perhaps a `note`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import yaml

from infra_checks.reporters.markdown import escape

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from infra_checks.core.rule import Rule

GENERATED: Final = "<!-- Written by docs/generate.py of docs/coverage.yaml; do not edit. -->"
DUPLICATE: Final = re.compile(r"duplicate of ([a-z0-9-]+)")
REASONS: Final = (
    "retired service",
    "not decidable from a template",
    "account setting",
    "a question (infra-checks access)",
    "nothing wrong",
    "not covered yet",
)
"""Why there may be no rule; `duplicate of RULE-ID` is another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Something that other tools check."""

    section: str
    type: str
    property: str
    peers: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    check: str = ""
    reason: str = ""
    note: str = ""

    def problem(self, known: Collection[str]) -> str:
        """What is wrong with the line, or nothing."""
        unknown = [rule for rule in self.rules if rule not in known]
        if unknown:
            return f"there is no rule {', '.join(unknown)}"
        if self.rules:
            return "has rules and a reason" if self.reason else ""
        if not self.reason:
            return "has neither a rule nor a reason"
        duplicated = DUPLICATE.fullmatch(self.reason)
        if duplicated:
            return "" if duplicated[1] in known else f"there is no rule {duplicated[1]}"
        if self.reason not in REASONS:
            return f"{self.reason!r} is none of: duplicate of RULE-ID, {', '.join(REASONS)}"
        return "" if self.check else "has a reason but does not say what is asked"


def read_lines(file: Path) -> list[Line]:
    """The lines of a file."""
    data = yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader) or {}
    return [_line(section, entry) for section, entries in data.items() for entry in entries]


def _line(section: str, entry: dict[str, object]) -> Line:
    lists = {name: tuple(map(str, _listed(entry.pop(name, ())))) for name in ("peers", "rules")}
    texts = {name: str(value) for name, value in entry.items()}
    return Line(section=section, **lists, **texts)  # type: ignore[arg-type] # an unknown name is an error


def _listed(value: object) -> Iterable[object]:
    if isinstance(value, (list, tuple)):
        return value
    raise TypeError(f"{value!r} is not a list")


def problems(lines: Iterable[Line], known: Collection[str]) -> Iterator[str]:
    """What is wrong with the lines."""
    for line in lines:
        problem = line.problem(known)
        if problem:
            yield f"{line.section}: {line.type} {line.property}: {problem}"


def page(lines: Sequence[Line], rules: Iterable[Rule]) -> str:
    """The lines as tables, one for each section."""
    titles = {rule.id: rule.title for rule in rules}
    counts = Counter("a rule" if line.rules else _kind(line.reason) for line in lines)
    told = "".join(f"- {kind}: {number}\n" for kind, number in counts.most_common())
    parts = [
        f"# What other tools check\n\n{GENERATED}\n",
        f"{len(lines)} lines: what one property of one type is asked by at least one other tool.\n",
        told,
    ]
    for section in dict.fromkeys(line.section for line in lines):
        rows = "".join(_row(line, titles) for line in lines if line.section == section)
        head = "| Type | Property | What is asked | Here | Ids of other tools |\n| --- | --- | --- | --- | --- |\n"
        parts.append(f"## {section[0].upper()}{section[1:]}\n\n{head}{rows}")
    return "\n".join(parts)


def _kind(reason: str) -> str:
    return "duplicate of a rule" if DUPLICATE.fullmatch(reason) else reason or "open"


def _row(line: Line, titles: dict[str, str]) -> str:
    duplicated = DUPLICATE.fullmatch(line.reason)
    names = line.rules or ((duplicated[1],) if duplicated else ())
    asked = escape(line.check) or "; ".join(escape(titles.get(name, "")) for name in names)
    links = ", ".join(f"[{name}](rules/{name}.md)" for name in names)
    note = f" ({escape(line.note)})" if line.note else ""
    here = f"{'part of ' if duplicated else ''}{links}" if names else escape(line.reason) or "**open**"
    cells = (escape(line.type), escape(line.property), asked, here + note, escape(", ".join(line.peers)))
    return f"| {' | '.join(cells)} |\n"
