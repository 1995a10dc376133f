"""Rules on parameters that hold secrets, and on what shows them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import TEMPLATE
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.evaluate import conditions
from infra_checks.evaluate.values import Symbol
from infra_checks.rules.secret_properties import parameters_in, secret_nodes
from infra_checks.rules.secret_texts import secret_in
from infra_checks.template.nodes import Call, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.template.model import Parameter, Template
    from infra_checks.template.nodes import Node

_GUIDE: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/"

_SECRET: Final = re.compile(
    r"(?:pass(?:word|wd|phrase)|pwd|secret|token|api_?key|private_?key|secret_?key|access_?key|auth_?key|webhook_?url)"
    r"(?:value|string|text)?[0-9]*$",
    re.IGNORECASE,
)
"""Names that end so are those of secrets; `SecretArn`, `TokenTtl` and `PasswordLength` say something about one."""

_NO_SECRETS: Final = re.compile(
    r"(?:public|enable|disable|use|create|rotate|generate|require|need|has|is|allow)[a-z]*(?:_|(?=[A-Z]))"
    r"|(?:next|continuation|service|client_?request|idempotency|update|version|csrf)_?token$",
    re.IGNORECASE,
)
"""Names that end like those of secrets and are none: `EnableSecret`, `ServiceToken`."""

_SWITCHES: Final = frozenset({"true", "false", "yes", "no", "enabled", "disabled", "0", "1"})


@rule(
    TEMPLATE,
    id="parameter-secret-noecho",
    title="Parameters for secrets have NoEcho and no default",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Set `NoEcho: true` and remove `Default`, or better: take a dynamic reference to Secrets Manager and no "
    "parameter at all.",
    source=_GUIDE + "parameters-section-structure.html",
    secret=True,
)
def no_echo(template: Resource, ctx: Context) -> Iterator[Verdict]:
    """CloudFormation shows the values of parameters without NoEcho to everyone who may describe the stack, and a
    default to everyone who may read the template. What is a secret is told by the name; parameters that a password
    property takes are reported at that property.
    """
    declared = template.evaluator.stack.template
    suspects = [each for each in declared.parameters.values() if _is_suspect(each)]
    if not suspects:
        return
    reported = _in_secret_properties(declared)
    for parameter in suspects:
        if parameter.name in reported:
            continue
        at = template.placed(declared.root.entries["Parameters"].keys[parameter.name])  # type: ignore[union-attr]
        given = tuple(node for name in ("Default", "AllowedValues") if (node := parameter.node.get(name)) is not None)
        if not parameter.no_echo:
            message = f"Parameter {parameter.name} is a secret by its name and has no NoEcho"
            yield ctx.violation(at, message, hides=given)
        elif parameter.default and "{{resolve:" not in parameter.default:
            message = f"Parameter {parameter.name} is a secret whose default stands in the template"
            yield ctx.violation(at, message, hides=given)


def _is_suspect(parameter: Parameter) -> bool:
    """Whether a parameter is for a secret: NoEcho says so, else its name; numbers, switches and AWS's ids are none."""
    if parameter.no_echo:
        return True
    if parameter.type not in {"String", "CommaDelimitedList"} or {*map(str.lower, parameter.allowed)} & _SWITCHES:
        return False
    if parameter.default and (parameter.default.lower() in _SWITCHES or parameter.default.startswith(_ELSEWHERE)):
        return False
    return bool(_SECRET.search(parameter.name)) and not _NO_SECRETS.match(parameter.name)


_ELSEWHERE: Final = ("/", "arn:", "{{resolve:")
"""Defaults that say where a secret is kept."""


def _in_secret_properties(template: Template) -> set[str]:
    nodes = (node for declaration in template.resources.values() for node in secret_nodes(declaration))
    return {name for node in nodes for name in parameters_in(node)}


_ATTRIBUTES: Final = {
    "AWS::AppSync::ApiKey": ("ApiKey",),
    "AWS::Cognito::UserPoolClient": ("ClientSecret",),
    "AWS::IAM::AccessKey": ("SecretAccessKey",),
}
"""What Fn::GetAtt gives of these is a secret (return values in the resource reference)."""


@rule(
    TEMPLATE,
    id="output-no-secret",
    title="Outputs show no secrets",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Put the value into an AWS::SecretsManager::Secret and output its ARN.",
    source=_GUIDE + "outputs-section-structure.html",
    equivalents=("cloudformation_stack_outputs_find_secrets", "W2010"),
    secret=True,
)
def output(template: Resource, ctx: Context) -> Iterator[Verdict]:
    """Everyone who may describe the stack sees its outputs; CloudFormation hides neither the value of a NoEcho
    parameter nor a secret attribute in them.
    """
    for name, node in template.evaluator.stack.template.outputs.items():
        condition = node.get("Condition")
        if condition is not None and not conditions.named(template.evaluator, condition)[0]:
            continue
        value = template.value("Outputs", name, "Value")
        match value:
            case Known(str(text)):
                shown = secret_in(text)
            case Unknown():
                symbols = (part for part in value.parts if isinstance(part, Symbol))
                shown = next((what for symbol in symbols if (what := _secret(template, symbol))), "")
            case Known() | Absent():
                shown = ""
        if shown:
            yield ctx.violation(template.placed(value.node or node), f"Output {name} shows {shown}")


def _secret(template: Resource, symbol: Symbol) -> str:
    """What secret a symbol stands for; empty when for none."""
    declared = template.evaluator.stack.template
    if symbol.kind == "parameter":
        parameter = declared.parameters[str(symbol)]
        return f"the NoEcho parameter {parameter.name}" if parameter.no_echo else ""
    if symbol.kind == "reference":
        name, attribute = map(str, symbol.name)
        kind = declared.resources[name].type
        return f"{attribute} of {name}" if attribute in _ATTRIBUTES.get(kind, ()) else ""
    return ""


@rule(
    TEMPLATE,
    id="metadata-no-secret-parameter",
    title="Metadata shows no secrets",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Let the instance read the secret from Secrets Manager at start-up, by its ARN.",
    source=_GUIDE + "parameters-section-structure.html",
    equivalents=("W2010",),
    secret=True,
)
def metadata(template: Resource, ctx: Context) -> Iterator[Verdict]:
    """CloudFormation neither changes nor hides what stands in Metadata: NoEcho does not mask a parameter's value
    there, and everyone who may describe the stack's resources reads it.
    """
    declared = template.evaluator.stack.template
    hidden = {name for name, parameter in declared.parameters.items() if parameter.no_echo}
    if not hidden:
        return
    for declaration in declared.resources.values():
        node = declaration.node.get("Metadata")
        for call, name in _references(node) if node is not None else ():
            if name in hidden:
                at = template.placed(call)
                yield ctx.violation(
                    at, f"Metadata of the resource {declaration.logical_id} shows the NoEcho parameter {name}"
                )


def _references(node: Node) -> Iterator[tuple[Call, str]]:
    for _, child in walk(node):
        if isinstance(child, Call) and child.name in {"Ref", "Fn::Sub"}:
            for name in dict.fromkeys(parameters_in(child)):
                yield child, name
