"""The rules of a system at work: by EventBridge where there is one, in this process where there is none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from tests.integration.systems.functions import Functions
from tests.integration.systems.system import System


def tell(system: System, event: Mapping[str, Any], functions: Functions | None = None) -> list[str]:
    """Hand an event to the targets of each rule that matches it; their ARNs. EventBridge does so by itself."""
    if not system.is_local:
        return []
    from moto.events.models import EventPattern  # noqa: PLC0415 - slow, and only for the sandbox

    told, happened = [], cast(Any, event)
    for rule in system.all("events", "list_rules", "Rules"):
        if not EventPattern.load(rule["EventPattern"]).matches_event(happened):
            continue
        for target in system.all("events", "list_targets_by_rule", "Targets", Rule=rule["Name"]):
            told.append(target["Arn"])
            _hand_over(system, target, event, functions)
    return told


def _hand_over(
    system: System, target: Mapping[str, Any], event: Mapping[str, Any], functions: Functions | None
) -> None:
    service, name = target["Arn"].split(":")[2], target["Arn"].rpartition(":")[2]
    if service == "sns":
        system.client("sns").publish(TopicArn=target["Arn"], Message=_text(target["InputTransformer"], event))
    elif service == "lambda" and functions is not None:
        functions.send(name, event)
    else:
        raise AssertionError(f"nobody plays {target['Arn']}")


def _text(transformer: Mapping[str, Any], event: Mapping[str, Any]) -> str:
    """AWS: "Input transformation" of the EventBridge user guide."""
    found = {name: _at(event, path) for name, path in transformer["InputPathsMap"].items()}
    return re.sub(r"<(\w+)>", lambda match: found[match[1]], transformer["InputTemplate"])


def _at(event: Mapping[str, Any], path: str) -> str:
    value: Any = event
    for part in path.removeprefix("$.").split("."):
        value = value.get(part, "") if isinstance(value, Mapping) else ""
    return str(value)
