"""Rules on what a KMS key is used for: that it can be used at all, and in one region."""

from __future__ import annotations

from typing import Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.table import is_not_false, is_not_true, property_rule

KEY: Final = "AWS::KMS::Key"

key_enabled = property_rule(
    KEY,
    id="kms-key-enabled",
    title="Key is enabled",
    family=Family.DEPLOYABILITY,
    severity=Severity.MEDIUM,
    path=("Enabled",),
    holds=is_not_false,
    message="is disabled, so that nothing it encrypts can be read",
    rationale="""A disabled key can neither encrypt nor decrypt. Enabled is true by default.""",
    remedy="Remove `Enabled: false`, or the key if nothing needs it any more.",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/enabling-keys.html",
    equivalents=(
        "2844c749",
        "kms_cmk_are_used",
    ),
)

single_region = property_rule(
    KEY,
    id="kms-key-single-region",
    title="Key material stays in one region",
    family=Family.ENCRYPTION,
    severity=Severity.INFO,
    path=("MultiRegion",),
    holds=is_not_true,
    message="has key material that can be copied to other regions",
    rationale="""A multi-Region key can be replicated, and what it encrypts be decrypted, in every region, each with a
    key policy of its own. AWS: use one only when data moves between regions encrypted. It is false by default.""",
    remedy="Remove `MultiRegion: true`, which makes a new key, unless another region needs it.",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html",
    equivalents=("kms_cmk_not_multi_region",),
)
