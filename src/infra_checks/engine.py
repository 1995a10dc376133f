"""Rules on resources in all scenarios: a generator of findings that nothing but its arguments decides."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Effect, Finding, Outcome
from infra_checks.core.resource import TEMPLATE, Resource, Surroundings
from infra_checks.core.rule import ANY_TYPE, Context, Verdict
from infra_checks.errors import EvaluationError
from infra_checks.evaluate.assertions import Restriction
from infra_checks.evaluate.evaluator import Evaluator
from infra_checks.evaluate.regions import Region, region
from infra_checks.evaluate.scenario import Leaf, Scenario, Source, explore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from infra_checks.evaluate.stack import Stack
    from infra_checks.packs.select import Chosen
    from infra_checks.template.model import Declaration
    from infra_checks.template.nodes import Node

MAX_SCENARIOS: Final = 1000

Verdicts = tuple[Verdict, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How a stack is judged: the file's name in findings, the stack's own tags, the limit of scenarios."""

    label: str
    tags: Mapping[str, str] = field(default_factory=dict)
    max_scenarios: int = MAX_SCENARIOS


def by_type(chosen: Iterable[Chosen]) -> dict[str, tuple[Chosen, ...]]:
    """The rules for each resource type, those for any type under ANY_TYPE."""
    index: dict[str, list[Chosen]] = {}
    for choice in chosen:
        if choice.effect is not Effect.OFF:
            for kind in choice.rule.types:
                index.setdefault(kind, []).append(choice)
    return {kind: tuple(choices) for kind, choices in index.items()}


def judge(stack: Stack, rules: Mapping[str, Sequence[Chosen]], judgement: Judgement) -> Iterator[Finding]:
    """All findings on a stack; `rules` as `by_type` indexes them.

    What can never be evaluated, such as conditions that go round in a circle, is kept in `stack.problems`;
    what does not depend on it is still judged.
    """
    everywhere = rules.get(ANY_TYPE, ())
    for choice in rules.get(TEMPLATE, ()):
        yield from _Walk(stack, None, choice, judgement).findings()
    for declaration in stack.template.resources.values():
        for choice in (*rules.get(declaration.type, ()), *everywhere):
            yield from _Walk(stack, declaration, choice, judgement).findings()


class _Walk:
    """One rule on one resource (None: on the template) through all scenarios."""

    __slots__ = ("_choice", "_context", "_declaration", "_judgement", "_stack")

    def __init__(self, stack: Stack, declaration: Declaration | None, choice: Chosen, judgement: Judgement) -> None:
        self._stack = stack
        self._declaration = declaration
        self._choice = choice
        self._judgement = judgement
        self._context = Context(choice.options)

    def findings(self) -> Iterator[Finding]:
        """The findings, merged over scenarios; a meaningless expression is kept as the stack's problem."""
        try:
            yield from self._merged()
        except EvaluationError as error:
            self._stack.note(error)

    def _merged(self) -> Iterator[Finding]:
        walk = _Said()
        for step in explore(self._verdicts, limit=self._judgement.max_scenarios):
            if step is None:
                walk.complete = False
                yield self._finding(self._cut_short(), Region(({},), {}))
                break
            walk.add(*step)
        if walk.anything and self._stack.template.rules:
            walk.restrict(Restriction(self._stack).allowed_parts)
        for verdict, where in walk.settled():
            if verdict.outcome is not Outcome.UNDECIDED or self._choice.undecided is not Effect.OFF:
                yield self._finding(verdict, where)

    def _verdicts(self, scenario: Scenario) -> dict[_Identity, Verdict]:
        """What the rule says in one scenario.

        Whatever is raised, by the rule or while a value is evaluated for it, becomes a verdict of its own.
        """
        try:
            surroundings = Surroundings(self._stack, scenario, tags=self._judgement.tags)
            resource = self._resource(surroundings)
            verdicts = () if resource is None else self._choice.rule.judge(resource, self._context)
            return {_identity(verdict): verdict for verdict in verdicts}
        except EvaluationError:
            raise
        except Exception as error:  # noqa: BLE001 - see above
            failure = self._failure(error)
            return {_identity(failure): failure}

    def _resource(self, surroundings: Surroundings) -> Resource | None:
        if self._declaration is None:
            return surroundings.template()
        return surroundings.get(self._declaration.logical_id)

    def _failure(self, error: Exception) -> Verdict:
        """The rule failed; where in the code is said, what values it had is not, since they may be secret."""
        message = f"the rule failed with {type(error).__name__} ({_place_of(error)}); please report it"
        return Verdict(Outcome.ERROR, message, self._place, ())

    @property
    def _place(self) -> Node:
        return self._declaration.key if self._declaration else self._stack.template.root

    def _cut_short(self) -> Verdict:
        limit = self._judgement.max_scenarios
        message = f"more than {limit} scenarios; those beyond are not judged (raise --max-scenarios or pin parameters)"
        return Verdict(Outcome.UNDECIDED, message, self._place, ())

    def _finding(self, verdict: Verdict, where: Region) -> Finding:
        choice, declaration = self._choice, self._declaration
        node = verdict.node or self._place
        effect = choice.effect
        if verdict.outcome is Outcome.UNDECIDED and choice.undecided is not Effect.BLOCK:
            effect = Effect.WARN  # Also where open questions are off: that the walk was cut short is always said.
        return Finding(
            rule=choice.rule.id,
            family=choice.rule.family,
            severity=choice.severity,
            outcome=verdict.outcome,
            effect=effect,
            template=self._judgement.label,
            resource=declaration.logical_id if declaration else "",
            type=declaration.type if declaration else "",
            path=verdict.path,
            span=node.span,
            message=verdict.message,
            remedy=verdict.remedy or choice.rule.remedy,
            when=where.words(),
            assignment=where.assignment(concrete=verdict.outcome is Outcome.FAIL),
            provenance=verdict.notes,
            equivalents=choice.rule.equivalents,
        )


def _place_of(error: Exception) -> str:
    """The last function and line that the exception came through."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_qualname}, line {trace.tb_lineno}" if trace else "unknown place"


_Identity = tuple[object, ...]


def _identity(verdict: Verdict) -> _Identity:
    """What makes two scenarios' verdicts one finding; nodes count by their place, as a rule may make its own."""
    place = verdict.node.span if verdict.node else None
    return (verdict.outcome, verdict.message, verdict.path, verdict.remedy, place)


class _Said:
    """What a rule said in which scenarios."""

    def __init__(self) -> None:
        self.complete = True
        self._leaves: list[Leaf] = []
        self._verdicts: dict[_Identity, Verdict] = {}
        self._holding: dict[_Identity, list[Leaf]] = {}

    def add(self, leaf: Leaf, verdicts: Mapping[_Identity, Verdict]) -> None:
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
        spared = [leaf for leaf in self._leaves if id(leaf) not in failing]
        for identity, verdict in self._verdicts.items():
            holding = self._holding[identity]
            fails = verdict.outcome is Outcome.FAIL
            certain: list[Leaf] = []
            open_: list[Leaf] = []
            for leaf in holding:
                (open_ if fails and self._depends_on_deployment(leaf, spared) else certain).append(leaf)
            if certain:
                yield verdict, self._region(certain)
            if open_:
                where = self._region(open_)
                reason = f"{verdict.message}, if {where.words()}, which only the deployment decides"
                yield replace(verdict, outcome=Outcome.UNDECIDED, message=reason), where

    def _failures(self) -> Iterator[_Identity]:
        return (identity for identity, verdict in self._verdicts.items() if verdict.outcome is Outcome.FAIL)

    def _region(self, leaves: list[Leaf]) -> Region:
        return region(leaves, self._leaves, complete=self.complete)

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
