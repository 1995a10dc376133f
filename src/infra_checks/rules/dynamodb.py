"""Rules on DynamoDB tables: keys, recovery, protection from deletion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_customer_key, is_true, property_rule, values_or_absent
from infra_checks.evaluate.view import EACH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

TABLE: Final = "AWS::DynamoDB::Table"
GLOBAL: Final = "AWS::DynamoDB::GlobalTable"

encrypted = property_rule(
    TABLE,
    GLOBAL,
    id="dynamodb-table-encrypted-kms",
    title="Table is encrypted with a KMS key",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("SSESpecification", "SSEEnabled"),
    holds=is_true,
    message="is encrypted with a key that AWS owns, not with one in KMS",
    rationale="""DynamoDB always encrypts, but without SSEEnabled with a key that AWS owns: nobody can audit its use,
    limit it or revoke it. AWS: true means the AWS managed key aws/dynamodb, or the key that KMSMasterKeyId names;
    false and absent mean the AWS owned key.""",
    remedy="Add `SSESpecification: {SSEEnabled: true, SSEType: KMS}`.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html",
    equivalents=(
        "c8dee387",
        "DYNAMODB_TABLE_ENCRYPTED_KMS",
        "DYNAMODB_TABLE_MUST_BE_ENCRYPTED",
        "AWS-0121",
        "dynamodb_tables_kms_cmk_encryption_enabled",
    ),
)


@rule(
    TABLE,
    GLOBAL,
    id="dynamodb-table-customer-key",
    title="Table is encrypted with a KMS key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    remedy="Set `SSESpecification: {SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: !GetAtt Key.Arn}`; of a global "
    "table `SSESpecification.SSEEnabled: true` and `KMSMasterKeyId` in the `SSESpecification` of each replica.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html",
    equivalents=("CKV_AWS_119", "W74", "AWS-0025"),
)
def customer_key(table: Resource, ctx: Context) -> Iterator[Verdict]:
    """Only of a customer managed key can you set the policy, the rotation and the end. AWS: with SSEEnabled alone
    DynamoDB uses the AWS managed key aws/dynamodb, without it a key that AWS owns; KMSMasterKeyId counts only
    where SSEEnabled is true, and each replica of a global table has its own.
    """
    enabled = table.boolean("SSESpecification", "SSEEnabled")
    match enabled:
        case Unknown():
            yield ctx.undecided(enabled, f"SSEEnabled cannot be told: {enabled.reason}")
        case Known(False) | Absent():
            yield ctx.violation(enabled, "is encrypted with a key that AWS owns, not with one of your own")
        case Known():
            place = ("Replicas", EACH, "SSESpecification") if table.type == GLOBAL else ("SSESpecification",)
            for key in values_or_absent(table, *place, "KMSMasterKeyId"):
                kept = is_customer_key(key, ctx)
                if kept is None:
                    yield ctx.undecided(key, "whether KMSMasterKeyId names a key is known only at deployment")
                elif not kept:
                    yield ctx.violation(key, "is encrypted with the AWS managed key aws/dynamodb")


_RECOVERY: Final = ("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled")
_RECOVERY_RATIONALE: Final = """A bad deployment or a mistaken delete is undone by restoring the table to any second
of the last days, if point-in-time recovery is on. AWS: it is off by default, and on for each replica of a global
table by itself."""
_RECOVERY_SOURCE: Final = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html"

recovery = property_rule(
    TABLE,
    id="dynamodb-pitr-enabled",
    title="Table can be restored to a point in time",
    family=Family.DELETION,
    severity=Severity.MEDIUM,
    path=_RECOVERY,
    holds=is_true,
    message="has no point-in-time recovery",
    rationale=_RECOVERY_RATIONALE,
    remedy="Add `PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}`.",
    source=_RECOVERY_SOURCE,
    equivalents=(
        "CKV_AWS_28",
        "W78",
        "DYNAMODB_PITR_ENABLED",
        "AwsSolutions-DDB3",
        "AWS-0024",
        "dynamodb_tables_pitr_enabled",
    ),
)

replica_recovery = property_rule(
    GLOBAL,
    id="dynamodb-global-table-pitr-enabled",
    title="Every replica of the global table can be restored to a point in time",
    family=Family.DELETION,
    severity=Severity.MEDIUM,
    path=("Replicas", EACH, *_RECOVERY),
    holds=is_true,
    message="has a replica without point-in-time recovery",
    rationale=_RECOVERY_RATIONALE,
    remedy="Add `PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}` to each entry of `Replicas`.",
    source=_RECOVERY_SOURCE,
    equivalents=("CKV_AWS_165",),
)

_PROTECTION_SOURCE: Final = (
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html"
)

protection = property_rule(
    TABLE,
    id="dynamodb-table-deletion-protection-enabled",
    title="Table is protected from deletion",
    family=Family.DELETION,
    severity=Severity.MEDIUM,
    path=("DeletionProtectionEnabled",),
    holds=is_true,
    message="can be deleted by one call",
    rationale="""One DeleteTable call, or a replacement of the resource, removes the table with all its data. AWS:
    deletion protection is off by default; while it is on, deleting the table fails.""",
    remedy="Add `DeletionProtectionEnabled: true`.",
    source=_PROTECTION_SOURCE,
    equivalents=("dynamodb_table_deletion_protection_enabled",),
)

replica_protection = property_rule(
    GLOBAL,
    id="dynamodb-global-table-deletion-protection-enabled",
    title="Every replica of the global table is protected from deletion",
    family=Family.DELETION,
    severity=Severity.MEDIUM,
    path=("Replicas", EACH, "DeletionProtectionEnabled"),
    holds=is_true,
    message="has a replica that can be deleted by one call",
    rationale="""A replica that is deleted takes its region's copy with it, and the last one all data. AWS: deletion
    protection is a setting of each replica, off by default.""",
    remedy="Add `DeletionProtectionEnabled: true` to each entry of `Replicas`.",
    source=_PROTECTION_SOURCE,
)
