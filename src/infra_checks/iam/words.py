"""A word that is in each of some unions of patterns and in none of some barred patterns.

The answer is a walk over the product of the patterns' automata, shortest words first, over the letters that make a
difference. What can be told from fixed beginnings and ends, or from one pattern including another, is told before.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final

from infra_checks.iam.patterns import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from infra_checks.iam.globs import Glob
    from infra_checks.iam.patterns import Letter, Word

State = tuple[tuple[int, ...], tuple[int, ...]]
"""Where each wanted and each barred pattern is."""

PLAIN_LETTERS: Final = "xa0qzjvkwybnmcdefghi123456789XAQ"
"""Characters for a place where any would do, the first that no pattern treats apart from others."""

_FEW: Final = 64  # pairs of patterns that are compared one by one
_FEW_SAMPLES: Final = 4  # patterns whose own shortest word is tried before the walk


class Exhausted(Exception):  # noqa: N818 - not an error but the end of what may be spent
    """The budget is used up."""


class Budget:
    """How many steps of automata a question may take; they are what costs time, the same on every machine."""

    __slots__ = ("left",)

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        """Take steps off. Raises Exhausted."""
        self.left -= steps
        if self.left < 0:
            raise Exhausted


def shared_word(unions: Sequence[Sequence[Glob]], barred: Sequence[Glob], budget: Budget) -> Word | None:
    """A word in a pattern of each union and in no barred pattern; None when there is none. Raises Exhausted."""
    budget.spend(1 + len(barred) + sum(map(len, unions)))
    wanted = _compatible(unions)
    if wanted is None:
        return None
    for union in wanted:
        if all(glob.word is not None and not glob.far for glob in union):
            return _among([glob.word for glob in union if glob.word is not None], wanted, barred, budget)
    symbolic = any(glob.has_symbols for union in wanted for glob in union)
    if barred:
        barred = _relevant(wanted, barred)
        open_unions = [_unbarred(union, barred, budget, symbolic=symbolic) for union in wanted]
        if not all(open_unions):
            return None
        wanted = open_unions
    wanted = [union for union in wanted if not any(glob.everything for glob in union)]
    if not barred and len(wanted) <= 1:
        return _shortest(wanted[0][0]) if wanted else ()
    shortest = sorted((glob for union in wanted for glob in union), key=lambda glob: glob.length)
    samples = (_shortest(glob) for glob in shortest[:_FEW_SAMPLES])
    return _among(samples, wanted, barred, budget) or _Walk(wanted, barred, budget).word()


def _among(
    words: Iterable[Word], unions: Sequence[Sequence[Glob]], barred: Sequence[Glob], budget: Budget
) -> Word | None:
    """The first of the words that is as wanted."""
    for word in words:
        budget.spend(1 + len(word) // 8 + len(barred))
        wanted = all(any(glob.takes(word) for glob in union) for union in unions)
        if wanted and not any(glob.takes(word) for glob in barred):
            return word
    return None


def _may_share(one: Glob, other: Glob) -> bool:
    """False when their fixed beginnings or ends differ."""
    a, b = one.prefix, other.prefix
    if not (a.startswith(b) or b.startswith(a)):
        return False
    a, b = one.suffix, other.suffix
    return a.endswith(b) or b.endswith(a)


def _compatible(unions: Sequence[Sequence[Glob]]) -> list[list[Glob]] | None:
    """The unions without patterns that share no word with another union."""
    found: list[list[Glob]] = []
    for i, union in enumerate(unions):
        others = [other for j, other in enumerate(unions) if j != i]
        kept = [
            glob
            for glob in union
            if not glob.never and all(any(_may_share(glob, one) for one in other) for other in others)
        ]
        if not kept:
            return None
        found.append(kept)
    return found


def _relevant(unions: Sequence[Sequence[Glob]], barred: Sequence[Glob]) -> list[Glob]:
    """The barred patterns that share words with every union."""
    kept = list(barred)
    for union in unions:
        if len(kept) * len(union) <= _FEW:
            kept = [glob for glob in kept if any(_may_share(glob, one) for one in union)]
            continue
        exact = {one.prefix for one in union}
        lengths = {len(prefix) for prefix in exact}
        barred_lengths = {len(glob.prefix) for glob in kept}
        beginnings = {prefix[:i] for prefix in exact for i in barred_lengths}
        kept = [
            glob
            for glob in kept
            if glob.prefix in beginnings or any(glob.prefix[:i] in exact for i in lengths if i <= len(glob.prefix))
        ]
    return kept


def _unbarred(union: list[Glob], barred: Sequence[Glob], budget: Budget, *, symbolic: bool) -> list[Glob]:
    """The patterns of the union that no single barred pattern includes.

    The possible reading of a pattern takes words with symbols that what seems to include it may not take.
    """
    by_prefix: dict[str, list[Glob]] = {}
    for glob in barred:
        by_prefix.setdefault(glob.prefix, []).append(glob)
    lengths = sorted({len(prefix) for prefix in by_prefix})
    return [glob for glob in union if (symbolic and glob.far) or not _is_barred(glob, by_prefix, lengths, budget)]


def _is_barred(glob: Glob, by_prefix: dict[str, list[Glob]], lengths: Sequence[int], budget: Budget) -> bool:
    for end in lengths:
        if end > len(glob.prefix):
            return False
        for one in by_prefix.get(glob.prefix[:end], ()):
            budget.spend(1 + glob.length // 8 * (1 + one.length // 256))
            if one.includes(glob):
                return True
    return False


def _shortest(glob: Glob) -> Word:
    word: list[Letter] = []
    for token in glob.tokens:
        if isinstance(token.letters, tuple):
            word.append(token.letters[0])
        elif token.kind is Kind.ONE:
            word.append(next(letter for letter in PLAIN_LETTERS if letter not in token.letters))
    return tuple(word)


class _Walk:
    """The product of the automata, walked from the states with the shortest way to the end."""

    __slots__ = ("barred", "bounds", "budget", "cost", "other", "symbols", "wanted")

    def __init__(self, unions: Sequence[Sequence[Glob]], barred: Sequence[Glob], budget: Budget) -> None:
        self.wanted = [glob for union in unions for glob in union]
        self.barred = barred
        self.budget = budget
        self.cost = sum(1 + glob.length // 256 for glob in (*self.wanted, *barred))
        self.bounds: list[tuple[int, int]] = []
        for union in unions:
            start = self.bounds[-1][1] if self.bounds else 0
            self.bounds.append((start, start + len(union)))
        apart = {letter for glob in (*self.wanted, *barred) for letter in glob.special}
        # Any character that no pattern treats apart stands for all of them; there is always one in so large a set.
        self.other = next((letter for letter in PLAIN_LETTERS if letter not in apart), "")
        self.other = self.other or next(chr(code) for code in range(0x4E00, 0x9FFF) if chr(code) not in apart)
        self.symbols = {letter for glob in self.wanted for letter in glob.special if not isinstance(letter, str)}

    def word(self) -> Word | None:
        start = (tuple(glob.start for glob in self.wanted), tuple(glob.start for glob in self.barred))
        seen = {start}
        came: dict[State, tuple[State, Letter]] = {}
        heap = [(self._distance(start[0]), 0, start)]
        count = 0
        while heap:
            _, _, state = heappop(heap)
            if self._ends(*state):
                return self._path(state, came)
            for letter in self._letters(*state):
                self.budget.spend(self.cost)
                following = self._step(*state, letter)
                if following is None or following in seen:
                    continue
                seen.add(following)
                came[following] = (state, letter)
                count += 1
                heappush(heap, (self._distance(following[0]), count, following))
        return None

    def _ends(self, wanted: tuple[int, ...], barred: tuple[int, ...]) -> bool:
        for first, last in self.bounds:
            if not any(wanted[i] & self.wanted[i].accepting for i in range(first, last)):
                return False
        return not any(state & glob.accepting for state, glob in zip(barred, self.barred, strict=True))

    def _step(self, wanted: tuple[int, ...], barred: tuple[int, ...], letter: Letter) -> State | None:
        """The state after the letter; None where a union or the way around the barred is lost for good."""
        moved = tuple(
            [glob.step(state, letter) if state else 0 for state, glob in zip(wanted, self.wanted, strict=True)]
        )
        for first, last in self.bounds:
            if not any(moved[first:last]):
                return None
        avoided = []
        for state, glob in zip(barred, self.barred, strict=True):
            following = glob.step(state, letter) if state else 0
            if following & glob.tail:
                return None
            avoided.append(following)
        return moved, tuple(avoided)

    def _letters(self, wanted: tuple[int, ...], barred: tuple[int, ...]) -> list[Letter]:
        """The letters that some pattern treats apart here, and one for all others."""
        self.budget.spend(sum(state.bit_count() for state in (*wanted, *barred)) // 4)
        found = self._forced(wanted)
        if found is None:
            found = {self.other}
            for state, glob in (*zip(wanted, self.wanted, strict=True), *zip(barred, self.barred, strict=True)):
                left = state
                while left:
                    bit = left & -left
                    left ^= bit
                    found.update(glob.letters_at.get(bit, ()))
        return sorted((letter for letter in found if isinstance(letter, str) or letter in self.symbols), key=_order)

    def _forced(self, wanted: tuple[int, ...]) -> set[Letter] | None:
        """The only letters with which a union goes on: each of its patterns is at one place, and a wildcard at none."""
        for first, last in self.bounds:
            found: set[Letter] = set()
            for i in range(first, last):
                if wanted[i]:
                    letters = self.wanted[i].letters_of.get(wanted[i])
                    if letters is None:
                        break
                    found.update(letters)
                    if self.wanted[i].far:  # may meet a symbol by one of its texts
                        found |= self.symbols
            else:
                return found
        return None

    def _distance(self, wanted: tuple[int, ...]) -> int:
        """Tokens that the farthest union has before it."""
        distance = 0
        for first, last in self.bounds:
            left = [self.wanted[i].length + 1 - wanted[i].bit_length() for i in range(first, last) if wanted[i]]
            distance = max(distance, min(left))
        return distance

    @staticmethod
    def _path(state: State, came: dict[State, tuple[State, Letter]]) -> Word:
        word: list[Letter] = []
        while state in came:
            state, letter = came[state]
            word.append(letter)
        return tuple(reversed(word))


def _order(letter: Letter) -> tuple[bool, str]:
    return (False, letter) if isinstance(letter, str) else (True, letter.name)
