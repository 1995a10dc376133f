"""Rules on EKS clusters and node groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import given, is_false, is_set, is_true, property_rule, stated, values_or_absent
from infra_checks.evaluate.view import EACH, as_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

CLUSTER: Final = "AWS::EKS::Cluster"
NETWORK: Final = ("ResourcesVpcConfig",)
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_GUIDE: Final = "https://docs.aws.amazon.com/eks/latest/userguide/"
_LOGS: Final = ("api", "audit", "authenticator", "controllerManager", "scheduler")
_EVERYONE: Final = ("0.0.0.0/0", "::/0")

private_endpoint = property_rule(
    CLUSTER,
    id="eks-endpoint-no-public-access",
    title="Cluster's API cannot be reached from the internet",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    path=(*NETWORK, "EndpointPublicAccess"),
    holds=is_false,
    message="has an API endpoint on the internet",
    rationale="""The API server is the way to everything in the cluster; from the internet each flaw in it and each lost
    credential can be used by everyone. AWS: public by default.""",
    remedy="Set `ResourcesVpcConfig: {EndpointPublicAccess: false, EndpointPrivateAccess: true}`.",
    source=_CONFIG + "eks-endpoint-no-public-access.html",
    equivalents=(
        "CKV_AWS_39",
        "EKS_ENDPOINT_NO_PUBLIC_ACCESS",
    ),
)


@rule(
    CLUSTER,
    id="eks-endpoint-public-cidrs-limited",
    title="Cluster's public API takes calls from some addresses only",
    family=Family.NETWORK,
    severity=Severity.HIGH,
    remedy="Set `PublicAccessCidrs` of `ResourcesVpcConfig` to the ranges that need access.",
    source=_GUIDE + "cluster-endpoint.html",
    equivalents=("CKV_AWS_38",),
)
def public_ranges(cluster: Resource, ctx: Context) -> Iterator[Verdict]:
    """A public endpoint need not answer everyone. AWS: PublicAccessCidrs is 0.0.0.0/0 by default (with ::/0 for
    IPv6).
    """
    public = cluster.boolean(*NETWORK, "EndpointPublicAccess")
    if isinstance(public, Known) and not public.value:
        return
    ranges = values_or_absent(cluster, *NETWORK, "PublicAccessCidrs", EACH)
    for value in ranges:
        text = stated(as_text(value))
        known = text.value if isinstance(text, Known) else ""
        if isinstance(text, Unknown) or (isinstance(public, Unknown) and (known in _EVERYONE or not known)):
            yield ctx.undecided(value, "which addresses may call its public API is known only at deployment")
        elif isinstance(text, Absent) or known in _EVERYONE:
            yield ctx.violation(value, "lets everyone on the internet call its API")


secrets = property_rule(
    CLUSTER,
    id="eks-secrets-encrypted",
    title="Kubernetes secrets are encrypted with a key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("EncryptionConfig", EACH, "Provider", "KeyArn"),
    holds=is_set,
    message="encrypts Kubernetes secrets with a key that AWS owns",
    rationale="""With a KMS key of your own, who may decrypt the cluster's secrets is a matter of a key policy, and each
    use is on record. AWS encrypts the API's data with a key it owns since Kubernetes 1.28, and before that the disks
    only.""",
    remedy="Add `EncryptionConfig: [{Resources: [secrets], Provider: {KeyArn: !GetAtt Key.Arn}}]`.",
    source=_CONFIG + "eks-secrets-encrypted.html",
    equivalents=(
        "CKV_AWS_58",
        "EKS_CLUSTER_ENCRYPTION_RULE",
        "W82",
    ),
)


@rule(
    CLUSTER,
    id="eks-cluster-logging-enabled",
    title="Control plane sends all its logs to CloudWatch",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    remedy="Set `Logging.ClusterLogging.EnabledTypes` to `[{Type: api}, {Type: audit}, {Type: authenticator}, {Type: "
    "controllerManager}, {Type: scheduler}]`.",
    source=_CONFIG + "eks-cluster-logging-enabled.html",
    equivalents=("CKV_AWS_37",),
)
def logging(cluster: Resource, ctx: Context) -> Iterator[Verdict]:
    """Who did what in the cluster stands in its audit log, who got in in the authenticator's. AWS: none of the five
    logs is sent by default.
    """
    place = cluster.value("Logging", "ClusterLogging", "EnabledTypes")
    values = [as_text(value) for value in cluster.values("Logging", "ClusterLogging", "EnabledTypes", EACH, "Type")]
    unclear = next((value for value in values if isinstance(value, Unknown)), None)
    known = {value.value for value in values if isinstance(value, Known)}
    missing = [name for name in _LOGS if name not in known]
    if not missing:
        return
    if unclear is not None:
        yield ctx.undecided(unclear, f"which logs it sends cannot be told: {unclear.reason}")
    else:
        told = "none of its logs" if len(missing) == len(_LOGS) else f"no log of {', '.join(missing)}"
        yield ctx.violation(place, f"sends {told} to CloudWatch")


deletion_protection = property_rule(
    CLUSTER,
    id="eks-cluster-deletion-protection-enabled",
    title="Cluster is protected from deletion",
    family=Family.DELETION,
    severity=Severity.LOW,
    path=("DeletionProtection",),
    holds=is_true,
    message="can be deleted by any call",
    rationale="""A cluster that is deleted takes all its objects with it. AWS: with DeletionProtection it cannot be
    deleted until that is switched off; off by default.""",
    remedy="Set `DeletionProtection: true`.",
    source=_GUIDE + "deletion-protection.html",
)


@rule(
    "AWS::EKS::Nodegroup",
    id="eks-nodegroup-remote-access",
    title="Nodes take SSH from some security groups only",
    family=Family.NETWORK,
    severity=Severity.HIGH,
    remedy="Add `SourceSecurityGroups` to `RemoteAccess`, or remove `RemoteAccess` and use Session Manager.",
    source="https://docs.aws.amazon.com/eks/latest/APIReference/API_RemoteAccessConfig.html",
    equivalents=("CKV_AWS_100",),
)
def remote_access(group: Resource, ctx: Context) -> Iterator[Verdict]:
    """AWS: with an SSH key but without source security groups, port 22 of the nodes is open to the whole internet."""
    key = given("RemoteAccess", "Ec2SshKey")(group)
    sources = group.value("RemoteAccess", "SourceSecurityGroups")
    limited = is_set(sources, ctx)
    if key is False or limited:
        return
    if key is None or limited is None:
        yield ctx.undecided(sources, "whether port 22 of its nodes is open to everyone is known only at deployment")
    else:
        yield ctx.violation(sources, "opens port 22 of its nodes to the whole internet")
