"""A serverless resource as the template has it, and the resources that are generated from it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from infra_checks.template.model import Declaration, Origin
from infra_checks.template.nodes import Mapping, Node, Scalar, Sequence
from infra_checks.template.serverless.making import Content, Entry, entry_of, made, made_mapping, mapping_of, unexpanded

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Mapping as MappingType

    from infra_checks.template.model import Template
    from infra_checks.template.serverless.event import Event

Path = tuple[str | int, ...]
Renames = dict[Path, Path]
"""Paths below `Properties`: those of a generated resource, and where the template has the same."""

PASSED_ON: Final = ("Condition", "DeletionPolicy", "UpdateReplacePolicy")
"""Attributes that everything generated from a resource gets; the resource of its own name keeps all."""


_TAGGED: Final = frozenset(
    {
        *("AWS::ApiGateway::ApiKey", "AWS::ApiGateway::DomainName", "AWS::ApiGateway::RestApi"),
        *("AWS::ApiGateway::UsagePlan", "AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup"),
        *("AWS::IAM::Role", "AWS::IoT::TopicRule", "AWS::SNS::Topic", "AWS::SQS::Queue"),
    }
)
"""Types that get the tags of their source when it has PropagateTags."""


@dataclass(slots=True)
class Source:
    """One serverless resource; what of its properties is used for something generated is noted."""

    declaration: Declaration
    properties: Mapping
    used: set[str] = field(default_factory=set)
    left: dict[str, Node] = field(default_factory=dict)
    unjudged: list[str] = field(default_factory=list)

    @property
    def logical_id(self) -> str:
        """Its name in the template."""
        return self.declaration.logical_id

    @property
    def place(self) -> Scalar:
        """Where what is generated from it stands, as far as it is not in the template."""
        return self.declaration.key

    def take(self, name: str) -> Entry | None:
        """A property; it counts as used."""
        self.used.add(name)
        return entry_of(self.properties, name)

    def take_all(self, names: Iterable[str]) -> dict[str, Content]:
        """Properties that go by the same name in what is generated."""
        return {name: self.take(name) for name in names}

    def take_renamed(self, names: MappingType[str, str]) -> dict[str, Content]:
        """Properties that go by another name in what is generated."""
        return {name: self.take(own) for name, own in names.items()}

    def pass_over(self, *names: str) -> None:
        """Count properties as used that decide nothing a rule could ask for."""
        self.used.update(names)

    def leave(self, name: str, node: Node) -> None:
        """Keep a used property, or what is left of it, beside what is generated, for rules that read any text."""
        self.left[name] = node

    def rest(self) -> Mapping | None:
        """The properties that were not used."""
        entries = {name: node for name, node in self.properties.entries.items() if name not in self.used}
        entries |= self.left
        keys = {name: self.properties.keys[name] for name in entries}
        return Mapping(entries, keys, self.properties.start, self.properties.end) if entries else None


class Generated:
    """The resources of a template after the transform, in its order."""

    def __init__(self, template: Template, values: MappingType[str, str]) -> None:
        self.template = template
        self.resources: dict[str, Declaration] = {}
        self.conditions: dict[str, Node] = dict(template.conditions)
        self.names: dict[str, str] = {}
        self.shared: dict[str, list[Event]] = {}
        self._called: dict[str, list[Event]] = {}
        self._amendments: list[tuple[str, Path, Scalar, Node | list[Node]]] = []
        self._values = values

    def text(self, given: Entry | None) -> str | None:
        """The text that is given, also by a reference to a parameter, which SAM resolves."""
        if given is None:
            return None
        node = given.node
        if isinstance(node, Scalar):
            return node.text
        argument = getattr(node, "argument", None)
        if getattr(node, "name", "") == "Ref" and isinstance(argument, Scalar):
            return self._values.get(argument.text)
        return None

    def add(  # noqa: PLR0913 - all by keyword
        self,
        source: Source,
        kind: str,
        properties: dict[str, Content] | Node,
        *,
        suffix: str = "",
        name: str = "",
        renames: Renames | None = None,
        wholes: Renames | None = None,
        note: str = "",
        condition: Node | None = None,
        place: Scalar | None = None,
        is_shared: bool = False,
    ) -> str:
        """Add a resource that is generated from another, and give its name: that one's with a suffix, or `name`.

        A name that the template itself gives to a resource stays that resource's. What several share has no attribute
        of one of them. It stands at `place`, or else at the name of the source. `renames`, `wholes` and `note` are
        those of Origin.
        """
        place = place or source.place
        logical_id = name or source.logical_id + suffix
        is_main = logical_id == source.logical_id
        if logical_id in self.resources or (not is_main and logical_id in self.template.resources):
            return logical_id
        declared = source.declaration.node
        kept: Iterable[str] = () if is_shared else PASSED_ON
        if is_main:
            kept = [each for each in declared.entries if each not in {"Type", "Properties"}]
        body: dict[str, Content] = {each: entry_of(declared, each) for each in kept}
        if condition is not None:
            body["Condition"] = condition
        body |= {"Type": kind, "Properties": made(properties, place)}
        node = made_mapping(body, place)
        origin = Origin(source.declaration, renames or {}, wholes or {}, source.used, note)
        self.resources[logical_id] = Declaration(logical_id, kind, node, place, origin)
        return logical_id

    def rename(self, logical_id: str, path: Path, own: Path) -> None:
        """Say where the template has what stands at a path of a generated resource."""
        declaration = self.resources[logical_id]
        if declaration.origin is not None:
            declaration.origin.renames[path] = own

    def share(self, api: str, event: Event) -> None:
        """Note an event of the API that SAM makes for all events which name none."""
        self.shared.setdefault(api, []).append(event)

    def called(self, api: str | None, event: Event) -> None:
        """Note an event of an API of the template."""
        if api is not None:
            self._called.setdefault(api, []).append(event)

    def events_of(self, api: str) -> tuple[Event, ...]:
        """The events of an API."""
        return (*self.shared.get(api, ()), *self._called.get(api, ()))

    def amend(self, logical_id: str, path: Path, place: Scalar, value: Node | list[Node]) -> None:
        """Add to a property of another resource when all are there: set it, or add elements to a list."""
        self._amendments.append((logical_id, path, place, value))

    def apply_amendments(self) -> None:
        """Make the additions to other resources."""
        for logical_id, path, place, value in self._amendments:
            declaration = self.resources.get(logical_id)
            if declaration is not None:
                node = _amended(declaration.node, ("Properties", *path), place, value)
                if isinstance(node, Mapping):
                    self.resources[logical_id] = replace(declaration, node=node)

    def hand_on_tags(self, source: Source) -> None:
        """Give what is generated from a source its tags, if it says so."""
        given = source.take("PropagateTags")
        text = (self.text(given) or "").lower()
        tags = tag_list(source.take("Tags"))
        if given is None or text == "false":
            return
        if text != "true":
            tags = unexpanded("whether SAM hands on its tags is not known", given)
        for name, declaration in list(self.resources.items()):
            properties = declaration.properties
            if declaration.written is not source.declaration or declaration.type not in _TAGGED or tags is None:
                continue
            if isinstance(properties, Mapping) and properties.get("Tags") is None:
                node = _amended(declaration.node, ("Properties", "Tags"), source.place, made(tags, source.place))
                if isinstance(node, Mapping):
                    self.resources[name] = replace(declaration, node=node)
                    self.rename(name, ("Tags",), ("Tags",))

    def keep_rest(self, source: Source) -> None:
        """Keep what nothing is generated from, so that rules on any text still see it."""
        rest = source.rest()
        if rest is None:
            return
        declaration = source.declaration
        name = f"{declaration.logical_id} ({declaration.type})"
        unjudged = ", ".join([*source.unjudged, *(each for each in rest.entries if each not in source.left)])
        body: dict[str, Content] = {"Condition": entry_of(declaration.node, "Condition"), "Properties": rest}
        node = made_mapping(body, source.place)
        self.resources[name] = Declaration(
            name, declaration.type, node, source.place, Origin(declaration, {}, {}, source.used, unjudged)
        )


def tag_list(given: Entry | None, maker: str = "") -> Content:
    """SAM's tags, a mapping, as a list of Key and Value; `maker` is the key of the tag that SAM adds itself.

    A mapping that is not known as one cannot be told.
    """
    own: list[Content] = [{"Key": maker, "Value": "SAM"}] if maker else []
    if given is None:
        return own or None
    tags = mapping_of(given)
    if tags is None or any(key.startswith("Fn::") for key in tags.entries):
        return unexpanded("its tags are not written as a mapping", given)
    listed = [made_mapping({"Key": tags.keys[key], "Value": Entry(node, tags.keys[key])}, tags.keys[key])
              for key, node in tags.entries.items()]  # fmt: skip
    return Entry(made([*own, *listed], given.key), given.key)


def _amended(node: Node | None, path: Path, place: Scalar, value: Node | list[Node]) -> Node:
    """A node with an addition at a path; a function on the way, which may give anything, stays as it is."""
    if not path:
        if not isinstance(value, list):
            return value
        known = node.items if isinstance(node, Sequence) else ()
        listed = Sequence((*known, *value), place.start, place.end)
        return listed if node is None or isinstance(node, Sequence) else node
    if node is not None and not isinstance(node, Mapping):
        return node
    name = str(path[0])
    entries, keys = (dict(node.entries), dict(node.keys)) if node is not None else ({}, {})
    start, end = (node.start, node.end) if node is not None else (place.start, place.end)
    entries[name] = _amended(entries.get(name), path[1:], place, value)
    keys.setdefault(name, Scalar(name, name, place.start, place.end))
    return Mapping(entries, keys, start, end)
