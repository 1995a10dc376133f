"""What the policies of a stack grant, as questions to the IAM engine; shared, without rules.

A policy is judged with what takes away from it: its own Denies, those attached to the same identity, and the
identity's permissions boundary. A policy that several identities have counts with the one it grants most.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, Final

from infra_checks.access.carriers import Carried, policies_of
from infra_checks.access.identities import TYPES as IDENTITIES
from infra_checks.access.identities import Identity, identities
from infra_checks.iam.answers import Answer, Certainty
from infra_checks.iam.fresh import FRESH_VALUES, limited_context, of_callers
from infra_checks.iam.model import Effect, Pattern, Patterns, Policy, PolicyType, Statement
from infra_checks.iam.questions import granted
from infra_checks.iam.text import Symbol, Text, pieces, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from infra_checks.core.resource import Resource, Surroundings
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.evaluate.values import Value
    from infra_checks.iam.model import Principal

POLICIES: Final = (
    "AWS::IAM::Group",
    "AWS::IAM::GroupPolicy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::User",
    "AWS::IAM::UserPolicy",
    "AWS::SSO::PermissionSet",
)
"""The types that hold identity-based policies."""

_ROLE_LIKE: Final = frozenset(IDENTITIES)


@dataclass(frozen=True, eq=False)
class Opening:
    """An Allow of a policy that is attached to a resource, or of a trust policy, with the policy's Denies."""

    carried: Carried
    statement: Statement

    def _policy(self, statement: Statement) -> Policy:
        """The policy with this Allow alone."""
        denies = tuple(one for one in self.carried.policy.statements if one.effect is Effect.DENY)
        return replace(self.carried.policy, statements=(statement, *denies), unread=())

    def ask(self, question: Callable[[Iterable[Policy]], Answer]) -> tuple[Answer, Value[object]]:
        """The answer, and where the principal stands that it is about."""
        principals = self.statement.principals
        if principals is None or principals.negated or len(principals.listed) == 0:
            path = self.statement.path if principals is None else principals.path
            return question((self._policy(self.statement),)), self.carried.at(path)
        strongest, path = Answer(Certainty.NO), principals.path
        for principal in principals.listed:
            alone = replace(self.statement, principals=principals._replace(listed=(principal,)))
            answer = question((self._policy(alone),))
            if answer.certainty is Certainty.POSSIBLE and not _may_be_everyone(principal):
                continue
            if _STRENGTH[answer.certainty] > _STRENGTH[strongest.certainty]:
                strongest, path = answer, principal.path
        return strongest, self.carried.at(path)

    @property
    def name(self) -> str:
        """The statement in words."""
        return statement_name(self.statement)


def _may_be_everyone(principal: Principal) -> bool:
    """Whether what is not known of a principal may make it everyone: AWS takes no wildcard within an ARN.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    known = pieces(principal.name)
    return not any(isinstance(piece, Symbol) for piece in known) or len(known) == 1


def openings(resource: Resource, *types: PolicyType) -> Iterator[Opening]:
    """The Allows of the policies of some types that a resource carries."""
    for carried in policies_of(resource, *types):
        for statement in carried.policy.statements:
            if statement.effect is not Effect.DENY:
                yield Opening(carried, statement)


@dataclass(frozen=True, eq=False)
class Grant:
    """An Allow of an identity-based policy, and for each identity that has it what takes away from it."""

    carried: Carried
    statement: Statement
    besides: tuple[tuple[Policy, ...], ...]

    def ask(self, question: Callable[[Iterable[Policy]], Answer]) -> Answer:
        """The strongest answer over the identities."""
        strongest = Answer(Certainty.NO)
        for beside in self.besides:
            answer = question((self._alone, *beside))
            if _STRENGTH[answer.certainty] > _STRENGTH[strongest.certainty]:
                strongest = answer
        return strongest

    def granted(
        self,
        actions: Iterable[Text] | None,
        resources: Iterable[Text] | None = None,
        needs: Mapping[str, tuple[Text, ...]] = FRESH_VALUES,
    ) -> Answer:
        """Whether it grants one of the actions on one of the resources, to a holder with no more than `needs`."""
        return self.ask(
            lambda policies: of_callers(granted(policies, actions, resources, context=limited_context(policies, needs)))
        )

    @cached_property
    def _alone(self) -> Policy:
        """The policy with this Allow, and with its Denies."""
        denies = tuple(one for one in self.carried.policy.statements if one.effect is Effect.DENY)
        return replace(self.carried.policy, statements=(self.statement, *denies), unread=())

    def only(self, pattern: Pattern) -> Grant:
        """The grant of one of the statement's entries under Action alone."""
        actions = Patterns((pattern,), negated=False, path=pattern.path)
        return Grant(self.carried, replace(self.statement, actions=actions), self.besides)

    def at_action(self, action: str) -> Value[object]:
        """Where the entry stands that grants an action; of a NotAction, where that stands."""
        return entry_for(self.carried, self.statement, action)

    @property
    def at(self) -> Value[object]:
        """Where the statement stands."""
        return self.carried.at(self.statement.path)

    @property
    def name(self) -> str:
        """The statement in words: its Sid, or its number."""
        return statement_name(self.statement)


_STRENGTH: Final = {Certainty.NO: 0, Certainty.UNKNOWN: 1, Certainty.POSSIBLE: 2, Certainty.DEFINITE: 3}


def statement_name(statement: Statement) -> str:
    """A statement in words: its Sid, or its number, from 1."""
    if statement.sid:
        return f"statement {shown(statement.sid)}"
    index = next((part for part in reversed(statement.path) if isinstance(part, int)), 0)
    return f"statement {index + 1}"


def entry_for(carried: Carried, statement: Statement, action: str) -> Value[object]:
    """Where the entry stands that grants an action; of a NotAction, where that stands."""
    actions = statement.actions
    if actions is None:
        return carried.at(statement.path)
    covering = (pattern for pattern in actions.listed if covers(pattern.text, action))
    found = None if actions.negated else next(covering, None)
    return carried.at(actions.path if found is None else found.path)


def covers(pattern: Text, action: str) -> bool:
    """Whether a pattern without symbols is for an action; case does not matter."""
    return isinstance(pattern, str) and fnmatchcase(action.lower(), pattern.lower().replace("[", "[[]"))


def grants(resource: Resource) -> Iterator[Grant]:
    """The Allows of the identity-based policies that a resource carries, in their order."""
    for carried in policies_of(resource, PolicyType.IDENTITY):
        yield from grants_of(carried)


def grants_of(carried: Carried) -> Iterator[Grant]:
    """The Allows of a policy."""
    beside: tuple[tuple[Policy, ...], ...] | None = None
    for statement in carried.policy.statements:
        if statement.effect is not Effect.DENY:
            beside = beside or besides(carried)
            yield Grant(carried, statement, beside)


def granted_by(carried: Carried, actions: Iterable[Text], resources: Iterable[Text]) -> Answer:
    """Whether a policy, by all of its statements, grants one of the actions on one of the resources."""
    alone = replace(carried.policy, unread=())
    every = (
        granted((alone, *beside), actions, resources, context=limited_context((alone, *beside), FRESH_VALUES))
        for beside in besides(carried)
    )
    return max(every, key=lambda answer: _STRENGTH[answer.certainty])


def besides(carried: Carried) -> tuple[tuple[Policy, ...], ...]:
    """For each identity that has a policy, what takes away from it; nothing, once, when none has it."""
    holders = holders_of(carried.holder)
    return tuple(taking_away(identity, carried) for identity in holders) or ((),)


def holders_of(resource: Resource) -> tuple[Identity, ...]:
    """The identities of the stack that have the policies of a resource."""
    kept = resource.stack.kept
    if "holders" not in kept:
        kept["holders"] = _holders(resource.stack)
    found: tuple[Identity, ...] = kept["holders"].get(resource.logical_id, ())
    return found


def _holders(stack: Surroundings) -> dict[str, tuple[Identity, ...]]:
    found: dict[str, dict[str, Identity]] = {}
    for identity in identities(stack):
        for attachment in identity.attachments:
            if attachment.carried is not None:
                found.setdefault(attachment.carried.holder.logical_id, {})[identity.resource.logical_id] = identity
    return {name: tuple(holders.values()) for name, holders in found.items()}


def taking_away(identity: Identity, but: Carried | None = None) -> tuple[Policy, ...]:
    """The Denies of an identity's policies, but for those of one, and its boundary."""
    taking = []
    for attachment in identity.attachments:
        carried = attachment.carried
        if carried is not None and (but is None or not _is_same(carried, but)):
            denies = tuple(one for one in carried.policy.statements if one.effect is Effect.DENY)
            if denies:
                taking.append(replace(attachment.policy, statements=denies, unread=()))
    return (*taking, *(() if identity.boundary is None else (identity.boundary.policy,)))


def _is_same(one: Carried, other: Carried) -> bool:
    return one.holder == other.holder and one.value.path == other.value.path


def all_of(identity: Identity) -> tuple[Policy, ...]:
    """All that an identity has, with its boundary; what cannot be read is left out."""
    readable = [replace(each.policy, unread=()) for each in identity.attachments]
    return (*readable, *(() if identity.boundary is None else (identity.boundary.policy,)))


def why(answer: Answer) -> str:
    """Why an answer is not certain, in words that end a sentence."""
    if answer.symbols:
        names = " and ".join(f"${{{symbol.name}}}" for symbol in answer.symbols)
        return f"it depends on {names}"
    if answer.unread:
        return answer.unread[0].reason
    return answer.reason or "it depends on the deployment"


def verdict(ctx: Context, answer: Answer, at: Value[object], message: str, *, remedy: str = "") -> Iterator[Verdict]:
    """A violation where the answer is certain, an open question where it is not; nothing for a no."""
    match answer.certainty:
        case Certainty.DEFINITE:
            yield ctx.violation(at, message, remedy=remedy)
        case Certainty.POSSIBLE | Certainty.UNKNOWN:
            yield ctx.undecided(at, f"it cannot be told whether it {message}: {why(answer)}")
        case Certainty.NO:
            return
