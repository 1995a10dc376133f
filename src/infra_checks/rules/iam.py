"""Rules on what identity-based IAM policies grant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule
from infra_checks.evaluate.view import EACH
from infra_checks.rules.globs import ANY_ACTION, ANY_RESOURCE, covers_service
from infra_checks.rules.policies import (
    Match,
    allows_action,
    allows_resource,
    any_of,
    both,
    has_condition,
    is_given,
    judged_statements,
    names_action,
    negated,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.rules.policies import Statement

_INLINE: Final = ("Policies", EACH, "PolicyDocument")
_DOCUMENTS: Final = {
    "AWS::IAM::Group": _INLINE,
    "AWS::IAM::GroupPolicy": ("PolicyDocument",),
    "AWS::IAM::ManagedPolicy": ("PolicyDocument",),
    "AWS::IAM::Policy": ("PolicyDocument",),
    "AWS::IAM::Role": _INLINE,
    "AWS::IAM::RolePolicy": ("PolicyDocument",),
    "AWS::IAM::User": _INLINE,
    "AWS::IAM::UserPolicy": ("PolicyDocument",),
}
"""The types that hold identity-based policies, and where."""

_GUIDE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
_ANY_ROLE: Final = "arn:aws:iam::zqzqzqzq:role/zqzqzqzq"

_ESCALATING: Final = {
    "iam:AddUserToGroup": "group",
    "iam:AttachGroupPolicy": "group",
    "iam:AttachRolePolicy": "role",
    "iam:AttachUserPolicy": "user",
    "iam:CreateAccessKey": "user",
    "iam:CreateLoginProfile": "user",
    "iam:CreatePolicyVersion": "policy",
    "iam:PutGroupPolicy": "group",
    "iam:PutRolePolicy": "role",
    "iam:PutUserPolicy": "user",
    "iam:SetDefaultPolicyVersion": "policy",
    "iam:UpdateAssumeRolePolicy": "role",
    "iam:UpdateLoginProfile": "user",
}
"""Actions each of which alone lets its holder gain the permissions of others, and what they act on."""


@rule(
    *_DOCUMENTS,
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
        "iam_inline_policy_no_administrative_privileges",
    ),
)
def admin_access(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """Whoever holds `Allow` `*` on `*` can do everything in the account, also give that power to others and erase the
    traces. `*:*`, `**` and ARNs that are wildcards throughout mean the same; a condition narrows when, not what.
    """
    words = "allows every action on every resource", "whether it allows every action on every resource"
    yield from judged_statements(resource, ctx, _is_admin, _DOCUMENTS[resource.type], words)


def _is_admin(statement: Statement) -> Match:
    return both(names_action(statement, ANY_ACTION), lambda: allows_resource(statement, ANY_RESOURCE))


@rule(
    *_DOCUMENTS,
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
    words = "allows all actions of a service", "whether it allows all actions of a service"
    yield from judged_statements(resource, ctx, _is_full_service, _DOCUMENTS[resource.type], words)


def _is_full_service(statement: Statement) -> Match:
    values = statement.elements("Action")
    return any_of((Match(covers_service(value), value) for value in values), statement.value("Action"))


@rule(
    *_DOCUMENTS,
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
    words = "allows every action but those in NotAction", "whether it uses NotAction"
    yield from judged_statements(
        resource, ctx, lambda statement: is_given(statement, "NotAction"), _DOCUMENTS[resource.type], words
    )


@rule(
    *_DOCUMENTS,
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
    words = "allows its actions on every resource but those in NotResource", "whether it uses NotResource"
    yield from judged_statements(
        resource, ctx, lambda statement: is_given(statement, "NotResource"), _DOCUMENTS[resource.type], words
    )


def _unconditional(statement: Statement, match: Match) -> Match:
    """A match that a condition takes away."""
    return both(match, lambda: negated(has_condition(statement)))


@rule(
    *_DOCUMENTS,
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
    words = "allows passing any role to any service", "whether it allows passing any role"
    yield from judged_statements(resource, ctx, _passes_any_role, _DOCUMENTS[resource.type], words)


def _passes_any_role(statement: Statement) -> Match:
    granted = both(allows_action(statement, "iam:PassRole"), lambda: allows_resource(statement, _ANY_ROLE))
    return _unconditional(statement, granted)


@rule(
    *_DOCUMENTS,
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
    words = "allows assuming any role", "whether it allows assuming any role"
    yield from judged_statements(resource, ctx, _assumes_any_role, _DOCUMENTS[resource.type], words)


def _assumes_any_role(statement: Statement) -> Match:
    granted = both(allows_action(statement, "sts:AssumeRole"), lambda: allows_resource(statement, _ANY_ROLE))
    return _unconditional(statement, granted)


@rule(
    *_DOCUMENTS,
    id="iam-policy-no-privilege-escalation",
    title="No policy lets its holder gain the permissions of others",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Name the users, groups, roles or policies in `Resource`, or require a permissions boundary in `Condition`.",
    source=_GUIDE + "access_policies_boundaries.html",
    equivalents=(
        "CKV_AWS_110",
        "iam_policy_allows_privilege_escalation",
        "iam_inline_policy_allows_privilege_escalation",
    ),
)
def privilege_escalation(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """Some actions of IAM on every user, group, role or policy are as good as administrator access: their holder
    writes a policy for itself, or takes another's credentials. A statement with a condition counts as limited.
    """
    words = (
        "allows changing any identity's permissions or credentials",
        "whether it allows gaining the permissions of others",
    )
    yield from judged_statements(resource, ctx, _escalates, _DOCUMENTS[resource.type], words)


def _escalates(statement: Statement) -> Match:
    granted = (_grants(statement, action, kind) for action, kind in _ESCALATING.items())
    return _unconditional(statement, any_of(granted, statement.value("Action")))


def _grants(statement: Statement, action: str, kind: str) -> Match:
    every = f"arn:aws:iam::zqzqzqzq:{kind}/zqzqzqzq"
    return both(allows_action(statement, action), lambda: allows_resource(statement, every))
