"""Statements on the database of a cluster by the Data API."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra_checks.sandbox.server import Sandbox

Where = dict[str, str]
INSERT = "INSERT INTO orders (id, note) VALUES (:id, :note) ON CONFLICT (id) DO UPDATE SET note = EXCLUDED.note"


def cluster(sandbox: Sandbox, name: str = "shop", *, has_endpoint: bool = True) -> Where:
    made = sandbox.client("rds").create_db_cluster(
        DBClusterIdentifier=name,
        Engine="aurora-postgresql",
        MasterUsername="owner",
        ManageMasterUserPassword=True,
        EnableHttpEndpoint=has_endpoint,
    )["DBCluster"]
    return {"resourceArn": made["DBClusterArn"], "secretArn": made["MasterUserSecret"]["SecretArn"], "database": "shop"}


def row(id: str, note: str | None) -> list[dict[str, Any]]:
    value = {"isNull": True} if note is None else {"stringValue": note}
    return [{"name": "id", "value": {"stringValue": id}}, {"name": "note", "value": value}]


@pytest.fixture
def where(sandbox: Sandbox) -> Where:
    found = cluster(sandbox)
    sandbox.client("rds-data").execute_statement(**found, sql="CREATE TABLE orders (id text PRIMARY KEY, note text)")
    return found


def rows(sandbox: Sandbox, where: Where) -> list[Any]:
    found: list[Any] = sandbox.client("rds-data").execute_statement(**where, sql="SELECT * FROM orders ORDER BY id")[
        "records"
    ]
    return found


def test_a_batch_is_there_after_the_commit(sandbox: Sandbox, where: Where) -> None:
    data = sandbox.client("rds-data")
    transaction = data.begin_transaction(**where)["transactionId"]
    data.batch_execute_statement(
        **where, transactionId=transaction, sql=INSERT, parameterSets=[row("1", "first"), row("2", None)]
    )
    account = {name: where[name] for name in ("resourceArn", "secretArn")}
    assert data.commit_transaction(**account, transactionId=transaction)["transactionStatus"] == "Transaction Committed"
    data.execute_statement(**where, sql=INSERT, parameters=row("1", "changed"))
    assert rows(sandbox, where) == [
        [{"stringValue": "1"}, {"stringValue": "changed"}],
        [{"stringValue": "2"}, {"isNull": True}],
    ]


def test_nothing_of_a_transaction_that_is_rolled_back_stays(sandbox: Sandbox, where: Where) -> None:
    data = sandbox.client("rds-data")
    transaction = data.begin_transaction(**where)["transactionId"]
    data.execute_statement(**where, transactionId=transaction, sql=INSERT, parameters=row("1", "first"))
    account = {name: where[name] for name in ("resourceArn", "secretArn")}
    data.rollback_transaction(**account, transactionId=transaction)
    assert rows(sandbox, where) == []
    with pytest.raises(ClientError, match="is not found"):
        data.commit_transaction(**account, transactionId=transaction)


@pytest.mark.usefixtures("where")
def test_databases_of_clusters_are_apart_and_a_reset_forgets_them(sandbox: Sandbox) -> None:
    other = cluster(sandbox, "other")
    with pytest.raises(ClientError, match=r"BadRequestException.*no such table"):
        rows(sandbox, other)
    sandbox.reset()
    with pytest.raises(ClientError, match="no such table"):
        rows(sandbox, cluster(sandbox))


@pytest.mark.parametrize("change", ["resourceArn", "secretArn"])
def test_what_is_not_there_is_refused(sandbox: Sandbox, where: Where, change: str) -> None:
    with pytest.raises(ClientError, match="of the region"):
        rows(sandbox, where | {change: "arn:aws:rds:us-east-1:123456789012:cluster:none"})


def test_a_cluster_without_an_endpoint_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(ClientError, match="HttpEndpoint is not enabled"):
        rows(sandbox, cluster(sandbox, has_endpoint=False))
