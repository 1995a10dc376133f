"""Answers of functions: what is not known, what is malformed, what is too long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.evaluate.symbols import MAX_TEXT, TOO_LONG, canonical
from infra_checks.evaluate.values import Absent, Known, Symbol, Unknown, Value
from infra_checks.template.nodes import Call, Node, Sequence

if TYPE_CHECKING:
    from infra_checks.evaluate.evaluator import Notes

Result = Value[object]


def opaque(call: Call, reason: str, *, present: bool = False, notes: Notes = ()) -> Unknown:
    """A value with no known part, equal to that of an equal expression."""
    return Unknown(reason, call, (), notes, (Symbol("call", (canonical(call),)),), present=present)


def malformed(call: Call, needs: str) -> Unknown:
    """The answer to a call that CloudFormation refuses."""
    return Unknown(f"{call.name} needs {needs}", call)


def text_of(text: str, call: Call, notes: Notes = ()) -> Known[str] | Unknown:
    """A text that a function made, unless it is longer than any deployment could use."""
    return Known(text, call, (), notes) if len(text) <= MAX_TEXT else opaque(call, TOO_LONG, notes=notes)


def operands(call: Call) -> tuple[Node, ...]:
    """The items of a call's list; none when its argument is no list."""
    return call.argument.items if isinstance(call.argument, Sequence) else ()


def renoted(value: Result, notes: Notes) -> Result:
    """The same value with other notes."""
    match value:
        case Known():
            return Known(value.value, value.node, (), notes)
        case Unknown():
            return Unknown(value.reason, value.node, (), notes, value.parts, present=value.present)
        case Absent():
            return Absent(value.node, (), notes)
