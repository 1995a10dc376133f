"""What the conftest of each system is made of."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.integration.systems.deploying import Reference, deploy
from tests.integration.systems.needs import is_aws, is_given_stack
from tests.integration.systems.system import System, region_of

SystemFixture = Callable[[pytest.FixtureRequest], Iterator[System]]


def system_of(reference: Reference, environment: str = "production") -> SystemFixture:
    """A fixture function: the stack that the outputs tell of, or one of the environment that a sandbox gets.

    Each module of tests has its own sandbox and its own stack, so that none depends on what another has done.
    """

    def system(request: pytest.FixtureRequest) -> Iterator[System]:
        if is_given_stack(request.config):
            yield _given(reference.name, request.config)
        else:
            yield deploy(request.getfixturevalue("systems_sandbox"), reference, environment)

    return system


def _given(name: str, config: pytest.Config) -> System:
    file = Path(config.getoption("--stack-outputs"))
    outputs = json.loads(file.read_text("utf-8"))
    if not isinstance(outputs, dict) or not all(isinstance(value, str) for value in outputs.values()):
        raise pytest.UsageError(f"{file}: has to be one JSON object of output names and values")
    endpoint = config.getoption("--endpoint-url")

    def make_client(service: str, region: str) -> Any:  # noqa: ANN401 - boto3 has no types
        return boto3.client(service, region_name=region, endpoint_url=endpoint)

    return System(
        name,
        outputs,
        make_client,
        is_local=not is_aws(config),
        region=region_of(outputs),
        stack_name=config.getoption("--stack-name") or "",
    )
