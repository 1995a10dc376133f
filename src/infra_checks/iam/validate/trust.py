"""Trust policies: which action fits which principal, and what federation needs.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html and the reference of checks,
https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html; for Roles Anywhere
https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.iam.model import Effect, PolicyType
from infra_checks.iam.validate.problems import problem
from infra_checks.iam.validate.texts import HOLE, flat, has_wildcard, matches, readable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.iam.model import Condition, Pattern, Principal
    from infra_checks.iam.validate.drafts import Draft, Part
    from infra_checks.iam.validate.problems import Problem

ASSUME: Final = "sts:assumerole"
SAML: Final = "sts:assumerolewithsaml"
WEB: Final = "sts:assumerolewithwebidentity"
TAG: Final = "sts:tagsession"
IDENTITY: Final = "sts:setsourceidentity"
ROLES_ANYWHERE: Final = "rolesanywhere.amazonaws.com"
GITHUB: Final = "token.actions.githubusercontent.com"

_ACTIONS: Final = frozenset((ASSUME, SAML, WEB, TAG, IDENTITY, "sts:setcontext"))
_CLAIMS_OF_APPLICATIONS: Final = (":sub", ":amr", ":app_id", ":user_id", ":oaud")
_PUBLIC_PROVIDERS: Final = (
    *("accounts.google.com", "graph.facebook.com", "www.amazon.com"),
    "cognito-identity.amazonaws.com",
)
"""Providers whose audience is an application or identity pool, which nobody else can ask for."""
_GITHUB_CLAIMS: Final = (
    *("sub", "repository", "repository_id", "repository_owner", "repository_owner_id", "job_workflow_ref"),
    *("workflow_ref", "enterprise", "enterprise_id"),
)
"""Claims of GitHub that say whose repository it is."""


def check_trust(draft: Draft, part: Part) -> Iterator[Problem]:
    """One statement of a trust policy."""
    if draft.type is not PolicyType.TRUST:
        return
    for name in ("Resource", "NotResource"):
        if name in part.element:
            message = f"has {name}, which a trust policy cannot have"
            yield problem("ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE", (*part.path, name), message)
    actions = _listed(part)
    yield from _foreign(actions)
    if part.read.effect is Effect.ALLOW:
        yield from _mismatched(part, actions)
        yield from _without_action(part, actions)
        yield from _open_id(part, actions)
        yield from _anywhere(draft, part)


def _listed(part: Part) -> tuple[Pattern, ...]:
    actions = part.read.actions
    return () if actions is None or actions.negated else actions.listed


def _foreign(actions: tuple[Pattern, ...]) -> Iterator[Problem]:
    for action in actions:
        pattern = flat(action.text)
        if not any(matches(pattern.lower(), name) for name in _ACTIONS):
            message = f"has the action {readable(pattern)}; a trust policy is for those of sts that assume roles"
            yield problem("UNSUPPORTED_ACTION_IN_POLICY", action.path, message)


def _fit(principal: Principal) -> frozenset[str] | None:
    """The actions with which a principal can assume a role; None when its kind cannot be told."""
    if principal.kind in ("AWS", "Service"):
        return frozenset((ASSUME,))
    if principal.kind != "Federated":
        return None
    name = flat(principal.name)
    if ":saml-provider/" in name:
        return frozenset((SAML,))
    if ":oidc-provider/" in name or ("." in name and not name.startswith("arn:") and HOLE not in name):
        return frozenset((WEB,))
    return frozenset((SAML, WEB))


def _mismatched(part: Part, actions: tuple[Pattern, ...]) -> Iterator[Problem]:
    principals = part.read.principals
    if principals is None or principals.negated or principals.partial or not principals.listed:
        return
    fits = [_fit(one) for one in principals.listed]
    if any(fit is None for fit in fits):
        return
    fit = frozenset().union(*(one for one in fits if one))
    for action in actions:
        name = flat(action.text).lower()
        if name in (ASSUME, SAML, WEB) and name not in fit:
            names = ", ".join(sorted({one.kind for one in principals.listed}))
            message = f"has the action {flat(action.text)}, with which no principal of the kind {names} here can call"
            yield problem("MISMATCHED_ACTION_FOR_PRINCIPAL", action.path, message)


def _without_action(part: Part, actions: tuple[Pattern, ...]) -> Iterator[Problem]:
    """Keys that are there only when another action is asked for in the same call."""
    if part.read.actions is None or part.read.actions.negated or part.read.actions.partial:
        return
    for condition in part.read.conditions:
        key = condition.key.lower()
        if key.startswith("aws:requesttag/") or key in ("aws:tagkeys", "sts:transitivetagkeys"):
            needed, name = TAG, "sts:TagSession"
        elif key == "sts:sourceidentity":
            needed, name = IDENTITY, "sts:SetSourceIdentity"
        else:
            continue
        if not any(matches(flat(action.text).lower(), needed) for action in actions):
            message = f"has a condition on {condition.key}, which is set by {name}, and does not list that action"
            yield problem("MISSING_ACTION_FOR_CONDITION_KEY", condition.path, message)


def _anywhere(draft: Draft, part: Part) -> Iterator[Problem]:
    """IAM Roles Anywhere calls with three actions, which other statements may allow."""
    if not draft.whole or not any(_is_roles_anywhere(one) for one in _named(part)):
        return
    if part != next(one for one in draft.parts if _allows_anywhere(one)):
        return
    every = [one for one in draft.parts if _allows_anywhere(one)]
    if any(one.read.actions is None or one.read.actions.negated or one.read.actions.partial for one in every):
        return
    allowed = [flat(action.text).lower() for one in every for action in _listed(one)]
    names = {ASSUME: "sts:AssumeRole", IDENTITY: "sts:SetSourceIdentity", TAG: "sts:TagSession"}
    missing = [name for key, name in names.items() if not any(matches(one, key) for one in allowed)]
    if missing:
        message = f"does not allow {ROLES_ANYWHERE} {', '.join(missing)}"
        yield problem("MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY", (*part.path, "Action"), message)


def _allows_anywhere(part: Part) -> bool:
    return part.read.effect is Effect.ALLOW and any(_is_roles_anywhere(one) for one in _named(part))


def _is_roles_anywhere(principal: Principal) -> bool:
    return principal.kind == "Service" and principal.name == ROLES_ANYWHERE


def _named(part: Part) -> tuple[Principal, ...]:
    principals = part.read.principals
    return () if principals is None or principals.negated else principals.listed


def provider(principal: Principal) -> str | None:
    """The domain (and path) of an OIDC provider, as condition keys begin; None for what surely is none or not known."""
    if principal.kind != "Federated":
        return None
    name = flat(principal.name)
    _, found, url = name.rpartition(":oidc-provider/")
    if not found and (name.startswith("arn:") or HOLE in name):
        return None
    return url.lower() if HOLE not in url else None


def _open_id(part: Part, actions: tuple[Pattern, ...]) -> Iterator[Problem]:
    """Who may come from an OIDC provider."""
    conditions = part.read.conditions
    yield from _audiences(conditions)
    web = any(matches(flat(action.text).lower(), WEB) for action in actions)
    if not web or part.read.incomplete or any(not _is_plain(condition) for condition in conditions):
        return
    for one in _named(part):
        url = provider(one)
        if url is None:
            continue
        keys = {condition.key.lower() for condition in conditions}
        own = {key for key in keys if key.startswith(f"{url}:") or (":" not in url and key.partition(":")[0] == url)}
        if url == GITHUB:
            yield from _repository(one, own, conditions)
        elif not own:
            message = f"lets everyone with an account at {url} assume the role"
            yield problem("MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL", one.path, message)
        elif not any(key.endswith(_CLAIMS_OF_APPLICATIONS) for key in own) and url not in _PUBLIC_PROVIDERS:
            message = f"asks {url} for {', '.join(sorted(own))} and not who calls"
            yield problem("OIDC_WITHOUT_SUBJECT", one.path, message)


def _is_plain(condition: Condition) -> bool:
    """Whether the key of a condition is all known: a key made of symbols stands as `${...}`."""
    return "${" not in condition.key


def _repository(principal: Principal, own: set[str], conditions: tuple[Condition, ...]) -> Iterator[Problem]:
    if not any(key.removeprefix(f"{GITHUB}:") in _GITHUB_CLAIMS for key in own):
        message = "lets every repository on GitHub assume the role"
        yield problem("MISSING_GITHUB_REPO_CONDITION_KEY", principal.path, message)
        return
    named = f"{GITHUB}:ref" in own
    for condition in conditions:
        if condition.key.lower() != f"{GITHUB}:sub" or "Like" not in condition.operator:
            continue
        for value in condition.values:
            text = flat(value.text)
            if has_wildcard(text) and not (named and _names_repository(text)):
                message = f"lets every subject like {readable(text)} of GitHub assume the role"
                yield problem("SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED", value.path, message)


def _names_repository(subject: str) -> bool:
    parts = subject.split(":")
    return len(parts) > 1 and parts[0] == "repo" and not has_wildcard(parts[1])


def _audiences(conditions: tuple[Condition, ...]) -> Iterator[Problem]:
    for condition in conditions:
        key = condition.key.lower()
        if not key.endswith(":aud") or not condition.qualifier:
            continue
        message = f"has {condition.qualifier} for {condition.key}, of which tokens have one value"
        if condition.qualifier == "ForAnyValue":
            yield problem("FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE", condition.path, message)
        else:
            yield problem("CONFIRM_AUDIENCE_CLAIM_TYPE", condition.path, message)
