"""AWS::KMS, by the AWS KMS API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, document, from_answer, renamed, stated, tag_list
from infra_checks.live.shaping import made_from

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_NO_ROTATION: Final = ("UnsupportedOperationException",)
"""Of asymmetric keys, HMAC keys and keys in other key stores: API_GetKeyRotationStatus.html."""


@reader(
    "AWS::KMS::Key",
    "kms:describe_key",
    "kms:get_key_policy",
    "kms:get_key_rotation_status",
    "kms:list_resource_tags",
)
def key(asking: Asking) -> Read:
    """AWS: API_KeyMetadata.html; policy, rotation and tags are asked alone."""
    answer = asking.ask("kms", "describe_key", KeyId=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    found = answer["KeyMetadata"]
    by = {"KeyId": found["KeyId"]}
    policy = asking.ask("kms", "get_key_policy", PolicyName="default", **by)
    rotation = asking.ask("kms", "get_key_rotation_status", none=_NO_ROTATION, **by)
    tags = asking.pages("kms", "list_resource_tags", "Tags", **by)
    return {
        **made_from(asking, "BypassPolicyLockoutSafetyCheck", "PendingWindowInDays"),
        **renamed(found, "Arn", "Description", "Enabled", "KeySpec", "KeyUsage", "MultiRegion", "Origin"),
        **from_answer(policy, ("KeyPolicy",), lambda got: {"KeyPolicy": document(got["Policy"])}),
        **from_answer(rotation, ("EnableKeyRotation", "RotationPeriodInDays"), _rotation),
        **from_answer(tags, ("Tags",), lambda pairs: {"Tags": tag_list(map(_tag, pairs))}),
    }


def _rotation(answer: Answer) -> Properties:
    return renamed(answer, "RotationPeriodInDays", EnableKeyRotation="KeyRotationEnabled")


def _tag(pair: dict[str, str]) -> dict[str, str]:
    return {"Key": pair["TagKey"], "Value": pair.get("TagValue", "")}


@reader("AWS::KMS::Alias", "kms:list_aliases")
def alias(asking: Asking) -> Read:
    """AWS: API_AliasListEntry.html; no operation describes one alias."""
    entries = asking.pages("kms", "list_aliases", "Aliases")
    if isinstance(entries, Unread):
        return entries
    found = next((each for each in entries if each["AliasName"] == asking.physical_id), None)
    if found is None:
        return Unread(f"{asking.physical_id} was not found (deleted meanwhile?)")
    return stated(AliasName=found["AliasName"], TargetKeyId=found.get("TargetKeyId"))
