"""Rules on access points of EFS and S3, and on directory buckets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_set, is_true, property_rule
from infra_checks.evaluate.view import as_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_BLOCK: Final = "PublicAccessBlockConfiguration"
_BLOCKS: Final = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def _below_root(value: Value[object], _ctx: Context) -> Decision:
    """It is a path below the root of the file system."""
    path = as_text(value)
    match path:
        case Known(text):
            return text.strip("/ ") != ""
        case Unknown():
            return None
        case Absent():
            return False


root_directory = property_rule(
    "AWS::EFS::AccessPoint",
    id="efs-access-point-enforce-root-directory",
    title="Access point has a root directory of its own",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    path=("RootDirectory", "Path"),
    holds=_below_root,
    message="shows its clients the whole file system",
    rationale="""Clients of an access point see what is below its root directory, which is that of the file system by
    default.""",
    remedy="Set `RootDirectory: {Path: /application}`.",
    source=_CONFIG + "efs-access-point-enforce-root-directory.html",
    equivalents=("EFS_ACCESS_POINT_ENFORCE_ROOT_DIRECTORY",),
)

user_identity = property_rule(
    "AWS::EFS::AccessPoint",
    id="efs-access-point-enforce-user-identity",
    title="Access point decides who its clients are",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    path=("PosixUser", "Uid"),
    holds=is_set,
    message="leaves it to its clients which user they are",
    rationale="""An NFS client says itself which user it is. With PosixUser an access point replaces what it says.""",
    remedy='Set `PosixUser: {Uid: "1000", Gid: "1000"}`.',
    source=_CONFIG + "efs-access-point-enforce-user-identity.html",
    equivalents=("EFS_ACCESS_POINT_ENFORCE_USER_IDENTITY",),
)

directory_bucket_lifecycle = property_rule(
    "AWS::S3Express::DirectoryBucket",
    id="s3express-dir-bucket-lifecycle-rules-check",
    title="Directory bucket has a lifecycle rule",
    family=Family.DELETION,
    severity=Severity.LOW,
    path=("LifecycleConfiguration", "Rules"),
    holds=is_set,
    message="has no lifecycle rule",
    rationale="""Without a rule objects and unfinished uploads stay, and are paid for, until somebody deletes them.""",
    remedy="Add `LifecycleConfiguration` with a rule that expires objects.",
    source=_CONFIG + "s3express-dir-bucket-lifecycle-rules-check.html",
    equivalents=("S3EXPRESS_DIR_BUCKET_LIFECYCLE_RULES_CHECK",),
)


def _blocked(point: Resource, ctx: Context) -> Iterator[Verdict]:
    """An access point that says nothing blocks everything; AWS does not say what is left out beside what it says."""
    if isinstance(point.value(_BLOCK), Absent):
        return
    for name in _BLOCKS:
        value = point.value(_BLOCK, name)
        kept = is_true(value, ctx)
        if isinstance(value, Absent):
            yield ctx.undecided(value, f"leaves {name} out beside others, and AWS does not document what that means")
        elif kept is None:
            yield ctx.undecided(value, f"{name} is known only at deployment")
        elif not kept:
            yield ctx.violation(value, f"does not block public access: {name} is not true")


@rule(
    "AWS::S3::AccessPoint",
    id="s3-access-point-public-access-blocks",
    title="Access point of a bucket blocks public access",
    family=Family.NETWORK,
    severity=Severity.HIGH,
    remedy="Remove `PublicAccessBlockConfiguration`, or set all four of its properties to true.",
    source=_CONFIG + "s3-access-point-public-access-blocks.html",
    equivalents=("S3_ACCESS_POINT_PUBLIC_ACCESS_BLOCKS",),
)
def access_point_blocked(point: Resource, ctx: Context) -> Iterator[Verdict]:
    """AWS blocks public access of a new access point unless told otherwise, and nobody can change that later. What it
    does when some of the settings are given and others are not is not documented.
    """
    yield from _blocked(point, ctx)


@rule(
    "AWS::S3::MultiRegionAccessPoint",
    id="s3-mrap-public-access-blocked",
    title="Access point of several Regions blocks public access",
    family=Family.NETWORK,
    severity=Severity.HIGH,
    remedy="Remove `PublicAccessBlockConfiguration`, or set all four of its properties to true.",
    source="https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-24",
)
def regions_blocked(point: Resource, ctx: Context) -> Iterator[Verdict]:
    """AWS blocks public access of a new Multi-Region Access Point unless told otherwise, and nobody can change that
    later.
    """
    yield from _blocked(point, ctx)
