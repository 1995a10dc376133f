"""The command, the fixture and the guard."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import boto3
import pytest
from click.testing import CliRunner

from infra_checks.cli import commands
from infra_checks.sandbox import process
from infra_checks.sandbox.refusal import SandboxError
from infra_checks.sandbox.server import Sandbox


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def port() -> Iterator[int]:
    chosen = free_port()
    yield chosen
    process.stop(chosen)


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(commands, ["sandbox", *arguments])
    return result.exit_code, result.output


def test_a_sandbox_is_started_seen_used_and_stopped_by_the_command(port: int) -> None:
    assert run("status", "--port", str(port)) == (1, f"no sandbox runs at port {port}\n")
    code, exports = run("start", "--port", str(port))
    assert (code, exports.splitlines()[0]) == (0, f"export AWS_ENDPOINT_URL=http://127.0.0.1:{port}")
    client = boto3.client(
        "cloudformation",
        region_name="us-west-2",
        endpoint_url=process.endpoint_of(port),
        aws_access_key_id="testing",
        aws_secret_access_key="testing",  # noqa: S106 - opens nothing
    )
    client.create_stack(StackName="shop", TemplateBody="Resources: {Queue: {Type: 'AWS::SQS::Queue'}}")
    code, told = run("status", "--port", str(port), "--format", "json")
    assert (code, json.loads(told)["stacks"]) == (0, 1)
    assert run("stop", "--port", str(port))[0] == 0
    assert process.status(port) is None
    assert run("stop", "--port", str(port))[0] == 1


def test_the_variables_of_a_sandbox_that_runs_are_printed_again(port: int) -> None:
    process.start(port)
    started = process.status(port)
    code, told = run("start", "--port", str(port))
    assert code == 0
    assert f"the sandbox at port {port} runs already" in told
    assert f"export AWS_ENDPOINT_URL=http://127.0.0.1:{port}\n" in told
    assert process.status(port) == started


def test_a_second_sandbox_at_a_port_is_refused(port: int) -> None:
    process.start(port)
    with pytest.raises(SandboxError, match="runs at port"):
        process.start(port)


def test_a_port_that_something_else_has_is_refused() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(SandboxError, match="something else has it"):
            Sandbox(other.getsockname()[1])


def test_other_clients_find_the_sandbox_by_the_environment(sandbox: Sandbox) -> None:
    boto3.client("sqs", region_name="eu-west-1").create_queue(QueueName="orders")
    assert len(sandbox.client("sqs", "eu-west-1").list_queues()["QueueUrls"]) == 1


@pytest.mark.parametrize("call", ["connect", "connect_ex"])
def test_nothing_leaves_the_machine(sandbox: Sandbox, call: str) -> None:
    assert sandbox.endpoint.startswith("http://127.0.0.1:")
    with socket.socket() as outgoing, pytest.raises(SandboxError, match=r"connect to 192\.0\.2\.1"):
        getattr(outgoing, call)(("192.0.2.1", 443))


def test_functions_are_not_run(sandbox: Sandbox) -> None:
    from moto.core.config import default_user_config  # noqa: PLC0415 - an optional dependency

    assert sandbox.port
    assert default_user_config["lambda"]["use_docker"] is False
