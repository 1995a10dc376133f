"""Rules on S3 buckets: encryption, versions, logs, lifecycle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_customer_key, one_of, property_rule
from infra_checks.rules.predicates import receives_access_logs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.evaluate.view import View

BUCKET: Final = "AWS::S3::Bucket"
KMS: Final = ("aws:kms", "aws:kms:dsse")


@rule(
    BUCKET,
    id="s3-default-encryption-kms",
    title="Bucket encrypts new objects with a KMS key",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    remedy="Set `BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault` to "
    "`{SSEAlgorithm: aws:kms, KMSMasterKeyID: !GetAtt Key.Arn}`, and `BucketKeyEnabled: true` beside it.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-bucket-encryption.html",
    equivalents=(
        "64ab651b",
        "S3_DEFAULT_ENCRYPTION_KMS",
        "S3DefaultEncryptionKMS",
        "AWS-0132",
        "s3_bucket_kms_encryption",
    ),
    options={"customer_key": False},
)
def default_encryption(bucket: Resource, ctx: Context) -> Iterator[Verdict]:
    """S3 encrypts every new object with SSE-S3 (AES256) since January 2023, so a bucket without this setting is
    not plaintext; but only with a KMS key is who may decrypt a matter of a key policy, and each use on record.
    `aws:kms` without a key id uses the AWS managed key aws/s3; option customer_key asks for one of your own.
    A bucket that receives access logs is left out: S3 delivers none to a bucket with a KMS key as its default.
    """
    if receives_access_logs(bucket):
        return
    rules = bucket.items("BucketEncryption", "ServerSideEncryptionConfiguration")
    match rules:
        case Unknown():
            yield ctx.undecided(rules, f"default encryption cannot be told: {rules.reason}")
        case Known(()) | Absent():
            yield ctx.violation(rules, "has no BucketEncryption, so S3 encrypts with its own key (SSE-S3), not KMS")
        case Known(views):
            for view in views:
                yield from _encryption_of(view, ctx)


def _encryption_of(view: View, ctx: Context) -> Iterator[Verdict]:
    algorithm = view.text("ServerSideEncryptionByDefault", "SSEAlgorithm")
    match algorithm:
        case Unknown():
            yield ctx.undecided(algorithm, f"SSEAlgorithm cannot be told: {algorithm.reason}")
        case Absent():
            yield ctx.violation(algorithm, "sets no SSEAlgorithm, so S3 encrypts with its own key (SSE-S3), not KMS")
        case Known(name) if name not in KMS:
            yield ctx.violation(algorithm, f"encrypts with {name}, not with a KMS key")
        case Known():
            yield from _own_key(view, ctx)


def _own_key(view: View, ctx: Context) -> Iterator[Verdict]:
    if ctx.option("customer_key") is not True:
        return
    key = view.value("ServerSideEncryptionByDefault", "KMSMasterKeyID")
    kept = is_customer_key(key, ctx)
    if kept is None:
        yield ctx.undecided(key, "whether KMSMasterKeyID names a key of your own is known only at deployment")
    elif not kept:
        yield ctx.violation(key, "encrypts with the AWS managed key aws/s3, not with a key of your own")


versioning = property_rule(
    BUCKET,
    id="s3-bucket-versioning-enabled",
    title="Bucket keeps the versions of its objects",
    family=Family.DELETION,
    severity=Severity.MEDIUM,
    path=("VersioningConfiguration", "Status"),
    holds=one_of("Enabled"),
    message="does not keep object versions",
    rationale="""An object that is overwritten or deleted cannot be recovered without versions. AWS: buckets are
    unversioned by default, and Suspended stops keeping new ones.""",
    remedy="Add `VersioningConfiguration: {Status: Enabled}`.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html",
    equivalents=(
        "a227ec01",
        "CKV_AWS_21",
        "S3_BUCKET_VERSIONING_ENABLED",
        "S3BucketVersioningEnabled",
        "AWS-0090",
        "s3_bucket_object_versioning",
        "S3ObjectVersioningRule",
    ),
)


@rule(
    BUCKET,
    id="s3-bucket-logging-enabled",
    title="Bucket writes server access logs",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    remedy="Add `LoggingConfiguration: {DestinationBucketName: !Ref LogBucket, LogFilePrefix: ...}`.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html",
    equivalents=(
        "4552b71f",
        "c3ce69fd",
        "CKV_AWS_18",
        "W35",
        "S3_BUCKET_LOGGING_ENABLED",
        "AwsSolutions-S1",
        "AWS-0089",
        "s3_bucket_server_access_logging_enabled",
    ),
)
def logging(bucket: Resource, ctx: Context) -> Iterator[Verdict]:
    """Without access logs nobody can tell afterwards who read or deleted what; S3 writes none by default. A bucket
    that receives the logs of another one of the stack, or has the ACL LogDeliveryWrite, need not log itself
    (AWS advises against a bucket that logs into itself).
    """
    configuration = bucket.mapping("LoggingConfiguration")
    match configuration:
        case Known():
            return
        case Unknown():
            yield ctx.undecided(configuration, f"LoggingConfiguration cannot be told: {configuration.reason}")
        case Absent():
            receives = receives_access_logs(bucket)
            if receives is None:
                yield ctx.undecided(configuration, "whether another bucket sends its logs here cannot be told")
            elif not receives:
                yield ctx.violation(configuration, "writes no access logs")


@rule(
    BUCKET,
    id="s3-lifecycle-policy-check",
    title="Bucket has a lifecycle rule",
    family=Family.DELETION,
    severity=Severity.LOW,
    remedy="Add `LifecycleConfiguration` with a rule of `Status: Enabled`, for example one that expires noncurrent "
    "versions and aborts incomplete multipart uploads.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html",
    equivalents=("S3LifecycleConfigurationRule", "s3_bucket_lifecycle_enabled"),
)
def lifecycle(bucket: Resource, ctx: Context) -> Iterator[Verdict]:
    """Old versions, logs and abandoned uploads are kept, and paid for, for ever unless a lifecycle rule ends them.
    AWS: a rule with Status Disabled does nothing.
    """
    rules = bucket.items("LifecycleConfiguration", "Rules")
    match rules:
        case Unknown():
            yield ctx.undecided(rules, f"the lifecycle rules cannot be told: {rules.reason}")
        case Absent():
            yield ctx.violation(rules, "has no lifecycle rule")
        case Known(views):
            statuses = [view.text("Status") for view in views]
            if any(isinstance(status, Known) and status.value == "Enabled" for status in statuses):
                return
            unclear = next((status for status in statuses if isinstance(status, Unknown)), None)
            if unclear is None:
                yield ctx.violation(rules, "has no lifecycle rule that is enabled")
            else:
                yield ctx.undecided(unclear, f"whether a lifecycle rule is enabled cannot be told: {unclear.reason}")
