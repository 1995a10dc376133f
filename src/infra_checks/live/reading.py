"""How a deployed resource is read: readers ask AWS's APIs and answer with CloudFormation's property names.

    @reader("AWS::SQS::Queue", "sqs:get_queue_attributes", "sqs:list_queue_tags")
    def queue(asking: Asking) -> Read:
        answer = asking.ask("sqs", "get_queue_attributes", QueueUrl=asking.physical_id, AttributeNames=["All"])
        ...

A value that could not be read is an `Unread` in the place of the value, never a missing key: a missing key says that
the resource does not have the property.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Plain = Any
"""str, int, float, bool, or a list or dict of them, as a template in JSON would have it, or an Unread in its place."""

Answer = dict[str, Any]
"""What an operation of boto3 answers."""


@dataclass(frozen=True, slots=True)
class Unread:
    """What could not be read, and why: `AccessDenied: rds:DescribeDBInstances`."""

    reason: str


Read = dict[str, Plain] | Unread
"""The properties of a resource; Unread when nothing of it could be read."""


class Asking(Protocol):
    """One deployed resource, and the APIs to ask of it."""

    @property
    def type(self) -> str:
        """Its CloudFormation type."""

    @property
    def physical_id(self) -> str:
        """What CloudFormation calls PhysicalResourceId: for most types what `Ref` gives."""

    @property
    def region(self) -> str:
        """The stack's region."""

    @property
    def account(self) -> str:
        """The id of the stack's account, 12 digits."""

    @property
    def partition(self) -> str:
        """The partition of ARNs: `aws`."""

    @property
    def declared(self) -> Mapping[str, Plain]:
        """What the deployed template says of its properties, evaluated; empty when that could not be read.

        Only to find the resource by (the RestApiId of a Stage), never to answer from.
        """

    def ask(self, service: str, operation: str, *, none: Sequence[str] = (), **parameters: Any) -> Answer | Unread:  # noqa: ANN401 - as boto3 takes them
        """The answer of an operation, by boto3's names; {} for an error whose code is one of `none`."""

    def pages(self, service: str, operation: str, member: str, **parameters: Any) -> list[Any] | Unread:  # noqa: ANN401 - as above
        """The entries of a member in all pages of an operation's answer."""


ReadOne = Callable[[Asking], Read]


@dataclass(frozen=True, slots=True)
class Reader:
    """How one type is read.

    `operations` are all it may ask, as `service:operation` of boto3; `unreturned` the properties that no API tells,
    which are Unread in every answer.
    """

    type: str
    read: ReadOne
    operations: tuple[str, ...]
    unreturned: tuple[str, ...] = ()

    def __call__(self, asking: Asking) -> Read:
        """Read it."""
        properties = self.read(asking)
        if isinstance(properties, Unread):
            return properties
        silent = {name: Unread(f"no API returns {name} of {self.type}") for name in self.unreturned}
        return {**silent, **properties}


def reader(type: str, *operations: str, unreturned: Sequence[str] = ()) -> Callable[[ReadOne], Reader]:
    """Make a function the reader of a type."""
    return lambda read: Reader(type, read, operations, tuple(unreturned))


def reader_of(type: str) -> Reader | None:
    """The reader of a type; None when there is none, and Cloud Control is to be asked."""
    service = type.split("::")[1].lower() if type.count("::") == 2 else ""  # noqa: PLR2004 - AWS::Service::Type
    module = f"infra_checks.live.readers.{service}{'_' * iskeyword(service)}"
    if not service.isidentifier() or find_spec(module) is None:
        return None
    found = (each for each in vars(import_module(module)).values() if isinstance(each, Reader))
    return next((each for each in found if each.type == type), None)
