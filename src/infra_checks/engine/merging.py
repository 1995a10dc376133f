"""Verdicts of many scenarios as few findings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from infra_checks.core.finding import Outcome
from infra_checks.core.rule import Verdict
from infra_checks.evaluate.regions import Region, Walked, region
from infra_checks.evaluate.scenario import Leaf, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Identity = tuple[object, ...]


def identity_of(verdict: Verdict) -> Identity:
    """What makes two scenarios' verdicts one finding; nodes count by their place, as a rule may make its own."""
    place = verdict.node.span if verdict.node else None
    waiver = verdict.waiver.span if verdict.waiver else None
    return (verdict.outcome, verdict.message, verdict.path, verdict.remedy, place, waiver)


class Said:
    """What a rule said in which scenarios."""

    def __init__(self, *, complete: bool = True) -> None:
        self.complete = complete
        self._leaves: list[Leaf] = []
        self._verdicts: dict[Identity, Verdict] = {}
        self._holding: dict[Identity, list[Leaf]] = {}

    def add(self, leaf: Leaf, verdicts: Mapping[Identity, Verdict]) -> None:
        """Note what was said in a scenario."""
        self._leaves.append(leaf)
        for identity, verdict in verdicts.items():
            self._verdicts.setdefault(identity, verdict)
            self._holding.setdefault(identity, []).append(leaf)

    @property
    def anything(self) -> bool:
        """Whether there is a verdict at all."""
        return bool(self._verdicts)

    def restrict(self, parts_of: Callable[[Leaf], list[Leaf]]) -> None:
        """Put the parts of each scenario that can be deployed in its place."""
        parts = {id(leaf): parts_of(leaf) for leaf in self._leaves}
        self._leaves = [part for leaf in self._leaves for part in parts[id(leaf)]]
        for identity, holding in list(self._holding.items()):
            self._holding[identity] = [part for leaf in holding for part in parts[id(leaf)]]
            if not self._holding[identity]:
                del self._verdicts[identity]

    def settled(self) -> Iterator[tuple[Verdict, Region]]:
        """Each verdict with its region; a violation that only the deployment decides about is undecided there."""
        failing = {id(leaf) for identity in self._failures() for leaf in self._holding[identity]}
        walked = Walked(self._leaves, complete=self.complete)
        spared = [leaf for leaf in self._leaves if id(leaf) not in failing]
        for identity, verdict in self._verdicts.items():
            holding = self._holding[identity]
            fails = verdict.outcome is Outcome.FAIL
            certain: list[Leaf] = []
            open_: list[Leaf] = []
            for leaf in holding:
                (open_ if fails and self._depends_on_deployment(leaf, spared) else certain).append(leaf)
            if certain:
                yield verdict, region(certain, walked)
            if open_:
                where = region(open_, walked)
                reason = f"{verdict.message}, if {where.words()}, which only the deployment decides"
                yield replace(verdict, outcome=Outcome.UNDECIDED, message=reason), where

    def _failures(self) -> Iterator[Identity]:
        return (identity for identity, verdict in self._verdicts.items() if verdict.outcome is Outcome.FAIL)

    def _depends_on_deployment(self, leaf: Leaf, spared: list[Leaf]) -> bool:
        """Whether the same parameter values can lead to a scenario without a violation."""
        opaque = {key for key, variable in leaf.variables.items() if variable.source is Source.OPAQUE}
        if not opaque:
            return False
        return not self.complete or any(_share_parameters(leaf, other) for other in spared)


def _share_parameters(one: Leaf, other: Leaf) -> bool:
    """Whether two scenarios can have the same parameter values: what tells them apart is opaque."""
    return all(
        choices.meets(other.taken[key])
        for key, choices in one.taken.items()
        if key in other.taken and one.variables[key].source is not Source.OPAQUE
    )
