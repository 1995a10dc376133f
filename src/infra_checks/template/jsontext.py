"""JSON text to nodes."""

from __future__ import annotations

import re
from json import JSONDecodeError, JSONDecoder
from typing import TYPE_CHECKING, Final, NoReturn

from infra_checks.errors import TemplateError
from infra_checks.template.calls import call_or_mapping
from infra_checks.template.limits import MAX_DEPTH
from infra_checks.template.nodes import Mapping, Node, Scalar, Sequence
from infra_checks.template.offsets import Lines, Offset, span_at
from infra_checks.template.scalars import WORDS, fraction, integer
from infra_checks.template.syntax import duplicate_key

if TYPE_CHECKING:
    from infra_checks.template.source import SourceFile

_SPACE: Final = r"[ \t\r\n]*"
# A string without escapes is read by the expression itself, which is most strings and three times as fast.
_STRING: Final = r'"([^"\\\x00-\x1f]*)"'
_KEY: Final = re.compile(rf"{_STRING}{_SPACE}:{_SPACE}").match
_VALUE: Final = re.compile(
    rf"{_STRING}|([{{\[])|(true|false|null)(?![\w.])|(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?(?![\w.+-])"
).match
_AFTER: Final = re.compile(rf"{_SPACE}([,}}\]]){_SPACE}").match
_COLON: Final = re.compile(rf"{_SPACE}:{_SPACE}").match
_GAP: Final = re.compile(_SPACE).match
_PLACE: Final = re.compile(r"( starting)? at$")
_decode: Final = JSONDecoder().raw_decode
_OPENING, _WORD, _DIGITS, _POINT, _EXPONENT = 2, 3, 4, 5, 6


def read_json(source: SourceFile) -> Node:
    """The root node of a JSON text; raises TemplateError with the place of what is not JSON."""
    return _Reader(source).root()


class _Reader:
    """Reads from `_at`, an offset that is always past white space when a method is entered."""

    __slots__ = ("_at", "_depth", "_lines", "_source", "_text")

    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self._text = source.text
        self._lines = Lines(source.text)
        self._at = 0
        self._depth = 0

    def root(self) -> Node:
        self._skip_space()
        node = self._value()
        self._skip_space()
        if self._at != len(self._text):
            self._fail("there is text after the end of the JSON value")
        return node

    def _value(self) -> Node:
        at = self._at
        found = _VALUE(self._text, at)
        if found is None:
            return self._escaped_string() if self._text[at : at + 1] == '"' else self._fail(self._unexpected("a value"))
        kind = found.lastindex or _OPENING
        if kind == _OPENING:
            return self._collection(found[_OPENING])
        self._at = end = found.end()
        if kind == 1:
            return Scalar(found[1], found[1], Offset(self._lines, at), Offset(self._lines, end))
        return self._literal(found, kind)

    def _literal(self, found: re.Match[str], kind: int) -> Scalar:
        text = found[0]
        value = WORDS[text] if kind == _WORD else integer(text) if kind == _DIGITS else fraction(text)
        start, end = Offset(self._lines, found.start()), Offset(self._lines, found.end())
        return Scalar(value, text, start, end, plain=True)

    def _collection(self, opening: str) -> Node:
        if self._depth >= MAX_DEPTH:
            self._fail(f"is nested deeper than {MAX_DEPTH} levels")
        self._depth += 1
        start = Offset(self._lines, self._at)
        self._at += 1
        self._skip_space()
        node = self._mapping(start) if opening == "{" else self._sequence(start)
        self._depth -= 1
        return node

    def _sequence(self, start: Offset) -> Sequence:
        items: list[Node] = []
        more = not self._closes_at_once("]")
        while more:
            items.append(self._value())
            more = self._goes_on("]")
        return Sequence(tuple(items), start, Offset(self._lines, self._at))

    def _mapping(self, start: Offset) -> Node:
        entries: dict[str, Node] = {}
        keys: dict[str, Scalar] = {}
        more = not self._closes_at_once("}")
        while more:
            key = self._key()
            if key.text in entries:
                raise duplicate_key(self._source, key, keys[key.text])
            keys[key.text] = key
            entries[key.text] = self._value()
            more = self._goes_on("}")
        return call_or_mapping(Mapping(entries, keys, start, Offset(self._lines, self._at)))

    def _key(self) -> Scalar:
        at = self._at
        found = _KEY(self._text, at)
        if found is not None:
            self._at = found.end()
            text = found[1]
            return Scalar(text, text, Offset(self._lines, at), Offset(self._lines, found.end(1) + 1))
        if self._text[at : at + 1] != '"':
            self._fail(self._unexpected("a key in double quotes"))
        key = self._escaped_string()
        colon = _COLON(self._text, self._at)
        if colon is None:
            self._skip_space()
            self._fail(self._unexpected("a colon"))
        self._at = colon.end()
        return key

    def _escaped_string(self) -> Scalar:
        at = self._at
        try:
            value, self._at = _decode(self._text, at)
        except JSONDecodeError as error:
            self._at = error.pos
            self._fail(_PLACE.sub("", error.msg.lower()))
        return Scalar(value, value, Offset(self._lines, at), Offset(self._lines, self._at))

    def _closes_at_once(self, closing: str) -> bool:
        closes = self._text[self._at : self._at + 1] == closing
        self._at += closes
        return closes

    def _goes_on(self, closing: str) -> bool:
        """Whether a comma, not the closing bracket, follows the item just read."""
        found = _AFTER(self._text, self._at)
        if found is None or found[1] not in {",", closing}:
            self._skip_space()
            self._fail(self._unexpected(f"a comma or {closing}"))
        if found[1] == closing:
            self._at = found.end(1)  # The white space after it belongs to what follows.
            return False
        self._at = found.end()
        if self._closes_at_once(closing):
            self._at = found.start(1)
            self._fail(f"a comma stands before {closing}; JSON allows none there")
        return True

    def _skip_space(self) -> None:
        found = _GAP(self._text, self._at)
        self._at = found.end() if found else self._at

    def _unexpected(self, wanted: str) -> str:
        got = self._text[self._at : self._at + 1]
        if not got:
            return f"the text ends where {wanted} should stand"
        if got in "/#":
            return "a comment; JSON has none"
        return f"{got!r} stands where {wanted} should stand"

    def _fail(self, message: str) -> NoReturn:
        span = span_at(self._text, self._at)
        raise TemplateError(f"is not valid JSON: {message}", file=self._source.name, span=span)
