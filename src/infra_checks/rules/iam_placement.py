"""Rules on where permissions are kept: inline or managed, by AWS or by the organisation, with a boundary or without."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from infra_checks.access.attaching import managed_policy_name
from infra_checks.access.carriers import listed_values
from infra_checks.access.symbols import text_at
from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import rule
from infra_checks.core.table import is_set
from infra_checks.evaluate.values import Absent, Known, Unknown
from infra_checks.iam.text import ACCOUNT, PARTITION, Symbol, pieces
from infra_checks.rules.policies import reason
from infra_checks.rules.predicates import any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

_GUIDE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"

_INLINE: Final = {
    "AWS::IAM::Group": "Policies",
    "AWS::IAM::GroupPolicy": "PolicyDocument",
    "AWS::IAM::Policy": "PolicyDocument",
    "AWS::IAM::Role": "Policies",
    "AWS::IAM::RolePolicy": "PolicyDocument",
    "AWS::IAM::User": "Policies",
    "AWS::IAM::UserPolicy": "PolicyDocument",
    "AWS::SSO::PermissionSet": "InlinePolicy",
}
"""The property that makes a policy part of one user, group, role or permission set."""


@rule(
    *_INLINE,
    id="iam-no-inline-policy-check",
    title="Permissions are in managed policies",
    family=Family.IAM,
    severity=Severity.INFO,
    remedy="Move the document to an AWS::IAM::ManagedPolicy that names the role, group or user.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/iam-no-inline-policy-check.html",
    equivalents=("IAM_NO_INLINE_POLICY_CHECK", "IAMNoInlinePolicy"),
)
def inline(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """An inline policy belongs to one role, group or user: it cannot be used again, has no versions to go back to, and
    is not in the list of policies that are reviewed. AWS recommends managed policies in most cases. Within one stack
    the difference is small, so that this only informs.
    """
    value = resource.value(_INLINE[resource.type])
    given = is_set(value, ctx)
    if given:
        yield ctx.violation(value, "has permissions in an inline policy")
    elif given is None:
        yield ctx.undecided(value, f"whether it has an inline policy cannot be told: {reason(value)}")


_MANAGED: Final = {
    "AWS::IAM::Group": "ManagedPolicyArns",
    "AWS::IAM::Role": "ManagedPolicyArns",
    "AWS::IAM::User": "ManagedPolicyArns",
    "AWS::SSO::PermissionSet": "ManagedPolicies",
}


@rule(
    *_MANAGED,
    id="iam-no-aws-managed-policy",
    title="Permissions are the organisation's own policies",
    family=Family.IAM,
    severity=Severity.INFO,
    remedy="Attach a policy of your own with the actions and ARNs that are needed.",
    source=_GUIDE + "access_policies_managed-vs-inline.html",
    equivalents=("AwsSolutions-IAM4",),
    options={"allowed": ()},
)
def managed_by_aws(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """A policy that AWS manages is for everyone, so that it names no resources, and AWS adds actions to it when
    services get new ones. The option `allowed` lists the names (without path) that may be attached nonetheless.
    """
    for value in listed_values(resource, _MANAGED[resource.type]):
        if isinstance(value, Absent):
            continue
        text = text_at(resource.stack, value)
        name = None if text is None else managed_policy_name(text)
        if name is not None and name.rpartition("/")[2] not in ctx.names("allowed"):
            yield ctx.violation(value, f"has the AWS-managed policy {name}")
        elif name is None and _may_be_of_aws(resource, value):
            yield ctx.undecided(value, f"whether it has an AWS-managed policy cannot be told: {reason(value)}")


def _may_be_of_aws(resource: Resource, value: Value[object]) -> bool:
    """Whether what is not known may be a policy of AWS: a parameter, an import, but not what is in an account."""
    if not isinstance(value, Unknown) or isinstance(resource.stack.target_of(value), Resource):
        return False
    text = text_at(resource.stack, value)
    told = "" if text is None else "".join(piece if isinstance(piece, str) else "\0" for piece in pieces(text))
    return ":iam::" not in told or ":iam::aws:" in told


@rule(
    "AWS::IAM::Role",
    "AWS::IAM::User",
    id="iam-permissions-boundary-attached",
    title="Roles and users have a permissions boundary",
    family=Family.IAM,
    severity=Severity.INFO,
    remedy="Set `PermissionsBoundary` to the ARN of the organisation's boundary.",
    source=_GUIDE + "access_policies_boundaries.html",
    options={"boundaries": ("*",)},
)
def boundary(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """Where teams make roles themselves, a boundary keeps each role within what the organisation allows, whatever its
    policies say. The option `boundaries` lists patterns of ARNs of which one has to be that of the boundary. Roles of
    services under `/aws-service-role/` cannot have one.
    """
    if _is_service_role(resource):
        return
    value = resource.value("PermissionsBoundary")
    given = is_set(value, ctx)
    if given is False:
        yield ctx.violation(value, "has no permissions boundary")
        return
    patterns = ctx.names("boundaries")
    fitting = any_of(*(_is_like(resource, value, pattern) for pattern in patterns))
    if given is None or fitting is None:
        yield ctx.undecided(value, f"whether its permissions boundary is the right one cannot be told: {reason(value)}")
    elif not fitting:
        yield ctx.violation(value, f"has a permissions boundary that is none of {', '.join(patterns)}")


def _is_service_role(resource: Resource) -> bool:
    path = resource.text("Path")
    return isinstance(path, Known) and path.value.startswith("/aws-service-role/")


def _is_like(resource: Resource, value: Value[object], pattern: str) -> Decision:
    """Whether an ARN is like a pattern, in any partition and account; None where its name is not known."""
    text = text_at(resource.stack, value)
    if pattern == "*" or text is None:
        return pattern == "*" or None
    named = [_ANYWHERE.get(piece, piece) if isinstance(piece, Symbol) else piece for piece in pieces(text)]
    told = "".join(piece if isinstance(piece, str) else "\0" for piece in named)
    return fnmatchcase(told, pattern) or (None if "\0" in told else False)


_ANYWHERE: Final = {PARTITION: "aws", ACCOUNT: "111122223333"}
