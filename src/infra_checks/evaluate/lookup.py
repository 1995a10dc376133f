"""Fn::FindInMap.

AWS: "Fn::FindInMap" and "Fn::FindInMap enhancements" of the template reference: the mapping's name and both keys
may be functions, and `DefaultValue` is the result if a key is not in the mapping. Without it such a
template is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.evaluate.answers import Result, malformed, opaque, operands, renoted
from infra_checks.evaluate.references import deciding
from infra_checks.evaluate.values import Known, Unknown
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from infra_checks.evaluate.evaluator import Evaluator, Notes
    from infra_checks.evaluate.scenario import Variable

Found = Node | Unknown | None


def find_in_map(evaluator: Evaluator, call: Call) -> Result:
    """The value under two keys of a mapping, or the default."""
    items = operands(call)
    if len(items) not in {3, 4}:
        return malformed(call, "a mapping's name, a top-level key and a second-level key")
    fallback = items[3].get("DefaultValue") if len(items) == 4 and isinstance(items[3], Mapping) else None
    found, notes = _mapping(evaluator, items[0], call)
    for key in items[1:3]:
        if isinstance(found, Mapping):
            found, more = _entry(evaluator, found, key, has_default=fallback is not None)
            notes += more
    if isinstance(found, Unknown):
        return opaque(call, found.reason, notes=notes)
    if found is None and fallback is None:
        return Unknown("the mapping has no such key, so the deployment fails", call, (), notes)
    return _result(evaluator, call, found or fallback or call, notes)


def _mapping(evaluator: Evaluator, node: Node, call: Call) -> tuple[Found, Notes]:
    name = evaluator.text(node)
    if not isinstance(name, Known):
        return Unknown(name.reason if name else "the mapping's name is not a text", call), ()
    table = evaluator.stack.template.mappings.get(name.value)
    return table or Unknown(f"{name.value} is not a mapping of this template", call), name.notes


def _result(evaluator: Evaluator, call: Call, node: Node, notes: Notes) -> Result:
    reduced, notes = evaluator.reduce(node, notes)
    if isinstance(reduced, Mapping):
        return opaque(call, "a mapping's value is a text or a list", notes=notes)
    if not isinstance(reduced, Sequence):
        return renoted(reduced, notes)
    texts = [evaluator.text(item) for _, item, _ in evaluator.elements(reduced)]
    known = tuple(text.value for text in texts if isinstance(text, Known))
    if len(known) < len(texts):
        return opaque(call, "an element of the list is not known", present=True, notes=notes)
    return Known(known, call, (), notes)


def _entry(evaluator: Evaluator, table: Mapping, key: Node, *, has_default: bool) -> tuple[Found, Notes]:
    """The entry under a key; keys with equal entries stay one scenario."""
    variable = _referenced(evaluator, key)
    if variable is None:
        value = evaluator.text(key)
        if isinstance(value, Known):
            return table.entries.get(value.value), value.notes
        variable = deciding(evaluator, value.symbol) if value and value.symbol else None
        if variable is None:
            return Unknown(value.reason if value else "the key is not a text", key), ()
    chosen = evaluator.scenario.group(variable, evaluator.stack.groups(table), rest=has_default)
    return (None if chosen is None else table.entries.get(chosen)), ()


def _referenced(evaluator: Evaluator, key: Node) -> Variable | None:
    """The parameter that a key refers to, if it can still have several values."""
    if not (isinstance(key, Call) and key.name == "Ref" and isinstance(key.argument, Scalar)):
        return None
    domain = evaluator.stack.domains.get(key.argument.text)
    if domain is None or (domain.parameter is not None and (domain.parameter.is_ssm or domain.parameter.is_list)):
        return None
    return domain.variable if domain.variable.base.single is None else None
