"""Patterns as automata over letters, where a letter is a character or a symbol.

A pattern is compiled to tokens; a set of positions in it is an integer, one bit a token, so that a step of the
automaton is a few operations on integers whatever the length of the pattern.

Of a pattern with symbols there are three readings (see Entry). A symbol stands for the same unknown text wherever it
appears; in a word it is a letter of its own. A pattern *surely* matches a word if it does for every text of its
symbols, and *possibly* if it does for some:

- surely: the letter meets the same letter, or a wildcard that takes every text the symbol can be;
- possibly: the letter meets whatever a text of the symbol can meet, and a symbol of the pattern takes any text it can
  be. One that can hold `*` or `?` itself takes anything.
"""

from __future__ import annotations

from copy import copy
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from infra_checks.iam.patterns import NOTHING, Kind, Letter, Syntax, Token, Word, can_hold_wildcards, tokens_of
from infra_checks.iam.text import Symbol, pieces

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from infra_checks.iam.text import Text


class Glob:
    """A compiled pattern. `far` is true for the possible reading.

    States are integers whose bit i says that the first i tokens are met.
    """

    __slots__ = (
        "_doubled",
        "_loops",
        "_loops_other",
        "_many",
        "_moves",
        "_moves_other",
        "accepting",
        "everything",
        "far",
        "has_symbols",
        "length",
        "letters_at",
        "letters_of",
        "never",
        "prefix",
        "special",
        "start",
        "suffix",
        "tail",
        "tokens",
        "word",
    )

    def __init__(self, tokens: Sequence[Token], *, far: bool) -> None:
        self.tokens = _normalized(tokens)
        self.far = far
        self.length = len(self.tokens)
        self.accepting = 1 << self.length
        self.special: frozenset[Letter] = frozenset(letter for token in self.tokens for letter in token.letters)
        self.has_symbols = any(isinstance(letter, Symbol) for letter in self.special)
        self.letters_at = {
            1 << i: tuple(sorted(token.letters, key=_order)) for i, token in enumerate(self.tokens) if token.letters
        }
        self.letters_of = {
            1 << i: token.letters for i, token in enumerate(self.tokens) if isinstance(token.letters, tuple)
        }
        self._read_tokens()
        self.start = self._skipped(1)
        self.prefix = _literal_run(self.tokens)
        self.suffix = _literal_run(self.tokens[::-1])[::-1]
        last = self.tokens[-1] if self.tokens else None
        self.tail = 1 << (self.length - 1) if last == Token(Kind.MANY, NOTHING) else 0
        self.never = any(token.kind is Kind.LETTER and not token.letters for token in self.tokens)
        single = all(isinstance(token.letters, tuple) and len(token.letters) == 1 for token in self.tokens)
        self.word: Word | None = tuple(token.letters[0] for token in self.tokens) if single else None  # type: ignore[index]
        self.everything = self.length == 1 and bool(self.tail)

    def _read_tokens(self) -> None:
        """Which tokens each letter passes, and in which it stays."""
        takes: dict[Letter, int] = {}
        bars: dict[Letter, int] = {}
        ones = many = 0
        for i, token in enumerate(self.tokens):
            bit = 1 << i
            if token.kind is Kind.ONE:
                ones |= bit
            elif token.kind is Kind.MANY:
                many |= bit
            told = takes if token.kind is Kind.LETTER else bars
            for letter in token.letters:
                told[letter] = told.get(letter, 0) | bit
        self._many = self._loops_other = many
        self._moves_other = ones
        self._doubled = bool(many & (many << 1))
        self._moves: dict[Letter, int] = {}
        self._loops: dict[Letter, int] = {}
        for letter in self.special:
            if isinstance(letter, Symbol):
                self._moves[letter], self._loops[letter] = takes.get(letter, 0), self._sure_loops(letter)
            else:
                free = ~bars.get(letter, 0)
                self._moves[letter], self._loops[letter] = takes.get(letter, 0) | (ones & free), many & free

    def _sure_loops(self, symbol: Symbol) -> int:
        """The wildcards that take every text the symbol can be."""
        free = can_hold_wildcards(symbol)
        found = 0
        for i, token in enumerate(self.tokens):
            if token.kind is Kind.MANY and (
                not token.letters or (not free and symbol.excluded.issuperset(token.letters))
            ):
                found |= 1 << i
        return found

    def _skipped(self, state: int) -> int:
        """With the wildcards that take nothing."""
        state |= (state & self._many) << 1
        while self._doubled and state | (state & self._many) << 1 != state:
            state |= (state & self._many) << 1
        return state

    def step(self, state: int, letter: Letter) -> int:
        """The state after the letter; 0 when nothing is left to meet."""
        if isinstance(letter, Symbol):
            return self._step_by_symbol(state, letter)
        moved = (state & self._moves.get(letter, self._moves_other)) << 1
        moved |= state & self._loops.get(letter, self._loops_other)
        moved |= (moved & self._many) << 1
        return self._skipped(moved) if self._doubled else moved

    def _step_by_symbol(self, state: int, symbol: Symbol) -> int:
        if symbol not in self._loops:
            self._moves[symbol], self._loops[symbol] = 0, self._sure_loops(symbol)
        moved = self._skipped((state & self._moves[symbol]) << 1 | state & self._loops[symbol])
        if not self.far:
            return moved
        excluded = NOTHING if can_hold_wildcards(symbol) else symbol.excluded
        letters = [letter for letter in self.special if isinstance(letter, str) and letter not in excluded]
        reached = fresh = state
        while fresh:
            following = self._skipped((fresh & self._moves_other) << 1 | fresh & self._loops_other)
            for letter in letters:
                following |= self.step(fresh, letter)
            fresh = following & ~reached
            reached |= following
        return moved | reached

    def step_by_token(self, state: int, token: Token) -> int:
        """The state that is reached surely, whichever letters the token takes."""
        match token.kind:
            case Kind.LETTER:
                moved = -1 if token.letters else 0
                for letter in token.letters:
                    moved &= self.step(state, letter)
                return moved
            case Kind.ONE:
                moved = (state & self._moves_other) << 1 | state & self._loops_other
                for letter in self._loops:
                    if letter not in token.letters and isinstance(letter, str):
                        moved &= (state & self._moves[letter]) << 1 | state & self._loops[letter]
            case Kind.MANY:
                moved = state & self._loops_other
                for letter in self._loops:
                    if letter not in token.letters and isinstance(letter, str):
                        moved &= self._loops[letter]
        return self._skipped(moved)

    def farther(self) -> Glob:
        """The same pattern, taking the symbols of words as what they can be."""
        twin = copy(self)
        twin.far = True
        twin.word = None if self.has_symbols else self.word
        return twin

    def includes(self, other: Glob) -> bool:
        """Whether this takes every word that the other takes. False where that cannot be told at a glance."""
        if not other.prefix.startswith(self.prefix) or not other.suffix.endswith(self.suffix):
            return False
        state = self.start
        for token in other.tokens:
            state = self.step_by_token(state, token)
            if not state:
                return False
        return bool(state & self.accepting)

    def takes(self, word: Iterable[Letter]) -> bool:
        """Whether the word matches."""
        state = self.start
        for letter in word:
            state = self.step(state, letter)
            if not state:
                return False
        return bool(state & self.accepting)


def _order(letter: Letter) -> tuple[bool, str]:
    return (True, letter.name) if isinstance(letter, Symbol) else (False, letter)


def _literal_run(tokens: Sequence[Token]) -> str:
    """The characters that every word starts with."""
    run = []
    for token in tokens:
        letter = token.letters[0] if isinstance(token.letters, tuple) and len(token.letters) == 1 else None
        if not isinstance(letter, str):
            break
        run.append(letter)
    return "".join(run)


def _normalized(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """Equal languages made equal tokens: one `*` for several, `?*` for `*?`."""
    found: list[Token] = []
    for token in tokens:
        last = found[-1] if found else None
        if last is not None and last.kind is Kind.MANY and token.letters == last.letters:
            if token.kind is Kind.MANY:
                continue
            if token.kind is Kind.ONE:
                found.insert(len(found) - 1, token)
                continue
        found.append(token)
    return tuple(found)


class Entry(NamedTuple):
    """One pattern in its three readings.

    `surely` and `possibly` as in the module's text; `generating` takes the words of the possible reading with the
    symbols as letters.
    """

    surely: Glob
    possibly: Glob
    generating: Glob

    @property
    def exact(self) -> bool:
        """Whether the readings differ for words with symbols only."""
        return self.generating is self.surely

    @property
    def asked(self) -> bool:
        """Whether it is the pattern of a question, with one reading only."""
        return self.possibly is self.surely


@lru_cache(16384)
def entry(text: Text, syntax: Syntax, *, constants: bool = False) -> Entry:
    """The pattern, compiled. With `constants`, symbols that cannot hold a wildcard are unequal to every other text.

    Policy variables are never constants: each request gives them the value it likes.
    """
    near = tokens_of(text, syntax, far=False)
    far = tokens_of(text, syntax, far=True) if syntax is Syntax.ARN else near
    if near == far and not any(isinstance(piece, Symbol) and not piece.literal for piece in pieces(text)):
        return glob_of(near)
    wildcards = syntax not in (Syntax.EXACT, Syntax.EXACT_IGNORING_CASE)
    possible = [_taking(token, wildcards=wildcards, constants=constants) for token in far]
    return Entry(Glob(near, far=False), Glob(possible, far=True), Glob(far, far=False))


@lru_cache(4096)
def asked(text: Text, syntax: Syntax) -> Entry:
    """A pattern of a question: its symbols are themselves, and those of policies are not among what it takes."""
    return asked_of(tokens_of(text, syntax, far=True))


def asked_of(tokens: Sequence[Token]) -> Entry:
    """A pattern of a question, given as tokens."""
    glob = Glob(tokens, far=False)
    return Entry(glob, glob, glob)


def glob_of(tokens: Sequence[Token]) -> Entry:
    """A pattern given as tokens without symbols."""
    glob = Glob(tokens, far=False)
    return Entry(glob, glob.farther(), glob)


def _taking(token: Token, *, wildcards: bool, constants: bool) -> Token:
    """For a symbol's letter, any text that it can be."""
    symbol = token.letters[0] if isinstance(token.letters, tuple) else None
    if not isinstance(symbol, Symbol):
        return token
    if wildcards and can_hold_wildcards(symbol):
        return Token(Kind.MANY, NOTHING)
    return token if constants and not symbol.variable else Token(Kind.MANY, symbol.excluded)
