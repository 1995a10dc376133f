from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.infra.container_platform.stacks import ENVIRONMENTS, PHASES, stack_of

if TYPE_CHECKING:
    from infra_checks.testing import DeclaredStack


@pytest.fixture(params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(params=PHASES)
def phase(request: pytest.FixtureRequest) -> str:
    number: str = request.param
    return number


@pytest.fixture
def stack(environment: str, phase: str) -> DeclaredStack:
    return stack_of(environment, phase)


@pytest.fixture
def second(environment: str) -> DeclaredStack:
    return stack_of(environment, "2")


@pytest.fixture
def third(environment: str) -> DeclaredStack:
    return stack_of(environment, "3")
