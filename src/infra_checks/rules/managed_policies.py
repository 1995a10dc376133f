"""A rule on AWS-managed policies that AWS has replaced by others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.evaluate.values import Symbol
from infra_checks.evaluate.view import EACH, as_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

_REPLACED: Final = {
    "AWSCloudTrailFullAccess": "AWSCloudTrail_FullAccess",
    "AWSCloudTrailReadOnlyAccess": "AWSCloudTrail_ReadOnlyAccess",
    "AWSCodePipelineFullAccess": "AWSCodePipeline_FullAccess",
    "AWSCodePipelineReadOnlyAccess": "AWSCodePipeline_ReadOnlyAccess",
    "AWSConfigRole": "service-role/AWS_ConfigRole",
    "AWSElasticBeanstalkFullAccess": "AdministratorAccess-AWSElasticBeanstalk",
    "AWSElasticBeanstalkReadOnlyAccess": "AWSElasticBeanstalkReadOnly",
    "AWSElasticBeanstalkService": "AWSElasticBeanstalkManagedUpdatesCustomerRolePolicy",
    "AWSLambdaFullAccess": "AWSLambda_FullAccess",
    "AWSLambdaReadOnlyAccess": "AWSLambda_ReadOnlyAccess",
    "AmazonEC2ContainerServiceFullAccess": "AmazonECS_FullAccess",
    "AmazonEC2RoleforSSM": "AmazonSSMManagedInstanceCore",
    "AmazonEC2SpotFleetRole": "service-role/AmazonEC2SpotFleetTaggingRole",
    "AmazonElasticMapReduceFullAccess": "AmazonEMRFullAccessPolicy_v2",
    "AmazonElasticMapReduceReadOnlyAccess": "AmazonEMRReadOnlyAccessPolicy_v2",
    "AmazonElasticMapReduceRole": "service-role/AmazonEMRServicePolicy_v2",
}
"""As of 2026-11: the pages "AWS managed policies" of the services, and the AWS managed policy reference."""

_NAME: Final = re.compile(r":policy/(?:[a-z-]+/)*([A-Za-z0-9_+=,.@-]+)$")


@rule(
    "AWS::IAM::Group",
    "AWS::IAM::Role",
    "AWS::IAM::User",
    "AWS::SSO::PermissionSet",
    id="iam-managed-policy-current",
    title="AWS-managed policies are ones that AWS still keeps",
    family=Family.DEPLOYABILITY,
    severity=Severity.MEDIUM,
    remedy="Attach the policy that replaces it; it may allow less.",
    source="https://docs.aws.amazon.com/aws-managed-policy/latest/reference/about-managed-policy-reference.html",
)
def current(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """A deprecated policy gets no new permissions, and AWS takes it from the list one day: it stays where it is
    attached, but no new role can have it, so that the template can no longer be deployed elsewhere.
    """
    property_ = "ManagedPolicies" if resource.type == "AWS::SSO::PermissionSet" else "ManagedPolicyArns"
    for value in map(as_text, resource.values(property_, EACH)):
        match value:
            case Known(text):
                name = _name(text)
            case Unknown():
                name = _name(value.parts[-1]) if value.parts and isinstance(value.parts[-1], str) else ""
                if not _is_told(value):
                    yield ctx.undecided(value, f"which policy is attached cannot be told: {value.reason}")
            case Absent():
                continue
        if name in _REPLACED:
            at = _REPLACED[name]
            remedy = f"Attach `arn:${{AWS::Partition}}:iam::aws:policy/{at}` instead; it may allow less."
            said = f"has the policy {name}, which AWS has replaced by {at.rpartition('/')[2]}"
            yield ctx.violation(value, said, remedy=remedy)


def _name(text: str) -> str:
    """The name of the AWS-managed policy of an ARN; empty for one of an account."""
    found = _NAME.search(text)
    return found[1] if found and ":iam::aws:" in text else ""


def _is_told(value: Unknown) -> bool:
    """Whether enough is known: something of its text, or that it is a policy of this stack or another."""
    if len(value.parts) != 1:
        return bool(value.parts)
    part = value.parts[0]
    return not isinstance(part, Symbol) or part.kind in {"reference", "import"}
