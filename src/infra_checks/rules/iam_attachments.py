"""Rules on what is attached to users, groups and roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule
from infra_checks.evaluate.values import Absent, Known, Unknown
from infra_checks.rules.globs import covers
from infra_checks.rules.policies import elements, reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

_ATTACHING: Final = ("AWS::IAM::Group", "AWS::IAM::Role", "AWS::IAM::User")


def _attached(resource: Resource, ctx: Context, names: tuple[str, ...]) -> Iterator[Verdict]:
    """A verdict for each attached policy that is, or may be, one of some that AWS manages."""
    for value in elements(resource, "ManagedPolicyArns"):
        found = {name: covers(value, f"arn:aws:iam::aws:policy/{name}", free=(1,)) for name in names}
        sure = [name for name, decision in found.items() if decision]
        if sure:
            yield ctx.violation(value, f"has the AWS-managed policy {sure[0]}")
        elif None in found.values():
            open_names = " or ".join(name for name, decision in found.items() if decision is None)
            yield ctx.undecided(
                value, f"whether it has the AWS-managed policy {open_names} cannot be told: {reason(value)}"
            )


@rule(
    *_ATTACHING,
    id="iam-no-administrator-access-policy",
    title="AdministratorAccess is not attached",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Remove `arn:aws:iam::aws:policy/AdministratorAccess` from `ManagedPolicyArns` and grant what is needed.",
    source="https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AdministratorAccess.html",
    equivalents=(
        "W43",
        "IAM_ROLE_ADMINISTRATOR_ACCESS_POLICY_RULE",
        "iam_role_administratoraccess_policy",
        "iam_group_administrator_access_policy",
        "iam_user_administrator_access_policy",
    ),
)
def administrator_access(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """The AWS-managed policy AdministratorAccess allows every action on every resource, in each partition."""
    yield from _attached(resource, ctx, ("AdministratorAccess",))


@rule(
    *_ATTACHING,
    id="iam-no-elevated-managed-policy",
    title="No AWS-managed policy with near-administrator power is attached",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Remove the policy from `ManagedPolicyArns` and grant what is needed.",
    source="https://docs.aws.amazon.com/aws-managed-policy/latest/reference/PowerUserAccess.html",
    equivalents=("W44", "IAM_ROLE_ELEVATED_MANAGED_POLICY_RULE"),
    options={"policies": ("PowerUserAccess", "IAMFullAccess")},
)
def elevated_policy(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """PowerUserAccess allows everything but managing users and accounts; IAMFullAccess allows giving oneself the rest.
    The option `policies` names the AWS-managed policies that are too much.
    """
    yield from _attached(resource, ctx, ctx.names("policies"))


_OF_USERS: Final = {
    "AWS::IAM::ManagedPolicy": ("Users",),
    "AWS::IAM::Policy": ("Users",),
    "AWS::IAM::User": ("Policies", "ManagedPolicyArns"),
    "AWS::IAM::UserPolicy": ("UserName",),
}
"""The properties that attach a policy to a user."""


@rule(
    *_OF_USERS,
    id="iam-user-no-policies-check",
    title="Users get permissions from groups or roles only",
    family=Family.IAM,
    severity=Severity.LOW,
    remedy="Attach the policy to a group or role and make the user a member, or let people assume roles.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/iam-user-no-policies-check.html",
    equivalents=(
        "CKV_AWS_40",
        "F10",
        "F11",
        "F12",
        "IAM_NO_POLICY_ON_USER",
        "IAM_USER_NO_POLICIES_CHECK",
        "IAMUserNoPolicies",
        "AWS-0143",
        "iam_policy_attached_only_to_group_or_roles",
        "ManagedPolicyOnUserRule",
        "PolicyOnUserRule",
    ),
)
def user_policies(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """Permissions given to single users are granted one by one and outlive the reason for them. A permissions
    boundary is no grant and may stay.
    """
    for name in _OF_USERS[resource.type]:
        value = resource.value(name)
        match value:
            case Known(()) | Absent():
                continue
            case Known():
                yield ctx.violation(value, f"attaches a policy to a user in {name}")
            case Unknown() if value.present:
                yield ctx.violation(value, f"attaches a policy to a user in {name}")
            case Unknown():
                yield ctx.undecided(value, f"whether it attaches a policy to a user cannot be told: {value.reason}")
