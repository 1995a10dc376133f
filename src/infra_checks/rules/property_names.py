"""A rule on names of properties, which needs the provider schemas that cfn-lint brings (extra `schemas`)."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import ANY_TYPE, Absent, Known, Unknown, rule
from infra_checks.errors import RuleError
from infra_checks.evaluate.view import View
from infra_checks.template.nodes import Call, Mapping, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as MappingType

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.evaluate.values import Value
    from infra_checks.template.nodes import Node

# A JSON schema: texts, numbers, lists and mappings.
Schema = Any


@rule(
    ANY_TYPE,
    id="resource-properties-exist",
    title="Properties are ones that the type has",
    family=Family.DEPLOYABILITY,
    severity=Severity.HIGH,
    remedy="Correct the name; upper and lower case matter.",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html",
    equivalents=("E3002",),
    options={"schemas": False},
)
def exist(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """CloudFormation refuses a property that the type does not have, after it has made what comes before it; a property
    in the wrong case is no property. The option `schemas` turns the rule on; it needs cfn-lint, whose provider schemas
    it reads (`pip install infra-checks[schemas]`) and which takes about half a second to load.
    """
    if ctx.option("schemas") is not True:
        return
    schema = _schema(resource.type)
    properties = resource.declaration.properties
    if schema is not None and properties is not None and _is_suspect(properties, schema, schema):
        yield from _judge(resource, ctx, schema, schema)


@cache
def _schema(kind: str) -> Schema:
    """The schema of a type; None for one that is not AWS's, or that cfn-lint does not know."""
    try:
        from cfnlint.schema import PROVIDER_SCHEMA_MANAGER, ResourceNotFoundError  # noqa: PLC0415 - an extra, and slow
    except ImportError:
        message = "option schemas of resource-properties-exist needs cfn-lint; pip install infra-checks[schemas]"
        raise RuleError(message) from None
    try:
        return PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    except ResourceNotFoundError:
        return None


def _is_suspect(node: Node, schema: Schema, root: Schema) -> bool:
    """Whether a name may be wrong in some branch; nothing is evaluated for it, since few resources have such a name."""
    if isinstance(node, Mapping):
        known = _properties(schema, root)
        return known is not None and any(
            name not in known or _is_suspect(child, _resolved(known[name], root), root)
            for name, child in node.entries.items()
        )
    if isinstance(node, Sequence):
        element = _resolved(schema.get("items", {}), root)
        return any(_is_suspect(item, element, root) for item in node.items)
    if isinstance(node, Call) and node.name == "Fn::If" and isinstance(node.argument, Sequence):
        return any(_is_suspect(arm, schema, root) for arm in node.argument.items[1:])
    return False


def _judge(view: View, ctx: Context, schema: Schema, root: Schema) -> Iterator[Verdict]:
    """Verdicts on a mapping and what is below it, as far as the schema tells which names there are."""
    known = _properties(schema, root)
    if known is None:
        return
    for name in view.keys():  # noqa: SIM118 - a view is no mapping to iterate over
        value = view.value(name)
        if name.startswith("Fn::"):
            yield ctx.undecided(value, f"whether it has other properties cannot be told: {name} may add some")
        elif name not in known:
            near = get_close_matches(name, known, n=1, cutoff=_NEAR) or _same_but_case(name, known)
            hint = f"; did you mean {near[0]}?" if near else ""
            yield ctx.violation(value, f"has no property {name}{hint}")
        else:
            yield from _below(value, ctx, _resolved(known[name], root), root)


_NEAR: Final = 0.75


def _below(value: Value[object], ctx: Context, schema: Schema, root: Schema) -> Iterator[Verdict]:
    match value:
        case Known(View() as view):
            yield from _judge(view, ctx, schema, root)
        case Known(tuple() as items):
            element = _resolved(schema.get("items", {}), root)
            for item in items:
                if isinstance(item, View):
                    yield from _below(item.value(), ctx, element, root)
        case Known() | Unknown() | Absent():
            return


def _properties(schema: Schema, root: Schema) -> MappingType[str, Schema] | None:
    """The names a mapping may have, with their schemas; None when it may have others, or any of several forms."""
    if schema.get("additionalProperties") is not False or "patternProperties" in schema:
        return None
    if any(name in schema for name in ("allOf", "anyOf", "oneOf")) and schema is not root:
        return None
    found: MappingType[str, Schema] | None = schema.get("properties")
    return found


def _resolved(schema: Schema, root: Schema) -> Schema:
    """What a `$ref` within the same schema refers to."""
    reference = schema.get("$ref", "") if isinstance(schema, dict) else ""
    if not reference.startswith("#/definitions/"):
        return schema if isinstance(schema, dict) else {}
    return root.get("definitions", {}).get(reference.rpartition("/")[2], {})


def _same_but_case(name: str, known: MappingType[str, Schema]) -> list[str]:
    return [each for each in known if each.lower() == name.lower()]
