"""Data through the deployed environment: an extract becomes masked rows, and the cache's token becomes another."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rotation import handler as rotation

from tests.integration.systems.functions import Functions
from tests.integration.systems.messages import Inbox, inbox_of, take
from tests.integration.systems.rules import tell
from tests.integration.systems.system import System

Row = dict[str, Any]
PERSONAL = ("Ada", "Lovelace", "example.com", "7946", "invoice")
_TABLE = """CREATE TABLE IF NOT EXISTS users (id uuid PRIMARY KEY, account_id uuid, email text, full_name text,
    phone text, notes text, active boolean, created_at timestamp)"""


@pytest.fixture(scope="module")
def told(system: System) -> Iterator[Inbox]:
    """What the topic of alarms tells while these tests run."""
    yield from inbox_of(system, system.outputs["AlarmTopicArn"])


@pytest.fixture(scope="module")
def database(system: System) -> Database:
    database = Database(system)
    database.run(_TABLE)
    return database


class Database:
    """The environment's database, by the Data API."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.where = {
            "resourceArn": system.outputs["DatabaseClusterArn"],
            "secretArn": system.outputs["DatabaseSecretArn"],
            "database": system.parameters["DatabaseName"],
        }

    def run(self, sql: str, **values: str) -> list[list[dict[str, Any]]]:
        parameters = [{"name": name, "value": {"stringValue": value}} for name, value in values.items()]
        answer = self.system.client("rds-data").execute_statement(**self.where, sql=sql, parameters=parameters)
        records: list[list[dict[str, Any]]] = answer.get("records", [])
        return records

    def user(self, id: str) -> list[Any]:
        """E-mail, name, phone and notes of a user; nothing when there is none."""
        sql = "SELECT email, full_name, phone, notes FROM users WHERE CAST(id AS text) = :id"
        return [next(iter(field.values())) for row in self.run(sql, id=id) for field in row]


def user(**changes: object) -> Row:
    return {
        "id": str(uuid.uuid4()),
        "account_id": str(uuid.uuid4()),
        "email": "Ada.Lovelace@example.com",
        "full_name": "Ada Lovelace",
        "phone": "+44 20 7946 0958",
        "notes": "asked about her invoice",
        "active": True,
        "created_at": "2026-01-02T03:04:05+01:00",
        **changes,
    }


def bring(functions: Functions, *rows: Row, prefix: str = "incoming/users") -> str:
    """Put an extract into the bucket; its name."""
    system, name = functions.system, f"{uuid.uuid4()}.jsonl"
    body = "\n".join(json.dumps(row) for row in rows).encode()
    bucket, key = system.outputs["DataBucketName"], f"{prefix}/{name}"
    system.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
    tell(system, created(bucket, key, len(body)), functions)
    return name


def created(bucket: str, key: str, size: int) -> dict[str, Any]:
    """What S3 tells EventBridge of a new object."""
    return {
        "id": str(uuid.uuid4()),
        "source": "aws.s3",
        "detail-type": "Object Created",
        "detail": {"bucket": {"name": bucket}, "object": {"key": key, "size": size}},
    }


def measured(system: System, metric: str) -> float:
    """The sum of a metric of the masking in the last minutes."""
    now = datetime.now(UTC)
    points = system.client("cloudwatch").get_metric_statistics(
        Namespace="StagingSaas/Masking",
        MetricName=metric,
        Dimensions=[{"Name": "Environment", "Value": system.parameters["EnvironmentSuffix"]}],
        StartTime=now - timedelta(minutes=10),
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum"],
    )["Datapoints"]
    return float(sum(point["Sum"] for point in points))


def logged(system: System, text: str) -> list[str]:
    """The lines of the masking's log that hold a text."""
    events = system.all(
        "logs",
        "filter_log_events",
        "events",
        logGroupName=f"/aws/lambda/{system.outputs['MaskingFunctionName']}",
        filterPattern=f'"{text}"',
        startTime=int((time.time() - 600) * 1000),
    )
    return [event["message"] for event in events]


class TestMasking:
    def test_an_extract_becomes_masked_rows(self, functions: Functions, system: System, database: Database) -> None:
        row = user()
        bring(functions, row)
        email, name, phone, notes = system.eventually(lambda: database.user(row["id"]))
        assert email.endswith("@example.invalid")
        assert name.startswith("Name ")
        assert phone.startswith("+1555")
        assert notes == ""

    @pytest.mark.usefixtures("database")
    def test_the_masked_copy_holds_nothing_personal(self, functions: Functions, system: System) -> None:
        row = user()
        name = bring(functions, row)
        copy = system.eventually(lambda: read(system, f"masked/users/{name}"))
        assert json.loads(copy)["id"] == row["id"]
        assert not [text for text in PERSONAL if text in copy]

    @pytest.mark.usefixtures("database")
    def test_the_log_tells_of_an_extract_and_nothing_personal(self, functions: Functions, system: System) -> None:
        name = bring(functions, user())
        lines = system.eventually(lambda: [line for line in logged(system, name) if "masked" in line])
        assert json.loads(lines[-1])["rows"] == 1
        assert not [text for line in logged(system, name) for text in PERSONAL if text in line]

    @pytest.mark.usefixtures("database")
    def test_rows_are_counted(self, functions: Functions, system: System) -> None:
        before = measured(system, "RowsMasked")
        bring(functions, user(), user(), user())
        assert system.eventually(lambda: measured(system, "RowsMasked") >= before + 3, seconds=180)

    def test_an_extract_that_comes_again_replaces_its_rows(
        self, functions: Functions, system: System, database: Database
    ) -> None:
        row = user()
        bring(functions, row)
        first = system.eventually(lambda: database.user(row["id"]))
        bring(functions, row | {"phone": None})
        again = system.eventually(lambda: [each] if (each := database.user(row["id"])) != first else None)
        assert len(again[0]) == 4
        assert again[0][2] is True  # the Data API's {"isNull": true}


class TestWhatCannotBeMasked:
    def test_a_bad_row_is_refused_and_the_good_ones_are_kept(
        self, functions: Functions, system: System, database: Database
    ) -> None:
        before = measured(system, "RowsRefused")
        good = user()
        bring(functions, good, user(passport="X1234567"))
        assert system.eventually(lambda: database.user(good["id"]))
        assert system.eventually(lambda: measured(system, "RowsRefused") > before, seconds=180)

    @pytest.mark.usefixtures("database")
    def test_somebody_is_told_of_it_without_the_values(self, functions: Functions, system: System, told: Inbox) -> None:
        event = created(system.outputs["DataBucketName"], "incoming/users/none.txt", 1)
        functions.send(system.outputs["MaskingFunctionName"], event)
        message = told.find(event["id"])
        assert message is not None
        assert message["Subject"] == f"Masking failed ({system.parameters['EnvironmentSuffix']})"
        assert json.loads(message["Message"])["error"] == "InvalidEventError"

    @pytest.mark.usefixtures("database")
    def test_an_extract_that_was_given_up_waits_in_the_queue(self, functions: Functions, system: System) -> None:
        name = bring(functions, user(id=None))
        letter = take(system, system.outputs["MaskingDeadLettersUrl"], name)
        assert letter is not None
        assert json.loads(letter["Body"])["detail"]["object"]["key"] == f"incoming/users/{name}"

    def test_a_masked_object_is_not_masked_again(self, functions: Functions, system: System) -> None:
        event = created(system.outputs["DataBucketName"], "masked/users/again.jsonl", 1)
        assert tell(system, event, functions) == []

    def test_an_extract_of_another_bucket_is_nobody_s(self, functions: Functions, system: System) -> None:
        assert tell(system, created("somebody-else", "incoming/users/theirs.jsonl", 1), functions) == []


def read(system: System, key: str) -> str | None:
    s3 = system.client("s3")
    try:
        body: bytes = s3.get_object(Bucket=system.outputs["DataBucketName"], Key=key)["Body"].read()
    except s3.exceptions.NoSuchKey:
        return None
    return body.decode()


class TestRotating:
    def test_the_four_steps_give_clients_another_token(
        self, functions: Functions, system: System, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        secrets, arn = system.client("secretsmanager"), system.outputs["CacheTokenArn"]
        before = secrets.get_secret_value(SecretId=arn)
        version = secrets.rotate_secret(SecretId=arn)["VersionId"]
        if system.is_local:
            # The cache of the sandbox is a description: what would sign in to it is only remembered.
            tried: list[str] = []
            monkeypatch.setattr(rotation, "sign_in", tried.append)
            step_by_step(functions, arn, version)
            assert tried == [secrets.get_secret_value(SecretId=arn)["SecretString"]]
        stages = system.eventually(lambda: current_of(system, arn, version), seconds=900)
        assert "AWSPREVIOUS" in stages[before["VersionId"]]
        after = secrets.get_secret_value(SecretId=arn)["SecretString"]
        assert after != before["SecretString"]
        assert len(after) == 64


def step_by_step(functions: Functions, arn: str, version: str) -> None:
    """Call the function as Secrets Manager does; clients keep the old token until the last step."""
    secrets = functions.system.client("secretsmanager")
    old = secrets.get_secret_value(SecretId=arn)["SecretString"]
    for step in ("createSecret", "setSecret", "testSecret", "finishSecret"):
        assert secrets.get_secret_value(SecretId=arn)["SecretString"] == old
        event = {"Step": step, "SecretId": arn, "ClientRequestToken": version}
        functions.invoke(functions.system.outputs["RotationFunctionName"], event)


def current_of(system: System, arn: str, version: str) -> dict[str, list[str]] | None:
    """The stages of all versions, once this version is the current one."""
    found = system.client("secretsmanager").describe_secret(SecretId=arn)
    stages: dict[str, list[str]] = found["VersionIdsToStages"]
    return stages if "AWSCURRENT" in stages.get(version, []) else None
