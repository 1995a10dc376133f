"""AWS::SSM, by the AWS Systems Manager API reference."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, document, from_answer, only, renamed, stated, tag_map

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read


@reader("AWS::SSM::Parameter", "ssm:describe_parameters", "ssm:get_parameter", "ssm:list_tags_for_resource")
def parameter(asking: Asking) -> Read:
    """AWS: API_ParameterMetadata.html; of a SecureString, which no template makes, no value is read."""
    name = asking.physical_id
    wanted = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
    found = only(asking.pages("ssm", "describe_parameters", "Parameters", ParameterFilters=wanted), name)
    if isinstance(found, Unread):
        return found
    tags = asking.ask("ssm", "list_tags_for_resource", ResourceType="Parameter", ResourceId=name)
    return {
        **renamed(found, "AllowedPattern", "DataType", "Description", "Name", "Tier", "Type", Arn="ARN"),
        **_value(asking, found),
        **stated(Policies=_policies(found)),
        **from_answer(tags, ("Tags",), _tags),
    }


def _value(asking: Asking, found: Answer) -> Properties:
    if found.get("Type") == "SecureString":
        return {"Value": Unread("the value of a SecureString is not read")}
    answer = asking.ask("ssm", "get_parameter", Name=asking.physical_id)
    return from_answer(answer, ("Value",), lambda told: renamed(told["Parameter"], "Value"))


def _policies(found: Answer) -> str | None:
    """All policies in one JSON text, as a template has them."""
    texts = [each["PolicyText"] for each in found.get("Policies") or [] if each.get("PolicyText")]
    return json.dumps([document(text) for text in texts]) if texts else None


def _tags(answer: Answer) -> Properties:
    return {"Tags": tag_map({each["Key"]: each["Value"] for each in answer.get("TagList") or []})}
