"""Rules on Kinesis data streams and Firehose delivery streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule
from infra_checks.core.table import is_set, property_rule, stated
from infra_checks.evaluate.values import Absent, Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision

STREAM: Final = "AWS::Kinesis::Stream"
DELIVERY: Final = "AWS::KinesisFirehose::DeliveryStream"


@rule(
    STREAM,
    id="kinesis-stream-encrypted",
    title="Stream encrypts its records",
    family=Family.ENCRYPTION,
    severity=Severity.HIGH,
    remedy="Set `StreamEncryption: {EncryptionType: KMS, KeyId: ...}`; alias/aws/kinesis is the key that AWS manages.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/kinesis-stream-encrypted.html",
    equivalents=("7f65be75", "CKV_AWS_43", "W49", "KINESIS_STREAM_ENCRYPTION_RULE", "AWS-0064"),
)
def encrypted(stream: Resource, ctx: Context) -> Iterator[Verdict]:
    """Kinesis stores records for a day to a year. A stream made by CloudFormation without `StreamEncryption` stores
    them in plain text; encryption takes both the type and the key.
    """
    kind, key = stream.text("StreamEncryption", "EncryptionType"), stream.value("StreamEncryption", "KeyId")
    match kind:
        case Unknown():
            yield ctx.undecided(kind, f"EncryptionType cannot be told: {kind.reason}")
        case Known("KMS"):
            if is_set(key, ctx) is False:
                yield ctx.violation(key, "names no key to encrypt its records with")
            elif is_set(key, ctx) is None:
                yield ctx.undecided(key, "whether it names a key is known only at deployment")
        case Known() | Absent():
            yield ctx.violation(kind, "does not encrypt its records")


def _has_source(delivery: Resource) -> Decision:
    """Whether records come from a stream, cluster or database, which encrypts them itself."""
    kind = stated(delivery.text("DeliveryStreamType"))
    match kind:
        case Known(text):
            return text != "DirectPut"
        case Unknown():
            return None
        case Absent():
            return False


delivery_encrypted = property_rule(
    DELIVERY,
    id="kinesis-firehose-delivery-stream-encrypted",
    title="Delivery stream encrypts the records it is given",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("DeliveryStreamEncryptionConfigurationInput", "KeyType"),
    holds=is_set,
    unless=(_has_source,),
    message="does not encrypt its records at rest",
    rationale="""Firehose keeps records until they are delivered, for up to a day when the destination fails. By default
    it stores those that are put into it directly in plain text; with a Kinesis stream as its source it stores none.""",
    remedy="Add `DeliveryStreamEncryptionConfigurationInput: {KeyType: AWS_OWNED_CMK}`, or CUSTOMER_MANAGED_CMK with a "
    "`KeyARN`.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/kinesis-firehose-delivery-stream-encrypted.html",
    equivalents=("W88", "KINESIS_FIREHOSE_DELIVERY_STREAM_ENCRYPTION_RULE"),
)
