"""The tests of a system run against a stack that is there already, by its outputs, as they would against AWS."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import infra_checks
from infra_checks.sandbox.server import Sandbox
from tests.integration.systems.deploying import ORDER_PROCESSING, deploy
from tests.integration.systems.needs import missing
from tests.integration.systems.system import System, region_of

pytestmark = pytest.mark.needs("disposable-stack")


def run(system: System, sandbox: Sandbox, outputs: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Pytest in a process of its own, which knows of the stack what the file says and nothing else."""
    outputs.write_text(json.dumps(dict(system.outputs)))
    folder = f"tests/integration/{system.name}"
    given = ["--stack-outputs", str(outputs), "--endpoint-url", sandbox.endpoint]
    return subprocess.run(  # noqa: S603 - a list, no shell
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", folder, *given, *more],
        env={**os.environ, "PYTHONPATH": str(Path(infra_checks.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_same_tests_find_the_stack_by_its_outputs(account: Sandbox, tmp_path: Path) -> None:
    system = deploy(account, ORDER_PROCESSING, "production", "us-west-2")
    done = run(system, account, tmp_path / "outputs.json", "-k", "TestPlacing or TestAlarms or lifecycle")
    assert done.returncode == 0, done.stdout
    counts = {word: int(count) for count, word in re.findall(r"(\d+) (passed|skipped|failed)", done.stdout)}
    assert counts["passed"] > 10
    assert "creates, changes and deletes whole stacks; done in the sandbox only" in done.stdout
    assert system.stack["StackStatus"] == "CREATE_COMPLETE"


def test_outputs_that_are_none_are_refused(account: Sandbox, tmp_path: Path) -> None:
    system = System("order_processing", {"Url": ["no text"]}, account.client, is_local=True)  # type: ignore[dict-item]
    done = run(system, account, tmp_path / "outputs.json", "-k", "TestAlarms")
    assert done.returncode != 0
    assert "has to be one JSON object of output names and values" in done.stdout


@pytest.mark.parametrize(
    ("outputs", "region"),
    [
        ({"A": "arn:aws:sns:us-west-2:123456789012:alarms", "B": "subnet-1"}, "us-west-2"),
        ({"A": "arn:aws:iam::123456789012:role/no-region"}, "us-east-1"),
        ({"A": "arn:aws:sns:us-west-2:123456789012:a", "B": "arn:aws:sns:eu-west-1:123456789012:b"}, "us-east-1"),
    ],
)
def test_a_stack_s_region_is_the_one_that_its_outputs_name(outputs: dict[str, str], region: str) -> None:
    assert region_of(outputs) == region


def test_a_need_that_nobody_knows_is_an_error(pytestconfig: pytest.Config) -> None:
    with pytest.raises(pytest.UsageError, match="there are api-execution"):
        missing("lambda-executoin", pytestconfig)
