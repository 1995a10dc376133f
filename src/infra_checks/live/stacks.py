"""A deployed stack as it is: its resources in CloudFormation's words, read from the services that hold them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from infra_checks.live.reading import Unread

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from infra_checks.core.declared import DeclaredResource
    from infra_checks.live.reading import Plain, Read


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stack is; `partition` is that of its ARNs, `aws` mostly."""

    partition: str
    region: str
    account: str

    @classmethod
    def of(cls, arn: str) -> Place:
        """The place in an ARN."""
        _, partition, _, region, account, _ = arn.split(":", 5)
        return cls(partition, region, account)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveResource:
    """A deployed resource.

    What it holds may be secret, so it is not shown where a test that fails shows its arguments.
    `logical_id` is `Nested/Name` in a nested stack. `arn` is empty where none is known. `properties` are as a template
    would have them, with an Unread in the place of what could not be read; an Unread alone when nothing could.
    `declared` is what the deployed template says of it, None when that is not known. `operations` were asked, and
    `crash` says how the reader failed, which is a defect of it. `owner` is the logical id of the resource that it
    belongs to, if it is not of the stack itself. `stack` is that of which it was asked for.
    """

    logical_id: str
    type: str
    physical_id: str
    stack_id: str
    arn: str = ""
    properties: Read = field(default_factory=lambda: Unread("it was not read"), repr=False)
    declared: DeclaredResource | None = field(default=None, repr=False)
    operations: tuple[str, ...] = ()
    crash: str = ""
    owner: str = ""
    stack: LiveStack | None = field(default=None, repr=False, compare=False)

    @property
    def is_read(self) -> bool:
        """Whether anything of it could be read."""
        return not isinstance(self.properties, Unread)

    @property
    def unread(self) -> dict[str, str]:
        """Why something could not be read, by its path; the path of everything is empty."""
        return dict(_unread(self.properties, ""))


def _unread(value: Plain, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Unread):
        yield path, value.reason
    elif isinstance(value, dict):
        for name, child in value.items():
            yield from _unread(child, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _unread(child, f"{path}[{index}]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """The template that a stack was deployed with: its text, unless it is JSON, and what it says of resources.

    `defaults` are those of its parameters that have one. `problem` says why it is not known, or not evaluated.
    """

    text: str = ""
    declared: Mapping[str, DeclaredResource] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict, repr=False)
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveStack:
    """A deployed stack with all that is in it, nested stacks included.

    `parameters` are as the stack has them, without those that CloudFormation hides; `resolved` are the values behind
    those that name a parameter of Systems Manager. `notices` tell what could not be done beside reading resources.
    `templates` are the deployed templates by the id of their stack, `inner_outputs` the outputs of nested stacks by
    their logical id. `beside` is what belongs to its resources without being of the stack, such as `Logs.BucketPolicy`;
    see live.beside.
    """

    name: str
    stack_id: str
    place: Place
    status: str
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    hidden: frozenset[str] = frozenset()
    resolved: Mapping[str, str] = field(default_factory=dict, repr=False)
    outputs: Mapping[str, str] = field(default_factory=dict, repr=False)
    tags: Mapping[str, str] = field(default_factory=dict, repr=False)
    resources: Mapping[str, LiveResource] = field(default_factory=dict, repr=False)
    beside: Mapping[str, LiveResource] = field(default_factory=dict, repr=False)
    templates: Mapping[str, Deployed] = field(default_factory=dict, repr=False)
    inner_outputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    notices: tuple[str, ...] = ()
    calls: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def region(self) -> str:
        """Its region."""
        return self.place.region

    @property
    def account(self) -> str:
        """Its account."""
        return self.place.account

    @property
    def label(self) -> str:
        """How reports name it: `123456789012/eu-west-1/shop`."""
        return f"{self.place.account}/{self.place.region}/{self.name}"

    def __getitem__(self, logical_id: str) -> LiveResource:
        """The resource of a logical id; KeyError when there is none."""
        return replace(self.resources[logical_id], stack=self)

    def __contains__(self, logical_id: object) -> bool:
        """Whether there is a resource of a logical id."""
        return logical_id in self.resources

    def __iter__(self) -> Iterator[LiveResource]:
        """The resources, sorted by logical id."""
        return (replace(resource, stack=self) for resource in self.resources.values())

    def of_type(self, *types: str) -> dict[str, LiveResource]:
        """The resources of some types, by logical id."""
        return {each.logical_id: each for each in self if each.type in types}
