"""Rules on what CloudFormation refuses: a template over its limits, names that nothing has, unknown policies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import TEMPLATE
from infra_checks.core.rule import ANY_TYPE, Absent, Known, Unknown, rule
from infra_checks.evaluate.stack import PSEUDO_PARAMETERS
from infra_checks.evaluate.view import as_text
from infra_checks.template.nodes import NO_VALUE, Call, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.template.model import Template

_GUIDE: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/"
_QUOTAS: Final = _GUIDE + "UserGuide/cloudformation-limits.html"

_LIMITS: Final = {"Resources": 500, "Parameters": 200, "Outputs": 200, "Mappings": 200}
_MAX_DESCRIPTION: Final = 1024
_MAX_BODY: Final = 1_000_000
_MAX_INLINE: Final = 51_200


@rule(
    TEMPLATE,
    id="template-within-limits",
    title="The template keeps CloudFormation's limits",
    family=Family.DEPLOYABILITY,
    severity=Severity.HIGH,
    remedy="Move some of it into a nested stack or a stack of its own.",
    source=_QUOTAS,
    equivalents=("E1002", "E1003", "E2010", "E3010", "E6010", "E7010"),
)
def within_limits(template: Resource, ctx: Context) -> Iterator[Verdict]:
    """CloudFormation refuses a template with more than 500 resources, 200 parameters, 200 outputs or 200 mappings, with
    a description of more than 1,024 bytes or a text of more than 1 MB. Loops count as what they make.
    """
    declared = template.evaluator.stack.template
    sizes = {
        "Resources": sum(not each.is_rest for each in declared.resources.values()),
        "Parameters": len(declared.parameters),
        "Outputs": len(declared.outputs),
        "Mappings": len(declared.mappings),
    }
    for section, most in _LIMITS.items():
        if sizes[section] > most:
            at = template.placed(declared.root.keys[section])
            yield ctx.violation(at, f"{section} has {sizes[section]} entries; CloudFormation takes {most}")
    described = template.text("Description")
    if isinstance(described, Known) and len(described.value.encode("utf-8", "surrogatepass")) > _MAX_DESCRIPTION:
        yield ctx.violation(described, f"Description is longer than the {_MAX_DESCRIPTION} bytes CloudFormation takes")
    if _size(declared) > _MAX_BODY:
        yield ctx.violation(template.placed(declared.root), "The template is larger than the 1 MB CloudFormation takes")


def _size(declared: Template) -> int:
    text = declared.source.text
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


@rule(
    TEMPLATE,
    id="template-passed-directly",
    title="The template can be passed to CloudFormation without S3",
    family=Family.DEPLOYABILITY,
    severity=Severity.INFO,
    remedy="Upload the template to S3 first (`aws cloudformation package`, or `deploy --s3-bucket`).",
    source=_QUOTAS,
)
def passed_directly(template: Resource, ctx: Context) -> Iterator[Verdict]:
    """A request to CloudFormation takes a template of up to 51,200 bytes; a larger one must be in S3, up to 1 MB."""
    declared = template.evaluator.stack.template
    size = _size(declared)
    if _MAX_INLINE < size <= _MAX_BODY:
        at = template.placed(declared.root)
        yield ctx.violation(at, f"The template has {size:,} bytes; in a request CloudFormation takes {_MAX_INLINE:,}")


_POLICIES: Final = {
    "DeletionPolicy": ("Delete", "Retain", "RetainExceptOnCreate", "Snapshot"),
    "UpdateReplacePolicy": ("Delete", "Retain", "Snapshot"),
}


@rule(
    ANY_TYPE,
    id="deletion-policy-valid",
    title="DeletionPolicy and UpdateReplacePolicy have values that exist",
    family=Family.DEPLOYABILITY,
    severity=Severity.HIGH,
    remedy="Write `Delete`, `Retain` or `Snapshot`, as they are spelled here.",
    source=_GUIDE + "TemplateReference/aws-attribute-deletionpolicy.html",
    equivalents=("E3035", "E3036"),
)
def policy_valid(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """CloudFormation refuses a policy that it does not know; upper and lower case matter, and RetainExceptOnCreate is
    one of DeletionPolicy only.
    """
    for name, allowed in _POLICIES.items():
        if resource.declaration.node.get(name) is None:
            continue
        policy = as_text(resource.attribute(name))
        match policy:
            case Known(text):
                if text not in allowed:
                    yield ctx.violation(policy, f"has the {name} {text!r}; CloudFormation has {', '.join(allowed)}")
            case Unknown():
                yield ctx.undecided(policy, f"whether its {name} exists cannot be told: {policy.reason}")
            case Absent():
                continue


_NAMED: Final = re.compile(r"\$\{\s*([^!}\s][^}]*?)\s*\}")


@rule(
    TEMPLATE,
    id="template-references-declared",
    title="What is referred to is declared",
    family=Family.DEPLOYABILITY,
    severity=Severity.HIGH,
    remedy="Declare it, or correct the name.",
    source=_GUIDE + "TemplateReference/intrinsic-function-reference-ref.html",
    equivalents=("E1010", "E1019", "E1020", "E3005"),
)
def declared(template: Resource, ctx: Context) -> Iterator[Verdict]:
    """CloudFormation refuses a template in which Ref, Fn::GetAtt, Fn::Sub or DependsOn names neither a resource nor
    (but in DependsOn and Fn::GetAtt) a parameter. A macro may still add what is missing.
    """
    model = template.evaluator.stack.template
    macro = next((name for name in template.stack.transforms if not name.startswith(_PLAIN)), "")
    seen: set[tuple[str, str]] = set()
    for where, function, name, node in _references(model):
        if (where, name) in seen or _is_declared(model, function, name):
            continue
        seen.add((where, name))
        said = f"{where} refers to {name}, which is not declared"
        if macro or template.stack.unexpanded:
            by = f"the transform {macro}" if macro else "a loop that is not expanded"
            yield ctx.undecided(template.placed(node), f"{said}, unless {by} adds it")
        else:
            yield ctx.violation(template.placed(node), said + _similar(model, name))


_PLAIN: Final = ("AWS::LanguageExtensions", "AWS::Serverless", "AWS::CodeDeployBlueGreen", "AWS::SecretsManager")


def _is_declared(model: Template, function: str, name: str) -> bool:
    written = model.section("Resources")
    if name in model.resources or (written is not None and name in written.entries):
        return True
    if function == "Ref" and (name in model.parameters or name in PSEUDO_PARAMETERS or name == NO_VALUE):
        return True
    # Modules and serverless resources become several, whose names begin with theirs.
    makers = [key for key in written.entries if _makes_others(model, key)] if written is not None else []
    return any(map(name.startswith, makers)) or (
        name.startswith("Serverless") and any(each.startswith("AWS::Serverless") for each in model.transforms)
    )


def _makes_others(model: Template, name: str) -> bool:
    """Whether a resource becomes several; one whose type cannot be read, such as a preprocessor's module, may."""
    declaration = model.resources.get(name)
    return (
        declaration is None
        or declaration.type.endswith("::MODULE")
        or declaration.written.type.startswith("AWS::Serverless::")
    )


def _similar(model: Template, name: str) -> str:
    if name in model.parameters:
        return "; it is a parameter, not a resource"
    lowered = {each.lower(): each for each in (*model.parameters, *model.resources, *PSEUDO_PARAMETERS)}
    return f"; there is {lowered[name.lower()]}" if name.lower() in lowered else ""


def _references(model: Template) -> Iterator[tuple[str, str, str, Node]]:
    """What refers to something: which section's entry, how (`Ref` or as a resource only), to what, and where."""
    written = {each.written.logical_id: each.written for each in model.resources.values()}
    for name, declaration in written.items():
        yield from _within(f"Resource {name}", declaration.node)
        depends = declaration.node.get("DependsOn")
        for item in depends.items if isinstance(depends, Sequence) else (depends,):
            if isinstance(item, Scalar) and "${" not in item.text:
                yield f"Resource {name}", "DependsOn", item.text, item
    for name, output in model.outputs.items():
        yield from _within(f"Output {name}", output)


def _within(where: str, start: Node) -> Iterator[tuple[str, str, str, Node]]:
    stack: list[Node] = [start]
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            stack.extend(child for key, child in node.entries.items() if not key.startswith("Fn::"))
        elif isinstance(node, Sequence):
            stack.extend(node.items)
        elif isinstance(node, Call):
            yield from ((where, function, name, node) for function, name in _of_call(node) if "${" not in name)
            if node.name != "Fn::Transform":
                stack.append(node.argument)


def _of_call(call: Call) -> Iterator[tuple[str, str]]:
    items = call.argument.items if isinstance(call.argument, Sequence) else (call.argument,)
    first = items[0] if items else None
    if not isinstance(first, Scalar):
        return
    if call.name == "Ref":
        yield "Ref", first.text
    elif call.name == "Fn::GetAtt":
        yield "Fn::GetAtt", first.text.partition(".")[0]
    elif call.name == "Fn::Sub":
        local = items[1].entries if len(items) > 1 and isinstance(items[1], Mapping) else {}
        for name in _NAMED.findall(first.text):
            if name not in local:
                resource, dot, _ = name.partition(".")
                yield ("Fn::GetAtt" if dot else "Ref"), resource


@rule(
    TEMPLATE,
    id="template-mapping-keys-exist",
    title="Keys looked up in mappings exist",
    family=Family.DEPLOYABILITY,
    severity=Severity.HIGH,
    remedy="Add the key to the mapping, or a `DefaultValue` (with `Transform: AWS::LanguageExtensions`).",
    source=_GUIDE + "TemplateReference/intrinsic-function-reference-findinmap.html",
    equivalents=("E1011",),
)
def mapping_keys(template: Resource, ctx: Context) -> Iterator[Verdict]:
    """CloudFormation refuses Fn::FindInMap of a mapping or key that there is not. A key that a parameter gives must
    exist for each value that the parameter can have; regions that a mapping lacks are ones the template is not for.
    """
    model = template.evaluator.stack.template
    if "FindInMap" not in model.source.text or template.stack.unexpanded:
        return
    if any(not name.startswith(_PLAIN) for name in template.stack.transforms):
        return
    for node in _lookups(model):
        items = node.argument.items if isinstance(node.argument, Sequence) else ()
        if len(items) == _OPERANDS and isinstance(items[0], Scalar) and "${" not in items[0].text:
            yield from (ctx.violation(template.placed(node), said) for said in _missing(model, items))


_OPERANDS: Final = 3


def _lookups(model: Template) -> Iterator[Call]:
    """The calls of Fn::FindInMap without a default, each once."""
    roots: list[Node] = [each.node for each in model.resources.values()]
    stack = [*roots, *model.outputs.values(), *model.conditions.values()]
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            stack.extend(node.entries.values())
        elif isinstance(node, Sequence):
            stack.extend(node.items)
        elif isinstance(node, Call):
            if node.name == "Fn::FindInMap":
                yield node
            stack.append(node.argument)


def _missing(model: Template, items: tuple[Node, ...]) -> Iterator[str]:
    """What a look-up can never find; one message."""
    name, first, second = items
    told = name.text if isinstance(name, Scalar) else ""
    table = model.mappings.get(told)
    if table is None:
        yield f"Mapping {told} is looked up and not declared"
        return
    if any(key.startswith("Fn::") for key in table.entries):
        return
    keys = _values(model, first)
    absent = [key for key in keys if key not in table.entries]
    if absent:
        yield f"Mapping {told} has no key {' or '.join(absent)}"
        return
    rows = [table.entries[key] for key in keys] or list(table.entries.values())
    for key in _values(model, second):
        lacking = [row for row in rows if isinstance(row, Mapping) and key not in row.entries]
        if lacking and (keys or len(lacking) == len(rows)):
            yield f"Mapping {told} has no {key} under a key that is looked up"
            return


def _values(model: Template, node: Node) -> tuple[str, ...]:
    """The values a key can have: itself, or what its parameter allows; none when that is not known."""
    if isinstance(node, Scalar):
        return () if "${" in node.text else (node.text,)
    if isinstance(node, Call) and node.name == "Ref" and isinstance(node.argument, Scalar):
        parameter = model.parameters.get(node.argument.text)
        return parameter.allowed if parameter is not None else ()
    return ()
