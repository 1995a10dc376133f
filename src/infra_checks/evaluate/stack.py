"""A template with what is known of its parameters: the ground on which scenarios are judged."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.evaluate.choices import ANY_TEXT, Choices
from infra_checks.evaluate.scenario import Source, Variable
from infra_checks.evaluate.symbols import canonical
from infra_checks.template.functions import unknown_functions
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, walk

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingType

    from infra_checks.errors import EvaluationError
    from infra_checks.evaluate.values import Value
    from infra_checks.template.model import Parameter, Template

PSEUDO_PARAMETERS: Final = frozenset(
    {
        "AWS::AccountId",
        "AWS::NotificationARNs",
        "AWS::Partition",
        "AWS::Region",
        "AWS::StackId",
        "AWS::StackName",
        "AWS::URLSuffix",
    }
)
"""AWS: "Pseudo parameters reference"; AWS::NoValue is not a value and is handled where it removes one."""

RESOLVED: Final = ".ResolvedValue"
"""Ends the key by which the value of a Systems Manager parameter is pinned (DescribeStacks' own word)."""


@dataclass(frozen=True, slots=True)
class Pins:
    """Values held fixed: for each parameter or pseudo parameter the strings it may have.

    `source` names where they come from, for provenance. `assume_any` treats a parameter that has only a
    default as open, instead of taking the default.
    """

    values: MappingType[str, tuple[str, ...]] = field(default_factory=dict)
    assume_any: bool = False


NO_PINS: Final = Pins()


@dataclass(frozen=True, slots=True)
class Domain:
    """What a parameter can be, and a note that says why."""

    variable: Variable
    parameter: Parameter | None
    notes: tuple[str, ...] = ()


class Unexpanded(NamedTuple):
    """A Fn::ForEach that stays as it is, with the reason."""

    node: Node
    name: str
    reason: str


class Stack:
    """A template, its parameter domains, and what was evaluated of it that no scenario changes."""

    def __init__(self, template: Template, pins: Pins = NO_PINS, unexpanded: tuple[Unexpanded, ...] = ()) -> None:
        self.template = template
        self.unexpanded = unexpanded
        self.pins = pins
        self.domains: dict[str, Domain] = {
            name: _domain(template, parameter, pins) for name, parameter in template.parameters.items()
        }
        for name in sorted(PSEUDO_PARAMETERS):
            self.domains[name] = _pseudo_domain(name, pins)
        # By the call itself, not its id: the cache keeps it alive, so no later call can have the same id.
        self.constants: dict[Call, Value[object]] = {}
        self.constant_conditions: dict[str, tuple[bool, tuple[str, ...]]] = {}
        self.problems: list[EvaluationError] = []
        self._mentions: dict[str, tuple[str, ...]] | None = None
        self._groups: dict[Mapping, tuple[tuple[str, ...], ...]] = {}

    def note(self, problem: EvaluationError) -> None:
        """Keep a problem, once for each place and message."""
        if str(problem) not in map(str, self.problems):
            self.problems.append(problem)

    def resolved(self, parameter: Parameter) -> Variable:
        """The variable that stands for the value behind a Systems Manager parameter."""
        key = parameter.name + RESOLVED
        pinned = self.pins.values.get(key)
        return Variable(key, Source.RESOLVED, Choices(pinned) if pinned else ANY_TEXT, secret=parameter.no_echo)

    def groups(self, table: Mapping) -> tuple[tuple[str, ...], ...]:
        """A mapping's keys, those with equal entries together."""
        if table not in self._groups:
            groups: dict[str, list[str]] = {}
            for name, node in table.entries.items():
                groups.setdefault(canonical(node), []).append(name)
            self._groups[table] = tuple(map(tuple, groups.values()))
        return self._groups[table]

    @property
    def may_gain_conditions(self) -> bool:
        """Whether a macro or a loop over an unknown list may declare conditions that are not in the text."""
        return bool(self.unexpanded) or any(not name.startswith("AWS::") for name in self.template.transforms)

    @cached_property
    def unknown_functions(self) -> tuple[Call, ...]:
        """Calls of functions that CloudFormation does not have."""
        return unknown_functions(self.template)

    @property
    def mentions(self) -> dict[str, tuple[str, ...]]:
        """For each logical id the resources that mention it anywhere, in the template's order."""
        if self._mentions is None:
            self._mentions = _index_mentions(self.template)
        return self._mentions


def _domain(template: Template, parameter: Parameter, pins: Pins) -> Domain:
    allowed = Choices(parameter.allowed) if parameter.allowed and not parameter.is_list else None
    fitting = _fitting(template, parameter, pins.values.get(parameter.name, ()))
    if fitting:
        note = f"{parameter.name} is pinned to {_shown(parameter, fitting)}"
        return _parameter_domain(parameter, Choices(fitting), note)
    if allowed is not None and not parameter.is_ssm:
        return _parameter_domain(parameter, allowed)
    if parameter.default is not None and not (pins.assume_any and not parameter.is_ssm):
        shown = _shown(parameter, (parameter.default,))
        return _parameter_domain(parameter, Choices((parameter.default,)), f"{parameter.name} has its default {shown}")
    return _parameter_domain(parameter, _open_choices(parameter))


def _fitting(template: Template, parameter: Parameter, pinned: tuple[str, ...]) -> tuple[str, ...]:
    """The pinned values that the parameter can have.

    A pack pins every spelling it knows of one thing (`production`, `prod`). Of a parameter without
    AllowedValues the spelling meant is its default, else what the template itself compares with, else the first.
    """
    if parameter.allowed and not parameter.is_list:
        return tuple(value for value in pinned if value in parameter.allowed)
    if len(pinned) < 2:
        return pinned
    if parameter.default in pinned:
        return (parameter.default,)
    spelled = _spelled_values(template)
    return tuple(value for value in pinned if value in spelled) or pinned[:1]


def _spelled_values(template: Template) -> set[str]:
    """The texts in conditions and rules, and the keys of mappings."""
    nodes = [*template.conditions.values(), *template.rules.values()]
    texts = {node.literal for root in nodes for _, node in walk(root) if isinstance(node, Scalar)}
    return texts | {key for mapping in template.mappings.values() for key in mapping.entries}


def _parameter_domain(parameter: Parameter, choices: Choices, note: str = "") -> Domain:
    variable = Variable(
        parameter.name,
        Source.PARAMETER,
        choices,
        parameter.default,
        secret=parameter.no_echo,
        samples=_samples(parameter),
    )
    return Domain(variable, parameter, (note,) if note else ())


def _samples(parameter: Parameter) -> tuple[str, ...]:
    """Values to show for a parameter that can be anything: such as its own constraints take."""
    if parameter.type in {"Number", "List<Number>"}:
        least = parameter.node.get("MinValue")
        return (least.text, "1", "0", "2") if isinstance(least, Scalar) else ("1", "0", "2")
    text = "any-other-value"
    least_length, most_length = parameter.min_length or 0, parameter.max_length or len(text)
    return (text.ljust(min(least_length, 4096), "-")[: max(least_length, most_length)], "1", "0", "other")


def _shown(parameter: Parameter, values: tuple[str, ...]) -> str:
    return "a hidden value" if parameter.no_echo else " or ".join(map(repr, values))


def _open_choices(parameter: Parameter) -> Choices:
    """Every string, but not the empty one where the parameter's own constraints exclude it."""
    return Choices(("",), others=True) if must_be_filled(parameter) else ANY_TEXT


def must_be_filled(parameter: Parameter) -> bool:
    """Whether CloudFormation refuses an empty value for the parameter.

    AWS-specific and Number types check that the value exists or is a number; MinLength and
    AllowedPattern can exclude the empty string (user guide, "Parameters").
    """
    if parameter.min_length or parameter.type.startswith(("AWS::", "List<AWS::")) or parameter.type == "Number":
        return True
    if parameter.allowed_pattern is None:
        return False
    try:
        with warnings.catch_warnings():  # Java's character classes have forms of which Python warns.
            warnings.simplefilter("ignore")
            return re.fullmatch(parameter.allowed_pattern, "") is None
    except (re.error, OverflowError, RecursionError):
        return False


def _pseudo_domain(name: str, pins: Pins) -> Domain:
    pinned = pins.values.get(name)
    notes = (f"{name} is pinned to {' or '.join(map(repr, pinned))}",) if pinned else ()
    choices = Choices(pinned) if pinned else Choices(("",), others=True)
    return Domain(Variable(name, Source.PSEUDO, choices), None, notes)


def _index_mentions(template: Template) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for declaration in template.resources.values():
        for name in _names_in(declaration.node, template):
            found.setdefault(name, {})[declaration.logical_id] = None
    return {name: tuple(mentioning) for name, mentioning in found.items()}


_PLACEHOLDER = re.compile(r"\$\{\s*([A-Za-z0-9]+)")


def _names_in(node: Node, template: Template) -> list[str]:
    """Logical ids that a resource's Ref, GetAtt, Sub and DependsOn name."""
    names: list[str] = []
    for path, child in walk(node):
        if isinstance(child, Call):
            names.extend(_names_of_call(child))
        elif isinstance(child, Scalar) and path[:1] == ("DependsOn",):
            names.append(child.text)
    names = [template.names.get(name, name) for name in names]
    return [name for name in names if name in template.resources]


def _names_of_call(call: Call) -> list[str]:
    argument = call.argument
    if call.name == "Fn::GetAtt" and not isinstance(argument, (Scalar, Mapping, Call)) and argument.items:
        argument = argument.items[0]
    if call.name in {"Ref", "Fn::GetAtt"} and isinstance(argument, Scalar):
        return [argument.text]
    if call.name == "Fn::Sub":
        text = argument if isinstance(argument, Scalar) else None
        if text is None and not isinstance(argument, (Mapping, Call, Scalar)) and argument.items:
            first = argument.items[0]
            text = first if isinstance(first, Scalar) else None
        return _PLACEHOLDER.findall(text.text) if text is not None else []
    return []
