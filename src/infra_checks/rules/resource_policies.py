"""Rules on policies that are attached to resources: who may use a queue, topic, bucket, key, secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule
from infra_checks.core.table import is_set
from infra_checks.evaluate.values import Absent, Known, Unknown
from infra_checks.evaluate.view import View
from infra_checks.iam.model import PolicyType
from infra_checks.iam.questions import public
from infra_checks.rules.conditions import limits_callers, names_everyone
from infra_checks.rules.granting import openings, verdict
from infra_checks.rules.policies import (
    Match,
    both,
    has_effect,
    is_given,
    judged_statements,
    names_action,
    negated,
    reason,
    statements,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

_DOCUMENTS: Final = {
    "AWS::Backup::BackupVault": ("AccessPolicy",),
    "AWS::DynamoDB::Table": ("ResourcePolicy", "PolicyDocument"),
    "AWS::ECR::Repository": ("RepositoryPolicyText",),
    "AWS::KMS::Key": ("KeyPolicy",),
    "AWS::KMS::ReplicaKey": ("KeyPolicy",),
    "AWS::Kinesis::ResourcePolicy": ("ResourcePolicy",),
    "AWS::Logs::ResourcePolicy": ("PolicyDocument",),
    "AWS::S3::AccessPoint": ("Policy",),
    "AWS::S3::BucketPolicy": ("PolicyDocument",),
    "AWS::SNS::TopicInlinePolicy": ("PolicyDocument",),
    "AWS::SNS::TopicPolicy": ("PolicyDocument",),
    "AWS::SQS::QueueInlinePolicy": ("PolicyDocument",),
    "AWS::SQS::QueuePolicy": ("PolicyDocument",),
    "AWS::SecretsManager::ResourcePolicy": ("ResourcePolicy",),
}
"""The types that hold a resource-based policy, and where."""

_WILDCARDS: Final = {
    "AWS::S3::BucketPolicy": "s3",
    "AWS::SNS::TopicInlinePolicy": "sns",
    "AWS::SNS::TopicPolicy": "sns",
    "AWS::SQS::QueueInlinePolicy": "sqs",
    "AWS::SQS::QueuePolicy": "sqs",
    "AWS::SecretsManager::ResourcePolicy": "secretsmanager",
}
"""Policies in which no one needs all actions of the service, and that service. A KMS key's policy gives its account
`kms:*` by design."""

_NEGATED: Final = frozenset(
    {"stringnotequals", "stringnotequalsignorecase", "stringnotlike", "arnnotequals", "arnnotlike"}
)
_GUIDE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"


@rule(
    *_DOCUMENTS,
    id="resource-policy-not-public",
    title="A resource's policy does not let everyone in",
    family=Family.IAM,
    severity=Severity.CRITICAL,
    remedy="Name accounts, roles or services in `Principal`, or limit the statement by a condition such as "
    "`ArnLike: {aws:SourceArn: ...}` or `StringEquals: {aws:PrincipalOrgID: ...}`.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    equivalents=(
        "CKV_AWS_32",
        "CKV_AWS_33",
        "F16",
        "F18",
        "F21",
        "F76",
        "KMS_NO_WILDCARD_PRINCIPAL",
        "S3_BUCKET_POLICY_NO_WILDCARD_PRINCIPAL",
        "SNS_TOPICPOLICY_NO_WILDCARD_PRINCIPAL",
        "SQS_QUEUEPOLICY_NO_WILDCARD_PRINCIPAL",
        "AwsSolutions-ECR1",
        "AwsSolutions-S5",
        "AWS-0032",
        "ecr_repositories_not_publicly_accessible",
        "kms_key_not_publicly_accessible",
        "secretsmanager_not_publicly_accessible",
        "sns_topics_not_publicly_accessible",
        "sqs_queues_not_publicly_accessible",
        "GenericResourceFullWildcardPrincipalRule",
        "KMSKeyWildcardPrincipalRule",
        "SQSQueuePolicyPublicRule",
    ),
)
def public_policy(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """`Allow` for `*` admits every AWS account and, where the service takes unsigned requests, the whole internet.
    Fixed values of keys such as aws:SourceArn, aws:SourceAccount, aws:PrincipalOrgID, aws:SourceVpce or
    kms:CallerAccount limit it; wildcards in the account of an ARN, operators with IfExists and kms:ViaService alone do
    not. Where another statement denies everyone outside such values, the outcome is left open.
    """
    for opening in openings(resource, PolicyType.RESOURCE, PolicyType.KEY):
        answer, at = opening.ask(public)
        yield from verdict(ctx, answer, at, f"is open to everyone ({opening.name})")


def _admits_everyone(statement: View) -> Match:
    return both(names_everyone(statement), lambda: negated(limits_callers(statement)))


def _denied(resource: Resource, path: tuple[str, ...]) -> View | None:
    """A statement that denies everyone who is not of some organisation, account, endpoint or the like."""
    for statement in statements(resource, *path):
        if isinstance(statement, View) and has_effect(statement, "Deny").holds and _denies_others(statement):
            return statement
    return None


def _denies_others(statement: View) -> bool:
    operators = statement.mapping("Condition")
    if names_everyone(statement).holds is False or not isinstance(operators, Known):
        return False
    keys = [
        key.lower()
        for operator in list(operators.value.keys())
        if operator.lower() in _NEGATED
        for key in list(operators.value.at(operator).keys())
    ]
    return any(key.startswith(("aws:principal", "aws:source", "aws:vpc", "kms:caller")) for key in keys)


@rule(
    "AWS::Events::EventBusPolicy",
    id="events-bus-policy-not-public",
    title="An event bus does not take events from everyone",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Name accounts in `Principal`, or add a condition on `aws:PrincipalOrgID`.",
    source="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html",
    equivalents=("AwsSolutions-EVB1", "eventbridge_bus_exposed"),
)
def public_bus(policy: Resource, ctx: Context) -> Iterator[Verdict]:
    """With `*` every AWS account can put events on the bus and so start what its rules start. The policy is either one
    `Statement`, or `Principal` with `Condition` beside it.
    """
    match = _admits_everyone(policy.at("Statement"))
    if isinstance(policy.value("Statement"), Absent):
        limit = policy.value("Condition")
        match = both(names_everyone(policy), lambda: negated(Match(is_set(limit, ctx), limit)))
    elif isinstance(policy.value("Statement"), Unknown):
        match = Match(None, policy.value("Statement"))
    if match.holds:
        yield ctx.violation(match.at, "takes events from every AWS account")
    elif match.holds is None:
        yield ctx.undecided(match.at, f"whether it takes events from everyone cannot be told: {reason(match.at)}")


@rule(
    *_DOCUMENTS,
    id="resource-policy-no-not-principal",
    title="No resource's policy names who may not use it",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Use `Principal` with those who may use the resource instead of `NotPrincipal`.",
    source=_GUIDE + "reference_policies_elements_notprincipal.html",
    equivalents=(
        "F7",
        "F8",
        "F9",
        "S3_BUCKETPOLICY_NO_ALLOW_PLUS_NOTPRINCIPAL",
        "SNS_TOPICPOLICY_NO_ALLOW_PLUS_NOTPRINCIPAL",
        "SQS_QUEUEPOLICY_NO_ALLOW_PLUS_NOTPRINCIPAL",
        "SNSTopicPolicyNotPrincipalRule",
        "SQSQueuePolicyNotPrincipalRule",
    ),
)
def not_principal(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """`Allow` with `NotPrincipal` lets in everyone but those listed, also callers without an AWS account."""
    words = "lets in everyone but those in NotPrincipal", "whether it uses NotPrincipal"
    path = _DOCUMENTS[resource.type]
    yield from judged_statements(resource, ctx, lambda statement: is_given(statement, "NotPrincipal"), path, words)


@rule(
    *_DOCUMENTS,
    id="resource-policy-no-not-action",
    title="No resource's policy allows everything but some actions",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Use `Action` with the actions that are needed instead of `NotAction`.",
    source=_GUIDE + "reference_policies_elements_notaction.html",
    equivalents=(
        "W18",
        "W19",
        "W20",
        "S3_BUCKET_POLICY_NO_ALLOW_PLUS_NOT_ACTION",
        "SNS_TOPICPOLICY_NO_ALLOW_PLUS_NOT_ACTION",
        "SQS_QUEUEPOLICY_NO_ALLOW_PLUS_NOT_ACTION",
    ),
)
def not_action(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """`Allow` with `NotAction` grants every action that is not listed, also those that AWS adds later."""
    words = "allows every action but those in NotAction", "whether it uses NotAction"
    path = _DOCUMENTS[resource.type]
    yield from judged_statements(resource, ctx, lambda statement: is_given(statement, "NotAction"), path, words)


@rule(
    *_WILDCARDS,
    id="resource-policy-no-wildcard-action",
    title="No resource's policy allows all actions of its service",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="List the actions that are needed, such as `sqs:SendMessage`, in `Action`.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/sqs-queue-policy-full-access-check.html",
    equivalents=(
        "F15",
        "F20",
        "S3_BUCKET_POLICY_NO_WILDCARD_ACTION",
        "SQS_QUEUEPOLICY_NO_WILDCARD_ACTION",
        "S3BucketPolicyWildcardActionRule",
        "SNSTopicPolicyWildcardActionRule",
        "SQSQueuePolicyWildcardActionRule",
        "AWS-0097",
    ),
)
def wildcard_action(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """`*` or `sqs:*` also lets the principal delete the resource and change this very policy."""
    words = "allows all actions of its service", "whether it allows all actions of its service"
    sample = f"{_WILDCARDS[resource.type]}:zqzqzqzq"
    path = _DOCUMENTS[resource.type]
    yield from judged_statements(resource, ctx, lambda statement: names_action(statement, sample), path, words)
