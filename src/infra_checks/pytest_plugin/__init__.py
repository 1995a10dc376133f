"""The plugin of pytest: templates as tests, and fixtures for tests of deployed stacks; see docs/pytest.md.

Every run of pytest where the package is installed loads it, so it imports next to nothing and does nothing unasked.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache, partial
from typing import TYPE_CHECKING

import pytest

from infra_checks.defaults import Defaults, using
from infra_checks.pytest_plugin.fixtures import (
    aws,
    declared_stack,
    infra_target,
    live_stack,
    sandbox,
    shared_sandbox,
    stack_outputs,
)
from infra_checks.pytest_plugin.options import ShortNames, add_options, packs, request_fields

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = [
    "aws",
    "declared_stack",
    "infra_target",
    "live_stack",
    "sandbox",
    "shared_sandbox",
    "stack_outputs",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare what can be asked for."""
    add_options(parser)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(parser: pytest.Parser) -> Generator[None, None, None]:
    """Let a conftest.py declare options of our short names."""
    names = ShortNames(parser)
    names.withdraw()
    try:
        return (yield)
    finally:
        names.restore()


def pytest_configure(config: pytest.Config) -> None:
    """Tell assertions what the run asks for, and collect templates if that is asked for."""
    with ExitStack() as stack:
        stack.enter_context(using(Defaults(cache(partial(request_fields, config)), config.rootpath, packs(config))))
        config.add_cleanup(stack.pop_all().close)
    if config.getoption("infra_check") or config.getini("infra_templates"):
        from infra_checks.pytest_plugin.collecting import Templates  # noqa: PLC0415 - most runs judge nothing

        config.pluginmanager.register(Templates(config), "infra_checks_templates")
