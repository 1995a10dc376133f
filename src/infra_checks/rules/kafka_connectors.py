"""Rules on connectors of MSK Connect, and on who may use an MSK cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule
from infra_checks.core.table import is_true, one_of, property_rule
from infra_checks.rules.predicates import any_of, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"

encrypted = property_rule(
    "AWS::KafkaConnect::Connector",
    id="msk-connect-connector-encrypted",
    title="Connector reaches its cluster over TLS",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("KafkaClusterEncryptionInTransit", "EncryptionType"),
    holds=one_of("TLS"),
    message="reaches its Kafka cluster in plaintext",
    rationale="""What a connector copies can be read on its way to the brokers unless both sides speak TLS.""",
    remedy="Set `KafkaClusterEncryptionInTransit: {EncryptionType: TLS}`.",
    source="https://docs.aws.amazon.com/securityhub/latest/userguide/msk-controls.html#msk-3",
)


@rule(
    "AWS::KafkaConnect::Connector",
    id="msk-connect-connector-logging-enabled",
    title="Connector writes logs",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    remedy="Set `LogDelivery.WorkerLogDelivery.CloudWatchLogs: {Enabled: true, LogGroup: ...}`.",
    source=_CONFIG + "msk-connect-connector-logging-enabled.html",
    equivalents=("MSK_CONNECT_CONNECTOR_LOGGING_ENABLED",),
)
def connector_logs(connector: Resource, ctx: Context) -> Iterator[Verdict]:
    """What a connector could not copy is only in the logs of its workers, which go to CloudWatch Logs, Firehose or S3
    when one of them is enabled.
    """
    delivery = ("LogDelivery", "WorkerLogDelivery")
    logged = any_of(
        *(is_true(connector.value(*delivery, to, "Enabled"), ctx) for to in ("CloudWatchLogs", "Firehose", "S3"))
    )
    value = connector.value(*delivery)
    if logged is None:
        yield ctx.undecided(value, "whether its workers write logs is known only at deployment")
    elif not logged:
        yield ctx.violation(value, "delivers no logs of its workers")


_AUTHENTICATION: Final = "ClientAuthentication"


@rule(
    "AWS::MSK::Cluster",
    id="msk-unrestricted-access-check",
    title="Cluster refuses clients that do not authenticate",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Set `ClientAuthentication: {Sasl: {Iam: {Enabled: true}}, Unauthenticated: {Enabled: false}}`.",
    source=_CONFIG + "msk-unrestricted-access-check.html",
    equivalents=("MSK_UNRESTRICTED_ACCESS_CHECK",),
)
def authenticated(cluster: Resource, ctx: Context) -> Iterator[Verdict]:
    """Who reaches a broker without authentication reads and writes every topic. AWS: clients authenticate where IAM,
    SASL/SCRAM or TLS is turned on; the property has no default, so that a cluster that turns none on takes everyone.
    With TLS on and ClientBroker TLS_PLAINTEXT there is a second listener, for clients without authentication.
    """
    everyone = cluster.value(_AUTHENTICATION, "Unauthenticated", "Enabled")
    taken = is_true(everyone, ctx)
    ways = (("Sasl", "Iam"), ("Sasl", "Scram"), ("Tls",))
    asked = any_of(*(is_true(cluster.value(_AUTHENTICATION, *way, "Enabled"), ctx) for way in ways))
    clients = cluster.text("EncryptionInfo", "EncryptionInTransit", "ClientBroker")
    plain = text_is(clients, "TLS_PLAINTEXT", "PLAINTEXT")
    if taken:
        yield ctx.violation(everyone, "takes clients that do not authenticate")
    elif asked is False:
        yield ctx.violation(cluster.value(_AUTHENTICATION), "states no way for clients to authenticate")
    elif plain:
        yield ctx.violation(clients, "takes connections in plain text, by which clients do not authenticate")
    elif taken is None or asked is None:
        yield ctx.undecided(everyone, "whether clients have to authenticate is known only at deployment")
    elif plain is None:
        yield ctx.undecided(clients, "whether it takes plain text, without authentication, is known only at deployment")
