"""What a test may need of the environment it runs in, and why an environment cannot give it."""

from __future__ import annotations

import shutil
from typing import Final

import pytest

_NOT_IN_THE_SANDBOX: Final = {
    "api-execution": "the sandbox's API Gateway answers no calls; the handlers are called without it",
    "lambda-execution": "the sandbox runs no functions; there the handlers run in the process of the tests",
    "live-database": "the sandbox's databases are descriptions; there is none to connect to",
    "pipeline-execution": "the sandbox's pipelines run no actions",
}
_ONLY_IN_THE_SANDBOX: Final = {
    "disposable-stack": "creates, changes and deletes whole stacks; done in the sandbox only",
}


def is_given_stack(config: pytest.Config) -> bool:
    """Whether the tests run against a stack that is deployed already."""
    return bool(config.getoption("--stack-outputs", default=None))


def is_aws(config: pytest.Config) -> bool:
    """Whether what answers is AWS; a server given by --endpoint-url is taken for a sandbox."""
    return is_given_stack(config) and not config.getoption("--endpoint-url", default=None)


def missing(name: str, config: pytest.Config) -> str | None:
    """Why the environment cannot give this; None when it can."""
    if name == "session-manager":
        found = shutil.which("session-manager-plugin")
        return None if found else "session-manager-plugin is not on PATH, and the tunnel needs it"
    if name in _ONLY_IN_THE_SANDBOX:
        return _ONLY_IN_THE_SANDBOX[name] if is_given_stack(config) else None
    if name in _NOT_IN_THE_SANDBOX:
        return None if is_aws(config) else _NOT_IN_THE_SANDBOX[name]
    known = ", ".join(sorted({*_NOT_IN_THE_SANDBOX, *_ONLY_IN_THE_SANDBOX, "session-manager"}))
    raise pytest.UsageError(f"needs({name!r}): is not known; there are {known}")
