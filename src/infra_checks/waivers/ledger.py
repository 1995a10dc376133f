"""The waivers of a run: which findings they hide, and what became of each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from infra_checks.core.finding import Finding, Outcome
from infra_checks.core.report import State, Use
from infra_checks.waivers.matching import chosen, fits_finding, is_named, is_path_like

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from infra_checks.core.rule import Rule
    from infra_checks.core.waiver import Waiver


class Ledger:
    """Settles the findings of a run and keeps count."""

    def __init__(self, waivers: Sequence[Waiver], rules: Mapping[str, Rule], today: date) -> None:
        self._of_packs = tuple(waivers)
        self._rules = rules
        self._today = today
        self._counts: dict[int, int] = {}
        self._known: dict[int, Waiver] = {id(waiver): waiver for waiver in waivers}
        self._judged: dict[str, frozenset[str]] = {}

    def judged(self, label: str, resources: Collection[str], declared: Iterable[Waiver]) -> None:
        """Note that a template was judged, what it holds and which waivers it declares."""
        self._judged[label] = frozenset(resources)
        self._known.update((id(waiver), waiver) for waiver in declared)

    def settle(self, finding: Finding) -> Finding:
        """The finding, waived if one of the packs' waivers hides it, or with the one that did until it ended."""
        if finding.outcome in {Outcome.FAIL, Outcome.UNDECIDED} and self._of_packs:
            names = self._names(finding)
            fitting = (waiver for waiver in self._of_packs if fits_finding(waiver, finding, names))
            waiver = chosen(fitting, self._today)
            if waiver is not None:
                outcome = finding.outcome if waiver.has_ended(self._today) else Outcome.WAIVED
                finding = replace(finding, outcome=outcome, waiver=waiver)
        if finding.waiver is not None:
            self._counts[id(finding.waiver)] = self._counts.get(id(finding.waiver), 0) + 1
        return finding

    def _names(self, finding: Finding) -> tuple[str, ...]:
        """By what a waiver may name the rule of a finding; another tool's check by its id."""
        rule = self._rules.get(finding.rule)
        return (rule.id, *rule.aliases, *rule.equivalents) if rule else (finding.rule, *finding.equivalents)

    def uses(self) -> tuple[Use, ...]:
        """What became of each waiver, sorted by place."""
        waivers = sorted(self._known.values(), key=lambda waiver: (waiver.file, waiver.span or (), waiver.rules))
        return tuple(Use(waiver, self._state(waiver), self._counts.get(id(waiver), 0)) for waiver in waivers)

    def _state(self, waiver: Waiver) -> State:
        if waiver.has_ended(self._today):
            return State.ENDED
        if id(waiver) in self._counts:
            return State.ACTIVE
        ran = any(is_named(waiver, (rule.id, *rule.aliases, *rule.equivalents)) for rule in self._rules.values())
        return State.UNUSED if ran and self._met(waiver) else State.OUT_OF_SCOPE

    def _met(self, waiver: Waiver) -> bool:
        """Whether what a waiver names was judged in this run."""
        if waiver.origin != "pack":
            return True
        return any(_concerns(waiver, label, resources) for label, resources in self._judged.items())


def _concerns(waiver: Waiver, label: str, resources: frozenset[str]) -> bool:
    from fnmatch import filter as matching  # noqa: PLC0415 - only for waivers that hide nothing

    if waiver.template and not is_path_like(label, waiver.template):
        return False
    return bool(waiver.template) or not waiver.resource or bool(matching(resources, waiver.resource))


def ended(use: Use) -> str:
    """What to tell of a waiver that has ended."""
    waiver = use.waiver
    doubt = f" and hid {use.findings} finding{'s' * (use.findings != 1)}" if use.findings else ""
    return f"the waiver of {', '.join(waiver.rules)} ended on {waiver.expires}{doubt}; renew or remove it"


def notices(uses: Iterable[Use]) -> Iterator[str]:
    """What to tell of waivers that hide nothing; ended ones of packs are errors instead."""
    for use in uses:
        waiver = use.waiver
        named = ", ".join(waiver.rules)
        if use.state is State.ENDED and waiver.origin != "pack":
            yield f"{waiver.place}: {ended(use)}"
        elif use.state is State.UNUSED:
            source = "waiver" if waiver.origin in {"pack", "metadata"} else f"suppression for {waiver.origin}"
            yield f"{waiver.place}: the {source} of {named} hides nothing; remove it, or mend what it names"
