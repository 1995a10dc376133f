"""Options of rules as packs write them: `minimum-days: 14` for the rule's `minimum_days`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.packs.nearest import nearest
from infra_checks.template.nodes import Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Sequence as SequenceType

    from infra_checks.core.rule import Option, Rule
    from infra_checks.template.nodes import Node


class OptionError(Exception):
    """No rule has such an option, or its value is of the wrong type; the text says which."""


def option_name(key: str) -> str:
    """The rules' own name of an option that a pack names."""
    return key.replace("-", "_")


def defaults_of(key: str, rules: SequenceType[Rule]) -> list[Option]:
    """What the rules that have an option have as its default; raises OptionError when none has it."""
    name = option_name(key)
    defaults = [rule.options[name] for rule in rules if name in rule.options]
    if defaults and "_" not in key:
        return defaults
    known = sorted({name.replace("_", "-") for rule in rules for name in rule.options})
    hint = nearest(key, known) if known else "; the rules named here have no options"
    raise OptionError(f"no rule named here has an option {key!r}{hint}")


def option_value(key: str, node: Node, defaults: Iterable[Option]) -> Option:
    """The value of an option, of the same kind as its defaults; raises OptionError.

    Whole numbers and fractions are of one kind, numbers and booleans are not.
    """
    value = _value(node)
    kinds = sorted({_kind(default) for default in defaults})
    if value is None or kinds != [_kind(value)]:
        raise OptionError(f"option {key} must be {' and '.join(kinds)}")
    return value


def _value(node: Node) -> Option | None:
    if isinstance(node, Scalar):
        return node.value
    if not isinstance(node, Sequence):
        return None
    texts = [item.value for item in node.items if isinstance(item, Scalar) and isinstance(item.value, str)]
    return tuple(texts) if len(texts) == len(node.items) else None


def _kind(value: Option) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "text, in quotes if it looks like a number"
    return "a list of texts, each in quotes if it looks like a number"
