"""Rules on who outside of the account is let in: accounts, third parties, users of identity providers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from infra_checks.access.identities import ROLE
from infra_checks.access.table import CARRIERS
from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule
from infra_checks.iam.answers import Answer, Certainty
from infra_checks.iam.model import Effect, PolicyType, Principal
from infra_checks.iam.principals import split, whole_account
from infra_checks.iam.questions import FRESH_NAME, cross_account, granted
from infra_checks.iam.text import ACCOUNT, Symbol, joined, pieces, shown
from infra_checks.rules.granting import openings, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.iam.model import Policy
    from infra_checks.iam.text import Text
    from infra_checks.rules.granting import Opening

_GUIDE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
_ACCOUNT_FIELD, _ARN_FIELDS = 4, 6


@rule(
    ROLE,
    id="iam-role-trust-names-principals",
    title="A trust policy names roles or users, not whole accounts",
    family=Family.IAM,
    severity=Severity.INFO,
    remedy="Name the ARNs of the roles that assume it in `Principal`, or limit the account by `aws:PrincipalArn`.",
    source=_GUIDE + "reference_policies_elements_principal.html#principal-accounts",
    equivalents=("CKV_AWS_61", "PartialWildcardPrincipalRule"),
)
def whole_accounts(role: Resource, ctx: Context) -> Iterator[Verdict]:
    """`arn:aws:iam::111122223333:root` is not the root user but the account: whoever its administrators allow may
    assume the role. Often that is meant, so that this only informs.
    """
    for opening in openings(role, PolicyType.TRUST):
        principals = opening.statement.principals
        for one in principals.listed if principals is not None and not principals.negated else ():
            if one.kind != "AWS":
                continue
            at = opening.carried.at(one.path)
            if whole_account(one.name) is not None:
                answer = granted((opening.carried.policy,), ["sts:AssumeRole"], principal=_someone(one))
                message = f"may be assumed by all of the account {_account_in_words(one)} ({opening.name})"
                yield from verdict(ctx, answer, at, message)
            elif all(isinstance(piece, Symbol) for piece in pieces(one.name)):
                words = f"whether it may be assumed by all of an account cannot be told: it is {shown(one.name)}"
                yield ctx.undecided(at, words)


def _account_in_words(principal: Principal) -> str:
    return shown(whole_account(principal.name) or principal.name)


def _someone(principal: Principal) -> Principal:
    """A user that has nothing but the account in common with what is named."""
    account = whole_account(principal.name)
    if account is None:
        return principal
    return Principal("AWS", joined(("arn:aws:iam::", *pieces(account), f":user/{FRESH_NAME}")))


def _judged_accounts(resource: Resource, ctx: Context, *types: PolicyType) -> Iterator[Verdict]:
    """A verdict for each principal that lets in an account which is neither the own one nor one of those listed."""
    trusted = ctx.names("trusted_accounts")
    for opening in openings(resource, *types):
        if _is_for_organization(opening, trusted) or _is_for_sources(opening, trusted):
            continue
        for principal, policy in _one_by_one(opening):
            answer = cross_account((policy,), trusted=trusted)
            at = opening.carried.at(principal.path or opening.statement.path)
            message = f"lets in {_whom(principal)}, which is not among the trusted accounts ({opening.name})"
            if answer.symbols == (ACCOUNT,) and _stated_account(principal) is not None:
                yield ctx.violation(at, message)  # an account by its number, which is to be in the list
            else:
                yield from verdict(ctx, answer, at, message)


def _one_by_one(opening: Opening) -> Iterator[tuple[Principal, Policy]]:
    """Each principal of a statement with the policy for it alone; services and identity providers are of no account."""
    statement, policy = opening.statement, opening.carried.policy
    denies = tuple(one for one in policy.statements if one.effect is Effect.DENY)
    principals = statement.principals
    if principals is None or principals.negated:
        path = statement.path if principals is None else principals.path
        yield Principal("*", "*", path), replace(policy, statements=(statement, *denies), unread=())
        return
    for one in principals.listed:
        if one.kind not in {"Service", "Federated"}:
            alone = replace(statement, principals=principals._replace(listed=(one,)))
            yield one, replace(policy, statements=(alone, *denies), unread=())


def _is_for_organization(opening: Opening, trusted: tuple[str, ...]) -> bool:
    """Whether a statement asks for an organization that is among the trusted."""
    return any(
        condition.key.lower() == "aws:principalorgid"
        and condition.operator == "StringEquals"
        and not (condition.if_exists or condition.qualifier or condition.partial)
        and all(value.text in trusted for value in condition.values)
        for condition in opening.statement.conditions
    )


def _is_for_sources(opening: Opening, trusted: tuple[str, ...]) -> bool:
    """Whether a statement lets in nobody but services that act for resources of the own account or a trusted one.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    return any(
        condition.key.lower() in _SOURCES
        and condition.operator in _POSITIVE
        and not (condition.if_exists or condition.qualifier or condition.partial)
        and condition.values
        and all(_is_own_source(opening, value.text, trusted) for value in condition.values)
        for condition in opening.statement.conditions
    )


_SOURCES: Final = ("aws:sourcearn", "aws:sourceaccount", "aws:sourceowner")
_POSITIVE: Final = ("ArnEquals", "ArnLike", "StringEquals", "StringLike")


def _is_own_source(opening: Opening, text: Text, trusted: tuple[str, ...]) -> bool:
    fields = split(text, ":", _ARN_FIELDS)
    account = fields[_ACCOUNT_FIELD] if len(fields) == _ARN_FIELDS else text
    if account:
        return account in ((ACCOUNT,), *trusted)
    names = [piece.name for piece in pieces(fields[-1]) if isinstance(piece, Symbol)]  # a bucket: its ARN has none
    return len(names) == 1 and opening.carried.holder.stack.get(names[0]) is not None


def _whom(principal: Principal) -> str:
    if principal.name == "*":
        return "every account"
    fields = split(principal.name, ":", _ARN_FIELDS)
    account = fields[_ACCOUNT_FIELD] if len(fields) == _ARN_FIELDS else principal.name
    return f"the account {shown(account)}" if account else shown(principal.name)


@rule(
    ROLE,
    id="iam-role-trust-accounts-listed",
    title="Only accounts that are trusted may assume the role",
    family=Family.IAM,
    severity=Severity.INFO,
    remedy="Add the account to the option `trusted-accounts` of the pack, or remove it from `Principal`.",
    source=_GUIDE + "tutorial_cross-account-with-roles.html",
    equivalents=("CrossAccountTrustRule",),
    options={"trusted_accounts": ()},
)
def trusted_accounts(role: Resource, ctx: Context) -> Iterator[Verdict]:
    """A role that another account may assume is as safe as that account. The option `trusted-accounts` lists the ids of
    those that may, and the ids of organizations whose accounts all may; `!Ref AWS::AccountId` is always the own one,
    while a number is looked up in the list.
    """
    yield from _judged_accounts(role, ctx, PolicyType.TRUST)


@rule(
    *sorted(
        kind
        for kind, carriers in CARRIERS.items()
        if any(carrier.type in {PolicyType.RESOURCE, PolicyType.KEY} for carrier in carriers)
    ),
    id="resource-policy-accounts-listed",
    title="Only accounts that are trusted may use the resource",
    family=Family.IAM,
    severity=Severity.INFO,
    remedy="Add the account to the option `trusted-accounts` of the pack, or remove it from `Principal`.",
    source=_GUIDE + "access_policies-cross-account-resource-access.html",
    equivalents=(
        "S3CrossAccountTrustRule",
        "KMSKeyCrossAccountTrustRule",
        "s3_bucket_cross_account_access",
        "eventbridge_bus_cross_account_access",
        "dynamodb_table_cross_account_access",
    ),
    options={"trusted_accounts": ()},
)
def trusted_users(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """What another account may read or use is as safe as that account. The option `trusted-accounts` lists the ids of
    those that may, and the ids of organizations whose accounts all may; `!Ref AWS::AccountId` is always the own one,
    while a number is looked up in the list.
    """
    yield from _judged_accounts(resource, ctx, PolicyType.RESOURCE, PolicyType.KEY)


@rule(
    ROLE,
    id="iam-role-trust-external-id",
    title="A third party shows an external id",
    family=Family.IAM,
    severity=Severity.INFO,
    remedy='Add `Condition: {StringEquals: {"sts:ExternalId": ...}}` with the id that the third party gave you, or add '
    "the account to the option `own-accounts`.",
    source=_GUIDE + "id_roles_common-scenarios_third-party.html",
    options={"own_accounts": ()},
)
def external_id(role: Resource, ctx: Context) -> Iterator[Verdict]:
    """A third party assumes roles for many customers. Without an external id, one customer can make it use the role of
    another by naming its ARN. The option `own-accounts` lists the accounts of the organisation, to which this does not
    apply; a condition on the organisation has the same effect.
    """
    own = ctx.names("own_accounts")
    for opening in openings(role, PolicyType.TRUST):
        principals = opening.statement.principals
        for one in principals.listed if principals is not None and not principals.negated else ():
            account = _stated_account(one)
            if account is None or account in own:
                continue
            for values, words in ((None, "without an external id"), ((FRESH_NAME,), "with any external id")):
                asked = {"sts:externalid": values, "aws:principalorgid": None, "aws:principalorgpaths": None}
                answer = granted((opening.carried.policy,), ["sts:AssumeRole"], principal=_someone(one), context=asked)
                if answer.certainty is not Certainty.NO:
                    message = f"may be assumed by the account {account} {words} ({opening.name})"
                    yield from verdict(ctx, answer, opening.carried.at(one.path), message)
                    break


def _stated_account(principal: Principal) -> str | None:
    """The number of the account of a principal, where the template has it."""
    if principal.kind != "AWS":
        return None
    fields = split(principal.name, ":", _ARN_FIELDS)
    account: Text | None = fields[_ACCOUNT_FIELD] if len(fields) == _ARN_FIELDS else whole_account(principal.name)
    return account if isinstance(account, str) and account.isdigit() else None


_SUBJECTS: Final = (FRESH_NAME, f"repo:{FRESH_NAME}/{FRESH_NAME}:ref:refs/heads/{FRESH_NAME}")
"""Subjects that no template names; the second as GitHub writes them."""

_PUBLIC: Final = ("accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com")
"""Providers that AWS knows by their domain. Their audience is an application or identity pool of one's own, which
nobody else gets a token for (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_manual.html).
"""

_OWN_KEYS: Final = ("aws:", "sts:", "saml:")


@rule(
    ROLE,
    id="iam-role-trust-oidc-subject",
    title="An identity provider lets named users assume the role",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Add a condition on the subject, such as `StringEquals: "
    '{"token.actions.githubusercontent.com:sub": "repo:organisation/repository:ref:refs/heads/main"}`.',
    source=_GUIDE + "id_roles_create_for-idp_oidc.html",
    equivalents=("CKV_AWS_358",),
)
def subject(role: Resource, ctx: Context) -> Iterator[Verdict]:
    """Every user, repository or pod of an OpenID Connect provider gets a token; only conditions on its claims say which
    of them may assume the role. The audience alone does not: it is the same for all, but for providers such as Cognito,
    where it is one application. Conditions that hold when the claim is missing, or that take every value, limit
    nothing.
    """
    for opening in openings(role, PolicyType.TRUST):
        principals = opening.statement.principals
        for one in principals.listed if principals is not None and not principals.negated else ():
            if one.kind == "Federated" and (":oidc-provider/" in shown(one.name) or one.name in _PUBLIC):
                answer = _any_subject(opening.carried.policy, one)
                name = shown(one.name).rpartition("oidc-provider/")[2]
                message = f"may be assumed by everyone who has a token of {name} ({opening.name})"
                yield from verdict(ctx, answer, opening.carried.at(one.path), message)


def _any_subject(policy: Policy, principal: Principal) -> Answer:
    """Whether somebody may assume the role of whom no claim but the audience is one that the policy names."""
    keys = {
        condition.key.lower()
        for statement in policy.statements
        for condition in statement.conditions
        if not condition.key.lower().startswith(_OWN_KEYS)
        and (principal.name in _PUBLIC or not condition.key.lower().endswith((":aud", ":iss")))
    }
    answers = [
        granted(
            (policy,),
            ["sts:AssumeRoleWithWebIdentity"],
            principal=principal,
            context={key: (value,) if _may_have(principal, key) else None for key in sorted(keys)},
        )
        for value in _SUBJECTS
    ]
    return next((one for one in answers if one.certainty is Certainty.DEFINITE), answers[0])


def _may_have(principal: Principal, key: str) -> bool:
    """Whether a token of the provider has the claim: keys begin with the name of their own provider."""
    issuer = shown(principal.name).rpartition(":oidc-provider/")[2].lower()
    return "${" in issuer or key.startswith(f"{issuer}:")
