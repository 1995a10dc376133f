"""Questions put for one statement after the other, so that each answer says which statement it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.access_questions.closing import without_keys
from infra_checks.access_questions.results import Reason
from infra_checks.access_questions.subjects import LIMITING
from infra_checks.iam.answers import Certainty
from infra_checks.iam.model import Effect, Pattern, Patterns, Policy
from infra_checks.iam.text import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from infra_checks.access_questions.subjects import Subject
    from infra_checks.iam.answers import Answer
    from infra_checks.iam.model import Statement

_TRIES: Final = 40
"""So many known actions are tried for a witness; more tell people no more."""


class Alone(NamedTuple):
    """All policies of a subject with one Allow alone; `statement` None where it is about what was not read."""

    policies: tuple[Policy, ...]
    policy: Policy
    statement: Statement | None

    def only(self, pattern: Pattern) -> tuple[Policy, ...]:
        """The policies with one entry of Action alone."""
        if self.statement is None:
            return self.policies
        actions = Patterns((pattern,), negated=False, path=pattern.path)
        narrowed = replace(self.statement, actions=actions)
        return tuple(
            replace(
                policy,
                statements=tuple(narrowed if one is self.statement else one for one in policy.statements),
            )
            for policy in self.policies
        )


def each_alone(policies: Sequence[Policy]) -> Iterator[Alone]:
    """One after the other each Allow that grants, with all Denies and limits; of limits alone, each of theirs."""
    granting = [policy for policy in policies if policy.type not in LIMITING] or [*policies]
    for policy in granting:
        for statement in policy.statements:
            if statement.effect is not Effect.DENY:
                yield Alone(_with_only(policies, granting, policy, statement), policy, statement)
        if policy.unread:
            yield Alone(_with_only(policies, granting, policy, None), policy, None)


def _with_only(
    policies: Sequence[Policy], granting: Sequence[Policy], chosen: Policy, statement: Statement | None
) -> tuple[Policy, ...]:
    left: list[Policy] = []
    for policy in policies:
        if not any(policy is one for one in granting):
            left.append(policy)
            continue
        kept = tuple(one for one in policy.statements if one.effect is Effect.DENY or one is statement)
        unread = policy.unread if policy is chosen and statement is None else ()
        left.append(replace(policy, statements=kept, unread=unread))
    return tuple(left)


def entries(alone: Alone, ask: Callable[[Sequence[Policy]], Answer]) -> tuple[str, ...]:
    """The entries under Action that matter, where there are several."""
    actions = alone.statement.actions if alone.statement is not None else None
    if actions is None or actions.negated or len(actions.listed) < 2:  # noqa: PLR2004 - more than one
        return ()
    return tuple(
        shown(pattern.text) for pattern in actions.listed if ask(alone.only(pattern)).certainty is not Certainty.NO
    )


def with_known_action(alone: Alone, answer: Answer, ask: Callable[[Sequence[Policy]], Answer]) -> Answer:
    """The answer with a witness whose action exists, where one of the first that are known will do."""
    actions = None if alone.statement is None else alone.statement.actions
    if answer.witness is None:
        return answer
    from infra_checks.iam.catalogue import expand_all, find_action, may_name  # noqa: PLC0415 - for witnesses alone

    spelled = find_action(answer.witness.action)
    if spelled is not None:
        return replace(answer, witness=replace(answer.witness, action=spelled.full_name))
    if actions is None:
        return answer
    named = expand_all(one.text for one in actions.listed if isinstance(one.text, str))
    for one in actions.listed if not actions.negated else ():
        named |= may_name(one.text)
    for name, _ in zip(~named if actions.negated else named, range(_TRIES), strict=False):
        known = find_action(name)
        pattern = Pattern(known.full_name if known is not None else name, actions.path)
        found = ask(alone.only(pattern))
        if found.certainty is answer.certainty and found.witness is not None:
            witness = replace(found.witness, action=str(pattern.text))
            return replace(found, witness=witness, reason=answer.reason or found.reason)
    return answer


def unless_denied(answer: Answer, policies: Sequence[Policy]) -> Answer:
    """A sure answer is not, where policies that were not read may deny it."""
    unread = "; ".join(dict.fromkeys(one.reason for policy in policies for one in policy.unread))
    if not unread or answer.certainty is not Certainty.DEFINITE:
        return answer
    return replace(answer, certainty=Certainty.POSSIBLE, reason=f"what is not known may deny it: {unread}")


def reason(subject: Subject, alone: Alone, answer: Answer, description: str, listed: tuple[str, ...] = ()) -> Reason:
    """An answer that is not NO, as a reason."""
    statement = alone.statement
    path = () if statement is None else statement.path
    return Reason(
        subject=subject.title,
        certainty=answer.certainty,
        description=description,
        place=subject.place_of(alone.policy, path),
        statement=None if statement is None else (shown(statement.sid or ""), index_of(statement)),
        entries=listed,
        witness=None if answer.witness is None else without_keys(answer.witness),
        symbols=tuple(symbol.name for symbol in answer.symbols),
        values={
            symbol.name: answer.values[symbol.name]
            for symbol in answer.symbols
            if len(answer.values.get(symbol.name, "")) >= max(symbol.least, 1)
        },
        why="" if answer.certainty is Certainty.DEFINITE else answer.reason,
    )


def index_of(statement: Statement) -> int:
    """The statement's place in its policy, from 0."""
    return next((part for part in reversed(statement.path) if isinstance(part, int)), 0)


def statement_words(statement: Statement | None) -> str:
    """The statement in words: its Sid, or its number, from 1."""
    if statement is None:
        return "what was not read"
    return f"statement {shown(statement.sid)}" if statement.sid else f"statement {index_of(statement) + 1}"
