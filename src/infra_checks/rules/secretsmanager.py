"""Rules on secrets in Secrets Manager: their key, their rotation, their copies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import in_days, is_customer_key, is_set, property_rule
from infra_checks.rules.namings import is_from_elsewhere, mentions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision

STORED: Final = "AWS::SecretsManager::Secret"
SCHEDULE: Final = "AWS::SecretsManager::RotationSchedule"
ATTACHMENT: Final = "AWS::SecretsManager::SecretTargetAttachment"
_DATABASES: Final = (
    ATTACHMENT,
    "AWS::DocDB::DBCluster",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::RDS::DBProxy",
    "AWS::Redshift::Cluster",
)
"""What mentions a secret that is a database's."""

_GUIDE: Final = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/"
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"

key = property_rule(
    STORED,
    id="secretsmanager-using-cmk",
    title="Secret is encrypted with a key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("KmsKeyId",),
    holds=is_customer_key,
    message="is encrypted with the AWS managed key, not with one of your own",
    rationale="""Secrets Manager always encrypts, by default with the AWS managed key aws/secretsmanager, which everyone
    in the account may use through Secrets Manager and nobody outside. Only the policy of a key of one's own can
    narrow that, or let another account read the secret.""",
    remedy="Set `KmsKeyId: !Ref Key`.",
    source=_CONFIG + "secretsmanager-using-cmk.html",
    equivalents=("c8ae9ba9", "CKV_AWS_149", "W77", "SECRETSMANAGER_USING_CMK", "SecretsManagerUsingKMSKey", "AWS-0098"),
)

replicas = property_rule(
    STORED,
    id="secretsmanager-secret-replicated",
    title="Secret is there in a second region",
    family=Family.MULTI_AZ,
    severity=Severity.INFO,
    path=("ReplicaRegions",),
    holds=is_set,
    message="is in one region only",
    rationale="""An application that fails over to another region needs its secrets there. By default a secret is in the
    stack's region only.""",
    remedy="Add `ReplicaRegions: [{Region: ...}]`.",
    source=_GUIDE + "replicate-secrets.html",
)


@rule(
    STORED,
    id="secretsmanager-rotation-enabled-check",
    title="Secret of a database changes by itself",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Add an AWS::SecretsManager::RotationSchedule with `SecretId: !Ref Secret`, or let RDS keep the password "
    "(`ManageMasterUserPassword: true`).",
    source=_CONFIG + "secretsmanager-rotation-enabled-check.html",
    equivalents=(
        "SECRETSMANAGER_ROTATION_ENABLED_CHECK",
        "AwsSolutions-SMG4",
        "secretsmanager_automatic_rotation_enabled",
    ),
    options={"all_secrets": True},
)
def rotation(secret: Resource, ctx: Context) -> Iterator[Verdict]:
    """A password that never changes can be used for ever by who once saw it. Secrets do not rotate by default; a
    rotation schedule is a resource of its own. Secrets that RDS manages itself are not resources of the template and
    rotate anyway. With option all_secrets false, only secrets are judged that are attached to a database.
    """
    if ctx.option("all_secrets") is not True and not _is_attached(secret):
        return
    found: Decision = False
    for schedule in secret.stack.of_type(SCHEDULE):
        named = schedule.value("SecretId")
        if mentions(named, secret) or schedule.target("SecretId") == secret or _through_attachment(schedule, secret):
            return
        found = None if is_from_elsewhere(named) else found
    if found is None:
        yield ctx.undecided(secret, "whether a rotation schedule is for it is known only at deployment")
    else:
        yield ctx.violation(secret, "has no rotation schedule")


def _is_attached(secret: Resource) -> bool:
    return next(secret.referrers(*_DATABASES), None) is not None


def _through_attachment(schedule: Resource, secret: Resource) -> bool:
    """Ref of an attachment is the secret's ARN, and is what makes the rotation wait for the attachment."""
    target = schedule.target("SecretId")
    attached = isinstance(target, Resource) and target.type == ATTACHMENT
    return attached and isinstance(target, Resource) and mentions(target.value("SecretId"), secret)


@rule(
    SCHEDULE,
    id="secretsmanager-secret-periodic-rotation",
    title="Secret changes often enough",
    family=Family.IAM,
    severity=Severity.LOW,
    remedy="Set `RotationRules: {AutomaticallyAfterDays: 30}`, or a `ScheduleExpression`.",
    source=_CONFIG + "secretsmanager-secret-periodic-rotation.html",
    equivalents=("secretsmanager_secret_rotated_periodically",),
    options={"maximum_days": 90},
)
def often_enough(schedule: Resource, ctx: Context) -> Iterator[Verdict]:
    """Without RotationRules the secret is rotated once, when the schedule is made, and never again. What a
    ScheduleExpression in cron form amounts to is not counted.
    """
    most = ctx.number("maximum_days")
    days = schedule.number("RotationRules", "AutomaticallyAfterDays")
    match days:
        case Known(number) if number > most:
            yield ctx.violation(days, f"rotates every {in_days(number)}; at most {in_days(most)} are wanted")
        case Known():
            return
        case Unknown():
            yield ctx.undecided(days, f"AutomaticallyAfterDays cannot be told: {days.reason}")
        case Absent():
            yield from _by_expression(schedule, ctx, most)


def _by_expression(schedule: Resource, ctx: Context, most: float) -> Iterator[Verdict]:
    expression = schedule.text("RotationRules", "ScheduleExpression")
    match expression:
        case Absent() | Known(""):
            yield ctx.violation(expression, "rotates the secret once only: it has no RotationRules")
        case Unknown() if not expression.present:
            yield ctx.undecided(expression, f"ScheduleExpression cannot be told: {expression.reason}")
        case Known(text) if text.startswith("rate("):
            number, _, unit = text.removeprefix("rate(").rstrip(")").partition(" ")
            if number.isdecimal() and unit.startswith("day") and int(number) > most:
                yield ctx.violation(expression, f"rotates every {in_days(int(number))}; at most {in_days(most)} wanted")
        case Known() | Unknown():
            return
