"""A template's sections, read from its nodes.

What is malformed is kept as a problem with its place; the rest of the template stays readable, so that
one bad resource does not hide the findings of the others.
AWS: "Template sections", "Parameters", "Rules", "Resource attributes" of the CloudFormation user guide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from infra_checks.errors import TemplateError
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from infra_checks.template.source import SourceFile, Span

LIST_TYPES: Final = ("CommaDelimitedList", "List<")
TRANSFORM: Final = "Fn::Transform"
SSM_PREFIX: Final = "AWS::SSM::Parameter::Value<"
SERVERLESS: Final = "AWS::Serverless-2016-10-31"
"""The transform of SAM templates; as the name of a call: a value that the transform makes and that is not known."""

UNREAD: Final = "infra-checks::Unread"
"""The name of a call for a value of a deployed resource that could not be read; its first operand says why."""

_CONSTRUCT: Final = "aws:cdk:path"

SERVERLESS_TYPE: Final = "AWS::Serverless::"
"""How the types begin that the transform replaces."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One entry of `Parameters`; all values are strings, as CloudFormation holds them."""

    name: str
    type: str
    node: Mapping
    default: str | None = None
    allowed: tuple[str, ...] = ()
    no_echo: bool = False
    allowed_pattern: str | None = None
    min_length: int | None = None
    max_length: int | None = None

    @property
    def is_list(self) -> bool:
        """Whether a reference to it gives a list."""
        inner = self.type.removeprefix(SSM_PREFIX)
        return inner.startswith(LIST_TYPES)

    @property
    def is_ssm(self) -> bool:
        """Whether its value names a Systems Manager parameter whose value is used instead."""
        return self.type.startswith(SSM_PREFIX)


Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """What a resource is generated from; all paths are those below `Properties`.

    `renames` says where the template has what stands at a path of the resource, `wholes` from which property
    everything below a path is made. `known` are the properties that the type in the template has, `note` is what a
    reader has to know.
    """

    declaration: Declaration
    renames: dict[Path, Path]
    wholes: dict[Path, Path]
    known: AbstractSet[str]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Declaration:
    """One entry of `Resources`: its type and its attributes as nodes.

    `origin` is there when the template does not have the resource, but one from which a transform generates it.
    """

    logical_id: str
    type: str
    node: Mapping
    key: Scalar
    origin: Origin | None = None

    @property
    def written(self) -> Declaration:
        """The resource as the template has it."""
        return self if self.origin is None else self.origin.declaration

    @property
    def is_rest(self) -> bool:
        """Whether it only holds what nothing is generated from."""
        return self.origin is not None and self.type == self.origin.declaration.type

    @property
    def properties(self) -> Node | None:
        """The `Properties` node, if there is one."""
        return self.node.get("Properties")

    @property
    def construct(self) -> str:
        """The path of the construct that the AWS CDK made it of; empty when the template does not say so."""
        metadata = self.node.get("Metadata")
        path = metadata.get(_CONSTRUCT) if isinstance(metadata, Mapping) else None
        return path.text if isinstance(path, Scalar) else ""

    @property
    def condition(self) -> str | None:
        """The name of the condition on which the resource is created."""
        node = self.node.get("Condition")
        return node.text if isinstance(node, Scalar) else None


@dataclass(slots=True)
class Template:
    """A template: its source, its nodes, its sections and what is wrong with its structure.

    `names` are those by which a template may call generated resources beside their own, such as `Function.Alias`.
    """

    source: SourceFile
    root: Mapping
    parameters: dict[str, Parameter] = field(default_factory=dict)
    mappings: dict[str, Mapping] = field(default_factory=dict)
    conditions: dict[str, Node] = field(default_factory=dict)
    resources: dict[str, Declaration] = field(default_factory=dict)
    outputs: dict[str, Mapping] = field(default_factory=dict)
    rules: dict[str, Mapping] = field(default_factory=dict)
    transforms: tuple[str, ...] = ()
    names: dict[str, str] = field(default_factory=dict)
    problems: list[TemplateError] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The file's name as the user gave it."""
        return self.source.name

    def section(self, name: str) -> Mapping | None:
        """A top-level section that is a mapping."""
        node = self.root.get(name)
        return node if isinstance(node, Mapping) else None


def read_template(source: SourceFile, root: Mapping) -> Template:
    """Read the sections of a template whose root node is given."""
    template = Template(source, root)
    reader = _SectionReader(template)
    template.transforms = _transforms(root)
    template.mappings = dict(reader.mappings_of("Mappings"))
    template.outputs = dict(reader.mappings_of("Outputs"))
    template.rules = dict(reader.mappings_of("Rules"))
    template.parameters = {name: reader.parameter(name, node) for name, node in reader.mappings_of("Parameters")}
    conditions = reader.section("Conditions")
    template.conditions = dict(conditions.entries) if conditions else {}
    template.resources = {declaration.logical_id: declaration for declaration in reader.declarations()}
    return template


class _SectionReader:
    """Reads sections and notes what is malformed."""

    def __init__(self, template: Template) -> None:
        self._template = template

    def problem(self, message: str, span: Span) -> None:
        self._template.problems.append(TemplateError(message, file=self._template.name, span=span))

    def section(self, name: str) -> Mapping | None:
        node = self._template.root.get(name)
        if node is None or isinstance(node, Mapping):
            return node
        if isinstance(node, Call) and node.name == TRANSFORM:
            return None
        if not (isinstance(node, Scalar) and node.value is None):
            self.problem(f"{name} must be a mapping of names to definitions", node.span)
        return None

    def mappings_of(self, name: str) -> Iterator[tuple[str, Mapping]]:
        yield from self._mappings_in(name, self.section(name))

    def declarations(self) -> Iterator[Declaration]:
        section = self.section("Resources")
        if section is None:
            return
        for name, node in self._mappings_in("Resources", section):
            declaration = self._declaration(name, node, section.keys[name])
            if declaration is not None:
                yield declaration

    def _mappings_in(self, name: str, section: Mapping | None) -> Iterator[tuple[str, Mapping]]:
        for key, node in (section.entries if section else {}).items():
            if key.startswith("Fn::"):
                continue  # Fn::ForEach and Fn::Transform stand beside the entries, not for one
            if isinstance(node, Mapping):
                yield key, node
            else:
                self.problem(f"{name}.{key} must be a mapping", node.span)

    def _declaration(self, name: str, node: Mapping, key: Scalar) -> Declaration | None:
        kind = node.get("Type")
        if isinstance(kind, Scalar) and isinstance(kind.value, str):
            return Declaration(name, kind.value, node, key)
        self.problem(f"resource {name} has no Type; give it one, such as AWS::S3::Bucket", key.span)
        return None

    def parameter(self, name: str, node: Mapping) -> Parameter:
        allowed = node.get("AllowedValues")
        items = allowed.items if isinstance(allowed, Sequence) else ()
        return Parameter(
            name=name,
            type=_literal(node.get("Type")) or "String",
            node=node,
            default=_literal(node.get("Default")),
            allowed=tuple(dict.fromkeys(item.literal for item in items if isinstance(item, Scalar))),
            no_echo=(_literal(node.get("NoEcho")) or "").lower() == "true",
            allowed_pattern=_literal(node.get("AllowedPattern")),
            min_length=_integer(node.get("MinLength")),
            max_length=_integer(node.get("MaxLength")),
        )


def _transforms(root: Mapping) -> tuple[str, ...]:
    """Names in the Transform section, and of the macros that a section is, or holds beside its entries."""
    declared = root.get("Transform")
    found: list[Node] = list(declared.items) if isinstance(declared, Sequence) else [declared] if declared else []
    for name, section in root.entries.items():
        if name == "Transform":
            continue
        inner = section.get(TRANSFORM) if isinstance(section, Mapping) else None
        if inner is not None:
            found.append(inner)
        elif isinstance(section, Call) and section.name == TRANSFORM:
            found.append(section)
    return tuple(name for name in map(_transform_name, found) if name)


def _transform_name(node: Node) -> str | None:
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Call):
        return _transform_name(node.argument)
    return _literal(node.get("Name")) if isinstance(node, Mapping) else None


def _literal(node: Node | None) -> str | None:
    return node.literal if isinstance(node, Scalar) and node.value is not None else None


def _integer(node: Node | None) -> int | None:
    text = _literal(node)
    # int() takes neither other scripts' superscripts nor thousands of digits.
    return int(text) if text is not None and re.fullmatch("[0-9]{1,18}", text) else None
