"""Limits of a question: the actions, resources, principals and context that the requests it asks about may have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.iam.answers import Granting
from infra_checks.iam.boxes import ACTION, RESOURCE
from infra_checks.iam.decide import LIMITS, OF_RESOURCES
from infra_checks.iam.globs import asked, glob_of
from infra_checks.iam.intervals import addresses, compared
from infra_checks.iam.literals import MISSING, Domain, Literal, Quantifier, texts
from infra_checks.iam.model import Effect, PolicyType
from infra_checks.iam.operators import OPERATORS
from infra_checks.iam.patterns import Kind, Syntax, Token
from infra_checks.iam.principals import IS_IDENTITY, KEYS, PRINCIPAL, about_identity, word_of
from infra_checks.iam.text import pieces
from infra_checks.iam.values import date, network, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from infra_checks.iam.boxes import Part
    from infra_checks.iam.globs import Entry
    from infra_checks.iam.model import Policy, Principal, Unread
    from infra_checks.iam.text import Text

_PART: Final = (Token(Kind.ONE, frozenset(":")), Token(Kind.MANY, frozenset(":")))
SOME_ACTION: Final = (ACTION, texts(glob_of((*_PART, Token(Kind.LETTER, (":",)), *_PART))))
"""Every action has a service and a name."""


class Access(NamedTuple):
    """Policies as groups of which each must allow, and statements that deny; `open_groups` as in Asked."""

    groups: tuple[tuple[Granting, ...], ...]
    denies: tuple[Granting, ...]
    open_groups: tuple[bool, ...]
    unread: tuple[Unread, ...]

    @property
    def is_open(self) -> bool:
        """Whether whole statements were not read."""
        return bool(self.unread)


def access_of(policies: Iterable[Policy]) -> Access:
    """What the policies allow together, within one account; each of LIMITS is a group, all that grant are another."""
    every = tuple(policies)
    kinds: list[tuple[PolicyType, ...]] = [(PolicyType.IDENTITY, *OF_RESOURCES), *((kind,) for kind in LIMITS)]
    of_kinds = [[policy for policy in every if policy.type in kind] for kind in kinds]
    members = [policies for policies in of_kinds if policies]
    return Access(
        tuple(tuple(_stated(group, Effect.ALLOW)) for group in members),
        tuple(_stated(every, Effect.DENY)),
        tuple(any(policy.unread for policy in group) for group in members),
        tuple(one for policy in every for one in policy.unread),
    )


def _stated(policies: Iterable[Policy], effect: Effect) -> Iterator[Granting]:
    for policy in policies:
        for statement in policy.statements:
            if statement.effect in (effect, None):
                yield Granting(policy, statement)


def actions_in(patterns: Iterable[Text]) -> Part:
    """One of the actions, patterns without regard to case."""
    return ACTION, texts(*(asked(text, Syntax.ACTION) for text in patterns))


def resources_in(patterns: Iterable[Text]) -> Part:
    """One of the resources; a wildcard in a part of an ARN stays within the part."""
    return RESOURCE, texts(*(asked(text, _syntax_of(text)) for text in patterns))


def _syntax_of(resource: Text) -> Syntax:
    first = next(iter(pieces(resource)), "")
    return Syntax.ARN if isinstance(first, str) and first.startswith("arn:") else Syntax.LIKE


def by_principal(principal: Principal) -> tuple[Part, Entry]:
    """Requests of the principal; the word of the principal comes with it, for principals that have no other."""
    word = asked(word_of(principal), Syntax.EXACT)
    return (PRINCIPAL, texts(word)), word


def in_context(context: Mapping[str, tuple[Text, ...] | None]) -> Iterator[Part]:
    """Requests whose keys have exactly these values, or are absent."""
    for key, values in context.items():
        if key.lower() in KEYS:
            yield _of_identity(key.lower(), values)
        elif values:
            yield from ((key.lower(), literal) for literal in _exactly(values))
        else:
            yield key.lower(), MISSING


def _of_identity(key: str, values: Sequence[Text] | None) -> Part:
    """What the key says of the principal."""
    if not values:
        return PRINCIPAL, IS_IDENTITY.negated()
    return PRINCIPAL, about_identity(key, OPERATORS["StringEquals"], values, absent_ok=False, constants=True)


def _exactly(values: Sequence[Text]) -> Iterator[Literal]:
    """Literals for the values in every world that has them, so that each kind of operator meets them."""
    for world in _worlds(values):
        if values != ("",):
            # Also of one value: nothing but it is among those of which ForAnyValue asks for one.
            yield _literal(world, values, Quantifier.ALL)
        if len(values) == 1:
            yield _literal(world, values, Quantifier.ONE)
            continue
        for value in values:
            yield _literal(world, (value,), Quantifier.ANY)


def _worlds(values: Sequence[Text]) -> Iterator[Domain]:
    yield Domain.TEXT
    plain = [value for value in values if isinstance(value, str)]
    if len(plain) < len(values):
        return
    for world, read in ((Domain.ADDRESS, network), (Domain.NUMBER, number), (Domain.DATE, date)):
        if all(read(value) is not None for value in plain):
            yield world


def _literal(world: Domain, values: Sequence[Text], quantifier: Quantifier) -> Literal:
    if world is Domain.TEXT:
        entries = tuple(asked(value, Syntax.EXACT) for value in values)
        return Literal(world, quantifier=quantifier, entries=entries)
    plain = [value for value in values if isinstance(value, str)]
    intervals = addresses(plain) if world is Domain.ADDRESS else compared("Equals", plain, dates=world is Domain.DATE)
    return Literal(world, quantifier=quantifier, intervals=intervals)
