"""Rules on who may assume a role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule
from infra_checks.evaluate.values import Known, Value
from infra_checks.evaluate.view import View
from infra_checks.iam.model import PolicyType
from infra_checks.iam.questions import public
from infra_checks.rules.conditions import limits_callers
from infra_checks.rules.globs import covers_service, service_name
from infra_checks.rules.granting import openings, verdict
from infra_checks.rules.policies import (
    Match,
    any_of,
    both,
    elements,
    is_given,
    judged_statements,
    negated,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision

_TRUST: Final = ("AssumeRolePolicyDocument",)
_GUIDE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"


@rule(
    "AWS::IAM::Role",
    id="iam-role-trust-not-public",
    title="Not everyone may assume the role",
    family=Family.IAM,
    severity=Severity.CRITICAL,
    remedy="Name accounts, roles or services in `Principal`, or limit `*` by a condition such as `aws:PrincipalOrgID`.",
    source=_GUIDE + "reference_policies_elements_principal.html",
    equivalents=("CKV_AWS_60", "FullWildcardPrincipalRule"),
)
def public_trust(role: Resource, ctx: Context) -> Iterator[Verdict]:
    """A trust policy for `*`, alone or under `AWS`, lets every AWS account assume the role. An external id is no secret
    and does not limit it; conditions on the organisation, the account or the principal's ARN do.
    """
    for opening in openings(role, PolicyType.TRUST):
        answer, at = opening.ask(public)
        yield from verdict(ctx, answer, at, f"may be assumed by everyone ({opening.name})")


@rule(
    "AWS::IAM::Role",
    id="iam-role-trust-no-not-principal",
    title="No trust policy names who may not assume the role",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Use `Principal` with those who may assume the role instead of `NotPrincipal`.",
    source=_GUIDE + "reference_policies_elements_notprincipal.html",
    equivalents=("F6", "IAM_ROLE_NO_ALLOW_PLUS_NOT_PRINCIPAL"),
)
def not_principal(role: Resource, ctx: Context) -> Iterator[Verdict]:
    """`Allow` with `NotPrincipal` lets everyone but those listed assume the role, also callers without an account."""
    words = "may be assumed by everyone but those in NotPrincipal", "whether its trust policy uses NotPrincipal"
    yield from judged_statements(role, ctx, lambda statement: is_given(statement, "NotPrincipal"), _TRUST, words)


@rule(
    "AWS::IAM::Role",
    id="iam-role-trust-actions-limited",
    title="A trust policy allows named actions only",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Set `Action` to `sts:AssumeRole` (or the one of the AssumeRole actions that is needed).",
    source=_GUIDE + "id_roles_update-role-trust-policy.html",
    equivalents=(
        "CKV2_AWS_68",
        "F2",
        "W14",
        "IAM_ROLE_NO_FULL_ACCESS_ON_TRUST_POLICY",
        "IAM_ROLE_NO_ALLOW_PLUS_NOT_ACTION_ON_TRUST_POLICY",
    ),
)
def trust_actions(role: Resource, ctx: Context) -> Iterator[Verdict]:
    """`*`, `sts:*` or NotAction in a trust policy also lets its principals set session tags and source identities,
    which other policies may rely on.
    """
    words = "has a trust policy that allows all actions", "which actions its trust policy allows"
    yield from judged_statements(role, ctx, _allows_all_actions, _TRUST, words)


def _allows_all_actions(statement: View) -> Match:
    values = elements(statement, "Action")
    named = any_of((Match(covers_service(value), value) for value in values), statement.value("Action"))
    return any_of((is_given(statement, "NotAction"), named), named.at)


_SOURCED: Final = (
    "config.amazonaws.com",  # AWS Config Developer Guide: Permissions for the IAM role assigned to AWS Config
    "ecs-tasks.amazonaws.com",  # Amazon ECS Developer Guide: task IAM role
    "scheduler.amazonaws.com",  # EventBridge Scheduler User Guide: Confused deputy prevention
    "states.amazonaws.com",  # Step Functions Developer Guide: Creating an IAM role for your state machine
    "vpc-flow-logs.amazonaws.com",  # Amazon VPC User Guide: IAM role for publishing flow logs to CloudWatch Logs
)
"""Services whose guides ask for `aws:SourceArn` or `aws:SourceAccount` in the trust policy of their roles."""


@rule(
    "AWS::IAM::Role",
    id="iam-role-confused-deputy-prevention",
    title="A service assumes the role for this account only",
    family=Family.IAM,
    severity=Severity.LOW,
    remedy="Add a condition on `aws:SourceArn` or `aws:SourceAccount` to the statement of the service.",
    source=_GUIDE + "confused-deputy.html",
    equivalents=("iam_role_cross_service_confused_deputy_prevention",),
)
def confused_deputy(role: Resource, ctx: Context) -> Iterator[Verdict]:
    """Another account can make a service act with this role unless the trust policy says for whom it may. Only services
    are judged whose guides ask for the condition, as not every service sends the keys.
    """
    words = "trusts a service whichever account it acts for", "for which accounts a service may assume it"
    yield from judged_statements(role, ctx, _trusts_unsourced, _TRUST, words)


def _trusts_unsourced(statement: View) -> Match:
    principal = statement.mapping("Principal")
    if not isinstance(principal, Known):
        return Match(False, principal)
    services = (Match(_is_sourced(value), value) for value in elements(principal.value, "Service"))
    return both(any_of(services, principal), lambda: negated(limits_callers(statement)))


def _is_sourced(value: Value[object]) -> Decision:
    name = service_name(value)
    return None if name is None else name in _SOURCED
