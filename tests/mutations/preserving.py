"""Other ways to write the same template: each must leave the verdict as it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import yaml

from infra_checks.core.rule import Rule
from infra_checks.testing import Case
from tests.mutations.data import Data, Place, at, data_of, is_function, resources, walk, with_section, with_value
from tests.mutations.judging import Said, said

VALUE = "MovedValue"
CHOICE = "MovedChoice"
CONDITION = "MovedCondition"


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A case's template written in another way; `place` is empty when all of it is."""

    case: Case
    change: str
    place: Place
    make: Callable[[], Data | str]

    @property
    def name(self) -> str:
        """The change and its place."""
        return f"{self.change} {'.'.join(map(str, self.place))}".strip()


def rewritings(case: Case) -> Iterator[Rewriting]:
    """All ways to write a case's template in which nothing changes."""
    data = data_of(case)
    for change, write in FORMATS.items():
        yield Rewriting(case, change, (), partial(write, data))
    for place, value in _movable(data):
        for change, move in MOVES.items():
            if change == "if" or not isinstance(value, (dict, list)):
                yield Rewriting(case, change, place, partial(move, data, place))


def keeps_the_verdict(rule: Rule, rewriting: Rewriting, before: frozenset[Said]) -> bool:
    """Whether the rule says of the rewriting what it says of the case."""
    case, template = rewriting.case, rewriting.make()
    if rewriting.change != "if":
        return said(rule, template, case) == before
    # Each branch alone is the old template, and both together say no more than one.
    if not all(said(rule, template, case, pins={CHOICE: choice}) == before for choice in ("first", "second")):
        return False
    return _places(said(rule, template, case)) == _places(before)


def _places(findings: frozenset[Said]) -> set[tuple[str, ...]]:
    return {one[:3] for one in findings}


def _movable(data: Data) -> Iterator[tuple[Place, Data]]:
    """The values of properties that are not an argument of a function."""
    for name, declaration in resources(data):
        if "Properties" in declaration and not is_function(name):
            start: Place = ("Resources", name, "Properties")
            for place, value in walk(declaration["Properties"], start):
                if len(place) > len(start) and value is not None and not any(map(is_function, place)):
                    yield place, value


def _parameter(data: Data, value: Data) -> Data:
    return with_section(data, "Parameters", VALUE, {"Type": "String", "Default": _text(value)})


def _text(value: Data) -> str:
    """A scalar as a parameter holds it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def to_parameter(data: Data, place: Place) -> Data:
    """The value is a parameter's default."""
    return _parameter(with_value(data, place, {"Ref": VALUE}), at(data, place))


def to_sub(data: Data, place: Place) -> Data:
    """The value is a text in which nothing is replaced."""
    return with_value(data, place, {"Fn::Sub": _text(at(data, place)).replace("${", "${!")})


def to_sub_of_parameter(data: Data, place: Place) -> Data:
    """The value is put together of a parameter's default."""
    return _parameter(with_value(data, place, {"Fn::Sub": f"${{{VALUE}}}"}), at(data, place))


def to_mapping(data: Data, place: Place) -> Data:
    """The value stands in a mapping."""
    moved = with_value(data, place, {"Fn::FindInMap": [VALUE, "Row", "Value"]})
    return with_section(moved, "Mappings", VALUE, {"Row": {"Value": at(data, place)}})


def to_mapping_by_parameter(data: Data, place: Place) -> Data:
    """The value stands in two rows of a mapping, of which a parameter chooses."""
    moved = with_value(data, place, {"Fn::FindInMap": [VALUE, {"Ref": CHOICE}, "Value"]})
    row: Data = {"Value": at(data, place)}
    moved = with_section(moved, "Mappings", VALUE, {"first": row, "second": row})
    return with_section(moved, "Parameters", CHOICE, {"Type": "String", "AllowedValues": ["first", "second"]})


def choosing(data: Data, place: Place, first: Data, second: Data) -> Data:
    """One of two values, as a parameter chooses."""
    chosen = with_value(data, place, {"Fn::If": [CONDITION, first, second]})
    chosen = with_section(chosen, "Conditions", CONDITION, {"Fn::Equals": [{"Ref": CHOICE}, "first"]})
    return with_section(chosen, "Parameters", CHOICE, {"Type": "String", "AllowedValues": ["first", "second"]})


def to_if(data: Data, place: Place) -> Data:
    """The value stands in both branches."""
    return choosing(data, place, at(data, place), at(data, place))


MOVES: dict[str, Callable[[Data, Place], Data]] = {
    "parameter": to_parameter,
    "mapping": to_mapping,
    "mapping by parameter": to_mapping_by_parameter,
    "if": to_if,
    "sub": to_sub,
    "sub of parameter": to_sub_of_parameter,
}


def _reversed(data: Data) -> Data:
    if isinstance(data, dict):
        return {key: _reversed(value) for key, value in reversed(data.items())}
    return [_reversed(value) for value in data] if isinstance(data, list) else data


def _commented(data: Data) -> str:
    """Wide indents and a comment at the end of each line."""
    lines = yaml.safe_dump(data, sort_keys=False, indent=7, width=4000).splitlines()
    return "".join(f"{line}  # same\n\n" for line in lines)


class _Tagged(NamedTuple):
    """A function in its short form."""

    name: str
    value: object


class _Short(yaml.SafeDumper):
    """Writes the short forms of functions."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the dumper's signature
        return True


def _represent(dumper: yaml.SafeDumper, call: _Tagged) -> yaml.Node:
    node = dumper.represent_data(call.value)
    node.tag = f"!{call.name}"
    return node


_Short.add_representer(_Tagged, _represent)


def _shortened(data: Data) -> object:
    """Data with short forms where YAML has them; one right within another stays long."""
    if isinstance(data, list):
        return [_shortened(value) for value in data]
    if not isinstance(data, dict):
        return data
    made = {key: _shortened(value) for key, value in data.items()}
    name, value = next(iter(made.items()), ("", None))
    name = name.removeprefix("Fn::")
    if len(made) != 1 or not is_function(next(iter(made))) or "::" in name or isinstance(value, _Tagged):
        return made
    if name == "GetAtt" and isinstance(value, list) and all(isinstance(part, str) for part in value):
        value = ".".join(value)
    return _Tagged(name, value)


FORMATS: dict[str, Callable[[Data], Data | str]] = {
    "data": lambda data: data,
    "json in one line": json.dumps,
    "yaml blocks": lambda data: yaml.safe_dump(data, sort_keys=False),
    "yaml flow": lambda data: yaml.safe_dump(data, default_flow_style=True, sort_keys=False, width=60),
    "yaml quoted": lambda data: yaml.safe_dump(data, default_style='"', sort_keys=False),
    "yaml with comments": _commented,
    "other order": _reversed,
    "short forms": lambda data: yaml.dump(_shortened(data), Dumper=_Short, sort_keys=False),
}
