"""Rules on how a template presents itself: its parameters, outputs, and what of it is used at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import TEMPLATE
from infra_checks.core.rule import rule
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Rule, Verdict
    from infra_checks.template.model import Parameter, Template

_GUIDE: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/"

_CONSTRAINTS: Final = ("AllowedPattern", "AllowedValues", "MaxLength", "MaxValue", "MinLength", "MinValue")
_PLAIN: Final = frozenset({"CommaDelimitedList", "List<Number>", "List<String>", "Number", "String"})


def _declared(template: Resource) -> Template:
    return template.evaluator.stack.template


def _at(template: Resource, section: str, name: str) -> Node:
    """The key of an entry."""
    node = _declared(template).root.entries[section]
    return node.keys[name] if isinstance(node, Mapping) else node


def _of_parameters(
    *,
    id: str,
    title: str,
    lacks: Callable[[Parameter], bool],
    said: str,
    rationale: str,
    remedy: str,
    severity: Severity = Severity.LOW,
) -> Rule:
    """A rule on each parameter."""

    def judge(template: Resource, ctx: Context) -> Iterator[Verdict]:
        for name, parameter in _declared(template).parameters.items():
            if lacks(parameter):
                yield ctx.violation(template.placed(_at(template, "Parameters", name)), f"Parameter {name} {said}")

    judge.__doc__ = rationale
    return rule(
        TEMPLATE,
        id=id,
        title=title,
        family=Family.PARAMETERISATION,
        severity=severity,
        remedy=remedy,
        source=_GUIDE + "parameters-section-structure.html",
    )(judge)


def _is_open(parameter: Parameter) -> bool:
    """Whether CloudFormation takes any text: AWS's own types and those of Systems Manager are checked by it."""
    return parameter.type in _PLAIN and not any(parameter.node.get(name) for name in _CONSTRAINTS)


def _is_empty(node: Mapping, name: str) -> bool:
    found = node.get(name)
    return found is None or (isinstance(found, Scalar) and not found.text.strip())


constrained = _of_parameters(
    id="parameter-constrained",
    title="Parameters say which values they take",
    lacks=_is_open,
    said="takes any value",
    rationale="""CloudFormation checks the constraints of a parameter before it touches any resource; without one, a
    typing error is found in the middle of a deployment, or not at all.""",
    remedy="Add `AllowedValues`, `AllowedPattern`, `MinLength`, `MaxLength`, `MinValue` or `MaxValue`, or use a type "
    "of AWS's such as `AWS::EC2::VPC::Id`.",
)

described = _of_parameters(
    id="parameter-described",
    title="Parameters have descriptions",
    lacks=lambda parameter: _is_empty(parameter.node, "Description"),
    said="has no description",
    rationale="""The console shows a parameter's description next to its field; who deploys the stack has nothing else
    to go by.""",
    remedy="Add `Description`.",
)

explained = _of_parameters(
    id="parameter-pattern-explained",
    title="Patterns of parameters are explained",
    lacks=lambda parameter: (
        parameter.allowed_pattern is not None and _is_empty(parameter.node, "ConstraintDescription")
    ),
    said="has an AllowedPattern and no ConstraintDescription",
    rationale="""When a value does not match AllowedPattern, CloudFormation shows the regular expression, unless
    ConstraintDescription says in words what is asked for. Messages on other constraints explain themselves.""",
    remedy="Add `ConstraintDescription`, such as `must be 12 digits`.",
)


@rule(
    TEMPLATE,
    id="output-described",
    title="Outputs have descriptions",
    family=Family.PARAMETERISATION,
    severity=Severity.LOW,
    remedy="Add `Description`.",
    source=_GUIDE + "outputs-section-structure.html",
)
def output_described(template: Resource, ctx: Context) -> Iterator[Verdict]:
    """An output is for others: people who look at the stack, and stacks that build on it. Its description says what the
    value is good for.
    """
    for name, node in _declared(template).outputs.items():
        if _is_empty(node, "Description"):
            yield ctx.violation(template.placed(_at(template, "Outputs", name)), f"Output {name} has no description")


@rule(
    TEMPLATE,
    id="output-exported",
    title="Outputs are exported",
    family=Family.PARAMETERISATION,
    severity=Severity.INFO,
    remedy="Add `Export: {Name: !Sub '${AWS::StackName}-...'}`.",
    source=_GUIDE + "using-cfn-stack-exports.html",
)
def output_exported(template: Resource, ctx: Context) -> Iterator[Verdict]:
    """Other stacks import only what is exported, and CloudFormation does not delete an export that is in use. What
    people read, or a parent stack takes by Fn::GetAtt, needs no export.
    """
    for name, node in _declared(template).outputs.items():
        if node.get("Export") is None:
            yield ctx.violation(template.placed(_at(template, "Outputs", name)), f"Output {name} has no export")


_SUB: Final = re.compile(r"\$\{\s*([A-Za-z0-9]+)")


_KNOWN: Final = frozenset({"AWS::CodeDeployBlueGreen", "AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"})
"""Transforms that add no text of their own."""


@rule(
    TEMPLATE,
    id="template-nothing-unused",
    title="Parameters, mappings and conditions are used",
    family=Family.PARAMETERISATION,
    severity=Severity.LOW,
    remedy="Remove it, or use it where it was meant to be used.",
    source=_GUIDE + "template-anatomy.html",
    equivalents=("W2001", "W7001", "W8001"),
)
def unused(template: Resource, ctx: Context) -> Iterator[Verdict]:
    """Who sets a parameter that nothing reads believes to have changed something; what is left over hides what counts.
    A macro may use anything, so that nothing is said of a template with one.
    """
    declared = _declared(template)
    if template.stack.unexpanded or not _KNOWN.issuperset(template.stack.transforms):
        return
    referenced, mapped, conditional = _uses(declared.root)
    for section, names, used in (
        ("Parameters", declared.parameters, referenced),
        ("Mappings", declared.mappings, mapped),
        ("Conditions", declared.conditions, conditional),
    ):
        for name in names:
            if name not in used and not name.startswith("Fn::"):
                said = f"{section.removesuffix('s')} {name} is not used"
                yield ctx.violation(template.placed(_at(template, section, name)), said)


def _uses(root: Mapping) -> tuple[set[str], set[str], set[str]]:
    """The names of parameters, mappings and conditions that are used anywhere but in Metadata.

    A mapping whose name a function gives may be any: then the function's texts count.
    """
    referenced: set[str] = set()
    mapped: set[str] = set()
    conditional: set[str] = set()
    stack: list[Node] = [node for name, node in root.entries.items() if name not in {"Metadata", "Mappings"}]
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            condition = node.get("Condition")
            if isinstance(condition, Scalar):
                conditional.add(condition.text)
            stack.extend(node.entries.values())
        elif isinstance(node, Sequence):
            stack.extend(node.items)
        elif isinstance(node, Call):
            texts = _texts(node.argument)
            if node.name == "Fn::FindInMap":
                mapped.update(texts)
            elif node.name in {"Fn::If", "Condition"}:
                conditional.update(texts[:1])
            elif node.name == "Fn::Sub":
                referenced.update(_SUB.findall(texts[0] if texts else ""))
            else:
                referenced.update(texts)
            stack.append(node.argument)
    return referenced, mapped, conditional


def _texts(node: Node) -> list[str]:
    items = node.items if isinstance(node, Sequence) else (node,)
    return [item.text for item in items if isinstance(item, Scalar)]
