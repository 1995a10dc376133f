"""AWS::WAFv2, by the AWS WAF API reference."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import from_answer, pruned, renamed, tag_list

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_ARN: Final = re.compile(
    r"arn:[a-z-]+:wafv2:[a-z0-9-]+:\d+:(?P<scope>global|regional)/webacl/(?P<name>[^/]+)/(?P<id>.+)"
)
_SETTINGS: Final = (
    "AssociationConfig",
    "CaptchaConfig",
    "ChallengeConfig",
    "CustomResponseBodies",
    "DataProtectionConfig",
    "Rules",
    "TokenDomains",
    "VisibilityConfig",
)


@reader("AWS::WAFv2::WebACL", "wafv2:get_web_acl", "wafv2:list_tags_for_resource")
def web_acl(asking: Asking) -> Read:
    """AWS: API_GetWebACL.html; the physical id is `name|id|scope`."""
    name, _, rest = asking.physical_id.partition("|")
    identity, _, scope = rest.partition("|")
    if not scope:
        return Unread(f"{asking.physical_id} is no name|id|scope of a web ACL")
    answer = asking.ask("wafv2", "get_web_acl", Name=name, Id=identity, Scope=scope)
    if isinstance(answer, Unread):
        return answer
    found = answer["WebACL"]
    tags = asking.ask("wafv2", "list_tags_for_resource", ResourceARN=found["ARN"])
    return {
        **renamed(found, "Capacity", "Description", "Id", "LabelNamespace", "Name", Arn="ARN"),
        **renamed({each: pruned(found.get(each)) for each in _SETTINGS}, *_SETTINGS),
        # An action that has no settings is an empty mapping, and yet all there is to say.
        **{name: found[name] for name in ("DefaultAction", "Rules") if found.get(name)},
        "Scope": scope,
        **from_answer(tags, ("Tags",), _tags),
    }


def _tags(answer: Answer) -> dict[str, object]:
    return {"Tags": tag_list((answer.get("TagInfoForResource") or {}).get("TagList") or [])}


@reader("AWS::WAFv2::WebACLAssociation", "wafv2:get_web_acl_for_resource")
def association(asking: Asking) -> Read:
    """AWS: API_GetWebACLForResource.html; the physical id is `web ACL's ARN|resource's ARN`, one of each."""
    arns = asking.physical_id.split("|")
    resource = next((each for each in arns if _ARN.match(each) is None), None) or asking.declared.get("ResourceArn")
    if not isinstance(resource, str) or not resource.startswith("arn:"):
        return Unread(f"{asking.physical_id} does not name the protected resource")
    answer = asking.ask("wafv2", "get_web_acl_for_resource", ResourceArn=resource)
    if isinstance(answer, Unread):
        return answer
    found = answer.get("WebACL")
    return {"ResourceArn": resource, "WebACLArn": found["ARN"]} if found else {"ResourceArn": resource}


@reader("AWS::WAFv2::LoggingConfiguration", "wafv2:get_logging_configuration")
def logging_configuration(asking: Asking) -> Read:
    """AWS: API_GetLoggingConfiguration.html."""
    answer = asking.ask("wafv2", "get_logging_configuration", ResourceArn=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    found = answer["LoggingConfiguration"]
    return renamed(found, "LogDestinationConfigs", "LoggingFilter", "RedactedFields", "ResourceArn")
