"""One event of a function or state machine, and what it invokes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from infra_checks.template.nodes import Mapping, Scalar
from infra_checks.template.serverless.making import Content, Entry, GetAtt, Ref, entry_of

if TYPE_CHECKING:
    from infra_checks.template.serverless.roles import Role
    from infra_checks.template.serverless.source import Generated, Renames, Source

INVOKE: Final = "lambda:InvokeFunction"


@dataclass(frozen=True, slots=True)
class Target:
    """What events invoke: a function, its alias, or a state machine."""

    name: str
    is_alias: bool = False
    is_machine: bool = False

    @property
    def arn(self) -> Content:
        """Its ARN."""
        return Ref(self.name) if self.is_alias or self.is_machine else GetAtt(self.name, "Arn")


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of Events with all that is needed to expand it."""

    source: Source
    generated: Generated
    target: Target
    role: Role | None
    name: str
    key: Scalar
    kind: str
    node: Mapping

    @property
    def path(self) -> tuple[str, ...]:
        """Where its properties stand."""
        return ("Events", self.name, "Properties")

    def get(self, name: str) -> Entry | None:
        """One of its properties."""
        return entry_of(self.node, name)

    def text(self, name: str) -> str | None:
        """One of its properties as a text."""
        return self.generated.text(self.get(name))

    def others(self, *names: str) -> dict[str, Content]:
        """All of its properties but some."""
        return {name: entry_of(self.node, name) for name in self.node.entries if name not in names}

    def some(self, *names: str) -> dict[str, Content]:
        """Some of its properties."""
        return {name: entry_of(self.node, name) for name in names}

    def add(self, kind: str, content: dict[str, Content], suffix: str = "", **renamed: str) -> str:
        """Add a resource named after the event; `renamed` are properties that have another name in the event."""
        renames: Renames = {(): self.path, **{(name,): (*self.path, own) for name, own in renamed.items()}}
        return self.generated.add(
            self.source, kind, content, suffix=self.name + suffix, renames=renames, place=self.key
        )

    def add_whole(self, kind: str, content: dict[str, Content], suffix: str, own: str = "") -> str:
        """Add a resource that SAM makes of the event as a whole, or of one of its properties."""
        given = self.get(own)
        wholes: Renames = {(): (*self.path, own) if own else self.path[:-1]}
        place = given.key if given is not None else self.key
        return self.generated.add(self.source, kind, content, suffix=self.name + suffix, wholes=wholes, place=place)

    def permit(self, service: str, limit: dict[str, Content], suffix: str = "Permission") -> str:
        """Let a service invoke the function."""
        content: dict[str, Content] = {"Action": INVOKE, "FunctionName": Ref(self.target.name), "Principal": service}
        return self.add_whole("AWS::Lambda::Permission", content | limit, suffix)
