"""Fixtures for tests of stacks, declared and deployed.

What a run does not give is a reason to skip; what it gives and cannot be used is an error.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from infra_checks.core.declared import DeclaredStack
    from infra_checks.live.stacks import LiveStack
    from infra_checks.pytest_plugin.target import Target
    from infra_checks.sandbox.server import Sandbox


@pytest.fixture(scope="session")
def infra_target(pytestconfig: pytest.Config) -> Target:
    """The stack to test, as options and the ini file say."""
    from infra_checks.pytest_plugin.target import Target  # noqa: PLC0415 - not without a test that needs it

    return Target.of(pytestconfig)


@pytest.fixture(scope="session")
def stack_outputs(infra_target: Target) -> dict[str, str]:
    """The outputs of the stack: those in the file of --stack-outputs, else those of the stack of --stack-name."""
    if infra_target.outputs_file is None and not infra_target.stack_name:
        pytest.skip("stack_outputs needs --stack-outputs FILE or --stack-name NAME")
    return infra_target.outputs()


@pytest.fixture(scope="session")
def declared_stack(pytestconfig: pytest.Config) -> Callable[..., DeclaredStack]:
    """A function of a template's path, from the root folder, and parameters: what it declares, evaluated once."""
    from infra_checks.core.declared import declared_stack as declare  # noqa: PLC0415 - not without a test that needs it

    @cache
    def declared(template: str | Path, /, **parameters: str) -> DeclaredStack:
        return declare(str(pytestconfig.rootpath / template), parameters)

    return declared


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[Sandbox]:
    """The sandbox of this process; tests take `sandbox`, which is empty at first."""
    from infra_checks.sandbox.refusal import SandboxError  # noqa: PLC0415 - not without a test that needs it
    from infra_checks.sandbox.server import Sandbox  # noqa: PLC0415 - as above

    try:
        running = Sandbox()
    except (ImportError, SandboxError) as error:
        pytest.skip(str(error))
    with running:
        yield running


@pytest.fixture
def sandbox(shared_sandbox: Sandbox) -> Iterator[Sandbox]:
    """An empty account on this machine. While the test runs, boto3 finds it and no connection leaves the machine."""
    from unittest import mock  # noqa: PLC0415 - not without a test that needs it

    from infra_checks.sandbox.testing import no_egress  # noqa: PLC0415 - as above

    shared_sandbox.reset()
    with no_egress(), mock.patch.dict(os.environ, shared_sandbox.environment):
        yield shared_sandbox


@pytest.fixture
def aws(infra_target: Target, request: pytest.FixtureRequest) -> Callable[..., Any]:
    """A function of a service, and a Region if it is not the stack's: a client of boto3.

    Of the account that the stack is in; of the sandbox when the run names no stack or the test is in the sandbox.
    """
    if infra_target.is_given and "sandbox" not in request.fixturenames:
        return infra_target.client
    from infra_checks.pytest_plugin.target import SANDBOX_REGION  # noqa: PLC0415 - as above

    running: Sandbox = request.getfixturevalue("sandbox")

    def client(service: str, region: str = "") -> Any:  # noqa: ANN401 - boto3 has no types
        return running.client(service, region or infra_target.region or SANDBOX_REGION)

    return client


@pytest.fixture(scope="session")
def live_stack(infra_target: Target) -> LiveStack:
    """The deployed stack, each resource as it is: that of --stack-name, or else that which has the outputs."""
    if infra_target.outputs_file is None and not infra_target.stack_name:
        pytest.skip("live_stack needs --stack-name NAME or --stack-outputs FILE")
    return infra_target.stack()
