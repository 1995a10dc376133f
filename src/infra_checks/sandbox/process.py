"""A sandbox in a process of its own: started, found and ended over its port.

The server tells of itself at a path of its own, so that no file has to remember a process that may be gone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from tempfile import TemporaryFile
from typing import Any, Final
from urllib.error import URLError
from urllib.request import Request, urlopen

from infra_checks.sandbox.refusal import SandboxError

HOST: Final = "127.0.0.1"
PORT: Final = 4599

_PATH: Final = "/infra-checks/sandbox"
_PATIENCE: Final = 30.0
"""Seconds to wait for a process to answer, or to end."""

_STEP: Final = 0.05

_STARTED: Final[dict[int, subprocess.Popen[bytes]]] = {}
"""Processes that this one has started, by port; one that has ended is waited for, so that it is gone."""


def endpoint_of(port: int) -> str:
    """The address of the sandbox at a port."""
    return f"http://{HOST}:{port}"


def status(port: int = PORT) -> dict[str, Any] | None:
    """What the sandbox at a port tells of itself; None when there is none."""
    return _ask(port, "GET")


def _ask(port: int, method: str) -> dict[str, Any] | None:
    request = Request(f"{endpoint_of(port)}{_PATH}", method=method)  # noqa: S310 - loopback
    try:
        with urlopen(request, timeout=5) as answer:  # noqa: S310 - as above
            told = json.loads(answer.read())
    except (URLError, OSError, ValueError):
        return None
    is_ours = isinstance(told, dict) and told.get("service") == "infra-checks sandbox"
    return told if is_ours else None


def start(port: int = PORT) -> dict[str, Any]:
    """Start a sandbox at a port and wait until it answers; raises SandboxError when it does not."""
    if status(port) is not None:
        raise SandboxError(f"a sandbox runs at port {port} already; `infra-checks sandbox stop --port {port}` ends it")
    with TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603 - our own module by our own interpreter
            [sys.executable, "-m", "infra_checks.sandbox.process", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
            env=_quiet_environment(),
        )
        told = _awaited(port, process)
        if told is None:
            process.kill()
            process.wait()
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines()
            raise SandboxError(lines[-1] if lines else f"the sandbox did not answer at port {port}")
    _STARTED[port] = process
    return told


def _awaited(port: int, process: subprocess.Popen[bytes]) -> dict[str, Any] | None:
    """What a new process tells of itself as soon as it answers; None when it ends or takes too long."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        told = status(port)
        if told is not None:
            return told
        time.sleep(_STEP)
    return None


def _quiet_environment() -> dict[str, str]:
    """The environment without what would send the sandbox's own clients elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


def stop(port: int = PORT) -> bool:
    """End the sandbox at a port; false when there is none. Raises SandboxError when it does not end."""
    if _ask(port, "DELETE") is None:
        return False
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if status(port) is None:
            if port in _STARTED:
                _STARTED.pop(port).wait(_PATIENCE)
            return True
        time.sleep(_STEP)
    raise SandboxError(f"the sandbox at port {port} does not end")


def main(arguments: list[str]) -> int:
    """Serve until told to stop."""
    from infra_checks.sandbox.server import Sandbox  # noqa: PLC0415 - optional dependencies

    try:
        sandbox = Sandbox(int(arguments[0]))
    except SandboxError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - nobody reads what moto prints
        sys.stderr = nowhere
        sandbox.serve()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
