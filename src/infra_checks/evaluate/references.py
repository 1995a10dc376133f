"""Ref, Fn::GetAtt, Fn::ImportValue, Fn::GetAZs: values that stand elsewhere.

AWS: "Ref", "Fn::GetAtt", "Fn::ImportValue", "Fn::GetAZs" of the template reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.evaluate.answers import Result, malformed, operands, renoted
from infra_checks.evaluate.stack import must_be_filled
from infra_checks.evaluate.symbols import canonical, symbol_value, text_value
from infra_checks.evaluate.values import Absent, Known, Symbol, Unknown
from infra_checks.template.nodes import NO_VALUE, Call, Node, Scalar

if TYPE_CHECKING:
    from infra_checks.evaluate.evaluator import Evaluator
    from infra_checks.evaluate.scenario import Variable
    from infra_checks.evaluate.stack import Domain
    from infra_checks.template.model import Parameter

REGION: Final = "AWS::Region"


def ref(evaluator: Evaluator, call: Call) -> Result:
    """`Ref` of a name."""
    if not isinstance(call.argument, Scalar):
        return malformed(call, "a name")
    return reference(evaluator, call.argument.text, call)


def reference(evaluator: Evaluator, name: str, node: Node) -> Result:
    """What `Ref` of a name gives: a parameter's value, a pseudo parameter, or a resource's id."""
    if name == NO_VALUE:
        return Absent(node)
    domain = evaluator.stack.domains.get(name)
    if domain is not None:
        return _domain_value(evaluator, domain, node)
    name = evaluator.stack.template.names.get(name, name)
    if name in evaluator.stack.template.resources:
        return symbol_value(Symbol("reference", (name, "Ref")), node)
    # As a macro may declare it; without one the deployment fails. Either way nothing is left out here.
    return Unknown(f"{name} is neither a parameter nor a resource of this template", node, present=True)


def _domain_value(evaluator: Evaluator, domain: Domain, node: Node) -> Result:
    parameter = domain.parameter
    if parameter is None:
        return _pseudo(evaluator, domain, node)
    if parameter.is_ssm:
        return _resolved(evaluator, parameter, node)
    single = domain.variable.base.single
    value = evaluator.scenario.value(domain.variable) if single is None else single
    if value is None:
        filled = must_be_filled(parameter) or "" not in evaluator.scenario.choices(domain.variable)
        return _hidden(parameter, node, _openness(parameter), present=filled)
    if parameter.no_echo:
        return _hidden(
            parameter, node, f"it is the hidden value of the parameter {parameter.name}", present=bool(value)
        )
    return renoted(_given(parameter, value, node), domain.notes)


def _openness(parameter: Parameter) -> str:
    why = "which has no default" if parameter.default is None else "which can have any value"
    return f"it depends on the parameter {parameter.name}, {why}"


def _hidden(parameter: Parameter, node: Node, reason: str, *, present: bool) -> Unknown:
    return symbol_value(Symbol("parameter", (parameter.name,)), node, reason=reason, present=present)


def _given(parameter: Parameter, value: str, node: Node) -> Result:
    """A parameter's text as `Ref` gives it; a dynamic reference in it is resolved where it is used."""
    if parameter.is_list:
        return Known(split_list(value), node)
    return text_value((value,), node)


def split_list(text: str) -> tuple[str, ...]:
    """The elements of a list parameter's value."""
    return tuple(part.strip() for part in text.split(","))


def _pseudo(evaluator: Evaluator, domain: Domain, node: Node) -> Result:
    name = domain.variable.key
    value = domain.variable.base.single or _narrowed(evaluator, domain.variable)
    if value is None:
        return symbol_value(Symbol("pseudo", (name,)), node)
    return Known(split_list(value) if name == "AWS::NotificationARNs" else value, node, (), domain.notes)


def _narrowed(evaluator: Evaluator, variable: Variable) -> str | None:
    """A variable's value where a condition has fixed it; reading it alone splits nothing."""
    evaluator.scenario.asked += 1
    return evaluator.scenario.choices(variable).single


def _resolved(evaluator: Evaluator, parameter: Parameter, node: Node) -> Result:
    """The value of a parameter of type AWS::SSM::Parameter::Value<...>: never the name given for it."""
    value = _narrowed(evaluator, evaluator.stack.resolved(parameter))
    if value is None:
        reason = f"it is the value of the Systems Manager parameter that {parameter.name} names"
        return _hidden(parameter, node, reason, present=True)
    if parameter.no_echo:
        return _hidden(parameter, node, f"it is the hidden value behind the parameter {parameter.name}", present=True)
    return _given(parameter, value, node)


def deciding(evaluator: Evaluator, symbol: Symbol) -> Variable | None:
    """The variable behind a symbol that is a parameter or a pseudo parameter, and no list."""
    domain = evaluator.stack.domains.get(str(symbol)) if symbol.kind in {"parameter", "pseudo"} else None
    if domain is None or domain.parameter is None:
        return domain.variable if domain else None
    if domain.parameter.is_list:
        return None
    return evaluator.stack.resolved(domain.parameter) if domain.parameter.is_ssm else domain.variable


def get_att(evaluator: Evaluator, call: Call) -> Result:
    """`Fn::GetAtt` of a resource's name and an attribute, whose parts a function may give."""
    items = operands(call)
    name = evaluator.text(items[0]) if len(items) > 1 else None
    if not isinstance(name, Known):
        return malformed(call, "a resource's name and an attribute")
    values = [(item, evaluator.text(item)) for item in items[1:]]
    attribute = ".".join(value.value if isinstance(value, Known) else canonical(item) for item, value in values)
    return attribute_of(evaluator, name.value, attribute, call)


def attribute_of(evaluator: Evaluator, name: str, attribute: str, node: Node) -> Unknown:
    """What `Fn::GetAtt` gives: known only at deployment, but surely there."""
    if name in evaluator.stack.template.resources:
        return symbol_value(Symbol("reference", (name, attribute)), node)
    return Unknown(f"{name} is not a resource of this template", node, present=True)


def import_value(evaluator: Evaluator, call: Call) -> Result:
    """`Fn::ImportValue` of an export's name."""
    value = evaluator.text(call.argument)
    if value is None:
        return malformed(call, "the name of an export")
    name = value.value if isinstance(value, Known) else canonical(call.argument)
    return symbol_value(Symbol("import", (name,)), call)


def get_azs(evaluator: Evaluator, call: Call) -> Result:
    """`Fn::GetAZs` of a region; the stack's own has one identity, however it is named.

    AWS: "specifying an empty string is equivalent to specifying AWS::Region".
    """
    value = evaluator.text(call.argument)
    if value is None and isinstance(call.argument, Scalar):
        value = Known("")  # `!GetAZs` with nothing behind it, as AWS's own samples have it
    if value is None:
        return malformed(call, "a region, or an empty text for the stack's region")
    own = evaluator.stack.domains[REGION].variable.base.single
    region = value.value if isinstance(value, Known) else canonical(call.argument)
    if region in {"", own} or _is_own_region(call.argument):
        region = REGION
    return symbol_value(Symbol("zones", (region,)), call)


def _is_own_region(node: Node) -> bool:
    return (
        isinstance(node, Call)
        and isinstance(node.argument, Scalar)
        and (node.name, node.argument.text.strip()) in {("Ref", REGION), ("Fn::Sub", "${" + REGION + "}")}
    )
