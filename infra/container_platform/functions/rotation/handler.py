"""Rotates the secret with which reporting tools log in to the database.

Secrets Manager calls four steps with the secret's ARN and the token of the new version (AWS Secrets Manager user guide,
"Lambda rotation functions"). Each may come again after a failure, so each first looks whether it is done already.
The user gets its new password from the database's owner; that step is `Database`, which tests replace.
"""

from __future__ import annotations

import json
import logging
import os
import ssl
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, Final, Protocol

import boto3
from botocore.config import Config

CURRENT: Final = "AWSCURRENT"
PENDING: Final = "AWSPENDING"
PASSWORD_LENGTH: Final = 48
FIELDS: Final = ("host", "port", "dbname", "username", "password")
_CONFIG: Final = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 4})

log = logging.getLogger()
log.setLevel(logging.INFO)

Credentials = dict[str, Any]
"""What a secret holds: `FIELDS`, and whatever else was put there."""


class RotationError(Exception):
    """The rotation cannot go on; Secrets Manager tries again later, and the current version stays in use."""


class Database(Protocol):
    """What the rotation asks of the database."""

    def set_password(self, owner: Credentials, username: str, password: str) -> None:
        """Give a user a password, as the owner of the database."""

    def log_in(self, credentials: Credentials) -> None:
        """Log in and ask something; raises when that fails."""


class Postgres:
    """The database itself, over TLS with the authority of RDS."""

    def set_password(self, owner: Credentials, username: str, password: str) -> None:
        """Give a role a password. ALTER ROLE takes no parameters, so that the server quotes name and password."""
        with self._connected(owner) as connection:
            ((statement,),) = connection.run(
                "SELECT format('ALTER ROLE %I WITH PASSWORD %L', CAST(:name AS text), CAST(:password AS text))",
                name=username,
                password=password,
            )
            connection.run("SET log_statement = 'none'")  # the statement holds the password
            connection.run(statement)

    def log_in(self, credentials: Credentials) -> None:
        """Log in and ask for nothing but an answer."""
        with self._connected(credentials) as connection:
            connection.run("SELECT 1")

    @staticmethod
    def _connected(credentials: Credentials) -> Any:  # noqa: ANN401 - pg8000 has no types
        from pg8000.native import Connection  # noqa: PLC0415 - tests run without it

        return Connection(
            credentials["username"],
            host=credentials["host"],
            port=int(credentials["port"]),
            database=credentials["dbname"],
            password=credentials["password"],
            timeout=5,
            ssl_context=ssl.create_default_context(cafile=os.environ["CERTIFICATE_AUTHORITIES"]),
        )


@cache
def client() -> Any:  # noqa: ANN401 - boto3 makes its types when it runs
    """The client of Secrets Manager."""
    return boto3.client("secretsmanager", config=_CONFIG)


def handle(event: Mapping[str, str], _context: object, database: Database | None = None) -> None:
    """Do one step of a rotation; raises RotationError when it cannot be done."""
    arn, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    used = database or Postgres()
    steps: dict[str, Callable[[str, str], None]] = {
        "createSecret": create_secret,
        "setSecret": partial(set_secret, database=used),
        "testSecret": partial(test_secret, database=used),
        "finishSecret": finish_secret,
    }
    if step not in steps:
        raise RotationError(f"step {step!r} is none of {', '.join(steps)}")
    if _is_to_do(arn, token):
        steps[step](arn, token)
        log.info(json.dumps({"step": step, "secret": arn, "version": token, "done": True}))


def _is_to_do(arn: str, token: str) -> bool:
    """Whether the version waits to become the current one; it does not when it is current already."""
    description = client().describe_secret(SecretId=arn)
    if not description.get("RotationEnabled"):
        raise RotationError(f"{arn} has no rotation enabled")
    stages = description.get("VersionIdsToStages", {}).get(token)
    if stages is None:
        raise RotationError(f"{arn} has no version {token}")
    if CURRENT in stages:
        return False
    if PENDING not in stages:
        raise RotationError(f"version {token} of {arn} is not {PENDING}")
    return True


def create_secret(arn: str, token: str) -> None:
    """Make the new version: the current credentials with a new password."""
    current = _credentials(arn, stage=CURRENT)
    try:
        _credentials(arn, stage=PENDING, version=token)
    except client().exceptions.ResourceNotFoundException:
        answer = client().get_random_password(PasswordLength=PASSWORD_LENGTH, ExcludePunctuation=True)
        value = json.dumps({**current, "password": answer["RandomPassword"]})
        client().put_secret_value(SecretId=arn, ClientRequestToken=token, SecretString=value, VersionStages=[PENDING])


def set_secret(arn: str, token: str, *, database: Database) -> None:
    """Give the user the new password in the database."""
    current, pending = _credentials(arn, stage=CURRENT), _credentials(arn, stage=PENDING, version=token)
    for field in ("host", "username"):
        if current[field] != pending[field]:
            raise RotationError(f"{field} of version {token} of {arn} is not that of the current version")
    owner = {**current, **_credentials(os.environ["OWNER_SECRET_ARN"], stage=CURRENT, fields=("username", "password"))}
    # Host and database are the application's: the owner's secret must not lead anywhere else.
    owner |= {field: current[field] for field in ("host", "port", "dbname")}
    database.set_password(owner, pending["username"], pending["password"])


def test_secret(arn: str, token: str, *, database: Database) -> None:
    """Log in with the new version."""
    database.log_in(_credentials(arn, stage=PENDING, version=token))


def finish_secret(arn: str, token: str) -> None:
    """Make the new version the current one; Secrets Manager keeps the former as AWSPREVIOUS."""
    versions = client().describe_secret(SecretId=arn)["VersionIdsToStages"]
    former = next((version for version, stages in versions.items() if CURRENT in stages), None)
    moved = {} if former is None else {"RemoveFromVersionId": former}
    client().update_secret_version_stage(SecretId=arn, VersionStage=CURRENT, MoveToVersionId=token, **moved)


def _credentials(arn: str, *, stage: str, version: str | None = None, fields: tuple[str, ...] = FIELDS) -> Credentials:
    """What a version of a secret holds; RotationError names what is missing, and nothing of what is there."""
    which = {"VersionStage": stage} if version is None else {"VersionStage": stage, "VersionId": version}
    text = client().get_secret_value(SecretId=arn, **which).get("SecretString", "")
    try:
        value = json.loads(text)
    except ValueError:
        raise RotationError(f"the {stage} version of {arn} is not JSON") from None
    missing = [field for field in fields if not isinstance(value, dict) or field not in value]
    if missing:
        raise RotationError(f"the {stage} version of {arn} lacks {', '.join(missing)}")
    return dict(value)
