"""Structured logs, and metrics in CloudWatch's embedded metric format: one JSON text a line on standard output.

Lambda sends what a function prints to its log group; CloudWatch makes metrics of lines that say so.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
import traceback
from datetime import UTC, datetime
from typing import Final

NAMESPACE: Final = "OrderProcessing"
_LEVELS: Final = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40}
_CORRELATION_ID: Final = re.compile(r"[A-Za-z0-9_.:=-]{1,128}", re.ASCII)

Field = str | int | float | bool | list[str] | None


def correlation_id(offered: object, otherwise: object) -> str:
    """The id that a caller offers if it is safe to log and hand on, else one of our own."""
    for candidate in (offered, otherwise):
        if isinstance(candidate, str) and _CORRELATION_ID.fullmatch(candidate):
            return candidate
    return "unknown"


class Telemetry:
    """Logs and counts for one request or message; every line bears its correlation id."""

    def __init__(self, function: str, correlation_id: str) -> None:
        self.function = function
        self.correlation_id = correlation_id
        self._least = _LEVELS.get(os.environ.get("LOG_LEVEL", "INFO"), _LEVELS["INFO"])

    def log(self, level: str, message: str, **fields: Field) -> None:
        """Print a line unless its level is below LOG_LEVEL. No field may hold personal data."""
        if _LEVELS[level] >= self._least:
            _print(
                {
                    "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
                    "level": level,
                    "message": message,
                    "function": self.function,
                    "correlationId": self.correlation_id,
                    **fields,
                }
            )

    def failed(self, message: str, error: BaseException, **fields: Field) -> None:
        """Print what went wrong, with its trace on the same line."""
        trace = "".join(traceback.format_exception(error))
        self.log("ERROR", message, errorType=type(error).__name__, trace=trace, **fields)

    def count(self, metric: str, value: float = 1, unit: str = "Count") -> None:
        """Put a value of a custom metric, by function."""
        _print(
            {
                "_aws": {
                    "Timestamp": int(time.time() * 1000),
                    "CloudWatchMetrics": [
                        {
                            "Namespace": NAMESPACE,
                            "Dimensions": [["Function"]],
                            "Metrics": [{"Name": metric, "Unit": unit}],
                        }
                    ],
                },
                "Function": self.function,
                "correlationId": self.correlation_id,
                metric: value,
            }
        )


def _print(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
