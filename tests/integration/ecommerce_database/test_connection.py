"""Connections to the deployed database: through the bastion by Session Manager, or directly."""

from __future__ import annotations

import socket
import struct

import pytest

from infra_checks.live.tunnel import Address, Patience, UnreachableError, forwarded, reach
from tests.integration.systems.system import System

_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
"""What a client asks first; PostgreSQL, "Message Formats": SSLRequest."""


def takes_tls(address: Address) -> bool:
    """Whether a PostgreSQL server answers, and speaks TLS."""
    with socket.create_connection((address.host, address.port), 10) as connection:
        connection.sendall(_SSL_REQUEST)
        return connection.recv(1) == b"S"


@pytest.mark.needs("live-database", "session-manager")
def test_the_database_is_reached_through_the_bastion(system: System) -> None:
    outputs = system.outputs
    with forwarded(
        system.client("ssm"), outputs["BastionInstanceId"], outputs["Endpoint"], int(outputs["Port"])
    ) as address:
        assert address.way == "tunnel"
        assert takes_tls(address)


@pytest.mark.needs("live-database")
@pytest.mark.parametrize("output", ["Endpoint", "Replica1Endpoint", "Replica2Endpoint"])
def test_a_database_is_reached_by_one_way_or_the_other(system: System, output: str) -> None:
    if output not in system.outputs:
        pytest.skip(f"the environment has no {output}")
    outputs = system.outputs
    try:
        with reach(
            system.client("ssm"), outputs["BastionInstanceId"], outputs[output], int(outputs["Port"])
        ) as address:
            assert takes_tls(address)
    except UnreachableError as error:
        pytest.skip(f"neither the tunnel nor a direct connection leads to it from here: {error}")


@pytest.mark.needs("disposable-stack")
def test_where_nothing_leads_to_the_database_the_reasons_are_told(system: System) -> None:
    outputs, pauses = system.outputs, list[float]()
    patience = Patience(attempts=2, timeout=0.2, sleep=pauses.append)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with (
        pytest.raises(UnreachableError, match=r"is not on PATH.*no direct connection in 2 attempts"),
        reach(
            system.client("ssm"), outputs["BastionInstanceId"], "127.0.0.1", port, patience=patience, plugin="no-plugin"
        ),
    ):
        pytest.fail("nothing leads there")
    assert pauses == [1]
