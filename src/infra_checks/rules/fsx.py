"""Rules on Amazon FSx file systems of all four kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import given, is_customer_key, is_true, property_rule
from infra_checks.rules.predicates import text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision

FILES: Final = "AWS::FSx::FileSystem"
DOCS: Final = "https://docs.aws.amazon.com/fsx/latest/"
KINDS: Final = {
    "lustre": "LustreConfiguration",
    "ontap": "OntapConfiguration",
    "openzfs": "OpenZFSConfiguration",
    "windows": "WindowsConfiguration",
}
KEPT_DAYS: Final = {"lustre": 0, "ontap": 30, "openzfs": 30, "windows": 30}
"""For how many days AWS keeps automatic backups by default."""

_SCRATCH: Final = ("SCRATCH_1", "SCRATCH_2")


def _kind(files: Resource) -> str | Unknown | Absent:
    kind = files.text("FileSystemType")
    return kind.value.lower() if isinstance(kind, Known) else kind


def _is_scratch(files: Resource) -> Decision:
    """Temporary storage of FSx for Lustre, which has no backups and no key of one's own; AWS: it is the default."""
    lustre = text_is(files.text("FileSystemType"), "LUSTRE")
    if not lustre:
        return lustre
    kind = files.text(KINDS["lustre"], "DeploymentType")
    return True if isinstance(kind, Absent) else text_is(kind, *_SCRATCH)


@rule(
    FILES,
    id="fsx-automatic-backups-enabled",
    title="File system is backed up every day",
    family=Family.DELETION,
    severity=Severity.MEDIUM,
    remedy="Set `AutomaticBackupRetentionDays` in the file system's configuration to 7 or more (at most 90).",
    source=DOCS + "APIReference/API_CreateFileSystem.html",
    options={"minimum_days": 1},
)
def backups(files: Resource, ctx: Context) -> Iterator[Verdict]:
    """Automatic backups are what a file system is restored from after a mistake or an attack. AWS keeps them for 30
    days by default, of FSx for Lustre for 0, which turns them off; scratch file systems have none.
    """
    kind = _kind(files)
    if not isinstance(kind, str):
        yield ctx.undecided(files.value("FileSystemType"), "of which kind it is cannot be told")
        return
    configuration = KINDS.get(kind)
    if configuration is None or _is_scratch(files):
        return
    days = files.number(configuration, "AutomaticBackupRetentionDays")
    match days:
        case Unknown():
            yield ctx.undecided(days, f"for how long its backups are kept cannot be told: {days.reason}")
        case Known(number):
            if number < ctx.number("minimum_days"):
                yield ctx.violation(days, f"keeps its automatic backups for {number:g} days")
        case Absent():
            if KEPT_DAYS[kind] < ctx.number("minimum_days"):
                yield ctx.violation(days, f"keeps its automatic backups for {KEPT_DAYS[kind]} days by default")


@rule(
    FILES,
    id="fsx-deployment-multi-az",
    title="File system is in two Availability Zones",
    family=Family.MULTI_AZ,
    severity=Severity.MEDIUM,
    remedy="Set `DeploymentType: MULTI_AZ_1` (ONTAP: also `MULTI_AZ_2`) and two subnets; the file system is replaced.",
    source=DOCS + "APIReference/API_CreateFileSystem.html",
)
def zones(files: Resource, ctx: Context) -> Iterator[Verdict]:
    """A file system in one zone cannot be reached while its zone fails. AWS: FSx for Windows File Server is in one
    zone by default, ONTAP and OpenZFS as DeploymentType says; FSx for Lustre is always in one, and is not judged.
    """
    kind = _kind(files)
    if not isinstance(kind, str):
        yield ctx.undecided(files.value("FileSystemType"), "of which kind it is cannot be told")
        return
    configuration = KINDS.get(kind)
    if configuration is None or kind == "lustre":
        return
    deployment = files.text(configuration, "DeploymentType")
    match deployment:
        case Known(text) if text.startswith("MULTI_AZ"):
            return
        case Unknown():
            yield ctx.undecided(deployment, f"DeploymentType cannot be told: {deployment.reason}")
        case Known() | Absent():
            yield ctx.violation(deployment, "is in one Availability Zone")


customer_key = property_rule(
    FILES,
    id="fsx-customer-key",
    title="File system is encrypted with a KMS key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("KmsKeyId",),
    holds=is_customer_key,
    unless=(_is_scratch, given("BackupId")),
    message="is encrypted with the key aws/fsx that AWS manages",
    rationale="""Only of a customer managed key can you set policy, rotation and end. AWS: FSx always encrypts, without
    KmsKeyId with the AWS managed key aws/fsx; scratch file systems have no choice.""",
    remedy="Add `KmsKeyId: !GetAtt Key.Arn`; the file system is replaced.",
    source=DOCS + "APIReference/API_CreateFileSystem.html",
)


@rule(
    FILES,
    id="fsx-copy-tags-to-backups",
    title="File system passes its tags on to its backups",
    family=Family.TAGGING,
    severity=Severity.LOW,
    remedy="Add `CopyTagsToBackups: true` to the file system's configuration; of some kinds it is replaced.",
    source=DOCS + "APIReference/API_CreateFileSystem.html",
)
def copied_tags(files: Resource, ctx: Context) -> Iterator[Verdict]:
    """Backups cost money for longer than the file system lives; without tags nobody can tell whose they are. AWS:
    CopyTagsToBackups is false by default; ONTAP has no such setting.
    """
    kind = _kind(files)
    if not isinstance(kind, str):
        yield ctx.undecided(files.value("FileSystemType"), "of which kind it is cannot be told")
        return
    configuration = KINDS.get(kind)
    if configuration is None or kind == "ontap" or _is_scratch(files):
        return
    copied = files.value(configuration, "CopyTagsToBackups")
    decided = is_true(copied, ctx)
    if decided is None:
        yield ctx.undecided(copied, "whether it copies its tags to its backups is known only at deployment")
    elif not decided:
        yield ctx.violation(copied, "does not copy its tags to its backups")
