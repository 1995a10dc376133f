"""The `Rules` section: combinations of parameters that CloudFormation refuses, so no scenario has them.

AWS: "CloudFormation template Rules syntax" and "Rule-specific intrinsic functions". What cannot be
evaluated (RefAll, ValueOf: attributes of account resources) forbids nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.evaluate import conditions
from infra_checks.evaluate.values import Known
from infra_checks.template.nodes import Call, Mapping, Node, Sequence

if TYPE_CHECKING:
    from infra_checks.evaluate.evaluator import Evaluator


def allowed(evaluator: Evaluator) -> bool:
    """Whether the scenario's parameters keep every rule of the template."""
    return all(_kept(evaluator, rule) for rule in evaluator.stack.template.rules.values())


def _kept(evaluator: Evaluator, rule: Mapping) -> bool:
    condition = rule.get("RuleCondition")
    if condition is not None and _truth(evaluator, condition) is not True:
        return True
    assertions = rule.get("Assertions")
    items = assertions.items if isinstance(assertions, Sequence) else ()
    asserted = [item.get("Assert") for item in items if isinstance(item, Mapping)]
    return all(_truth(evaluator, node) is not False for node in asserted if node is not None)


def _truth(evaluator: Evaluator, node: Node) -> bool | None:
    """True, false, or None where it depends on what is not known."""
    if not isinstance(node, Call) or not isinstance(node.argument, Sequence):
        return None
    items = node.argument.items
    match node.name:
        case "Fn::Equals" if _evaluable(node):
            return conditions.holds(evaluator, node)[0]
        case "Fn::Not" if len(items) == 1:
            truth = _truth(evaluator, items[0])
            return None if truth is None else not truth
        case "Fn::And":
            return _all(_truth(evaluator, item) for item in items)
        case "Fn::Or":
            inverse = _all(None if truth is None else not truth for truth in (_truth(evaluator, item) for item in items))
            return None if inverse is None else not inverse
        case "Fn::Contains" if len(items) == 2:
            return _members_in(evaluator, items[1], items[0])
        case "Fn::EachMemberIn" if len(items) == 2:
            return _members_in(evaluator, items[0], items[1])
        case "Fn::EachMemberEquals" if len(items) == 2:
            return _members_in(evaluator, items[0], items[1])
        case _:
            return None


def _all(truths: object) -> bool | None:
    unknown = False
    for truth in truths:  # type: ignore[attr-defined]
        if truth is False:
            return False
        unknown = unknown or truth is None
    return None if unknown else True


def _evaluable(node: Node) -> bool:
    """Whether no function in it asks for attributes of account resources."""
    stack: list[Node] = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, Call):
            if current.name in {"Fn::RefAll", "Fn::ValueOf", "Fn::ValueOfAll"}:
                return False
            stack.append(current.argument)
        elif isinstance(current, Sequence):
            stack.extend(current.items)
    return True


def _members_in(evaluator: Evaluator, members: Node, texts: Node) -> bool | None:
    left, right = _texts(evaluator, members), _texts(evaluator, texts)
    return None if left is None or right is None else set(left) <= set(right)


def _texts(evaluator: Evaluator, node: Node) -> list[str] | None:
    reduced, _ = evaluator.reduce(node)
    if isinstance(reduced, Sequence):
        values = [evaluator.text(item) for _, item, _ in evaluator.elements(reduced)]
        texts = [value.value for value in values if isinstance(value, Known)]
        return texts if len(texts) == len(values) else None
    if isinstance(reduced, Known) and isinstance(reduced.value, tuple):
        return [str(item) for item in reduced.value]
    value = evaluator.text(node)
    return [value.value] if isinstance(value, Known) else None
