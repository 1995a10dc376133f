"""A system's functions at work: by Lambda where there is one, in this process where there is none.

In this process a function has what its deployed configuration says: handler, variables, log group, retries, dead-letter
queue. What it prints goes to its log group, and lines in CloudWatch's embedded metric format become metrics, as in AWS.
Permissions, network, concurrency and timeout are not imitated.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final
from unittest import mock

from botocore.exceptions import ClientError

from tests.integration.systems.system import System

_BATCH: Final = 10
_MOST_ROUNDS: Final = 50


class FunctionError(Exception):
    """What Lambda answers when a function raises: the type and the message of the error."""


@dataclass
class Functions:
    """The functions of a system.

    `folders` gives for a function's name the folder below `functions` that its package was made of, when that is not
    all of them.
    """

    system: System
    folders: Mapping[str, str]

    def configuration(self, name: str) -> dict[str, Any]:
        """What the function was deployed with."""
        found: dict[str, Any] = self.system.client("lambda").get_function_configuration(FunctionName=name)
        return found

    def invoke(self, name: str, event: Mapping[str, Any]) -> Any:  # noqa: ANN401 - whatever it answers
        """The function's answer. Raises FunctionError."""
        if self.system.is_local:
            return self._run(name, event)
        answer = self.system.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode())
        payload = json.loads(answer["Payload"].read() or b"null")
        if "FunctionError" in answer:
            raise FunctionError(f"{payload.get('errorType')}: {payload.get('errorMessage')}")
        return payload

    def send(self, name: str, event: Mapping[str, Any]) -> None:
        """Invoke asynchronously: tried again as configured, then kept in the dead-letter queue."""
        if not self.system.is_local:
            self.system.client("lambda").invoke(
                FunctionName=name, InvocationType="Event", Payload=json.dumps(event).encode()
            )
            return
        for _ in range(1 + self._retries(name)):
            try:
                self._run(name, event)
            except FunctionError as error:
                failure = str(error)
            else:
                return
        self._give_up(name, event, failure)

    def _retries(self, name: str) -> int:
        try:
            found = self.system.client("lambda").get_function_event_invoke_config(FunctionName=name)
        except ClientError:
            return 2  # Lambda's own
        return int(found.get("MaximumRetryAttempts", 2))

    def _give_up(self, name: str, event: Mapping[str, Any], failure: str) -> None:
        target = self.configuration(name)["DeadLetterConfig"]["TargetArn"]
        sqs = self.system.client("sqs")
        sqs.send_message(
            QueueUrl=sqs.get_queue_url(QueueName=target.rpartition(":")[2])["QueueUrl"],
            MessageBody=json.dumps(event),
            MessageAttributes={"ErrorMessage": {"DataType": "String", "StringValue": failure}},
        )

    def work_off(self, name: str) -> None:
        """Hand a function what waits in its queue until the queue is empty; AWS does so by itself.

        Messages that it reports as failed come back at once, and go to the dead-letter queue by the queue's own rule.
        """
        if not self.system.is_local:
            return
        client, sqs = self.system.client("lambda"), self.system.client("sqs")
        (mapping,) = client.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
        arn = mapping["EventSourceArn"]
        url = sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
        for _ in range(_MOST_ROUNDS):
            # Not seen again for no time: what is not deleted is there for the next round.
            found = sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=min(_BATCH, mapping.get("BatchSize", _BATCH)),
                MessageAttributeNames=["All"],
                AttributeNames=["All"],
                VisibilityTimeout=0,
            ).get("Messages", [])
            if not found:
                return
            answer = self._run(name, {"Records": [_record(message, arn) for message in found]})
            failed = {each["itemIdentifier"] for each in (answer or {}).get("batchItemFailures", ())}
            for message in found:
                if message["MessageId"] not in failed:
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        raise AssertionError(f"{url} does not get empty")

    def _run(self, name: str, event: Mapping[str, Any]) -> Any:  # noqa: ANN401 - whatever it answers
        configuration = self.configuration(name)
        module, _, function = configuration["Handler"].rpartition(".")
        module = ".".join(filter(None, (self.folders.get(name), module)))
        printed = io.StringIO()
        handle = getattr(importlib.import_module(module), function)
        try:
            with self._surroundings(configuration, module), contextlib.redirect_stdout(printed):
                answer = handle(json.loads(json.dumps(event)), SimpleNamespace(aws_request_id=str(uuid.uuid4())))
        except Exception as error:
            raise FunctionError(f"{type(error).__name__}: {error}") from error
        finally:
            self._keep(name, printed.getvalue().splitlines())
        return json.loads(json.dumps(answer))

    @contextlib.contextmanager
    def _surroundings(self, configuration: Mapping[str, Any], module: str) -> Iterator[None]:
        """The variables of the function, and none of the clients that it made for others."""
        own = {
            "AWS_ENDPOINT_URL": self.system.client("lambda").meta.endpoint_url,
            "AWS_REGION": self.system.region,
            "AWS_DEFAULT_REGION": self.system.region,
            "AWS_LAMBDA_FUNCTION_NAME": configuration["FunctionName"],
        }
        _forget_clients(module)
        with mock.patch.dict(os.environ, {**configuration["Environment"]["Variables"], **own}):
            yield
        _forget_clients(module)

    def _keep(self, name: str, lines: list[str]) -> None:
        now = int(time.time() * 1000)
        logs, group, stream = self.system.client("logs"), f"/aws/lambda/{name}", str(uuid.uuid4())
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        if lines:
            events = [{"timestamp": now, "message": line} for line in lines]
            logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
        for line in lines:
            self._measure(json.loads(line))

    def _measure(self, line: Mapping[str, Any]) -> None:
        """AWS: "Embedded metric format specification" of the CloudWatch user guide."""
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", ()):
            data = [
                {
                    "MetricName": metric["Name"],
                    "Unit": metric["Unit"],
                    "Value": line[metric["Name"]],
                    "Dimensions": [{"Name": each, "Value": line[each]} for each in dimensions],
                }
                for dimensions in directive["Dimensions"]
                for metric in directive["Metrics"]
            ]
            self.system.client("cloudwatch").put_metric_data(Namespace=directive["Namespace"], MetricData=data)


def _record(message: Mapping[str, Any], queue: str) -> dict[str, Any]:
    """A message as Lambda hands it on; AWS: "Using Lambda with Amazon SQS"."""
    attributes = {
        name: {"stringValue": value["StringValue"], "dataType": value["DataType"]}
        for name, value in message.get("MessageAttributes", {}).items()
    }
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": attributes,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue,
    }


def _forget_clients(module: str) -> None:
    """Clear the caches of all modules that were imported from the same folder of functions."""
    folder = os.path.dirname(os.path.dirname(str(sys.modules[module].__file__)))  # noqa: PTH120 - a text to begin with
    for each in list(sys.modules.values()):
        if str(getattr(each, "__file__", "") or "").startswith(folder):
            for value in vars(each).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()
