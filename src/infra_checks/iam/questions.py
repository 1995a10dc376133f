"""Questions about policies, each answered with a certainty and a witness: see answers.py.

Every question takes all policies that bear on one principal or resource at once: identity policies, boundary, control
policies, the policy of the resource. Denies among them count. Policies that grant count together, as they do within one
account; each boundary, service control policy and endpoint policy given must allow too (those of one kind together).
Actions and resources are texts as such: an answer does not know which actions exist, nor to which resources they apply.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from infra_checks.iam.answers import Answer, Certainty, Granting
from infra_checks.iam.asking import Asked, answer, best
from infra_checks.iam.boxes import is_there
from infra_checks.iam.literals import texts
from infra_checks.iam.model import Effect, Statement
from infra_checks.iam.operators import OPERATORS, Family
from infra_checks.iam.principals import IS_IDENTITY, PRINCIPAL, of_account
from infra_checks.iam.regions import SOME_ACTION, access_of, actions_in, by_principal, in_context, resources_in
from infra_checks.iam.strangers import (
    NOBODY,
    SERVICES,
    fixed_by,
    open_issuers,
    strange_accounts,
    strange_claims,
    strange_context,
    users_of,
)
from infra_checks.iam.text import ACCOUNT, joined, pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from infra_checks.iam.boxes import Part
    from infra_checks.iam.globs import Entry
    from infra_checks.iam.model import Condition, Policy, Principal
    from infra_checks.iam.regions import Access
    from infra_checks.iam.text import Text

FRESH_NAME: Final = "zz-fresh-7q4x"
"""A name that nothing in a template has."""


def fresh(template: Text) -> Text:
    """The ARN (or other text) with each `*` replaced by a name that nothing has: `arn:aws:iam::…:role/*`."""
    return joined(piece.replace("*", FRESH_NAME) if isinstance(piece, str) else piece for piece in pieces(template))


def granted(
    policies: Iterable[Policy],
    actions: Iterable[Text] | None,
    resources: Iterable[Text] | None = None,
    *,
    principal: Principal | None = None,
    context: Mapping[str, tuple[Text, ...] | None] | None = None,
) -> Answer:
    """Whether a request is allowed that has one of the actions and one of the resources.

    Actions and resources are patterns with wildcards; ask about `fresh(…)` resources to learn whether an action is
    limited. None is any. `context` gives the values of keys, None where a key is absent; a request is free to have any
    value for the others.
    A symbol that cannot hold a wildcard never equals a text of the question: names in a question are fresh ones, and
    what a template names is something else. The same symbol in both is the same.
    """
    access = access_of(policies)
    region = [*in_context(context or {})]
    apart: tuple[Entry, ...] = ()
    if actions is not None:
        region.append(actions_in(actions))
    if resources is not None:
        region.append(resources_in(resources))
    if principal is not None:
        part, word = by_principal(principal)
        region.append(part)
        apart = (word,)
    return answer(_asked(access, region, apart=apart))


def _asked(access: Access, region: Iterable[Part], *, constants: bool = True, apart: tuple[Entry, ...] = ()) -> Asked:
    return Asked(
        access.groups,
        access.denies,
        (SOME_ACTION, *region),
        apart,
        constants=constants,
        open_groups=access.open_groups,
        open_avoided=access.is_open,
        unread=access.unread,
    )


def new_access(new: Iterable[Policy], old: Iterable[Policy]) -> Answer:
    """Whether a request is allowed by `new` that `old` does not allow. NO is: `new` is at most as permissive."""
    wider, narrower = access_of(new), access_of(old)
    return best(answer(asked) for asked in _differences(wider, narrower))


def _differences(wider: Access, narrower: Access) -> Iterator[Asked]:
    """The ways in which a request is allowed by one and not by the other."""
    asked = _asked(wider, (), constants=False)._replace(
        open_avoided=wider.is_open or narrower.is_open,
        unread=(*wider.unread, *narrower.unread),
    )
    for group in narrower.groups or ((),):
        yield asked._replace(avoided=(*wider.denies, *group))
    for deny in narrower.denies:
        yield asked._replace(groups=(*asked.groups, (deny,)), open_groups=(*asked.open_groups, False))


def public(policies: Iterable[Policy], *, trusted: Iterable[str] = ()) -> Answer:
    """Whether a resource policy lets in somebody whom it does not name: of any account, anonymous, of an open issuer.

    `trusted` are further ids (accounts, organizations, networks, endpoints) that count as named. For what is a fixed
    name see strangers.py.
    """
    every = tuple(policies)
    access, fixed = access_of(every), fixed_by(every, tuple(trusted))
    context = tuple(strange_context(fixed))
    attackers: list[tuple[Part, ...]] = [strange_accounts(fixed), (NOBODY,)]
    attackers += [(users_of(issuer), *strange_claims(issuer, fixed)) for issuer in open_issuers(every, fixed)]
    return best(answer(_asked(access, (*attacker, *context))) for attacker in attackers)


def cross_account(policies: Iterable[Policy], *, own: Text = (ACCOUNT,), trusted: Iterable[Text] = ()) -> Answer:
    """Whether a resource policy lets in an identity of an account that is neither `own` nor one of `trusted`.

    With `own` the account of the stack, an account id in the policy gives a POSSIBLE: it may be the own one.
    """
    every = tuple(policies)
    access, fixed = access_of(every), fixed_by(every)
    known = [of_account(account, constants=True) for account in (own, *trusted)]
    others = (PRINCIPAL, texts(*known, positive=False))
    anyone = answer(_asked(access, (*strange_accounts(fixed), others)))
    if anyone.certainty is Certainty.DEFINITE:
        return anyone
    known = [of_account(account, constants=False) for account in (own, *trusted)]
    others = (PRINCIPAL, texts(*known, positive=False))
    identities = (PRINCIPAL, IS_IDENTITY)
    return best((anyone, answer(_asked(access, (identities, others), constants=False))))


def confused_deputy(policies: Iterable[Policy], *, trusted: Iterable[str] = ()) -> Answer:
    """Whether a resource policy lets in an AWS service that acts for a resource or account that it does not name.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    every = tuple(policies)
    fixed = fixed_by(every, tuple(trusted))
    return answer(_asked(access_of(every), (SERVICES, *strange_context(fixed))))


def dead_statements(
    policies: Iterable[Policy], *, may_be: Callable[[Statement], bool] | None = None
) -> tuple[Statement, ...]:
    """Statements that surely change nothing: no request meets them, or the others decide the same without them.

    Of two that say the same, the later one is dead. Those that `may_be` refuses are known to change something, and are
    not asked about.
    """
    left = list(policies)
    dead: list[Statement] = []
    for index in range(len(left) - 1, -1, -1):
        for statement in reversed(left[index].statements):
            if may_be is not None and not may_be(statement):
                continue
            policy = left[index]
            without = replace(policy, statements=tuple(one for one in policy.statements if one is not statement))
            others = [*left[:index], without, *left[index + 1 :]]
            if _changes_nothing(Granting(policy, statement), others):
                dead.append(statement)
                left[index] = without
    return tuple(reversed(dead))


def _changes_nothing(one: Granting, others: Iterable[Policy]) -> bool:
    if one.statement.effect is None:
        return False
    every = tuple(others)
    same_kind = [
        Granting(policy, statement)
        for policy in every
        for statement in policy.statements
        if statement.effect is one.statement.effect and policy.type is one.policy.type
    ]
    denies = access_of(every).denies if one.statement.effect is Effect.ALLOW else ()
    avoided = tuple(dict.fromkeys((*same_kind, *denies)))
    return answer(Asked(((one,),), avoided, (SOME_ACTION,))).certainty is Certainty.NO


def always_true_conditions(policies: Iterable[Policy]) -> tuple[Condition, ...]:
    """Conditions that every request with the key surely satisfies: `StringLike: *`, ranges that add up to all.

    For a condition that an absent key does not satisfy, the presence of the key is all that it asks for.
    """
    return tuple(
        condition
        for policy in policies
        for statement in policy.statements
        for condition in statement.conditions
        if OPERATORS[condition.operator].family is not Family.NULL and _is_always_true(policy, condition)
    )


def _is_always_true(policy: Policy, condition: Condition) -> bool:
    only = Statement(condition.path, None, Effect.ALLOW, None, None, None, (condition,))
    bare = replace(only, conditions=())
    there = is_there(condition.key.lower())
    asked = Asked(((Granting(policy, bare),),), (Granting(policy, only),), (there,))
    return answer(asked).certainty is Certainty.NO
