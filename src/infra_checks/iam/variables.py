"""Policy variables: `${aws:username}` in Resource and in the values of string and ARN conditions.

Only policies of version 2012-10-17 have them. `${*}`, `${?}` and `${$}` stand for the characters themselves, and
`${key, 'text'}` gives a default for requests without the key. A name in the braces that is no key is left as it is.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.iam.text import SEGMENT, WILDCARDS, Symbol, joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from infra_checks.iam.text import Text

VERSION: Final = "2012-10-17"

_VARIABLE: Final = re.compile(r"\$\{\s*([^{},]*?)\s*(?:,\s*'([^']*)'\s*)?\}", re.DOTALL)

_NAME: Final = SEGMENT | {"/"}
# What the value of a key cannot hold, from the characters that IAM takes in names, tags and session names
# (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html). Any other key may hold anything.
_EXCLUDED: Final = {
    "aws:username": _NAME,
    "aws:userid": WILDCARDS | {"/"},
    "aws:principalaccount": _NAME,
    "aws:resourceaccount": _NAME,
    "aws:sourceaccount": _NAME,
    "aws:principalorgid": _NAME,
    "aws:principaltype": _NAME,
    "aws:requestedregion": _NAME,
    "aws:sourcevpc": _NAME,
    "aws:sourcevpce": _NAME,
    "aws:principalarn": WILDCARDS,
}
_EXCLUDED_PREFIXES: Final = ("aws:principaltag/", "aws:requesttag/", "aws:resourcetag/", "iam:resourcetag/")


def with_variables(pieces: Iterable[str | Symbol]) -> Text:
    """The text with its variables as symbols; where a symbol stands inside the braces, the name is not known."""
    return joined(_replaced(_closed(list(pieces))))


def _excluded(key: str) -> frozenset[str]:
    if key.startswith(_EXCLUDED_PREFIXES):
        return WILDCARDS
    return _EXCLUDED.get(key, frozenset())


def _variable(key: str, default: str | None) -> Symbol:
    excluded = _excluded(key.lower()) - frozenset(default or "")
    return Symbol(key.lower(), excluded, 0 if default == "" else 1, variable=True, default=default)


def _replaced(pieces: Iterable[str | Symbol]) -> Iterator[str | Symbol]:
    for piece in pieces:
        if isinstance(piece, Symbol) or "${" not in piece:
            yield piece
            continue
        end = 0
        for match in _VARIABLE.finditer(piece):
            key, default = match[1], match[2]
            yield piece[end : match.start()]
            end = match.end()
            if key == "$":
                yield "$"
            elif key in WILDCARDS:
                yield Symbol(key, literal=key)
            elif ":" in key:
                yield _variable(key, default)
            else:
                yield match[0]
        yield piece[end:]


def _closed(pieces: list[str | Symbol]) -> Iterator[str | Symbol]:
    """The pieces, each variable with a symbol in its name made one symbol of which nothing is known."""
    index = 0
    while index < len(pieces):
        piece = pieces[index]
        opening = piece.rfind("${") if isinstance(piece, str) else -1
        if isinstance(piece, Symbol) or opening < 0 or "}" in piece[opening:]:
            yield piece
            index += 1
            continue
        end = next((i for i in range(index + 1, len(pieces)) if "}" in _plain(pieces[i])), None)
        if end is None:
            yield piece
            index += 1
            continue
        last = _plain(pieces[end])
        name = piece[opening + 2 :] + "".join(map(_named, pieces[index + 1 : end])) + last[: last.index("}")]
        yield piece[:opening]
        yield Symbol(name, least=0, variable=True)
        pieces[end] = last[last.index("}") + 1 :]
        index = end


def _plain(piece: str | Symbol) -> str:
    return piece if isinstance(piece, str) else ""


def _named(piece: str | Symbol) -> str:
    return piece if isinstance(piece, str) else f"${{{piece.name}}}"
