"""Asking AWS: one account and region, with bounded patience; what is refused or fails is an Unread, never an error.

Only operations that read are called. Each call is retried by botocore ("standard" mode of the SDK reference guide: also
for throttling and answers of 5xx); a service that keeps failing is left alone for the rest of the run.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError, EndpointConnectionError, ParamValidationError

from infra_checks.live.reading import Unread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from infra_checks.live.clients import Clients
    from infra_checks.live.reading import Answer, Plain

_READING: Final = re.compile(r"(describe|get|list|batch_get|head|lookup|search)_\w+")
_SECRET: Final = frozenset(
    {
        "secretsmanager:get_secret_value",
        "secretsmanager:batch_get_secret_value",
        "ssm:get_parameters_by_path",
        "sts:get_session_token",
        "sts:get_federation_token",
        "ecr:get_authorization_token",
        "redshift:get_cluster_credentials",
    }
)
"""Operations that read what no check needs: secrets and credentials."""
_THROTTLED: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
        "EC2ThrottledException",
    }
)
"""As botocore knows them: botocore.retries.standard.ThrottledRetryableChecker."""
_TRANSIENT: Final = (500, 502, 503, 504)
"""Statuses after which botocore tries again."""
_GONE: Final = re.compile(r"NotFound|NoSuch|NonExist|DoesNotExist|NotExist|^404$|Malformed\b")
Search = Callable[["Answer"], Any]

_MOST_FAILURES: Final = 2
"""So many calls of an operation may fail in spite of all retries until it is left alone."""
_MOST_OF_SERVICE: Final = 6
"""So many calls of a service may fail in a row."""
_TOKENS: Final = ("NextToken", "nextToken", "NextMarker", "Marker", "position")


class NotDeclaredError(AssertionError):
    """A reader asked an operation that it does not declare, or one that does not read: a defect of the reader."""


@dataclass(slots=True)
class Log:
    """What was asked: calls by `service:operation`, retries included in `retries`."""

    calls: Counter[str] = field(default_factory=Counter)
    retries: int = 0


class Account:
    """The APIs of an account in a region. `until` is the time.monotonic() after which nothing more is asked."""

    def __init__(self, clients: Clients, *, until: float | None = None) -> None:
        self._clients = clients
        self._until = until
        self._failures: Counter[str] = Counter()
        self._answers: dict[tuple[str, ...], Answer] = {}
        self._lock = Lock()
        self.log = Log()

    def call(self, service: str, operation: str, parameters: Mapping[str, Any], none: Sequence[str]) -> Answer | Unread:
        """The answer of an operation, {} for an error whose code is one of `none`."""
        key = (service, operation, repr(sorted(parameters.items())))
        if key in self._answers:  # Several resources ask the same of what they share, such as a route table.
            return deepcopy(self._answers[key])
        client = self._clients.get(service)
        asked = f"{service}:{name_of(client, operation)}"
        stopped = self._stopped(service, asked)
        if stopped is not None:
            return stopped
        try:
            answer: Answer = getattr(client, operation)(**parameters)
        except ClientError as error:
            return {} if _code(error) in none else self._refused(service, asked, error)
        except ParamValidationError:
            raise  # a defect of the reader
        except Exception as error:  # noqa: BLE001 - whatever the line or the answer has: cut off, no XML, no TLS
            return self._failed(service, asked, error)
        self._note(service, asked, answer)
        self._answers[key] = answer
        return deepcopy(answer)

    def pages(self, service: str, operation: str, member: str, parameters: Mapping[str, Any]) -> list[Any] | Unread:
        """The entries of a member in all pages of an operation's answer."""
        paging = _Paging.of(self._clients.get(service), operation)
        found: list[Any] = []
        more: dict[str, Any] = {}
        seen: list[dict[str, Any]] = []
        while True:
            answer = self.call(service, operation, {**parameters, **more}, ())
            if isinstance(answer, Unread):
                return answer
            found += _at(answer, member)
            more = paging.following(answer)
            if not more and not paging.is_cut(answer):
                return found
            if not more or more in seen:
                return Unread(f"{service}:{operation} says that there is more, but not where")
            seen.append(more)

    def _stopped(self, service: str, asked: str) -> Unread | None:
        if self._until is not None and time.monotonic() > self._until:
            return Unread(f"the time for this run is over: {asked} was not asked")
        if self._failures[service] >= _MOST_OF_SERVICE or self._failures[asked] >= _MOST_FAILURES:
            return Unread(f"{service} keeps failing in spite of retries: {asked} was not asked again")
        return None

    def _refused(self, service: str, asked: str, error: ClientError) -> Unread:
        code = _code(error)
        metadata = error.response.get("ResponseMetadata", {})
        with self._lock:
            self.log.calls[asked] += 1
            self.log.retries += metadata.get("RetryAttempts", 0)
            status = metadata.get("HTTPStatusCode", 0)
            if code in _THROTTLED or status in _TRANSIENT:
                self._failures.update((service, asked))
        gone = " (deleted meanwhile?)" if _GONE.search(code) else ""
        return Unread(f"{code}: {asked}{gone}")

    def _failed(self, service: str, asked: str, error: Exception) -> Unread:
        with self._lock:
            self.log.calls[asked] += 1
            # No answer at all takes as long as all timeouts together, so one is enough.
            is_silent = isinstance(error, EndpointConnectionError) or "Timeout" in type(error).__name__
            self._failures.update({service: _MOST_OF_SERVICE if is_silent else 1, asked: 1})
        return Unread(f"{type(error).__name__}: {asked}")

    def _note(self, service: str, asked: str, answer: Answer) -> None:
        with self._lock:
            self.log.calls[asked] += 1
            self.log.retries += answer.get("ResponseMetadata", {}).get("RetryAttempts", 0)
            self._failures[service] = 0


def name_of(client: Any, operation: str) -> str:  # noqa: ANN401 - boto3 has no types
    """The API's own name of an operation: `DescribeDBInstances`."""
    name: str = client.meta.method_to_api_mapping[operation]
    return name


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "")) or type(error).__name__


@dataclass(frozen=True, slots=True)
class _Paging:
    """What the next page is asked with, where an answer says so, and what says whether there is one.

    As botocore's paginators have it; for operations without one the usual names, if the operation takes one of them.
    """

    names: tuple[str, ...]
    sources: tuple[Search, ...]
    more: Search | None = None

    @classmethod
    def of(cls, client: Any, operation: str) -> _Paging:  # noqa: ANN401 - boto3 has no types
        """That of an operation."""
        if client.can_paginate(operation):
            paginator = client.get_paginator(operation)  # botocore tells it nowhere else
            more = paginator._more_results  # noqa: SLF001 - see above
            sources = tuple(each.search for each in paginator._output_token)  # noqa: SLF001 - see above
            return cls(tuple(paginator._input_token), sources, more.search if more else None)  # noqa: SLF001 - see above
        taken = client.meta.service_model.operation_model(name_of(client, operation)).input_shape
        names = tuple(name for name in _TOKENS if taken is not None and name in taken.members)[:1]
        return cls(names, tuple(_member(name) for name in names))

    def following(self, answer: Answer) -> dict[str, Any]:
        """The parameters of the next page; none when this is the last."""
        if self.more is not None and not self.more(answer):
            return {}
        found = {name: search(answer) for name, search in zip(self.names, self.sources, strict=True)}
        return {name: value for name, value in found.items() if value}

    @staticmethod
    def is_cut(answer: Answer) -> bool:
        """Whether an answer says that it is not the last page."""
        return answer.get("IsTruncated") is True or any(answer.get(name) for name in _TOKENS[:2])


def _member(name: str) -> Search:
    return lambda answer: answer.get(name)


def _at(answer: Answer, member: str) -> list[Any]:
    found: Any = answer
    for name in member.split("."):
        found = found.get(name) or {} if isinstance(found, dict) else {}
    return list(found) if isinstance(found, list) else []


@dataclass(frozen=True, slots=True)
class Asked:
    """One deployed resource, and the APIs to ask of it: `Asking` of readers."""

    type: str
    physical_id: str
    region: str
    account: str
    partition: str
    declared: Mapping[str, Plain]
    apis: Account
    operations: frozenset[str]
    asked: list[str] = field(default_factory=list)

    def ask(self, service: str, operation: str, *, none: Sequence[str] = (), **parameters: Any) -> Answer | Unread:  # noqa: ANN401 - as boto3 takes them
        """The answer of an operation; {} for an error whose code is one of `none`."""
        self._check(service, operation)
        return self.apis.call(service, operation, parameters, none)

    def pages(self, service: str, operation: str, member: str, **parameters: Any) -> list[Any] | Unread:  # noqa: ANN401 - as above
        """The entries of a member in all pages of an operation's answer."""
        self._check(service, operation)
        return self.apis.pages(service, operation, member, parameters)

    def _check(self, service: str, operation: str) -> None:
        name = f"{service}:{operation}"
        if name not in self.operations:
            raise NotDeclaredError(f"the reader of {self.type} asks {name} without declaring it")
        if not reads(name):
            raise NotDeclaredError(f"the reader of {self.type} asks {name}, which does not only read")
        self.asked.append(name)


def reads(operation: str) -> bool:
    """Whether `service:operation` only reads, and no secret."""
    return _READING.fullmatch(operation.partition(":")[2]) is not None and operation not in _SECRET
