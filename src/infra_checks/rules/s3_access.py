"""Rules on S3 buckets that nobody is let in from outside: the block of public access, and ACLs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

BUCKET: Final = "AWS::S3::Bucket"
EVERYBODY: Final = {"PublicRead": "everybody", "PublicReadWrite": "everybody"}
ACL_DOCS: Final = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl"
BLOCK: Final = "PublicAccessBlockConfiguration"
FLAGS: Final = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


@rule(
    BUCKET,
    id="s3-bucket-level-public-access-prohibited",
    title="Bucket states all four blocks of public access",
    family=Family.NETWORK,
    severity=Severity.HIGH,
    remedy="Add `PublicAccessBlockConfiguration` with `BlockPublicAcls`, `BlockPublicPolicy`, `IgnorePublicAcls` and "
    "`RestrictPublicBuckets`, each `true`.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    equivalents=(
        "CKV_AWS_53",
        "CKV_AWS_54",
        "CKV_AWS_55",
        "CKV_AWS_56",
        "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED",
        "S3_BUCKET_PUBLIC_READ_PROHIBITED",
        "S3_BUCKET_PUBLIC_WRITE_PROHIBITED",
        "S3BucketPublicReadProhibited",
        "S3BucketPublicWriteProhibited",
        "AwsSolutions-S2",
        "AWS-0086",
        "AWS-0087",
        "AWS-0091",
        "AWS-0093",
        "AWS-0094",
        "s3_bucket_level_public_access_block",
    ),
    options={"explicit": True},
)
def public_access_block(bucket: Resource, ctx: Context) -> Iterator[Verdict]:
    """A single policy or ACL can open a bucket to the world unless these four settings stop it. S3 sets all four
    on buckets made since April 2023, but a stack's older bucket has none, and what the template does not state
    CloudFormation neither restores nor reports as drift: so the settings have to be stated. Where the block is
    given, a setting left out is false. Option explicit: false accepts a bucket without the block.
    """
    block = bucket.mapping(BLOCK)
    match block:
        case Unknown():
            yield ctx.undecided(block, f"{BLOCK} cannot be told: {block.reason}")
        case Absent():
            if ctx.option("explicit") is True:
                yield ctx.violation(block, f"does not state {BLOCK}")
        case Known():
            for flag in FLAGS:
                yield from _flag(bucket, flag, ctx)


def _flag(bucket: Resource, flag: str, ctx: Context) -> Iterator[Verdict]:
    value = bucket.boolean(BLOCK, flag)
    match value:
        case Known(True):
            return
        case Unknown():
            yield ctx.undecided(value, f"{flag} cannot be told: {value.reason}")
        case Known():
            yield ctx.violation(value, f"sets {flag} to false", remedy=f"Set `{BLOCK}.{flag}: true`.")
        case Absent():
            yield ctx.violation(value, f"leaves {flag} out, which is false", remedy=f"Set `{BLOCK}.{flag}: true`.")


@rule(
    BUCKET,
    id="s3-bucket-acl-not-public",
    title="Bucket has no public ACL",
    family=Family.NETWORK,
    severity=Severity.HIGH,
    remedy="Remove `AccessControl`; grant access in a bucket policy to the principals that need it.",
    source=ACL_DOCS,
    equivalents=(
        "CKV_AWS_20",
        "W31",
        "S3_BUCKET_PUBLIC_READ_ACL",
        "AWS-0092",
        "S3BucketPublicReadAclAndListStatementRule",
        "S3BucketPublicReadAclRule",
        "s3_bucket_public_list_acl",
    ),
)
def public_read(bucket: Resource, ctx: Context) -> Iterator[Verdict]:
    """PublicRead lists and reads the bucket for everybody, PublicReadWrite does too, and AuthenticatedRead means
    every AWS account there is, not yours. AWS: without AccessControl a bucket is private, and since April 2023 ACLs
    are disabled on new buckets unless OwnershipControls enables them.
    """
    yield from _open_to(bucket, ctx, {"AuthenticatedRead": "every AWS account", **EVERYBODY}, "read")


@rule(
    BUCKET,
    id="s3-bucket-acl-no-public-write",
    title="Bucket's ACL lets nobody else write",
    family=Family.NETWORK,
    severity=Severity.CRITICAL,
    remedy="Remove `AccessControl`; grant access in a bucket policy to the principals that need it.",
    source=ACL_DOCS,
    equivalents=(
        "CKV_AWS_57",
        "F14",
        "S3_BUCKET_NO_PUBLIC_RW_ACL",
        "S3BucketPublicReadWriteAclRule",
        "s3_bucket_public_write_acl",
    ),
)
def public_write(bucket: Resource, ctx: Context) -> Iterator[Verdict]:
    """PublicReadWrite lets everybody put, replace and delete objects: a place for malware, and a bill without limit.
    AWS: without AccessControl a bucket is private, and since April 2023 ACLs are disabled on new buckets unless
    OwnershipControls enables them.
    """
    yield from _open_to(bucket, ctx, {"PublicReadWrite": "everybody"}, "write")


def _open_to(bucket: Resource, ctx: Context, acls: dict[str, str], access: str) -> Iterator[Verdict]:
    acl = bucket.text("AccessControl")
    match acl:
        case Unknown():
            if any(_may_be(acl, name) for name in acls):
                yield ctx.undecided(acl, f"AccessControl cannot be told: {acl.reason}")
        case Known(name):
            if name in acls:
                yield ctx.violation(acl, f"lets {acls[name]} {access} by AccessControl {name}")
        case Absent():
            return


def _may_be(value: Unknown, text: str) -> bool:
    """Whether a text of which pieces are known can still be the one asked for."""
    start = value.parts[0] if value.parts else None
    end = value.parts[-1] if value.parts else None
    return not (
        (isinstance(start, str) and not text.startswith(start)) or (isinstance(end, str) and not text.endswith(end))
    )
