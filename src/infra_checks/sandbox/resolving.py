"""Templates to plain data: the evaluator of templates, with what only a deployment knows put in.

What the checks leave open, a deployment answers: physical ids, attributes, zones, exports, values of parameters that
are not shown, and dynamic references. Everything else (conditions, mappings, joins) is the checks' own evaluator.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, Protocol

from infra_checks.evaluate import intrinsics
from infra_checks.evaluate.evaluator import Evaluator
from infra_checks.evaluate.scenario import Scenario
from infra_checks.evaluate.values import Absent, Known, Symbol, Unknown
from infra_checks.sandbox.refusal import CannotMakeError, RefusedError
from infra_checks.template.nodes import NO_VALUE, Call, Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Mapping as MappingType

    from infra_checks.evaluate.stack import Stack
    from infra_checks.evaluate.values import Value
    from infra_checks.template.nodes import Node

PLACEHOLDER: Final = re.compile(r"\$\{([^}]*)\}")


class Surroundings(Protocol):
    """What a template's functions ask of the account they are resolved in."""

    def zones(self, region: str) -> list[str]:
        """The names of a region's Availability Zones."""

    def exported(self, name: str) -> str:
        """The value of an export."""

    def dynamic(self, service: str, reference: str) -> str:
        """The value behind a dynamic reference."""


Attribute = "Callable[[str, str], Any]"


class _Nothing:
    """Stands for AWS::NoValue."""


NOTHING: Final = _Nothing()


class Resolver(Evaluator):
    """Evaluates with values of parameters and resources that exist.

    `values` are those of parameters and pseudo parameters by name, `attribute` gives an attribute (or `Ref`) of a
    resource by its logical id.
    """

    __slots__ = ("_attribute", "_surroundings", "_values")

    def __init__(
        self,
        stack: Stack,
        values: MappingType[str, str | tuple[str, ...]],
        attribute: Callable[[str, str], Any],
        surroundings: Surroundings,
    ) -> None:
        super().__init__(stack, Scenario())
        self._values = values
        self._attribute = attribute
        self._surroundings = surroundings

    def plain(self, node: Node) -> Any:  # noqa: ANN401 - JSON
        """A node as plain data; NOTHING for AWS::NoValue. Raises CannotMakeError for what has no value."""
        reduced, _ = self.reduce(node)
        match reduced:
            case Mapping():
                self._refuse_functions(reduced)
                found = {key: self.plain(child) for key, child in reduced.entries.items()}
                return {key: value for key, value in found.items() if value is not NOTHING}
            case Sequence():
                items = [self.plain(item) for _, item, _ in self.elements(reduced)]
                return [item for item in items if item is not NOTHING]
            case Known(tuple() as texts):
                return list(texts)
            case Known():
                return reduced.value
            case Absent():
                return NOTHING
            case Unknown():
                return self._pieced(reduced)

    def _refuse_functions(self, mapping: Mapping) -> None:
        for key in mapping.entries:
            if key.startswith("Fn::"):
                raise CannotMakeError(f"line {mapping.span.line}: the sandbox cannot evaluate {key}")

    def _pieced(self, value: Unknown) -> str:
        """A text with dynamic references in it."""
        if not value.parts or any(isinstance(part, Symbol) and part.kind != "dynamic" for part in value.parts):
            line = f"line {value.node.span.line}: " if value.node is not None else ""
            raise CannotMakeError(f"{line}{value.reason}")
        return "".join(
            part if isinstance(part, str) else self._surroundings.dynamic(str(part.name[0]), str(part.name[1]))
            for part in value.parts
        )

    def _call(self, call: Call) -> Value[object]:
        match call.name, call.argument:
            case "Ref", Scalar(text=name):
                return self._ref(name, call)
            case "Fn::GetAtt", argument:
                return self._get_att(argument, call)
            case "Fn::Sub", argument:
                return intrinsics.evaluate(self, self._with_references(call, argument))
            case "Fn::GetAZs", argument:
                region = self.text(argument)
                named = region.value if isinstance(region, Known) else ""
                return Known(tuple(self._surroundings.zones(named or str(self._values["AWS::Region"]))), call)
            case "Fn::ImportValue", argument:
                text = self.text(argument)
                if not isinstance(text, Known):
                    raise CannotMakeError(f"line {call.span.line}: the name of an export has no value")
                return Known(self._surroundings.exported(text.value), call)
            case _:
                return intrinsics.evaluate(self, call)

    def _ref(self, name: str, call: Call) -> Value[object]:
        if name == NO_VALUE:
            return Absent(call)
        if name in self._values:
            return _known(self._values[name], call)
        return _known(self._attribute(self._resource(name, call), "Ref"), call)

    def _get_att(self, argument: Node, call: Call) -> Value[object]:
        parts = argument.items if isinstance(argument, Sequence) else ()
        texts = [self.text(part) for part in parts]
        names = [text.value for text in texts if isinstance(text, Known)]
        if len(names) < len(texts) or len(names) < 2:  # noqa: PLR2004 - a resource and an attribute
            raise CannotMakeError(f"line {call.span.line}: Fn::GetAtt needs a resource and an attribute")
        return _known(self._attribute(self._resource(names[0], call), ".".join(names[1:])), call)

    def _resource(self, name: str, call: Call) -> str:
        name = self.stack.template.names.get(name, name)
        if name not in self.stack.template.resources:
            raise RefusedError(
                f"Template format error: Unresolved resource dependencies [{name}] in line {call.span.line}"
            )
        return name

    def _with_references(self, call: Call, argument: Node) -> Call:
        """Fn::Sub with each placeholder as an entry of its own map, so that references are evaluated here."""
        text, local = argument, argument
        if isinstance(argument, Sequence) and argument.items:
            text, local = argument.items[0], argument.items[-1]
        if not isinstance(text, Scalar):
            return call
        entries: dict[str, Node] = {}
        for piece in PLACEHOLDER.findall(text.text):
            if not piece.startswith("!"):
                entries[piece.strip()] = _reference(piece.strip(), call)
        if isinstance(local, Mapping):
            entries |= local.entries
        keys = {name: Scalar(name, name, call.start, call.end) for name in entries}
        mapping = Mapping(entries, keys, call.start, call.end)
        return Call("Fn::Sub", Sequence((text, mapping), call.start, call.end), call.start, call.end)


def _reference(name: str, call: Call) -> Call:
    """The reference that a placeholder of Fn::Sub is."""
    resource, point, attribute = name.partition(".")
    parts = [Scalar(part, part, call.start, call.end) for part in (resource, attribute)]
    if point:
        return Call("Fn::GetAtt", Sequence(tuple(parts), call.start, call.end), call.start, call.end)
    return Call("Ref", parts[0], call.start, call.end)


def _known(value: Any, call: Call) -> Known[object]:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return Known(tuple(map(str, value)), call)
    if isinstance(value, dict):
        return Known(json.dumps(value), call)
    return Known(value, call)
