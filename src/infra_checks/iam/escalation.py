"""Which ways of privilege escalation policies leave open to whoever has them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.iam.answers import Answer, Certainty
from infra_checks.iam.catalogue import ActionSet, all_actions, expand_all, may_name
from infra_checks.iam.escalation_data import EscalationPath, Step, contexts, escalation_paths, resource_of
from infra_checks.iam.fresh import limited_context, of_callers
from infra_checks.iam.model import Effect
from infra_checks.iam.questions import FRESH_NAME, granted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from infra_checks.iam.model import Policy, Statement

_RANK: Final = {Certainty.NO: 0, Certainty.UNKNOWN: 1, Certainty.POSSIBLE: 2, Certainty.DEFINITE: 3}


class Escalation(NamedTuple):
    """A way that is open, and for each of its steps the answer that says so."""

    path: EscalationPath
    answers: tuple[Answer, ...]

    @property
    def certainty(self) -> Certainty:
        """That of the step that is least sure."""
        return self.weakest.certainty

    @property
    def weakest(self) -> Answer:
        """The answer for the step that is least sure."""
        return min(self.answers, key=lambda answer: _RANK[answer.certainty])


def escalations(policies: Iterable[Policy]) -> tuple[Escalation, ...]:
    """The ways that all the policies together leave open, in the order of `escalation_paths`.

    Each step is asked for on a resource that nothing is called like, by a caller who has no more than the policies
    give: a Deny, a boundary, a scope or a condition that truly limits closes a way. A way that has all steps of
    another, and more, is left out when the other is open.
    """
    every = tuple(policies)
    named = named_actions(every)
    answers: dict[Step, Answer] = {}
    found: list[Escalation] = []
    for path, needed in _paths():
        if needed <= named and not _is_known(path, found):
            ways = tuple(_answer(every, step, answers) for step in path.steps)
            if all(answer.certainty is not Certainty.NO for answer in ways):
                found.append(Escalation(path, ways))
    return tuple(found)


@cache
def _paths() -> tuple[tuple[EscalationPath, ActionSet], ...]:
    """Each way with the actions it takes; one that is not known is none that a policy names."""
    return tuple(
        (path, expand_all(path.actions))
        for path in escalation_paths()
        if all(action.lower() in all_actions() for action in path.actions)
    )


def _is_known(path: EscalationPath, found: Sequence[Escalation]) -> bool:
    return any(other.certainty is Certainty.DEFINITE and other.path.actions <= path.actions for other in found)


def _answer(policies: tuple[Policy, ...], step: Step, known: dict[Step, Answer]) -> Answer:
    if step not in known:
        resource = resource_of(step, FRESH_NAME, partition="*", region="*", account="*")
        best = Answer(Certainty.NO)
        for wanted in contexts(step, partition="aws"):
            needs = {key.lower(): values for key, values in wanted.items()}
            answer = of_callers(granted(policies, [step.action], [resource], context=limited_context(policies, needs)))
            best = max(best, answer, key=lambda one: _RANK[one.certainty])
            if best.certainty is Certainty.DEFINITE:
                break
        known[step] = best
    return known[step]


def named_actions(policies: Iterable[Policy]) -> ActionSet:
    """The known actions that Allows of the policies name, for some value of what is not known."""
    named = ActionSet()
    for policy in policies:
        for statement in policy.statements:
            if statement.effect is not Effect.DENY:
                named |= actions_of(statement)
    return named


def actions_of(statement: Statement) -> ActionSet:
    """The known actions that a statement names, for some value of what is not known."""
    actions = statement.actions
    if actions is None:
        return ActionSet()
    named = expand_all(pattern.text for pattern in actions.listed if isinstance(pattern.text, str))
    if actions.negated:
        return ~named
    for pattern in actions.listed:
        if not isinstance(pattern.text, str):
            named |= may_name(pattern.text)
    return named
