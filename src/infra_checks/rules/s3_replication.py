"""Rules on S3 replication, and on old versions and unfinished uploads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_filled
from infra_checks.evaluate.view import EACH, View
from infra_checks.rules.predicates import all_of, any_of, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision

BUCKET: Final = "AWS::S3::Bucket"
RULES: Final = ("ReplicationConfiguration", "Rules")
_GUIDE: Final = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"


@rule(
    BUCKET,
    id="s3-bucket-replication-enabled",
    title="Bucket is replicated",
    family=Family.MULTI_AZ,
    severity=Severity.LOW,
    remedy="Add `ReplicationConfiguration` with a rule of `Status: Enabled` to a bucket in another Region.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-replication-enabled.html",
    equivalents=("S3_BUCKET_REPLICATION_ENABLED", "S3BucketReplicationEnabled", "s3_bucket_cross_region_replication"),
)
def replicated(bucket: Resource, ctx: Context) -> Iterator[Verdict]:
    """A bucket's objects are in one Region, in three of its zones, and are gone for users while the Region is. A bucket
    that receives replicas from one of the stack need not be replicated itself. By default nothing is replicated.
    """
    rules = bucket.items(*RULES)
    match rules:
        case Unknown():
            yield ctx.undecided(rules, f"its replication rules cannot be told: {rules.reason}")
        case Known() | Absent():
            views = rules.value if isinstance(rules, Known) else ()
            enabled = any_of(*(text_is(view.text("Status"), "Enabled") for view in views))
            if enabled or _receives(bucket):
                return
            if enabled is None:
                yield ctx.undecided(rules, "whether a replication rule is enabled is known only at deployment")
            else:
                yield ctx.violation(rules, "has no replication rule that is enabled")


def _receives(bucket: Resource) -> bool:
    return any(
        other.stack.target_of(value) == bucket
        for other in bucket.stack.of_type(BUCKET)
        if other != bucket
        for value in other.values(*RULES, EACH, "Destination", "Bucket")
    )


@rule(
    BUCKET,
    id="s3-replication-versioned",
    title="Buckets at both ends of a replication keep versions",
    family=Family.DEPLOYABILITY,
    severity=Severity.HIGH,
    remedy="Set `VersioningConfiguration: {Status: Enabled}` in both buckets.",
    source=_GUIDE + "replication-requirements.html",
)
def versioned(bucket: Resource, ctx: Context) -> Iterator[Verdict]:
    """S3 refuses a replication unless the source and the destination keep versions, and the deployment fails. Buckets
    keep none by default. A destination that is not in the stack is not judged.
    """
    if isinstance(bucket.value("ReplicationConfiguration"), Absent):
        return
    buckets = {bucket.logical_id: (bucket, bucket.value("ReplicationConfiguration"))}
    for value in bucket.values(*RULES, EACH, "Destination", "Bucket"):
        target = bucket.stack.target_of(value)
        if isinstance(target, Resource) and target.type == BUCKET:
            buckets.setdefault(target.logical_id, (target, value))
    for one, place in buckets.values():
        kept = text_is(one.text("VersioningConfiguration", "Status"), "Enabled")
        if kept is None:
            yield ctx.undecided(place, f"whether {one.logical_id} keeps versions is known only at deployment")
        elif not kept:
            end = "the source" if one == bucket else f"the destination {one.logical_id}"
            yield ctx.violation(place, f"has a replication of which {end} keeps no versions")


def _enabled_rules(bucket: Resource) -> tuple[tuple[View, Decision], ...]:
    """The lifecycle rules and whether each is enabled; none when there are none, or they cannot be told."""
    rules = bucket.items("LifecycleConfiguration", "Rules")
    views = rules.value if isinstance(rules, Known) else ()
    return tuple((view, text_is(view.text("Status"), "Enabled")) for view in views)


def _does(view: View, *names: str) -> Decision:
    """Whether a lifecycle rule has one of some properties."""
    return any_of(*(is_filled(view.value(name)) for name in names))


def _ended(bucket: Resource, *names: str) -> Decision:
    """Whether an enabled rule has one of some properties; True when no rule is enabled, which another rule reports."""
    rules = _enabled_rules(bucket)
    if not any(enabled is not False for _, enabled in rules):
        return True
    return any_of(*(all_of((enabled, _does(view, *names))) for view, enabled in rules))


@rule(
    BUCKET,
    id="s3-lifecycle-ends-old-versions",
    title="Lifecycle rules end old versions",
    family=Family.DELETION,
    severity=Severity.LOW,
    remedy="Add `NoncurrentVersionExpiration: {NoncurrentDays: ...}` to a lifecycle rule.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/s3-version-lifecycle-policy-check.html",
)
def old_versions(bucket: Resource, ctx: Context) -> Iterator[Verdict]:
    """In a bucket with versions, what is deleted or expires becomes an old version, which S3 keeps for ever by default:
    data that should be gone is still there, and paid for. Judged of buckets with versions and a lifecycle rule.
    """
    keeps = text_is(bucket.text("VersioningConfiguration", "Status"), "Enabled")
    names = (
        "NoncurrentVersionExpiration",
        "NoncurrentVersionExpirationInDays",
        "NoncurrentVersionTransition",
        "NoncurrentVersionTransitions",
    )
    ended = _ended(bucket, *names) if keeps is not False else True
    place = bucket.value("LifecycleConfiguration", "Rules")
    if ended:
        return
    if ended is None or keeps is None:
        yield ctx.undecided(place, "whether old versions are ended is known only at deployment")
    else:
        yield ctx.violation(place, "has lifecycle rules, none of which ends old versions")


@rule(
    BUCKET,
    id="s3-lifecycle-ends-uploads",
    title="Lifecycle rules end unfinished uploads",
    family=Family.DELETION,
    severity=Severity.LOW,
    remedy="Add `AbortIncompleteMultipartUpload: {DaysAfterInitiation: 7}` to a lifecycle rule.",
    source=_GUIDE + "mpu-abort-incomplete-mpu-lifecycle-config.html",
)
def uploads(bucket: Resource, ctx: Context) -> Iterator[Verdict]:
    """The parts of an upload that was never finished are not listed as objects, but S3 keeps them, and they are paid
    for, for ever by default. Judged of buckets with a lifecycle rule.
    """
    ended = _ended(bucket, "AbortIncompleteMultipartUpload")
    place = bucket.value("LifecycleConfiguration", "Rules")
    if ended is None:
        yield ctx.undecided(place, "whether unfinished uploads are ended is known only at deployment")
    elif not ended:
        yield ctx.violation(place, "has lifecycle rules, none of which ends unfinished uploads")
