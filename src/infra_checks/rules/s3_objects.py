"""Rules on what a bucket does with its objects, and on its name: keys, locks, ACLs, events, a website."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_set, is_true, one_of, property_rule, stated
from infra_checks.evaluate.view import EACH, as_text
from infra_checks.rules.predicates import receives_access_logs, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

BUCKET: Final = "AWS::S3::Bucket"
_GUIDE: Final = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_ENCRYPTION: Final = ("BucketEncryption", "ServerSideEncryptionConfiguration")

encryption_stated = property_rule(
    BUCKET,
    id="s3-bucket-server-side-encryption-enabled",
    title="Bucket states how it encrypts",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=(*_ENCRYPTION, EACH, "ServerSideEncryptionByDefault", "SSEAlgorithm"),
    holds=one_of("AES256", "aws:kms", "aws:kms:dsse"),
    message="does not state how it encrypts",
    rationale="""S3 encrypts all new objects with SSE-S3 since January 2023, so nothing is in plain text without this;
    but what the template does not state CloudFormation neither restores nor reports as drift.""",
    remedy="Add `BucketEncryption: {ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: "
    "AES256}}]}`, or `aws:kms`.",
    source=_CONFIG + "s3-bucket-server-side-encryption-enabled.html",
    equivalents=(
        "b2e8752c",
        "CKV_AWS_19",
        "W41",
        "S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED",
        "AWS-0088",
        "s3_bucket_default_encryption",
    ),
)


@rule(
    BUCKET,
    id="s3-bucket-key-enabled",
    title="Bucket with a KMS key uses a bucket key",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    remedy="Set `BucketKeyEnabled: true` beside `ServerSideEncryptionByDefault`.",
    source=_GUIDE + "bucket-key.html",
)
def bucket_key(bucket: Resource, ctx: Context) -> Iterator[Verdict]:
    """Without a bucket key, which is the default, S3 asks KMS for every object: that costs up to a hundred times more
    and meets the limit of KMS requests under load. It does not apply to SSE-S3, and dsse has none.
    """
    rules = bucket.items(*_ENCRYPTION)
    for view in rules.value if isinstance(rules, Known) else ():
        algorithm = text_is(view.text("ServerSideEncryptionByDefault", "SSEAlgorithm"), "aws:kms")
        enabled = view.boolean("BucketKeyEnabled")
        if algorithm is False or (isinstance(enabled, Known) and enabled.value):
            continue
        if algorithm is None or isinstance(enabled, Unknown):
            yield ctx.undecided(enabled, "whether it asks KMS for every object is known only at deployment")
        else:
            yield ctx.violation(enabled, "asks KMS for every object, for want of a bucket key")


locked = property_rule(
    BUCKET,
    id="s3-bucket-default-lock-enabled",
    title="Bucket can lock its objects",
    family=Family.DELETION,
    severity=Severity.LOW,
    path=("ObjectLockEnabled",),
    holds=is_true,
    unless=(receives_access_logs,),
    message="cannot lock its objects against deletion",
    rationale="""Object Lock keeps versions from being deleted, also by an administrator or ransomware, for as long as a
    retention says. It is off by default. A bucket that receives access logs is left out, as S3 delivers none to a
    bucket with Object Lock.""",
    remedy="Set `ObjectLockEnabled: true`, and `ObjectLockConfiguration` with a default retention.",
    source=_CONFIG + "s3-bucket-default-lock-enabled.html",
    equivalents=("S3_BUCKET_DEFAULT_LOCK_ENABLED", "S3BucketDefaultLockEnabled", "s3_bucket_object_lock"),
)

notifies = property_rule(
    BUCKET,
    id="s3-event-notifications-enabled",
    title="Bucket reports what happens to its objects",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    path=("NotificationConfiguration",),
    holds=is_set,
    message="reports no events of its objects",
    rationale="""With notifications, or EventBridge, something can react when objects are put or deleted. A bucket sends
    none by default.""",
    remedy="Add `NotificationConfiguration: {EventBridgeConfiguration: {EventBridgeEnabled: true}}`, or a target.",
    source=_CONFIG + "s3-event-notifications-enabled.html",
    equivalents=("s3_bucket_event_notifications_enabled",),
)


@rule(
    BUCKET,
    id="s3-bucket-no-website",
    title="Bucket is no website",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    remedy="Remove `WebsiteConfiguration`; serve the bucket by CloudFront with an origin access control.",
    source=_GUIDE + "WebsiteEndpoints.html",
    equivalents=("90501b1b",),
)
def website(bucket: Resource, ctx: Context) -> Iterator[Verdict]:
    """Website endpoints speak HTTP only, and only to a bucket that everybody may read. A website that only redirects
    (RedirectAllRequestsTo) shows nothing.
    """
    configuration = bucket.mapping("WebsiteConfiguration")
    match configuration:
        case Absent():
            return
        case Unknown():
            yield ctx.undecided(configuration, f"WebsiteConfiguration cannot be told: {configuration.reason}")
        case Known(view):
            if isinstance(stated(view.value("RedirectAllRequestsTo")), Absent):
                yield ctx.violation(configuration, "is a website, which S3 serves over plain HTTP to everybody")


@rule(
    BUCKET,
    id="s3-bucket-acl-prohibited",
    title="Bucket has no ACLs",
    family=Family.IAM,
    severity=Severity.LOW,
    remedy="Remove `AccessControl`, and set `OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerEnforced}]}`; "
    "let logs be delivered by a bucket policy.",
    source=_GUIDE + "about-object-ownership.html",
    equivalents=("s3_bucket_acl_prohibited", "W3045"),
)
def no_acls(bucket: Resource, ctx: Context) -> Iterator[Verdict]:
    """ACLs give access that no policy shows. S3 disables them on new buckets since April 2023 unless OwnershipControls
    enables them; with ACLs disabled, an `AccessControl` other than Private fails the deployment.
    """
    for value in _ownership(bucket):
        owner = as_text(value)
        match owner:
            case Known("BucketOwnerEnforced") | Absent():
                continue
            case Unknown():
                yield ctx.undecided(owner, f"whether ACLs are enabled cannot be told: {owner.reason}")
            case Known(name):
                yield ctx.violation(owner, f"enables ACLs by {name}")
    acl = bucket.text("AccessControl")
    match acl:
        case Known("Private") | Absent():
            return
        case Unknown():
            yield ctx.undecided(acl, f"AccessControl cannot be told: {acl.reason}")
        case Known(name):
            yield ctx.violation(acl, f"has the ACL {name}")


def _ownership(bucket: Resource) -> tuple[Value[object], ...]:
    return bucket.values("OwnershipControls", "Rules", EACH, "ObjectOwnership")


_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_ALLOWED: Final = re.compile(r"[a-z0-9-]*")
_SHORTEST, _LONGEST = 3, 63


def _is_plain(value: Value[object], _ctx: Context) -> Decision:
    """Whether a name is made of lower-case letters, digits and hyphens; AWS makes up one that is when none is given."""
    text = as_text(value)
    match text:
        case Known(name):
            return _SHORTEST <= len(name) <= _LONGEST and _NAME.fullmatch(name) is not None
        case Unknown():
            written = [part for part in text.parts if isinstance(part, str)]
            if not all(_ALLOWED.fullmatch(part) for part in written):
                return False
            return written != [] or None
        case Absent():
            return True


named = property_rule(
    BUCKET,
    id="s3-bucket-name-dns-compliant",
    title="Bucket's name works in host names and certificates",
    family=Family.DEPLOYABILITY,
    severity=Severity.MEDIUM,
    path=("BucketName",),
    holds=_is_plain,
    message="has a name that is not 3 to 63 lower-case letters, digits and hyphens",
    rationale="""S3 refuses names with capitals or underscores, so the deployment fails; a dot is taken, but no
    certificate fits bucket.name.s3.amazonaws.com, so HTTPS and Transfer Acceleration do not work. CloudFormation makes
    up a name that fits when none is given.""",
    remedy="Name the bucket in lower-case letters, digits and hyphens, or leave `BucketName` out.",
    source=_GUIDE + "bucketnamingrules.html",
    equivalents=("AWS-0320",),
)
