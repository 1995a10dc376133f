"""Rules on Amazon EMR clusters and security configurations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_set, property_rule
from infra_checks.evaluate.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

CLUSTER: Final = "AWS::EMR::Cluster"
CONFIGURATION: Final = "AWS::EMR::SecurityConfiguration"
DOCS: Final = "https://docs.aws.amazon.com/emr/latest/ManagementGuide/"

kerberos = property_rule(
    CLUSTER,
    id="emr-kerberos-enabled",
    title="Big data cluster authenticates with Kerberos",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    path=("KerberosAttributes",),
    holds=is_set,
    message="does not authenticate its users and services with Kerberos",
    rationale="""Hadoop believes whoever says to be a user, unless Kerberos authenticates users and services. AWS: it is
    off unless a security configuration and KerberosAttributes turn it on when the cluster is made.""",
    remedy="Add `KerberosAttributes` with `Realm` and `KdcAdminPassword`, and a `SecurityConfiguration` with Kerberos.",
    source=DOCS + "emr-kerberos.html",
    equivalents=("EMR_KERBEROS_ENABLED",),
)

configured = property_rule(
    CLUSTER,
    id="emr-security-configuration-attached",
    title="Big data cluster has a security configuration",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("SecurityConfiguration",),
    holds=is_set,
    message="has no security configuration, so neither its disks nor its traffic are encrypted by EMR",
    rationale="""Encryption at rest and in transit and the metadata service are settings of a security configuration,
    which a cluster has from its start or never. AWS: there is none by default.""",
    remedy="Add `SecurityConfiguration: !Ref Configuration` with an AWS::EMR::SecurityConfiguration.",
    source=DOCS + "emr-security-configurations.html",
    equivalents=("W63",),
)

logging = property_rule(
    CLUSTER,
    id="emr-cluster-logging-enabled",
    title="Big data cluster keeps its logs in Amazon S3",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    path=("LogUri",),
    holds=is_set,
    message="does not keep its logs, which are deleted with its nodes",
    rationale="""Logs on the nodes are gone when the cluster ends, which is when somebody asks why a job failed. AWS:
    without LogUri no logs are kept.""",
    remedy="Add `LogUri: !Sub s3://${Logs}/emr/`.",
    source=DOCS + "emr-plan-debugging.html",
)

_ENCRYPTION: Final = "EncryptionConfiguration"
_AT_REST: Final = {
    "S3EncryptionConfiguration": "EncryptionMode",
    "LocalDiskEncryptionConfiguration": "EncryptionKeyProviderType",
}
_IN_TRANSIT: Final = {"TLSCertificateConfiguration": "CertificateProviderType"}
"""The parts of the two configurations, each with the property that it cannot do without."""


@rule(
    CONFIGURATION,
    id="emr-security-configuration-encryption",
    title="Security configuration encrypts at rest and in transit",
    family=Family.ENCRYPTION,
    severity=Severity.HIGH,
    remedy="Set `EnableAtRestEncryption` and `EnableInTransitEncryption` to true in `EncryptionConfiguration`, with "
    "`AtRestEncryptionConfiguration` (Amazon S3 and local disks) and `InTransitEncryptionConfiguration`.",
    source=DOCS + "emr-create-security-configuration.html",
    equivalents=(
        "W61",
        "EMR_SECURITY_CONFIG_ENABLED_AND_CONFIGURED_RULE",
    ),
)
def encryption(configuration: Resource, ctx: Context) -> Iterator[Verdict]:
    """Intermediate results on the nodes' disks and between them hold the same data as the encrypted sources. AWS:
    each kind of encryption has to be turned on and configured; at rest there are Amazon S3 and local disks, in
    transit a certificate.
    """
    document = configuration.value("SecurityConfiguration")
    match document:
        case Known(View() as view):
            parts = view
        case Known(str(text)):
            yield from _of_text(text, document, ctx)
            return
        case Unknown():
            yield ctx.undecided(document, f"its text cannot be told: {document.reason}")
            return
        case Known() | Absent():
            yield ctx.violation(document, "does not encrypt: its document is none")
            return
    for decision, what in (_at_rest(parts, ctx), _in_transit(parts, ctx)):
        if decision is None:
            yield ctx.undecided(document, f"whether it encrypts {what} is known only at deployment")
        elif not decision:
            yield ctx.violation(parts.value(_ENCRYPTION), f"does not encrypt {what}")


def _at_rest(document: View, ctx: Context) -> tuple[Decision, str]:
    on = _is_on(document, "EnableAtRestEncryption")
    block = (_ENCRYPTION, "AtRestEncryptionConfiguration")
    kinds = [is_set(document.value(*block, *part), ctx) for part in _AT_REST.items()]
    return _together([on, *kinds]), "at rest, in Amazon S3 and on local disks"


def _in_transit(document: View, ctx: Context) -> tuple[Decision, str]:
    on = _is_on(document, "EnableInTransitEncryption")
    block = (_ENCRYPTION, "InTransitEncryptionConfiguration")
    kinds = [is_set(document.value(*block, *part), ctx) for part in _IN_TRANSIT.items()]
    return _together([on, *kinds]), "in transit, with a certificate"


def _is_on(document: View, name: str) -> Decision:
    flag = document.boolean(_ENCRYPTION, name)
    match flag:
        case Known(truth):
            return truth
        case Unknown():
            return None
        case Absent():
            return False


def _together(decisions: list[Decision]) -> Decision:
    return False if False in decisions else None if None in decisions else True


def _of_text(text: str, document: Value[object], ctx: Context) -> Iterator[Verdict]:
    """Verdicts on a document that is written as JSON in one text."""
    try:
        data = json.loads(text)
    except ValueError:
        yield ctx.violation(document, "has a document that is not JSON")
        return
    found = data.get(_ENCRYPTION) if isinstance(data, dict) else None
    block: dict[str, object] = found if isinstance(found, dict) else {}
    for flag, name, parts, what in _PLAIN_PARTS:
        if not (block.get(flag) and _has(block.get(name), parts)):
            yield ctx.violation(document, f"does not encrypt {what}")


_PLAIN_PARTS: Final = (
    ("EnableAtRestEncryption", "AtRestEncryptionConfiguration", _AT_REST, "at rest, in Amazon S3 and on local disks"),
    ("EnableInTransitEncryption", "InTransitEncryptionConfiguration", _IN_TRANSIT, "in transit, with a certificate"),
)


def _has(configuration: object, parts: dict[str, str]) -> bool:
    if not isinstance(configuration, dict):
        return False
    found = [(configuration.get(name), needed) for name, needed in parts.items()]
    return all(isinstance(part, dict) and part.get(needed) for part, needed in found)
