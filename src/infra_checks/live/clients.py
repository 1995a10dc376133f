"""Clients of AWS's services."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from infra_checks.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

_ATTEMPTS: Final = 10
"""Of a call that is throttled; botocore waits longer after each."""
_SESSION_NAME: Final = "infra-checks"


@dataclass(frozen=True, slots=True)
class Access:
    """Where AWS is and as whom to call it; what is None is for boto3 to find.

    `role_arn` is a role to assume with those credentials, `external_id` what its trust policy may ask for.
    `attempts` counts the calls until one is given up; `connect_timeout` and `read_timeout` are in seconds, None is
    botocore's own, a minute.
    """

    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    role_arn: str | None = None
    external_id: str | None = None
    attempts: int = _ATTEMPTS
    connect_timeout: float | None = None
    read_timeout: float | None = None


PATIENT: Final = Access(attempts=6, connect_timeout=5, read_timeout=20)
"""How patient many calls in a row are; with botocore's waits between its attempts one takes three minutes at most."""


class Clients:
    """Makes each client once; clients are safe to share between threads, making them is not.

    Raises ConfigError without boto3, region or profile, and when the role cannot be assumed.
    """

    def __init__(self, access: Access) -> None:
        try:
            import boto3  # noqa: PLC0415 - an extra
            from botocore.config import Config  # noqa: PLC0415 - as above
            from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - as above
        except ImportError as error:
            raise ConfigError("AWS cannot be reached without boto3; pip install 'infra-checks[live]'") from error
        self._error = BotoCoreError
        self._access = access
        timeouts = {"connect_timeout": access.connect_timeout, "read_timeout": access.read_timeout}
        stands_in = bool(access.endpoint_url or os.environ.get("AWS_ENDPOINT_URL"))
        self._config = Config(
            retries={"mode": "standard", "total_max_attempts": access.attempts},
            inject_host_prefix=not stands_in,
            **{name: value for name, value in timeouts.items() if value is not None},
        )
        self._made: dict[str, Any] = {}
        self._lock = Lock()
        try:
            self._session = boto3.Session(profile_name=access.profile, region_name=access.region)
        except BotoCoreError as error:
            raise ConfigError(_told(error)) from error
        if access.role_arn:
            self._session = boto3.Session(region_name=self._session.region_name, **self._assumed(access.role_arn))

        # For all clients that are made of the session.
        self._session.events.register("response-received.*.*", _refuse_cut)

    def _assumed(self, role_arn: str) -> dict[str, str]:
        identity = {"ExternalId": self._access.external_id} if self._access.external_id else {}
        with told_as_unusable():
            answer = self._made_client("sts").assume_role(RoleArn=role_arn, RoleSessionName=_SESSION_NAME, **identity)
        credentials = answer["Credentials"]
        return {
            "aws_access_key_id": credentials["AccessKeyId"],
            "aws_secret_access_key": credentials["SecretAccessKey"],
            "aws_session_token": credentials["SessionToken"],
        }

    def _made_client(self, service: str) -> Any:  # noqa: ANN401 - boto3 has no types
        try:
            return self._session.client(service, endpoint_url=self._access.endpoint_url, config=self._config)
        except self._error as error:
            raise ConfigError(_told(error)) from error
        except ValueError as error:  # of an address that is none
            raise ConfigError(f"AWS cannot be reached: {error}; an endpoint is written http://HOST:PORT") from error

    def get(self, service: str) -> Any:  # noqa: ANN401 - boto3 has no types
        """The client of a service."""
        with self._lock:
            if service not in self._made:
                self._made[service] = self._made_client(service)
            return self._made[service]


class CutAnswerError(Exception):
    """An answer that ends too early."""


def _refuse_cut(response_dict: dict[str, Any] | None = None, **_: object) -> None:
    """Refuse JSON that cannot be read: botocore takes it for an answer in which nothing is."""
    if response_dict is None or "json" not in response_dict["headers"].get("content-type", ""):
        return
    body = response_dict["body"]
    if not isinstance(body, bytes) or not body:
        return
    try:
        json.loads(body)
    except ValueError as error:
        raise CutAnswerError("the answer is no JSON") from error


def clients(access: Access, *services: str) -> tuple[Any, ...]:
    """A client of each service. Raises ConfigError as Clients does."""
    made = Clients(access)
    return tuple(made.get(name) for name in services)


@contextmanager
def told_as_unusable() -> Iterator[None]:
    """Raise ConfigError for what AWS refuses, such as credentials or permissions."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - an extra
    from botocore.parsers import ResponseParserError  # noqa: PLC0415 - as above

    try:
        yield
    except ClientError as error:
        raise ConfigError(f"{error.operation_name}: {error.response['Error'].get('Message', error)}") from error
    except BotoCoreError as error:
        raise ConfigError(_told(error)) from error
    except ResponseParserError as error:
        raise ConfigError("what answered is not AWS; look at the endpoint's address and at proxies") from error


def _told(error: Exception) -> str:
    """What botocore says, in one line, with the way out where it names none."""
    from botocore.exceptions import NoRegionError, ParamValidationError  # noqa: PLC0415 - an extra

    said = " ".join(str(error).split())
    match error:
        case NoRegionError():
            return "AWS cannot be reached: no Region is given; name one with --region or AWS_DEFAULT_REGION"
        case ParamValidationError():
            return f"AWS was not asked: {said}"
        case _:
            return f"AWS cannot be reached: {said}"
