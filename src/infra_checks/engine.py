"""Rules on resources in all scenarios: a generator of findings that nothing but its arguments decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Effect, Finding, Outcome
from infra_checks.core.resource import TEMPLATE, Resource, Surroundings
from infra_checks.core.rule import ANY_TYPE, Context, Verdict
from infra_checks.errors import EvaluationError
from infra_checks.evaluate.assertions import allowed
from infra_checks.evaluate.regions import Region, region
from infra_checks.evaluate.scenario import Leaf, Scenario, explore

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from infra_checks.evaluate.stack import Stack
    from infra_checks.packs.select import Chosen
    from infra_checks.template.model import Declaration

MAX_SCENARIOS: Final = 1000


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
        leaves: list[Leaf] = []
        said: dict[Verdict, list[Leaf]] = {}
        for step in explore(self._verdicts, limit=self._judgement.max_scenarios):
            if step is None:
                yield self._finding(self._cut_short(), Region(({},), {}))
                break
            leaf, verdicts = step
            if verdicts is None:
                continue
            leaves.append(leaf)
            for verdict in verdicts:
                said.setdefault(verdict, []).append(leaf)
        for verdict, holding in said.items():
            settled, where = _settled(verdict, holding, said, leaves)
            if settled.outcome is not Outcome.UNDECIDED or self._choice.undecided is not Effect.OFF:
                yield self._finding(settled, where)

    def _verdicts(self, scenario: Scenario) -> tuple[Verdict, ...] | None:
        """What the rule says in one scenario; None when no deployment can be in it."""
        surroundings = Surroundings(self._stack, scenario, tags=self._judgement.tags)
        resource = self._resource(surroundings)
        if resource is None:
            verdicts: tuple[Verdict, ...] = ()
        else:
            verdicts = self._judged(resource)
        if self._stack.template.rules and not allowed(surroundings.evaluator):
            return None
        return verdicts

    def _resource(self, surroundings: Surroundings) -> Resource | None:
        if self._declaration is None:
            return surroundings.template()
        return surroundings.get(self._declaration.logical_id)

    def _judged(self, resource: Resource) -> tuple[Verdict, ...]:
        try:
            return tuple(dict.fromkeys(self._choice.rule.judge(resource, self._context)))
        except EvaluationError:
            raise
        except Exception as error:  # noqa: BLE001 - a rule that raises must become a finding, whatever it raises
            message = f"the rule failed with {type(error).__name__}: {error}"
            node = self._declaration.key if self._declaration else self._stack.template.root
            return (Verdict(Outcome.ERROR, message, node, ()),)

    def _cut_short(self) -> Verdict:
        limit = self._judgement.max_scenarios
        message = f"more than {limit} scenarios; those beyond are not judged (raise --max-scenarios or pin parameters)"
        node = self._declaration.key if self._declaration else self._stack.template.root
        return Verdict(Outcome.UNDECIDED, message, node, ())

    def _finding(self, verdict: Verdict, where: Region) -> Finding:
        choice, declaration = self._choice, self._declaration
        node = verdict.node or (declaration.key if declaration else self._stack.template.root)
        effect = choice.effect
        if verdict.outcome is Outcome.UNDECIDED and choice.undecided is not Effect.BLOCK:
            effect = choice.undecided
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


def _settled(
    verdict: Verdict, holding: list[Leaf], said: Mapping[Verdict, list[Leaf]], leaves: list[Leaf]
) -> tuple[Verdict, Region]:
    """A verdict with its region; a violation that only the deployment decides about is undecided."""
    where = region(holding, leaves)
    if verdict.outcome is not Outcome.FAIL or not where.opaque:
        return verdict, where
    failing = {id(leaf) for other, held in said.items() if other.outcome is Outcome.FAIL for leaf in held}
    if all(id(leaf) in failing for leaf in leaves if any(_reachable_from(leaf, one, where) for one in holding)):
        return verdict, where
    reason = f"{verdict.message}, if {where.words()}, which only the deployment decides"
    return Verdict(Outcome.UNDECIDED, reason, verdict.node, verdict.path, verdict.notes, verdict.remedy), where


def _reachable_from(leaf: Leaf, other: Leaf, where: Region) -> bool:
    """Whether two leaves can belong to the same parameter values: they differ in opaque choices only."""
    opaque = set(where.opaque)
    return all(leaf.taken[key] == choices for key, choices in other.taken.items() if key not in opaque and key in leaf.taken)
