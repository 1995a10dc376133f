"""A request in some boxes and in none of some others, by subtraction of boxes; exact up to a budget.

To stay out of a box, a request has to negate one of its literals. A region (a literal or more for each dimension)
is split on the box that leaves the fewest choices, until no box is left or no choice; whether literals of one dimension
can hold at once is decided by satisfy.py. A search that uses up its budget ends in Exhausted, never in "none".

Requests are searched in two readings. The sure reading asks that the wanted boxes surely apply and the avoided ones
surely do not: what it finds is a request whatever the unknowns are. The possible reading asks that the wanted boxes
possibly apply and the avoided ones do not surely apply: where it finds nothing there is no request, whatever the
unknowns are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.iam.boxes import ACTION, EVERYTHING, RESOURCE, Box, Boxes, set_dimensions, symbolic_dimensions
from infra_checks.iam.principals import PRINCIPAL, all_principals
from infra_checks.iam.satisfy import Reading, values
from infra_checks.iam.words import Budget

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from infra_checks.iam.boxes import Part
    from infra_checks.iam.globs import Entry
    from infra_checks.iam.literals import Literal
    from infra_checks.iam.satisfy import Values

STEPS: Final = 500_000
"""Steps of automata that one search may take: about a second."""

NOT_KEYS: Final = (ACTION, RESOURCE, PRINCIPAL)
"""The dimensions that every request has."""

Region = dict[str, tuple["Literal", ...]]


class Wanted(NamedTuple):
    """What is looked for: a request in one box of each group and in no avoided box.

    `region` limits the requests further, `apart` are principals beside those that boxes name.
    """

    groups: tuple[tuple[Boxes, ...], ...]
    avoided: tuple[Boxes, ...]
    region: tuple[Part, ...] = ()
    apart: tuple[Entry, ...] = ()


class Found(NamedTuple):
    """A request: its values by dimension, the index of the box of each group, and the region it was found in."""

    values: Mapping[str, Values]
    chosen: tuple[int, ...]
    region: Region


def search(wanted: Wanted, reading: Reading, budget: Budget | None = None) -> Found | None:
    """A request as wanted; None when there is none. Raises Exhausted."""
    return _Search(wanted, reading, budget or Budget(STEPS)).found()


class _Search:
    __slots__ = ("avoided", "budget", "known", "principals", "reading", "sets", "symbolic", "wanted")

    def __init__(self, wanted: Wanted, reading: Reading, budget: Budget) -> None:
        self.wanted = wanted
        self.reading = reading
        self.budget = budget
        self.known: dict[tuple[str, tuple[Literal, ...]], Values | None] = {}
        boxes = [*(one for group in wanted.groups for one in group), *wanted.avoided]
        self.symbolic = {dimension for one in boxes for dimension in one.symbolic} | symbolic_dimensions(wanted.region)
        self.sets = {dimension for one in boxes for dimension in one.sets} | set_dimensions(wanted.region)
        apart = dict.fromkeys(entry for one in boxes for entry in one.apart) | dict.fromkeys(wanted.apart)
        self.principals = all_principals(apart, symbolic=PRINCIPAL in self.symbolic)
        avoided = (self._near(one) for one in wanted.avoided)
        self.avoided = dict.fromkeys(box for box in avoided if box is not None)

    def _far(self, boxes: Boxes) -> Box | None:
        return boxes.surely if self.reading is Reading.SURE else boxes.possibly

    def _near(self, boxes: Boxes) -> Box | None:
        return boxes.possibly if self.reading is Reading.SURE else boxes.surely

    def found(self) -> Found | None:
        start = self._within({}, self.wanted.region)
        if start is None or EVERYTHING in self.avoided:
            return None
        for region, chosen in self._chosen(start, ()):
            inside = self._outside(region, tuple(self.avoided))
            if inside is not None:
                return Found(
                    {dimension: self._sample(dimension, said) for dimension, said in inside.items()}, chosen, inside
                )
        return None

    def _sample(self, dimension: str, literals: tuple[Literal, ...]) -> Values:
        found = self._values(dimension, literals)
        if found is None:
            raise AssertionError(f"no value of {dimension} in a region that has one")
        return found

    def _chosen(self, region: Region, chosen: tuple[int, ...]) -> Iterator[tuple[Region, tuple[int, ...]]]:
        """The regions of one box of each group."""
        if len(chosen) == len(self.wanted.groups):
            yield region, chosen
            return
        for index, boxes in enumerate(self.wanted.groups[len(chosen)]):
            box = self._far(boxes)
            # A box that is to be avoided itself has nothing to offer; what is unknown in it is the same in both.
            inside = None if box is None or box in self.avoided else self._within(region, box.parts)
            if inside is not None:
                yield from self._chosen(inside, (*chosen, index))

    def _within(self, region: Region, parts: Iterable[Part]) -> Region | None:
        """The region with the parts added; None when nothing is left of it."""
        result = dict(region)
        changed: dict[str, None] = {}
        for dimension, literal in parts:
            said = result.get(dimension, ())
            if literal not in said:
                result[dimension] = (*said, literal)
                changed[dimension] = None
        if any(self._values(dimension, result[dimension]) is None for dimension in changed):
            return None
        return result

    def _values(self, dimension: str, literals: tuple[Literal, ...]) -> Values | None:
        self.budget.spend(1)
        key = (dimension, literals)
        if key not in self.known:
            said = (*literals, self.principals) if dimension == PRINCIPAL else literals
            self.known[key] = values(
                said, self.reading, self.budget, key=dimension not in NOT_KEYS, several=dimension in self.sets
            )
        return self.known[key]

    def _outside(self, region: Region, boxes: Sequence[Box]) -> Region | None:
        """What of the region is in none of the boxes; None when nothing is."""
        stack: list[tuple[Region, Sequence[Box]]] = [(region, boxes)]
        while stack:
            here, left = stack.pop()
            split = self._split(here, left)
            if split is None:
                continue
            here, ways, left = split
            if not ways:
                return here
            for dimension, literal in reversed(ways):
                stack.append(({**here, dimension: (*here.get(dimension, ()), literal)}, left))
        return None

    def _split(self, region: Region, boxes: Sequence[Box]) -> tuple[Region, list[Part], Sequence[Box]] | None:
        """The region after every forced choice, the ways around the box that leaves the fewest, and the other boxes.

        None when a box cannot be avoided; no ways when no box is left.
        """
        while True:
            open_boxes: list[tuple[Box, list[Part]]] = []
            forced: list[Part] = []
            for box in boxes:
                ways = self._ways_around(region, box)
                if ways is None:
                    continue
                if not ways:
                    return None
                if len(ways) == 1:
                    forced.extend(ways)
                else:
                    open_boxes.append((box, ways))
            if not forced:
                break
            inside = self._within(region, forced)
            if inside is None:
                return None
            region, boxes = inside, [box for box, _ in open_boxes]
        if not open_boxes:
            return region, [], ()
        best = min(range(len(open_boxes)), key=lambda i: len(open_boxes[i][1]))
        return region, open_boxes[best][1], [box for i, (box, _) in enumerate(open_boxes) if i != best]

    def _ways_around(self, region: Region, box: Box) -> list[Part] | None:
        """The negated literals that keep a request of the region out of the box; None when all are out already."""
        ways: list[Part] = []
        for dimension, literal in box.parts:
            said = region.get(dimension, ())
            if literal in said and self._has_one_reading(dimension, literal):
                continue
            opposite = literal.negated()
            if opposite in said:
                return None
            # What is surely in the region is surely out of the box only if the box has no wider reading.
            exact = self.reading is Reading.POSSIBLE or self._has_one_reading(dimension, literal)
            if exact and self._values(dimension, (*said, literal)) is None:
                return None
            if self._values(dimension, (*said, opposite)) is not None:
                ways.append((dimension, opposite))
        return ways

    def _has_one_reading(self, dimension: str, literal: Literal) -> bool:
        """Whether wanting the literal and avoiding it mean the same."""
        return dimension not in self.symbolic and all(one.exact for one in literal.entries)
