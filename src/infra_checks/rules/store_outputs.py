"""Rules on what a stack tells others of its data stores and ways in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.rules.namings import mentions
from infra_checks.rules.predicates import is_member

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

_TOLD: Final = (
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGatewayV2::Api",
    "AWS::DynamoDB::Table",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
)


@rule(
    *_TOLD,
    id="output-tells-resource",
    title="Outputs tell what others need",
    family=Family.PARAMETERISATION,
    severity=Severity.INFO,
    remedy="Add an output with its name, ARN or endpoint.",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html",
)
def told(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """Applications, other stacks and tests find a database, cache, bucket, table, topic or API by what the outputs of
    its stack say of it; the names that AWS makes up are told nowhere else. Instances of a cluster are reached by it.
    """
    if is_member(resource) is not False:
        return
    template = resource.stack.template()
    outputs = template.mapping("Outputs")
    match outputs:
        case Unknown():
            yield ctx.undecided(resource, f"whether an output tells of it is not known: {outputs.reason}")
        case Absent():
            yield ctx.violation(resource, "is named in no output")
        case Known(view):
            values = (view.value(name, "Value") for name in view.keys())  # noqa: SIM118 - a view is no mapping
            if not any(mentions(value, resource) for value in values):
                yield ctx.violation(resource, "is named in no output")
