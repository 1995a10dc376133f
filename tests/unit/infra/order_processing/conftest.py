"""What the functions of the order API talk to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.infra.order_processing.calls import Backend, deployed


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Iterator[Backend]:
    with deployed(monkeypatch) as made:
        yield made
