"""Rules on what moves data: replication instances of AWS DMS, snapshot copies of Amazon Data Lifecycle Manager."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_false, property_rule
from infra_checks.evaluate.view import EACH, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.evaluate.values import Value

replication_private = property_rule(
    "AWS::DMS::ReplicationInstance",
    id="dms-replication-not-public",
    title="Replication instance has no public address",
    family=Family.NETWORK,
    severity=Severity.HIGH,
    path=("PubliclyAccessible",),
    holds=is_false,
    message="has a public address",
    rationale="""A replication instance reads whole databases. AWS DMS gives it a public address unless
    `PubliclyAccessible` is false: the default is true.""",
    remedy="Set `PubliclyAccessible: false`.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/dms-replication-not-public.html",
    equivalents=("CKV_AWS_89", "DMS_REPLICATION_NOT_PUBLIC", "W91"),
)

_COPIES: Final = (
    (("PolicyDetails", "Actions", EACH, "CrossRegionCopy", EACH), ("EncryptionConfiguration", "Encrypted")),
    (("PolicyDetails", "Schedules", EACH, "CrossRegionCopyRules", EACH), ("Encrypted",)),
)


@rule(
    "AWS::DLM::LifecyclePolicy",
    id="dlm-copies-encrypted",
    title="Snapshots are encrypted in the Region they are copied to",
    family=Family.ENCRYPTION,
    severity=Severity.HIGH,
    remedy="Set `EncryptionConfiguration.Encrypted: true` of each `CrossRegionCopy`, `Encrypted: true` of each of "
    "`CrossRegionCopyRules`.",
    source="https://docs.aws.amazon.com/dlm/latest/APIReference/API_EncryptionConfiguration.html",
    equivalents=(
        "DLM_LIFECYCLE_POLICY_CROSS_REGION_ENCRYPTION_RULE",
        "W81",
    ),
)
def copies_encrypted(policy: Resource, ctx: Context) -> Iterator[Verdict]:
    """A copy of a snapshot that is not encrypted stays so unless the policy says `Encrypted: true`, or encryption by
    default is on in the Region it is copied to, which the template does not show.
    """
    for path, flag in _COPIES:
        for copy in policy.values(*path):
            yield from _copy(copy, flag, ctx)


def _copy(copy: Value[object], flag: tuple[str, ...], ctx: Context) -> Iterator[Verdict]:
    if isinstance(copy, Unknown):
        yield ctx.undecided(copy, f"whether copies are encrypted cannot be told: {copy.reason}")
    if not isinstance(copy, Known) or not isinstance(copy.value, View):
        return
    encrypted = copy.value.boolean(*flag)
    match encrypted:
        case Known(True):
            return
        case Unknown():
            yield ctx.undecided(encrypted, f"whether copies are encrypted cannot be told: {encrypted.reason}")
        case Known() | Absent():
            yield ctx.violation(encrypted, "copies snapshots to another Region without encrypting them")
