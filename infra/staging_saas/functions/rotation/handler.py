"""Gives the cache a new token by Secrets Manager's four steps.

ElastiCache knows two tokens while it rotates: `ROTATE` adds the new one beside the old, `SET` leaves only the new one.
The old token ends when clients have been given the new, so that none is refused in between.
Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html and
https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import ssl
import string
import time
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import boto3
from botocore.exceptions import ClientError

LENGTH: Final = 64
DEADLINE: Final = 780
"""Seconds to wait for the cache; the function ends after 900."""
INTERVAL: Final = 10


class RotationError(RuntimeError):
    """The token was not changed."""


@cache
def client(service: str) -> Any:  # noqa: ANN401 - boto3 has no types
    """A client, made once in an execution environment."""
    return boto3.client(service)


def handle(event: Mapping[str, str], _context: object) -> None:
    """Do one step. Secrets Manager calls again when a step fails, so that each may be done twice."""
    step, secret, version = event["Step"], event["SecretId"], event["ClientRequestToken"]
    stages = client("secretsmanager").describe_secret(SecretId=secret)["VersionIdsToStages"]
    if version not in stages:
        raise RotationError("the secret has no such version")
    if "AWSCURRENT" in stages[version]:
        if step == "finishSecret":  # clients have it already; a repetition has only to end the old token
            change(token(secret, version), "SET")
        return log(step, "is current already")
    if "AWSPENDING" not in stages[version]:
        raise RotationError("the version is not pending")
    if step == "createSecret":
        create(secret, version)
    elif step == "setSecret":
        change(token(secret, version), "ROTATE")
    elif step == "testSecret":
        sign_in(tried(secret, version))
    elif step == "finishSecret":
        finish(secret, version, stages)
    else:
        raise RotationError(f"no step is called {step}")
    return log(step, "done")


def create(secret: str, version: str) -> None:
    """Make a token, unless an earlier attempt has."""
    try:
        token(secret, version)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        alphabet = string.ascii_letters + string.digits
        made = "".join(secrets.choice(alphabet) for _ in range(LENGTH))
        client("secretsmanager").put_secret_value(
            SecretId=secret, ClientRequestToken=version, SecretString=made, VersionStages=["AWSPENDING"]
        )


def token(secret: str, version: str) -> str:
    """The token of a version."""
    found = client("secretsmanager").get_secret_value(SecretId=secret, VersionId=version)
    text: str = found["SecretString"]
    return text


def tried(secret: str, version: str) -> str:
    """The token to try. A schedule that is new and does not rotate at once has its function tried with a version that
    has no value; then it is the token of today.
    """
    try:
        return token(secret, version)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
    text: str = client("secretsmanager").get_secret_value(SecretId=secret, VersionStage="AWSCURRENT")["SecretString"]
    return text


def change(new: str, strategy: str) -> None:
    """Tell the cache of a token, and wait until it knows it; RotationError when that takes too long."""
    wait()
    client("elasticache").modify_replication_group(
        ReplicationGroupId=os.environ["CACHE"], AuthToken=new, AuthTokenUpdateStrategy=strategy, ApplyImmediately=True
    )
    wait()


def wait() -> None:
    """Wait until the cache takes changes."""
    ends = time.monotonic() + DEADLINE
    while True:
        (group,) = client("elasticache").describe_replication_groups(ReplicationGroupId=os.environ["CACHE"])[
            "ReplicationGroups"
        ]
        if group["Status"] == "available" and "AuthTokenStatus" not in group.get("PendingModifiedValues", {}):
            return
        if time.monotonic() > ends:
            raise RotationError(f"the cache is still {group['Status']}")
        time.sleep(INTERVAL)


def sign_in(new: str) -> None:
    """Sign in to the cache with the token, over TLS."""
    host, port = os.environ["HOST"], int(os.environ["PORT"])
    with (
        socket.create_connection((host, port), timeout=10) as plain,
        ssl.create_default_context().wrap_socket(plain, server_hostname=host) as connection,
    ):
        connection.sendall(f"*2\r\n$4\r\nAUTH\r\n${len(new)}\r\n{new}\r\n".encode())
        if not connection.recv(64).startswith(b"+OK"):
            raise RotationError("the cache refuses the new token")


def finish(secret: str, version: str, stages: Mapping[str, list[str]]) -> None:
    """Give clients the new token first, and end the old one then."""
    new = token(secret, version)
    current = next((each for each, labels in stages.items() if "AWSCURRENT" in labels), None)
    client("secretsmanager").update_secret_version_stage(
        SecretId=secret,
        VersionStage="AWSCURRENT",
        MoveToVersionId=version,
        **({"RemoveFromVersionId": current} if current else {}),
    )
    change(new, "SET")


def log(step: str, message: str) -> None:
    """Write a line of JSON; tokens are in none."""
    print(json.dumps({"level": "INFO", "step": step, "message": message}), flush=True)  # noqa: T201 - Lambda logs it
