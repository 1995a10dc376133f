"""Rules on users and groups: their access keys, and who is in which group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.access.attaching import names
from infra_checks.access.carriers import listed_values
from infra_checks.access.identities import GROUP, USER
from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import rule
from infra_checks.core.table import is_set, is_true, property_rule
from infra_checks.evaluate.values import Absent, Known, Unknown
from infra_checks.rules.policies import reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

_GUIDE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
_KEY: Final = "AWS::IAM::AccessKey"
_ADDITION: Final = "AWS::IAM::UserToGroupAddition"


@rule(
    _KEY,
    id="iam-no-access-key",
    title="No access keys are made",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Let the program assume a role, or use IAM Roles Anywhere outside of AWS; where only a key will do, waive "
    "the finding and rotate the key.",
    source=_GUIDE + "best-practices.html#bp-workloads-use-roles",
    equivalents=("AWS-0167",),
)
def access_key(key: Resource, ctx: Context) -> Iterator[Verdict]:
    """An access key is good until somebody deletes it, wherever it has been copied to. CloudFormation gives its secret
    to whatever refers to `SecretAccessKey`, in plain text. AWS: use temporary credentials of roles. A key that is
    `Inactive` opens nothing.
    """
    status = key.text("Status")
    match status:
        case Known("Inactive"):
            return
        case Known() | Absent():
            yield ctx.violation(key, "is an access key that is good until it is deleted")
        case Unknown():
            yield ctx.undecided(status, f"whether it is an active access key cannot be told: {status.reason}")


@rule(
    _KEY,
    id="iam-user-single-access-key",
    title="A user has one active access key at most",
    family=Family.IAM,
    severity=Severity.LOW,
    remedy="Remove the other key, or set its `Status: Inactive` once nothing uses it.",
    source=_GUIDE + "id_credentials_access-keys.html",
    equivalents=("iam_user_two_active_access_key",),
)
def single_key(key: Resource, ctx: Context) -> Iterator[Verdict]:
    """AWS allows two keys so that one can replace the other; two that stay active are twice as easily lost, and leave
    no room to rotate.
    """
    user = key.target("UserName")
    own = key.text("UserName")
    for other in key.stack.of_type(_KEY):
        if other.logical_id >= key.logical_id:
            continue
        same = _same_user(user, other.target("UserName"), own, other.text("UserName"))
        both_active = _all(same, _is_active(key), _is_active(other))
        if both_active:
            yield ctx.violation(key.value("UserName"), f"is a second active access key, besides {other.logical_id}")
        elif both_active is None and same is not False:
            words = f"whether it and {other.logical_id} are active keys of one user cannot be told"
            yield ctx.undecided(key.value("UserName"), words)


def _same_user(user: object, other: object, own: Value[str], others: Value[str]) -> Decision:
    if isinstance(user, Resource) and isinstance(other, Resource):
        return user == other
    if isinstance(own, Known) and isinstance(others, Known):
        return own.value == others.value
    if isinstance(own, Unknown) and isinstance(others, Unknown) and own.parts and own.parts == others.parts:
        return True
    return None


def _is_active(key: Resource) -> Decision:
    status = key.text("Status")
    match status:
        case Known(text):
            return text != "Inactive"
        case Absent():
            return True
        case Unknown():
            return None


def _all(*decisions: Decision) -> Decision:
    return False if False in decisions else None if None in decisions else True


@rule(
    USER,
    id="iam-user-group-membership-check",
    title="Users are in a group",
    family=Family.IAM,
    severity=Severity.LOW,
    remedy="Name a group in `Groups` of the user, or add an AWS::IAM::UserToGroupAddition.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/iam-user-group-membership-check.html",
    equivalents=("F2000", "IAM_USER_MISSING_GROUP_RULE", "IAMUserGroupMembership"),
)
def in_group(user: Resource, ctx: Context) -> Iterator[Verdict]:
    """Who is in no group gets permissions one by one, or none. AWS Config judges the same."""
    groups = user.value("Groups")
    given = is_set(groups, ctx)
    added = [names(value, user) for addition in user.stack.of_type(_ADDITION) for value in _users(addition)]
    if given or True in added:
        return
    if given is None or None in added:
        why = reason(groups) if given is None else "the users of an AWS::IAM::UserToGroupAddition are not known"
        yield ctx.undecided(groups, f"whether it is in a group cannot be told: {why}")
    else:
        yield ctx.violation(groups, "is in no group")


def _users(addition: Resource) -> Iterator[Known[object] | Unknown]:
    for value in listed_values(addition, "Users"):
        if not isinstance(value, Absent):
            yield value


@rule(
    GROUP,
    id="iam-group-has-users-check",
    title="Groups have users",
    family=Family.IAM,
    severity=Severity.INFO,
    remedy="Add the users in `Groups` of each or by an AWS::IAM::UserToGroupAddition, or remove the group.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/iam-group-has-users-check.html",
    equivalents=("IAMGroupHasUsers",),
)
def has_users(group: Resource, ctx: Context) -> Iterator[Verdict]:
    """A group without users is a permission that waits for somebody. Users of other stacks are not seen, so that this
    only informs.
    """
    found: list[Decision] = []
    for user in group.stack.of_type(USER):
        found += [names(value, group) for value in listed_values(user, "Groups") if not isinstance(value, Absent)]
    for addition in group.stack.of_type(_ADDITION):
        named = names(addition.value("GroupName"), group)
        found.append(_all(named, is_set(addition.value("Users"), ctx)))
    if True in found:
        return
    if None in found:
        yield ctx.undecided(group, "whether it has users cannot be told: a user's groups are not known")
    else:
        yield ctx.violation(group, "has no users in this stack")


password_reset = property_rule(
    USER,
    id="iam-user-password-reset-required",
    title="Users choose a password of their own",
    family=Family.IAM,
    severity=Severity.LOW,
    path=("LoginProfile", "PasswordResetRequired"),
    holds=is_true,
    unless=(lambda user: isinstance(user.value("LoginProfile"), Absent),),
    message="keeps the password of the template",
    rationale="""Whoever made the stack knows the first password. With PasswordResetRequired the user has to choose
    another when signing in for the first time. It is false by default; users without LoginProfile have no password.""",
    remedy="Set `LoginProfile.PasswordResetRequired: true`.",
    source="https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateLoginProfile.html",
    equivalents=("W50", "IAM_USER_LOGIN_PROFILE_PASSWORD_RESET_RULE"),
)
