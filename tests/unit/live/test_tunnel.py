"""The tunnel to a host behind an instance, with a plugin that forwards a port for real; and what takes its place."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra_checks.live.tunnel import DOCUMENT, Patience, UnreachableError, connect, forwarded, reach

FORWARDS = """
import json, os, socket, sys, threading
response, region, operation, profile, request, endpoint = sys.argv[1:]
assert json.loads(os.environ[response])["TokenValue"] == "token", "no token"
assert operation == "StartSession" and "token" not in " ".join(sys.argv)
asked = json.loads(request)["Parameters"]
open(sys.argv[0] + ".pids", "a").write(f"{os.getpid()}\\n")
def pump(source, target):
    while data := source.recv(4096):
        target.sendall(data)
    target.shutdown(socket.SHUT_WR)
server = socket.create_server(("127.0.0.1", int(asked["localPortNumber"][0])))
while True:
    near, _ = server.accept()
    far = socket.create_connection((asked["host"][0], int(asked["portNumber"][0])))
    for pair in ((near, far), (far, near)):
        threading.Thread(target=pump, args=pair, daemon=True).start()
"""
ENDS = "import sys; print('starting'); print('bad handshake'); sys.exit(3)"
LISTENS_NEVER = "import time\ntime.sleep(60)"
DEAF = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + LISTENS_NEVER


class Ssm:
    """Systems Manager, with the errors that StartSession is to answer with first."""

    def __init__(self, *errors: str) -> None:
        self.errors = list(errors)
        self.meta = SimpleNamespace(region_name="us-east-1", endpoint_url="https://ssm.us-east-1.amazonaws.com")
        self.started: list[dict[str, Any]] = []
        self.ended: list[str] = []

    def start_session(self, **request: Any) -> dict[str, str]:  # noqa: ANN401 - as boto3 takes it
        self.started.append(request)
        if self.errors:
            raise ClientError({"Error": {"Code": self.errors.pop(0), "Message": "said AWS"}}, "StartSession")
        return {"SessionId": f"session-{len(self.started)}", "StreamUrl": "wss://stream", "TokenValue": "token"}

    def terminate_session(self, *, SessionId: str) -> None:  # noqa: N803 - as boto3 takes it
        self.ended.append(SessionId)


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a host that says everything again, in capitals."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                while data := connection.recv(100):
                    connection.sendall(data.upper())

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield int(server.getsockname()[1])
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


@pytest.fixture
def closed() -> int:
    """A port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def plugin(folder: Path, code: str) -> str:
    file = folder / "session-manager-plugin"
    file.write_text(f"#!{sys.executable}\n{code}")
    file.chmod(0o755)
    return str(file)


def patience(pauses: list[float] | None = None, *, attempts: int = 3, timeout: float = 10) -> Patience:
    return Patience(attempts, 1.0, timeout, ([] if pauses is None else pauses).append)


def said_again(host: str, port: int) -> bytes:
    with socket.create_connection((host, port), 5) as connection:
        connection.sendall(b"select 1")
        return connection.recv(100)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_forwarded_port_leads_to_the_host_and_nothing_stays_behind(tmp_path: Path, echo: int) -> None:
    ssm, executable = Ssm(), plugin(tmp_path, FORWARDS)
    with forwarded(ssm, "i-1", "127.0.0.1", echo, patience=patience(), plugin=executable) as address:
        assert (address.host, address.way) == ("127.0.0.1", "tunnel")
        assert address.port != echo
        assert said_again(address.host, address.port) == b"SELECT 1"
    (request,) = ssm.started
    assert (request["Target"], request["DocumentName"]) == ("i-1", DOCUMENT)
    assert request["Parameters"] == {
        "host": ["127.0.0.1"],
        "portNumber": [str(echo)],
        "localPortNumber": [str(address.port)],
    }
    assert ssm.ended == ["session-1"]
    assert not is_alive(int(Path(f"{executable}.pids").read_text()))


def test_the_tunnel_is_closed_when_the_work_in_it_fails(tmp_path: Path, echo: int) -> None:
    ssm, executable = Ssm(), plugin(tmp_path, FORWARDS)
    with (
        pytest.raises(RuntimeError, match="the work"),
        forwarded(ssm, "i-1", "127.0.0.1", echo, patience=patience(), plugin=executable),
    ):
        raise RuntimeError("the work")
    assert ssm.ended == ["session-1"]
    assert not is_alive(int(Path(f"{executable}.pids").read_text()))


def test_an_instance_that_is_not_connected_yet_is_asked_again_after_longer_pauses(tmp_path: Path, echo: int) -> None:
    ssm, pauses = Ssm("TargetNotConnected", "TargetNotConnected"), list[float]()
    executable = plugin(tmp_path, FORWARDS)
    with forwarded(ssm, "i-1", "127.0.0.1", echo, patience=patience(pauses), plugin=executable) as address:
        assert said_again(address.host, address.port) == b"SELECT 1"
    assert pauses == [1, 2]
    assert ssm.ended == ["session-3"]


def test_attempts_are_bounded_and_each_session_is_ended(tmp_path: Path, closed: int) -> None:
    ssm, pauses, executable = Ssm(), list[float](), plugin(tmp_path, ENDS)
    with (
        pytest.raises(UnreachableError, match="in 3 attempts: the plugin ended with 3: bad handshake"),
        forwarded(ssm, "i-1", "127.0.0.1", closed, patience=patience(pauses), plugin=executable),
    ):
        pytest.fail("there is no tunnel")
    assert pauses == [1, 2]
    assert ssm.ended == ["session-1", "session-2", "session-3"]


def test_what_is_not_allowed_is_not_asked_again(tmp_path: Path, closed: int) -> None:
    ssm, executable = Ssm("AccessDeniedException"), plugin(tmp_path, FORWARDS)
    with (
        pytest.raises(UnreachableError, match=r"no session on i-1: .*AccessDeniedException"),
        forwarded(ssm, "i-1", "127.0.0.1", closed, patience=patience(), plugin=executable),
    ):
        pytest.fail("there is no tunnel")
    assert len(ssm.started) == 1


@pytest.mark.parametrize("code", [LISTENS_NEVER, DEAF], ids=["ends when told", "has to be killed"])
def test_a_plugin_that_does_not_listen_in_time_is_ended(
    tmp_path: Path, closed: int, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra_checks.live.tunnel._GRACE", 0.3)
    ssm, executable = Ssm(), plugin(tmp_path, code)
    with (
        pytest.raises(UnreachableError, match=r"does not listen after 0\.5 seconds"),
        forwarded(ssm, "i-1", "h", closed, patience=patience(attempts=1, timeout=0.5), plugin=executable),
    ):
        pytest.fail("there is no tunnel")
    assert ssm.ended == ["session-1"]


def test_without_a_plugin_the_host_is_reached_directly(tmp_path: Path, echo: int) -> None:
    ssm = Ssm()
    with reach(ssm, "i-1", "127.0.0.1", echo, patience=patience(), plugin=str(tmp_path / "none")) as address:
        assert (address.port, address.way) == (echo, "direct")
        assert said_again(address.host, address.port) == b"SELECT 1"
    assert ssm.started == []


def test_with_a_plugin_the_tunnel_is_taken_first(tmp_path: Path, echo: int) -> None:
    executable = plugin(tmp_path, FORWARDS)
    with reach(Ssm(), "i-1", "127.0.0.1", echo, patience=patience(), plugin=executable) as address:
        assert address.way == "tunnel"


def test_when_neither_way_leads_there_both_reasons_are_told(tmp_path: Path, closed: int) -> None:
    pauses = list[float]()
    with (
        pytest.raises(UnreachableError) as raised,
        reach(Ssm(), None, "127.0.0.1", closed, patience=patience(pauses), plugin=str(tmp_path / "none")),
    ):
        pytest.fail("nothing leads there")
    assert "there is no instance to go through" in str(raised.value)
    assert "no direct connection in 3 attempts" in str(raised.value)
    assert pauses == [1, 2]


def test_an_error_inside_is_the_caller_s_and_leads_to_no_other_way(tmp_path: Path, echo: int) -> None:
    ssm, executable = Ssm(), plugin(tmp_path, FORWARDS)
    with (
        pytest.raises(UnreachableError, match="of the caller"),
        reach(ssm, "i-1", "127.0.0.1", echo, patience=patience(), plugin=executable),
    ):
        raise UnreachableError("of the caller")
    assert ssm.ended == ["session-1"]


def test_a_missing_plugin_is_told_with_what_to_do(tmp_path: Path) -> None:
    with (
        pytest.raises(UnreachableError, match="is not on PATH; the Systems Manager user guide says how to install it"),
        forwarded(Ssm(), "i-1", "h", 1, patience=patience(), plugin=str(tmp_path / "none")),
    ):
        pytest.fail("there is no plugin")


def test_a_connection_that_comes_late_is_waited_for(closed: int) -> None:
    server = list[socket.socket]()

    def listen(_: float) -> None:
        server.append(socket.create_server(("127.0.0.1", closed)))

    connect("127.0.0.1", closed, Patience(2, 1.0, 5, listen))
    server[0].close()


def test_a_request_is_json_that_the_plugin_reads(tmp_path: Path, echo: int) -> None:
    code = "import sys; print(sys.argv[5]); sys.exit(1)"
    with (
        pytest.raises(UnreachableError) as raised,
        forwarded(Ssm(), "i-1", "h", echo, patience=patience(attempts=1), plugin=plugin(tmp_path, code)),
    ):
        pytest.fail("there is no tunnel")
    assert json.loads(str(raised.value).rpartition("ended with 1: ")[2])["Target"] == "i-1"
