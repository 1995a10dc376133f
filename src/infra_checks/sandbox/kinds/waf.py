"""AWS::WAFv2."""

from __future__ import annotations

from typing import Any, Final

from infra_checks.sandbox.making import Kind, Made, Making
from infra_checks.sandbox.rows import retag, row


def _make_acl(making: Making) -> Made:
    name = making.name("Name", limit=128)
    summary = making.send("wafv2", "create_web_acl", Name=name)["Summary"]
    scope = making.properties["Scope"]
    attributes = {
        "Arn": summary["ARN"],
        "Id": summary["Id"],
        "LabelNamespace": f"awswaf:{making.place.account}:webacl:{name}:",
    }
    return Made("AWS::WAFv2::WebACL", f"{name}|{summary['Id']}|{scope}", attributes)


def _named(made: Made) -> dict[str, Any]:
    name, identity, scope = made.ref.split("|")
    return {"Name": name, "Id": identity, "Scope": scope}


def _configure_acl(making: Making, made: Made) -> None:
    if making.before is None:
        return
    by = _named(made)
    token = making.api("wafv2").get_web_acl(**by)["LockToken"]
    if making.changed("Tags"):
        retag(making, "wafv2", made.arn)
    making.send("wafv2", "update_web_acl", only=_CHANGED, LockToken=token, **by)


_CHANGED: Final = (
    "AssociationConfig",
    "CaptchaConfig",
    "ChallengeConfig",
    "CustomResponseBodies",
    "DefaultAction",
    "Description",
    "Rules",
    "TokenDomains",
    "VisibilityConfig",
)


def _delete_acl(making: Making, made: Made) -> None:
    client, by = making.api("wafv2"), _named(made)
    token = client.get_web_acl(**by)["LockToken"]
    client.delete_web_acl(LockToken=token, **by)


def _make_logging(making: Making) -> Made:
    given = {name: making.get(name) for name in making.properties}
    fitted = making.fitted("wafv2", "put_logging_configuration", "LoggingConfiguration", given)
    making.api("wafv2").put_logging_configuration(LoggingConfiguration=fitted)
    return Made("AWS::WAFv2::LoggingConfiguration", str(making.properties["ResourceArn"]), {})


def _configure_logging(making: Making, _made: Made) -> None:
    if making.before is not None:
        _make_logging(making)
        making.changed(*making.before)


def _delete_logging(making: Making, made: Made) -> None:
    making.api("wafv2").delete_logging_configuration(ResourceArn=made.ref)


KINDS: Final = (
    Kind("AWS::WAFv2::WebACL", _make_acl, _delete_acl, _configure_acl, frozenset({"Name", "Scope"})),
    Kind(
        "AWS::WAFv2::LoggingConfiguration",
        _make_logging,
        _delete_logging,
        _configure_logging,
        frozenset({"ResourceArn"}),
        None,
    ),
    row(
        "AWS::WAFv2::WebACLAssociation",
        "wafv2",
        "associate_web_acl",
        ref="{p[WebACLArn]}|{p[ResourceArn]}",
        delete="disassociate_web_acl",
        delete_by={"ResourceArn": "{p[ResourceArn]}"},
        create_only=["ResourceArn", "WebACLArn"],
        tags=None,
    ),
)
