"""Events of functions and state machines: what SAM generates so that they are invoked.

AWS: "CloudFormation resources generated when AWS::Serverless::Function is specified", scenarios of the property Events,
and "EventSource". An event that is not of a known type stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.template.nodes import Mapping, Node
from infra_checks.template.serverless import pulls, pushes, schedules
from infra_checks.template.serverless.event import Event, Target
from infra_checks.template.serverless.making import entry_of, mapping_of, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra_checks.template.serverless.roles import Role
    from infra_checks.template.serverless.source import Generated, Source

_FOR_ALL: Final[dict[str, Callable[[Event], None]]] = {
    "CloudWatchEvent": schedules.add_pattern_rule,
    "EventBridgeRule": schedules.add_pattern_rule,
    "Schedule": schedules.add_timed_rule,
    "ScheduleV2": schedules.add_schedule,
}
_OF_MACHINES: Final = {**_FOR_ALL, "Api": pushes.add_call_of_machine}
_OF_FUNCTIONS: Final = {
    **_FOR_ALL,
    **dict.fromkeys(pulls.PULLED, pulls.add_mapping),
    "AlexaSkill": pushes.add_skill,
    "Api": pushes.add_call,
    "CloudWatchLogs": pushes.add_log_filter,
    "Cognito": pushes.add_trigger,
    "HttpApi": pushes.add_http_call,
    "IoTRule": pushes.add_topic_rule,
    "S3": pushes.add_notification,
    "SNS": pushes.add_subscription,
}
_KEPT: Final = frozenset({"Api", "HttpApi"})
"""Events of which not everything is in what is generated."""


def add_events(source: Source, generated: Generated, role: Role | None, target: Target) -> None:
    """Add what SAM generates from the events of a function or state machine."""
    given = source.take("Events")
    events = mapping_of(given)
    if given is None or events is None:
        source.used.discard("Events")
        return
    left: dict[str, Node] = {}
    for name, node in events.entries.items():
        kind = text_of(entry_of(node, "Type")) if isinstance(node, Mapping) else None
        expand = (_OF_MACHINES if target.is_machine else _OF_FUNCTIONS).get(kind or "")
        properties = _properties(node)
        if expand is None or kind is None or properties is None:
            left[name] = node
            source.unjudged.append(f"Events.{name}")
            continue
        event = Event(source, generated, target, role, name, events.keys[name], kind, properties)
        expand(event)
        if kind in _KEPT:
            left[name] = node
    if left:
        source.leave("Events", Mapping(left, {name: events.keys[name] for name in left}, events.start, events.end))


def _properties(node: Node) -> Mapping | None:
    """An event's properties, which some events need none of."""
    if not isinstance(node, Mapping):
        return None
    given = entry_of(node, "Properties")
    return Mapping({}, {}, node.start, node.end) if given is None else mapping_of(given)
