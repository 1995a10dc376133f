"""Settings every test shares."""

from __future__ import annotations

import sys

import pytest
from hypothesis import settings

pytest_plugins = ["pytester"]

# The same examples in every run, on a machine of any speed; --hypothesis-profile=explore looks for new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.register_profile("explore", max_examples=2000, deadline=None, print_blob=True)
settings.load_profile("repeatable")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Save what a worker measured before it says that it has finished.

    pytest-xdist kills a worker that takes ten seconds more to end, and coverage saves at the end of a process.
    """
    coverage = sys.modules.get("coverage")
    measured = coverage.Coverage.current() if coverage is not None else None
    if measured is not None and hasattr(session.config, "workerinput"):
        measured.stop()
        measured.save()
