"""SAM's policy templates: what each grants; facts are in data/policy_templates.txt."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.template.nodes import Mapping
from infra_checks.template.serverless.making import Content, entry_of, made_mapping, substituted

if TYPE_CHECKING:
    from infra_checks.template.nodes import Node, Scalar

_TABLE: Final = Path(__file__).with_name("data") / "policy_templates.txt"
_OWN: Final = "~"
_OPERANDS: Final = 3
_PARAMETER: Final = re.compile(r"\$\{([A-Za-z]+)\}")


class Grant(NamedTuple):
    """One statement of a template; the condition is an operator, a key and a value."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: tuple[str, ...]


@cache
def grants() -> dict[str, tuple[Grant, ...]]:
    """The statements of each template."""
    found: dict[str, tuple[Grant, ...]] = {}
    for line in _TABLE.read_text("utf-8").splitlines():
        name, colon, rest = line.partition(": ")
        if line.startswith("#") or not colon:
            continue
        actions, _, after = rest.partition(" @ ")
        resources, _, condition = after.partition(" ? ")
        grant = Grant(
            tuple(f"{service}:{action}" for service, _, listed in _split(actions) for action in listed.split(",")),
            tuple(_arn(word) for word in resources.split()),
            tuple(_arn(word) for word in condition.split()),
        )
        found[name] = (*found.get(name, ()), grant)
    return found


def _split(actions: str) -> list[tuple[str, str, str]]:
    return [word.partition(":") for word in actions.split()]


def _arn(word: str) -> str:
    if not word.startswith(_OWN):
        return word
    service, _, name = word.removeprefix(_OWN).partition(":")
    return f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{name}"


def granted(node: Node, place: Scalar) -> Mapping | None:
    """The policy document that a template makes; None when it is none that is known, or lacks a parameter."""
    if not isinstance(node, Mapping) or len(node.entries) != 1:
        return None
    ((name, given),) = node.entries.items()
    if name not in grants() or not isinstance(given, Mapping):
        return None
    statements: list[Content] = []
    for grant in grants()[name]:
        texts = (*grant.resources, *grant.condition)
        values = {each: entry_of(given, each) for text in texts for each in _PARAMETER.findall(text)}
        if None in values.values():
            return None
        statements.append(_statement(grant, dict(values), place))
    return made_mapping({"Statement": statements}, place)


def _statement(grant: Grant, values: dict[str, Content], place: Scalar) -> Content:
    def text(word: str) -> Content:
        names = _PARAMETER.findall(word)
        return substituted(word, {name: values[name] for name in names}, place) if "${" in word else word

    content: dict[str, Content] = {
        "Effect": "Allow",
        "Action": list(grant.actions),
        "Resource": [text(word) for word in grant.resources],
    }
    if len(grant.condition) == _OPERANDS:
        operator, key, value = grant.condition
        content["Condition"] = {operator: {key: text(value)}}
    return content
