"""A deployed reference system, as tests see it: outputs, resources and clients, in the sandbox or in AWS alike."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Protocol

from botocore.exceptions import ClientError

AWS_REGION: Final = Path("infra/AWS_REGION").read_text("utf-8").strip()
_ARN: Final = re.compile(r"arn:[a-z-]+:[a-z0-9-]+:(?P<region>[a-z]{2}-[a-z-]+-\d):(?P<account>\d{12}):\S+")
STATES: Final = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}


class Client(Protocol):
    """Makes a client of boto3."""

    def __call__(self, service: str, region: str) -> Any:  # noqa: ANN401 - boto3 has no types
        """A client of a service in a region."""


def region_of(outputs: Mapping[str, str]) -> str:
    """The region that a stack's outputs name in their ARNs; that of infra/AWS_REGION when they name none."""
    found = {match["region"] for value in outputs.values() if (match := _ARN.fullmatch(value))}
    return found.pop() if len(found) == 1 else AWS_REGION


@dataclass
class System:
    """A stack and what it holds.

    `is_local` tells that nothing but the tests' own process does work: functions, queues and rules stand still unless
    a test moves them, and nothing has to be waited for.
    """

    name: str
    outputs: Mapping[str, str]
    make_client: Client
    is_local: bool
    region: str = AWS_REGION
    stack_name: str = ""
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict)

    def client(self, service: str, region: str | None = None) -> Any:  # noqa: ANN401 - boto3 has no types
        """A client of the stack's region, or of another."""
        key = service, region or self.region
        if key not in self._clients:
            self._clients[key] = self.make_client(*key)
        return self._clients[key]

    @cached_property
    def stack(self) -> dict[str, Any]:
        """The stack, as CloudFormation describes it."""
        found: dict[str, Any] = self.client("cloudformation").describe_stacks(StackName=self._found())["Stacks"][0]
        return found

    def _found(self) -> str:
        """The stack's name: the one given, or that of the stack which holds what an output names."""
        if self.stack_name:
            return self.stack_name
        for value in self.outputs.values():
            try:
                held = self.client("cloudformation").describe_stack_resources(PhysicalResourceId=value)
            except ClientError:
                continue  # an output that is no physical id
            return str(held["StackResources"][0]["StackName"])
        raise LookupError("no output names a resource of a stack; give --stack-name")

    @property
    def parameters(self) -> dict[str, str]:
        """The values that the stack was given."""
        return {each["ParameterKey"]: each["ParameterValue"] for each in self.stack.get("Parameters", [])}

    @property
    def account(self) -> str:
        """The account's number."""
        return str(self.stack["StackId"].split(":")[4])

    @cached_property
    def resources(self) -> dict[str, dict[str, Any]]:
        """All resources by logical id."""
        pages = self.client("cloudformation").get_paginator("list_stack_resources")
        return {
            each["LogicalResourceId"]: each
            for page in pages.paginate(StackName=self.stack["StackId"])
            for each in page["StackResourceSummaries"]
        }

    def id(self, logical_id: str) -> str:
        """The physical id of a resource."""
        return str(self.resources[logical_id]["PhysicalResourceId"])

    def ids(self, type: str) -> list[str]:
        """The physical ids of a type, sorted."""
        return sorted(r["PhysicalResourceId"] for r in self.resources.values() if r["ResourceType"] == type)

    def all(self, service: str, operation: str, member: str, /, **asked: Any) -> list[dict[str, Any]]:  # noqa: ANN401
        """The entries of all pages of an answer."""
        client = self.client(service)
        if not client.can_paginate(operation):
            return list(getattr(client, operation)(**asked)[member])
        return [each for page in client.get_paginator(operation).paginate(**asked) for each in page[member]]

    def alarms(self) -> list[dict[str, Any]]:
        """The stack's alarms."""
        own = set(self.ids("AWS::CloudWatch::Alarm"))
        found = self.all("cloudwatch", "describe_alarms", "MetricAlarms")
        return [alarm for alarm in found if alarm["AlarmName"] in own]

    def watched(self) -> list[dict[str, Any]]:
        """The metrics that the stack's alarms watch, each with namespace, name and dimensions."""
        found = []
        for alarm in self.alarms():
            together = [query["MetricStat"]["Metric"] for query in alarm.get("Metrics", []) if "MetricStat" in query]
            found += together or [alarm]
        return found

    def log_groups(self) -> list[dict[str, Any]]:
        """The stack's log groups."""
        own = set(self.ids("AWS::Logs::LogGroup"))
        return [each for each in self.all("logs", "describe_log_groups", "logGroups") if each["logGroupName"] in own]

    def eventually(self, find: Callable[[], Any], *, seconds: float = 90) -> Any:  # noqa: ANN401 - what is found
        """What `find` finds, asked again for a while where something has to happen first; the last answer otherwise."""
        ends = time.monotonic() + (0 if self.is_local else seconds)
        while not (found := find()) and time.monotonic() < ends:
            time.sleep(2)
        return found

    def resolved(self) -> Iterator[str]:
        """Each output's value, those that are lists one by one."""
        for value in self.outputs.values():
            yield from value.split(",")
