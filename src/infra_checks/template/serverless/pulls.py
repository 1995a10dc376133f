"""Events that Lambda fetches itself: streams, queues and clusters, each an event source mapping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.template.serverless.invocations import SENDING
from infra_checks.template.serverless.making import Content, Entry, Ref, entry_of, made_mapping, mapping_of, text_of

if TYPE_CHECKING:
    from infra_checks.template.serverless.event import Event

PULLED: Final = {
    "DocumentDB": ("Cluster", ""),
    "DynamoDB": ("Stream", "service-role/AWSLambdaDynamoDBExecutionRole"),
    "Kinesis": ("Stream", "service-role/AWSLambdaKinesisExecutionRole"),
    "MQ": ("Broker", ""),
    "MSK": ("Stream", "service-role/AWSLambdaMSKExecutionRole"),
    "SQS": ("Queue", "service-role/AWSLambdaSQSQueueExecutionRole"),
    "SelfManagedKafka": ("", ""),
}
"""The property that names the source, and the policy that the role gets for it."""

_ROLE_ONLY: Final = ("DynamicPolicyName", "SecretsManagerKmsKeyId")
_DOCUMENTDB: Final = ("CollectionName", "DatabaseName", "FullDocument")


def add_mapping(event: Event) -> None:
    """An event source mapping, and what the role needs for it."""
    own, policy = PULLED[event.kind]
    content = event.others(
        own, "ConsumerGroupId", "DestinationConfig", "KafkaBootstrapServers", *_ROLE_ONLY, *_DOCUMENTDB
    )
    content |= {"FunctionName": Ref(event.target.name), "EventSourceArn": event.get(own)}
    content["DestinationConfig"] = _failures(event)
    for name in ("ConsumerGroupId", "KafkaBootstrapServers", *_DOCUMENTDB):
        given = event.get(name)
        if given is not None:
            place, inner = _place_of(event, name, given)
            known = content.get(place)
            content[place] = {**known, **inner} if isinstance(known, dict) else inner
    event.add("AWS::Lambda::EventSourceMapping", content, EventSourceArn=own)
    if event.role is not None and policy:
        event.role.attach(policy)
    elif event.role is not None:
        event.role.allow_unknown(f"{event.kind}Policy", event.key, event.path[:-1])


def _place_of(event: Event, name: str, given: Entry) -> tuple[str, dict[str, Content]]:
    """Where an event source mapping has what the event has at its top."""
    if name in _DOCUMENTDB:
        return "DocumentDBEventSourceConfig", {name: given}
    if name == "KafkaBootstrapServers":
        return "SelfManagedEventSource", {"Endpoints": {name: given}}
    owner = "AmazonManagedKafka" if event.kind == "MSK" else "SelfManagedKafka"
    return f"{owner}EventSourceConfig", {name: given}


def _failures(event: Event) -> Content:
    """DestinationConfig without the type that SAM needs for the role's sake."""
    given = event.get("DestinationConfig")
    config = mapping_of(given)
    inner = entry_of(config, "OnFailure") if config is not None else None
    settings = mapping_of(inner)
    if given is None or inner is None or settings is None:
        return given
    target = entry_of(settings, "Destination")
    action = SENDING.get(text_of(entry_of(settings, "Type")) or "")
    if event.role is not None and action is not None and target is not None:
        name = f"{event.source.logical_id}{event.name}Policy"
        event.role.allow(name, action, target, (*event.path, "DestinationConfig"))
    return Entry(made_mapping({"OnFailure": {"Destination": target}}, given.key), given.key)
