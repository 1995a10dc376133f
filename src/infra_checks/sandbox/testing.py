"""For tests: a sandbox that ends with them, without a way out of the machine.

    import pytest
    from infra_checks.sandbox.testing import running_sandbox

    sandbox = pytest.fixture(scope="session")(running_sandbox)

`sandbox.reset()` between tests gives each its own account. Neither of both needs pytest.
"""

from __future__ import annotations

import os
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

from infra_checks.sandbox.refusal import SandboxError
from infra_checks.sandbox.server import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

_HOME: Final = ("127.", "::1", "localhost", "0:0:0:0:0:0:0:1")


def running_sandbox(*, keeps_others: bool = False) -> Iterator[Sandbox]:
    """A sandbox at a free port, and the variables by which clients find it; a generator, as fixtures are."""
    with no_egress(), Sandbox(keeps_others=keeps_others) as sandbox, mock.patch.dict(os.environ, sandbox.environment):
        yield sandbox


@contextmanager
def no_egress() -> Iterator[None]:
    """Refuse every connection that leaves the machine, with SandboxError."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded(self: socket.socket, address: Any) -> None:  # noqa: ANN401 - as the address family has it
        _refuse_others(self, address)
        connect(self, address)

    def guarded_ex(self: socket.socket, address: Any) -> int:  # noqa: ANN401 - as above
        _refuse_others(self, address)
        return connect_ex(self, address)

    with (
        mock.patch.object(socket.socket, "connect", guarded),
        mock.patch.object(socket.socket, "connect_ex", guarded_ex),
    ):
        yield


def _refuse_others(used: socket.socket, address: Any) -> None:  # noqa: ANN401 - as above
    if used.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    host = str(address[0])
    if not host.startswith(_HOME):
        raise SandboxError(f"a test wanted to connect to {host}; in the sandbox nothing leaves the machine")
