"""A small catalogue for the tests of packs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra_checks.core.rule import Option


def a_rule(
    id: str,
    family: Family = Family.ENCRYPTION,
    severity: Severity = Severity.MEDIUM,
    *,
    aliases: tuple[str, ...] = (),
    options: Mapping[str, Option] | None = None,
) -> Rule:
    return Rule(
        id=id,
        title=id,
        family=family,
        severity=severity,
        types=("AWS::RDS::DBInstance",),
        judge=lambda _resource, _context: iter(()),
        rationale="",
        remedy="",
        aliases=aliases,
        options=options or {},
    )


RDS_ENCRYPTED: Final = a_rule("rds-storage-encrypted", severity=Severity.HIGH, aliases=("rds-encrypted",))
RDS_BACKUP: Final = a_rule(
    "rds-backup-retention",
    family=Family.DELETION,
    options={"minimum_days": 7, "share": 0.5, "engines": ("mysql",), "strict": False, "window": "night"},
)
RDS_TAGS: Final = a_rule("rds-storage-tags", family=Family.TAGGING, severity=Severity.LOW)
S3_LOGS: Final = a_rule("s3-bucket-logging", family=Family.OBSERVABILITY, severity=Severity.INFO)
CATALOGUE: Final = (S3_LOGS, RDS_ENCRYPTED, RDS_TAGS, RDS_BACKUP)
