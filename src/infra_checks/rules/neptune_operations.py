"""Rules on Neptune clusters: deletion and tags."""

from __future__ import annotations

from typing import Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.table import is_true, property_rule

_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"

deletion_protection = property_rule(
    "AWS::Neptune::DBCluster",
    id="neptune-cluster-deletion-protection-enabled",
    title="Graph database is protected from deletion",
    family=Family.DELETION,
    severity=Severity.MEDIUM,
    path=("DeletionProtection",),
    holds=is_true,
    message="does not state that it is protected from deletion",
    rationale="""A protected cluster cannot be deleted by a call or with its stack. The template reference names no
    default, so that it has to be stated.""",
    remedy="Set `DeletionProtection: true`.",
    source=_CONFIG + "neptune-cluster-deletion-protection-enabled.html",
    equivalents=("NEPTUNE_CLUSTER_DELETION_PROTECTION_ENABLED",),
)

snapshot_tags = property_rule(
    "AWS::Neptune::DBCluster",
    id="neptune-cluster-copy-tags-to-snapshot-enabled",
    title="Graph database passes its tags on to its snapshots",
    family=Family.TAGGING,
    severity=Severity.LOW,
    path=("CopyTagsToSnapshot",),
    holds=is_true,
    message="does not pass its tags on to its snapshots",
    rationale="""Snapshots without tags belong to nobody, and access by tags does not hold for them.""",
    remedy="Set `CopyTagsToSnapshot: true`.",
    source=_CONFIG + "neptune-cluster-copy-tags-to-snapshot-enabled.html",
    equivalents=("NEPTUNE_CLUSTER_COPY_TAGS_TO_SNAPSHOT_ENABLED",),
)
