"""Rules on SNS subscriptions: where messages go, and what becomes of those that cannot be delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_set, property_rule
from infra_checks.evaluate.view import EACH, as_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision

SUBSCRIPTION: Final = "AWS::SNS::Subscription"
_PATHS: Final = {"AWS::SNS::Topic": ("Subscription", EACH, "Protocol"), SUBSCRIPTION: ("Protocol",)}
_GUIDE: Final = "https://docs.aws.amazon.com/sns/latest/dg/"


@rule(
    *_PATHS,
    id="sns-subscription-not-http",
    title="Subscription delivers over HTTPS, not HTTP",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    remedy="Set `Protocol: https`, with an endpoint that begins with https://.",
    source=_GUIDE + "sns-security-best-practices.html",
    equivalents=("sns_subscription_not_using_http_endpoints",),
)
def encrypted(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """With the protocol http, SNS sends messages in plain text through the internet, and anybody on the way can read or
    change them.
    """
    for value in resource.values(*_PATHS[resource.type]):
        protocol = as_text(value)
        match protocol:
            case Known(text):
                if text == "http":
                    yield ctx.violation(protocol, "delivers messages over plain HTTP")
            case Unknown():
                yield ctx.undecided(protocol, f"the protocol of a subscription cannot be told: {protocol.reason}")
            case Absent():
                continue


def _read_by_people(subscription: Resource) -> Decision:
    protocol = subscription.text("Protocol")
    if isinstance(protocol, Unknown):
        return None
    return isinstance(protocol, Known) and protocol.value in {"email", "email-json", "sms", "application"}


dead_letters = property_rule(
    SUBSCRIPTION,
    id="sns-subscription-dlq",
    title="Subscription keeps the messages it could not deliver",
    family=Family.MULTI_AZ,
    severity=Severity.LOW,
    path=("RedrivePolicy", "deadLetterTargetArn"),
    holds=is_set,
    unless=(_read_by_people,),
    message="has no dead-letter queue, so messages that cannot be delivered are lost",
    rationale="""SNS drops a message when the endpoint refuses it or all retries have failed, and keeps none by default.
    It does not apply to mail, text messages and push notifications, which people read.""",
    remedy="Add `RedrivePolicy: {deadLetterTargetArn: !GetAtt DeadLetters.Arn}`.",
    source=_GUIDE + "sns-dead-letter-queues.html",
    equivalents=("Serverless-SNSRedrivePolicy",),
)
