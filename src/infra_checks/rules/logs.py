"""Rules on CloudWatch log groups: who can read them, and how long they stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import in_days, is_set, property_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

GROUP: Final = "AWS::Logs::LogGroup"
PERIODS: Final = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""Days that AWS allows (PutRetentionPolicy)."""

encrypted = property_rule(
    GROUP,
    id="cloudwatch-log-group-encrypted",
    title="Log group is encrypted with a KMS key",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("KmsKeyId",),
    holds=is_set,
    message="is encrypted with a key that AWS owns, not with one in KMS",
    rationale="""Logs repeat what the application handles. CloudWatch Logs always encrypts them, but only with KmsKeyId
    is reading them a matter of a key policy too. The key policy has to let logs.REGION.amazonaws.com use the key.""",
    remedy="Add `KmsKeyId: !GetAtt Key.Arn`.",
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
    equivalents=(
        "CKV_AWS_158",
        "W84",
        "CLOUDWATCH_LOG_GROUP_ENCRYPTED",
        "CloudWatchLogGroupEncrypted",
        "AWS-0017",
        "cloudwatch_log_group_kms_encryption_enabled",
    ),
)


@rule(
    GROUP,
    id="cw-loggroup-retention-period-check",
    title="Log group keeps its events for a stated time",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    remedy="Set `RetentionInDays` to a period that AWS allows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, ...",
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
    equivalents=(
        "CKV_AWS_66",
        "W86",
        "CW_LOGGROUP_RETENTION_PERIOD_CHECK",
        "CloudWatchLogGroupRetentionPeriod",
        "cloudwatch_log_group_retention_policy_specific_days_enabled",
    ),
    options={"minimum_days": 1},
)
def retention(group: Resource, ctx: Context) -> Iterator[Verdict]:
    """Without RetentionInDays events never expire and are paid for, and whoever is in them remembered, for ever;
    option minimum_days asks for a period that audits need. A group of class DELIVERY has a fixed retention that
    cannot be set.
    """
    days = group.number("RetentionInDays")
    match days:
        case Known(number) if number not in PERIODS:
            yield ctx.violation(days, f"asks for {in_days(number)} of retention, which is no period that AWS allows")
        case Known(number) if number >= ctx.number("minimum_days"):
            return
        case Unknown():
            yield ctx.undecided(days, f"RetentionInDays cannot be told: {days.reason}")
        case Known(number):
            least = ctx.number("minimum_days")
            yield ctx.violation(days, f"keeps its events for {in_days(number)}; at least {least:g} are required")
        case Absent():
            yield from _without_retention(group, ctx)


def _without_retention(group: Resource, ctx: Context) -> Iterator[Verdict]:
    days, kind = group.value("RetentionInDays"), group.text("LogGroupClass")
    match kind:
        case Known("DELIVERY"):
            return
        case Unknown():
            yield ctx.undecided(
                kind, f"whether the class of the group has a fixed retention cannot be told: {kind.reason}"
            )
        case Known() | Absent():
            yield ctx.violation(days, "keeps its events for ever")
