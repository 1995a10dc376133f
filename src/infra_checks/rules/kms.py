"""Rules on KMS keys: rotation, and time to change one's mind about deletion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown
from infra_checks.core.table import at_least, below, is_true, property_rule, stated

if TYPE_CHECKING:
    from infra_checks.core.resource import Resource
    from infra_checks.core.table import Decision

KEY: Final = "AWS::KMS::Key"


def _differs(resource: Resource, name: str, default: str) -> Decision:
    value = stated(resource.text(name))
    match value:
        case Known(text):
            return text != default
        case Unknown():
            return None
        case Absent():
            return False


def is_asymmetric(key: Resource) -> Decision:
    """The key is not one for symmetric encryption, so AWS cannot rotate it."""
    return _differs(key, "KeySpec", "SYMMETRIC_DEFAULT")


def is_imported(key: Resource) -> Decision:
    """The key's material comes from elsewhere, so AWS cannot rotate it by itself."""
    return _differs(key, "Origin", "AWS_KMS")


rotation = property_rule(
    KEY,
    id="cmk-backing-key-rotation-enabled",
    title="Key material is rotated every year",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("EnableKeyRotation",),
    holds=is_true,
    unless=(is_asymmetric, is_imported),
    message="is not rotated",
    rationale="""Rotation limits how much data one piece of key material protects, without anything to re-encrypt. AWS:
    it is off by default, and possible only for symmetric encryption keys (KeySpec SYMMETRIC_DEFAULT) whose material
    KMS made (Origin AWS_KMS); for other keys the property is to be left out.""",
    remedy="Add `EnableKeyRotation: true`.",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html",
    equivalents=(
        "1c07bfaf",
        "235ca980",
        "CKV_AWS_7",
        "F19",
        "CMK_BACKING_KEY_ROTATION_ENABLED",
        "AwsSolutions-KMS5",
        "AWS-0065",
        "kms_cmk_rotation_enabled",
        "KMSKeyEnabledKeyRotation",
    ),
)

pending_window = property_rule(
    KEY,
    id="kms-key-pending-window",
    title="Key can be saved for long enough after its deletion is scheduled",
    family=Family.DELETION,
    severity=Severity.LOW,
    path=("PendingWindowInDays",),
    holds=at_least("minimum_days", default=30),
    equivalents=("2844c749",),
    options={"minimum_days": 30},
    message=below("minimum_days", "is deleted for good after", default=30),
    rationale="""When the waiting period is over, everything the key encrypts is lost, backups included; it is the time
    to notice that something still needs the key. AWS: 7 to 30 days, 30 by default; removing the key from the stack
    starts it.""",
    remedy="Remove `PendingWindowInDays`, or raise it.",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html",
)
