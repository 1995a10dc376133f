"""Writes rows through the RDS Data API: a transaction for each batch, tried again when AWS asks to."""

from __future__ import annotations

import random
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from masking.rows import Customer

TRANSIENT = frozenset(
    {
        "DatabaseResumingException",
        "DatabaseUnavailableException",
        "InternalServerErrorException",
        "ServiceUnavailableError",
        "StatementTimeoutException",
        "ThrottlingException",
    }
)
"""Errors that go away. AWS: "Troubleshooting Amazon RDS Data API issues"."""

ATTEMPTS = 5
FIRST_PAUSE = 0.2  # seconds; each pause is up to twice the one before
LONGEST_PAUSE = 5.0

UPSERT = """
INSERT INTO customers (id, email, name, phone, plan, created_at)
VALUES (:id::uuid, :email, :name, :phone, :plan, :created_at::timestamptz)
ON CONFLICT (id) DO UPDATE SET email = excluded.email, name = excluded.name, phone = excluded.phone,
    plan = excluded.plan, created_at = excluded.created_at
"""
"""Writing an extract twice changes nothing."""


class Database:
    """The customers' table. `client` is boto3's rds-data; `sleep` waits for seconds."""

    def __init__(
        self, client: Any, cluster: str, secret: str, name: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._where = {"resourceArn": cluster, "secretArn": secret}
        self._name = name
        self._sleep = sleep

    def write(self, batch: Sequence[Customer]) -> None:
        """All rows of a batch or none. Raises what the last attempt raised."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._write_once(batch)
            except Exception as error:
                if attempt == ATTEMPTS or code_of(error) not in TRANSIENT:
                    raise
                longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1))
                self._sleep(random.uniform(longest / 2, longest))  # apart from others who wait
            else:
                return

    def _write_once(self, batch: Sequence[Customer]) -> None:
        transaction = self._client.begin_transaction(**self._where, database=self._name)["transactionId"]
        try:
            self._client.batch_execute_statement(
                **self._where,
                database=self._name,
                transactionId=transaction,
                sql=UPSERT,
                parameterSets=[parameters(customer) for customer in batch],
            )
            self._client.commit_transaction(**self._where, transactionId=transaction)
        except Exception:
            self._roll_back(transaction)
            raise

    def _roll_back(self, transaction: str) -> None:
        try:
            self._client.rollback_transaction(**self._where, transactionId=transaction)
        except Exception:  # noqa: BLE001 - the first error is the one to tell; AWS ends the transaction by itself
            return


def parameters(customer: Customer) -> list[dict[str, Any]]:
    """A customer's values as the Data API takes them."""
    return [{"name": name, "value": {"stringValue": value}} for name, value in asdict(customer).items()]


def code_of(error: Exception) -> str:
    """AWS's code of an error, or the name of its class."""
    response = getattr(error, "response", None)
    return response["Error"]["Code"] if isinstance(response, dict) else type(error).__name__
