"""Text from templates made harmless: it may hold anything, and reports are read by terminals and parsers."""

from __future__ import annotations

import re
from typing import Final

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
# GitHub's and Azure's runners obey `##[...]` and `##vso[...]` anywhere in a line of a log, and `::...::` at its
# beginning, which white space or colours may stand before.
_MARKED_COMMAND: Final = re.compile(r"##(?=(?:vso)?\[)", re.IGNORECASE)
_LEADING_COMMAND: Final = re.compile(r"^((?:[ \t]|\x1b\[[0-9;]*m)*):(?=:)", re.MULTILINE)


def well_formed(text: str) -> str:
    """The text with lone surrogates, which no encoding can hold, replaced."""
    return _SURROGATE.sub("\ufffd", text)


def visible(text: str) -> str:
    r"""The text on one line, with what a terminal would obey or hide written as an escape (`\x1b`)."""
    if text.isprintable():
        return text
    return "".join(map(visible_character, text))


def visible_character(character: str) -> str:
    """One character, or its escape if it cannot be seen."""
    return character if character.isprintable() else ascii(character)[1:-1]


def disarmed(text: str) -> str:
    """A log's text without anything that a build server would take for a command."""
    return _LEADING_COMMAND.sub(r"\1\\x3a", _MARKED_COMMAND.sub(r"#\\x23", text))


def clipped(text: str, limit: int) -> str:
    """The text, cut to at most `limit` characters."""
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def first_sentences(text: str, limit: int) -> str:
    """As many of the first sentences as fit into `limit` characters, at least one."""
    taken = ""
    for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z`\"'(])", text.strip()):
        if taken and len(taken) + 1 + len(sentence) > limit:
            break
        taken = f"{taken} {sentence}" if taken else sentence
    return taken
