"""Clients of AWS's services."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from infra_checks.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

_ATTEMPTS: Final = 10
"""Of a call that is throttled; botocore waits longer after each."""


@dataclass(frozen=True, slots=True)
class Access:
    """Where AWS is and as whom to call it; what is None is for boto3 to find."""

    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None


def clients(access: Access, *services: str) -> tuple[Any, ...]:
    """A client of each service. Raises ConfigError without boto3, region or profile."""
    try:
        import boto3  # noqa: PLC0415 - an extra
        from botocore.config import Config  # noqa: PLC0415 - as above
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - as above
    except ImportError as error:
        raise ConfigError("AWS cannot be reached without boto3; pip install 'infra-checks[live]'") from error
    config = Config(retries={"mode": "standard", "max_attempts": _ATTEMPTS})
    try:
        session = boto3.Session(profile_name=access.profile, region_name=access.region)
        return tuple(session.client(name, endpoint_url=access.endpoint_url, config=config) for name in services)
    except BotoCoreError as error:
        raise ConfigError(f"AWS cannot be reached: {error}") from error


@contextmanager
def told_as_unusable() -> Iterator[None]:
    """Raise ConfigError for what AWS refuses, such as credentials or permissions."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - an extra

    try:
        yield
    except ClientError as error:
        raise ConfigError(f"{error.operation_name}: {error.response['Error'].get('Message', error)}") from error
    except BotoCoreError as error:
        raise ConfigError(f"AWS cannot be reached: {error}") from error
