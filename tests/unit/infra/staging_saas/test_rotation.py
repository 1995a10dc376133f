"""How the cache gets a new token: in Secrets Manager's four steps, each of which may come twice."""

from __future__ import annotations

import socket
import ssl
import time
from typing import Any, Self

import pytest
from botocore.exceptions import ClientError
from rotation import handler


class Secrets:
    """Secrets Manager with one secret."""

    def __init__(self) -> None:
        self.values = {"old": "token of today"}
        self.stages: dict[str, list[str]] = {"old": ["AWSCURRENT"], "new": ["AWSPENDING"]}

    def describe_secret(self, **_: str) -> dict[str, Any]:
        return {"VersionIdsToStages": {version: list(labels) for version, labels in self.stages.items()}}

    def get_secret_value(self, *, VersionId: str = "old", **_: str) -> dict[str, str]:  # noqa: N803
        if VersionId not in self.values:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": ""}}, "GetSecretValue")
        return {"SecretString": self.values[VersionId]}

    def put_secret_value(self, *, ClientRequestToken: str, SecretString: str, **_: object) -> None:  # noqa: N803
        self.values[ClientRequestToken] = SecretString

    def update_secret_version_stage(self, *, MoveToVersionId: str, RemoveFromVersionId: str, **_: str) -> None:  # noqa: N803
        self.stages[RemoveFromVersionId].remove("AWSCURRENT")
        self.stages[MoveToVersionId].append("AWSCURRENT")


class Cache:
    """ElastiCache with one replication group, which takes its time."""

    def __init__(self) -> None:
        self.tokens = ["token of today"]
        self.busy = 0
        self.changes: list[str] = []

    def describe_replication_groups(self, **_: str) -> dict[str, Any]:
        self.busy = max(0, self.busy - 1)
        return {"ReplicationGroups": [{"Status": "modifying" if self.busy else "available"}]}

    def modify_replication_group(self, *, AuthToken: str, AuthTokenUpdateStrategy: str, **_: object) -> None:  # noqa: N803
        assert not self.busy, "the cache takes no change while it is changed"
        self.changes.append(AuthTokenUpdateStrategy)
        self.tokens = [*self.tokens, AuthToken] if AuthTokenUpdateStrategy == "ROTATE" else [AuthToken]
        self.busy = 3


class World:
    def __init__(self) -> None:
        self.secrets, self.cache, self.signed_in = Secrets(), Cache(), list[str]()

    def step(self, name: str, version: str = "new") -> None:
        handler.handle({"Step": name, "SecretId": "secret", "ClientRequestToken": version}, None)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(handler, "client", {"secretsmanager": made.secrets, "elasticache": made.cache}.__getitem__)
    monkeypatch.setattr(handler, "sign_in", made.signed_in.append)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    monkeypatch.setenv("CACHE", "staging-saas-test")
    return made


STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


def test_after_the_four_steps_the_cache_knows_the_new_token_only(world: World) -> None:
    for step in STEPS:
        world.step(step)
    new = world.secrets.values["new"]
    assert world.cache.tokens == [new]
    assert world.signed_in == [new]
    assert world.secrets.stages == {"old": [], "new": ["AWSPENDING", "AWSCURRENT"]}


def test_both_tokens_are_good_until_clients_have_been_given_the_new_one(world: World) -> None:
    for step in STEPS[:3]:
        world.step(step)
    assert world.cache.tokens == ["token of today", world.secrets.values["new"]]
    assert world.secrets.stages["old"] == ["AWSCURRENT"]


def test_a_token_has_only_characters_that_elasticache_takes(world: World) -> None:
    world.step("createSecret")
    made = world.secrets.values["new"]
    assert len(made) == 64
    assert made.isalnum()


def test_a_token_that_was_made_before_is_kept(world: World) -> None:
    world.step("createSecret")
    first = world.secrets.values["new"]
    world.step("createSecret")
    assert world.secrets.values["new"] == first


def test_a_trial_of_a_new_schedule_signs_in_with_the_token_of_today(world: World) -> None:
    world.step("testSecret")
    assert world.signed_in == ["token of today"]


def test_finishing_twice_ends_the_old_token_when_the_first_time_could_not(world: World) -> None:
    for step in STEPS[:3]:
        world.step(step)
    world.secrets.update_secret_version_stage(MoveToVersionId="new", RemoveFromVersionId="old")
    world.step("finishSecret")
    assert world.cache.tokens == [world.secrets.values["new"]]


@pytest.mark.parametrize("step", STEPS[:3])
def test_a_step_that_comes_after_the_last_changes_nothing(world: World, step: str) -> None:
    for each in STEPS:
        world.step(each)
    changes = list(world.cache.changes)
    world.step(step)
    assert world.cache.changes == changes


@pytest.mark.parametrize(
    ("version", "labels", "said"), [("other", ["AWSPENDING"], "no such version"), ("new", [], "not pending")]
)
def test_a_version_that_is_not_pending_is_refused(world: World, version: str, labels: list[str], said: str) -> None:
    world.secrets.stages["new"] = labels
    with pytest.raises(handler.RotationError, match=said):
        world.step("setSecret", version)
    assert world.cache.changes == []


def test_an_unknown_step_is_refused(world: World) -> None:
    with pytest.raises(handler.RotationError, match="no step"):
        world.step("celebrate")


def test_other_errors_of_secrets_manager_make_no_second_token(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: str) -> dict[str, str]:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": ""}}, "GetSecretValue")

    monkeypatch.setattr(world.secrets, "get_secret_value", refuse)
    with pytest.raises(ClientError):
        world.step("createSecret")
    assert "new" not in world.secrets.values


def test_a_cache_that_stays_busy_ends_the_step(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.step("createSecret")
    world.cache.busy = 10_000
    clock = iter(range(0, 10_000, 100))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    with pytest.raises(handler.RotationError, match="still modifying"):
        world.step("setSecret")


def test_tokens_are_in_no_log(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    for step in STEPS:
        world.step(step)
    assert world.secrets.values["new"] not in capsys.readouterr().out


class Connection:
    """A connection to the cache, TLS included."""

    def __init__(self, answer: bytes) -> None:
        self.answer, self.sent = answer, b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def sendall(self, content: bytes) -> None:
        self.sent += content

    def recv(self, _: int) -> bytes:
        return self.answer


@pytest.mark.parametrize(("answer", "good"), [(b"+OK\r\n", True), (b"-WRONGPASS\r\n", False), (b"", False)])
def test_the_new_token_is_tried_at_the_cache_over_tls(
    monkeypatch: pytest.MonkeyPatch, answer: bytes, *, good: bool
) -> None:
    connection = Connection(answer)
    monkeypatch.setenv("HOST", "cache.example.com")
    monkeypatch.setenv("PORT", "6390")
    monkeypatch.setattr(socket, "create_connection", lambda _address, **_: connection)
    hosts: list[str] = []

    def wrap(_self: ssl.SSLContext, plain: Connection, server_hostname: str) -> Connection:
        hosts.append(server_hostname)
        return plain

    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", wrap)
    if good:
        handler.sign_in("token")
    else:
        with pytest.raises(handler.RotationError, match="refuses"):
            handler.sign_in("token")
    assert hosts == ["cache.example.com"]
    assert connection.sent == b"*2\r\n$4\r\nAUTH\r\n$5\r\ntoken\r\n"
