"""AWS as a table: what each operation answers, without a server."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.model import OperationModel

from infra_checks.live.clients import Access, Clients

PLACE = "eu-west-1:123456789012"
STACK_ID = f"arn:aws:cloudformation:{PLACE}:stack/shop/1"

Answer = dict[str, Any] | Exception
Answers = Answer | list[Answer] | Callable[[dict[str, Any]], Answer]


class Refusal(Exception):  # noqa: N818 - AWS's answer, not an error of ours
    """An error of AWS."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


class Wire:
    """Answers by `service:Operation`; a list is one answer after the other, the last of them for ever."""

    def __init__(self, answers: dict[str, Answers]) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.clients = Clients(Access(region="eu-west-1", endpoint_url="http://127.0.0.1:9", attempts=1))
        events = self.clients._session.events
        events.register("provide-client-params.*.*", self._remember)
        events.register("before-call.*.*", self._answer)
        self._given: dict[str, Any] = {}
        self._counts: Counter[str] = Counter()

    def _remember(self, params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
        context["given"] = params

    def _answer(self, model: OperationModel, context: dict[str, Any], **_: object) -> tuple[Any, dict[str, Any]]:
        service = model.service_model.service_id.hyphenize().replace("-", "")
        name = f"{service}:{model.name}"
        self.asked.append(name)
        found = self.answers.get(name, Refusal("AccessDenied", 403))
        if isinstance(found, list):
            index = min(self._counts[name], len(found) - 1)
            self._counts[name] += 1
            found = found[index]
        if callable(found):
            found = found(context["given"])
        if isinstance(found, Refusal):
            return _Http(found.status), {
                "Error": {"Code": found.code, "Message": "no"},
                "ResponseMetadata": {"HTTPStatusCode": found.status},
            }
        if isinstance(found, Exception):
            raise found
        return _Http(200), {**found, "ResponseMetadata": {"HTTPStatusCode": 200}}


class _Http:
    def __init__(self, status_code: int) -> None:
        self.status_code = status_code


def response(status: int, body: dict[str, Any] | str) -> AWSResponse:
    """An answer as it comes over the line, for handlers of before-send."""
    text = body if isinstance(body, str) else json.dumps(body)
    return AWSResponse("http://127.0.0.1", status, {"content-type": "application/json"}, _Raw(text.encode()))


class _Raw:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def stream(self) -> Iterator[bytes]:
        yield self._data


def cloudformation(
    resources: dict[str, tuple[str, str]], template: dict[str, Any] | str | None = None, **more: object
) -> dict[str, Answers]:
    """The answers about one stack: type and physical id of each resource, and its template."""
    body = template or {"Resources": {name: {"Type": kind} for name, (kind, _) in resources.items()}}
    stack = {"StackName": "shop", "StackId": STACK_ID, "StackStatus": "CREATE_COMPLETE", **more}
    entries = [
        {
            "LogicalResourceId": name,
            "ResourceType": kind,
            "PhysicalResourceId": physical,
            "ResourceStatus": "CREATE_COMPLETE",
        }
        for name, (kind, physical) in resources.items()
    ]
    return {
        "cloudformation:DescribeStacks": {"Stacks": [stack]},
        "cloudformation:ListStackResources": {"StackResourceSummaries": entries},
        "cloudformation:GetTemplate": {"TemplateBody": body},
        "cloudformation:DescribeType": Refusal("TypeNotFoundException", 404),
    }


def recorded(properties: dict[str, Any]) -> dict[str, Any]:
    """What Cloud Control answers of a resource."""
    return {"ResourceDescription": {"Identifier": "x", "Properties": json.dumps(properties)}}
