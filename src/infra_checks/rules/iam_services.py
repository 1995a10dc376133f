"""Rules on what services of AWS may do: with a bucket, with log groups, with the role of AWS Config."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.access.carriers import policies_of
from infra_checks.access.symbols import text_at
from infra_checks.core.finding import Family, Severity
from infra_checks.core.links import attached_policies
from infra_checks.core.resource import Resource
from infra_checks.core.rule import rule
from infra_checks.core.table import given, is_set, one_of, property_rule
from infra_checks.evaluate.values import Absent, Known, Unknown
from infra_checks.iam.model import PolicyType
from infra_checks.iam.questions import confused_deputy
from infra_checks.iam.text import pieces
from infra_checks.rules.granting import openings, verdict
from infra_checks.rules.policies import reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision


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


permission_action = property_rule(
    "AWS::Lambda::Permission",
    id="lambda-permission-invoke-only",
    title="A permission for a function is to invoke it",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    path=("Action",),
    holds=one_of("lambda:InvokeFunction", "lambda:InvokeFunctionUrl"),
    message="allows another action than to invoke the function",
    rationale="""Services and other accounts call a function; `lambda:*` also lets them change its code and
    configuration, and delete it.""",
    remedy="Set `Action` to `lambda:InvokeFunction`, or to `lambda:InvokeFunctionUrl` for a function URL.",
    source="https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html",
    equivalents=("W24", "LAMBDA_PERMISSION_INVOKE_FUNCTION_ACTION"),
)


def _has_profile_of_template(instance: Resource) -> Decision:
    """Whether the launch template gives the profile; None for a template of another stack."""
    if isinstance(instance.value("LaunchTemplate"), Absent):
        return False
    for name in ("LaunchTemplateId", "LaunchTemplateName"):
        template = instance.target("LaunchTemplate", name)
        if isinstance(template, Resource):
            return given("LaunchTemplateData", "IamInstanceProfile")(template)
    return None


instance_profile = property_rule(
    "AWS::EC2::Instance",
    id="ec2-instance-profile-attached",
    title="Instances have a role",
    family=Family.IAM,
    severity=Severity.LOW,
    path=("IamInstanceProfile",),
    holds=is_set,
    unless=(_has_profile_of_template,),
    message="has no instance profile",
    rationale="""Programs on an instance without a role need access keys in files to call AWS, which stay valid when
    they are copied; with a role they get credentials for some hours. A launch template may give the profile.""",
    remedy="Set `IamInstanceProfile` to an AWS::IAM::InstanceProfile with the role that is needed.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/ec2-instance-profile-attached.html",
    equivalents=("EC2_INSTANCE_PROFILE_ATTACHED", "EC2InstanceProfileAttached"),
)
