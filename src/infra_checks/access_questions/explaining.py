"""Whether one request is allowed, and by which statements it is decided, step by step.

Each statement is asked alone: it surely applies, may apply (with the symbols it depends on), or does not. AWS's order
of evaluation is then gone through twice: with all that may allow and only what surely denies, and the other way round.
The decision is sure where both agree.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.access.symbols import arn_of
from infra_checks.access_questions.asking import statement_words
from infra_checks.access_questions.inputs import PolicyInput
from infra_checks.access_questions.results import Place
from infra_checks.access_questions.subjects import LIMITING, OF_RESOURCES, Subject, subjects_of
from infra_checks.access_questions.walking import MAX_SCENARIOS
from infra_checks.errors import ConfigError
from infra_checks.evaluate.regions import Walked, region
from infra_checks.evaluate.scenario import explore
from infra_checks.iam.answers import Certainty, Granting
from infra_checks.iam.asking import Asked, answer
from infra_checks.iam.decide import Outcome, decide
from infra_checks.iam.matches import principal_matches
from infra_checks.iam.model import Effect, Policy, Principal, Principals, Request, Statement
from infra_checks.iam.principals import KEYS
from infra_checks.iam.regions import SOME_ACTION, actions_in, by_principal, in_context, resources_in
from infra_checks.iam.text import ACCOUNT, PARTITION, REGION, Symbol, joined, pieces, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from infra_checks.access_questions.inputs import Input
    from infra_checks.evaluate.scenario import Leaf, Scenario
    from infra_checks.iam.globs import Entry
    from infra_checks.iam.text import Text

_SAMPLES: Final = {ACCOUNT.name: "111122223333", REGION.name: "us-east-1", PARTITION.name: "aws"}
"""What stands for symbols of an ARN while accounts are compared; the account is AWS's example id."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request: principal and resource as ARNs, or by the logical ids of a template (`Bucket/key` for what is in it).

    `context` has the values of condition keys; keys that are not in it are absent from the request.
    """

    action: str
    resource: str
    principal: str = ""
    context: Mapping[str, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A statement that applies, surely or perhaps."""

    effect: str
    policy: str
    words: str
    certainty: Certainty
    why: str
    place: Place

    @property
    def data(self) -> dict[str, object]:
        """As JSON."""
        return {
            "effect": self.effect,
            "policyType": self.policy,
            "statement": self.words,
            "certainty": self.certainty.value,
            "why": self.why,
            "location": self.place.data,
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """What becomes of the request in some scenarios.

    `decision` is "allowed", "explicitly denied", "implicitly denied" or "not decided"; `missing` names the type of
    policy that does not allow it, `absent` the condition keys that statements ask for and the request does not have.
    """

    decision: str
    because: str
    steps: tuple[Step, ...]
    missing: str = ""
    absent: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    when: str = ""

    @property
    def data(self) -> dict[str, object]:
        """As JSON."""
        return {
            "decision": self.decision,
            "because": self.because,
            "missing": self.missing,
            "steps": [step.data for step in self.steps],
            "absentKeys": [*self.absent],
            "unread": [*self.unread],
            "scenario": {"when": self.when},
        }


def explain_request(sources: Sequence[Input], wanted: Wanted) -> tuple[Explanation, ...]:
    """What becomes of the request, for each set of scenarios in which it is decided alike.

    Raises ConfigError for a principal or resource that is not to be found, and for more than one template.
    """
    templates = [source for source in sources if not isinstance(source, PolicyInput)]
    others = [subject for source in sources if isinstance(source, PolicyInput) for subject in _subjects(source)]
    if len(templates) > 1:
        raise ConfigError("explain takes one template at a time; name further policies as files")
    if not templates:
        return (_explained(others, wanted, wanted.principal, wanted.resource),)
    leaves: list[Leaf] = []
    found: dict[Explanation, list[Leaf]] = {}
    for step in explore(lambda scenario: _in_scenario(templates[0], others, wanted, scenario), limit=MAX_SCENARIOS):
        if step is None:
            raise ConfigError(f"there are more than {MAX_SCENARIOS} scenarios; pin parameters with --parameters")
        leaf, explanation = step
        leaves.append(leaf)
        found.setdefault(explanation, []).append(leaf)
    walked = Walked(leaves)
    return tuple(replace(one, when=region(holding, walked).words()) for one, holding in found.items())


def _subjects(source: Input) -> Iterator[Subject]:
    from infra_checks.evaluate.scenario import Scenario  # noqa: PLC0415 - a class for the type checker above

    yield from subjects_of(source, Scenario())


def _in_scenario(source: Input, others: Sequence[Subject], wanted: Wanted, scenario: Scenario) -> Explanation:
    every = [*subjects_of(source, scenario)]
    identity = next((one for one in every if one.key == ("identity", wanted.principal)), None)
    if identity is None and wanted.principal.isalnum():
        names = ", ".join(one.key[1] for one in every if one.key[0] == "identity") or "none"
        if _is_declared(source, wanted.principal):
            return Explanation("not decided", f"{wanted.principal} is not created", ())
        raise ConfigError(f"{wanted.principal} is no principal of {source.name}; it has {names}")
    chosen = [*others, *((identity,) if identity is not None else ())]
    principal: Text = wanted.principal
    if identity is not None and identity.holder is not None:
        principal = arn_of(identity.holder) or wanted.principal
    logical_id, slash, rest = wanted.resource.partition("/")
    resource: Text = wanted.resource
    for subject in every:
        holder = subject.holder
        target = holder.stack.get(subject.key[1]) if holder is not None else None
        arn = arn_of(target) if target is not None and subject.key[0] in {"resource", "trust"} else None
        if arn is None:
            continue
        if subject.key[1] == logical_id or _is_below(wanted.resource, arn):
            chosen.append(subject)
    if ":" not in wanted.resource and wanted.resource != "*":
        resource = joined((*pieces(_arn_in(every, source, scenario, logical_id)), slash + rest))
    return _explained(chosen, wanted, principal, resource)


def _is_declared(source: Input, name: str) -> bool:
    return not isinstance(source, PolicyInput) and name in source.stack.template.resources


def _arn_in(every: Iterable[Subject], source: Input, scenario: Scenario, logical_id: str) -> Text:
    from infra_checks.core.resource import Surroundings  # noqa: PLC0415 - where a resource has no policy

    held = next((one.holder.stack for one in every if one.holder is not None), None)
    if held is None and not isinstance(source, PolicyInput):
        held = Surroundings(source.stack, scenario)
    resource = held.get(logical_id) if held is not None else None
    arn = arn_of(resource) if resource is not None else None
    if arn is None:
        raise ConfigError(f"{logical_id} is no resource of {source.name} with an ARN that is known; give the ARN")
    return arn


def _is_below(resource: str, arn: Text) -> bool:
    return isinstance(arn, str) and (resource == arn or resource.startswith(f"{arn}/"))


class _Request(NamedTuple):
    """The request with the symbols of the template; a key without values is absent."""

    principal: Principal | None
    action: str
    resource: Text
    context: Mapping[str, tuple[Text, ...] | None]


@dataclass(frozen=True, eq=False)
class _Tried:
    subject: Subject
    policy: Policy
    statement: Statement
    certainty: Certainty
    why: str


def _explained(chosen: Sequence[Subject], wanted: Wanted, principal: Text, resource: Text) -> Explanation:
    context = {key.lower(): values for key, values in (wanted.context or {}).items()}
    policies = [policy for subject in chosen for policy in subject.policies]
    absent = tuple(sorted(_keys(policies) - context.keys() - set(KEYS)))
    asking = Principal(_kind(principal), principal) if principal else None
    asked = _Request(asking, wanted.action, resource, {**context, **dict.fromkeys(absent)})
    tried = [
        one
        for subject in chosen
        for policy in subject.policies
        for statement in policy.statements
        if (one := _tried(subject, policy, statement, asked)) is not None
    ]
    sample = Request(
        wanted.action,
        _sampled(resource),
        None if asking is None else Principal(asking.kind, _sampled(asking.name)),
        context,
    )
    best, worst = _decided(policies, tried, sample, hopeful=True), _decided(policies, tried, sample, hopeful=False)
    unread = tuple(dict.fromkeys(one.reason for policy in policies for one in policy.unread))
    steps = tuple(_step(one) for one in sorted(tried, key=_by_effect))
    if best[0] is not worst[0]:
        why = "; ".join(dict.fromkeys([*(one.why for one in tried if one.why), *unread]))
        return Explanation("not decided", f"{worst[0].value} or {best[0].value}: {why}", steps, "", absent, unread)
    if unread and worst[0] is not Outcome.EXPLICIT_DENY:
        verb = "denies" if worst[0] is Outcome.ALLOWED else "allows"
        why = f"{worst[0].value}, unless what was not read {verb} it"
        return Explanation("not decided", why, steps, worst[1], absent, unread)
    return Explanation(worst[0].value, _because(worst), steps, worst[1], absent, unread)


def _kind(principal: Text) -> str:
    if principal == "*":
        return "*"
    first = pieces(principal)[0]
    return "Service" if isinstance(principal, str) and ":" not in principal and "." in principal else _federated(first)


def _federated(first: object) -> str:
    return (
        "Federated" if isinstance(first, str) and (":saml-provider/" in first or ":oidc-provider/" in first) else "AWS"
    )


def _keys(policies: Iterable[Policy]) -> set[str]:
    return {
        condition.key.lower()
        for policy in policies
        for statement in policy.statements
        for condition in statement.conditions
    }


def _tried(subject: Subject, policy: Policy, statement: Statement, asked: _Request) -> _Tried | None:
    limits = [SOME_ACTION, actions_in((asked.action,)), resources_in((asked.resource,)), *in_context(asked.context)]
    apart: tuple[Entry, ...] = ()
    if asked.principal is not None:
        part, word = by_principal(asked.principal)
        limits.append(part)
        apart = (word,)
    found = answer(Asked(((Granting(policy, statement),),), (), tuple(limits), apart))
    if found.certainty is Certainty.NO:
        return None
    return _Tried(subject, policy, statement, found.certainty, found.reason)


def _decided(
    policies: Sequence[Policy], tried: Sequence[_Tried], request: Request, *, hopeful: bool
) -> tuple[Outcome, str]:
    """AWS's decision where what may allow does (`hopeful`), or does not and what may deny does."""
    applying: list[Policy] = []
    for policy in policies:
        statements = [
            _bare(one, effect, request)
            for one in tried
            if one.policy is policy
            for effect in _effects(one.statement)
            if one.certainty is Certainty.DEFINITE or (effect is Effect.ALLOW) is hopeful
        ]
        applying.append(replace(policy, statements=tuple(statements), unread=()))
    decision = decide(request, applying)
    return decision.outcome, decision.missing.value if decision.missing is not None else ""


def _effects(statement: Statement) -> tuple[Effect, ...]:
    return (Effect.ALLOW, Effect.DENY) if statement.effect is None else (statement.effect,)


def _bare(one: _Tried, effect: Effect, request: Request) -> Statement:
    """The statement as one that applies to the request: only whom it names still matters."""
    principals = one.statement.principals
    if principals is not None:
        listed = tuple(Principal(each.kind, _sampled(each.name), each.path) for each in principals.listed)
        principals = Principals(listed, principals.negated, principals.path)
        bare = Statement(one.statement.path, "", effect, None, None, principals)
        if not principal_matches(principals, request.principal):
            principals = None if request.principal is None else Principals((request.principal,), negated=False, path=())
        return replace(bare, principals=principals)
    return Statement(one.statement.path, "", effect, None, None, None)


def _sampled(text: Text) -> str:
    return "".join(
        _SAMPLES.get(piece.name, piece.name.replace(":", "-")) if isinstance(piece, Symbol) else piece
        for piece in pieces(text)
    )


def _by_effect(one: _Tried) -> tuple[int, int]:
    order = {Effect.DENY: 0, None: 1, Effect.ALLOW: 2}
    return order[one.statement.effect], 0 if one.policy.type in LIMITING else 1 + (one.policy.type in OF_RESOURCES)


def _step(one: _Tried) -> Step:
    effect = "Allow or Deny" if one.statement.effect is None else one.statement.effect.value
    return Step(
        effect,
        one.policy.type.value,
        f"{statement_words(one.statement)} of {one.subject.title}",
        one.certainty,
        one.why,
        one.subject.place_of(one.policy, one.statement.path),
    )


def _because(decided: tuple[Outcome, str]) -> str:
    outcome, missing = decided
    if outcome is Outcome.EXPLICIT_DENY:
        return "a Deny applies, whatever allows it"
    if outcome is Outcome.ALLOWED:
        return "no Deny applies, every limit lets it through and a statement allows it"
    return f"no Deny applies, but no {missing} allows it" if missing else "nothing allows it"


__all__ = ["Explanation", "Step", "Wanted", "explain_request", "shown"]
