"""Rules on SQS queues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import rule
from infra_checks.core.table import is_customer_key, is_set, property_rule
from infra_checks.evaluate.values import Absent, Known, Unknown, Value
from infra_checks.evaluate.view import EACH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision

QUEUE: Final = "AWS::SQS::Queue"
_GUIDE: Final = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/"


@rule(
    QUEUE,
    id="sqs-queue-encrypted",
    title="Queue encrypts its messages",
    family=Family.ENCRYPTION,
    severity=Severity.HIGH,
    remedy="Remove `SqsManagedSseEnabled: false`, or set `KmsMasterKeyId`.",
    source=_GUIDE + "sqs-configure-sqs-sse-queue.html",
    equivalents=(
        "12726829",
        "CKV_AWS_27",
        "AwsSolutions-SQS2",
        "AWS-0096",
        "sqs_queues_server_side_encryption_enabled",
    ),
)
def encrypted(queue: Resource, ctx: Context) -> Iterator[Verdict]:
    """Messages may hold anything. SQS encrypts new queues with its own keys (SSE-SQS) unless `SqsManagedSseEnabled` is
    false; a KMS key in `KmsMasterKeyId` takes its place.
    """
    key = queue.value("KmsMasterKeyId")
    if is_set(key, ctx):
        return
    managed = queue.boolean("SqsManagedSseEnabled")
    match managed:
        case Known(True) | Absent():
            return
        case Unknown():
            yield ctx.undecided(managed, f"SqsManagedSseEnabled cannot be told: {managed.reason}")
        case Known() if isinstance(key, Unknown):
            yield ctx.undecided(key, f"whether KmsMasterKeyId is set cannot be told: {key.reason}")
        case Known():
            yield ctx.violation(managed, "does not encrypt its messages")


customer_key = property_rule(
    QUEUE,
    id="sqs-queue-customer-managed-key",
    title="Queue encrypts its messages with a customer managed key",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("KmsMasterKeyId",),
    holds=is_customer_key,
    message="is not encrypted with a customer managed KMS key",
    rationale="""Only a customer managed key has a policy that can be narrowed, and access that can be taken away.
    SSE-SQS uses keys of SQS; alias/aws/sqs is managed by AWS.""",
    remedy="Set `KmsMasterKeyId` to a key of your own.",
    source=_GUIDE + "sqs-server-side-encryption.html",
    equivalents=(
        "W48",
        "SQS_QUEUE_KMS_MASTER_KEY_ID_RULE",
        "AWS-0135",
    ),
)

_DEAD_LETTERS: Final = {
    QUEUE: ("RedrivePolicy", "deadLetterTargetArn"),
    "AWS::Events::Rule": ("Targets", EACH, "DeadLetterConfig", "Arn"),
    "AWS::Lambda::EventInvokeConfig": ("DestinationConfig", "OnFailure", "Destination"),
    "AWS::Lambda::EventSourceMapping": ("DestinationConfig", "OnFailure", "Destination"),
    "AWS::Lambda::Function": ("DeadLetterConfig", "TargetArn"),
    "AWS::Pipes::Pipe": ("SourceParameters", EACH, "DeadLetterConfig", "Arn"),
    "AWS::SNS::Subscription": ("RedrivePolicy", "deadLetterTargetArn"),
    "AWS::Scheduler::Schedule": ("Target", "DeadLetterConfig", "Arn"),
}
"""Where a queue is named that takes what others could not handle."""


@rule(
    QUEUE,
    id="sqs-queue-dlq-check",
    title="Queue has a dead-letter queue",
    family=Family.MULTI_AZ,
    severity=Severity.MEDIUM,
    remedy="Add `RedrivePolicy: {deadLetterTargetArn: !GetAtt DeadLetters.Arn, maxReceiveCount: 5}`.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/sqs-queue-dlq-check.html",
    equivalents=("AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy"),
)
def dead_letters(queue: Resource, ctx: Context) -> Iterator[Verdict]:
    """A message that cannot be handled comes back until it expires, and is then lost. A queue that is itself used for
    dead letters, or says in `RedriveAllowPolicy` whose it takes, needs none.
    """
    target = queue.value("RedrivePolicy", "deadLetterTargetArn")
    policy = queue.value("RedrivePolicy")
    if isinstance(policy, Known) and isinstance(policy.value, str):
        target = policy if "deadLetterTargetArn" in policy.value else Absent(policy.node, policy.path, policy.notes)
    if is_set(target, ctx) or _takes_dead_letters(queue, ctx):
        return
    if isinstance(target, Unknown):
        yield ctx.undecided(target, f"whether it has a dead-letter queue cannot be told: {target.reason}")
    else:
        yield ctx.violation(target, "has no dead-letter queue")


def _takes_dead_letters(queue: Resource, ctx: Context) -> Decision:
    if is_set(queue.value("RedriveAllowPolicy"), ctx):
        return True
    return any(
        _names(queue, resource, value)
        for kind, path in _DEAD_LETTERS.items()
        for resource in queue.stack.of_type(kind)
        for value in resource.values(*path)
    )


def _names(queue: Resource, resource: Resource, value: Value[object]) -> bool:
    """Whether a value is the queue's ARN: by reference, or written out with its name at the end."""
    target = resource.stack.target_of(value)
    if isinstance(target, Resource):
        return target == queue
    name = queue.value("QueueName")
    last = (
        value.parts[-1]
        if isinstance(value, Unknown) and value.parts
        else value.value
        if isinstance(value, Known)
        else ""
    )
    return isinstance(name, Known) and isinstance(last, str) and last.rpartition(":")[2] == name.value
