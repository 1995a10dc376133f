"""Asking Amazon EC2 for one resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra_checks.live.reading import Unread
from infra_checks.live.renaming import Properties, only, stated, tag_list

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking


def one(asking: Asking, operation: str, member: str, **by: Any) -> Answer | Unread:  # noqa: ANN401 - as boto3 has it
    """The one resource that an operation describes."""
    found: Answer | Unread = only(asking.pages("ec2", operation, member, **by), asking.physical_id)
    return found


def tags(found: Answer) -> Properties:
    """Its tags, which EC2 describes with it."""
    return stated(Tags=tag_list(found.get("Tags") or []))


def where(**values: str) -> list[dict[str, Any]]:
    """Filters; `_` and `__` in a name stand for `-` and `.`."""
    names = {name: name.replace("__", ".").replace("_", "-") for name in values}
    return [{"Name": names[name], "Values": [value]} for name, value in values.items()]
