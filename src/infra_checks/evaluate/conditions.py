"""The condition functions: true or false in a scenario, splitting it where both are possible.

AWS: "Condition functions" and "Rule-specific intrinsic functions" of the CloudFormation user guide. Every
function answers with notes that say which defaults and pins decided.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from infra_checks.errors import EvaluationError
from infra_checks.evaluate.choices import ANY_TEXT, TRUTH
from infra_checks.evaluate.references import deciding
from infra_checks.evaluate.scenario import Source, Variable
from infra_checks.evaluate.symbols import canonical, describe
from infra_checks.evaluate.texts import plain_data
from infra_checks.evaluate.values import Absent, Known, Unknown
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from infra_checks.evaluate.evaluator import Evaluator

Truth = tuple[bool, tuple[str, ...]]
Operand = tuple[str | Variable, tuple[str, ...]]


def holds(evaluator: Evaluator, node: Node) -> Truth:
    """Whether a condition expression is true in the evaluator's scenario."""
    if isinstance(node, Mapping) and node.entries.keys() == {"Condition"}:
        return named(evaluator, node.entries["Condition"])
    if isinstance(node, Call):
        return _function(evaluator, node)
    if isinstance(node, Scalar) and node.literal in {"true", "false"}:
        return node.literal == "true", ()
    raise _error(evaluator, node, "not a condition; use Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition")


def _function(evaluator: Evaluator, call: Call) -> Truth:
    argument = call.argument
    items = argument.items if isinstance(argument, Sequence) else ()
    if call.name == "Condition":
        return named(evaluator, argument)
    if call.name == "Fn::Equals" and len(items) == 2:
        return _equals(evaluator, *items)
    if call.name == "Fn::Not" and len(items) == 1:
        truth, notes = holds(evaluator, items[0])
        return not truth, notes
    if call.name in {"Fn::And", "Fn::Or"} and items:
        return _until(evaluator, items, stop=call.name == "Fn::Or")
    if call.name in {"Fn::Equals", "Fn::Not", "Fn::And", "Fn::Or"}:
        raise _error(evaluator, call, f"{call.name} needs a list of {_OPERANDS[call.name]}")
    return _other(evaluator, call)


_OPERANDS = {
    "Fn::Equals": "two values",
    "Fn::Not": "one condition",
    "Fn::And": "conditions",
    "Fn::Or": "conditions",
}


def _error(evaluator: Evaluator, node: Node, message: str) -> EvaluationError:
    return EvaluationError(message, file=evaluator.stack.template.name, span=node.span)


def named(evaluator: Evaluator, node: Node) -> Truth:
    """Whether the condition of a name is true; raises EvaluationError when it is not declared."""
    if not isinstance(node, Scalar):
        raise _error(evaluator, node, "Condition needs the name of a condition")
    if node.text in evaluator.stack.template.conditions:
        return evaluator.condition(node.text, node)
    if evaluator.stack.may_gain_conditions:
        return evaluator.scenario.equals(Variable(f"condition {node.text}", Source.OPAQUE, TRUTH), "true"), ()
    raise _error(evaluator, node, f"condition {node.text} is not declared; declare it under Conditions")


def _until(evaluator: Evaluator, items: tuple[Node, ...], *, stop: bool) -> Truth:
    """And (stop at false) and Or (stop at true); what is not asked for splits nothing."""
    notes: dict[str, None] = {}
    for item in items:
        truth, more = holds(evaluator, item)
        notes.update(dict.fromkeys(more))
        if truth is stop:
            return stop, tuple(notes)
    return not stop, tuple(notes)


def _equals(evaluator: Evaluator, first: Node, second: Node) -> Truth:
    (left, left_notes), (right, right_notes) = operand(evaluator, first), operand(evaluator, second)
    return equal(evaluator, left, right), left_notes + right_notes


def equal(evaluator: Evaluator, left: str | Variable, right: str | Variable) -> bool:
    """Whether two operands are equal in the scenario, which splits where both are possible."""
    match left, right:
        case Variable(), Variable():
            return _equal_variables(evaluator, left, right)
        case Variable(), str():
            return evaluator.scenario.equals(left, right)
        case str(), Variable():
            return evaluator.scenario.equals(right, left)
        case _:
            return left == right


def _equal_variables(evaluator: Evaluator, left: Variable, right: Variable) -> bool:
    if left.key == right.key:
        return True
    for one, other in ((left, right), (right, left)):
        text = evaluator.scenario.value(one)
        if text is not None:
            return evaluator.scenario.equals(other, text)
    key = " equals ".join(sorted((left.key, right.key)))
    return evaluator.scenario.equals(Variable(key, Source.OPAQUE, TRUTH), "true")


def operand(evaluator: Evaluator, node: Node) -> Operand:
    """What is compared: a text, or the variable that decides it."""
    direct = _referenced(evaluator, node)
    if direct is not None:
        return direct
    value = evaluator.text(node)
    if isinstance(value, Known):
        return value.value, value.notes
    if value is None:
        return _composite(evaluator, node), ()
    return _deciding(evaluator, node, value), value.notes


def _composite(evaluator: Evaluator, node: Node) -> str | Variable:
    """A list or a mapping as what can be compared; nothing (AWS::NoValue) equals only itself."""
    plain = plain_data(evaluator, node)
    if isinstance(plain, Unknown):
        return Variable(canonical(node), Source.OPAQUE, ANY_TEXT)
    return canonical(node) if isinstance(plain, Absent) else json.dumps(plain, sort_keys=True)


def _referenced(evaluator: Evaluator, node: Node) -> Operand | None:
    """A Ref to a parameter, unsplit: conditions mostly ask for one value out of many."""
    if not (isinstance(node, Call) and node.name == "Ref" and isinstance(node.argument, Scalar)):
        return None
    domain = evaluator.stack.domains.get(node.argument.text)
    if domain is None:
        return None
    if domain.parameter is not None and domain.parameter.is_ssm:
        return evaluator.stack.resolved(domain.parameter), ()
    single = domain.variable.base.single
    return (domain.variable if single is None else single), domain.notes


def _deciding(evaluator: Evaluator, node: Node, value: Unknown) -> Variable:
    if value.symbol is None:
        return Variable(canonical(node), Source.OPAQUE, ANY_TEXT)
    described = Variable(describe(value.symbol), Source.OPAQUE, ANY_TEXT)
    return deciding(evaluator, value.symbol) or described


def _other(evaluator: Evaluator, node: Call) -> Truth:
    """A function that is no condition function: its value if that is a truth, else both are possible."""
    value = evaluator.text(node)
    if isinstance(value, Known) and value.value in {"true", "false"}:
        return value.value == "true", value.notes
    return evaluator.scenario.equals(Variable(canonical(node), Source.OPAQUE, TRUTH), "true"), ()
