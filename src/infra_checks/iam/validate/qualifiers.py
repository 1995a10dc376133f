"""Set operators, and conditions that always or never hold because of a wildcard.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.iam.model import Effect
from infra_checks.iam.operators import OPERATORS, Family
from infra_checks.iam.validate.conditions import key_of
from infra_checks.iam.validate.problems import problem
from infra_checks.iam.validate.texts import flat
from infra_checks.iam.validate.values import SENSITIVE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.iam.model import Condition
    from infra_checks.iam.validate.drafts import Draft, Part
    from infra_checks.iam.validate.problems import Problem

_ALL: Final = "ForAllValues"
_ANY: Final = "ForAnyValue"
_OPTIONAL: Final = ("aws:tagkeys",)
"""Multivalued keys that say what a call asks for: without them, it asks for nothing."""


def check_qualifiers(_: Draft, part: Part) -> Iterator[Problem]:
    """ForAllValues and ForAnyValue where they are and where they should be."""
    for condition in part.read.conditions:
        yield from _matched_by_anything(condition)
        if condition.operator == "Null":
            continue
        key = key_of(condition.key)
        if key is None:
            continue
        if not condition.qualifier and key.multivalued:
            message = f"compares {condition.key}, of which a request has several values, without a qualifier"
            yield problem("MISSING_QUALIFIER", condition.path, message)
        elif part.read.effect is Effect.ALLOW and condition.qualifier == _ALL:
            yield from _all_in_allow(part, condition, multivalued=key.multivalued)
        elif part.read.effect is Effect.DENY and condition.qualifier == _ANY:
            yield from _any_in_deny(part, condition)


def _all_in_allow(part: Part, condition: Condition, *, multivalued: bool) -> Iterator[Problem]:
    if _has_null_check(part, condition.key):
        return
    if not multivalued:
        message = f"has {_ALL} for {condition.key}, of which a request has one value, and so allows requests without it"
        yield problem("FORALLVALUES_WITH_SINGLE_VALUED_KEY", condition.path, message)
    elif condition.key.lower() not in _OPTIONAL:
        message = f"has {_ALL} for {condition.key} in an Allow, and so allows requests without it"
        yield problem("FORALLVALUES_WITHOUT_NULL_CHECK", condition.path, message)


def _any_in_deny(part: Part, condition: Condition) -> Iterator[Problem]:
    """Of those that name what is allowed, so that a request without any value gets away."""
    if OPERATORS[condition.operator].negated and not _has_null_check(part, condition.key) and not condition.if_exists:
        message = f"denies by {_ANY} what {condition.key} does not list, but no request without the key"
        yield problem("FORANYVALUE_IN_DENY", condition.path, message)


def _has_null_check(part: Part, key: str) -> bool:
    return any(one.operator == "Null" and one.key.lower() == key.lower() for one in part.read.conditions)


def _matched_by_anything(condition: Condition) -> Iterator[Problem]:
    """A lone `*`: it says of the key at most whether it is there."""
    operator = OPERATORS[condition.operator]
    if operator.family is not Family.STRING or "Like" not in condition.operator or condition.key.lower() in SENSITIVE:
        return
    if not any(flat(value.text) == "*" for value in condition.values):
        return
    key, path = condition.key, condition.path
    words = f"compares {key} by {condition.operator} with `*`"
    absent_matches = condition.if_exists or condition.qualifier == _ALL
    if operator.negated:
        if condition.qualifier == _ANY:
            yield problem("REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION", path, f"{words}, which never holds")
        else:
            yield problem("EQUIVALENT_TO_NULL_TRUE", path, f"{words}, which holds for requests without the key")
    elif absent_matches:
        yield problem("REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION", path, f"{words}, which always holds")
    else:
        yield problem("EQUIVALENT_TO_NULL_FALSE", path, f"{words}, which holds for every request with the key")
