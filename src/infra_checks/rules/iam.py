"""Rules on what identity-based IAM policies grant."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from infra_checks.access.carriers import policies_of
from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule
from infra_checks.iam.answers import Answer, Certainty
from infra_checks.iam.fresh import FRESH_VALUES, somewhere
from infra_checks.iam.model import PolicyType
from infra_checks.iam.questions import FRESH_NAME
from infra_checks.iam.text import Symbol, joined, pieces
from infra_checks.rules.granting import POLICIES, granted_by, grants, grants_of, verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.iam.model import Pattern
    from infra_checks.iam.text import Text
    from infra_checks.rules.granting import Grant

_GUIDE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
_ANY_ROLE: Final = somewhere("iam", f"role/{FRESH_NAME}")
_ANY_ACTION: Final = f"zzfresh:{FRESH_NAME}"
_ANY_RESOURCE: Final = somewhere("zzfresh", FRESH_NAME)
_OF_OTHERS: Final = {
    **FRESH_VALUES,
    "aws:resourceorgid": ("o-zzfresh",),
    "aws:resourceaccount": ("999999999999",),
}


@rule(
    *POLICIES,
    id="iam-policy-no-statements-with-admin-access",
    title="No policy allows every action on every resource",
    family=Family.IAM,
    severity=Severity.CRITICAL,
    remedy="List the actions and the ARNs that are needed in `Action` and `Resource` instead of `*`.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/iam-policy-no-statements-with-admin-access.html",
    equivalents=(
        "CKV_AWS_62",
        "CKV_AWS_63",
        "IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS",
        "IAMPolicyNoStatementsWithAdminAccess",
        "AWS-0057",
        "iam_customer_attached_policy_no_administrative_privileges",
        "iam_customer_unattached_policy_no_administrative_privileges",
        "iam_inline_policy_no_administrative_privileges",
    ),
)
def admin_access(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """Whoever holds `Allow` `*` on `*` can do everything in the account, also give that power to others and erase the
    traces. `*:*`, `**` and ARNs that are wildcards throughout mean the same; a condition narrows when, not what.
    """
    for carried in policies_of(resource, PolicyType.IDENTITY):
        told = False
        for grant in grants_of(carried):
            message = f"allows every action on every resource ({grant.name})"
            for said in verdict(ctx, _is_admin(grant.granted), grant.at_action(_ANY_ACTION), message):
                told = True
                yield said
        if not told:
            message = "allows every action on every resource by its statements together"
            yield from verdict(ctx, _is_admin(partial(granted_by, carried)), carried.at(("Statement",)), message)


@rule(
    *POLICIES,
    "AWS::IoT::Policy",
    id="iam-policy-no-statements-with-full-access",
    title="No policy allows all actions of a service",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Replace `service:*` in `Action` by the actions that are needed.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/iam-policy-no-statements-with-full-access.html",
    equivalents=(
        "F3",
        "F4",
        "F5",
        "W38",
        "IAM_ROLE_NO_WILDCARD_ACTIONS_ON_PERMISSIONS",
        "IAM_POLICY_NO_STATEMENTS_WITH_FULL_ACCESS",
        "IAM_MANAGEDPOLICY_NO_STATEMENTS_WITH_FULL_ACCESS",
        "IAMPolicyNoStatementsWithFullAccess",
        "AwsSolutions-IAM5",
        "AWS-0345",
        "iam_inline_policy_no_full_access_to_kms",
        "iam_policy_no_full_access_to_kms",
        "iam_policy_no_full_access_to_cloudtrail",
        "iam_inline_policy_no_full_access_to_cloudtrail",
    ),
)
def full_access(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """`s3:*` also allows deleting, opening to the public and every action AWS adds to the service later. AWS Config
    judges it on any resource; `*` is all actions of every service.
    """
    for grant in grants(resource):
        if grant.statement.actions is not None and not grant.statement.actions.negated:
            for pattern in grant.statement.actions.listed:
                at = grant.carried.at(pattern.path)
                message = f"allows all actions of a service ({grant.name})"
                yield from verdict(ctx, _is_whole_service(grant, pattern), at, message)


@rule(
    *POLICIES,
    id="iam-policy-no-allow-with-not-action",
    title="No policy allows everything but some actions",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Use `Action` with the actions that are needed instead of `NotAction`.",
    source=_GUIDE + "reference_policies_elements_notaction.html",
    equivalents=("W15", "W16", "W17", "IAM_ROLE_OR_POLICY_NO_ALLOW_PLUS_NOT_ACTION"),
)
def not_action(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """`Allow` with `NotAction` grants every action that is not listed, of all services, also of those that AWS has yet
    to launch.
    """
    yield from _negated(resource, ctx, "NotAction", "allows every action but those in NotAction")


@rule(
    *POLICIES,
    id="iam-policy-no-allow-with-not-resource",
    title="No policy allows actions on everything but some resources",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Use `Resource` with the ARNs that are needed instead of `NotResource`.",
    source=_GUIDE + "reference_policies_elements_notresource.html",
    equivalents=("W21", "W22", "W23", "IAM_ROLE_OR_POLICY_NO_ALLOW_PLUS_NOT_RESOURCE"),
)
def not_resource(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """`Allow` with `NotResource` grants its actions on every resource that is not listed, also on those that are
    created later.
    """
    yield from _negated(resource, ctx, "NotResource", "allows its actions on every resource but those in NotResource")


@rule(
    *POLICIES,
    id="iam-policy-pass-role-limited",
    title="Passing roles is limited to some roles or services",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="List the ARNs of the roles in `Resource`, or add a condition on `iam:PassedToService`.",
    source=_GUIDE + "access-analyzer-reference-policy-checks.html",
    equivalents=(
        "F38",
        "F39",
        "F40",
        "IAM_ROLE_NO_WILDCARD_RESOURCE_ON_PASSROLE",
        "IAM_POLICY_NO_WILDCARD_RESOURCE_ON_PASSROLE",
        "AWS-0342",
    ),
)
def pass_role(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """Who may pass any role to a service acts with the most powerful role of the account. IAM Access Analyzer asks for
    the ARNs of the roles or a condition on `iam:PassedToService`; a wildcard for all roles of one account is any role.
    """
    for grant in grants(resource):
        answer = grant.granted(["iam:PassRole"], [_ANY_ROLE])
        message = f"allows passing any role to any service ({grant.name})"
        yield from verdict(ctx, answer, grant.at_action("iam:PassRole"), message)


@rule(
    *POLICIES,
    id="iam-policy-assume-role-limited",
    title="Assuming roles is limited to some roles",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="List the ARNs of the roles in `Resource`.",
    source=_GUIDE + "id_roles_use_permissions-to-switch.html",
    equivalents=("iam_no_custom_policy_permissive_role_assumption",),
)
def assume_role(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """With `sts:AssumeRole` on every role, each role of any account that trusts this account as a whole can be taken
    on. A statement with a condition counts as limited.
    """
    for grant in grants(resource):
        answer = grant.granted(["sts:AssumeRole"], [_ANY_ROLE], _OF_OTHERS)
        yield from verdict(ctx, answer, grant.at_action("sts:AssumeRole"), f"allows assuming any role ({grant.name})")


def _is_admin(granted: Callable[[Iterable[Text], Iterable[Text]], Answer]) -> Answer:
    """Whether an action of a service that does not exist yet is granted, and thereby, unless it says otherwise, all; a
    policy that withholds IAM is not an administrator's.
    """
    everything = granted([_ANY_ACTION], [_ANY_RESOURCE])
    if everything.certainty is Certainty.NO:
        return everything
    powers = granted(["iam:PutRolePolicy"], [_ANY_ROLE])
    return everything if powers.certainty is Certainty.DEFINITE else powers


def _is_whole_service(grant: Grant, pattern: Pattern) -> Answer:
    """Whether an entry under Action is for an action, of the service it names, that does not exist yet."""
    text = _plain(pattern.text)
    first = pieces(text)[0]
    prefix = (first if isinstance(first, str) else "zzservice").partition(":")[0].replace("*", "zz").replace("?", "z")
    anywhere = replace(grant.statement, resources=None)
    return replace(grant, statement=anywhere).only(pattern._replace(text=text)).granted([f"{prefix}:{FRESH_NAME}"])


def _plain(text: Text) -> Text:
    """The text with some word for each symbol before the colon: whatever it is, the entry is for that service."""
    if not any(isinstance(piece, str) and ":" in piece for piece in pieces(text)):
        return text
    found: list[str | Symbol] = []
    for piece in pieces(text):
        is_service = not any(isinstance(each, str) and ":" in each for each in found)
        found.append("zzservice" if is_service and isinstance(piece, Symbol) else piece)
    return joined(found)


def _negated(resource: Resource, ctx: Context, element: str, message: str) -> Iterator[Verdict]:
    """A verdict for each Allow with an element that lists what is left out."""
    for grant in grants(resource):
        patterns = grant.statement.actions if element == "NotAction" else grant.statement.resources
        if patterns is not None and patterns.negated:
            at = grant.carried.at(patterns.path)
            if grant.statement.effect is None:
                yield ctx.undecided(at, f"it cannot be told whether it {message}: its Effect is not known")
            else:
                yield ctx.violation(at, f"{message} ({grant.name})")
