"""Rules on what services of AWS may do: with a bucket, with log groups, with the role of AWS Config."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.access.carriers import policies_of
from infra_checks.access.symbols import text_at
from infra_checks.core.finding import Family, Severity
from infra_checks.core.links import attached_policies
from infra_checks.core.resource import Resource
from infra_checks.core.rule import rule
from infra_checks.evaluate.values import Absent, Known, Unknown
from infra_checks.iam.model import PolicyType
from infra_checks.iam.questions import confused_deputy
from infra_checks.iam.text import pieces
from infra_checks.rules.granting import openings, verdict
from infra_checks.rules.policies import reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict


@rule(
    "AWS::S3::Bucket",
    id="s3-bucket-has-policy",
    title="A bucket has a policy",
    family=Family.IAM,
    severity=Severity.INFO,
    remedy="Add an AWS::S3::BucketPolicy, which at least denies requests without TLS.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html",
    equivalents=("W51",),
)
def bucket_policy(bucket: Resource, ctx: Context) -> Iterator[Verdict]:
    """Without a policy nothing is denied: every role of the account whose own policies allow it uses the bucket, also
    without TLS. Policies of other stacks are not seen, so that this only informs.
    """
    attached = [sure for _, sure in attached_policies(bucket)]
    if True in attached:
        return
    if attached:
        yield ctx.undecided(bucket, "whether it has a policy cannot be told: the bucket of a policy is not known")
    else:
        yield ctx.violation(bucket, "has no policy in this stack")


_SOURCED: Final = (
    "delivery.logs.amazonaws.com",  # CloudWatch Logs User Guide: Enable logging from AWS services
    "es.amazonaws.com",  # OpenSearch Service Developer Guide: Monitoring logs
    "route53.amazonaws.com",  # Route 53 Developer Guide: Public DNS query logging
)


@rule(
    "AWS::Logs::ResourcePolicy",
    id="logs-resource-policy-source-limited",
    title="A service writes logs for this account only",
    family=Family.IAM,
    severity=Severity.LOW,
    remedy="Add a condition on `aws:SourceArn` or `aws:SourceAccount` to the statement of the service.",
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html",
)
def logs_policy(policy: Resource, ctx: Context) -> Iterator[Verdict]:
    """Another account can make a service write to the log groups of this one unless the policy says for whom it may.
    AWS puts both keys into the policies that it makes itself for the delivery of logs. Only services are judged whose
    guides have the condition, as EventBridge does not send the keys with every request.
    """
    for opening in openings(policy, PolicyType.RESOURCE):
        principals = opening.statement.principals
        if principals is None or not all(one.name in _SOURCED for one in principals.listed):
            continue
        answer, at = opening.ask(confused_deputy)
        yield from verdict(ctx, answer, at, f"lets a service write whichever account it acts for ({opening.name})")
    for carried in policies_of(policy, PolicyType.RESOURCE):
        for part in carried.policy.unread[:1]:
            yield ctx.undecided(carried.at(part.path), f"for whom a service may write cannot be told: {part.reason}")


_LINKED: Final = "/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"


@rule(
    "AWS::Config::ConfigurationRecorder",
    id="config-recorder-service-linked-role",
    title="AWS Config records with its service-linked role",
    family=Family.IAM,
    severity=Severity.INFO,
    remedy="Set `RoleARN` to `arn:${AWS::Partition}:iam::${AWS::AccountId}:role/aws-service-role/config.amazonaws.com/"
    "AWSServiceRoleForConfig`.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/using-service-linked-roles.html",
    equivalents=("config_recorder_using_aws_service_role",),
)
def recorder_role(recorder: Resource, ctx: Context) -> Iterator[Verdict]:
    """AWS keeps the permissions of the service-linked role in step with the types that are recorded; a role of one's
    own misses what was added since it was written, and those resources are not recorded.
    """
    value = recorder.value("RoleARN")
    text = text_at(recorder.stack, value)
    told = "" if text is None else "".join(piece if isinstance(piece, str) else "" for piece in pieces(text))
    match value:
        case Known():
            if not told.endswith(_LINKED):
                yield ctx.violation(value, "records with a role that is not AWSServiceRoleForConfig")
        case Unknown():
            if told.endswith(_LINKED):
                return
            if ":role" in told:
                yield ctx.violation(value, "records with a role that is not AWSServiceRoleForConfig")
            else:
                yield ctx.undecided(value, f"which role it records with cannot be told: {reason(value)}")
        case Absent():
            return
