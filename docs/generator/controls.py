"""The standards whose controls come with the package: how much of each is tested, and by which rules."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from infra_checks.packs.load import load_framework, shipped_frameworks
from infra_checks.reporters.markdown import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from infra_checks.core.framework import Control, Framework
    from infra_checks.core.rule import Rule

GENERATED: Final = "<!-- Written by docs/generate.py of policies/controls; do not edit. -->"


def shipped(rules: Sequence[Rule]) -> list[Framework]:
    """The standards, by name."""
    return [load_framework(name, catalogue=rules) for name, _ in shipped_frameworks()]


def by_rule(frameworks: Iterable[Framework]) -> dict[str, list[str]]:
    """For each rule one line for each standard with the ids of its controls."""
    lines: dict[str, list[str]] = defaultdict(list)
    for framework in frameworks:
        for rule in framework.rules:
            ids = ", ".join(control.id for control in framework.controls if rule in control.rules)
            lines[rule].append(f"{framework.title}: {ids}")
    return lines


def page(frameworks: Sequence[Framework]) -> str:
    """A table of the standards, and one of the controls for each."""
    rows = "".join(_row(framework) for framework in frameworks)
    names = ("Name", "Standard", "Controls", "With rules", "Not covered", "Not testable")
    head = f"| {' | '.join(names)} |\n|{' --- |' * len(names)}\n"
    intro = (
        "A control is not testable when no template can show it, and not covered when a rule could, but there is none. "
        "That rules pass is evidence for a control, not proof of it.\n"
    )
    return "\n".join([f"# Controls\n\n{GENERATED}\n", intro, head + rows, *map(_section, frameworks)])


def _row(framework: Framework) -> str:
    tested = sum(bool(control.rules) for control in framework.controls)
    open_ = sum(bool(control.not_covered) for control in framework.controls)
    counts = (len(framework.controls), tested, open_, len(framework.controls) - tested - open_)
    cells = (f"`{framework.name}`", f"[{escape(framework.title)}](<{framework.source}>)", *map(str, counts))
    return f"| {' | '.join(cells)} |\n"


def _section(framework: Framework) -> str:
    head = "| Control | | Rules |\n| --- | --- | --- |\n"
    rows = "".join(f"| {escape(each.id)} | {escape(each.title)} | {_rules(each)} |\n" for each in framework.controls)
    return f"## {escape(framework.title)}\n\n{escape(framework.description)}\n\n{head}{rows}"


def _rules(control: Control) -> str:
    links = ", ".join(f"[{rule}](rules/{rule}.md)" for rule in control.rules)
    types = f" (of {', '.join(f'`{kind}`' for kind in control.types)})" if control.types else ""
    more = "".join(f" {escape(text)}" for text in (control.wider, control.note) if text)
    return (
        f"{links}{types}{'.' if more else ''}{more}"
        if links
        else escape(control.not_testable or f"Not covered: {control.not_covered}")
    )
