"""Stacks in a sandbox, and their resources read without the rest of a live run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from infra_checks.live.reading import Answer, Plain, Read, Unread, reader_of
from infra_checks.sandbox.server import Sandbox
from infra_checks.sandbox.testing import running_sandbox

REGION = "us-east-1"
ACCOUNT = "123456789012"
READS = re.compile(r"[a-z0-9-]+:(describe|get|list|batch_get|head|lookup|search)_\w+")


@dataclass
class Asks:
    """An Asking that calls a client as it is, or answers what a test gives: a denied operation is one of `denied`."""

    type: str
    physical_id: str
    client: Any
    declared: Mapping[str, Plain] = field(default_factory=dict)
    denied: Sequence[str] = ()
    region: str = REGION
    account: str = ACCOUNT
    partition: str = "aws"
    asked: set[str] = field(default_factory=set)

    def ask(self, service: str, operation: str, *, none: Sequence[str] = (), **parameters: Any) -> Answer | Unread:
        name = f"{service}:{operation}"
        self.asked.add(name)
        if name in self.denied:
            return Unread(f"AccessDenied: {name}")
        try:
            answer: Answer = getattr(self.client(service), operation)(**parameters)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            return {} if code in none else Unread(f"{code}: {name}")
        except (BotoCoreError, ResponseParserError) as error:  # what moto does not have answers in HTML
            return Unread(f"{type(error).__name__}: {name}")
        return answer

    def pages(self, service: str, operation: str, member: str, **parameters: Any) -> list[Any] | Unread:
        found: list[Any] = []
        client = self.client(service)
        if not client.can_paginate(operation):
            answer = self.ask(service, operation, **parameters)
            return answer if isinstance(answer, Unread) else answer.get(member, [])
        self.asked.add(f"{service}:{operation}")
        if f"{service}:{operation}" in self.denied:
            return Unread(f"AccessDenied: {service}:{operation}")
        try:
            for page in client.get_paginator(operation).paginate(**parameters):
                found += page.get(member, [])
        except ClientError as error:
            return Unread(f"{error.response['Error']['Code']}: {service}:{operation}")
        return found


Answers = dict[str, Answer | str]


class Told:
    """A client that answers what a test gives for each operation; an exception's code for what fails."""

    def __init__(self, answers: Mapping[str, Answer | str]) -> None:
        self.answers = answers

    def __call__(self, service: str) -> _ToldService:
        return _ToldService(service, self.answers)


@dataclass
class _ToldService:
    service: str
    answers: Mapping[str, Answer | str]

    def can_paginate(self, _operation: str) -> bool:
        return False

    def __getattr__(self, operation: str) -> Any:
        answer = self.answers[f"{self.service}:{operation}"]

        def call(**_parameters: Any) -> Answer:
            if isinstance(answer, str):
                raise ClientError({"Error": {"Code": answer}}, operation)
            return answer

        return call


def read(asks: Asks) -> Read:
    """What the reader of its type answers, proven to be in CloudFormation's words and to ask what it declares."""
    found = reader_of(asks.type)
    assert found is not None, asks.type
    properties = found(asks)
    assert asks.asked <= set(found.operations)
    assert all(READS.fullmatch(each) for each in found.operations)
    if not isinstance(properties, Unread):
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, asks.type).schema
        assert list(problems(properties, schema, schema, ())) == []
        assert set(found.unreturned) <= schema["properties"].keys()
    return properties


MEANINGFUL = {("FilterPattern",)}
"""Properties of which an empty text says something."""

KINDS: dict[str, type | tuple[type, ...]] = {
    "array": list,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "object": dict,
    "string": str,
}


def problems(value: Plain, part: dict[str, Any], schema: dict[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """Names that a type's schema does not have, values of another kind, and what says nothing."""
    while "$ref" in part:
        part = schema["definitions"][part["$ref"].rsplit("/", 1)[-1]]
    where = ".".join(path)
    if isinstance(value, Unread):
        return
    empty = path[-1:] not in MEANINGFUL and path and value in ("", [], {})
    if value is None or empty:
        yield f"{where} says nothing"
    kinds = part.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    numeric = isinstance(value, bool) and "boolean" not in kinds
    if kinds and (numeric or not any(isinstance(value, KINDS[kind]) for kind in kinds)):
        yield f"{where} is {type(value).__name__}, not {kinds}"
    choices = part.get("enum")
    if choices and value not in choices:
        yield f"{where} is {value!r}, which the schema does not have"
    if isinstance(value, dict):
        yield from _below(value, part, schema, path)
    elif isinstance(value, list) and "items" in part:
        for each in value:
            yield from problems(each, part["items"], schema, path)


def _below(value: dict[str, Any], part: dict[str, Any], schema: dict[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    known = part.get("properties")
    for name, inner in value.items():
        if known and name in known:
            yield from problems(inner, known[name], schema, (*path, name))
        elif known is not None and not part.get("patternProperties"):
            yield f"{'.'.join((*path, name))} is no property"


@dataclass(frozen=True)
class Deployed:
    """A stack in a sandbox."""

    sandbox: Sandbox
    types: Mapping[str, str]
    ids: Mapping[str, str]

    def read(self, logical_id: str, *denied: str, **declared: Plain) -> Any:
        return read(
            Asks(self.types[logical_id], self.ids[logical_id], self.sandbox.client, declared=declared, denied=denied)
        )

    def client(self, service: str) -> Any:
        return self.sandbox.client(service)


def deployed(name: str) -> Iterator[Deployed]:
    """A stack of `templates/<name>.yaml` in a sandbox of its own; a generator, as fixtures are."""
    template = (Path(__file__).parent / "templates" / f"{name}.yaml").read_text("utf-8")
    for sandbox in running_sandbox():
        cloudformation = sandbox.client("cloudformation")
        cloudformation.create_stack(StackName="shop", TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"])
        stack = cloudformation.describe_stacks(StackName="shop")["Stacks"][0]
        events = cloudformation.describe_stack_events(StackName="shop")["StackEvents"]
        assert stack["StackStatus"] == "CREATE_COMPLETE", [each.get("ResourceStatusReason") for each in events]
        found = cloudformation.describe_stack_resources(StackName="shop")["StackResources"]
        yield Deployed(
            sandbox,
            {each["LogicalResourceId"]: each["ResourceType"] for each in found},
            {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found},
        )
        sandbox.reset()
