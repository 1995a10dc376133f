"""The stack of each environment, synthesised once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from app import build

from infra_checks.testing import DeclaredStack, declared_stack

ENVIRONMENTS = ("development", "testing", "staging", "production")
Synthesised = dict[str, Path]


@pytest.fixture(scope="session")
def synthesised(tmp_path_factory: pytest.TempPathFactory) -> Synthesised:
    """For each environment the template that the CDK writes."""
    folder = tmp_path_factory.mktemp("synthesised")
    for name in ENVIRONMENTS:
        build(name, outdir=str(folder / name)).synth()
    return {name: folder / name / "EcommerceDatabase.template.json" for name in ENVIRONMENTS}


@cache
def _declared(path: Path) -> DeclaredStack:
    return declared_stack(path)


@pytest.fixture(params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def stack(synthesised: Synthesised, environment: str) -> DeclaredStack:
    return _declared(synthesised[environment])


@pytest.fixture
def production(synthesised: Synthesised) -> DeclaredStack:
    return _declared(synthesised["production"])


@pytest.fixture
def testing(synthesised: Synthesised) -> DeclaredStack:
    return _declared(synthesised["testing"])
