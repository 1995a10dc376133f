"""A rule on names of resources: with the same name in every stack, only one stack can be deployed."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import ANY_TYPE, Absent, Known, Unknown, rule
from infra_checks.evaluate.symbols import canonical
from infra_checks.rules.predicates import any_of
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence, is_no_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Mapping as MappingType
    from collections.abc import Sequence as SequenceType

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
    mappings = resource.evaluator.stack.template.mappings
    if name is None or node is None or _varies(node, mappings):
        return
    value = resource.value(name)
    match value:
        case Known(str(text)) if text.strip():
            yield ctx.violation(value, f"has the name {text} in every stack")
        case Unknown() if any(isinstance(part, str) for part in value.parts) and _varies(node, mappings) is False:
            yield ctx.violation(value, "has the same name in every stack of an account and region")
        case Unknown():
            yield ctx.undecided(value, f"whether its name differs between stacks cannot be told: {value.reason}")
        case Known() | Absent():
            return


_OTHERS: Final = (Call, Scalar, Sequence)


def _varies(node: Node, mappings: MappingType[str, Mapping]) -> Decision:
    """Whether a name is made of something that another stack has another value of; None when it may be."""
    match node:
        case Scalar():
            return None if "{{resolve:" in node.text else False
        case Call(name="Fn::ImportValue"):
            return None
        case Call(name="Fn::If", argument=Sequence(items=(_, *arms))):
            given = [arm for arm in arms if not is_no_value(arm)]
            return True if _differ(given) else any_of(*(_varies(arm, mappings) for arm in given[:1]))
        case Call(name="Fn::FindInMap", argument=Sequence(items=(name, *keys))):
            return any_of(*(_varies(key, mappings) for key in keys)) and _differ(_entries(mappings, name, keys))
        case Call():
            return node.name == "Fn::GetAtt" or bool(set(_named(node)) - _COMMON) or _varies(node.argument, mappings)
        case Sequence() | Mapping():
            parts = node.items if isinstance(node, Sequence) else node.entries.values()
            return any_of(*(_varies(part, mappings) for part in parts))


def _differ(nodes: Iterable[Node]) -> bool:
    """Whether not all are the same expression: what chooses among equal ones makes no difference."""
    return len(set(map(canonical, nodes))) > 1


def _entries(mappings: MappingType[str, Mapping], name: Node, keys: SequenceType[Node]) -> Iterator[Node]:
    """What an Fn::FindInMap may give: all entries, or those under a second key that is spelled out."""
    second = keys[1].text if len(keys) > 1 and isinstance(keys[1], Scalar) else None
    tables = mappings.values() if not isinstance(name, Scalar) else filter(None, [mappings.get(name.text)])
    for table in tables:
        for row in table.entries.values():
            entries = row.entries if isinstance(row, Mapping) else {}
            yield from (entry for key, entry in entries.items() if second in {None, key})
    for option in keys[2:]:
        if isinstance(option, Mapping):
            yield from option.entries.values()


def _named(call: Call) -> list[str]:
    """What a Ref or an Fn::Sub names."""
    if call.name == "Ref" and isinstance(call.argument, Scalar):
        return [call.argument.text]
    if call.name != "Fn::Sub":
        return []
    first = call.argument.items[0] if isinstance(call.argument, Sequence) and call.argument.items else call.argument
    return _PLACEHOLDER.findall(first.text) if isinstance(first, Scalar) else []
