"""Rules on CloudTrail trails and event data stores: that they log, everywhere, and that nobody can change the logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_customer_key, is_not_false, is_set, is_true, property_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

TRAIL: Final = "AWS::CloudTrail::Trail"
STORE: Final = "AWS::CloudTrail::EventDataStore"
_GUIDE: Final = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/"
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"

enabled = property_rule(
    TRAIL,
    id="cloudtrail-enabled",
    title="Trail logs",
    family=Family.OBSERVABILITY,
    severity=Severity.HIGH,
    path=("IsLogging",),
    holds=is_true,
    message="does not log",
    rationale="""A trail with `IsLogging: false` exists but records nothing, which looks like an audit log until one is
    needed.""",
    remedy="Set `IsLogging: true`.",
    source=_CONFIG + "cloudtrail-enabled.html",
    equivalents=("CLOUD_TRAIL_ENABLED",),
)

encrypted = property_rule(
    TRAIL,
    id="cloud-trail-encryption-enabled",
    title="Trail encrypts its log files with a KMS key",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("KMSKeyId",),
    holds=is_set,
    message="does not encrypt its log files with a KMS key",
    rationale="""CloudTrail encrypts log files with SSE-S3 by default, so everybody who may read the bucket may read the
    logs. With a KMS key a reader needs the key as well.""",
    remedy="Set `KMSKeyId` to a key whose policy allows cloudtrail.amazonaws.com to use it.",
    source=_GUIDE + "encrypting-cloudtrail-log-files-with-aws-kms.html",
    equivalents=(
        "050a9ba8",
        "CKV_AWS_35",
        "CLOUD_TRAIL_ENCRYPTION_ENABLED",
        "CloudTrailEncryptionEnabled",
        "AWS-0015",
        "cloudtrail_kms_encryption_enabled",
    ),
)

validated = property_rule(
    TRAIL,
    id="cloud-trail-log-file-validation-enabled",
    title="Trail's log files can be validated",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    path=("EnableLogFileValidation",),
    holds=is_true,
    message="writes no digests with which its log files can be validated",
    rationale="""Only the signed digest files show that a log file has been changed, deleted or forged after CloudTrail
    delivered it. CloudFormation leaves validation off by default.""",
    remedy="Set `EnableLogFileValidation: true`.",
    source=_GUIDE + "cloudtrail-log-file-validation-intro.html",
    equivalents=(
        "2a3560fe",
        "CKV_AWS_36",
        "CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED",
        "CloudTrailLogFileValidationEnabled",
        "AWS-0016",
        "cloudtrail_log_file_validation_enabled",
    ),
)

watched = property_rule(
    TRAIL,
    id="cloud-trail-cloud-watch-logs-enabled",
    title="Trail sends its events to CloudWatch Logs",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    path=("CloudWatchLogsLogGroupArn",),
    holds=is_set,
    message="does not send its events to CloudWatch Logs",
    rationale="""Metric filters and alarms on what happens in the account need the events in CloudWatch Logs. By default
    a trail delivers to S3 only, where nothing reacts to them.""",
    remedy="Set `CloudWatchLogsLogGroupArn` and `CloudWatchLogsRoleArn`.",
    source=_GUIDE + "send-cloudtrail-events-to-cloudwatch-logs.html",
    equivalents=(
        "65d07da5",
        "CLOUD_TRAIL_CLOUD_WATCH_LOGS_ENABLED",
        "CloudTrailCloudWatchLogsEnabled",
        "AWS-0162",
        "cloudtrail_cloudwatch_logging_enabled",
    ),
)


@rule(
    TRAIL,
    id="multi-region-cloudtrail-enabled",
    title="Trail logs the events of all Regions",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    remedy="Set `IsMultiRegionTrail: true` and leave out `IncludeGlobalServiceEvents: false`.",
    source=_GUIDE + "cloudtrail-multi-region-trails.html",
    equivalents=(
        "058ac855",
        "CKV_AWS_67",
        "MULTI_REGION_CLOUD_TRAIL_ENABLED",
        "AWS-0014",
        "cloudtrail_multi_region_enabled",
    ),
)
def all_regions(trail: Resource, ctx: Context) -> Iterator[Verdict]:
    """What is done in a Region that nobody uses goes unseen by a trail of one Region, which is what CloudFormation
    makes by default. A trail of all Regions has to include the events of global services such as IAM.
    """
    everywhere = trail.boolean("IsMultiRegionTrail")
    match everywhere:
        case Unknown():
            yield ctx.undecided(everywhere, f"IsMultiRegionTrail cannot be told: {everywhere.reason}")
        case Known(True):
            yield from _global_events(trail, ctx)
        case Known() | Absent():
            yield ctx.violation(everywhere, "logs the events of one Region only")


def _global_events(trail: Resource, ctx: Context) -> Iterator[Verdict]:
    events = trail.boolean("IncludeGlobalServiceEvents")
    match events:
        case Known(True) | Absent():
            return
        case Unknown():
            yield ctx.undecided(events, f"IncludeGlobalServiceEvents cannot be told: {events.reason}")
        case Known():
            yield ctx.violation(events, "leaves out the events of global services, which AWS refuses for all Regions")


store_key = property_rule(
    STORE,
    id="cloudtrail-event-data-store-customer-key",
    title="Event data store is encrypted with a KMS key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("KmsKeyId",),
    holds=is_customer_key,
    message="is not encrypted with a KMS key of your own",
    rationale="""CloudTrail encrypts event data stores with a key that it owns by default. Only the policy of a key of
    your own can narrow who may query the events, and the choice cannot be taken back later.""",
    remedy="Set `KmsKeyId` to a key whose policy allows cloudtrail.amazonaws.com to use it.",
    source=_GUIDE + "encrypting-cloudtrail-log-files-with-aws-kms.html",
)

store_protected = property_rule(
    STORE,
    id="cloudtrail-event-data-store-termination-protection",
    title="Event data store is protected from deletion",
    family=Family.DELETION,
    severity=Severity.MEDIUM,
    path=("TerminationProtectionEnabled",),
    holds=is_not_false,
    message="is not protected from deletion",
    rationale="""An event data store is the audit log, so whoever covers tracks would delete it. CloudTrail protects
    event data stores from termination by default, unless `TerminationProtectionEnabled` is false.""",
    remedy="Remove `TerminationProtectionEnabled: false`.",
    source=_GUIDE + "query-eds-termination-protection.html",
)
