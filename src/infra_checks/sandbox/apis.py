"""boto3's clients of the sandbox's own server, one of each."""

from __future__ import annotations

from threading import Lock
from typing import Any, Final

CREDENTIALS: Final = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
"""moto wants some; these open nothing."""


class Apis:
    """Clients by service and region, made when first asked for."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._clients: dict[tuple[str, str], Any] = {}
        self._session: Any = None
        self._lock = Lock()

    def client(self, service: str, region: str) -> Any:  # noqa: ANN401 - boto3 has no types
        """The client of a service in a region."""
        with self._lock:
            key = service, region
            if key not in self._clients:
                self._clients[key] = self._make(service, region)
            return self._clients[key]

    def _make(self, service: str, region: str) -> Any:  # noqa: ANN401 - boto3 has no types
        import boto3  # noqa: PLC0415 - an optional dependency, and slow
        from botocore.config import Config  # noqa: PLC0415 - as above

        if self._session is None:
            self._session = boto3.session.Session(**CREDENTIALS)
        config = Config(
            retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, inject_host_prefix=False, proxies={}
        )
        return self._session.client(service, region_name=region, endpoint_url=self.endpoint, config=config)
