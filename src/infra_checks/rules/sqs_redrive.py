"""Rules on how a queue fits its dead-letter queue, its function, and the time its messages are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_set, property_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

QUEUE: Final = "AWS::SQS::Queue"
FUNCTION: Final = "AWS::Lambda::Function"
_GUIDE: Final = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/"


@rule(
    QUEUE,
    id="sqs-dlq-same-type",
    title="Queue and dead-letter queue are both FIFO or both standard",
    family=Family.DEPLOYABILITY,
    severity=Severity.HIGH,
    remedy="Give both queues `FifoQueue: true`, or neither.",
    source=_GUIDE + "sqs-dead-letter-queues.html",
    equivalents=("E3502",),
)
def same_type(queue: Resource, ctx: Context) -> Iterator[Verdict]:
    """SQS refuses a dead-letter queue of the other type, and the deployment fails. A queue is a standard queue by
    default.
    """
    target = queue.target("RedrivePolicy", "deadLetterTargetArn")
    if not isinstance(target, Resource) or target.type != QUEUE:
        return
    own, other = _is_fifo(queue), _is_fifo(target)
    place = queue.value("RedrivePolicy", "deadLetterTargetArn")
    if own is None or other is None:
        yield ctx.undecided(place, f"whether {target.logical_id} is of the same type is known only at deployment")
    elif own is not other:
        yield ctx.violation(place, f"is a {_kind(own)} queue, but its dead-letter queue {target.logical_id} is not")


def _is_fifo(queue: Resource) -> Decision:
    value = queue.boolean("FifoQueue")
    return None if isinstance(value, Unknown) else isinstance(value, Known) and value.value


def _kind(is_fifo: bool) -> str:
    return "FIFO" if is_fifo else "standard"


_TIMEOUT: Final = 3
_VISIBILITY: Final = 30


@rule(
    "AWS::Lambda::EventSourceMapping",
    id="lambda-sqs-visibility-timeout",
    title="Queue hides a message while its function works on it",
    family=Family.DEPLOYABILITY,
    severity=Severity.MEDIUM,
    remedy="Set the queue's `VisibilityTimeout` to at least six times the function's `Timeout`.",
    source="https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html",
    equivalents=("E3505", "LambdaEventSourceSQSVisibilityTimeout"),
    options={"times": 6},
)
def hidden(mapping: Resource, ctx: Context) -> Iterator[Verdict]:
    """A message that becomes visible again too early is worked on twice. AWS recommends six times the function's
    timeout (by default 3 seconds) for the queue's (by default 30), and refuses a mapping when it is less than once.
    """
    queue, function = mapping.target("EventSourceArn"), mapping.target("FunctionName")
    if not isinstance(queue, Resource) or not isinstance(function, Resource):
        return
    if queue.type != QUEUE or function.type != FUNCTION:
        return
    hides, works = queue.number("VisibilityTimeout"), function.number("Timeout")
    seconds, timeout = _or(hides, _VISIBILITY), _or(works, _TIMEOUT)
    if seconds is None or timeout is None:
        yield ctx.undecided(mapping, f"whether {queue.logical_id} hides messages long enough cannot be told")
    elif seconds < timeout * ctx.number("times"):
        refused = ", which AWS refuses" if seconds < timeout else ""
        yield ctx.violation(
            mapping.value("EventSourceArn"),
            f"reads {queue.logical_id}, which hides messages for {seconds:g} s, for a function with a timeout of "
            f"{timeout:g} s{refused}",
        )


def _or(value: Value[int | float], default: float) -> float | None:
    match value:
        case Known(number):
            return number
        case Unknown():
            return None
        case Absent():
            return default


retention = property_rule(
    QUEUE,
    id="sqs-queue-retention-stated",
    title="Queue states how long it keeps messages",
    family=Family.DELETION,
    severity=Severity.LOW,
    path=("MessageRetentionPeriod",),
    holds=is_set,
    message="does not state how long it keeps messages; SQS drops them after 4 days",
    rationale="""A message that nobody takes is lost when its time is over: after four days by default, which is little
    for a dead-letter queue over a holiday. SQS keeps messages for up to 14 days.""",
    remedy="Set `MessageRetentionPeriod` to a number of seconds up to 1209600.",
    source=_GUIDE + "sqs-basic-architecture.html",
    equivalents=("I3013",),
)
