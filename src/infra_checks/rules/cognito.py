"""Rules on Cognito user pools and identity pools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_not_true, one_of, property_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

POOL: Final = "AWS::Cognito::UserPool"
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"

deletion_protection = property_rule(
    POOL,
    id="cognito-user-pool-deletion-protection-enabled",
    title="User pool is protected from deletion",
    family=Family.DELETION,
    severity=Severity.MEDIUM,
    path=("DeletionProtection",),
    holds=one_of("ACTIVE"),
    message="is not protected from deletion",
    rationale="""Users and their passwords cannot be restored once the pool is gone. Protection is active by default in
    the console only, not for pools that CloudFormation makes.""",
    remedy="Set `DeletionProtection: ACTIVE`.",
    source=_CONFIG + "cognito-user-pool-deletion-protection-enabled.html",
    equivalents=("cognito_user_pool_deletion_protection_enabled",),
)

mfa = property_rule(
    POOL,
    id="cognito-user-pool-mfa-enabled",
    title="Users of a pool need a second factor",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    path=("MfaConfiguration",),
    holds=one_of("ON"),
    message="lets users in without a second factor",
    rationale="""A password alone is stolen, guessed or used elsewhere. MfaConfiguration is OFF by default; OPTIONAL
    asks only those users who have chosen it.""",
    remedy="Set `MfaConfiguration: ON` and `EnabledMfas`.",
    source=_CONFIG + "cognito-user-pool-mfa-enabled.html",
)

mfa_offered = property_rule(
    POOL,
    id="cognito-user-pool-mfa-offered",
    title="Users of a pool can have a second factor",
    family=Family.IAM,
    severity=Severity.HIGH,
    path=("MfaConfiguration",),
    holds=one_of("ON", "OPTIONAL"),
    message="has no second factor for its users",
    rationale="""MfaConfiguration is OFF by default: then even users who want a second factor cannot have one.""",
    remedy="Set `MfaConfiguration: ON`, or OPTIONAL, and `EnabledMfas`.",
    source="https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html",
    equivalents=("F78", "COGNITO_USER_POOL_MFA_CONFIGURATION_RULE"),
)

guests = property_rule(
    "AWS::Cognito::IdentityPool",
    id="cognito-identity-pool-unauth-access-check",
    title="Identity pool gives nobody unknown AWS credentials",
    family=Family.IAM,
    severity=Severity.HIGH,
    path=("AllowUnauthenticatedIdentities",),
    holds=is_not_true,
    message="gives AWS credentials to everyone who asks",
    rationale="""With guests allowed, whoever knows the pool's id gets credentials of the role for guests.""",
    remedy="Set `AllowUnauthenticatedIdentities: false`.",
    source=_CONFIG + "cognito-identity-pool-unauth-access-check.html",
    equivalents=(
        "COGNITO_ALLOW_UNAUTHENTICATED_IDENTITIES_RULE",
        "CKV_AWS_366",
        "W57",
    ),
)


@rule(
    POOL,
    id="cognito-user-pool-password-policy-check",
    title="Passwords of a pool's users are hard to guess",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Set `Policies.PasswordPolicy` with `MinimumLength: 8` or more and all four `Require...` properties true.",
    source=_CONFIG + "cognito-user-pool-password-policy-check.html",
    options={"minimum_length": 8},
)
def passwords(pool: Resource, ctx: Context) -> Iterator[Verdict]:
    """AWS: a pool without a password policy asks for 8 characters with upper and lower case, numbers and symbols; a
    policy asks only for what it says.
    """
    policy = pool.mapping("Policies", "PasswordPolicy")
    match policy:
        case Absent():
            return
        case Unknown():
            yield ctx.undecided(policy, f"its password policy cannot be told: {policy.reason}")
        case Known(view):
            for name in ("RequireLowercase", "RequireUppercase", "RequireNumbers", "RequireSymbols"):
                required = view.boolean(name)
                match required:
                    case Known(True):
                        continue
                    case Unknown():
                        yield ctx.undecided(required, f"{name} cannot be told: {required.reason}")
                    case Known() | Absent():
                        yield ctx.violation(required, f"takes weak passwords: {name} is not true")
            yield from _length(pool, ctx)


def _length(pool: Resource, ctx: Context) -> Iterator[Verdict]:
    length = pool.number("Policies", "PasswordPolicy", "MinimumLength")
    least = ctx.number("minimum_length")
    match length:
        case Known(number) if number < least:
            yield ctx.violation(length, f"takes passwords of {number:g} characters; at least {least:g} are wanted")
        case Unknown():
            yield ctx.undecided(length, f"MinimumLength cannot be told: {length.reason}")
        case Known() | Absent():
            return
