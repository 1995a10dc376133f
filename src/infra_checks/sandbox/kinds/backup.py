"""AWS::Backup."""

from __future__ import annotations

from typing import Any, Final

from infra_checks.sandbox.making import Kind, Made, Making
from infra_checks.sandbox.rows import record, retag
from infra_checks.sandbox.shapes import as_text


def _make_vault(making: Making) -> Made:
    only = ("BackupVaultName", "BackupVaultTags", "EncryptionKeyArn")
    answer = making.send("backup", "create_backup_vault", only=only)
    name, arn = answer["BackupVaultName"], answer["BackupVaultArn"]
    return Made("AWS::Backup::BackupVault", name, {"BackupVaultArn": arn, "BackupVaultName": name, "Arn": arn})


def _configure_vault(making: Making, made: Made) -> None:
    client = making.api("backup")
    if making.changed("AccessPolicy"):
        policy = making.get("AccessPolicy")
        if policy is None:
            client.delete_backup_vault_access_policy(BackupVaultName=made.ref)
        else:
            client.put_backup_vault_access_policy(BackupVaultName=made.ref, Policy=as_text(policy))
    if making.changed("LockConfiguration"):
        part = making.part(making.get("LockConfiguration") or {})
        part.send("backup", "put_backup_vault_lock_configuration", BackupVaultName=made.ref)
        part.check_all_taken()
    if making.changed("Notifications"):
        part = making.part(making.get("Notifications") or {})
        part.send("backup", "put_backup_vault_notifications", BackupVaultName=made.ref)
        part.check_all_taken()
    if making.before is not None and making.changed("BackupVaultTags"):
        retag(making, "backup", made.arn, "BackupVaultTags")


def _delete_vault(making: Making, made: Made) -> None:
    making.api("backup").delete_backup_vault(BackupVaultName=made.ref)


def _plan(making: Making) -> Any:  # noqa: ANN401 - JSON
    plan = dict(making.need("BackupPlan"))
    plan["Rules"] = [
        {("TargetBackupVaultName" if key == "TargetBackupVault" else key): value for key, value in rule.items()}
        for rule in plan.pop("BackupPlanRule")
    ]
    return making.fitted("backup", "create_backup_plan", "BackupPlan", plan)


def _make_plan(making: Making) -> Made:
    answer = making.send("backup", "create_backup_plan", only=("BackupPlanTags",), BackupPlan=_plan(making))
    attributes = {
        "Arn": answer["BackupPlanArn"],
        "BackupPlanArn": answer["BackupPlanArn"],
        "BackupPlanId": answer["BackupPlanId"],
        "VersionId": answer["VersionId"],
    }
    return Made("AWS::Backup::BackupPlan", answer["BackupPlanId"], attributes)


def _configure_plan(making: Making, made: Made) -> None:
    if making.before is None:
        return
    if making.changed("BackupPlan"):
        making.api("backup").update_backup_plan(BackupPlanId=made.ref, BackupPlan=_plan(making))
    if making.changed("BackupPlanTags"):
        retag(making, "backup", made.arn, "BackupPlanTags")


def _delete_plan(making: Making, made: Made) -> None:
    making.api("backup").delete_backup_plan(BackupPlanId=made.ref)


KINDS: Final = (
    Kind(
        "AWS::Backup::BackupVault",
        _make_vault,
        _delete_vault,
        _configure_vault,
        frozenset({"BackupVaultName", "EncryptionKeyArn"}),
        "BackupVaultTags",
        "map",
    ),
    Kind(
        "AWS::Backup::BackupPlan",
        _make_plan,
        _delete_plan,
        _configure_plan,
        tags="BackupPlanTags",
        tags_form="map",
    ),
    record(
        "AWS::Backup::BackupSelection",
        ref="{r[id]}_{p[BackupPlanId]}",
        attributes={"SelectionId": "{r[id]}", "BackupPlanId": "{p[BackupPlanId]}", "Id": "{ref}"},
        create_only=["BackupPlanId", "BackupSelection"],
        tags=None,
    ),
)
