"""AWS::Backup, by the AWS Backup API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra_checks.live.keys import ASKED, chosen_key
from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, document, from_answer, renamed, stated, tag_map

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_NONE: Final = ("ResourceNotFoundException",)
_LIFECYCLE: Final = ("DeleteAfterDays", "MoveToColdStorageAfterDays", "OptInToArchiveForSupportedResources")


@reader(
    "AWS::Backup::BackupVault",
    "backup:describe_backup_vault",
    "backup:get_backup_vault_access_policy",
    "backup:get_backup_vault_notifications",
    "backup:list_tags",
    ASKED,
)
def vault(asking: Asking) -> Read:
    """AWS: API_DescribeBackupVault.html, API_GetBackupVaultAccessPolicy.html, API_GetBackupVaultNotifications.html."""
    by: dict[str, Any] = {"BackupVaultName": asking.physical_id}
    found = asking.ask("backup", "describe_backup_vault", **by)
    if isinstance(found, Unread):
        return found
    policy = asking.ask("backup", "get_backup_vault_access_policy", none=_NONE, **by)
    told = asking.ask("backup", "get_backup_vault_notifications", none=_NONE, **by)
    owned = found.get("EncryptionKeyType") == "AWS_OWNED_KMS_KEY"
    return {
        **renamed(found, "BackupVaultArn", "BackupVaultName"),
        **stated(EncryptionKeyArn=None if owned else chosen_key(asking, found.get("EncryptionKeyArn"))),
        **_lock(found),
        **from_answer(policy, ("AccessPolicy",), _policy),
        **from_answer(told, ("Notifications",), _notifications),
        **_tags(asking, found["BackupVaultArn"], "BackupVaultTags"),
    }


def _lock(found: Answer) -> Properties:
    """A lock with a date cannot be taken off after it; how many days that was from when it was put is not told."""
    if not found.get("Locked"):
        return {}
    days = renamed(found, "MaxRetentionDays", "MinRetentionDays")
    if found.get("LockDate"):
        days["ChangeableForDays"] = Unread(
            f"the lock is final on {found['LockDate']}; how many days that was is untold"
        )
    return stated(LockConfiguration=days)


def _policy(answer: Answer) -> Properties:
    return stated(AccessPolicy=document(answer["Policy"]) if answer.get("Policy") else None)


def _notifications(answer: Answer) -> Properties:
    return stated(Notifications=renamed(answer, "BackupVaultEvents", "SNSTopicArn"))


def _tags(asking: Asking, arn: str, name: str) -> Properties:
    answer = asking.ask("backup", "list_tags", ResourceArn=arn)
    return from_answer(answer, (name,), lambda found: {name: tag_map(found.get("Tags") or {})})


@reader("AWS::Backup::BackupPlan", "backup:get_backup_plan", "backup:list_tags")
def plan(asking: Asking) -> Read:
    """AWS: API_GetBackupPlan.html."""
    answer = asking.ask("backup", "get_backup_plan", BackupPlanId=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    found = answer["BackupPlan"]
    return {
        **renamed(answer, "BackupPlanArn", "BackupPlanId", "VersionId"),
        "BackupPlan": {
            **renamed(found, "AdvancedBackupSettings", "BackupPlanName", "ScanSettings"),
            "BackupPlanRule": [_rule(each) for each in found.get("Rules") or []],
        },
        **_tags(asking, answer["BackupPlanArn"], "BackupPlanTags"),
    }


def _rule(found: Answer) -> Properties:
    read = renamed(
        found,
        "CompletionWindowMinutes",
        "EnableContinuousBackup",
        "IndexActions",
        "RecoveryPointTags",
        "RuleName",
        "ScanActions",
        "ScheduleExpression",
        "ScheduleExpressionTimezone",
        "StartWindowMinutes",
        "TargetLogicallyAirGappedBackupVaultArn",
        TargetBackupVault="TargetBackupVaultName",
    )
    return read | stated(CopyActions=[_copy(each) for each in found.get("CopyActions") or []], **_lifecycle(found))


def _copy(found: Answer) -> Properties:
    return {**renamed(found, "DestinationBackupVaultArn"), **_lifecycle(found)}


def _lifecycle(found: Answer) -> Properties:
    return stated(Lifecycle=renamed(found.get("Lifecycle") or {}, *_LIFECYCLE))
