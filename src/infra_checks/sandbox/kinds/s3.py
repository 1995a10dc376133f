"""AWS::S3."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from infra_checks.sandbox.making import Kind, Made, Making, input_shape
from infra_checks.sandbox.refusal import CannotMakeError
from infra_checks.sandbox.shapes import as_text, fit

if TYPE_CHECKING:
    from collections.abc import Callable

_NORTH_VIRGINIA: Final = "us-east-1"


def _make(making: Making) -> Made:
    name = making.name("BucketName", limit=63, lower=True)
    place = making.place
    given: dict[str, Any] = {}
    if place.region != _NORTH_VIRGINIA:
        given["CreateBucketConfiguration"] = {"LocationConstraint": place.region}
    if as_text(making.get("ObjectLockEnabled", default=False)) == "true":
        given["ObjectLockEnabledForBucket"] = True
    making.api("s3").create_bucket(Bucket=name, **given)
    domain = f"{name}.s3.{place.region}.{place.suffix}"
    attributes = {
        "Arn": f"arn:{place.partition}:s3:::{name}",
        "DomainName": f"{name}.s3.{place.suffix}",
        "DualStackDomainName": f"{name}.s3.dualstack.{place.region}.{place.suffix}",
        "RegionalDomainName": domain,
        "WebsiteURL": f"http://{name}.s3-website-{place.region}.{place.suffix}",
    }
    return Made("AWS::S3::Bucket", name, attributes)


def _configure(making: Making, made: Made) -> None:
    for prop, put in _SETTINGS.items():
        if making.changed(prop):
            value = making.get(prop)
            if value is None:
                _take_away(making, made.ref, prop)
            else:
                put(making, made.ref, value)
    if making.changed("Tags"):
        tags = making.tags()
        client = making.api("s3")
        if tags:
            client.put_bucket_tagging(Bucket=made.ref, Tagging={"TagSet": tags})
        else:
            client.delete_bucket_tagging(Bucket=made.ref)


_REMOVALS: Final = {
    "BucketEncryption": "delete_bucket_encryption",
    "CorsConfiguration": "delete_bucket_cors",
    "LifecycleConfiguration": "delete_bucket_lifecycle",
    "OwnershipControls": "delete_bucket_ownership_controls",
    "PublicAccessBlockConfiguration": "delete_public_access_block",
    "ReplicationConfiguration": "delete_bucket_replication",
    "WebsiteConfiguration": "delete_bucket_website",
}


def _take_away(making: Making, bucket: str, prop: str) -> None:
    """Undo a setting; versions once kept can only be suspended."""
    client = making.api("s3")
    if prop in _REMOVALS:
        getattr(client, _REMOVALS[prop])(Bucket=bucket)
    elif prop == "VersioningConfiguration":
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    elif prop == "AccessControl":
        client.put_bucket_acl(Bucket=bucket, ACL="private")
    elif prop == "LoggingConfiguration":
        client.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
    else:
        raise CannotMakeError(f"the sandbox cannot take {prop} away from a bucket")


def _put(making: Making, operation: str, bucket: str, parameter: str, value: Any) -> None:  # noqa: ANN401 - JSON
    """Put a setting that is shaped as the API wants it but for the letters' case and types."""
    client = making.api("s3")
    shape = input_shape(client, operation).members[parameter]
    getattr(client, operation)(Bucket=bucket, **{parameter: fit(value, shape, parameter, _RENAMES)})


_RENAMES: Final = {
    "CORSConfiguration.CORSRules.ExposedHeaders": "ExposeHeaders",
    "CORSConfiguration.CORSRules.MaxAge": "MaxAgeSeconds",
    "ReplicationConfiguration.Rules.Filter.And.TagFilters": "Tags",
    "ReplicationConfiguration.Rules.Filter.TagFilter": "Tag",
}


def _encryption(making: Making, bucket: str, value: dict[str, Any]) -> None:
    rules = [
        {
            ("ApplyServerSideEncryptionByDefault" if key == "ServerSideEncryptionByDefault" else key): inner
            for key, inner in rule.items()
        }
        for rule in value["ServerSideEncryptionConfiguration"]
    ]
    _put(making, "put_bucket_encryption", bucket, "ServerSideEncryptionConfiguration", {"Rules": rules})


def _logging(making: Making, bucket: str, value: dict[str, Any]) -> None:
    names = {"DestinationBucketName": "TargetBucket", "LogFilePrefix": "TargetPrefix"}
    enabled = {names.get(key, key): inner for key, inner in value.items()}
    enabled = {"TargetBucket": bucket, "TargetPrefix": ""} | enabled
    _put(making, "put_bucket_logging", bucket, "BucketLoggingStatus", {"LoggingEnabled": enabled})


def _lifecycle(making: Making, bucket: str, value: dict[str, Any]) -> None:
    rules = [_lifecycle_rule(rule) for rule in value["Rules"]]
    _put(making, "put_bucket_lifecycle_configuration", bucket, "LifecycleConfiguration", {"Rules": rules})


_EXPIRING: Final = {
    "ExpirationInDays": "Days",
    "ExpirationDate": "Date",
    "ExpiredObjectDeleteMarker": "ExpiredObjectDeleteMarker",
}


def _lifecycle_rule(rule: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    conditions: dict[str, Any] = {}
    for key, value in rule.items():
        match key:
            case "Id":
                made["ID"] = value
            case "ExpirationInDays" | "ExpirationDate" | "ExpiredObjectDeleteMarker":
                made.setdefault("Expiration", {})[_EXPIRING[key]] = value
            case "NoncurrentVersionExpirationInDays":
                made["NoncurrentVersionExpiration"] = {"NoncurrentDays": value}
            case "Transition" | "Transitions":
                moves = value if isinstance(value, list) else [value]
                made.setdefault("Transitions", []).extend(_transition(move, "Days") for move in moves)
            case "NoncurrentVersionTransition" | "NoncurrentVersionTransitions":
                moves = value if isinstance(value, list) else [value]
                kept = made.setdefault("NoncurrentVersionTransitions", [])
                kept.extend(_transition(move, "NoncurrentDays") for move in moves)
            case "Prefix" | "TagFilters" | "ObjectSizeGreaterThan" | "ObjectSizeLessThan":
                conditions["Tags" if key == "TagFilters" else key] = value
            case _:
                made[key] = value
    made["Filter"] = _filter(conditions)
    return made


def _transition(move: dict[str, Any], days: str) -> dict[str, Any]:
    names = {"TransitionInDays": days, "TransitionDate": "Date"}
    return {names.get(key, key): value for key, value in move.items()}


def _filter(conditions: dict[str, Any]) -> dict[str, Any]:
    """One condition stands alone, several are in `And`."""
    if len(conditions) > 1:
        return {"And": conditions}
    if "Tags" in conditions:
        tags = conditions["Tags"]
        return {"Tag": tags[0]} if len(tags) == 1 else {"And": {"Tags": tags}}
    return conditions or {"Prefix": ""}


def _notification(making: Making, bucket: str, value: dict[str, Any]) -> None:
    made: dict[str, Any] = {}
    for key, inner in value.items():
        if key == "EventBridgeConfiguration":
            if as_text(inner.get("EventBridgeEnabled", True)) == "true":
                made[key] = {}
            continue
        target = {"LambdaConfigurations": "LambdaFunctionConfigurations"}.get(key, key)
        made[target] = [_notified(each) for each in inner]
    _put(making, "put_bucket_notification_configuration", bucket, "NotificationConfiguration", made)


def _notified(each: dict[str, Any]) -> dict[str, Any]:
    names = {"Function": "LambdaFunctionArn", "Queue": "QueueArn", "Topic": "TopicArn"}
    made = {names[key]: value for key, value in each.items() if key in names}
    made["Events"] = [each["Event"]]
    if "Filter" in each:
        made["Filter"] = {"Key": {"FilterRules": each["Filter"]["S3Key"]["Rules"]}}
    return made


def _simple(operation: str, parameter: str, *, inner: str = "") -> Callable[[Making, str, Any], None]:
    """A setting that is the API's parameter; `inner` is the key that the API puts around it."""

    def put(making: Making, bucket: str, value: Any) -> None:  # noqa: ANN401 - JSON
        _put(making, operation, bucket, parameter, value if not inner else {inner: value[next(iter(value))]})

    return put


def _tiering(making: Making, bucket: str, value: list[dict[str, Any]]) -> None:
    client = making.api("s3")
    shape = input_shape(client, "put_bucket_intelligent_tiering_configuration").members[
        "IntelligentTieringConfiguration"
    ]
    for each in value:
        conditions = {
            {"TagFilters": "Tags"}.get(key, key): each[key] for key in ("Prefix", "TagFilters") if key in each
        }
        kept = {key: inner for key, inner in each.items() if key not in {"Prefix", "TagFilters"}}
        made = kept | ({"Filter": _filter(conditions)} if conditions else {})
        client.put_bucket_intelligent_tiering_configuration(
            Bucket=bucket, Id=each["Id"], IntelligentTieringConfiguration=fit(made, shape, "IntelligentTiering")
        )


def _acl(making: Making, bucket: str, value: str) -> None:
    """AWS: "Canned ACL" of the Amazon S3 user guide; CloudFormation writes PublicRead for public-read."""
    making.api("s3").put_bucket_acl(Bucket=bucket, ACL=_WORD.sub("-", str(value)).lower())


def _website(making: Making, bucket: str, value: dict[str, Any]) -> None:
    """AWS: "WebsiteConfiguration" of the Amazon S3 API reference."""
    made = dict(value)
    for name, inner in (("IndexDocument", "Suffix"), ("ErrorDocument", "Key")):
        if name in made:
            made[name] = {inner: made[name]}
    names = {"RedirectRule": "Redirect", "RoutingRuleCondition": "Condition"}
    if "RoutingRules" in made:
        made["RoutingRules"] = [
            {names.get(key, key): inner for key, inner in rule.items()} for rule in made["RoutingRules"]
        ]
    _put(making, "put_bucket_website", bucket, "WebsiteConfiguration", made)


_WORD: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")

_SETTINGS: Final[dict[str, Callable[[Making, str, Any], None]]] = {
    "VersioningConfiguration": _simple("put_bucket_versioning", "VersioningConfiguration"),
    "BucketEncryption": _encryption,
    "PublicAccessBlockConfiguration": _simple("put_public_access_block", "PublicAccessBlockConfiguration"),
    "OwnershipControls": _simple("put_bucket_ownership_controls", "OwnershipControls"),
    "LifecycleConfiguration": _lifecycle,
    "LoggingConfiguration": _logging,
    "NotificationConfiguration": _notification,
    "CorsConfiguration": _simple("put_bucket_cors", "CORSConfiguration", inner="CORSRules"),
    "ObjectLockConfiguration": _simple("put_object_lock_configuration", "ObjectLockConfiguration"),
    "AccelerateConfiguration": _simple("put_bucket_accelerate_configuration", "AccelerateConfiguration"),
    "IntelligentTieringConfigurations": _tiering,
    "ReplicationConfiguration": _simple("put_bucket_replication", "ReplicationConfiguration"),
    "WebsiteConfiguration": _website,
    "AccessControl": _acl,
}


def _delete(making: Making, made: Made) -> None:
    making.api("s3").delete_bucket(Bucket=made.ref)


def _make_policy(making: Making) -> Made:
    return Made("AWS::S3::BucketPolicy", str(making.need("Bucket")), {})


def _configure_policy(making: Making, made: Made) -> None:
    making.get("Bucket")
    if making.changed("PolicyDocument"):
        making.api("s3").put_bucket_policy(Bucket=made.ref, Policy=as_text(making.need("PolicyDocument")))


def _delete_policy(making: Making, made: Made) -> None:
    making.api("s3").delete_bucket_policy(Bucket=made.ref)


KINDS: Final = (
    Kind("AWS::S3::Bucket", _make, _delete, _configure, frozenset({"BucketName"})),
    Kind("AWS::S3::BucketPolicy", _make_policy, _delete_policy, _configure_policy, frozenset({"Bucket"}), None),
)
