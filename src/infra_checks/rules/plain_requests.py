"""Whether a policy statement denies requests that come without TLS; shared, without rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.evaluate.values import Absent, Known, Unknown, Value
from infra_checks.evaluate.view import EACH, View, as_boolean
from infra_checks.rules.predicates import any_of

if TYPE_CHECKING:
    from infra_checks.core.table import Decision


def only_without_tls(statement: View) -> Decision:
    """The condition is that there is no TLS and nothing else; no condition at all denies everything."""
    condition = statement.mapping("Condition")
    match condition:
        case Absent():
            return True
        case Unknown():
            return None
        case Known(view):
            operators = view.keys()
            if len(operators) != 1 or operators[0].lower() not in {"bool", "boolifexists"}:
                return False
            keys = view.at(operators[0]).keys()
            if len(keys) != 1 or keys[0].lower() != "aws:securetransport":
                return None if isinstance(view.value(operators[0]), Unknown) else False
            return any_of(*(_is_false(value) for value in _listed(view, operators[0], keys[0])))


def _listed(view: View, *path: str) -> tuple[Value[object], ...]:
    value = view.value(*path)
    is_list = isinstance(value, Known) and isinstance(value.value, tuple)
    return view.values(*path, EACH) if is_list else (value,)


def _is_false(value: Value[object]) -> Decision:
    match as_boolean(value):
        case Known(truth):
            return not truth
        case Unknown():
            return None
        case Absent():
            return False
