"""Whether one statement applies to one request: every value concrete, every rule from AWS's documentation.

It shares no code with the algebra of the searches, so that each can check the other.

Sources, all below https://docs.aws.amazon.com/IAM/latest/UserGuide/:
reference_policies_elements_action.html (case, wildcards), reference_policies_elements_resource.html,
reference_policies_elements_principal.html, reference_policies_elements_condition_operators.html (operators, missing
keys), reference_policies_condition-single-vs-multi-valued-context-keys.html (ForAllValues, ForAnyValue) and
reference_policies_variables.html (a variable without a value makes its statement match nothing).
Where these leave a choice: `*` in Resource crosses colons unless asked otherwise, the value of a variable is never a
wildcard, and an operator without a set qualifier holds for several values when it holds for one (negated: for none).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.iam.model import Principal
from infra_checks.iam.operators import OPERATORS, Family
from infra_checks.iam.text import Symbol, pieces
from infra_checks.iam.values import date, decoded, network, number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from infra_checks.iam.model import Condition, Patterns, Principals, Request, Statement
    from infra_checks.iam.text import Text


ANONYMOUS: Final = Principal("*", "*")
"""The principal of a request that nobody signed."""

ARN_PARTS: Final = 6


class _Any(NamedTuple):
    """A wildcard: one character, or any number of them."""

    many: bool


_Token = str | _Any
_MANY: Final = _Any(many=True)
_ONE: Final = _Any(many=False)


class Unresolved(Exception):  # noqa: N818 - it is how a statement is left, not an error
    """A policy variable has no value in the request."""


def applies(statement: Statement, request: Request, *, parts: bool = False) -> bool:
    """Whether the statement matches, as far as it was read. Raises ValueError for a symbol without a value.

    With `parts`, wildcards in Resource stay between colons, but for a `*` that ends a part.
    """
    try:
        return (
            _action_matches(statement.actions, request.action)
            and _resource_matches(statement.resources, request, glob_in_parts if parts else glob)
            and principal_matches(statement.principals, request.principal)
            and all(condition_holds(condition, request.context) for condition in statement.conditions)
        )
    except Unresolved:
        return False


def _action_matches(patterns: Patterns | None, action: str) -> bool:
    if patterns is None:
        return True
    lowered = action.lower()
    return patterns.negated != any(glob(_tokens(pattern.text, {}, lower=True), lowered) for pattern in patterns.listed)


def _resource_matches(
    patterns: Patterns | None, request: Request, matches: Callable[[Sequence[_Token], str], bool]
) -> bool:
    if patterns is None:
        return True
    # All of them, so that a variable without a value is met wherever it stands.
    matched = [matches(_tokens(pattern.text, request.context), request.resource) for pattern in patterns.listed]
    return patterns.negated != any(matched)


def principal_matches(principals: Principals | None, principal: Principal | None) -> bool:
    """Whether the principals include this one, or for a request without principal any at all."""
    if principals is None:
        return True
    if principal is None:
        everybody = any(includes(listed, ANONYMOUS) for listed in principals.listed)
        return not everybody if principals.negated else bool(principals.listed)
    return principals.negated != any(includes(listed, principal) for listed in principals.listed)


def includes(listed: Principal, principal: Principal) -> bool:
    """Whether the entry stands for the principal: itself, its role, its account, or everybody."""
    name = _plain(listed.name)
    if listed.kind == "*" or (listed.kind, name) == ("AWS", "*"):
        return True
    if listed.kind != principal.kind:
        return False
    asked = _plain(principal.name)
    if listed.kind != "AWS" or name == asked:
        return name == asked
    account = named_account(name)
    if account is not None:
        return account == account_of(asked)
    return name == role_of(asked) or is_session_of(asked, name)


def named_account(name: str) -> str | None:
    """The account that an entry stands for as a whole: its id, or the ARN of its root."""
    if len(name) == 12 and name.isdigit():  # noqa: PLR2004 - the digits of an account id
        return name
    parts = name.split(":")
    whole = len(parts) == ARN_PARTS and parts[2] == "iam" and parts[5] == "root"
    return parts[4] if whole else None


def account_of(arn: str) -> str:
    """The account field of an ARN, empty when there is none."""
    parts = arn.split(":", ARN_PARTS - 1)
    return parts[4] if len(parts) == ARN_PARTS else ""


def role_of(session: str) -> str | None:
    """The ARN of the role of an assumed-role session, as a role without path has it."""
    parts = session.split(":", ARN_PARTS - 1)
    if len(parts) != ARN_PARTS or parts[2] != "sts" or not parts[5].startswith("assumed-role/"):
        return None
    return f"arn:{parts[1]}:iam::{parts[4]}:role/{parts[5].split('/')[1]}"


def is_session_of(session: str, role: str) -> bool:
    """Whether the session may be one of a role that has a path, which sessions do not tell."""
    plain = role_of(session)
    if plain is None:
        return False
    start, _, name = plain.partition(":role/")
    return role.startswith(f"{start}:role/") and role.endswith(f"/{name}")


def condition_holds(condition: Condition, context: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether the request's values for the key satisfy the condition. Raises Unresolved."""
    values = context.get(condition.key.lower(), ())
    operator = OPERATORS[condition.operator]
    if operator.family is Family.NULL:
        absent = not values or values == ("",)
        return any(_plain(value.text).lower() == ("true" if absent else "false") for value in condition.values)
    if condition.qualifier:
        values = tuple(value for value in values if value)  # an empty value is no member of the set
        if not values:
            return condition.qualifier == "ForAllValues" or condition.if_exists
    if not values:
        return operator.negated or condition.if_exists
    compared = [_is_one_of(operator.positive, condition, value, context) for value in values]
    if condition.qualifier == "ForAllValues":
        return all(found != operator.negated for found in compared)
    if condition.qualifier == "ForAnyValue":
        return any(found != operator.negated for found in compared)
    return any(compared) != operator.negated


def _is_one_of(operator: str, condition: Condition, value: str, context: Mapping[str, tuple[str, ...]]) -> bool:
    matched = [_compares(operator, written.text, value, context) for written in condition.values]  # all, for Unresolved
    return any(matched)


def _compares(operator: str, written: Text, value: str, context: Mapping[str, tuple[str, ...]]) -> bool:
    """One value of the policy against one of the request."""
    match operator:
        case "StringLike":
            return glob(_tokens(written, context), value)
        case "ArnLike":
            return arn_like(_tokens(written, context), value)
        case "StringEquals":
            return _filled(written, context) == value
        case "StringEqualsIgnoreCase" | "Bool":
            return _filled(written, context).lower() == value.lower()
        case "BinaryEquals":
            return decoded(_filled(written, context)) == decoded(value)
        case "IpAddress":
            return _is_within(value, _filled(written, context))
        case _:
            return _is_ordered(operator, value, _filled(written, context))


def _is_within(address: str, block: str) -> bool:
    inner, outer = network(address), network(block)
    if inner is None or outer is None or inner.version != outer.version:
        return False
    return outer.first <= inner.first and inner.last <= outer.last


def _is_ordered(operator: str, value: str, text: str) -> bool:
    read, order = (date, operator[4:]) if operator.startswith("Date") else (number, operator[7:])
    asked, limit = read(value), read(text)
    if asked is None or limit is None:
        return False
    match order:
        case "Equals":
            return asked == limit
        case "LessThan":
            return asked < limit
        case "LessThanEquals":
            return asked <= limit
        case "GreaterThan":
            return asked > limit
        case _:
            return asked >= limit


def arn_like(pattern: Sequence[_Token], value: str) -> bool:
    """The six parts of an ARN, each compared by itself: no wildcard crosses one of the first five colons."""
    parts = value.split(":", ARN_PARTS - 1)
    patterns = _split(pattern)
    return len(parts) == len(patterns) and all(map(glob, patterns, parts))


def _split(pattern: Sequence[_Token]) -> list[list[_Token]]:
    parts: list[list[_Token]] = [[]]
    for letter in pattern:
        if letter == ":" and len(parts) < ARN_PARTS:
            parts.append([])
        else:
            parts[-1].append(letter)
    return parts


def glob(pattern: Sequence[_Token], text: str) -> bool:
    """Whether the whole text matches; at most the product of both lengths in steps."""
    at = here = 0
    star, resume = -1, 0
    while here < len(text):
        if at < len(pattern) and pattern[at] is _MANY:
            star, resume = at, here
            at += 1
        elif at < len(pattern) and (pattern[at] is _ONE or pattern[at] == text[here]):
            at += 1
            here += 1
        elif star >= 0:
            resume += 1
            at, here = star + 1, resume
        else:
            return False
    return all(token is _MANY for token in pattern[at:])


def glob_in_parts(pattern: Sequence[_Token], text: str) -> bool:
    """As glob, but a wildcard takes no colon unless it is a `*` that ends a part of the pattern."""
    states = {0}
    for char in (*text, ""):
        reached: set[int] = set()
        pending = list(states)
        while pending:
            at = pending.pop()
            if at in reached:
                continue
            reached.add(at)
            if at < len(pattern) and pattern[at] is _MANY:
                pending.append(at + 1)
        if not char:
            return len(pattern) in reached
        states = {after for at in reached if (after := _after(pattern, at, char)) is not None}
    return False


def _after(pattern: Sequence[_Token], at: int, char: str) -> int | None:
    if at == len(pattern):
        return None
    if pattern[at] is _MANY:
        ends_part = at + 1 == len(pattern) or pattern[at + 1] == ":"
        return at if ends_part or char != ":" else None
    return at + 1 if pattern[at] == char or (pattern[at] is _ONE and char != ":") else None


def _tokens(text: Text, context: Mapping[str, tuple[str, ...]], *, lower: bool = False) -> list[_Token]:
    found: list[_Token] = []
    for piece in pieces(text):
        if isinstance(piece, Symbol):
            found.extend(_value(piece, context))
        else:
            found.extend(_wildcards(piece.lower() if lower else piece))
    return found


def _wildcards(piece: str) -> Iterable[_Token]:
    return [_MANY if char == "*" else _ONE if char == "?" else char for char in piece]


def _filled(text: Text, context: Mapping[str, tuple[str, ...]]) -> str:
    return "".join(_value(piece, context) if isinstance(piece, Symbol) else piece for piece in pieces(text))


def _plain(text: Text) -> str:
    return _filled(text, {})


def _value(symbol: Symbol, context: Mapping[str, tuple[str, ...]]) -> str:
    if symbol.literal:
        return symbol.literal
    if not symbol.variable:
        raise ValueError(f"the symbol {symbol.name} has no value")
    values = context.get(symbol.name, ())
    if len(values) == 1 and values[0]:
        return values[0]
    if symbol.default is None:
        raise Unresolved(symbol.name)
    return symbol.default
