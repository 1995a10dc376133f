"""Whether policies grant certain access (CheckAccessNotGranted), or let in the public (CheckNoPublicAccess).

Only actions: whether one of them is allowed on anything. Only resources: whether anything is allowed on one of them.
Both: whether one of the actions is allowed on one of the resources.
Source: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CheckAccessNotGranted.html
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.access.symbols import arn_of
from infra_checks.access_questions.asking import (
    each_alone,
    entries,
    reason,
    statement_words,
    unless_denied,
    with_known_action,
)
from infra_checks.access_questions.inputs import TemplateInput
from infra_checks.access_questions.results import Reason, Result
from infra_checks.access_questions.subjects import OF_RESOURCES, Subject, subjects_of
from infra_checks.access_questions.walking import in_all_scenarios, in_order
from infra_checks.iam.answers import Answer, Certainty
from infra_checks.iam.asking import Asked, answer
from infra_checks.iam.model import Pattern, Patterns, PolicyType
from infra_checks.iam.questions import public
from infra_checks.iam.regions import SOME_ACTION, access_of, actions_in, resources_in
from infra_checks.iam.text import Symbol, pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from infra_checks.access_questions.asking import Alone
    from infra_checks.access_questions.inputs import Input
    from infra_checks.evaluate.scenario import Scenario
    from infra_checks.iam.model import Policy, Principal

_VERBS: Final = {Certainty.DEFINITE: "allows", Certainty.POSSIBLE: "may allow", Certainty.UNKNOWN: "could allow"}


class Access(NamedTuple):
    """The access that is asked about; one of the two may be empty, which is any."""

    actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()


def access_not_granted(sources: Iterable[Input], access: Access) -> Result:
    """Whether no policy of the files grants the access."""
    return _result(
        sources, lambda source, seen: partial(_granting, source, access, seen), "the access that was asked about"
    )


def no_public_access(sources: Iterable[Input], types: Sequence[str] = (), trusted: Sequence[str] = ()) -> Result:
    """Whether no policy of a resource (of the types, if given) lets in somebody whom it does not name."""
    return _result(sources, lambda source, seen: partial(_opening, source, types, trusted, seen), "public access")


def _result(
    sources: Iterable[Input],
    asking: Callable[[Input, set[tuple[str, ...]]], Callable[[Scenario], Iterable[Reason]]],
    what: str,
) -> Result:
    seen: set[tuple[str, ...]] = set()
    reasons = in_order(found for source in sources for found in in_all_scenarios(source, asking(source, seen)))
    if not reasons:
        message = f"none of {len(seen)} subjects has {what}" if seen else f"there is no policy that could allow {what}"
        return Result(message, examined=len(seen))
    sure = sum(one.certainty is Certainty.DEFINITE for one in reasons)
    perhaps = len(reasons) - sure
    counts = [
        f"{words} by {count} statement{'s' * (count > 1)}"
        for words, count in (("allowed", sure), ("perhaps allowed", perhaps))
        if count
    ]
    return Result(f"{what} is {' and '.join(counts)}", reasons, examined=len(seen))


def _granting(source: Input, access: Access, seen: set[tuple[str, ...]], scenario: Scenario) -> Iterator[Reason]:
    for each in [*subjects_of(source, scenario)]:
        subject = about_itself(each)
        seen.add((source.name, *subject.key))
        ask = partial(_granted, access=access)
        for alone in each_alone(subject.policies):
            found = ask(alone.policies)
            if found.certainty is not Certainty.NO:
                found = unless_denied(with_known_action(alone, found, ask), subject.policies)
                words = f"{subject.title}: {statement_words(alone.statement)} {_VERBS[found.certainty]} it"
                listed = entries(alone, ask) if alone.statement is not None else ()
                yield reason(subject, alone, found, words, listed)


def about_itself(subject: Subject) -> Subject:
    """A trust policy with the role as its resource, which it never names."""
    arn = arn_of(subject.holder) if subject.holder is not None else None
    if arn is None or not subject.of_type(PolicyType.TRUST):
        return subject
    role = Patterns((Pattern(arn, ()),), negated=False, path=())
    policies = (
        replace(policy, statements=tuple(replace(one, resources=role) for one in policy.statements))
        for policy in subject.policies
    )
    return replace(subject, policies=tuple(policies))


def _granted(policies: Sequence[Policy], access: Access) -> Answer:
    """As questions.granted, but what is asked about may be what a symbol stands for."""
    region = [SOME_ACTION]
    if access.actions:
        region.append(actions_in(access.actions))
    if access.resources:
        region.append(resources_in(access.resources))
    of = access_of(policies)
    return answer(
        Asked(
            of.groups,
            of.denies,
            tuple(region),
            open_groups=of.open_groups,
            open_avoided=of.is_open,
            unread=of.unread,
        )
    )


def _opening(
    source: Input,
    types: Sequence[str],
    trusted: Sequence[str],
    seen: set[tuple[str, ...]],
    scenario: Scenario,
) -> Iterator[Reason]:
    for subject in [*subjects_of(source, scenario)]:
        if not subject.of_type(*OF_RESOURCES) or not _is_meant(subject, types):
            continue
        seen.add((source.name, *subject.key))
        ask = partial(_public, trusted=trusted)
        for alone in each_alone(subject.policies):
            found = _strongest(alone, ask)
            if found.certainty is not Certainty.NO:
                found = unless_denied(with_known_action(alone, found, ask), subject.policies)
                words = f"{subject.title}: {statement_words(alone.statement)} {_VERBS[found.certainty]} public access"
                yield reason(subject, alone, found, words)


def _public(policies: Sequence[Policy], trusted: Sequence[str]) -> Answer:
    return public(policies, trusted=trusted)


def _is_meant(subject: Subject, types: Sequence[str]) -> bool:
    return not types or not isinstance(subject.source, TemplateInput) or any(kind in types for kind in subject.types)


def _strongest(alone: Alone, ask: Callable[[Sequence[Policy]], Answer]) -> Answer:
    """The strongest answer over the principals that the statement lists.

    One of which only a part is unknown is never everyone: AWS takes no wildcard within an ARN.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    statement = alone.statement
    principals = None if statement is None else statement.principals
    if statement is None or principals is None or principals.negated or not principals.listed:
        return ask(alone.policies)
    strongest = Answer(Certainty.NO)
    for principal in principals.listed:
        only = replace(statement, principals=principals._replace(listed=(principal,)))
        policies = [
            replace(policy, statements=tuple(only if one is statement else one for one in policy.statements))
            for policy in alone.policies
        ]
        found = ask(policies)
        if found.certainty is Certainty.POSSIBLE and not _may_be_everyone(principal):
            continue
        if _RANK[found.certainty] > _RANK[strongest.certainty]:
            strongest = found
    return strongest


_RANK: Final = {Certainty.NO: 0, Certainty.UNKNOWN: 1, Certainty.POSSIBLE: 2, Certainty.DEFINITE: 3}


def _may_be_everyone(principal: Principal) -> bool:
    known = pieces(principal.name)
    return len(known) == 1 or not any(isinstance(piece, Symbol) for piece in known)
