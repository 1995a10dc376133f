"""Functions that a template calls and CloudFormation does not have: typing errors, or another tool's tags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.template.calls import TAGS
from infra_checks.template.nodes import Call, walk

if TYPE_CHECKING:
    from infra_checks.template.model import Template

_TAG: Final = re.compile(r"![A-Za-z][\w:.-]*")


def unknown_functions(template: Template) -> tuple[Call, ...]:
    """The calls, in the order of the text; their name is the tag. Only a text that has such a tag is walked."""
    if all(tag in TAGS for tag in set(_TAG.findall(template.source.text))):
        return ()
    calls = (node for _, node in walk(template.root) if isinstance(node, Call))
    return tuple(call for call in calls if call.name.startswith("!"))
