"""Scenarios in words: when a verdict holds, and one assignment of parameters that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from infra_checks.evaluate.choices import ANY_TEXT, Choices
from infra_checks.evaluate.scenario import Leaf, Source, Variable

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    """Part of all scenarios: disjoint boxes, each a set of choices for some variables (others: any)."""

    boxes: tuple[Box, ...]
    variables: dict[str, Variable]

    @property
    def is_everything(self) -> bool:
        """Whether no scenario is left out."""
        return any(not box for box in self.boxes)

    @property
    def opaque(self) -> tuple[str, ...]:
        """Phrases for what only the deployment decides."""
        keys = [key for box in self.boxes for key in box if self.variables[key].source is Source.OPAQUE]
        return tuple(dict.fromkeys(keys))

    def words(self) -> str:
        """The scenarios in the parameters' own words; empty for all."""
        if self.is_everything:
            return ""
        phrases = [" and ".join(_phrase(self.variables[key], choices) for key, choices in box.items()) for box in self.boxes]
        return "; or ".join(phrases)

    def assignment(self, *, concrete: bool) -> dict[str, str]:
        """Values that put a deployment into the region's first box; `concrete` also names one where any other
        value than some will do.
        """
        values: dict[str, str] = {}
        for key, choices in self.boxes[0].items():
            variable = self.variables[key]
            if variable.source is not Source.OPAQUE and (concrete or not choices.others):
                values[key] = sample(variable, choices)
        return dict(sorted(values.items()))


def region(holding: Sequence[Leaf], everything: Sequence[Leaf]) -> Region:
    """The region of the leaves at which something holds, out of all leaves of the walk."""
    variables = {key: variable for leaf in everything for key, variable in leaf.variables.items()}
    if len(holding) == len(everything):
        return Region(({},), variables)
    full = _full(everything)
    boxes = [dict(leaf.taken) for leaf in holding]
    while True:
        count = sum(map(len, boxes)), len(boxes)
        for key in reversed(variables):
            boxes = _merged(boxes, key, full[key])
        if (sum(map(len, boxes)), len(boxes)) == count:
            return Region(tuple(boxes), variables)


def _full(leaves: Sequence[Leaf]) -> dict[str, Choices]:
    """For each variable all that any leaf has: what no leaf has (a region without an AMI) is out of reach."""
    full: dict[str, Choices] = {}
    for leaf in leaves:
        for key, choices in leaf.taken.items():
            full[key] = full[key].union(choices) if key in full else choices
    return full


def _merged(boxes: list[Box], key: str, full: Choices) -> list[Box]:
    """Boxes that differ in one variable only become one; a variable that can be anything is dropped."""
    groups: dict[tuple[tuple[str, Choices], ...], list[Box]] = {}
    for box in boxes:
        rest = tuple((name, _ordered(choices)) for name, choices in box.items() if name != key)
        groups.setdefault(tuple(sorted(rest, key=lambda item: item[0])), []).append(box)
    return [_union(group, key, full) for group in groups.values()]


def _ordered(choices: Choices) -> Choices:
    return Choices(tuple(sorted(choices.values)), others=choices.others)


def _union(group: list[Box], key: str, full: Choices) -> Box:
    merged = dict(group[0])
    if any(key not in box for box in group):
        merged.pop(key, None)
        return merged
    choices = group[0][key]
    for box in group[1:]:
        choices = choices.union(box[key])
    merged[key] = choices
    if choices.same_as(full) or choices.same_as(ANY_TEXT):
        del merged[key]
    return merged


def _phrase(variable: Variable, choices: Choices) -> str:
    if variable.secret:
        return f"{variable.key} has one of some hidden values"
    if variable.source is Source.OPAQUE and not variable.base.others:
        return variable.key if choices.single == "true" else f"not ({variable.key})"
    if choices.others:
        return f"{variable.key} is not {_listed(choices.values)}"
    order = {value: index for index, value in enumerate(variable.base.values)}
    values = tuple(sorted(choices.values, key=lambda value: order.get(value, len(order))))
    left_out = () if variable.base.others else choices_left_out(variable, choices)
    if len(values) > _LISTED and left_out and len(left_out) < len(values):
        return f"{variable.key} is not {_listed(left_out)}"
    return f"{variable.key} is {_listed(values)}"


def choices_left_out(variable: Variable, choices: Choices) -> tuple[str, ...]:
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
        return choices.values[0]
    candidates = _SAMPLES.get(variable.key, ("any-other-value", "1", "0", "other"))
    numbered = (f"any-other-value-{number}" for number in range(len(choices.values) + 1))
    return next(value for value in (*candidates, *numbered) if value in choices)
