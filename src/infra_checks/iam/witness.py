"""From what a search found to a request that people can read, and to a concrete one on which it is checked."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from infra_checks.iam.boxes import ACTION, RESOURCE
from infra_checks.iam.matches import account_of, role_of
from infra_checks.iam.model import Pattern, Patterns, Principal, Principals, Request, Statement
from infra_checks.iam.patterns import Kind
from infra_checks.iam.principals import ACCOUNT_KEYS, ARN_KEY, PRINCIPAL
from infra_checks.iam.text import Symbol, joined, pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from infra_checks.iam.globs import Glob
    from infra_checks.iam.patterns import Word
    from infra_checks.iam.search import Found
    from infra_checks.iam.text import Text

ANY_ACTION: Final = "service:AnyAction"
ANY_RESOURCE: Final = "*"

Valuation = dict[Symbol, str]
"""A text for each symbol."""

_SAMPLE_ACCOUNT: Final = 204913867555
_SAMPLE_DIGITS: Final = frozenset("0123456789")


def shown_request(found: Found, spellings: Iterable[str] = ()) -> Request:
    """The request with symbols as `${name}`, and the action spelled as in one of the patterns where it can be."""
    request = _request(found, lambda symbol: f"${{{symbol.name}}}")
    return replace(request, action=_cased(request.action, spellings))


def concrete_request(found: Found, valuation: Mapping[Symbol, str]) -> tuple[Request, Valuation]:
    """The request with a text for every symbol; a policy variable has the value that the request gives its key."""
    texts: Valuation = dict(valuation)
    for symbol in symbols_in(found):
        if symbol.variable and found.values.get(symbol.name):
            texts[symbol] = _spelled(found.values[symbol.name][0], lambda one: texts.get(one) or sample(one))
    request = _request(found, lambda symbol: texts.setdefault(symbol, sample(symbol)))
    context = dict(request.context)
    for symbol, text in texts.items():
        if symbol.variable:
            context[symbol.name] = (text,)
    return replace(request, context=context), texts


def symbols_in(found: Found) -> list[Symbol]:
    """The symbols among the letters of the request."""
    words = [word for values in found.values.values() for word in values]
    return list(dict.fromkeys(letter for word in words for letter in word if isinstance(letter, Symbol)))


def solutions(found: Found) -> Valuation:
    """Texts of symbols with which the patterns that the request has to meet do meet it, where one is easily found."""
    texts: Valuation = {}
    for dimension, literals in found.region.items():
        for word in found.values[dimension]:
            text = _spelled(word, sample)
            for literal in literals:
                if literal.positive and not any(one.surely.takes(word) for one in literal.entries):
                    symbolic = [one.generating for one in literal.entries if one.generating.has_symbols]
                    texts = next(filter(None, (_solved(glob, text) for glob in symbolic)), {}) | texts
    return texts


_MOST_WILDCARDS: Final = 6  # in an expression that is tried by backtracking


def _solved(glob: Glob, text: str) -> Valuation | None:
    groups: dict[Symbol, str] = {}
    parts: list[str] = []
    for token in glob.tokens:
        first = token.letters[0] if isinstance(token.letters, tuple) else None
        if isinstance(first, Symbol):
            parts.append(f"(?P={groups[first]})" if first in groups else f"(?P<s{len(groups)}>.*?)")
            groups.setdefault(first, f"s{len(groups)}")
        elif isinstance(token.letters, tuple):
            parts.append("[" + "".join(re.escape(str(letter)) for letter in token.letters) + "]")
        else:
            parts.append(".*" if token.kind is Kind.MANY else ".")
    if sum("*" in part and not part.startswith("[") for part in parts) > _MOST_WILDCARDS:
        return None
    match = re.fullmatch("".join(parts), text, re.DOTALL)
    return {symbol: match[name] for symbol, name in groups.items()} if match else None


def sample(symbol: Symbol) -> str:
    """A text that the symbol may be, and that nothing else is likely to be."""
    number = sum(symbol.name.encode()) % 1000
    if "a" in symbol.excluded and not _SAMPLE_DIGITS & symbol.excluded:
        return str(_SAMPLE_ACCOUNT + number)
    letters = [char for char in "qvjzkwxybm0123456789-_ABCDEFGH" if char not in symbol.excluded] or ["x"]
    size = max(symbol.least, 8)
    return "".join(letters[(number * (i + 3) + i) % len(letters)] for i in range(size))


def _spelled(word: Word, symbol_text: Callable[[Symbol], str]) -> str:
    return "".join(letter if isinstance(letter, str) else symbol_text(letter) for letter in word)


def _request(found: Found, symbol_text: Callable[[Symbol], str]) -> Request:
    action = found.values.get(ACTION)
    resource = found.values.get(RESOURCE)
    context = {
        key: tuple(_spelled(value, symbol_text) for value in values)
        for key, values in found.values.items()
        if key not in (ACTION, RESOURCE, PRINCIPAL) and values
    }
    principal = None
    if PRINCIPAL in found.values:
        kind, _, name = _spelled(found.values[PRINCIPAL][0], symbol_text).partition(" ")
        principal = Principal(kind, name)
        context |= _of_identity(kind, name)
    return Request(
        action=_spelled(action[0], symbol_text) if action else ANY_ACTION,
        resource=_spelled(resource[0], symbol_text) if resource else ANY_RESOURCE,
        principal=principal,
        context=dict(sorted(context.items())),
    )


def _of_identity(kind: str, name: str) -> dict[str, tuple[str, ...]]:
    """The keys that every request of an IAM identity has."""
    if kind != "AWS" or "${" in name:
        return {}
    account = account_of(name)
    keys: dict[str, tuple[str, ...]] = {ARN_KEY: (role_of(name) or name,)}
    if account:
        keys.update(dict.fromkeys(ACCOUNT_KEYS, (account,)))
    return keys


def _cased(action: str, spellings: Iterable[str]) -> str:
    for spelling in spellings:
        literal = spelling.split("*")[0].split("?")[0]
        if literal and action.startswith(literal.lower()):
            return literal + action[len(literal) :]
    return action


def valued(statement: Statement, valuation: Valuation) -> Statement:
    """The statement with a text for each symbol that is no policy variable."""
    if all(symbol.variable for symbol in symbols_of(statement)):
        return statement

    def text_of(text: Text) -> Text:
        return joined(
            valuation.setdefault(piece, sample(piece))
            if isinstance(piece, Symbol) and not piece.variable and not piece.literal
            else piece
            for piece in pieces(text)
        )

    def patterns_of(patterns: tuple[Pattern, ...]) -> tuple[Pattern, ...]:
        return tuple(Pattern(text_of(one.text), one.path) for one in patterns)

    return replace(
        statement,
        actions=_listed(statement.actions, patterns_of),
        resources=_listed(statement.resources, patterns_of),
        principals=_principals(statement.principals, text_of),
        conditions=tuple(one._replace(values=patterns_of(one.values)) for one in statement.conditions),
    )


def _listed(patterns: Patterns | None, change: Callable[[tuple[Pattern, ...]], tuple[Pattern, ...]]) -> Patterns | None:
    return None if patterns is None else patterns._replace(listed=change(patterns.listed))


def _principals(principals: Principals | None, change: Callable[[Text], Text]) -> Principals | None:
    if principals is None:
        return None
    return principals._replace(listed=tuple(one._replace(name=change(one.name)) for one in principals.listed))


def symbols_of(statement: Statement) -> Iterator[Symbol]:
    """The symbols in the texts of a statement, variables included."""
    texts: list[Text] = []
    for patterns in (statement.actions, statement.resources):
        texts.extend(one.text for one in patterns.listed) if patterns else None
    texts.extend(one.name for one in statement.principals.listed) if statement.principals else None
    texts.extend(value.text for condition in statement.conditions for value in condition.values)
    for text in texts:
        if not isinstance(text, str):
            yield from (piece for piece in text if isinstance(piece, Symbol) and not piece.literal)
