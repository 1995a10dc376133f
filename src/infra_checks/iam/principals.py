"""Principals as words of one dimension, so that Principal, aws:PrincipalArn and aws:PrincipalAccount are compared.

A word is the kind of the principal, a space and its name: `AWS arn:aws:iam::111122223333:role/Admin`; nobody at all
is `* *`. A role stands for its sessions too; the session of a role is a word of its own only where a policy names it.
aws:PrincipalArn and aws:PrincipalAccount are absent for principals that are no IAM identities, such as services.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.iam.globs import Entry, Glob, entry
from infra_checks.iam.literals import Literal, texts
from infra_checks.iam.operators import Family
from infra_checks.iam.patterns import Kind, Syntax, Token, can_hold_wildcards
from infra_checks.iam.text import DIGITS_ONLY, WILDCARDS, Symbol, joined, pieces

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from infra_checks.iam.model import Principal
    from infra_checks.iam.operators import Operator
    from infra_checks.iam.text import Text

PRINCIPAL: Final = "principal"
ARN_KEY: Final = "aws:principalarn"
ACCOUNT_KEYS: Final = ("aws:principalaccount", "kms:calleraccount")
KEYS: Final = (ARN_KEY, *ACCOUNT_KEYS)

_ACCOUNT_DIGITS: Final = 12
_PARTS: Final = 6

_NEVER: Final = Glob((Token(Kind.LETTER, ()),), far=False)
_EVERYONE: Final = entry("*", Syntax.LIKE)
_IDENTITIES: Final = entry("AWS arn:aws*:iam::?*:?*", Syntax.ARN)
_SYMBOLIC_IDENTITIES: Final = entry("AWS arn:*:iam::*:*", Syntax.ARN)
_OTHERS: Final = (
    entry("Service *", Syntax.LIKE),
    entry("Federated *", Syntax.LIKE),
    entry("CanonicalUser *", Syntax.LIKE),
    entry("* *", Syntax.EXACT),
)
_SESSIONS: Final = entry("AWS arn:*:sts::*:assumed-role/*", Syntax.ARN)
_SOME_SESSION: Final = Entry(_NEVER, _SESSIONS.possibly, _SESSIONS.possibly)
"""For a session aws:PrincipalArn has the ARN of the role, whose path the session does not tell."""

IS_IDENTITY: Final = texts(*_OTHERS, positive=False)


class Named(NamedTuple):
    """What an entry of Principal stands for; `apart` are words that are principals because a policy names them."""

    entries: tuple[Entry, ...]
    apart: tuple[Entry, ...] = ()


def all_principals(apart: Iterable[Entry], *, symbolic: bool) -> Literal:
    """The words that are principals; `symbolic` where their parts may be symbols."""
    return texts(_IDENTITIES, *((_SYMBOLIC_IDENTITIES,) if symbolic else ()), *_OTHERS, *apart)


@lru_cache(4096)
def named(kind: str, name: Text, *, constants: bool) -> Named:
    """The words that one entry of Principal stands for."""
    if kind == "*" or (kind, name) == ("AWS", "*"):
        return Named((_EVERYONE,))
    if kind != "AWS":
        return Named((entry(joined((f"{kind} ", *pieces(name))), Syntax.EXACT, constants=constants),))
    account = whole_account(name)
    if account is not None:
        return Named((of_account(account, constants=constants),))
    itself = entry(joined(("AWS ", *pieces(name))), Syntax.EXACT, constants=constants)
    only = pieces(name)[0]
    if isinstance(only, Symbol) and len(pieces(name)) == 1:
        anyone = _EVERYONE if can_hold_wildcards(only) else entry("AWS *", Syntax.LIKE)
        itself = Entry(itself.surely, anyone.possibly, itself.generating)
        return Named((itself,), (itself,))
    return _with_sessions(name, itself, constants=constants)


def _with_sessions(name: Text, itself: Entry, *, constants: bool) -> Named:
    parts = split(name, ":", _PARTS)
    if len(parts) < _PARTS:
        return Named((itself,), (itself,))
    _, partition, service, _, account, resource = parts
    if service == "sts":
        role = split(resource, "/", 3)[1:2]
        found = [
            entry(_arn(partition, "iam", account, (path, *pieces(one))), Syntax.LIKE, constants=constants)
            for one in role
            for path in ("role/", "role/*/")
        ]
        possibly = tuple(Entry(_NEVER, one.possibly, one.possibly) for one in found)
        return Named((itself, *possibly), (itself,))
    first = pieces(resource)[0]
    if service == "iam" and isinstance(first, str) and first.startswith("role/"):
        role_name = last_part(resource)
        session = entry(_arn(partition, "sts", account, ("assumed-role/", *pieces(role_name), "/*")), Syntax.LIKE)
        return Named((itself, session))
    return Named((itself,))


def _arn(partition: Text, service: str, account: Text, resource: tuple[str | Symbol, ...]) -> Text:
    return joined(("AWS arn:", *pieces(partition), f":{service}::", *pieces(account), ":", *resource))


def of_account(account: Text, *, constants: bool) -> Entry:
    """Every identity of the account."""
    return entry(joined(("AWS arn:*:*:*:", *pieces(account), ":*")), Syntax.ARN, constants=constants)


def whole_account(name: Text) -> Text | None:
    """The account that an entry stands for as a whole: its id, or the ARN of its root."""
    if isinstance(name, str) and len(name) == _ACCOUNT_DIGITS and name.isdigit():
        return name
    if isinstance(name, tuple) and len(name) == 1 and isinstance(name[0], Symbol) and name[0].excluded >= DIGITS_ONLY:
        return name
    parts = split(name, ":", _PARTS)
    return parts[4] if len(parts) == _PARTS and parts[2] == "iam" and parts[5] == "root" else None


def about_identity(
    key: str, operator: Operator, values: Iterable[Text], *, absent_ok: bool, constants: bool
) -> Literal:
    """A condition on one of KEYS as a literal on principals."""
    found = list(_of_condition(key, operator, values, constants=constants))
    if key == ARN_KEY:
        found.append(_SOME_SESSION)
    positive = not operator.negated
    if absent_ok == positive:
        found.extend(_OTHERS)
    return texts(*found, positive=positive)


def _of_condition(key: str, operator: Operator, values: Iterable[Text], *, constants: bool) -> Iterator[Entry]:
    syntax = _SYNTAX[operator.positive]
    for value in values:
        if key == ARN_KEY:
            yield entry(joined(("AWS ", *pieces(value))), syntax, constants=constants)
        elif syntax in (Syntax.LIKE, Syntax.ARN) or not _has_wildcards(value):
            yield of_account(value, constants=constants)


def _has_wildcards(text: Text) -> bool:
    return any(not WILDCARDS.isdisjoint(piece) for piece in pieces(text) if isinstance(piece, str))


_SYNTAX: Final = {
    "StringEquals": Syntax.EXACT,
    "StringEqualsIgnoreCase": Syntax.EXACT_IGNORING_CASE,
    "StringLike": Syntax.LIKE,
    "ArnLike": Syntax.ARN,
}
LINKED: Final = (Family.STRING, Family.ARN)
"""The kinds of operators with which KEYS are compared."""


def word_of(principal: Principal) -> Text:
    """The word of one principal."""
    return joined((f"{principal.kind} ", *pieces(principal.name)))


def split(text: Text, separator: str, most: int) -> list[Text]:
    """The text cut at the separator, into at most so many parts; symbols are not cut."""
    parts: list[list[str | Symbol]] = [[]]
    for piece in pieces(text):
        if isinstance(piece, Symbol):
            parts[-1].append(piece)
            continue
        first, *others = piece.split(separator, most - len(parts)) if len(parts) < most else [piece]
        parts[-1].append(first)
        parts.extend([other] for other in others)
    return [joined(part) for part in parts]


def last_part(text: Text) -> Text:
    """What stands after the last slash."""
    found = pieces(text)
    for index in range(len(found) - 1, -1, -1):
        piece = found[index]
        if isinstance(piece, str) and "/" in piece:
            return joined((piece.rpartition("/")[2], *found[index + 1 :]))
    return text
