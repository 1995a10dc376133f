"""Whether a policy names everyone, and whether its condition limits who of them may use it.

AWS: "AWS global condition context keys" and, for Amazon S3, "The meaning of public": a statement for everyone is
not public when it is limited to fixed values of certain keys. Operators that also hold when the key is missing
(`...IfExists`, `ForAllValues:`) and negated ones limit nothing.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

from infra_checks.evaluate.values import Absent, Known, Symbol, Unknown, Value
from infra_checks.evaluate.view import View, as_text
from infra_checks.rules.globs import SOLID, covers, pieces
from infra_checks.rules.policies import Match, any_of, elements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from infra_checks.core.table import Decision

_ARN_KEYS: Final = frozenset({"aws:sourcearn", "aws:principalarn", "s3:dataaccesspointarn"})
_FIXED_KEYS: Final = frozenset(
    {
        "aws:principalaccount",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principalservicename",
        "aws:sourceaccount",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpcarn",
        "aws:sourcevpce",
        "aws:userid",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
        "kms:calleraccount",
        "s3:dataaccesspointaccount",
    }
)
_EXACT: Final = frozenset({"stringequals", "stringequalsignorecase"})
_PATTERNS: Final = frozenset({"stringlike", "arnequals", "arnlike"})
_WIDEST: Final = {4: 8, 6: 32}
"""Amazon S3: address ranges broader than /8 (IPv4) or /32 (IPv6) are public."""

_ANY_ACCOUNT: Final = "arn:aws:iam::zqzqzqzq:root"
_WILD: Final = frozenset("*?")
_ACCOUNT, _RESOURCE = 4, 5


def names_everyone(statement: View) -> Match:
    """Whether Principal is `*`, or has `*` for some kind of principal, or NotPrincipal leaves all but a few."""
    excluded = statement.value("NotPrincipal")
    if not isinstance(excluded, Absent):
        return Match(True if isinstance(excluded, Known) else None, excluded)
    principal = statement.value("Principal")
    match principal:
        case Known(View() as kinds):
            values = [value for kind in list(kinds.keys()) for value in elements(kinds, kind)]
            return any_of((Match(_is_star(value), value) for value in values), principal)
        case Known() | Unknown():
            return any_of((Match(_is_star(value), value) for value in elements(statement, "Principal")), principal)
        case Absent():
            return Match(False, principal)


def _is_star(value: Value[object]) -> Decision:
    """Whether a principal is everyone, also one that is meant as such (`arn:aws:iam::*:root`), which AWS refuses."""
    parts = pieces(value)
    if len(parts) == 1 and isinstance(parts[0], str):
        return covers(value, _ANY_ACCOUNT, free=(1,))
    if all(isinstance(part, Symbol) and part.kind not in SOLID for part in parts):
        return False if isinstance(value, Absent) else None
    return False


def limits_callers(statement: View) -> Match:
    """Whether the condition of a statement limits it to callers that are fixed."""
    condition = statement.mapping("Condition")
    match condition:
        case Known(operators):
            return any_of(_judged(operators), condition)
        case Unknown():
            return Match(None, condition)
        case Absent():
            return Match(False, condition)


def _judged(operators: View) -> Iterator[Match]:
    for operator in list(operators.keys()):
        keys = operators.mapping(operator)
        if isinstance(keys, Unknown):
            yield Match(None, keys)
        if isinstance(keys, Known):
            for key in list(keys.value.keys()):
                yield Match(_limits(operators, operator, key), operators.value(operator, key))


def _limits(operators: View, operator: str, key: str) -> Decision:
    name, lowered = operator.lower().removeprefix("foranyvalue:"), key.lower()
    values = elements(operators, operator, key)
    if not values:
        return False
    if lowered == "aws:sourceip" and name == "ipaddress":
        return _all(_is_narrow_range(value) for value in values)
    if name in _EXACT and lowered in _ARN_KEYS | _FIXED_KEYS:
        return True
    if name in _PATTERNS and lowered in _ARN_KEYS:
        return _all(is_limited_arn(value) for value in values)
    if name in _PATTERNS and lowered in _FIXED_KEYS:
        return _all(_has_fixed_text(value) for value in values)
    return False


def _all(decisions: Iterable[Decision]) -> Decision:
    found = list(decisions)
    return False if False in found else None if None in found else True


def _is_narrow_range(value: Value[object]) -> Decision:
    text = as_text(value)
    match text:
        case Known(block):
            try:
                network = ipaddress.ip_network(block, strict=False)
            except ValueError:
                return None
            return network.prefixlen >= _WIDEST[network.version] or network.is_private
        case Unknown():
            return None
        case Absent():
            return False


def _has_fixed_text(value: Value[object]) -> Decision:
    """Whether a pattern is more than wildcards and separators."""
    parts = pieces(value)
    if any(_is_solid(part) for part in parts):
        return True
    return None if not parts or any(isinstance(part, Symbol) for part in parts) else False


def _is_solid(part: str | Symbol) -> bool:
    return bool(set(part) - _WILD - set(":/-")) if isinstance(part, str) else part.kind in {"reference", "pseudo"}


def is_limited_arn(value: Value[object]) -> Decision:
    """Whether an ARN pattern is fixed to an account, or to an Amazon S3 bucket, whose ARN has no account."""
    parts = pieces(value)
    if len(parts) == 1 and isinstance(parts[0], Symbol):
        return True if parts[0].kind == "reference" else None
    if not parts:
        return None
    fields = _fields(parts)
    if len(fields) <= _ACCOUNT:
        return None if any(isinstance(part, Symbol) for part in parts) else False
    if fields[_ACCOUNT]:
        fixed = _has_fixed_field(fields[_ACCOUNT])
        if fixed is not False:
            return fixed
    service = fields[2]
    if service == ("s3",) or not fields[_ACCOUNT]:
        return _has_fixed_field(fields[_RESOURCE]) if len(fields) > _RESOURCE else False
    return False


def _fields(parts: tuple[str | Symbol, ...]) -> list[tuple[str | Symbol, ...]]:
    """The fields of an ARN, each as pieces; the last holds the rest, colons included."""
    fields: list[list[str | Symbol]] = [[]]
    for part in parts:
        if isinstance(part, Symbol):
            fields[-1].append(part)
            continue
        first, *others = part.split(":", max(0, _RESOURCE + 1 - len(fields)))
        fields[-1].extend([first] if first else [])
        fields.extend([other] if other else [] for other in others)
    return [tuple(field) for field in fields]


def _has_fixed_field(parts: tuple[str | Symbol, ...]) -> Decision:
    if any(_is_solid(part) for part in parts):
        return True
    return None if any(isinstance(part, Symbol) for part in parts) else False
