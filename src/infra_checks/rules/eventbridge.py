"""Rules on EventBridge: keys, dead letters, replication."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import given, is_customer_key, is_set, one_of, property_rule
from infra_checks.evaluate.view import EACH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

_GUIDE: Final = "https://docs.aws.amazon.com/eventbridge/latest/userguide/"

key = property_rule(
    "AWS::Events::Archive",
    "AWS::Events::Connection",
    "AWS::Events::EventBus",
    id="eventbridge-customer-managed-key",
    title="Events and connections are encrypted with a key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("KmsKeyIdentifier",),
    holds=is_customer_key,
    message="is encrypted with a key that AWS owns, not with one of your own",
    rationale="""Events hold what happened, archives keep them, and connections hold credentials. EventBridge always
    encrypts them, by default with a key that AWS owns; only the policy of a key of one's own says who may read
    them.""",
    remedy="Set `KmsKeyIdentifier: !GetAtt Key.Arn`.",
    source=_GUIDE + "eb-encryption-at-rest.html",
)


def _has_no_targets(events: Resource) -> Decision:
    targets = given("Targets")(events)
    return None if targets is None else not targets


dead_letters = property_rule(
    "AWS::Events::Rule",
    id="eventbridge-rule-target-dlq",
    title="Events that a target did not take are kept",
    family=Family.MULTI_AZ,
    severity=Severity.LOW,
    path=("Targets", EACH, "DeadLetterConfig", "Arn"),
    holds=is_set,
    unless=(_has_no_targets,),
    message="has a target without a dead-letter queue",
    rationale="""EventBridge tries to deliver an event for 24 hours and up to 185 times, and then drops it unless the
    target has a dead-letter queue. Errors that trying again does not help are dropped at once.""",
    remedy="Add `DeadLetterConfig: {Arn: !GetAtt DeadLetters.Arn}` to each target.",
    source=_GUIDE + "eb-rule-dlq.html",
    equivalents=("Serverless-EventBusDLQ",),
)


def _replicates(value: Value[object], ctx: Context) -> Decision:
    """It is enabled, or left out, which means the same."""
    return isinstance(value, Absent) or one_of("ENABLED")(value, ctx)


replication = property_rule(
    "AWS::Events::Endpoint",
    id="global-endpoint-event-replication-enabled",
    title="Global endpoint copies its events to the second region",
    family=Family.MULTI_AZ,
    severity=Severity.MEDIUM,
    path=("ReplicationConfig", "State"),
    holds=_replicates,
    message="does not copy its events to the second region",
    rationale="""Without replication the second region lacks the events that came before the failure, and AWS cannot
    fall back by itself afterwards. The default state is ENABLED.""",
    remedy="Set `ReplicationConfig: {State: ENABLED}` and `RoleArn`.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/global-endpoint-event-replication-enabled.html",
    equivalents=("eventbridge_global_endpoint_event_replication_enabled",),
)


@rule(
    "AWS::Events::ApiDestination",
    id="eventbridge-api-destination-https",
    title="Events are sent to an API by HTTPS",
    family=Family.ENCRYPTION,
    severity=Severity.HIGH,
    remedy="Give `InvocationEndpoint` an address that begins with https://.",
    source=_GUIDE + "eb-api-destinations.html",
)
def destination(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """EventBridge calls the address with the credentials of the connection; over plain HTTP anybody on the way reads
    them and the events.
    """
    address = resource.text("InvocationEndpoint")
    match address:
        case Absent():
            return
        case Known(text):
            start = text
        case Unknown():
            first = address.parts[0] if address.parts else ""
            start = first if isinstance(first, str) else ""
    if start.lower().startswith("https:"):
        return
    if isinstance(address, Unknown) and not start.lower().startswith("http:"):
        yield ctx.undecided(address, f"whether it is called by HTTPS cannot be told: {address.reason}")
    else:
        yield ctx.violation(address, "sends events, and the credentials of its connection, without TLS")
