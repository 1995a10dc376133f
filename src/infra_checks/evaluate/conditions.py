"""The condition functions: true or false in a scenario, splitting it where both are possible.

AWS: "Condition functions" and "Rule-specific intrinsic functions" of the CloudFormation user guide. Every
function answers with notes that say which defaults and pins decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.errors import EvaluationError
from infra_checks.evaluate.choices import ANY_TEXT, TRUTH
from infra_checks.evaluate.scenario import Source, Variable
from infra_checks.evaluate.symbols import canonical, describe
from infra_checks.evaluate.values import Known, Unknown
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from infra_checks.evaluate.evaluator import Evaluator

Truth = tuple[bool, tuple[str, ...]]
Operand = tuple[str | Variable, tuple[str, ...]]


def holds(evaluator: Evaluator, node: Node) -> Truth:
    """Whether a condition expression is true in the evaluator's scenario."""
    if isinstance(node, Mapping) and node.entries.keys() == {"Condition"}:
        return _named(evaluator, node.entries["Condition"])
    if isinstance(node, Call):
        return _function(evaluator, node)
    if isinstance(node, Scalar) and node.literal in {"true", "false"}:
        return node.literal == "true", ()
    raise _error(evaluator, node, "not a condition; use Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition")


def _function(evaluator: Evaluator, call: Call) -> Truth:
    argument = call.argument
    items = argument.items if isinstance(argument, Sequence) else ()
    if call.name == "Condition":
        return _named(evaluator, argument)
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


def _named(evaluator: Evaluator, node: Node) -> Truth:
    if isinstance(node, Scalar) and node.text in evaluator.stack.template.conditions:
        return evaluator.condition(node.text, node)
    name = node.text if isinstance(node, Scalar) else "name"
    raise _error(evaluator, node, f"condition {name} is not declared")


def _until(evaluator: Evaluator, items: tuple[Node, ...], *, stop: bool) -> Truth:
    """And (stop at false) and Or (stop at true); what is not asked for splits nothing."""
    notes: tuple[str, ...] = ()
    for item in items:
        truth, more = holds(evaluator, item)
        notes += more
        if truth is stop:
            return stop, notes
    return not stop, notes


def _equals(evaluator: Evaluator, first: Node, second: Node) -> Truth:
    (left, left_notes), (right, right_notes) = _operand(evaluator, first), _operand(evaluator, second)
    notes = left_notes + right_notes
    match left, right:
        case str(), str():
            return left == right, notes
        case Variable(), str():
            return evaluator.scenario.equals(left, right), notes
        case str(), Variable():
            return evaluator.scenario.equals(right, left), notes
        case _:
            return _equal_variables(evaluator, left, right), notes


def _equal_variables(evaluator: Evaluator, left: str | Variable, right: str | Variable) -> bool:
    assert isinstance(left, Variable)  # noqa: S101 - the cases with text are answered before
    assert isinstance(right, Variable)  # noqa: S101
    if left.key == right.key:
        return True
    for one, other in ((left, right), (right, left)):
        text = evaluator.scenario.value(one)
        if text is not None:
            return evaluator.scenario.equals(other, text)
    key = " equals ".join(sorted((left.key, right.key)))
    return evaluator.scenario.equals(Variable(key, Source.OPAQUE, TRUTH), "true")


def _operand(evaluator: Evaluator, node: Node) -> Operand:
    """What is compared: a text, or the variable that decides it."""
    direct = _referenced(evaluator, node)
    if direct is not None:
        return direct
    value = evaluator.text(node)
    if isinstance(value, Known):
        return value.value, value.notes
    if value is None:
        return canonical(node), ()
    return _deciding(evaluator, node, value), value.notes


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
    symbol = value.symbol
    if symbol is None:
        return Variable(canonical(node), Source.OPAQUE, ANY_TEXT)
    domain = evaluator.stack.domains.get(str(symbol)) if symbol.kind in {"parameter", "pseudo"} else None
    return domain.variable if domain else Variable(describe(symbol), Source.OPAQUE, ANY_TEXT)


def _other(evaluator: Evaluator, node: Call) -> Truth:
    """A function that is no condition function: its value if that is a truth, else both are possible."""
    value = evaluator.text(node)
    if isinstance(value, Known) and value.value in {"true", "false"}:
        return value.value == "true", value.notes
    return evaluator.scenario.equals(Variable(canonical(node), Source.OPAQUE, TRUTH), "true"), ()
