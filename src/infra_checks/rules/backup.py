"""Rules on AWS Backup: how often, how long, where to, and who may delete what is kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import filled, is_customer_key, is_set, property_rule
from infra_checks.evaluate.values import Symbol
from infra_checks.evaluate.view import EACH, View
from infra_checks.rules.globs import pieces
from infra_checks.rules.predicates import all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

PLAN: Final = "AWS::Backup::BackupPlan"
VAULT: Final = "AWS::Backup::BackupVault"
AIR_GAPPED: Final = "AWS::Backup::LogicallyAirGappedBackupVault"
SELECTION: Final = "AWS::Backup::BackupSelection"
RULES: Final = ("BackupPlan", "BackupPlanRule")
_GUIDE: Final = "https://docs.aws.amazon.com/aws-backup/latest/devguide/"
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"

vault_key = property_rule(
    VAULT,
    AIR_GAPPED,
    id="backup-vault-customer-key",
    title="Backup vault is encrypted with a KMS key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("EncryptionKeyArn",),
    holds=is_customer_key,
    message="is not encrypted with a KMS key of your own",
    rationale="""A vault without `EncryptionKeyArn` is encrypted with a key that AWS manages, whose policy nobody can
    change, so that another account cannot be allowed to use it for a restore.""",
    remedy="Set `EncryptionKeyArn` to the ARN of a key of your own.",
    source=_GUIDE + "encryption.html",
    equivalents=("CKV_AWS_166", "backup_vaults_encrypted"),
)

vault_lock = property_rule(
    VAULT,
    id="backup-vault-locked",
    title="Backup vault is locked",
    family=Family.DELETION,
    severity=Severity.LOW,
    path=("LockConfiguration",),
    holds=is_set,
    message="is not locked, so its backups can be deleted at any time",
    rationale="""Whoever deletes the data, by mistake or for ransom, can delete the backups too unless AWS Backup Vault
    Lock refuses that until they have expired. A vault is not locked by default.""",
    remedy="Add `LockConfiguration: {MinRetentionDays: ...}`, with `ChangeableForDays` so that nobody can remove it.",
    source=_GUIDE + "vault-lock.html",
)

_COLD: Final = 90
"""AWS: a backup stays in cold storage for at least 90 days."""


@rule(
    PLAN,
    id="backup-plan-cold-storage-lifecycle",
    title="Backups stay in cold storage for 90 days",
    family=Family.DEPLOYABILITY,
    severity=Severity.HIGH,
    remedy="Set `DeleteAfterDays` to at least `MoveToColdStorageAfterDays` + 90, or leave one of them out.",
    source=_GUIDE + "API_Lifecycle.html",
    equivalents=("E3504",),
)
def cold_storage(plan: Resource, ctx: Context) -> Iterator[Verdict]:
    """AWS keeps what was moved to cold storage there for at least 90 days, and refuses a plan whose rules or copies
    delete it earlier. -1 means never.
    """
    for path in ((*RULES, EACH, "Lifecycle"), (*RULES, EACH, "CopyActions", EACH, "Lifecycle")):
        for lifecycle in plan.values(*path):
            if isinstance(lifecycle, Known) and isinstance(lifecycle.value, View):
                yield from _stays(lifecycle.value, ctx)


def _stays(lifecycle: View, ctx: Context) -> Iterator[Verdict]:
    delete, move = lifecycle.number("DeleteAfterDays"), lifecycle.number("MoveToColdStorageAfterDays")
    if isinstance(delete, Absent) or isinstance(move, Absent):
        return
    if isinstance(delete, Known) and isinstance(move, Known):
        if min(delete.value, move.value) >= 0 and delete.value < move.value + _COLD:
            yield ctx.violation(
                delete,
                f"deletes backups after {delete.value:g} days, {delete.value - move.value:g} days after moving them "
                f"to cold storage; AWS requires {_COLD}",
            )
        return
    unknown = delete if isinstance(delete, Unknown) else move
    if -1 not in (getattr(delete, "value", None), getattr(move, "value", None)):
        yield ctx.undecided(unknown, "whether backups stay in cold storage for 90 days is known only at deployment")


@rule(
    PLAN,
    id="backup-plan-min-frequency-and-min-retention-check",
    title="Backup plan makes backups every day and keeps them long enough",
    family=Family.DELETION,
    severity=Severity.MEDIUM,
    remedy="Give a rule of the plan a daily `ScheduleExpression` such as `cron(0 5 ? * * *)`, and "
    "`Lifecycle: {DeleteAfterDays: 35}` or more.",
    source=_CONFIG + "backup-plan-min-frequency-and-min-retention-check.html",
    equivalents=("backup_plan_min_frequency_and_min_retention_check",),
    options={"minimum-days": 35},
)
def often_and_long(plan: Resource, ctx: Context) -> Iterator[Verdict]:
    """What was changed since the last backup is lost, and damage is often found only after weeks. One rule of the plan
    has to do both. AWS: a rule without a schedule runs daily, one without `DeleteAfterDays` keeps backups for ever.
    """
    rules = plan.items(*RULES)
    match rules:
        case Unknown():
            yield ctx.undecided(rules, f"its rules cannot be told: {rules.reason}")
        case Absent():
            yield ctx.violation(rules, "has no rule")
        case Known(views):
            kept = any_of(*(all_of((_daily(view), _long(view, ctx))) for view in filled(views)))
            if kept is None:
                yield ctx.undecided(rules, "how often it makes backups, or how long it keeps them, cannot be told")
            elif not kept:
                days = f"{ctx.number('minimum-days'):g}"
                yield ctx.violation(rules, f"has no rule that makes backups every day and keeps them {days} days")


def _long(view: View, ctx: Context) -> Decision:
    days = view.number("Lifecycle", "DeleteAfterDays")
    match days:
        case Known(number):
            return number < 0 or number >= ctx.number("minimum-days")
        case Unknown():
            return None
        case Absent():
            return True


_CRON: Final = re.compile(r"cron\(\s*(?P<fields>\S+(?:\s+\S+){5})\s*\)")
_RATE: Final = re.compile(r"rate\(\s*(?P<number>\d+)\s+(?P<unit>minute|hour|day)s?\s*\)")
_EVERY_DAY: Final = frozenset({"*", "?", "*/1", "1/1", "1-31", "1-7", "SUN-SAT", "MON-SUN", "1-12", "JAN-DEC"})
_WEEK: Final = frozenset("1234567")
_DAY: Final = {"minute": 1440, "hour": 24, "day": 1}


def _daily(view: View) -> Decision:
    schedule = view.text("ScheduleExpression")
    match schedule:
        case Known(text):
            return _is_daily(text)
        case Unknown():
            return None
        case Absent():
            return True


def _is_daily(text: str) -> bool:
    """Whether a schedule runs at least once a day."""
    rate = _RATE.fullmatch(text.strip())
    if rate:
        return int(rate["number"]) <= _DAY[rate["unit"]]
    cron = _CRON.fullmatch(text.strip())
    days = cron["fields"].upper().split()[2:] if cron else []
    return bool(cron) and all(day in _EVERY_DAY or set(day.split(",")) >= _WEEK for day in days)


@rule(
    PLAN,
    id="backup-plan-copies-elsewhere",
    title="Backup plan copies backups to another Region or account",
    family=Family.DELETION,
    severity=Severity.LOW,
    remedy="Add `CopyActions: [{DestinationBackupVaultArn: ...}]` to a rule, for a vault in another Region or account.",
    source=_GUIDE + "cross-region-backup.html",
)
def copies(plan: Resource, ctx: Context) -> Iterator[Verdict]:
    """A backup beside its data is gone together with it when the Region fails or somebody takes over the account. A
    plan copies nothing by default, and a copy in a vault of the same stack is in the same place.
    """
    given = [value for value in plan.values(*RULES, EACH, "CopyActions", EACH) if not isinstance(value, Absent)]
    kept = any_of(*(_elsewhere(plan, value) for value in given))
    place = plan.value(*RULES)
    if kept is None:
        yield ctx.undecided(place, "whether it copies backups to another Region or account is known only at deployment")
    elif not kept:
        yield ctx.violation(
            place, "copies backups only within the Region and account" if given else "copies its backups nowhere"
        )


def _elsewhere(plan: Resource, action: Value[object]) -> Decision:
    if not isinstance(action, Known) or not isinstance(action.value, View):
        return None
    vault = action.value.value("DestinationBackupVaultArn")
    if isinstance(plan.stack.target_of(vault), Resource):
        return False
    parts = pieces(vault)
    if {"AWS::Region", "AWS::AccountId"} <= {str(part) for part in parts if isinstance(part, Symbol)}:
        return False
    return True if parts and isinstance(parts[0], str) and parts[0].startswith("arn:") else None
