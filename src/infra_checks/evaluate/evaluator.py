"""Nodes to values, in one scenario, and only as far as asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.errors import EvaluationError
from infra_checks.evaluate import conditions, intrinsics
from infra_checks.evaluate.symbols import canonical, text_value
from infra_checks.evaluate.values import Absent, Known, Symbol, Unknown, Value
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence, is_no_value

if TYPE_CHECKING:
    from infra_checks.evaluate.scenario import Scenario
    from infra_checks.evaluate.stack import Stack

Notes = tuple[str, ...]
Reduced = Mapping | Sequence | Known[object] | Unknown | Absent
"""A node without calls at its top: a mapping or list as it stands, everything else as a value.

The `value` of a Known is a str, int, float, bool, or a tuple of those for a list that a function made.
"""


class Evaluator:
    """Evaluates nodes of one stack in one scenario; calls whose value no scenario changes are kept."""

    __slots__ = ("_pending", "_truths", "scenario", "stack")

    def __init__(self, stack: Stack, scenario: Scenario) -> None:
        self.stack = stack
        self.scenario = scenario
        self._pending: list[str] = []
        self._truths: dict[str, tuple[bool, Notes]] = {}

    def reduce(self, node: Node, notes: Notes = ()) -> tuple[Reduced, Notes]:
        """Follow Fn::If and evaluate other calls; the notes say what decided."""
        while isinstance(node, Call):
            if node.name != "Fn::If":
                value = self._call(node)
                return value, notes + value.notes
            chosen = self.branch(node)
            if isinstance(chosen, Unknown):
                return chosen, notes
            node, more = chosen
            notes += more
        return (self._scalar(node) if isinstance(node, Scalar) else node), notes

    def branch(self, call: Call) -> tuple[Node, Notes] | Unknown:
        """The branch an Fn::If takes, with the notes that say why."""
        argument = call.argument
        if not isinstance(argument, Sequence) or len(argument.items) != 3 or not isinstance(argument.items[0], Scalar):
            return Unknown("Fn::If needs a condition's name and two values", node=call)
        name = argument.items[0].text
        if name not in self.stack.template.conditions:
            return Unknown(f"condition {name} is not declared", node=call)
        truth, notes = self.condition(name, call)
        return argument.items[1 if truth else 2], notes

    def condition(self, name: str, node: Node) -> tuple[bool, Notes]:
        """Whether a declared condition holds, with notes; raises EvaluationError on a cycle."""
        known = self.stack.constant_conditions.get(name)
        if known is not None:
            return known
        if name in self._truths:
            self.scenario.asked += 1
            return self._truths[name]
        if name in self._pending:
            chain = " → ".join((*self._pending[self._pending.index(name) :], name))
            message = f"conditions go round in a circle: {chain}; break it at one of them"
            raise EvaluationError(message, file=self.stack.template.name, span=node.span)
        self._pending.append(name)
        asked = self.scenario.asked
        expression = self.stack.template.conditions[name]
        try:
            truth, notes = conditions.holds(self, expression)
        except RecursionError:
            raise self._too_deep(expression) from None
        finally:
            self._pending.pop()
        answer = truth, tuple(dict.fromkeys((*notes, f"condition {name} is {'true' if truth else 'false'}")))
        if self.scenario.asked == asked:
            self.stack.constant_conditions[name] = answer
        else:
            self._truths[name] = answer
        return answer

    def _too_deep(self, node: Node) -> EvaluationError:
        message = "functions or conditions are nested too deeply to be evaluated"
        return EvaluationError(message, file=self.stack.template.name, span=node.span)

    def _call(self, call: Call) -> Value[object]:
        known = self.stack.constants.get(call)
        if known is not None:
            return known
        asked = self.scenario.asked
        try:
            value = intrinsics.evaluate(self, call)
        except RecursionError:
            raise self._too_deep(call) from None
        if self.scenario.asked == asked:
            self.stack.constants[call] = value
        return value

    def _scalar(self, node: Scalar) -> Known[object] | Unknown | Absent:
        """A scalar's value: a null is nothing, a dynamic reference is a symbol."""
        value = node.value
        if isinstance(value, str) and "{{resolve:" in value:
            return text_value((value,), node)
        return Absent(node) if value is None else Known(value, node)

    def elements(self, sequence: Sequence, notes: Notes = ()) -> list[tuple[int, Node, Notes]]:
        """A list's elements with their indices in the text; without those that are AWS::NoValue here."""
        kept: list[tuple[int, Node, Notes]] = []
        for index, item in enumerate(sequence.items):
            if not isinstance(item, Call):
                kept.append((index, item, notes))
                continue
            current, more = self._taken(item, notes)
            if not is_no_value(current):
                kept.append((index, current, tuple(dict.fromkeys(more))))
        return kept

    def _taken(self, node: Node, notes: Notes) -> tuple[Node, Notes]:
        """What stands there after every Fn::If whose condition can be evaluated."""
        while isinstance(node, Call) and node.name == "Fn::If":
            chosen = self.branch(node)
            if isinstance(chosen, Unknown):
                break
            node, notes = chosen[0], notes + chosen[1]
        return node, notes

    def is_given(self, node: Node) -> bool:
        """Whether anything is given: not null, and not AWS::NoValue here. Functions are not evaluated for it."""
        node, _ = self._taken(node, ())
        return not is_no_value(node) and not (isinstance(node, Scalar) and node.value is None)

    def text(self, node: Node) -> Known[str] | Unknown | None:
        """A node as the text that Fn::Join, Fn::Sub and Fn::Equals see; None for lists, mappings, nothing."""
        reduced, notes = self.reduce(node)
        if isinstance(reduced, Unknown):
            parts = reduced.parts or (Symbol("call", (canonical(node),)),)
            return Unknown(reduced.reason, reduced.node, (), notes, parts, present=reduced.present)
        if not isinstance(reduced, Known) or isinstance(reduced.value, tuple):
            return None
        literal = scalar_text(reduced.value, reduced.node)
        return Known(literal, reduced.node, (), notes)


def scalar_text(value: object, node: Node | None) -> str:
    """A scalar as CloudFormation turns it into text: numbers as written, booleans as true and false."""
    if isinstance(value, str):
        return value
    if isinstance(node, Scalar):
        return node.literal
    return str(value).lower() if isinstance(value, bool) else str(value)
