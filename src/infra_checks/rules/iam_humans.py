"""A rule on privileged roles that people assume: they show a second factor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.access.carriers import policies_of
from infra_checks.access.identities import ROLE, identity_of
from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule
from infra_checks.iam.answers import Answer, Certainty
from infra_checks.iam.fresh import FRESH_VALUES, limited_context, somewhere
from infra_checks.iam.model import Effect, PolicyType, Principal
from infra_checks.iam.principals import whole_account
from infra_checks.iam.questions import FRESH_NAME, granted
from infra_checks.iam.text import joined, pieces, shown
from infra_checks.rules.granting import statement_name, why

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from infra_checks.access.carriers import Carried
    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.iam.model import Policy

_ANYTHING: Final = (f"zzfresh:{FRESH_NAME}", somewhere("zzfresh", FRESH_NAME))
_POWERS: Final = {
    "iam:AttachRolePolicy": "role",
    "iam:AttachUserPolicy": "user",
    "iam:CreateAccessKey": "user",
    "iam:CreateLoginProfile": "user",
    "iam:CreatePolicyVersion": "policy",
    "iam:PutRolePolicy": "role",
    "iam:PutUserPolicy": "user",
    "iam:UpdateAssumeRolePolicy": "role",
}
"""Actions with any of which the permissions of others can be taken, and what they act on."""

_PRESENT: Final = "aws:multifactorauthpresent"
_WITHOUT: Final[Mapping[str, tuple[tuple[str, ...] | None, ...]]] = {
    "missing, as with access keys": (None,),
    "false": (("false",), ("false", "false")),  # twice for ForAnyValue and ForAllValues, which ask about lists
}
"""What aws:MultiFactorAuthPresent is for those without a second factor:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent"""


@rule(
    ROLE,
    id="iam-human-role-requires-mfa",
    title="People assume a privileged role with a second factor only",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy='Add `Condition: {Bool: {"aws:MultiFactorAuthPresent": "true"}}` to the Allow; in a Deny, use '
    '`BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}`. Where a program assumes it, name the program\'s role in '
    "`Principal`.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html",
)
def second_factor(role: Resource, ctx: Context) -> Iterator[Verdict]:
    """Who steals the password or access key of a user has what the user's roles may do, unless they ask for a second
    factor. The key aws:MultiFactorAuthPresent is missing from requests with access keys and false in those of sessions
    without a device, so that `BoolIfExists` in an Allow, `Bool` in a Deny and `Null` require nothing. Judged are roles
    that users, accounts or everyone may assume without an external id, and that may do everything or take the
    permissions of others. Services, roles and identity providers are not people.
    """
    for carried in policies_of(role, PolicyType.TRUST):
        for principal in _people(carried):
            without = [(words, _allowed(carried.policy, principal, words)) for words in _WITHOUT]
            words, answer = max(without, key=lambda one: _STRENGTH[one[1].certainty])
            if answer.certainty is Certainty.NO:
                continue
            yield from _judge(role, ctx, carried, principal, (words, answer))
            return


_STRENGTH: Final = {Certainty.NO: 0, Certainty.UNKNOWN: 1, Certainty.POSSIBLE: 2, Certainty.DEFINITE: 3}


def _judge(
    role: Resource, ctx: Context, carried: Carried, principal: Principal, without: tuple[str, Answer]
) -> Iterator[Verdict]:
    words, answer = without
    power = _power(role)
    if power is None:
        return
    does, privileged = power
    at = carried.at(principal.path or ("Statement",))
    message = f"{does} and may be assumed by {shown(principal.name)} without a second factor"
    if answer.certainty is Certainty.DEFINITE and privileged.certainty is Certainty.DEFINITE:
        by = f" ({statement_name(answer.granting[0].statement)})" if answer.granting else ""
        yield ctx.violation(at, f"{message}: aws:MultiFactorAuthPresent may be {words}{by}")
    else:
        doubt = answer if answer.certainty is not Certainty.DEFINITE else privileged
        yield ctx.undecided(at, f"it cannot be told whether it {message}: {why(doubt)}")


def _people(carried: Carried) -> Iterator[Principal]:
    """Those of whom a trust policy speaks and who may be people: users, all of an account, everyone."""
    for statement in carried.policy.statements:
        if statement.effect is Effect.DENY or statement.principals is None:
            continue
        if statement.principals.negated:
            yield Principal("AWS", "*", statement.principals.path)
        for one in statement.principals.listed if not statement.principals.negated else ():
            if one.kind in {"*", "AWS"} and _may_be_person(one):
                yield one


def _may_be_person(principal: Principal) -> bool:
    name = shown(principal.name)
    return name == "*" or whole_account(principal.name) is not None or ":user/" in name


def _allowed(trust: Policy, principal: Principal, words: str) -> Answer:
    """Whether one of the principal's users may assume the role without a second factor and without an external id."""
    account = whole_account(principal.name)
    name = principal.name
    if account is not None:
        name = joined(("arn:aws:iam::", *pieces(account), f":user/{FRESH_NAME}"))
    elif name == "*":
        name = f"arn:aws:iam::999999999999:user/{FRESH_NAME}"
    answers = []
    for values in _WITHOUT[words]:
        asked = {_PRESENT: values, "aws:multifactorauthage": None, "sts:externalid": None}
        answers.append(granted((trust,), ["sts:AssumeRole"], principal=Principal("AWS", name), context=asked))
    return min(answers, key=lambda one: _STRENGTH[one.certainty])


def _power(role: Resource) -> tuple[str, Answer] | None:
    """What makes the role a privileged one, and how sure that is; None when nothing does."""
    identity = identity_of(role)
    policies = (*identity.policies, *(() if identity.boundary is None else (identity.boundary.policy,)))
    values = limited_context(policies, FRESH_VALUES)
    doubt: tuple[str, Answer] | None = None
    questions = [("may do everything", *_ANYTHING)]
    questions += [
        (f"may {action}", action, somewhere("iam", f"{kind}/{FRESH_NAME}")) for action, kind in _POWERS.items()
    ]
    for words, action, resource in questions:
        answer = granted(policies, [action], [resource], context=values)
        if answer.certainty is Certainty.DEFINITE:
            return words, answer
        if answer.certainty is not Certainty.NO and doubt is None:
            doubt = "is privileged", answer
    return doubt
