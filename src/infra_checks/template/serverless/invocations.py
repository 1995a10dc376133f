"""EventInvokeConfig: how a function is invoked asynchronously, and where its results go.

AWS: "EventInvokeConfiguration" of AWS::Serverless::Function; a destination of type SQS or SNS that is not named is
made by SAM.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.template.nodes import Call, Mapping
from infra_checks.template.serverless.making import (
    Content,
    Entry,
    GetAtt,
    Ref,
    entry_of,
    made_mapping,
    mapping_of,
    text_of,
    unexpanded,
)

if TYPE_CHECKING:
    from infra_checks.template.serverless.roles import Role
    from infra_checks.template.serverless.source import Generated, Source

SENDING: Final[dict[str, str]] = {
    "EventBridge": "events:PutEvents",
    "Lambda": "lambda:InvokeFunction",
    "SNS": "sns:Publish",
    "SQS": "sqs:SendMessage",
}
"""The action that a function's role needs for each type of target."""

_PROPERTY: Final = "EventInvokeConfig"


def add_invocations(source: Source, generated: Generated, role: Role, alias: Entry | None) -> None:
    """Add the configuration of asynchronous invocations, and what SAM makes for their results."""
    given = source.take(_PROPERTY)
    config = mapping_of(given)
    if given is None:
        return
    content: dict[str, Content] = {"FunctionName": Ref(source.logical_id), "Qualifier": alias or "$LATEST"}
    if config is None:
        content["DestinationConfig"] = unexpanded(f"{_PROPERTY} is not written as a mapping", given)
    else:
        content |= {name: entry_of(config, name) for name in ("MaximumEventAgeInSeconds", "MaximumRetryAttempts")}
        content["DestinationConfig"] = _destinations(source, generated, role, entry_of(config, "DestinationConfig"))
    kind = "AWS::Lambda::EventInvokeConfig"
    generated.add(source, kind, content, suffix=_PROPERTY, renames={(): (_PROPERTY,)}, place=given.key)


def _destinations(source: Source, generated: Generated, role: Role, given: Entry | None) -> Content:
    config = mapping_of(given)
    if given is None or config is None:
        return None if given is None else unexpanded("DestinationConfig is not written as a mapping", given)
    ends = {end: _destination(source, generated, role, (config, end)) for end in config.entries}
    return Entry(made_mapping(ends, given.key), given.key)


def _destination(source: Source, generated: Generated, role: Role, end: tuple[Mapping, str]) -> Content:
    """Where the results of one kind go."""
    given, path = entry_of(*end), (_PROPERTY, "DestinationConfig", end[1])
    settings = mapping_of(given)
    if given is None or settings is None:
        return given
    kind = text_of(entry_of(settings, "Type")) or ""
    named = entry_of(settings, "Destination")
    target: Content = named
    if named is None and kind in {"SQS", "SNS"}:
        thing = "Queue" if kind == "SQS" else "Topic"
        suffix = f"{_PROPERTY}{end[1]}{thing}"
        name = generated.add(source, f"AWS::{kind}::{thing}", {}, suffix=suffix, wholes={(): path}, place=given.key)
        target = GetAtt(name, "Arn") if kind == "SQS" else Ref(name)
    elif named is not None and isinstance(named.node, Call) and named.node.name == "Fn::If":
        target = unexpanded("SAM may make a destination where none is named", named)
    if target is not None and kind in SENDING:
        role.allow(f"{source.logical_id}{_PROPERTY}{end[1]}{kind}Policy", SENDING[kind], target, path)
    return Entry(made_mapping({"Destination": target}, given.key), given.key)
