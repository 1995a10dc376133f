"""Texts of which parts are not known, as the checks look at them: only what is surely wrong counts."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.iam.text import Symbol, pieces

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from infra_checks.iam.document import Document, Path
    from infra_checks.iam.text import Text

HOLE: Final = "\ue000"
"""Stands for a part that is not known; no policy can hold this character."""

_EMPTY: Final = "\ue001"
"""Behind HOLE: the part may be empty."""

_ARN_FIELDS: Final = 6


def text_of(value: Document) -> Text | None:
    """The value if it is a text, whether all of it is known or not."""
    if isinstance(value, tuple):
        return value
    return value if isinstance(value, str) else None


def flat(text: Text) -> str:
    """The text with HOLE for each part that is not known; `${*}` is the star it stands for."""
    if isinstance(text, str):
        return text
    return "".join(piece if isinstance(piece, str) else piece.literal or _hole(piece) for piece in text)


def _hole(symbol: Symbol) -> str:
    return HOLE if symbol.least else HOLE + _EMPTY


def readable(found: str) -> str:
    """A flat text for people."""
    return found.replace(HOLE, "…").replace(_EMPTY, "")


def pattern(found: str) -> str:
    """A flat text with wildcards for what is not known."""
    return found.replace(HOLE + _EMPTY, "*").replace(HOLE, "?*")


def known(text: Text) -> str | None:
    """The text if all of it is known."""
    found = flat(text)
    return None if HOLE in found else found


def may_be(text: Text, words: Iterable[str]) -> bool:
    """Whether the text can be one of the words."""
    found = flat(text)
    if HOLE not in found:
        return found in words
    return any(matches(found.replace("*", HOLE).replace("?", HOLE), word) for word in words)


def has_wildcard(found: str) -> bool:
    """Whether a flat text surely holds `*` or `?`."""
    return "*" in found or "?" in found


class Fields(NamedTuple):
    """The colon-separated fields of an ARN as far as they can be told apart; `complete` when that is all of them."""

    known: tuple[str, ...]
    complete: bool


def fields(text: Text) -> Fields:
    """The first five fields and the rest."""
    seen = ""
    colons = 0
    for piece in pieces(text):
        if isinstance(piece, str):
            colons += piece.count(":")
            seen += piece
        elif piece.literal:
            seen += piece.literal
        elif colons < _ARN_FIELDS - 1 and ":" not in piece.excluded:
            return Fields(tuple(seen.split(":")[:-1]), complete=False)
        else:
            seen += _hole(piece)
    return Fields(tuple(seen.split(":", _ARN_FIELDS - 1)), complete=True)


_WILD: Final = re.compile(f"[*?{HOLE}]")


def matches(pattern: str, word: str) -> bool:
    """Whether a flat pattern with `*` and `?` takes the word; what is not known takes anything."""
    wild = _WILD.search(pattern)
    if wild is None:
        return pattern == word
    return word.startswith(pattern[: wild.start()]) and bool(_regular(pattern).fullmatch(word))


@lru_cache(4096)
def _regular(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(_GLOB.get(char) or re.escape(char) for char in pattern.replace(_EMPTY, "")), re.DOTALL)


_GLOB: Final = {"*": ".*", "?": ".", HOLE: ".*"}


def items(value: Document, path: Path) -> Iterator[tuple[Document, Path]]:
    """The members of a list with their paths, or the one value that stands for a list of one."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield item, (*path, index)
    else:
        yield value, path


def symbols(text: Text) -> tuple[Symbol, ...]:
    """The parts that are not known."""
    return tuple(piece for piece in pieces(text) if isinstance(piece, Symbol) and not piece.literal)
