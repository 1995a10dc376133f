"""Rules on DynamoDB Accelerator (DAX) clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_true, one_of, property_rule
from infra_checks.evaluate.values import Symbol
from infra_checks.rules.globs import pieces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

CLUSTER: Final = "AWS::DAX::Cluster"
DOCS: Final = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"

encrypted = property_rule(
    CLUSTER,
    id="dax-encryption-enabled",
    title="Accelerator is encrypted at rest",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("SSESpecification", "SSEEnabled"),
    holds=is_true,
    message="does not turn encryption at rest on",
    rationale="""DAX writes what it replicates to disk: tables that are encrypted themselves lie there in plain text.
    AWS: off by default, and it cannot be turned on later.""",
    remedy="Add `SSESpecification: {SSEEnabled: true}`; the cluster is replaced.",
    source=DOCS + "DAXEncryptionAtRest.html",
    equivalents=(
        "CKV_AWS_47",
        "W83",
        "DAX_ENCRYPTION_ENABLED",
        "AwsSolutions-DDB4",
        "AWS-0023",
        "dynamodb_accelerator_cluster_encryption_enabled",
    ),
)

tls = property_rule(
    CLUSTER,
    id="dax-tls-endpoint-encryption",
    title="Accelerator's endpoint is encrypted in transit",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("ClusterEndpointEncryptionType",),
    holds=one_of("TLS"),
    message="answers without TLS",
    rationale="""Requests to DynamoDB itself are always encrypted, those to DAX are not unless the cluster is made so.
    AWS: ClusterEndpointEncryptionType is NONE by default and cannot be changed later.""",
    remedy="Add `ClusterEndpointEncryptionType: TLS`; the cluster is replaced.",
    source=DOCS + "DAXEncryptionInTransit.html",
    equivalents=("dynamodb_accelerator_cluster_in_transit_encryption_enabled",),
)


@rule(
    CLUSTER,
    id="dax-cluster-multi-az",
    title="Accelerator has three nodes in several Availability Zones",
    family=Family.MULTI_AZ,
    severity=Severity.MEDIUM,
    remedy="Set `ReplicationFactor: 3`, and leave `AvailabilityZones` out or list different ones.",
    source=DOCS + "DAX.concepts.cluster.html",
    equivalents=("dynamodb_accelerator_cluster_multi_az",),
    options={"minimum_nodes": 3},
)
def nodes(cluster: Resource, ctx: Context) -> Iterator[Verdict]:
    """While a cluster of one node is replaced, all reads go to the tables at once. AWS recommends three nodes for
    production and spreads them over the zones, unless AvailabilityZones places them.
    """
    factor = cluster.number("ReplicationFactor")
    match factor:
        case Known(number) if number < ctx.number("minimum_nodes"):
            count = "one node" if number == 1 else f"{number:g} nodes"
            yield ctx.violation(factor, f"has {count}; at least {ctx.number('minimum_nodes'):g} are required")
        case Known():
            yield from _zones(cluster, ctx)
        case Unknown():
            yield ctx.undecided(factor, f"how many nodes it has cannot be told: {factor.reason}")
        case Absent():
            yield ctx.undecided(factor, "how many nodes it has is not given")


def _zones(cluster: Resource, ctx: Context) -> Iterator[Verdict]:
    zones = cluster.items("AvailabilityZones")
    match zones:
        case Known(views):
            named = {pieces(view.value()) for view in views}
            if len(named) == 1 and () not in named:
                yield ctx.violation(zones, "has all its nodes in one Availability Zone")
        case Absent() | Unknown(parts=(Symbol(kind="zones"),)):
            return
        case Unknown():
            yield ctx.undecided(zones, f"in how many Availability Zones it is cannot be told: {zones.reason}")
