"""AWS::WAFv2, by the AWS WAFV2 API reference.

An empty mapping says something there: `{"Allow": {}}`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.live.reading import Plain, Unread, reader
from infra_checks.live.renaming import Properties, from_answer, renamed, stated, tag_list

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_ACL: Final = (
    "ApplicationConfig",
    "AssociationConfig",
    "CaptchaConfig",
    "ChallengeConfig",
    "CustomResponseBodies",
    "DataProtectionConfig",
    "DefaultAction",
    "Description",
    "MonetizationConfig",
    "Name",
    "OnSourceDDoSProtectionConfig",
    "Rules",
    "TokenDomains",
    "VisibilityConfig",
)
_PARTS: Final = 3


def _written(value: Plain) -> Plain:
    """A value as a template has it: bytes as text, and the ARN of a set as Arn."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict):
        return {"Arn" if name == "ARN" else name: _written(inner) for name, inner in value.items()}
    return [_written(each) for each in value] if isinstance(value, list) else value


@reader("AWS::WAFv2::WebACL", "wafv2:get_web_acl", "wafv2:list_tags_for_resource")
def web_acl(asking: Asking) -> Read:
    """AWS: API_WebACL.html; the physical id is `name|id|scope`."""
    parts = asking.physical_id.split("|")
    if len(parts) != _PARTS:
        return Unread(f"{asking.physical_id} is not of the form name|id|scope")
    name, own_id, scope = parts
    answer = asking.ask("wafv2", "get_web_acl", Name=name, Id=own_id, Scope=scope)
    if isinstance(answer, Unread):
        return answer
    found = answer["WebACL"]
    tags = asking.ask("wafv2", "list_tags_for_resource", ResourceARN=found["ARN"])
    return {
        "Scope": scope,
        **renamed(found, Arn="ARN", Id="Id"),
        **{key: _written(value) for key, value in renamed(found, *_ACL).items()},
        **from_answer(tags, ("Tags",), _tags),
    }


def _tags(answer: Answer) -> Properties:
    return {"Tags": tag_list((answer.get("TagInfoForResource") or {}).get("TagList") or [])}


@reader("AWS::WAFv2::WebACLAssociation", "wafv2:get_web_acl_for_resource")
def web_acl_association(asking: Asking) -> Read:
    """AWS: API_GetWebACLForResource.html; nothing when the resource has no web ACL any more."""
    acl_marker = "|arn:"
    resource = asking.declared.get("ResourceArn") or asking.physical_id.partition(acl_marker)[0]
    if not isinstance(resource, str) or not resource.startswith("arn:"):
        return Unread("no API tells which association this is, and the template's ResourceArn is not known")
    answer = asking.ask(
        "wafv2", "get_web_acl_for_resource", none=("WAFNonexistentItemException",), ResourceArn=resource
    )
    if isinstance(answer, Unread):
        return answer
    acl = answer.get("WebACL") or {}
    return {"ResourceArn": resource, "WebACLArn": acl["ARN"]} if acl else {}


@reader("AWS::WAFv2::LoggingConfiguration", "wafv2:get_logging_configuration")
def logging_configuration(asking: Asking) -> Read:
    """AWS: API_LoggingConfiguration.html; the physical id is the ARN of the web ACL."""
    answer = asking.ask("wafv2", "get_logging_configuration", ResourceArn=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    found = answer["LoggingConfiguration"]
    same = ("LogDestinationConfigs", "LoggingFilter", "RedactedFields", "ResourceArn")
    return stated(**{name: _written(value) for name, value in renamed(found, *same).items()})
