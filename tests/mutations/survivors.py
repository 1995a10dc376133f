"""Changes of cases that a rule answers in an unexpected way, and the file that gives a reason for each.

`survivors.yaml` has two lists. An entry of `breaks` has a `reason`, `changes` and, under `survivors`, the properties
of each rule in which these changes are not reported. An entry of `rewritings` has a `reason` and `rules`, and perhaps
`cases` and `changes` if not all of them have another verdict.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import yaml

from infra_checks.core.rule import Rule
from tests.mutations.breaking import breaks, is_reported
from tests.mutations.data import cases
from tests.mutations.judging import said
from tests.mutations.preserving import Rewriting, keeps_the_verdict, rewritings

FILE = Path(__file__).parent / "survivors.yaml"


class Survivor(NamedTuple):
    """A change of a rule's property that no passing case shows to be reported, or that only some elements show."""

    rule: str
    where: str
    change: str


@dataclass(frozen=True, slots=True)
class Excuse:
    """Rewritings of the cases of rules that may change their verdict; no cases or changes means all."""

    rules: tuple[str, ...]
    reason: str
    cases: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()

    def covers(self, rewriting: Rewriting) -> bool:
        """Whether it speaks of a rewriting."""
        in_cases = not self.cases or rewriting.case.name in self.cases
        return in_cases and (not self.changes or rewriting.change in self.changes)


class Explained(NamedTuple):
    """What is in the file."""

    breaks: dict[Survivor, str]
    rewritings: tuple[Excuse, ...]


def read(file: Path = FILE) -> Explained:
    """The survivors that have a reason."""
    data: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    known = {
        Survivor(rule, where, change): str(entry["reason"])
        for entry in data["breaks"] or ()
        for rule, places in entry["survivors"].items()
        for where in places
        for change in entry["changes"]
    }
    exceptions = (
        Excuse(tuple(entry["rules"]), entry["reason"], tuple(entry.get("cases", ())), tuple(entry.get("changes", ())))
        for entry in data["rewritings"] or ()
    )
    return Explained(known, tuple(exceptions))


def write(known: dict[Survivor, str], rewritings: Iterable[Excuse], file: Path = FILE) -> None:
    """Write the file anew, with the same reasons together; the comment at its top stays."""
    text = file.read_text("utf-8")
    head = "".join(line for line in text.splitlines(keepends=True) if line.startswith("#"))
    changes: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for one, reason in sorted(known.items()):
        changes[reason, one.rule, one.where].append(one.change)
    grouped: dict[tuple[str, tuple[str, ...]], dict[str, list[str]]] = defaultdict(dict)
    for (reason, rule, where), made in changes.items():
        grouped[reason, tuple(made)].setdefault(rule, []).append(where)
    data = {
        "breaks": [
            {"reason": reason, "changes": list(made), "survivors": places}
            for (reason, made), places in sorted(grouped.items())
        ],
        "rewritings": [
            {name: list(value) if isinstance(value, tuple) else value for name, value in _entry(one)}
            for one in rewritings
        ],
    }
    file.write_text(head + yaml.safe_dump(data, sort_keys=False, width=110), "utf-8")


def _entry(one: Excuse) -> Iterator[tuple[str, object]]:
    for name in ("reason", "rules", "cases", "changes"):
        value = getattr(one, name)
        if value:
            yield name, value


def surviving_breaks(rule: Rule) -> set[Survivor]:
    """The breaks of a rule that it does not report.

    A change of a property survives when no passing case has it reported, or when a case has the same value reported
    at one place and not at another. A case that has it reported nowhere passes for another reason.
    """
    answers: dict[Survivor, dict[tuple[str, str], set[bool]]] = defaultdict(lambda: defaultdict(set))
    for one in breaks(rule):
        answers[Survivor(rule.id, one.where, one.operator)][one.case.name, one.to].add(is_reported(rule, one))
    return {survivor for survivor, given in answers.items() if _survives(given.values())}


def _survives(answers: Collection[set[bool]]) -> bool:
    return not any(True in each for each in answers) or any(len(each) > 1 for each in answers)


def changed_verdicts(rule: Rule, *, one_of: int = 1, always: Iterable[Excuse] = ()) -> list[Rewriting]:
    """The rewritings that change what the rule says; of many one in so many is tried, the same ones each time."""
    listed = list(always)
    changed = []
    for case in cases(rule.id):
        if case.outcome in {"pass", "fail"}:
            before = said(rule, case.template, case)
            changed += [
                one
                for one in rewritings(case)
                if (_is_sampled(rule, one, one_of) or any(each.covers(one) for each in listed))
                and not keeps_the_verdict(rule, one, before)
            ]
    return changed


def _is_sampled(rule: Rule, one: Rewriting, one_of: int) -> bool:
    return crc32(f"{rule.id}/{one.case.name}/{one.name}".encode()) % one_of == 0
