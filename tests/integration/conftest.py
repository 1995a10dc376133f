"""Where the tests of the reference systems run: the sandbox, or a stack of yours by `--stack-outputs`.

The options are those of our plugin, which the installed package brings.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra_checks.sandbox.server import Sandbox
from infra_checks.sandbox.testing import running_sandbox
from tests.integration.systems.needs import missing


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*names): skip where these cannot be given; see systems/needs.py")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip with the reason, before anything is deployed for the test."""
    for marker in item.iter_markers("needs"):
        for name in marker.args:
            reason = missing(name, item.config)
            if reason:
                pytest.skip(reason)


@pytest.fixture(scope="module")
def systems_sandbox() -> Iterator[Sandbox]:
    """A sandbox of its own for each module: what one module's tests do to a stack is nobody else's business."""
    yield from running_sandbox()


@pytest.fixture
def account(systems_sandbox: Sandbox) -> Sandbox:
    """An empty account."""
    systems_sandbox.reset()
    return systems_sandbox
