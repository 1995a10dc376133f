"""Rules on policies that are attached to resources: who may use a queue, topic, bucket, key, secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.access.carriers import policies_of
from infra_checks.access.table import RESOURCE_TYPES
from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule
from infra_checks.core.table import is_filled, is_set
from infra_checks.evaluate.values import Absent, Unknown
from infra_checks.evaluate.view import View
from infra_checks.iam.answers import Certainty
from infra_checks.iam.model import Effect, PolicyType
from infra_checks.iam.questions import public
from infra_checks.rules.conditions import limits_callers, names_everyone
from infra_checks.rules.granting import openings, statement_name, verdict
from infra_checks.rules.policies import (
    Match,
    both,
    judged_statements,
    names_action,
    negated,
    reason,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.iam.model import Patterns, Principals, Statement

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

_PRIVATE: Final = (
    *("AWS::Backup::LogicallyAirGappedBackupVault", "AWS::CodeArtifact::Domain", "AWS::CodeArtifact::Repository"),
    *("AWS::DynamoDB::GlobalTable", "AWS::Events::EventBus", "AWS::S3::MultiRegionAccessPointPolicy"),
    *("AWS::S3Express::AccessPoint", "AWS::S3Express::BucketPolicy", "AWS::S3Outposts::AccessPoint"),
    *("AWS::S3Outposts::BucketPolicy", "AWS::S3Tables::TableBucketPolicy", "AWS::S3Tables::TablePolicy"),
    "AWS::S3Vectors::VectorBucketPolicy",
)
"""More types with a policy that has no use for everyone. Policies of APIs, of what streams to everyone, and of what is
reached through a VPC only are not among them."""

_ACCESS_POINTS: Final = frozenset(
    {"AWS::S3::AccessPoint", "AWS::S3Express::AccessPoint", "AWS::S3Outposts::AccessPoint"}
)

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

_GUIDE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"


@rule(
    *_DOCUMENTS,
    *_PRIVATE,
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
    not. What other statements of the policy deny counts. AWS: an access point with VpcConfiguration takes requests
    from that VPC only and is never public.
    """
    in_vpc = is_filled(resource.value("VpcConfiguration", "VpcId")) if resource.type in _ACCESS_POINTS else False
    if in_vpc:
        return
    for opening in openings(resource, PolicyType.RESOURCE, PolicyType.KEY):
        answer, at = opening.ask(public)
        if in_vpc is False:
            yield from verdict(ctx, answer, at, f"is open to everyone ({opening.name})")
        elif answer.certainty is not Certainty.NO:
            yield ctx.undecided(at, "whether it is open to everyone, or to a VPC only, cannot be told")


def _admits_everyone(statement: View) -> Match:
    return both(names_everyone(statement), lambda: negated(limits_callers(statement)))


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
    *RESOURCE_TYPES,
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
    yield from _negated(resource, ctx, lambda statement: statement.principals, words)


@rule(
    *RESOURCE_TYPES,
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
    yield from _negated(resource, ctx, lambda statement: statement.actions, words)


def _negated(
    resource: Resource,
    ctx: Context,
    chosen: Callable[[Statement], Patterns | Principals | None],
    words: tuple[str, str],
) -> Iterator[Verdict]:
    """A verdict for each Allow with an element that lists what is left out; `words` are what it does, what is open."""
    does, question = words
    for carried in policies_of(resource, PolicyType.RESOURCE, PolicyType.KEY):
        for part in carried.policy.unread:
            if isinstance(carried.at(part.path), Unknown):
                yield ctx.undecided(carried.at(part.path), f"{question} cannot be told: {part.reason}")
                break
        for statement in carried.policy.statements:
            element = chosen(statement)
            if element is None or not element.negated or statement.effect is Effect.DENY:
                continue
            at = carried.at(element.path)
            if statement.effect is None:
                yield ctx.undecided(at, f"it cannot be told whether it {does}: its Effect is not known")
            else:
                yield ctx.violation(at, f"{does} ({statement_name(statement)})")


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
