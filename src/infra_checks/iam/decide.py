"""Whether policies allow one concrete request: allowed, denied by a statement, or denied because nothing allows it.

1. A Deny that applies, in whichever policy, decides.
2. Service control policies, endpoint policies and the permissions boundary must each allow, where there are any; the
   policies of one kind count together, so give what stands at one level of an organization only. Resource control
   policies only deny: their one Allow, RCPFullAWSAccess, is attached everywhere and cannot be detached.
3. Then within one account an identity policy or the policy of the resource is enough, across accounts both must allow.
   The policies of roles (trust) and of keys must allow in any case.
   A resource policy that names an account leaves the decision to that account: an identity policy must allow as well.
   One that names a user, or the session of a role, is not limited by the boundary.

Principals that are no IAM identities (services, federated and anonymous ones) have no identity policies.

Sources, all below https://docs.aws.amazon.com/IAM/latest/UserGuide/:
reference_policies_evaluation-logic_policy-eval-denyallow.html, reference_policies_evaluation-logic-cross-account.html,
access_policies_boundaries.html (effective permissions with resource-based policies), and
https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html (the key policy must allow).
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.iam.matches import account_of, applies, includes, named_account
from infra_checks.iam.model import Effect, Policy, PolicyType, Principal, Request, Statement
from infra_checks.iam.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

LIMITS: Final = (PolicyType.SCP, PolicyType.ENDPOINT, PolicyType.BOUNDARY)
"""Kinds that grant nothing and must each allow."""

OF_RESOURCES: Final = (PolicyType.RESOURCE, PolicyType.TRUST, PolicyType.KEY)
"""Kinds that are attached to what is accessed."""

_ALWAYS_NEEDED: Final = (PolicyType.TRUST, PolicyType.KEY)
_OF_PRINCIPALS: Final = (PolicyType.SCP, PolicyType.BOUNDARY)


class Outcome(Enum):
    """What becomes of the request."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitly denied"
    IMPLICIT_DENY = "implicitly denied"


class Applied(NamedTuple):
    """A statement that applies, and the policy it is from."""

    policy: Policy
    statement: Statement


class Decision(NamedTuple):
    """The outcome, and the statements that led to it: the Denies, the Allows, or none for an implicit deny.

    `missing` says for an implicit deny which kind of policy does not allow.
    """

    outcome: Outcome
    statements: tuple[Applied, ...] = ()
    missing: PolicyType | None = None


def decide(request: Request, policies: Iterable[Policy], *, cross_account: bool | None = None) -> Decision:
    """What becomes of the request under the policies.

    `cross_account` says whether principal and resource are of different accounts; left out, the accounts in the ARNs
    and in `aws:ResourceAccount` tell, and where they do not, one account is meant.
    Statements that were not read completely do not apply. Raises ValueError for symbols without a value.
    """
    applied = [
        Applied(policy, statement)
        for policy in policies
        for statement in policy.statements
        if not statement.incomplete and statement.effect is not None and applies(statement, request)
    ]
    denies = tuple(one for one in applied if one.statement.effect is Effect.DENY)
    if denies:
        return Decision(Outcome.EXPLICIT_DENY, denies)
    allows = [one for one in applied if one.statement.effect is Effect.ALLOW]
    kinds = frozenset(policy.type for policy in policies)
    across = _is_cross_account(request) if cross_account is None else cross_account
    return _granted(request, allows, kinds, across=across)


def _granted(request: Request, allows: list[Applied], kinds: frozenset[PolicyType], *, across: bool) -> Decision:
    identity = request.principal is None or request.principal.kind == "AWS"
    granting = [one for one in allows if one.policy.type in (PolicyType.IDENTITY, *OF_RESOURCES)]
    direct = any(_is_direct(one, request.principal) for one in granting)
    for kind in LIMITS:
        exempt = kind in _OF_PRINCIPALS and not identity
        if kind is PolicyType.BOUNDARY and not across and any(_passes_boundary(one, request) for one in granting):
            exempt = True
        if kind in kinds and not exempt and not any(one.policy.type is kind for one in allows):
            return Decision(Outcome.IMPLICIT_DENY, missing=kind)
    by_identity = any(one.policy.type is PolicyType.IDENTITY for one in granting)
    for kind in OF_RESOURCES:
        needed = across or not identity or kind in _ALWAYS_NEEDED
        if kind in kinds and needed and not any(one.policy.type is kind for one in granting):
            return Decision(Outcome.IMPLICIT_DENY, missing=kind)
    if by_identity or (direct and not (across and identity)):
        return Decision(Outcome.ALLOWED, tuple(allows))
    return Decision(Outcome.IMPLICIT_DENY, missing=PolicyType.IDENTITY if identity else PolicyType.RESOURCE)


def _is_direct(one: Applied, principal: Principal | None) -> bool:
    """Whether a resource policy names the principal, or everybody, and not just the principal's account."""
    if one.policy.type not in OF_RESOURCES:
        return False
    principals = one.statement.principals
    if principals is None or principals.negated or principal is None:
        return True
    return any(
        includes(listed, principal) and (listed.kind != "AWS" or named_account(shown(listed.name)) is None)
        for listed in principals.listed
    )


def _passes_boundary(one: Applied, request: Request) -> bool:
    """Whether a resource policy names the very user or session, which no boundary limits."""
    principals, principal = one.statement.principals, request.principal
    if one.policy.type not in OF_RESOURCES or principals is None or principals.negated or principal is None:
        return False
    name = shown(principal.name)
    own = ":user/" in name or name.split(":")[2:3] == ["sts"]
    return own and any(listed.kind == "AWS" and shown(listed.name) == name for listed in principals.listed)


def _is_cross_account(request: Request) -> bool:
    if request.principal is None:
        return False
    of_principal = account_of(shown(request.principal.name))
    told = request.context.get("aws:resourceaccount", ())
    of_resource = told[0] if told else account_of(request.resource)
    return bool(of_principal and of_resource and of_principal != of_resource)
