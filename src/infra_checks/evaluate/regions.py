"""Scenarios in words: when a verdict holds, and one assignment of parameters that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Final

from infra_checks.evaluate.choices import ANY_TEXT, Choices
from infra_checks.evaluate.scenario import Leaf, Source, Variable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Box = dict[str, Choices]

_LISTED: Final = 4
"""Up to so many values are listed; of more, those that are left out, when they are fewer."""

_SAMPLES: Final = {
    "AWS::AccountId": ("111122223333", "444455556666"),
    "AWS::Partition": ("aws", "aws-us-gov", "aws-cn"),
    "AWS::Region": ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-2"),
    "AWS::URLSuffix": ("amazonaws.com", "amazonaws.com.cn"),
}
"""Values to show for a pseudo parameter that can be anything else; the account ids are AWS's example ids."""


@dataclass(frozen=True, slots=True)
class Region:
    """Part of all scenarios: boxes, each a set of choices for some variables (others: any). Boxes may overlap."""

    boxes: tuple[Box, ...]
    variables: dict[str, Variable]

    @property
    def is_everything(self) -> bool:
        """Whether no scenario is left out."""
        return any(not box for box in self.boxes)

    def words(self) -> str:
        """The scenarios in the parameters' own words; empty for all."""
        if self.is_everything:
            return ""
        phrases = (
            " and ".join(_phrase(self.variables[key], choices) for key, choices in box.items()) for box in self.boxes
        )
        return "; or ".join(dict.fromkeys(phrases))

    def assignment(self, *, concrete: bool) -> dict[str, str]:
        """Values that put a deployment into the region's first box; `concrete` also names one where any other
        value than some will do. Hidden values are left out.
        """
        values: dict[str, str] = {}
        for key, choices in self.boxes[0].items():
            variable = self.variables[key]
            if variable.source is not Source.OPAQUE and not variable.secret and (concrete or not choices.others):
                values[key] = sample(variable, choices)
        return dict(sorted(values.items()))


class Walked:
    """All leaves of a walk, and what every region among them needs to know of them.

    `complete` is false when the walk was cut short; then no leaf that is missing is taken for impossible.
    """

    def __init__(self, leaves: Sequence[Leaf], *, complete: bool = True) -> None:
        self.leaves = leaves
        self.complete = complete
        self.variables = {key: variable for leaf in leaves for key, variable in leaf.variables.items()}

    @cached_property
    def full(self) -> dict[str, Choices]:
        """For each variable all that it can be."""
        return _full(self.leaves) if self.complete else {key: each.base for key, each in self.variables.items()}


def region(holding: Sequence[Leaf], walked: Walked) -> Region:
    """The region of the leaves at which something holds, out of all leaves of the walk."""
    variables = walked.variables
    if walked.complete and len(holding) == len(walked.leaves):
        return Region(({},), variables)
    boxes = [{key: _sorted(choices) for key, choices in leaf.taken.items()} for leaf in holding]
    boxes = _merged_as_far_as_possible(boxes, variables, walked.full)
    if walked.complete:
        ids = set(map(id, holding))
        boxes = _loosened(boxes, [leaf.taken for leaf in walked.leaves if id(leaf) not in ids])
    order = {key: index for index, key in enumerate(variables)}
    return Region(tuple(sorted(boxes, key=lambda box: [order[key] for key in box])), variables)


def _full(leaves: Sequence[Leaf]) -> dict[str, Choices]:
    """For each variable all that any leaf has: what no leaf has (a region without an AMI) is out of reach."""
    full: dict[str, Choices] = {}
    for leaf in leaves:
        for key, choices in leaf.taken.items():
            full[key] = full[key].union(choices) if key in full else choices
    return full


def _sorted(choices: Choices) -> Choices:
    return Choices(tuple(sorted(choices.values)), others=choices.others)


def _merged_as_far_as_possible(boxes: list[Box], keys: Iterable[str], full: dict[str, Choices]) -> list[Box]:
    order = list(keys)[::-1]
    while True:
        size = sum(map(len, boxes)), len(boxes)
        for key in order:
            boxes = _merged(boxes, key, full[key])
        if (sum(map(len, boxes)), len(boxes)) == size:
            return boxes


def _merged(boxes: list[Box], key: str, full: Choices) -> list[Box]:
    """Boxes that differ in one variable only become one; a variable that can be anything is dropped."""
    if len({box.get(key) for box in boxes}) == 1 and boxes[0].get(key) != _sorted(full):
        return boxes  # In most variables of a deep walk no two boxes differ.
    groups: dict[frozenset[tuple[str, Choices]], list[Box]] = {}
    for box in boxes:
        rest = frozenset(item for item in box.items() if item[0] != key)
        groups.setdefault(rest, []).append(box)
    return [_union(group, key, full) for group in groups.values()]


def _union(group: list[Box], key: str, full: Choices) -> Box:
    merged = dict(group[0])
    if any(key not in box for box in group):
        merged.pop(key, None)
        return merged
    choices = group[0][key]
    for box in group[1:]:
        choices = choices.union(box[key])
    merged[key] = _sorted(choices)
    if choices.same_as(full) or choices.same_as(ANY_TEXT):
        del merged[key]
    return merged


_MOST_COMPARISONS: Final = 200_000
"""So many choices are compared to shorten a finding's words; a larger region keeps its longer ones."""


def _loosened(boxes: list[Box], others: list[Box]) -> list[Box]:
    """Boxes without choices that are not needed to keep them apart from where the verdict does not hold.

    `A is x; or A is y and B is z` becomes `A is x; or B is z` if only A and B together decide.
    """
    if sum(map(len, boxes)) * len(others) > _MOST_COMPARISONS:
        return boxes
    loosened: list[Box] = []
    for box in boxes:
        apart = [
            {key for key, choices in box.items() if key in other and not choices.meets(other[key])} for other in others
        ]
        kept = dict(box)
        for key in box:
            if all(keys != {key} for keys in apart):
                del kept[key]
                for keys in apart:
                    keys.discard(key)
        loosened.append(kept)
    return [box for index, box in enumerate(loosened) if not _is_spare(box, index, loosened)]


def _is_spare(box: Box, index: int, boxes: list[Box]) -> bool:
    """Whether another box holds all of this one (of equal boxes the first stays)."""
    return any(
        other.items() <= box.items() and (len(other) < len(box) or place < index)
        for place, other in enumerate(boxes)
        if place != index
    )


def _phrase(variable: Variable, choices: Choices) -> str:
    if variable.secret:
        return f"{variable.key} has one of some hidden values"
    if variable.source is Source.OPAQUE and not variable.base.others:
        return variable.key if choices.single == "true" else f"not ({variable.key})"
    if choices.others:
        # What the variable never is (an empty region) goes without saying.
        excluded = tuple(value for value in choices.values if value in variable.base) or choices.values
        return f"{variable.key} is not {_listed(excluded)}"
    values = _in_order(variable, choices)
    left_out = () if variable.base.others else _left_out(variable, choices)
    if len(values) > _LISTED and left_out and len(left_out) < len(values):
        return f"{variable.key} is not {_listed(left_out)}"
    return f"{variable.key} is {_listed(values)}"


def _in_order(variable: Variable, choices: Choices) -> tuple[str, ...]:
    """Choices in the order in which the template declares them."""
    order = {value: index for index, value in enumerate(variable.base.values)}
    return tuple(sorted(choices.values, key=lambda value: order.get(value, len(order))))


def _left_out(variable: Variable, choices: Choices) -> tuple[str, ...]:
    """Values of a closed variable that are not among the choices."""
    return tuple(value for value in variable.base.values if value not in choices)


def _listed(values: tuple[str, ...]) -> str:
    words = [value or '""' for value in values]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def sample(variable: Variable, choices: Choices) -> str:
    """One value of the choices, the default if it is among them."""
    if variable.default is not None and variable.default in choices:
        return variable.default
    if not choices.others:
        return _in_order(variable, choices)[0]
    candidates = _SAMPLES.get(variable.key, variable.samples)
    made = (start + str(number) for number in range(len(choices.values) + 1) for start in _ends(candidates))
    return next(value for value in chain(candidates, made) if value in choices)


def _ends(candidates: tuple[str, ...]) -> tuple[str, ...]:
    return (f"{candidates[0]}-",) if not candidates[0].isdecimal() else ("",)
