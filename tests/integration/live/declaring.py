"""Whether readers answer what a template says: all resources of a stack, each value that is declared."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from infra_checks.live.reading import Plain, Read, Unread, reader_of
from infra_checks.sandbox.server import Sandbox
from tests.integration.live.asking_data import READS, REGION, Asks, problems

TEMPLATES = Path(__file__).parents[1] / "sandbox" / "templates"


@dataclass
class Declared:
    """A stack of a sandbox, with the properties of each resource as CloudFormation had them after all references."""

    sandbox: Sandbox
    types: Mapping[str, str]
    ids: Mapping[str, str]
    properties: Mapping[str, Mapping[str, Plain]]
    asked: dict[str, Read] = field(default_factory=dict)

    def read(self, logical_id: str, *denied: str, declared: Mapping[str, Plain] | None = None) -> Any:
        """What the reader answers, proven to be in CloudFormation's words and to ask what it declares."""
        kind = self.types[logical_id]
        given = self.properties[logical_id] if declared is None else declared
        return answer_of(Asks(kind, self.ids[logical_id], self.sandbox.client, declared=given, denied=denied))

    def client(self, service: str) -> Any:
        return self.sandbox.client(service)


def answer_of(asks: Asks) -> Read:
    found = reader_of(asks.type)
    assert found is not None, asks.type
    properties = found(asks)
    assert asks.asked <= set(found.operations)
    assert all(READS.fullmatch(each) for each in found.operations)
    if not isinstance(properties, Unread):
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, asks.type).schema
        wrong = [each for each in problems(properties, schema, schema, ()) if each not in SAYING]
        assert wrong == [], wrong
        assert set(found.unreturned) <= schema["properties"].keys()
    return properties


SAYING = (
    "InvokeMode is 'Buffered', which the schema does not have",  # moto's; AWS says BUFFERED
    "LoggingConfiguration.TargetObjectKeyFormat.SimplePrefix says nothing",
    "SecurityGroupEgress says nothing",  # a group that lets nothing out: without it, all is let out
    *(f"{name} says nothing" for name in ("DefaultAction.Allow", "Rules.Action.Block", "Rules.OverrideAction.None")),
)


def stack(sandbox: Sandbox, body: str) -> Declared:
    sandbox.reset()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.py", "x = 1")
    sandbox.client("s3").create_bucket(Bucket="code")
    sandbox.client("s3").put_object(Bucket="code", Key="code.zip", Body=archive.getvalue())
    cloudformation = sandbox.client("cloudformation")
    cloudformation.create_stack(StackName="shop", TemplateBody=body, Capabilities=["CAPABILITY_NAMED_IAM"])
    record = sandbox._account.memory.get(REGION, "shop")
    assert record.status == "CREATE_COMPLETE", [(each.logical_id, each.reason) for each in record.events if each.reason]
    made = {name: entry for name, entry in record.entries.items() if entry.made is not None}
    return Declared(
        sandbox,
        {name: entry.type for name, entry in made.items()},
        {name: entry.ref for name, entry in made.items()},
        {name: entry.made.properties for name, entry in made.items() if entry.made},
    )


def missing(declared: Plain, read: Plain, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Plain, Plain]]:
    """The declared values that an answer does not have, each with what it has there; lists in any order."""
    if isinstance(declared, str) and isinstance(read, dict | list):
        declared = json.loads(declared)
    if isinstance(declared, dict) and isinstance(read, dict):
        for name, value in declared.items():
            yield from missing(value, read.get(name), (*path, name))
    elif isinstance(declared, list) and isinstance(read, list):
        yield from _missing_items(declared, read, path)
    elif not _same(declared, read):
        yield ".".join(path), declared, read


def _missing_items(
    declared: list[Plain], read: list[Plain], path: tuple[str, ...]
) -> Iterator[tuple[str, Plain, Plain]]:
    for each in declared:
        if not any(not list(missing(each, other)) for other in read):
            yield ".".join(path), each, read


def _same(declared: Plain, read: Plain) -> bool:
    if declared in ({}, [], "") and read is None:
        return True
    if isinstance(declared, bool) or isinstance(read, bool):
        return str(declared).lower() == str(read).lower()
    if isinstance(read, float):
        return float(declared) == read
    return str(declared) == str(read)
