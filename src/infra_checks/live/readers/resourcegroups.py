"""AWS::ResourceGroups, by the AWS Resource Groups API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, document, from_answer, pruned, renamed, stated, tags_of_map

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read


@reader(
    "AWS::ResourceGroups::Group",
    "resource-groups:get_group",
    "resource-groups:get_group_configuration",
    "resource-groups:get_group_query",
    "resource-groups:get_tags",
    "resource-groups:list_group_resources",
)
def group(asking: Asking) -> Read:
    """AWS: API_GetGroup.html, API_GetGroupQuery.html, API_GetGroupConfiguration.html.

    A group is made by a query or by a configuration; only what was put into the latter is its Resources.
    """
    answer = asking.ask("resource-groups", "get_group", Group=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    found = answer["Group"]
    tags = asking.ask("resource-groups", "get_tags", Arn=found["GroupArn"])
    return {
        **renamed(found, "Description", "Name", Arn="GroupArn"),
        **_made_by(asking),
        **from_answer(tags, ("Tags",), lambda told: {"Tags": tags_of_map(told.get("Tags") or {})}),
    }


def _made_by(asking: Asking) -> Properties:
    refused = ("BadRequestException", "NotFoundException")
    query = asking.ask("resource-groups", "get_group_query", none=refused, Group=asking.physical_id)
    read = from_answer(query, ("ResourceQuery",), _query)
    if read:
        return read
    given = asking.ask("resource-groups", "get_group_configuration", Group=asking.physical_id)
    entries = asking.pages("resource-groups", "list_group_resources", "Resources", Group=asking.physical_id)
    return {
        **from_answer(given, ("Configuration",), _configuration),
        **from_answer(entries, ("Resources",), _resources),
    }


def _query(answer: Answer) -> Properties:
    found = (answer.get("GroupQuery") or {}).get("ResourceQuery") or {}
    if not found:
        return {}
    query = document(found.get("Query") or "{}")
    return {"ResourceQuery": pruned({**renamed(found, "Type"), **stated(Query=query)})}


def _configuration(answer: Answer) -> Properties:
    items = (answer.get("GroupConfiguration") or {}).get("Configuration") or []
    return {"Configuration": pruned([renamed(each, "Parameters", "Type") for each in items])}


def _resources(entries: list[Answer]) -> Properties:
    return {"Resources": [each["Identifier"]["ResourceArn"] for each in entries if each.get("Identifier")]}
