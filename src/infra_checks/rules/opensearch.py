"""Rules on OpenSearch Service domains, those of its older Elasticsearch type included: encryption, access, network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_customer_key, is_set, is_true, property_rule
from infra_checks.rules.predicates import text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision

TYPES: Final = ("AWS::OpenSearchService::Domain", "AWS::Elasticsearch::Domain")
DOCS: Final = "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/"

at_rest = property_rule(
    *TYPES,
    id="opensearch-encrypted-at-rest",
    title="Search domain is encrypted at rest",
    family=Family.ENCRYPTION,
    severity=Severity.HIGH,
    path=("EncryptionAtRestOptions", "Enabled"),
    holds=is_true,
    message="does not turn encryption at rest on",
    rationale="""Indexes, logs, swap files and automated snapshots hold copies of the data that is searched, in plain
    text unless the domain is encrypted. AWS: off by default, and it cannot be turned off again.""",
    remedy="Add `EncryptionAtRestOptions: {Enabled: true}` (and `KmsKeyId`).",
    source=DOCS + "encryption-at-rest.html",
    equivalents=("CKV_AWS_5", "W54", "ELASTICSEARCH_ENCRYPTED_AT_REST", "OPENSEARCH_ENCRYPTED_AT_REST"),
)


def _is_plain(domain: Resource) -> Decision:
    """Encryption is not turned on, which is another rule's question."""
    enabled = domain.boolean("EncryptionAtRestOptions", "Enabled")
    match enabled:
        case Known(truth):
            return not truth
        case Unknown():
            return None
        case Absent():
            return True


customer_key = property_rule(
    *TYPES,
    id="opensearch-customer-key",
    title="Search domain is encrypted with a KMS key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("EncryptionAtRestOptions", "KmsKeyId"),
    holds=is_customer_key,
    unless=(_is_plain,),
    message="is encrypted with the key aws/es that AWS manages",
    rationale="""Only of a customer managed key can you set policy, rotation and end. AWS: encryption at rest without
    KmsKeyId uses the AWS managed key aws/es.""",
    remedy="Add `KmsKeyId: !GetAtt Key.Arn` to `EncryptionAtRestOptions`.",
    source=DOCS + "encryption-at-rest.html",
)

between_nodes = property_rule(
    *TYPES,
    id="opensearch-node-to-node-encryption-check",
    title="Search domain's nodes talk to each other encrypted",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("NodeToNodeEncryptionOptions", "Enabled"),
    holds=is_true,
    message="lets its nodes talk to each other in plain text",
    rationale="""Documents travel between the nodes whenever they are indexed, searched or moved, also those that came
    in by HTTPS. AWS: node-to-node encryption is off by default, and it cannot be turned off again.""",
    remedy="Add `NodeToNodeEncryptionOptions: {Enabled: true}`.",
    source=DOCS + "ntn.html",
    equivalents=(
        "CKV_AWS_6",
        "OPENSEARCH_NODE_TO_NODE_ENCRYPTION_CHECK",
        "ELASTICSEARCH_NODE_TO_NODE_ENCRYPTION_CHECK",
        "W85",
    ),
)

network = property_rule(
    *TYPES,
    id="opensearch-in-vpc-only",
    title="Search domain has its endpoint in a VPC",
    family=Family.NETWORK,
    severity=Severity.HIGH,
    path=("VPCOptions", "SubnetIds"),
    holds=is_set,
    message="has a public endpoint",
    rationale="""Only the access policy stands between a public endpoint and the internet; in a VPC, subnets and
    security groups do as well. AWS: without VPCOptions the endpoint is public, and it cannot be moved later.""",
    remedy="Add `VPCOptions: {SubnetIds: [...], SecurityGroupIds: [...]}`; the domain has to be made anew.",
    source=DOCS + "vpc.html",
    equivalents=(
        "ELASTICSEARCH_IN_VPC_ONLY",
        "OPENSEARCH_IN_VPC_ONLY",
        "W90",
    ),
)


@rule(
    *TYPES,
    id="opensearch-https-required",
    title="Search domain takes requests by HTTPS only, with TLS 1.2 at least",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    remedy="Add `DomainEndpointOptions: {EnforceHTTPS: true, TLSSecurityPolicy: Policy-Min-TLS-1-2-PFS-2023-10}`.",
    source=DOCS + "infrastructure-security.html",
    equivalents=(
        "ELASTICSEARCH_HTTPS_REQUIRED",
        "OPENSEARCH_HTTPS_REQUIRED",
    ),
)
def https(domain: Resource, ctx: Context) -> Iterator[Verdict]:
    """A domain answers HTTP as well, and HTTPS with TLS 1.0, unless its endpoint options say otherwise. AWS:
    EnforceHTTPS is false by default, and the minimum version is to be named: Policy-Min-TLS-1-0-2019-07 takes TLS 1.0,
    the policies for TLS 1.2 and later do not.
    """
    enforced = domain.boolean("DomainEndpointOptions", "EnforceHTTPS")
    match enforced:
        case Known(False) | Absent():
            yield ctx.violation(enforced, "takes requests by HTTP: EnforceHTTPS is not true")
            return
        case Unknown():
            yield ctx.undecided(enforced, f"EnforceHTTPS cannot be told: {enforced.reason}")
        case Known():
            pass
    policy = domain.text("DomainEndpointOptions", "TLSSecurityPolicy")
    older = text_is(policy, "Policy-Min-TLS-1-0-2019-07")
    if is_set(policy, ctx) is False:
        yield ctx.violation(policy, "does not ask for TLS 1.2: it names no TLSSecurityPolicy")
    elif older:
        yield ctx.violation(policy, "takes requests with TLS 1.0: its TLSSecurityPolicy is the oldest")
    elif older is None:
        yield ctx.undecided(policy, "which TLSSecurityPolicy it has is known only at deployment")


access_control = property_rule(
    *TYPES,
    id="opensearch-access-control-enabled",
    title="Search domain controls access to indexes and documents",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    path=("AdvancedSecurityOptions", "Enabled"),
    holds=is_true,
    message="has no fine-grained access control",
    rationale="""Without fine-grained access control, whoever may send requests may read all indexes and change the
    domain's settings. AWS: off by default; it needs encryption at rest, node-to-node encryption and HTTPS.""",
    remedy="Add `AdvancedSecurityOptions: {Enabled: true, MasterUserOptions: {MasterUserARN: !GetAtt Role.Arn}}`.",
    source=DOCS + "fgac.html",
    equivalents=("OPENSEARCH_ACCESS_CONTROL_ENABLED",),
)

https_enforced = property_rule(
    *TYPES,
    id="opensearch-https-enforced",
    title="Search domain takes requests by HTTPS only",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("DomainEndpointOptions", "EnforceHTTPS"),
    holds=is_true,
    message="takes requests by HTTP: EnforceHTTPS is not true",
    rationale="""Requests by HTTP, with their documents and passwords, can be read and changed on the way. AWS:
    EnforceHTTPS is false by default. Which versions of TLS it takes is another rule's question.""",
    remedy="Add `DomainEndpointOptions: {EnforceHTTPS: true}`.",
    source=DOCS + "infrastructure-security.html",
    equivalents=("CKV_AWS_83",),
)
