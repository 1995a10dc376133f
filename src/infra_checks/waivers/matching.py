"""Whether a waiver fits what was found."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from infra_checks.core.finding import Finding
    from infra_checks.core.waiver import Waiver
    from infra_checks.evaluate.values import Path


def chosen(waivers: Iterable[Waiver], today: date) -> Waiver | None:
    """Of the waivers that fit, the first that still holds; when none does, the first that has ended."""
    ended = None
    for waiver in waivers:
        if not waiver.has_ended(today):
            return waiver
        ended = ended or waiver
    return ended


def fits(waiver: Waiver, names: Collection[str], path: Path, evidence: str, statement: str) -> bool:
    """Whether a waiver names a rule (by one of its names), the place and the value of a verdict."""
    return (
        is_named(waiver, names)
        and lies_below(path, waiver.path)
        and waiver.statement in {"", statement}
        and waiver.evidence in {"", evidence}
    )


def fits_finding(waiver: Waiver, finding: Finding, names: Collection[str]) -> bool:
    """Whether a waiver of a pack is for a finding."""
    return (
        fits(waiver, names, finding.path, finding.evidence, finding.statement)
        and waiver.fingerprint in {"", finding.fingerprint}
        and (not waiver.template or is_path_like(finding.template, waiver.template))
        and (not waiver.resource or fnmatchcase(finding.resource, waiver.resource))
    )


def is_named(waiver: Waiver, names: Collection[str]) -> bool:
    """Whether a waiver has one of a rule's names; case does not matter, as for `explain`."""
    folded = {name.casefold() for name in names}
    return any(word.casefold() in folded for word in waiver.rules)


def lies_below(path: Path, words: str) -> bool:
    """Whether a property path is the one in `words`, or below it: `[*]` is any element, `Properties.` is optional."""
    if not words:
        return True
    wanted = re.findall(r"\[\*\]|\[\d+\]|[^.\[\]]+", words)
    steps = [f"[{part}]" if isinstance(part, int) else part for part in path]
    if steps[:1] == ["Properties"] and wanted[:1] != ["Properties"]:
        steps = steps[1:]
    if len(steps) < len(wanted):
        return False
    return all(
        want == step or (want == "[*]" and step.startswith("[")) for want, step in zip(wanted, steps, strict=False)
    )


def is_path_like(label: str, pattern: str) -> bool:
    """Whether a file's label fits a glob, from its beginning or from one of its folders on."""
    parts = label.split("/")
    return any(fnmatchcase("/".join(parts[start:]), pattern) for start in range(len(parts)))
