"""moto's request handler without a line for each request."""

from __future__ import annotations

from typing import Any


def quiet_handler() -> type[Any]:
    """The class of the handler; made here because moto is an optional dependency."""
    from moto.moto_server.werkzeug_app import MotoRequestHandler  # noqa: PLC0415 - an optional dependency

    return type("QuietHandler", (MotoRequestHandler,), {"log": _say_nothing})


def _say_nothing(*_arguments: object) -> None:
    """Stand in for the handler's log."""
