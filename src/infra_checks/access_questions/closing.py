"""Unknown parts that two versions of policies have in common, as one and the same unknown.

What cannot be read, such as a managed policy of another stack, may allow or deny anything. Where both versions have it,
it allows and denies the same in both. It becomes a statement with a condition on a key of its own: the key says what it
decides for each request. So a policy compared with itself never allows anything new.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from infra_checks.iam.decide import LIMITS
from infra_checks.iam.model import Condition, Effect, Pattern, Policy, PolicyType, Statement, Unread
from infra_checks.iam.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from infra_checks.iam.model import Patterns, Principals, Request

KEY: Final = "infra-checks:unread-"


@dataclass(slots=True)
class Closed:
    """Two versions without the unknown parts that they share; `shared` says what those are, `statements` stand for
    them.
    """

    new: tuple[Policy, ...]
    old: tuple[Policy, ...]
    shared: dict[str, str] = field(default_factory=dict)

    def stands_for_unknown(self, statement: Statement) -> bool:
        """Whether the statement is one of those that stand for what is not known."""
        return any(condition.key.startswith(KEY) for condition in statement.conditions)


def closed(new: Sequence[Policy], old: Sequence[Policy]) -> Closed:
    """Both versions with what neither knows made the same."""
    common = {*_unknowns(new)} & {*_unknowns(old)}
    shared: dict[str, str] = {}
    keys: dict[object, str] = {}
    for one in sorted(common, key=str):
        keys[one] = f"{KEY}{len(keys)}"
        shared[keys[one]] = _words(one)
    return Closed(tuple(_with(new, keys)), tuple(_with(old, keys)), shared)


def without_keys(request: Request) -> Request:
    """The request without the keys of unknown parts."""
    context = {key: values for key, values in request.context.items() if not key.startswith(KEY)}
    return replace(request, context=context)


def _unknowns(policies: Iterable[Policy]) -> Iterator[tuple[object, ...]]:
    for policy in policies:
        yield from ((policy.type, unread.reason) for unread in policy.unread)
        yield from (identity_of(policy, one) for one in policy.statements if one.unread)


def _words(one: tuple[object, ...]) -> str:
    last = one[-1]
    return last if isinstance(last, str) else "; ".join(map(str, last)) if isinstance(last, tuple) else ""


def _with(policies: Iterable[Policy], keys: dict[object, str]) -> Iterator[Policy]:
    for policy in policies:
        statements: list[Statement] = []
        for one in policy.statements:
            key = keys.get(identity_of(policy, one)) if one.unread else None
            statements += [one] if key is None else _standing_for(key, one.effect, one.path)
        unread: list[Unread] = []
        for each in policy.unread:
            key = keys.get((policy.type, each.reason))
            if key is None:
                unread.append(each)
            else:
                statements += _standing_for(key, None, each.path)
        yield replace(policy, statements=tuple(statements), unread=tuple(unread))


def _standing_for(key: str, effect: Effect | None, path: tuple[str | int, ...]) -> list[Statement]:
    """Statements that allow or deny where the key says so; both where the effect is not known."""
    return [
        Statement(path, "", one, None, None, None, (_condition(key, one, path),))
        for one in ((effect,) if effect is not None else (Effect.ALLOW, Effect.DENY))
    ]


def _condition(key: str, effect: Effect, path: tuple[str | int, ...]) -> Condition:
    values = (Pattern("yes", path),)
    return Condition("StringEquals", "", if_exists=False, key=f"{key}-{effect.value}", values=values, path=path)


def identity_of(policy: Policy, statement: Statement) -> tuple[object, ...]:
    """What makes two statements the same, wherever they stand."""
    return (
        policy.type,
        policy.version,
        statement.effect,
        _patterns(statement.actions),
        _patterns(statement.resources),
        _principals(statement.principals),
        tuple(
            (one.operator, one.qualifier, one.if_exists, one.key, tuple(shown(value.text) for value in one.values))
            for one in statement.conditions
        ),
        tuple(unread.reason for unread in statement.unread),
    )


def _patterns(one: Patterns | None) -> object:
    return None if one is None else (one.negated, one.partial, tuple(shown(pattern.text) for pattern in one.listed))


def _principals(one: Principals | None) -> object:
    if one is None:
        return None
    return one.negated, one.partial, tuple((each.kind, shown(each.name)) for each in one.listed)


def is_kept(statement: Statement, policy: Policy, both: Closed) -> bool:
    """Whether an Allow stands in the old version too and no Deny and no limit is gone: then it is surely not new."""
    if identity_of(policy, statement) not in _stated(both.old, policy.type, Effect.ALLOW):
        return False
    for kind in PolicyType:
        if not _stated(both.old, kind, Effect.DENY) <= _stated(both.new, kind, Effect.DENY):
            return False
        limits = kind in LIMITS and kind is not policy.type and any(one.type is kind for one in both.old)
        if limits and not _is_as_strict(both, kind):
            return False
    return not any(one.effect is None for each in both.old for one in each.statements)


def _is_as_strict(both: Closed, kind: PolicyType) -> bool:
    of_kind = [one for one in both.new if one.type is kind]
    if not of_kind or any(one.unread or any(each.effect is None for each in one.statements) for one in of_kind):
        return False
    return _stated(both.new, kind, Effect.ALLOW) <= _stated(both.old, kind, Effect.ALLOW)


def _stated(policies: Iterable[Policy], kind: PolicyType, effect: Effect) -> set[tuple[object, ...]]:
    return {
        identity_of(policy, one)
        for policy in policies
        if policy.type is kind
        for one in policy.statements
        if one.effect is effect
    }
