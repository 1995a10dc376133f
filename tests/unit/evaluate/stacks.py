"""Stacks from template texts, and questions asked of them in every scenario."""

from __future__ import annotations

import re
from textwrap import dedent, indent
from typing import TYPE_CHECKING, TypeVar

from infra_checks.core.resource import Resource, Surroundings
from infra_checks.evaluate.regions import Region, Walked, region
from infra_checks.evaluate.scenario import explore
from infra_checks.evaluate.stack import Pins, Stack
from infra_checks.evaluate.transforms import expand
from infra_checks.evaluate.values import Absent, Known, Unknown
from infra_checks.evaluate.view import View
from infra_checks.template.load import load_template

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from infra_checks.evaluate.scenario import Leaf, Scenario

T = TypeVar("T")

PREAMBLE = """
Transform: AWS::LanguageExtensions
Parameters:
  Env: {Type: String, AllowedValues: [dev, test, prod]}
  Name: {Type: String, Default: app}
  Open: {Type: String}
  Filled: {Type: String, MinLength: 1}
  Names: {Type: CommaDelimitedList, Default: "a, b"}
  OpenNames: {Type: List<AWS::EC2::Subnet::Id>}
  Secret: {Type: String, NoEcho: true, Default: hunter2}
  Empty: {Type: String, NoEcho: true, Default: ""}
  Image: {Type: "AWS::SSM::Parameter::Value<String>", Default: /image}
  Count: {Type: Number, Default: 3}
  Flag: {Type: String, Default: "true"}
  Hidden: {Type: String, Default: "{{resolve:secretsmanager:db}}"}
Mappings:
  Sizes:
    dev: {size: small, zones: [a], same: x}
    test: {size: small, zones: [a], same: x}
    prod: {size: large, zones: [a, b], same: x}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  Always: !Equals [a, a]
  Imported: !Equals [!ImportValue Flag, "yes"]
Resources:
  Other: {Type: AWS::S3::Bucket}
"""


def stack_of(text: str, pins: Mapping[str, str | tuple[str, ...]] | None = None, *, assume_any: bool = False) -> Stack:
    """The stack of a template, with pinned parameters."""
    values = {name: (value,) if isinstance(value, str) else value for name, value in (pins or {}).items()}
    chosen = Pins(values, assume_any=assume_any)
    expanded, unexpanded = expand(load_template("t.yaml", dedent(text).encode()), chosen)
    return Stack(expanded, chosen, unexpanded)


def with_property(expression: str) -> str:
    """The template above with a resource `Subject` whose property `P` is an expression."""
    return PREAMBLE + "  Subject:\n    Type: AWS::Test::Thing\n    Properties:\n      P: " + _nested(expression)


def _nested(expression: str) -> str:
    text = dedent(expression).strip()
    is_block = "\n" in text or re.match(r"[\w:]+: ", text)
    return "\n" + indent(text, " " * 8) + "\n" if is_block else text + "\n"


def answers(stack: Stack, question: Callable[[Surroundings], T], *, limit: int = 100) -> dict[str, T]:
    """The answer to a question in each scenario, by the scenario's words."""
    found = scenarios(stack, question, limit=limit)
    leaves = [leaf for leaf, _ in found]
    return {region([leaf], Walked(leaves)).words(): answer for leaf, answer in found}


def scenarios(stack: Stack, question: Callable[[Surroundings], T], *, limit: int = 100) -> list[tuple[Leaf, T]]:
    """The leaves of the walk with the answers."""

    def judge(scenario: Scenario) -> T:
        return question(Surroundings(stack, scenario))

    steps = list(explore(judge, limit=limit))
    assert None not in steps, "the walk was cut short"
    return [step for step in steps if step is not None]


def plain(value: object) -> object:
    """A value as plain data: Unknown as `? reason`, Absent as None."""
    match value:
        case Known(View() as view):
            return {key: plain(view.value(key)) for key in view.keys()}  # noqa: SIM118 - a view is no mapping
        case Known(tuple() as items):
            return [plain(item.value()) for item in items]
        case Known():
            return value.value
        case Unknown():
            return f"? {value.reason}"
        case Absent():
            return None
        case _:
            raise TypeError(value)


def subject(stack: Stack, name: str = "Subject") -> Callable[[Surroundings], Resource]:
    """A question: the resource of a name."""

    def found(surroundings: Surroundings) -> Resource:
        resource = surroundings.get(name)
        assert resource is not None
        return resource

    assert name in stack.template.resources
    return found


def evaluated(expression: str, pins: Mapping[str, str] | None = None, *, assume_any: bool = False) -> object:
    """What an expression is: plain data, or by scenario a mapping of plain data."""
    stack = stack_of(with_property(expression), pins, assume_any=assume_any)
    found = answers(stack, lambda around: plain(subject(stack)(around).value("P")))
    return found[""] if list(found) == [""] else found


def region_where(stack: Stack, question: Callable[[Surroundings], bool]) -> Region:
    """The region of the scenarios in which the answer is yes."""
    found = scenarios(stack, question)
    return region([leaf for leaf, answer in found if answer], Walked([leaf for leaf, _ in found]))
