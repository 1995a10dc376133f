"""What a mistyped word was probably meant to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_FEW: Final = 17
"""So many names are told in full when none is close."""


def nearest(word: str, candidates: Iterable[str]) -> str:
    """The end of a message: which of the candidates are close to a word, or all of a few when none is."""
    import difflib  # noqa: PLC0415 - slow to import and only needed on the way to an error

    known = list(dict.fromkeys(candidates))
    close = difflib.get_close_matches(word, known, n=3, cutoff=0.6)
    if close:
        return f"; did you mean {' or '.join(close)}?"
    return f"; known are {', '.join(known)}" if 0 < len(known) <= _FEW else ""
