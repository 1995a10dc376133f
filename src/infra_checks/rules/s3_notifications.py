"""The rule that what a bucket notifies lets S3 do so before the bucket is created."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.links import attached_policies
from infra_checks.core.resource import Resource
from infra_checks.core.rule import rule
from infra_checks.evaluate.view import EACH
from infra_checks.rules.grants import is_service, lets_in, waits_for
from infra_checks.rules.predicates import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

BUCKET: Final = "AWS::S3::Bucket"
FUNCTION: Final = "AWS::Lambda::Function"
PERMISSION: Final = "AWS::Lambda::Permission"
SERVICE: Final = "s3.amazonaws.com"
_TARGETS: Final = {
    FUNCTION: ("LambdaConfigurations", "Function"),
    "AWS::SNS::Topic": ("TopicConfigurations", "Topic"),
    "AWS::SQS::Queue": ("QueueConfigurations", "Queue"),
}
_ACTIONS: Final = {
    FUNCTION: "lambda:InvokeFunction",
    "AWS::SNS::Topic": "sns:Publish",
    "AWS::SQS::Queue": "sqs:SendMessage",
}


@rule(
    BUCKET,
    id="s3-notification-permitted-first",
    title="What a bucket notifies lets S3 do so before the bucket is created",
    family=Family.DEPLOYABILITY,
    severity=Severity.HIGH,
    remedy="Add an AWS::Lambda::Permission (or a queue or topic policy) for the principal s3.amazonaws.com, which does "
    "not refer to the bucket, and `DependsOn` it in the bucket.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html",
)
def permitted(bucket: Resource, ctx: Context) -> Iterator[Verdict]:
    """S3 tries each target of its notifications when the bucket is created and refuses the bucket if one does not let
    it in. CloudFormation creates the permission in any order unless the bucket depends on it. Targets that are not of
    the stack are not judged.
    """
    for kind, (listed, name) in _TARGETS.items():
        for value in bucket.values("NotificationConfiguration", listed, EACH, name):
            target = bucket.stack.target_of(value)
            if isinstance(target, Resource) and target.type == kind:
                yield from _judge(bucket, ctx, value, target)


def _judge(bucket: Resource, ctx: Context, value: Value[object], target: Resource) -> Iterator[Verdict]:
    grants = list(_grants(target))
    helpful = [grant for grant, permits in grants if permits is not False]
    if not helpful:
        yield ctx.violation(value, f"notifies {target.logical_id}, which does not let S3 in")
    elif not any(waits_for(bucket, grant) for grant in helpful):
        grant = helpful[0].logical_id
        yield ctx.violation(value, f"notifies {target.logical_id}, but does not wait for {grant}: DependsOn {grant}")
    elif not any(permits for _, permits in grants):
        yield ctx.undecided(value, f"whether {target.logical_id} lets S3 in is known only at deployment")


def _grants(target: Resource) -> Iterator[tuple[Resource, Decision]]:
    """The resources that may let S3 use a target, and whether each does."""
    action = _ACTIONS[target.type]
    if target.type == FUNCTION:
        for permission in target.stack.of_type(PERMISSION):
            function = permission.target("FunctionName")
            named = function == target if isinstance(function, Resource) else None if function else False
            yield permission, all_of((named, is_service(permission.value("Principal"), SERVICE)))
        return
    for policy, sure in attached_policies(target):
        found = lets_in(policy, SERVICE, action)
        yield policy, found if sure or not found else None
