"""AWS::S3, by the Amazon S3 API reference: each of a bucket's settings has a call of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra_checks.live.readers.s3_rules import (
    acl,
    cors,
    encryption,
    lifecycle,
    logging,
    notifications,
    replication,
    website,
)
from infra_checks.live.reading import Plain, Unread, reader
from infra_checks.live.renaming import Properties, document, from_answer, pruned, stated, tag_list
from infra_checks.live.shaping import at, declared_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra_checks.live.reading import Answer, Asking, Read

_Find = tuple[str, tuple[str, ...], "Callable[[Any], Plain]"]

_SETTINGS: Final[dict[str, _Find]] = {
    "AccelerateConfiguration": (
        "get_bucket_accelerate_configuration",
        (),
        lambda answer: stated(AccelerationStatus=answer.get("Status")),
    ),
    "AccessControl": ("get_bucket_acl", (), acl),
    "BucketEncryption": ("get_bucket_encryption", ("ServerSideEncryptionConfigurationNotFoundError",), encryption),
    "CorsConfiguration": ("get_bucket_cors", ("NoSuchCORSConfiguration",), cors),
    "LifecycleConfiguration": (
        "get_bucket_lifecycle_configuration",
        ("NoSuchLifecycleConfiguration",),
        lifecycle,
    ),
    "LoggingConfiguration": ("get_bucket_logging", (), logging),
    "NotificationConfiguration": ("get_bucket_notification_configuration", (), notifications),
    "ObjectLockConfiguration": (
        "get_object_lock_configuration",
        ("ObjectLockConfigurationNotFoundError",),
        lambda answer: pruned(answer.get("ObjectLockConfiguration")),
    ),
    "OwnershipControls": (
        "get_bucket_ownership_controls",
        ("OwnershipControlsNotFoundError",),
        lambda answer: stated(Rules=at(answer, "OwnershipControls", "Rules")),
    ),
    "PublicAccessBlockConfiguration": (
        "get_public_access_block",
        ("NoSuchPublicAccessBlockConfiguration",),
        lambda answer: answer.get("PublicAccessBlockConfiguration"),
    ),
    "ReplicationConfiguration": (
        "get_bucket_replication",
        ("ReplicationConfigurationNotFoundError",),
        replication,
    ),
    "Tags": ("get_bucket_tagging", ("NoSuchTagSet",), lambda answer: tag_list(answer.get("TagSet", []))),
    "VersioningConfiguration": ("get_bucket_versioning", (), lambda answer: stated(Status=answer.get("Status"))),
    "WebsiteConfiguration": ("get_bucket_website", ("NoSuchWebsiteConfiguration",), website),
}
"""By property: the operation, the codes of its errors that say that there is no such setting, what it answers."""

_NOT_ASKED: Final = (
    "AbacStatus",
    "AnalyticsConfigurations",
    "IntelligentTieringConfigurations",
    "InventoryConfigurations",
    "MetadataConfiguration",
    "MetadataTableConfiguration",
    "MetricsConfigurations",
)
"""What no rule looks at; each would be one more call for each bucket."""


@reader("AWS::S3::Bucket", *sorted({f"s3:{operation}" for operation, _, _ in _SETTINGS.values()}))
def bucket(asking: Asking) -> Read:
    """AWS: API_Operations_Amazon_Simple_Storage_Service.html, the operations GetBucket…; BucketName is the id.

    Unread as a whole only when S3 says that there is no such bucket.
    """
    name = asking.physical_id
    found: Properties = {"BucketName": name}
    for setting, (operation, none, read) in _SETTINGS.items():
        answer = asking.ask("s3", operation, none=none, Bucket=name)
        if isinstance(answer, Unread) and answer.reason.startswith("NoSuchBucket:"):
            return answer
        found |= stated(**{setting: answer if isinstance(answer, Unread) else read(answer)})
    lock = found.get("ObjectLockConfiguration")
    if lock is not None:
        found["ObjectLockEnabled"] = lock if isinstance(lock, Unread) else lock.get("ObjectLockEnabled") == "Enabled"
    return found | {setting: Unread("the reader of buckets does not ask for it") for setting in _NOT_ASKED}


@reader("AWS::S3::BucketPolicy", "s3:get_bucket_policy")
def bucket_policy(asking: Asking) -> Read:
    """AWS: API_GetBucketPolicy.html; the physical id is the bucket's name, in older stacks a name of its own."""
    name = declared_text(asking, "Bucket") or asking.physical_id
    answer = asking.ask("s3", "get_bucket_policy", none=("NoSuchBucketPolicy",), Bucket=name)
    if isinstance(answer, Unread) and answer.reason.startswith("NoSuchBucket:"):
        return answer
    return {"Bucket": name, **from_answer(answer, ("PolicyDocument",), _policy)}


def _policy(answer: Answer) -> Properties:
    return stated(PolicyDocument=document(answer["Policy"]) if answer.get("Policy") else None)
