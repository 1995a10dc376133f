"""Functions that a template calls and CloudFormation does not have: typing errors, or another tool's tags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.template.nodes import CALL_KEYS, Call, walk

if TYPE_CHECKING:
    from infra_checks.template.model import Template

_TAG: Final = re.compile(r"!([A-Za-z][\w:.-]*)")


def unknown_functions(template: Template) -> tuple[Call, ...]:
    """The calls, in the order of the text. Only a text that has an unknown tag is walked."""
    tags = set(_TAG.findall(template.source.text))
    if not any(long_name(tag) not in CALL_KEYS for tag in tags):
        return ()
    calls = (node for _, node in walk(template.root) if isinstance(node, Call))
    return tuple(call for call in calls if call.name not in CALL_KEYS and call.name != "Condition")


def long_name(tag: str) -> str:
    """The long form of a short tag, without its `!`: `Ref`, `Condition`, `Fn::Sub`."""
    return tag if tag in {"Ref", "Condition"} else f"Fn::{tag}"
