"""A rule on names of resources: with the same name in every stack, only one stack can be deployed."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import ANY_TYPE, Absent, Known, Unknown, rule
from infra_checks.template.nodes import Call, Node, Scalar, Sequence, is_no_value, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision

_NAMES: Final = Path(__file__).with_name("data") / "unique_names.txt"

_COMMON: Final = frozenset({"AWS::AccountId", "AWS::NoValue", "AWS::Partition", "AWS::Region", "AWS::URLSuffix"})
"""Pseudo parameters that are the same for all stacks of an account and region."""

_PLACEHOLDER: Final = re.compile(r"\$\{\s*([^!}\s][^}]*?)\s*\}")


@cache
def names() -> dict[str, str]:
    """The property that names a resource, for each type whose names are unique."""
    found = {}
    for line in _NAMES.read_text("utf-8").splitlines():
        service, colon, kinds = line.partition(": ")
        if not line.startswith("#") and colon:
            for kind, _, name in (word.partition("=") for word in kinds.split()):
                found[f"AWS::{service}::{kind}"] = name
    return found


@rule(
    ANY_TYPE,
    id="physical-name-differs-between-stacks",
    title="Names differ between stacks",
    family=Family.PARAMETERISATION,
    severity=Severity.LOW,
    remedy="Leave the name out, or make it of `${AWS::StackName}` or of a parameter for the environment.",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html",
    equivalents=(
        "CFN_NO_EXPLICIT_RESOURCE_NAMES",
        "W28",
    ),
)
def differs(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """Two resources cannot have the same name in an account and region, so a template with a fixed name can be deployed
    there once: there is no second environment, and no update that replaces the resource. CloudFormation makes a unique
    name when none is given.
    """
    name = names().get(resource.type)
    properties = resource.declaration.properties
    node = properties.get(name) if name and properties is not None and not isinstance(properties, _OTHERS) else None
    if name is None or node is None or _varies(node):
        return
    value = resource.value(name)
    match value:
        case Known(str(text)) if text.strip():
            yield ctx.violation(value, f"has the name {text} in every stack")
        case Unknown() if any(isinstance(part, str) for part in value.parts) and _varies(node) is False:
            yield ctx.violation(value, "has the same name in every stack of an account and region")
        case Unknown():
            yield ctx.undecided(value, f"whether its name differs between stacks cannot be told: {value.reason}")
        case Known() | Absent():
            return


_OTHERS: Final = (Call, Scalar, Sequence)


def _varies(node: Node) -> Decision:
    """Whether a name is made of something that another stack has another value of; None when it may be."""
    opaque = False
    for _, child in walk(node):
        if not isinstance(child, Call):
            opaque = opaque or (isinstance(child, Scalar) and "{{resolve:" in child.text)
        elif child.name == "Fn::GetAtt" or _chooses(child) or set(_named(child)) - _COMMON:
            return True
        elif child.name == "Fn::ImportValue":
            opaque = True
    return None if opaque else False


def _chooses(call: Call) -> bool:
    """Whether it is an Fn::If between two names: the condition is one on parameters."""
    if call.name != "Fn::If" or not isinstance(call.argument, Sequence):
        return False
    return not any(map(is_no_value, call.argument.items[1:]))


def _named(call: Call) -> list[str]:
    """What a Ref or an Fn::Sub names."""
    if call.name == "Ref" and isinstance(call.argument, Scalar):
        return [call.argument.text]
    if call.name != "Fn::Sub":
        return []
    first = call.argument.items[0] if isinstance(call.argument, Sequence) and call.argument.items else call.argument
    return _PLACEHOLDER.findall(first.text) if isinstance(first, Scalar) else []
