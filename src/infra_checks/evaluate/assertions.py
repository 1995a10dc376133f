"""The `Rules` section: combinations of parameters that CloudFormation refuses, so no scenario has them.

AWS: "CloudFormation template Rules syntax" and "Rule-specific intrinsic functions". What cannot be
evaluated (RefAll, ValueOf: attributes of account resources) forbids nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.evaluate import conditions
from infra_checks.evaluate.evaluator import Evaluator
from infra_checks.evaluate.scenario import Source, Variable, explore
from infra_checks.evaluate.values import Known
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra_checks.evaluate.choices import Choices
    from infra_checks.evaluate.scenario import Leaf
    from infra_checks.evaluate.stack import Stack

Member = str | Variable


MAX_PARTS: Final = 2000
"""So many parts of the scenarios of one rule on one resource are tried."""


class Restriction:
    """The template's rules, as they restrict scenarios; what was found for a scenario is kept for the next walk."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._left = MAX_PARTS
        self._known: dict[tuple[tuple[str, Choices], ...], list[Leaf]] = {}

    def renew(self) -> None:
        """Begin another walk, with as many parts to try."""
        self._left = MAX_PARTS

    def allowed_parts(self, leaf: Leaf) -> list[Leaf]:
        """The parts of a scenario that can be deployed; none if the rules refuse all of it.

        When too many parts were tried it is the scenario as a whole: none is dropped unproven.
        """
        key = tuple(leaf.taken.items())
        known = self._known.get(key)
        if known is not None:
            return known
        parts: list[Leaf] = []
        for step in explore(lambda scenario: allowed(Evaluator(self._stack, scenario)), limit=self._left, within=leaf):
            if step is None:
                return [leaf]
            self._left -= 1
            part, is_allowed = step
            if is_allowed:
                parts.append(part)
        self._known[key] = parts
        return parts


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
        case "Fn::Not" if len(items) == 1:
            return _inverse(_truth(evaluator, items[0]))
        case "Fn::And":
            return _all(_truth(evaluator, item) for item in items)
        case "Fn::Or":
            return _inverse(_all(_inverse(_truth(evaluator, item)) for item in items))
        case "Fn::Equals" | "Fn::EachMemberEquals" | "Fn::EachMemberIn" if len(items) == 2:
            return _members_in(evaluator, items[0], items[1])
        case "Fn::Contains" if len(items) == 2:
            return _members_in(evaluator, items[1], items[0])
        case _:
            return None


def _inverse(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def _all(truths: Iterable[bool | None]) -> bool | None:
    """And of three values; what follows a false one is not asked for."""
    unknown = False
    for truth in truths:
        if truth is False:
            return False
        unknown = unknown or truth is None
    return None if unknown else True


def _members_in(evaluator: Evaluator, members: Node, texts: Node) -> bool | None:
    """Whether each of some members is one of some texts; an Equals is the case of one each."""
    left, right = _members(evaluator, members), _members(evaluator, texts)
    if left is None or right is None:
        return None
    return all(any(conditions.equal(evaluator, one, other) for other in right) for one in left)


_OF_THE_ACCOUNT: Final = frozenset({"Fn::RefAll", "Fn::ValueOf", "Fn::ValueOfAll"})


def _members(evaluator: Evaluator, node: Node) -> list[Member] | None:
    """A list's elements, or the one text, as what can be compared; None when parameters alone do not decide."""
    if isinstance(node, Sequence):
        members = [_member(evaluator, item) for _, item, _ in evaluator.elements(node)]
        known = [member for member in members if member is not None]
        return known if len(known) == len(members) else None
    if isinstance(node, Call) and node.name not in _OF_THE_ACCOUNT and not _is_scalar_parameter(evaluator, node):
        reduced, _ = evaluator.reduce(node)
        if isinstance(reduced, Known) and isinstance(reduced.value, tuple):
            return list(reduced.value)
        if node.name == "Ref":
            return None
    member = _member(evaluator, node)
    return None if member is None else [member]


def _is_scalar_parameter(evaluator: Evaluator, node: Call) -> bool:
    """Whether it refers to a parameter that is no list; as a variable it need not be split into values."""
    name = node.argument.text if node.name == "Ref" and isinstance(node.argument, Scalar) else ""
    domain = evaluator.stack.domains.get(name)
    return domain is not None and (domain.parameter is None or not domain.parameter.is_list)


def _member(evaluator: Evaluator, node: Node) -> Member | None:
    if isinstance(node, Call) and node.name in _OF_THE_ACCOUNT:
        return None
    operand, _ = conditions.operand(evaluator, node)
    return None if isinstance(operand, Variable) and operand.source is Source.OPAQUE else operand
