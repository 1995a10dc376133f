"""The settings of buckets that S3 answers in another shape than CloudFormation takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra_checks.live.reading import Plain, Unread
from infra_checks.live.renaming import Properties, pruned, renamed, stated
from infra_checks.live.shaping import at, shaped, written

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer

_GROUPS: Final = {
    "http://acs.amazonaws.com/groups/global/AllUsers": "all",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers": "authenticated",
    "http://acs.amazonaws.com/groups/s3/LogDelivery": "logs",
}
_CANNED: Final = {
    frozenset(): "Private",
    frozenset({("all", "READ")}): "PublicRead",
    frozenset({("all", "READ"), ("all", "WRITE")}): "PublicReadWrite",
    frozenset({("authenticated", "READ")}): "AuthenticatedRead",
    frozenset({("logs", "WRITE"), ("logs", "READ_ACP")}): "LogDeliveryWrite",
}
"""What a canned ACL grants beside the owner's full control: "Canned ACL" of the Amazon S3 user guide."""


def acl(answer: Answer) -> Plain:
    """The canned ACL with the same grants; Unread where none has them."""
    owner = at(answer, "Owner", "ID")
    grants = set()
    for grant in answer.get("Grants", []):
        grantee = grant.get("Grantee", {})
        if grantee.get("ID") == owner and grant.get("Permission") == "FULL_CONTROL":
            continue
        grants.add((_GROUPS.get(grantee.get("URI", ""), "somebody"), grant.get("Permission")))
    said = ", ".join(sorted(f"{who} {permission}" for who, permission in grants))
    return _CANNED.get(frozenset(grants), Unread(f"no canned ACL grants what this one does: {said}"))


def encryption(answer: Answer) -> Plain:
    """API_ServerSideEncryptionRule.html."""
    rules = at(answer, "ServerSideEncryptionConfiguration", "Rules")
    renames = {"ApplyServerSideEncryptionByDefault": "ServerSideEncryptionByDefault"}
    return stated(ServerSideEncryptionConfiguration=shaped(rules, renames))


def cors(answer: Answer) -> Plain:
    """API_CORSRule.html."""
    renames = {"ID": "Id", "ExposeHeaders": "ExposedHeaders", "MaxAgeSeconds": "MaxAge"}
    return stated(CorsRules=shaped(answer.get("CORSRules"), renames))


def logging(answer: Answer) -> Plain:
    """API_LoggingEnabled.html; an empty SimplePrefix says something."""
    enabled = answer.get("LoggingEnabled") or {}
    return renamed(
        enabled,
        DestinationBucketName="TargetBucket",
        LogFilePrefix="TargetPrefix",
        TargetObjectKeyFormat="TargetObjectKeyFormat",
    )


def lifecycle(answer: Answer) -> Plain:
    """API_LifecycleRule.html."""
    return stated(
        Rules=[_lifecycle_rule(rule) for rule in answer.get("Rules", [])],
        TransitionDefaultMinimumObjectSize=answer.get("TransitionDefaultMinimumObjectSize"),
    )


def _lifecycle_rule(rule: dict[str, Any]) -> Properties:
    expiration = rule.get("Expiration") or {}
    moved = renamed(rule, "AbortIncompleteMultipartUpload", "NoncurrentVersionExpiration", "Prefix", "Status", Id="ID")
    return moved | stated(
        ExpirationInDays=expiration.get("Days"),
        ExpirationDate=written(expiration.get("Date")),
        ExpiredObjectDeleteMarker=expiration.get("ExpiredObjectDeleteMarker") or None,
        NoncurrentVersionTransitions=shaped(
            rule.get("NoncurrentVersionTransitions"), {"NoncurrentDays": "TransitionInDays"}
        ),
        Transitions=[
            stated(
                StorageClass=each.get("StorageClass"),
                TransitionInDays=each.get("Days"),
                TransitionDate=written(each.get("Date")),
            )
            for each in rule.get("Transitions", [])
        ],
        **_filter(rule.get("Filter") or {}),
    )


def _filter(given: dict[str, Any]) -> Properties:
    """One condition, or several below And."""
    every = given.get("And") or given
    tags = [every["Tag"]] if every.get("Tag") else every.get("Tags")
    sizes = {name: every.get(name) for name in ("ObjectSizeGreaterThan", "ObjectSizeLessThan")}
    texts = {name: None if size is None else str(size) for name, size in sizes.items()}
    return stated(Prefix=every.get("Prefix"), TagFilters=tags, **texts)


def notifications(answer: Answer) -> Plain:
    """API_NotificationConfiguration.html; CloudFormation has one entry for each event."""
    is_bridged = "EventBridgeConfiguration" in answer
    return stated(
        EventBridgeConfiguration={"EventBridgeEnabled": True} if is_bridged else None,
        LambdaConfigurations=_events(answer, "LambdaFunctionConfigurations", "Function", "LambdaFunctionArn"),
        QueueConfigurations=_events(answer, "QueueConfigurations", "Queue", "QueueArn"),
        TopicConfigurations=_events(answer, "TopicConfigurations", "Topic", "TopicArn"),
    )


def _events(answer: Answer, member: str, target: str, arn: str) -> list[Properties]:
    found = []
    for each in answer.get(member, []):
        rules = at(each, "Filter", "Key", "FilterRules")
        given = {"Filter": {"S3Key": {"Rules": rules}}} if rules else {}
        found += [{"Event": event, target: each[arn], **given} for event in each["Events"]]
    return found


def replication(answer: Answer) -> Plain:
    """API_ReplicationRule.html; an empty Filter says that all is replicated."""
    given = answer.get("ReplicationConfiguration") or {}
    return stated(Role=given.get("Role"), Rules=[_replication_rule(rule) for rule in given.get("Rules", [])])


def _replication_rule(rule: dict[str, Any]) -> Properties:
    renames = {"ID": "Id", "Tag": "TagFilter", "Tags": "TagFilters"}
    found: Properties = shaped(rule, renames, drop=("ExistingObjectReplication",))
    return found | ({"Filter": found.get("Filter", {"Prefix": ""})} if "Filter" in rule else {})


def website(answer: Answer) -> Plain:
    """API_GetBucketWebsite.html."""
    renames = {"Condition": "RoutingRuleCondition", "Redirect": "RedirectRule"}
    return pruned(
        {
            "ErrorDocument": at(answer, "ErrorDocument", "Key"),
            "IndexDocument": at(answer, "IndexDocument", "Suffix"),
            "RedirectAllRequestsTo": answer.get("RedirectAllRequestsTo"),
            "RoutingRules": shaped(answer.get("RoutingRules"), renames),
        }
    )
