"""What makes a resource fail, and how it is told in the events of its stack."""

from __future__ import annotations

import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from infra_checks.errors import InfraChecksError
from infra_checks.sandbox.refusal import CannotMakeError

if TYPE_CHECKING:
    from collections.abc import Iterator

FAILURES: Final = (InfraChecksError, ClientError, BotoCoreError, ResponseParserError)
"""Refusals of the sandbox and of services; a service that broke may answer in HTML, which no parser takes."""


@contextmanager
def told_as_failure() -> Iterator[None]:
    """Make a failure of whatever else a property of another form than its kind expects ends in."""
    try:
        yield
    except FAILURES:
        raise
    except Exception as error:
        message = f"a property is not what the sandbox expects, or the sandbox is at fault: {place_of(error)}"
        raise CannotMakeError(message) from error


def place_of(error: Exception) -> str:
    """An exception, and where it came from."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({'/'.join(Path(last.filename).parts[-2:])}, {last.name})"
