"""AWS::KMS."""

from __future__ import annotations

from typing import Any, Final

from infra_checks.sandbox.making import Kind, Made, Making
from infra_checks.sandbox.rows import row
from infra_checks.sandbox.shapes import as_text

_CREATED: Final = ("Description", "KeySpec", "KeyUsage", "MultiRegion", "Origin", "BypassPolicyLockoutSafetyCheck")


def _make_key(making: Making) -> Made:
    given: dict[str, Any] = {"Policy": as_text(making.get("KeyPolicy"))} if "KeyPolicy" in making.properties else {}
    tags = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in making.tags()]
    key = making.send("kms", "create_key", only=_CREATED, Tags=tags, **given)["KeyMetadata"]
    return Made("AWS::KMS::Key", key["KeyId"], {"Arn": key["Arn"], "KeyId": key["KeyId"]})


def _configure_key(making: Making, made: Made) -> None:
    client = making.api("kms")
    making.get("PendingWindowInDays")
    if making.changed("EnableKeyRotation", "RotationPeriodInDays"):
        if as_text(making.get("EnableKeyRotation", default=False)) == "true":
            making.send("kms", "enable_key_rotation", only=("RotationPeriodInDays",), KeyId=made.ref)
        else:
            client.disable_key_rotation(KeyId=made.ref)
    if making.changed("Enabled"):
        enabled = as_text(making.get("Enabled", default=True)) == "true"
        (client.enable_key if enabled else client.disable_key)(KeyId=made.ref)
    if making.before is None:
        return
    if making.changed("KeyPolicy"):
        client.put_key_policy(KeyId=made.ref, PolicyName="default", Policy=as_text(making.get("KeyPolicy")))
    if making.changed("Description"):
        client.update_key_description(KeyId=made.ref, Description=making.get("Description", ""))
    if making.changed("Tags"):
        _retag_key(making, made)


def _retag_key(making: Making, made: Made) -> None:
    client = making.api("kms")
    before = {tag["Key"] for tag in (making.before or {}).get("Tags") or []}
    tags = making.tags()
    gone = before - {tag["Key"] for tag in tags}
    if gone:
        client.untag_resource(KeyId=made.ref, TagKeys=sorted(gone))
    client.tag_resource(KeyId=made.ref, Tags=[{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in tags])


def _delete_key(making: Making, made: Made) -> None:
    days = int(making.get("PendingWindowInDays", 30))
    making.api("kms").schedule_key_deletion(KeyId=made.ref, PendingWindowInDays=days)


KINDS: Final = (
    Kind(
        "AWS::KMS::Key",
        _make_key,
        _delete_key,
        _configure_key,
        frozenset({"KeySpec", "KeyUsage", "MultiRegion", "Origin"}),
    ),
    row(
        "AWS::KMS::Alias",
        "kms",
        "create_alias",
        ref="{p[AliasName]}",
        attributes={"AliasArn": "arn:{partition}:kms:{region}:{account}:{ref}"},
        delete="delete_alias",
        delete_by={"AliasName": "{ref}"},
        update="update_alias",
        update_by={"AliasName": "{ref}"},
        create_only=["AliasName"],
        tags=None,
    ),
)
