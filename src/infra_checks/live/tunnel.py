"""A way to a host in a stack's network: port forwarding of Systems Manager, or a direct connection.

The port is forwarded by AWS's session-manager-plugin, through an instance that Systems Manager manages; nothing of it
outlives the `with`. AWS: "Starting a session (port forwarding to a remote host)" of the Systems Manager user guide.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, Final, Self

from infra_checks.errors import InfraChecksError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DOCUMENT: Final = "AWS-StartPortForwardingSessionToRemoteHost"
PLUGIN: Final = "session-manager-plugin"
_RESPONSE: Final = "AWS_SSM_START_SESSION_RESPONSE"
"""The variable that takes the session's token, so that it is in no list of processes; its name is an argument."""
_TEMPORARY: Final = frozenset({"InternalServerError", "TargetNotConnected", "ThrottlingException"})
"""Errors of StartSession that may pass: an instance that has just started reports to Systems Manager after a while."""
_LOOPBACK: Final = "127.0.0.1"
_GRACE: Final = 5.0
"""Seconds that the plugin gets to end by itself."""


class UnreachableError(InfraChecksError):
    """A host could not be reached; the text has the reason of each way that was tried."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long to try; times are seconds. The pause before another attempt doubles each time."""

    attempts: int = 3
    pause: float = 1.0
    timeout: float = 20.0
    sleep: Callable[[float], None] = field(default=time.sleep)

    def pauses(self) -> Iterator[int]:
        """The numbers of the attempts from 1, with a pause before each but the first."""
        for attempt in range(1, self.attempts + 1):
            if attempt > 1:
                self.sleep(self.pause * 2 ** (attempt - 2))
            yield attempt


@dataclass(frozen=True, slots=True)
class Address:
    """What to connect to, and how that leads to the host: `tunnel` or `direct`."""

    host: str
    port: int
    way: str


@contextmanager
def reach(
    ssm: Any,  # noqa: ANN401 - boto3 has no types
    instance: str | None,
    host: str,
    port: int,
    *,
    patience: Patience = Patience(),
    plugin: str = PLUGIN,
) -> Iterator[Address]:
    """An address that leads to the host: through the instance if there is one, directly otherwise.

    Raises UnreachableError with both reasons when neither does.
    """
    with _Tunnel(ssm, host, port, patience, plugin) as tunnel:
        try:
            address = tunnel.open(instance)
        except UnreachableError as error:
            through = str(error)
        else:
            yield address
            return
    try:
        connect(host, port, patience)
    except UnreachableError as error:
        raise UnreachableError(f"{through}; {error}") from error
    yield Address(host, port, "direct")


@contextmanager
def forwarded(
    ssm: Any,  # noqa: ANN401 - boto3 has no types
    instance: str,
    host: str,
    port: int,
    *,
    patience: Patience = Patience(),
    plugin: str = PLUGIN,
) -> Iterator[Address]:
    """As `reach`, but through the instance only."""
    with _Tunnel(ssm, host, port, patience, plugin) as tunnel:
        yield tunnel.open(instance)


def connect(host: str, port: int, patience: Patience) -> None:
    """Connect and hang up. Raises UnreachableError."""
    reason = ""
    for _ in patience.pauses():
        try:
            with socket.create_connection((host, port), patience.timeout):
                return
        except OSError as error:
            reason = str(error)
    raise UnreachableError(f"{host}:{port}: no direct connection in {patience.attempts} attempts: {reason}")


class _Tunnel:
    """A session and the plugin that serves it; leaving the `with` ends both."""

    def __init__(self, ssm: Any, host: str, port: int, patience: Patience, plugin: str) -> None:  # noqa: ANN401
        self._ssm, self._host, self._port = ssm, host, port
        self._patience, self._plugin = patience, plugin
        self._session: str | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._said = TemporaryFile()  # noqa: SIM115 - closed with the tunnel; a pipe that nobody reads would fill up

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._close()
        finally:
            self._said.close()

    def open(self, instance: str | None) -> Address:
        """A port of this machine that leads to the host. Raises UnreachableError."""
        if instance is None:
            raise UnreachableError(f"{self._host}: there is no instance to go through")
        path = shutil.which(self._plugin)
        if path is None:
            raise UnreachableError(
                f"{self._host}: {self._plugin} is not on PATH; the Systems Manager user guide says how to install it"
            )
        reason = ""
        for _ in self._patience.pauses():
            try:
                return self._attempt(path, instance)
            except _TemporaryError as error:
                reason = str(error)
                self._close()
        attempts = self._patience.attempts
        raise UnreachableError(f"{self._host}: no tunnel through {instance} in {attempts} attempts: {reason}")

    def _attempt(self, plugin: str, instance: str) -> Address:
        local = _free_port()
        self._said.seek(0)
        self._said.truncate()
        request = {
            "Target": instance,
            "DocumentName": DOCUMENT,
            "Parameters": {
                "host": [self._host],
                "portNumber": [str(self._port)],
                "localPortNumber": [str(local)],
            },
        }
        session = self._start(request, instance)
        self._session = session["SessionId"]
        self._process = subprocess.Popen(  # noqa: S603 - a list, no shell
            [plugin, _RESPONSE, self._ssm.meta.region_name, "StartSession", "", json.dumps(request), self._endpoint],
            env={**os.environ, _RESPONSE: json.dumps(session)},
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # an interrupt from the keyboard is for us, who end the plugin then
        )
        self._wait(local, self._process)
        return Address(_LOOPBACK, local, "tunnel")

    @property
    def _endpoint(self) -> str:
        return str(self._ssm.meta.endpoint_url)

    def _start(self, request: Mapping[str, Any], instance: str) -> dict[str, str]:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - an extra

        try:
            answer = self._ssm.start_session(**request)
        except (BotoCoreError, ClientError) as error:
            code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
            if code in _TEMPORARY:
                raise _TemporaryError(str(error)) from error
            raise UnreachableError(f"{self._host}: no session on {instance}: {error}") from error
        return {name: answer[name] for name in ("SessionId", "StreamUrl", "TokenValue")}

    def _wait(self, local: int, process: subprocess.Popen[bytes]) -> None:
        """Until the plugin listens."""
        ends = time.monotonic() + self._patience.timeout
        while process.poll() is None:
            try:
                with socket.create_connection((_LOOPBACK, local), 1):
                    return
            except OSError:
                if time.monotonic() > ends:
                    seconds = self._patience.timeout
                    raise _TemporaryError(f"the plugin does not listen after {seconds:g} seconds") from None
            time.sleep(0.05)
        self._said.seek(0)
        said = self._said.read().decode(errors="replace").strip().splitlines()
        raise _TemporaryError(f"the plugin ended with {process.returncode}: {said[-1] if said else 'it says nothing'}")

    def _close(self) -> None:
        process, self._process = self._process, None
        session, self._session = self._session, None
        try:
            if process is not None:
                _end(process)
        finally:
            if session is not None:
                _terminate(self._ssm, session)


class _TemporaryError(Exception):
    """Why an attempt failed, after which another one may succeed."""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _terminate(ssm: Any, session: str) -> None:  # noqa: ANN401 - boto3 has no types
    """Tell Systems Manager; a session that it does not know any more has ended, and others end by themselves."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - an extra

    try:
        ssm.terminate_session(SessionId=session)
    except (BotoCoreError, ClientError):
        return
