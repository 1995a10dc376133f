"""Rules that topics, queues and policies of secrets refuse requests without TLS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.links import attached_policies
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import given
from infra_checks.rules.arns import names
from infra_checks.rules.conditions import names_everyone
from infra_checks.rules.plain_requests import only_without_tls
from infra_checks.rules.policies import Statement, elements, has_effect, names_action, statements
from infra_checks.rules.predicates import all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision

TOPIC: Final = "AWS::SNS::Topic"
QUEUE: Final = "AWS::SQS::Queue"
_REMEDY: Final = (
    "Encrypt the {0}, or add to its policy the statement `{{Effect: Deny, Principal: '*', Action: {1}, "
    "Resource: {2}, Condition: {{Bool: {{aws:SecureTransport: 'false'}}}}}}`."
)


@rule(
    TOPIC,
    id="sns-topic-ssl-requests-only",
    title="Topic refuses messages without TLS",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    remedy=_REMEDY.format("topic", "'sns:Publish'", "!Ref Topic"),
    source="https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html",
    equivalents=("AwsSolutions-SNS3",),
    options={"policy-required": False},
)
def topic(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """SNS takes messages over HTTP as well as HTTPS. It refuses plain requests to a topic with server-side encryption;
    for other topics a policy has to deny sns:Publish to everybody when aws:SecureTransport is false. The option
    policy-required asks for the policy of encrypted topics too.
    """
    yield from _judge(resource, ctx, given("KmsMasterKeyId")(resource), ("sns:Publish",))


@rule(
    QUEUE,
    id="sqs-queue-ssl-requests-only",
    title="Queue refuses requests without TLS",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    remedy=_REMEDY.format("queue", "'sqs:*'", "!GetAtt Queue.Arn"),
    source="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html",
    equivalents=("AwsSolutions-SQS4",),
    options={"policy-required": False},
)
def queue(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """SQS answers HTTP as well as HTTPS. It refuses plain requests to a queue with server-side encryption, which is on
    by default; without it a policy has to deny everybody to send and receive when aws:SecureTransport is false. The
    option policy-required asks for the policy of encrypted queues too.
    """
    yield from _judge(resource, ctx, _encrypted(resource), ("sqs:SendMessage", "sqs:ReceiveMessage"))


def _encrypted(resource: Resource) -> Decision:
    managed = resource.boolean("SqsManagedSseEnabled")
    match managed:
        case Known(truth):
            own: Decision = truth
        case Unknown():
            own = None
        case Absent():
            own = True
    return any_of(own, given("KmsMasterKeyId")(resource))


def _judge(resource: Resource, ctx: Context, encrypted: Decision, actions: tuple[str, ...]) -> Iterator[Verdict]:
    if encrypted and ctx.option("policy-required") is not True:
        return
    policies = list(attached_policies(resource))
    answers = [
        any_of(*(_denies(policy, resource, action, sure=sure) for policy, sure in policies)) for action in actions
    ]
    kept = all_of(answers)
    if kept:
        return
    if kept is None or (encrypted is None and ctx.option("policy-required") is not True):
        yield ctx.undecided(resource, "whether it refuses requests without TLS is known only at deployment")
    elif policies:
        yield ctx.violation(resource, "takes requests without TLS: its policy does not deny them to everybody")
    else:
        yield ctx.violation(resource, "takes requests without TLS: it has no policy that denies them")


@rule(
    "AWS::SecretsManager::ResourcePolicy",
    id="secretsmanager-policy-ssl-requests-only",
    title="Policy of a secret denies requests without TLS",
    family=Family.ENCRYPTION,
    severity=Severity.INFO,
    remedy="Add the statement `{Effect: Deny, Principal: '*', Action: 'secretsmanager:*', Resource: '*', Condition: "
    "{Bool: {aws:SecureTransport: 'false'}}}`.",
    source="https://docs.aws.amazon.com/secretsmanager/latest/userguide/data-protection.html",
)
def secret(policy: Resource, ctx: Context) -> Iterator[Verdict]:
    """Secrets Manager answers by TLS only; some standards ask that the policy says so too. Judged of policies that the
    template has; a secret needs none.
    """
    found = any_of(*(_denies_reading(each) for each in statements(policy, "ResourcePolicy")))
    at = policy.value("ResourcePolicy")
    if found is None:
        yield ctx.undecided(at, "whether it denies requests without TLS is known only at deployment")
    elif not found:
        yield ctx.violation(at, "does not deny requests without TLS")


def _denies_reading(statement: Statement | Unknown) -> Decision:
    if isinstance(statement, Unknown):
        return None
    return all_of(
        (
            has_effect(statement, "Deny").holds,
            names_everyone(statement).holds,
            names_action(statement, "secretsmanager:GetSecretValue").holds,
            only_without_tls(statement),
        )
    )


def _denies(policy: Resource, resource: Resource, action: str, *, sure: bool) -> Decision:
    """Whether a policy denies an action on the resource without TLS."""
    found = any_of(
        *(
            None if isinstance(statement, Unknown) else _covers(statement, resource, action)
            for statement in statements(policy, "PolicyDocument")
        )
    )
    return found if sure or not found else None


def _covers(statement: Statement, resource: Resource, action: str) -> Decision:
    return all_of(
        (
            has_effect(statement, "Deny").holds,
            names_everyone(statement).holds,
            names_action(statement, action).holds,
            only_without_tls(statement),
            any_of(*(names(resource, value) for value in elements(statement, "Resource"))),
        )
    )
