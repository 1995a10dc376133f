"""One resource while it is made, changed or removed: its properties, what of them is still to give, the APIs."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import uuid4

from infra_checks.sandbox.refusal import CannotMakeError, is_gone
from infra_checks.sandbox.shapes import NO_RENAMES, fit, member_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from infra_checks.sandbox.account import Account

ACCOUNT: Final = "123456789012"
"""moto's only account."""

_RANDOM: Final = string.ascii_uppercase + string.digits
_SUFFIX: Final = 12


@dataclass(slots=True)
class Made:
    """A resource that exists: its physical id, its attributes for Fn::GetAtt, the properties it was made from."""

    type: str
    ref: str
    attributes: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    deletion_policy: str = "Delete"
    replace_policy: str = "Delete"

    @property
    def arn(self) -> str:
        """Its ARN, else its id: what tagging APIs identify it by."""
        return str(self.attributes.get("Arn", self.ref))


class Shown(NamedTuple):
    """A record as Cloud Control answers with it."""

    identifier: str
    properties: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stack makes its resources."""

    stack: str
    stack_id: str
    region: str
    account: str = ACCOUNT

    @classmethod
    def new(cls, stack: str, region: str) -> Place:
        """The place of a new stack, with an id for it."""
        place = cls(stack, "", region)
        return replace(place, stack_id=place.arn("cloudformation", f"stack/{stack}/{uuid4()}"))

    @property
    def partition(self) -> str:
        """The partition of the region."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    @property
    def suffix(self) -> str:
        """The domain of the partition's service endpoints."""
        return "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"

    def arn(self, service: str, resource: str, *, regional: bool = True) -> str:
        """An ARN of this account."""
        region = self.region if regional else ""
        return f"arn:{self.partition}:{service}:{region}:{self.account}:{resource}"


class Making:
    """The properties of one resource, each given to an API once; `left` are those that no call has taken yet."""

    def __init__(self, account: Account, place: Place, logical_id: str, properties: Mapping[str, Any]) -> None:
        self.account = account
        self.place = place
        self.logical_id = logical_id
        self.properties = dict(properties)
        self._asked: set[str] = set()
        self.left = dict.fromkeys(self.properties)
        self.before: dict[str, Any] | None = None

    @property
    def taken(self) -> set[str]:
        """The names that a call or a question has taken, also those that are no longer given."""
        return (self.properties.keys() | self._asked) - self.left.keys()

    def changed(self, *names: str) -> bool:
        """Whether one of the properties is new or differs from before; true for all that is given while making."""
        self._asked.update(names)
        for name in names:
            self.left.pop(name, None)
        if self.before is None:
            return any(name in self.properties for name in names)
        return any(self.properties.get(name) != self.before.get(name) for name in names)

    def api(self, service: str, region: str | None = None) -> Any:  # noqa: ANN401 - boto3 has no types
        """The boto3 client of a service."""
        return self.account.apis.client(service, region or self.place.region)

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - JSON
        """A property's value, which counts as taken."""
        self.left.pop(name, None)
        self._asked.add(name)
        return self.properties.get(name, default)

    def need(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """The value of a property that must be given."""
        if name not in self.properties:
            raise CannotMakeError(f"Encountered unsupported property value: required key [{name}] not found")
        return self.get(name)

    def name(self, prop: str, *, limit: int = 64, lower: bool = False) -> str:
        """The physical name a property gives, else one of CloudFormation's form: stack, logical id, random letters."""
        given = self.get(prop)
        if given is not None:
            return str(given)
        random = "".join(secrets.choice(_RANDOM) for _ in range(_SUFFIX))
        head = f"{self.place.stack}-{self.logical_id}"[: limit - _SUFFIX - 1].rstrip("-")
        name = f"{head}-{random}"
        return name.lower() if lower else name

    def send(
        self,
        service: str,
        operation: str,
        /,
        *,
        only: Iterable[str] | None = None,
        renames: Mapping[str, str] = NO_RENAMES,
        **fixed: Any,  # noqa: ANN401 - parameters of any API
    ) -> dict[str, Any]:
        """Call an operation with every property that is left and that it has a parameter for.

        `only` limits the properties, `renames` gives the API's names where they differ, `fixed` are further
        parameters.
        """
        client = self.api(service)
        shape = input_shape(client, operation)
        parameters: dict[str, Any] = {}
        for name in list(self.left if only is None else only):
            member = member_of(shape, renames.get(name, name))
            if name not in self.properties or member is None:
                continue
            parameters[member] = fit(self.properties[name], shape.members[member], name, renames)
            self.left.pop(name, None)
        answer: dict[str, Any] = getattr(client, operation)(**parameters, **fixed)
        return answer

    def part(self, properties: Mapping[str, Any]) -> Making:
        """A part of the resource that has calls of its own."""
        return Making(self.account, self.place, self.logical_id, properties)

    def fitted(self, service: str, operation: str, parameter: str, value: Any) -> Any:  # noqa: ANN401 - JSON
        """A value as a parameter of an operation takes it."""
        return fit(value, input_shape(self.api(service), operation).members[parameter], parameter)

    def remove(self, service: str, operation: str, /, **parameters: Any) -> None:  # noqa: ANN401 - parameters of any API
        """Call an operation that takes something away; that it is not there any more is no error."""
        client = self.api(service)
        try:
            getattr(client, operation)(**parameters)
        except client.exceptions.ClientError as error:
            if not is_gone(error):
                raise

    def tags(self, prop: str = "Tags") -> list[dict[str, str]]:
        """The tags as a list of Key and Value."""
        given = self.get(prop) or []
        if isinstance(given, dict):
            given = [{"Key": key, "Value": value} for key, value in given.items()]
        return [{"Key": str(tag["Key"]), "Value": str(tag["Value"])} for tag in given]

    def check_none_failed(self, answer: Mapping[str, Any]) -> None:
        """Refuse an answer that says, without being an error, that something failed."""
        if answer.get("FailedEntryCount"):
            raise CannotMakeError(f"the service refused entries: {answer.get('FailedEntries')}")

    def check_all_taken(self) -> None:
        """Refuse a resource with properties that no API was given."""
        if self.left:
            raise CannotMakeError(f"the sandbox cannot give {', '.join(sorted(self.left))}")


def input_shape(client: Any, operation: str) -> Any:  # noqa: ANN401 - boto3 has no types
    """The shape of an operation's parameters."""
    model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation])
    return model.input_shape


@dataclass(frozen=True, slots=True)
class Kind:
    """How one resource type is made, changed and removed.

    `make` creates the resource and gives its id; `configure` follows it and is all that happens when properties
    change that are not `create_only`, which replace the resource. A kind without either is a record: no API of moto's
    has it, so its properties are kept and answered by Cloud Control's API, as they were given or as `shown` has them.
    `unread` are properties that the API takes and never shows. One that is `always` changed is so with each update of
    its stack; `settle` ends a change when that of the whole stack has succeeded.
    """

    type: str
    make: Callable[[Making], Made]
    delete: Callable[[Making, Made], None]
    configure: Callable[[Making, Made], None] | None = None
    create_only: frozenset[str] = frozenset()
    tags: str | None = "Tags"
    tags_form: str = "list"
    snapshot: Callable[[Making, Made], None] | None = None
    is_record: bool = False
    unread: frozenset[str] = frozenset()
    always: bool = False
    settle: Callable[[Making, Made], None] | None = None
    shown: Callable[[Made], Shown] | None = None

    def tagged(self, properties: dict[str, Any], tags: Mapping[str, str]) -> dict[str, Any]:
        """The properties with the stack's tags added; the resource's own win. Types without tags stay as they are."""
        if self.tags is None:
            return properties
        own = properties.get(self.tags)
        if self.tags_form == "map":
            return properties | {self.tags: dict(tags) | (own or {})}
        named = {tag["Key"] for tag in own or []}
        added = [{"Key": key, "Value": value} for key, value in tags.items() if key not in named]
        return properties | {self.tags: [*(own or []), *added]}
