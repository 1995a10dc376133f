"""A sandbox for the tests of this folder; each test begins with an empty account."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from infra_checks.cli import run
from infra_checks.sandbox.server import Sandbox
from infra_checks.sandbox.testing import running_sandbox

Deploy = Callable[..., int]

running = pytest.fixture(scope="package", name="running")(running_sandbox)


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset()
    return running


@pytest.fixture
def deploy(sandbox: Sandbox) -> Deploy:
    """Run the command with `--yes`; `yes=False` leaves that away."""

    def called(path: Path, stack: str, *more: str, region: str = "us-east-1", yes: bool = True) -> int:
        given = ["--stack-name", stack, "--region", region, "--endpoint-url", sandbox.endpoint, *more]
        return run(["deploy", str(path), *given, *(["--yes"] if yes else [])])

    return called
