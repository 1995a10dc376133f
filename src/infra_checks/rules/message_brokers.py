"""Rules on Amazon MSK clusters and Amazon MQ brokers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_not_false, is_not_true, is_set, is_true, property_rule
from infra_checks.evaluate.view import as_boolean
from infra_checks.rules.predicates import any_of, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

CLUSTER: Final = "AWS::MSK::Cluster"
BROKER: Final = "AWS::AmazonMQ::Broker"
_MSK: Final = "https://docs.aws.amazon.com/msk/latest/developerguide/"
_MQ: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-amazonmq-broker-"
_LOGS: Final = ("LoggingInfo", "BrokerLogs")


@rule(
    CLUSTER,
    id="msk-cluster-broker-logs-enabled",
    title="Cluster delivers its brokers' logs",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    remedy="Set `LoggingInfo.BrokerLogs.CloudWatchLogs: {Enabled: true, LogGroup: ...}`, or `S3` or `Firehose`.",
    source=_MSK + "msk-logging.html",
    equivalents=("CKV_AWS_80", "CKV2_AWS_25"),
)
def broker_logs(cluster: Resource, ctx: Context) -> Iterator[Verdict]:
    """Nobody can log in to a broker of MSK, so its logs, which show failing clients and brokers, are only seen where
    MSK delivers them: by default nowhere.
    """
    kept = any_of(*(_is_on(cluster.boolean(*_LOGS, name, "Enabled")) for name in ("CloudWatchLogs", "Firehose", "S3")))
    if kept is None:
        yield ctx.undecided(cluster.value(*_LOGS), "whether broker logs are delivered is known only at deployment")
    elif not kept:
        yield ctx.violation(cluster.value(*_LOGS), "delivers its brokers' logs nowhere")


def _is_on(value: Value[bool]) -> Decision:
    match value:
        case Known(truth):
            return truth
        case Unknown():
            return None
        case Absent():
            return False


@rule(
    CLUSTER,
    id="msk-cluster-public-access-disabled",
    title="Cluster has no public addresses",
    family=Family.NETWORK,
    severity=Severity.HIGH,
    remedy="Remove `BrokerNodeGroupInfo.ConnectivityInfo.PublicAccess`, or set its `Type: DISABLED`.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/msk-cluster-public-access-disabled.html",
    equivalents=("CKV_AWS_291",),
)
def not_public(cluster: Resource, ctx: Context) -> Iterator[Verdict]:
    """With public access every broker gets an address on the internet, and only authentication and a security group
    stand before the data. It is off by default.
    """
    kind = cluster.text("BrokerNodeGroupInfo", "ConnectivityInfo", "PublicAccess", "Type")
    match kind:
        case Absent() | Known("DISABLED"):
            return
        case Unknown():
            yield ctx.undecided(kind, f"whether its brokers are public cannot be told: {kind.reason}")
        case Known():
            yield ctx.violation(kind, "gives its brokers public addresses")


@rule(
    BROKER,
    id="mq-broker-kms-key",
    title="Broker encrypts its storage with a KMS key of the account",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    remedy="Set `EncryptionOptions: {UseAwsOwnedKey: false, KmsKeyId: ...}`.",
    source=_MQ + "encryptionoptions.html",
)
def broker_key(broker: Resource, ctx: Context) -> Iterator[Verdict]:
    """Amazon MQ always encrypts at rest, by default with a key that AWS owns and shares between accounts, of which
    nobody sees the use. A key of the account is used when `UseAwsOwnedKey` is false; it cannot be changed later.
    """
    owned = as_boolean(broker.value("EncryptionOptions", "UseAwsOwnedKey"))
    match owned:
        case Known(False):
            return
        case Unknown():
            yield ctx.undecided(owned, f"UseAwsOwnedKey cannot be told: {owned.reason}")
        case Known() | Absent():
            yield ctx.violation(owned, "encrypts its storage with a key that AWS owns")


def _is_rabbit(broker: Resource) -> Decision:
    return text_is(broker.text("EngineType"), "RABBITMQ")


audit = property_rule(
    BROKER,
    id="mq-cloudwatch-audit-logging-enabled",
    title="ActiveMQ broker writes audit logs",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    path=("Logs", "Audit"),
    holds=is_true,
    unless=(_is_rabbit,),
    message="writes no audit logs",
    rationale="""The audit log says who did what by the console or by JMX. It is off by default; RabbitMQ brokers have
    none.""",
    remedy="Set `Logs: {Audit: true, General: true}`.",
    source=_MQ + "loglist.html",
    equivalents=("CKV_AWS_197",),
)

encryption_stated = property_rule(
    BROKER,
    id="mq-broker-encryption-stated",
    title="Broker says which key encrypts its storage",
    family=Family.ENCRYPTION,
    severity=Severity.INFO,
    path=("EncryptionOptions",),
    holds=is_set,
    message="does not say which key encrypts its storage",
    rationale="""Amazon MQ encrypts at rest in any case, by default with a key that AWS owns. Which key it is cannot be
    changed later, so that it is better decided than left open.""",
    remedy="Add `EncryptionOptions: {UseAwsOwnedKey: false, KmsKeyId: ...}`.",
    source=_MQ + "encryptionoptions.html",
    equivalents=("AMAZON_MQ_BROKER_ENCRYPTION_OPTIONS_RULE", "W53"),
)

broker_not_public = property_rule(
    BROKER,
    id="mq-no-public-access",
    title="Broker has no public address",
    family=Family.NETWORK,
    severity=Severity.HIGH,
    path=("PubliclyAccessible",),
    holds=is_not_true,
    message="has a public address",
    rationale="""A public broker takes connections from the whole internet, with nothing but passwords in between.""",
    remedy="Set `PubliclyAccessible: false`.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/mq-no-public-access.html",
    equivalents=("CKV_AWS_69",),
)

_TRANSIT: Final = ("EncryptionInfo", "EncryptionInTransit")


@rule(
    CLUSTER,
    id="msk-cluster-encrypted-in-transit",
    title="Cluster encrypts what goes to, from and between its brokers",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    remedy="Set `EncryptionInfo.EncryptionInTransit: {ClientBroker: TLS, InCluster: true}`.",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
    "aws-properties-msk-cluster-encryptionintransit.html",
    equivalents=("CKV_AWS_81",),
)
def in_transit(cluster: Resource, ctx: Context) -> Iterator[Verdict]:
    """With TLS_PLAINTEXT or PLAINTEXT brokers take unencrypted connections too. AWS: ClientBroker is TLS and InCluster
    true by default, and a cluster is always encrypted at rest.
    """
    clients = cluster.text(*_TRANSIT, "ClientBroker")
    tls = text_is(clients, "TLS")
    if not isinstance(clients, Absent) and not tls:
        if tls is None:
            yield ctx.undecided(clients, "whether clients need TLS is known only at deployment")
        else:
            yield ctx.violation(clients, "takes unencrypted connections of clients")
    inside = cluster.value(*_TRANSIT, "InCluster")
    kept = is_not_false(inside, ctx)
    if kept is None:
        yield ctx.undecided(inside, "whether traffic between brokers is encrypted is known only at deployment")
    elif not kept:
        yield ctx.violation(inside, "does not encrypt the traffic between its brokers")
