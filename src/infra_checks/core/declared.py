"""A template in one scenario as plain values: what a deployment with these parameters is asked for.

What only the deployment knows stays in CloudFormation's long form: `{"Ref": "Key"}`, `{"Fn::GetAtt": ["Key", "Arn"]}`,
`{"Fn::ImportValue": "name"}`, `{"Fn::Join": ["", [...]]}` where it is a part of a text, and dynamic references as text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from infra_checks.core.resource import Surroundings
from infra_checks.errors import ConfigError
from infra_checks.evaluate.scenario import Scenario
from infra_checks.evaluate.stack import Pins, Stack
from infra_checks.evaluate.transforms import expand
from infra_checks.evaluate.values import Absent, Known, Symbol, Unknown, Value
from infra_checks.evaluate.view import View
from infra_checks.template.load import load_template
from infra_checks.template.nodes import Call, Mapping, Node, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as MappingType
    from pathlib import Path

    from infra_checks.core.resource import Resource
    from infra_checks.template.model import Template

Plain = Any
"""str, int, float, bool, None, or a list or dict of them, as a template in JSON would have it.

What comes from a parameter or a mapping is text when the template has it so: CloudFormation's parameters are strings.
"""

_STEP: Final = re.compile(r"[^.\[\]]+")


@dataclass(frozen=True, slots=True)
class DeclaredResource:
    """A resource that exists in the scenario; without a DeletionPolicy the texts are empty."""

    logical_id: str
    type: str
    properties: dict[str, Plain]
    attributes: dict[str, Plain]

    @property
    def deletion_policy(self) -> str:
        """Its DeletionPolicy; empty when it has none."""
        return str(self.attributes.get("DeletionPolicy", ""))

    @property
    def update_replace_policy(self) -> str:
        """Its UpdateReplacePolicy; empty when it has none."""
        return str(self.attributes.get("UpdateReplacePolicy", ""))

    @property
    def depends_on(self) -> list[str]:
        """The logical ids in its DependsOn."""
        named = self.attributes.get("DependsOn", [])
        return [named] if isinstance(named, str) else list(named)

    @property
    def metadata(self) -> dict[str, Plain]:
        """Its Metadata."""
        return dict(self.attributes.get("Metadata", {}))

    def get(self, path: str, default: Plain = None) -> Plain:
        """What stands at a path such as `Properties.Tags[0].Value`; `default` when nothing does."""
        return _at({"Properties": self.properties, **self.attributes}, path, default)


@dataclass(frozen=True, slots=True)
class DeclaredStack:
    """All that a template declares in one scenario."""

    resources: dict[str, DeclaredResource]
    outputs: dict[str, Plain]
    exports: dict[str, Plain]
    parameters: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, logical_id: str) -> DeclaredResource:
        """The resource of a logical id; KeyError when it does not exist in this scenario."""
        return self.resources[logical_id]

    def __contains__(self, logical_id: object) -> bool:
        """Whether the resource exists in this scenario."""
        return logical_id in self.resources

    def __iter__(self) -> Iterator[DeclaredResource]:
        """The resources in the template's order."""
        return iter(self.resources.values())

    def get(self, logical_id: str, path: str, default: Plain = None) -> Plain:
        """What a resource has at a path such as `Properties.Tags[0].Value`."""
        return self.resources[logical_id].get(path, default)

    def of_type(self, *types: str) -> dict[str, DeclaredResource]:
        """The resources of some types, by logical id."""
        return {each.logical_id: each for each in self if each.type in types}


def declared_stack(template: Path | str, parameters: MappingType[str, str] | None = None, **more: str) -> DeclaredStack:
    """Evaluate a template file in one scenario.

    A parameter without a given value has its default, else the first of its AllowedValues; without either it stays a
    `{"Ref": name}`. Pseudo parameters (`{"AWS::Region": "eu-west-1"}`) stay so unless they are given.
    Raises ConfigError when a value that is not given decides what is declared, and TemplateError or EvaluationError
    for what cannot be read or evaluated.
    """
    loaded = load_template(template)
    if loaded.problems:
        raise loaded.problems[0]
    return declared_by(loaded, {**(parameters or {}), **more})


def declared_by(template: Template, parameters: MappingType[str, str]) -> DeclaredStack:
    """As `declared_stack`, of a template that is read."""
    values = {
        name: value for name in template.parameters if (value := _value_of(template, name, parameters)) is not None
    }
    values |= {name: value for name, value in parameters.items() if name not in values}
    pins = Pins({name: (value,) for name, value in values.items()})
    expanded, unexpanded = expand(template, pins)
    scenario = Scenario()
    surroundings = Surroundings(Stack(expanded, pins, unexpanded), scenario)
    resources = {name: found for name in expanded.resources if (found := surroundings.get(name)) is not None}
    declared = {name: declared_resource(each) for name, each in resources.items()}
    outputs = dict(_outputs(surroundings, expanded))
    if scenario.narrowed:
        names = ", ".join(sorted(scenario.taken))
        raise ConfigError(f"{template.name}: what is declared depends on {names}; give a value")
    return DeclaredStack(
        resources=declared,
        outputs={name: value for name, (value, _) in outputs.items()},
        exports={str(export): value for value, export in outputs.values() if export is not None},
        parameters=values,
    )


def _value_of(template: Template, name: str, given: MappingType[str, str]) -> str | None:
    parameter = template.parameters[name]
    if name in given:
        return given[name]
    if parameter.default is not None:
        return parameter.default
    return parameter.allowed[0] if parameter.allowed else None


def declared_resource(resource: Resource) -> DeclaredResource:
    """A resource of a scenario as plain values."""
    beside = {
        name: _plain(resource.attribute(name))
        for name in resource.declaration.node.entries
        if name not in {"Type", "Properties", "Condition"}
    }
    properties = _plain(resource.value())
    return DeclaredResource(
        logical_id=resource.logical_id,
        type=resource.type,
        properties=properties if isinstance(properties, dict) else {},
        attributes={name: value for name, value in beside.items() if value is not None},
    )


def _outputs(surroundings: Surroundings, template: Template) -> Iterator[tuple[str, tuple[Plain, Plain]]]:
    for name, node in template.outputs.items():
        condition = node.get("Condition")
        if isinstance(condition, Scalar) and not surroundings.evaluator.condition(condition.text, node)[0]:
            continue
        view = View(surroundings.evaluator, node, ())
        yield name, (_plain(view.value("Value")), _plain(view.value("Export", "Name")))


def _plain(value: Value[object]) -> Plain:
    match value:
        case Absent():
            return None
        case Unknown():
            return _rest(value)
        case Known(View() as view):
            node = view.node
            names = node.entries if isinstance(node, Mapping) else ()
            entries = ((name, view.value(name)) for name in names)
            return {name: _plain(entry) for name, entry in entries if not isinstance(entry, Absent)}
        case Known(tuple() as items):
            return [_plain(item.value()) if isinstance(item, View) else item for item in items]
        case Known(plain):
            return plain


def _rest(value: Unknown) -> Plain:
    """What is not known, in CloudFormation's long form."""
    if value.parts:
        pieces = [part if isinstance(part, str) else _symbol(part, value.node) for part in value.parts]
        return pieces[0] if len(pieces) == 1 else {"Fn::Join": ["", pieces]}
    return None if value.node is None else _long_form(value.node)


def _symbol(symbol: Symbol, node: Node | None) -> Plain:
    match symbol.kind, symbol.name:
        case "reference", (logical_id, "Ref"):
            return {"Ref": logical_id}
        case "reference", (logical_id, attribute):
            return {"Fn::GetAtt": [logical_id, attribute]}
        case (("pseudo" | "parameter"), (name,)):
            return {"Ref": name}
        case "import", (name,):
            return {"Fn::ImportValue": name}
        case "dynamic", (service, reference):
            return f"{{{{resolve:{service}:{reference}}}}}"
        case "zone", (region, index):
            named = {"Ref": region} if str(region).startswith("AWS::") else region
            return {"Fn::Select": [index, {"Fn::GetAZs": named}]}
        case _:
            return str(symbol) if node is None else _long_form(node)


def _long_form(node: Node) -> Plain:
    match node:
        case Scalar():
            return node.value
        case Call():
            return {node.name: _long_form(node.argument)}
        case Mapping():
            return {name: _long_form(child) for name, child in node.entries.items()}
        case _:
            return [_long_form(item) for item in node.items]


def _at(root: Plain, path: str, default: Plain) -> Plain:
    for step in _STEP.findall(path):
        if isinstance(root, dict) and step in root:
            root = root[step]
        elif isinstance(root, list) and step.isdigit() and int(step) < len(root):
            root = root[int(step)]
        else:
            return default
    return root
