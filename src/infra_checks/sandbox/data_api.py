"""The RDS Data API: statements and transactions on the databases of clusters that have an HTTP endpoint.

Behind it is SQLite, not PostgreSQL: enough for inserts, queries and transactions, wrong for what only PostgreSQL knows.
Each database of a cluster is empty at first and lasts as long as the sandbox's state.
AWS: "ExecuteStatement", "BatchExecuteStatement", "BeginTransaction" of the RDS Data API reference.
"""

from __future__ import annotations

import json
import sqlite3
from threading import RLock
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra_checks.sandbox.account import Account

PATHS: Final = ("/BatchExecute", "/BeginTransaction", "/CommitTransaction", "/Execute", "/RollbackTransaction")

_Answer = tuple[int, str]
_Request = dict[str, Any]


class _BadRequestError(Exception):
    """What the Data API refuses."""


class DataApi:
    """The databases by cluster and name, and the transactions on them that are open."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._lock = RLock()
        self._databases: dict[tuple[str, str], sqlite3.Connection] = {}
        self._open: dict[str, sqlite3.Connection] = {}

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            for connection in (*self._open.values(), *self._databases.values()):
                connection.close()
            self._databases.clear()
            self._open.clear()

    def answer(self, path: str, region: str, body: str) -> _Answer:
        """The status and the JSON text that answer a request to one of PATHS."""
        request = json.loads(body or "{}")
        with self._lock:
            try:
                self._check(region, request)
                return 200, json.dumps(self._do(path, request))
            except (_BadRequestError, sqlite3.Error) as error:
                return 400, json.dumps({"code": "BadRequestException", "message": str(error)})

    def _check(self, region: str, request: _Request) -> None:
        """The cluster has an HTTP endpoint, and the secret is one."""
        rds = self._account.apis.client("rds", region)
        found = {each["DBClusterArn"]: each for each in rds.describe_db_clusters()["DBClusters"]}
        cluster = found.get(request["resourceArn"])
        if cluster is None:
            raise _BadRequestError(f"{request['resourceArn']} is no cluster of the region")
        if not cluster.get("HttpEndpointEnabled"):
            raise _BadRequestError(f"HttpEndpoint is not enabled for resource {request['resourceArn']}")
        secrets = self._account.apis.client("secretsmanager", region).list_secrets()["SecretList"]
        if request["secretArn"] not in {secret["ARN"] for secret in secrets}:
            raise _BadRequestError(f"{request['secretArn']} is no secret of the region")

    def _do(self, path: str, request: _Request) -> dict[str, Any]:
        if path == "/BeginTransaction":
            identity = str(uuid4())
            self._open[identity] = self._connect(request)
            self._open[identity].execute("BEGIN")
            return {"transactionId": identity}
        if path in {"/CommitTransaction", "/RollbackTransaction"}:
            return self._end(path, request["transactionId"])
        if path == "/BatchExecute":
            return self._run(request, request.get("parameterSets") or [[]], "updateResults")
        return self._run(request, [request.get("parameters") or []], "records")

    def _connect(self, request: _Request) -> sqlite3.Connection:
        """A connection of its own to a database, which the first connection keeps in memory."""
        key = request["resourceArn"], request.get("database", "")
        name = f"file:{id(self)}-{'-'.join(key)}?mode=memory&cache=shared".replace(":", "-").replace(
            "file-", "file:", 1
        )
        if key not in self._databases:
            self._databases[key] = sqlite3.connect(name, uri=True, isolation_level=None, check_same_thread=False)
        return sqlite3.connect(name, uri=True, isolation_level=None, check_same_thread=False)

    def _end(self, path: str, identity: str) -> dict[str, Any]:
        connection = self._transaction(identity)
        del self._open[identity]
        committed = path == "/CommitTransaction"
        connection.execute("COMMIT" if committed else "ROLLBACK")
        connection.close()
        return {"transactionStatus": "Transaction Committed" if committed else "Rollback Complete"}

    def _transaction(self, identity: str) -> sqlite3.Connection:
        if identity not in self._open:
            raise _BadRequestError(f"Transaction {identity} is not found")
        return self._open[identity]

    def _run(self, request: _Request, sets: list[list[dict[str, Any]]], member: str) -> dict[str, Any]:
        identity = request.get("transactionId")
        connection = self._transaction(identity) if identity else self._connect(request)
        try:
            cursors = [connection.execute(request["sql"], _values(each)) for each in sets]
            if member == "updateResults":
                return {"updateResults": [{"generatedFields": []} for _ in cursors]}
            records = [[_field(value) for value in row] for row in cursors[0].fetchall()]
            return {"records": records, "numberOfRecordsUpdated": max(cursors[0].rowcount, 0)}
        finally:
            if not identity:
                connection.close()


def _values(parameters: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """SqlParameters by name; AWS: "SqlParameter" and "Field"."""
    found = {}
    for parameter in parameters:
        ((kind, value),) = parameter["value"].items()
        found[parameter["name"]] = None if kind == "isNull" else value
    return found


def _field(value: object) -> dict[str, object]:
    match value:
        case None:
            return {"isNull": True}
        case int():
            return {"longValue": value}
        case float():
            return {"doubleValue": value}
        case _:
            return {"stringValue": str(value)}
