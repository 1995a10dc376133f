"""The rotation function against Secrets Manager's version stages; only the database is replaced."""

from __future__ import annotations

import importlib.util
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws

HANDLER = Path("infra/container_platform/functions/rotation/handler.py")
FIRST = {"host": "db.internal", "port": 5432, "dbname": "shop", "username": "app", "password": "first"}
OWNER = {"username": "owner", "password": "owners-own"}
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


class Recorded:
    """A database that knows one password for each user."""

    def __init__(self) -> None:
        self.passwords = {"app": "first", "owner": "owners-own"}
        self.owners: list[dict[str, Any]] = []

    def set_password(self, owner: dict[str, Any], username: str, password: str) -> None:
        self.log_in(owner)
        self.owners.append(owner)
        self.passwords[username] = password

    def log_in(self, credentials: dict[str, Any]) -> None:
        if self.passwords[credentials["username"]] != credentials["password"]:
            raise PermissionError("wrong password")


class Setting:
    """A secret with a rotation that has begun, and what drives it."""

    def __init__(self, handler: ModuleType, client: Any, arn: str) -> None:  # noqa: ANN401
        self.handler, self.client, self.arn = handler, client, arn
        self.database = Recorded()
        self.token = str(uuid.uuid4())
        self.enabled = self.begun = True

    def step(self, name: str) -> None:
        event = {"SecretId": self.arn, "ClientRequestToken": self.token, "Step": name}
        self.handler.handle(event, None, self.database)

    def value(self, stage: str) -> dict[str, Any]:
        answer = self.client.get_secret_value(SecretId=self.arn, VersionStage=stage)
        read: dict[str, Any] = json.loads(answer["SecretString"])
        return read


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Setting]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    with mock_aws():
        client = boto3.client("secretsmanager")
        arn = client.create_secret(Name="app", SecretString=json.dumps(FIRST))["ARN"]
        owner = client.create_secret(Name="owner", SecretString=json.dumps(OWNER))["ARN"]
        monkeypatch.setenv("OWNER_SECRET_ARN", owner)
        spec = importlib.util.spec_from_file_location("rotation_handler", HANDLER)
        assert spec is not None
        assert spec.loader is not None
        handler = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(handler)
        made = Setting(handler, client, arn)
        described = client.describe_secret

        # moto enables a rotation only by calling a function in a container; the rest of the answer is its own, and
        # the version that Secrets Manager makes without a value is added until there is one.
        class Client:
            def __getattr__(self, name: str) -> Any:  # noqa: ANN401
                return getattr(client, name)

            def describe_secret(self, **asked: str) -> dict[str, Any]:
                answer: dict[str, Any] = described(**asked)
                return {
                    **answer,
                    "RotationEnabled": made.enabled,
                    "VersionIdsToStages": {made.token: ["AWSPENDING"], **answer["VersionIdsToStages"]}
                    if made.begun
                    else answer["VersionIdsToStages"],
                }

        monkeypatch.setattr(handler, "client", Client)
        yield made


class TestRotation:
    def test_the_four_steps_make_a_new_current_version_that_logs_in(self, setting: Setting) -> None:
        for step in STEPS:
            setting.step(step)
        current = setting.value("AWSCURRENT")
        assert current["password"] != FIRST["password"]
        setting.database.log_in(current)

    def test_the_former_version_stays_as_the_previous_one(self, setting: Setting) -> None:
        for step in STEPS:
            setting.step(step)
        assert setting.value("AWSPREVIOUS") == FIRST

    def test_each_step_may_come_twice(self, setting: Setting) -> None:
        for step in STEPS:
            setting.step(step)
            setting.step(step)
        setting.database.log_in(setting.value("AWSCURRENT"))

    def test_all_but_the_password_stays(self, setting: Setting) -> None:
        setting.step("createSecret")
        assert {**setting.value("AWSPENDING"), "password": "first"} == FIRST

    def test_a_password_is_long_and_of_letters_and_digits(self, setting: Setting) -> None:
        setting.step("createSecret")
        password = setting.value("AWSPENDING")["password"]
        assert len(password) == 48
        assert password.isalnum()

    def test_a_second_creation_keeps_the_password_of_the_first(self, setting: Setting) -> None:
        setting.step("createSecret")
        first = setting.value("AWSPENDING")
        setting.step("createSecret")
        assert setting.value("AWSPENDING") == first

    def test_the_current_version_stays_until_the_last_step(self, setting: Setting) -> None:
        for step in STEPS[:3]:
            setting.step(step)
            assert setting.value("AWSCURRENT") == FIRST

    def test_the_owner_sets_the_password_in_the_applications_database(self, setting: Setting) -> None:
        setting.step("createSecret")
        setting.step("setSecret")
        assert setting.database.owners == [{**FIRST, **OWNER}]

    def test_a_password_that_does_not_log_in_fails_the_test_step(self, setting: Setting) -> None:
        setting.step("createSecret")
        with pytest.raises(PermissionError):
            setting.step("testSecret")
        assert setting.value("AWSCURRENT") == FIRST


class TestRefusals:
    def test_an_unknown_step_is_refused(self, setting: Setting) -> None:
        with pytest.raises(setting.handler.RotationError, match="none of createSecret"):
            setting.step("deleteSecret")

    def test_a_secret_without_rotation_is_refused(self, setting: Setting) -> None:
        setting.enabled = False
        with pytest.raises(setting.handler.RotationError, match="no rotation enabled"):
            setting.step("createSecret")

    def test_a_version_that_does_not_exist_is_refused(self, setting: Setting) -> None:
        setting.begun = False
        with pytest.raises(setting.handler.RotationError, match="has no version"):
            setting.step("createSecret")

    def test_a_version_that_does_not_wait_is_refused(self, setting: Setting) -> None:
        setting.begun = False
        setting.client.put_secret_value(
            SecretId=setting.arn, ClientRequestToken=setting.token, SecretString="{}", VersionStages=["OTHER"]
        )
        with pytest.raises(setting.handler.RotationError, match="is not AWSPENDING"):
            setting.step("createSecret")

    def test_another_host_in_the_new_version_is_refused(self, setting: Setting) -> None:
        value = json.dumps({**FIRST, "host": "elsewhere"})
        setting.client.put_secret_value(
            SecretId=setting.arn, ClientRequestToken=setting.token, SecretString=value, VersionStages=["AWSPENDING"]
        )
        with pytest.raises(setting.handler.RotationError, match="host of version"):
            setting.step("setSecret")
        assert setting.database.owners == []

    @pytest.mark.parametrize(
        ("text", "message"), [("not json", "is not JSON"), ('{"host": "a"}', "lacks port, dbname")]
    )
    def test_a_secret_of_another_form_is_refused_without_its_text(
        self, setting: Setting, text: str, message: str
    ) -> None:
        setting.client.put_secret_value(SecretId=setting.arn, SecretString=text)
        with pytest.raises(setting.handler.RotationError, match=message) as raised:
            setting.step("createSecret")
        assert text not in str(raised.value)
