"""Requests of somebody whom policies do not name, for the questions about public access.

AWS calls access public when it is not limited to fixed values of the principal or of certain condition keys
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status).
A stranger therefore is any principal of an account that no policy names, an anonymous one, or a user of an identity
provider that takes anybody; it may use any value of those keys that no policy gives as a fixed one. The keys:

- an ARN is fixed when its account is, or as a whole when it has neither account nor wildcard; that of an S3 bucket
  is by the bucket's name, which no other account can have at the same time;
- an organization path and a user id are fixed by their first part;
- an address is fixed by a block of at least /8 (version 4) or /32 (version 6), since those narrower than that are taken
  for somebody's own network; `0.0.0.0/1` is everybody's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.iam.globs import asked, asked_of, entry
from infra_checks.iam.intervals import addresses
from infra_checks.iam.literals import Domain, Literal, Quantifier, texts
from infra_checks.iam.patterns import NO_SYMBOLS, Kind, Syntax, Token, can_hold_wildcards
from infra_checks.iam.principals import PRINCIPAL, of_account, split, whole_account
from infra_checks.iam.text import WILDCARDS, Symbol, shown
from infra_checks.iam.values import network

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from infra_checks.iam.boxes import Part
    from infra_checks.iam.globs import Entry
    from infra_checks.iam.model import Condition, Policy
    from infra_checks.iam.text import Text

SOURCE_IP: Final = "aws:sourceip"

_EXACT_KEYS: Final = frozenset(
    (
        "aws:principalorgid",
        "aws:sourceaccount",
        "aws:sourceorgid",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "s3:dataaccesspointaccount",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    )
)
_ARN_KEYS: Final = frozenset(("aws:sourcearn", "aws:sourcevpcarn", "s3:dataaccesspointarn"))
_PATH_KEYS: Final = {
    "aws:principalorgpaths": "/",
    "aws:sourceorgpaths": "/",
    "aws:vpceorgpaths": "/",
    "aws:userid": ":",
}
_SETS: Final = frozenset(("aws:principalorgpaths", "aws:sourceorgpaths", "aws:vpceorgpaths"))
_ACCOUNT_DIGITS: Final = 12
_ARN_PARTS: Final = 6
_BUCKET: Final = re.compile(r"arn:[^:]*:s3:[^:]*:[^:]*:([^*?/:]+)(?:$|/)")
_NARROW: Final = {4: 1 << 24, 6: 1 << 96}  # addresses of a /8 and of a /32

# Providers whose users are anybody: the claim that tells whose they are is the subject, unless said otherwise.
OPEN_ISSUERS: Final = (
    "token.actions.githubusercontent.com",
    "gitlab.com",
    "app.terraform.io",
    "accounts.google.com",
    "cognito-identity.amazonaws.com",
    "graph.facebook.com",
    "www.amazon.com",
)
# Their audience is the same for every user of AWS, so that it says nothing about whose token it is.
_COMMON_AUDIENCE: Final = ("token.actions.githubusercontent.com", "gitlab.com", "app.terraform.io")
_OWNER_ENDS: Final = {
    "token.actions.githubusercontent.com:sub": "/",
    "gitlab.com:sub": "/",
    "app.terraform.io:sub": ":project",
}


class Fixed(NamedTuple):
    """What policies name: account ids, and texts of conditions by key in lower case."""

    accounts: tuple[str, ...]
    values: dict[str, tuple[str, ...]]


def fixed_by(policies: Iterable[Policy], trusted: Iterable[str] = ()) -> Fixed:
    """The accounts and values that the policies name, and those that count as named."""
    accounts = dict.fromkeys(_accounts(trusted))
    values: dict[str, dict[str, None]] = {}
    for condition in _conditions(policies):
        known = [value.text for value in condition.values if isinstance(value.text, str)]
        values.setdefault(condition.key.lower(), {}).update(dict.fromkeys(known))
        accounts.update(dict.fromkeys(_accounts(value.text for value in condition.values)))
    for policy in policies:
        for statement in policy.statements:
            listed = statement.principals.listed if statement.principals else ()
            accounts.update(dict.fromkeys(_accounts(one.name for one in listed)))
    for key in (*_EXACT_KEYS, *_PATH_KEYS):
        values.setdefault(key, {}).update(dict.fromkeys(trusted))
    return Fixed(tuple(accounts), {key: tuple(found) for key, found in values.items()})


def _conditions(policies: Iterable[Policy]) -> Iterator[Condition]:
    return (condition for policy in policies for statement in policy.statements for condition in statement.conditions)


def _accounts(texts_of: Iterable[Text]) -> Iterator[str]:
    """The account ids in account ids and ARNs."""
    for text in texts_of:
        account = whole_account(text)
        if isinstance(account, str) and _is_account(account):
            yield account
            continue
        parts = split(text, ":", _ARN_PARTS)  # `arn:${AWS::Partition}:iam::111122223333:role/a` names an account too
        if len(parts) == _ARN_PARTS and parts[0] == "arn":
            yield from (one for one in parts[4:5] if isinstance(one, str) and _is_account(one))


def _is_account(text: str) -> bool:
    return len(text) == _ACCOUNT_DIGITS and text.isdigit()


def strange_accounts(fixed: Fixed) -> tuple[Part, Part]:
    """Identities of accounts that are not named."""
    digit = Token(Kind.LETTER, tuple("7013245689"))
    head = [Token(Kind.LETTER, (char,)) for char in "AWS arn:aws"]
    partition = Token(Kind.MANY, frozenset(":"))
    middle = [Token(Kind.LETTER, (char,)) for char in ":iam::"]
    names = [asked_of([*head, partition, *middle, *[digit] * _ACCOUNT_DIGITS, *tail]) for tail in _TAILS]
    named = [of_account(account, constants=True) for account in fixed.accounts]
    return (PRINCIPAL, texts(*names)), (PRINCIPAL, texts(*named, positive=False))


_SOME: Final = (Token(Kind.ONE, frozenset()), Token(Kind.MANY, frozenset()))
_TAILS: Final = (
    (*(Token(Kind.LETTER, (char,)) for char in ":role/"), *_SOME),
    (*(Token(Kind.LETTER, (char,)) for char in ":user/"), *_SOME),
    tuple(Token(Kind.LETTER, (char,)) for char in ":root"),
)

NOBODY: Final[Part] = (PRINCIPAL, texts(entry("* *", Syntax.EXACT)))
SERVICES: Final[Part] = (PRINCIPAL, texts(entry("Service *", Syntax.LIKE)))


def open_issuers(policies: Iterable[Policy], fixed: Fixed) -> list[str]:
    """Those of OPEN_ISSUERS that the policies may speak of."""
    names = [
        one.name
        for policy in policies
        for statement in policy.statements
        if statement.principals
        for one in statement.principals.listed
        if one.kind == "Federated"
    ]
    unknown = any(can_hold_wildcards(piece) for name in names for piece in name if isinstance(piece, Symbol))
    return [
        issuer
        for issuer in OPEN_ISSUERS
        if unknown
        or any(issuer in shown(name) for name in names)
        or any(key.startswith(issuer) for key in fixed.values)
    ]


def users_of(issuer: str) -> Part:
    """Those whom the provider vouches for, whichever account has made the provider known."""
    return PRINCIPAL, texts(
        asked(f"Federated {issuer}", Syntax.EXACT),
        asked(f"Federated arn:*:iam::*:oidc-provider/{issuer}", Syntax.LIKE),
        asked(f"Federated arn:*:iam::*:oidc-provider/{issuer}/*", Syntax.LIKE),
    )


def strange_claims(issuer: str, fixed: Fixed) -> Iterator[Part]:
    """Claims of a token that are not those which the policies name."""
    for key, values in fixed.values.items():
        if not key.startswith(f"{issuer}:") or (key == f"{issuer}:aud" and issuer in _COMMON_AUDIENCE):
            continue
        end = _OWNER_ENDS.get(key)
        yield key, _none_of(_beginnings(values, end) if end else _exact(values))
        yield key, texts(_PLAIN)


def strange_context(fixed: Fixed) -> Iterator[Part]:
    """Values of the keys that tell who somebody is or where a request comes from, other than the named ones."""
    for key, values in fixed.values.items():
        if key in _EXACT_KEYS:
            named = _exact(values)
        elif key in _ARN_KEYS:
            named = _arns(values, fixed.accounts)
        elif key in _PATH_KEYS:
            named = _beginnings(values, _PATH_KEYS[key])
        else:
            continue
        of_set = key in _SETS
        yield key, _none_of(named, of_set=of_set)
        yield key, _plain(of_set=of_set)
    yield SOURCE_IP, outside(fixed.values.get(SOURCE_IP, ()))


def outside(blocks: Iterable[str]) -> Literal:
    """Addresses outside the blocks that are somebody's own, or none."""
    narrow = []
    for text in blocks:
        block = network(text)
        if block is not None and block.last - block.first < _NARROW[block.version]:
            narrow.append(text)
    return Literal(Domain.ADDRESS, absent_ok=True, positive=False, intervals=addresses(narrow))


_PLAIN: Final = asked_of((Token(Kind.MANY, NO_SYMBOLS),))
"""A text that is known: no stranger has what only the template knows."""


def _none_of(entries: Iterable[Entry], *, of_set: bool = False) -> Literal:
    quantifier = Quantifier.ALL if of_set else Quantifier.ONE
    return Literal(Domain.TEXT, quantifier=quantifier, absent_ok=True, positive=False, entries=tuple(entries))


def _plain(*, of_set: bool = False) -> Literal:
    quantifier = Quantifier.ALL if of_set else Quantifier.ONE
    return Literal(Domain.TEXT, quantifier=quantifier, absent_ok=True, entries=(_PLAIN,))


def _exact(values: Iterable[str]) -> Iterator[Entry]:
    """The values without wildcards."""
    return (entry(value, Syntax.EXACT_IGNORING_CASE) for value in values if WILDCARDS.isdisjoint(value))


def _arns(values: Iterable[str], accounts: Iterable[str]) -> Iterator[Entry]:
    yield from _exact(values)
    for value in values:
        bucket = _BUCKET.match(value)
        if bucket:
            yield entry(f"arn:*:s3:*:*:{bucket[1]}", Syntax.ARN)
            yield entry(f"arn:*:s3:*:*:{bucket[1]}/*", Syntax.ARN)
    for account in accounts:
        yield entry(f"arn:*:*:*:{account}:*", Syntax.ARN)


def _beginnings(values: Iterable[str], end: str) -> Iterator[Entry]:
    """What begins as the values do up to `end`, where that has no wildcard."""
    for value in values:
        first, found, _ = value.partition(end)
        if WILDCARDS.isdisjoint(first):
            yield entry(f"{first}{end}*" if found else first, Syntax.LIKE)
