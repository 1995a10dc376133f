"""Rules on the console passwords of IAM users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.core.finding import Family, Severity
from infra_checks.core.table import given, is_true, property_rule

if TYPE_CHECKING:
    from infra_checks.core.resource import Resource
    from infra_checks.core.table import Decision


def _has_no_password(user: Resource) -> Decision:
    """Without a login profile there is no password to change."""
    profile = given("LoginProfile")(user)
    return None if profile is None else not profile


reset_required = property_rule(
    "AWS::IAM::User",
    id="iam-user-password-reset-required",
    title="A user sets a new password at the first sign-in",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    path=("LoginProfile", "PasswordResetRequired"),
    holds=is_true,
    unless=(_has_no_password,),
    message="keeps the password that whoever deploys the stack knows",
    rationale="""The password of a login profile is known to whoever made the stack, until its user sets another. The
    user does not have to unless PasswordResetRequired is true.""",
    remedy="Set `LoginProfile.PasswordResetRequired: true`.",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
    "aws-properties-iam-user-loginprofile.html",
    equivalents=("W50", "IAM_USER_LOGIN_PROFILE_PASSWORD_RESET_RULE"),
)
